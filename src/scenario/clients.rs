//! `clients`: from what is written to plans, with the presets (R8).

use super::catalog::{ClientInfo, RetryInfo};
use super::decode::{Attempt, Entries, Spanned};
use super::document::Span;
use super::faults::Faults;
use super::names::nearest;
use super::resolve::in_order;
use super::schema::{
    ClientText, DelayText, OneOrMany, PresetText, RetryText, SeesText, ThenText, TimeoutText, TokenText,
};
use super::world::World;
use crate::quantity::Fraction;
use crate::service::checks::COPY_IMAGE;
use crate::service::codes::Code;
use crate::time::SimDuration;
use crate::workload::{ClientId, ClientPlan, Delay, DrawnTimeout, Poll, Retry, RetryCodes, TimedOut};

/// A client of the scenario.
#[derive(Clone, Debug)]
pub struct Client {
    pub plan: ClientPlan,
    /// How long it waits for each copy, and what it does then.
    pub timeout: Option<DrawnTimeout>,
}

impl Client {
    /// What is shown of it.
    pub fn info(&self) -> ClientInfo {
        let ClientPlan { name, concurrency, poll, retry, skips_existing } = &self.plan;
        let mut settings = Vec::new();
        settings.extend(concurrency.map(|concurrency| format!("concurrency {concurrency}")));
        settings.extend(poll.map(|Poll { every, sees_available_only }| {
            let sees = if sees_available_only { "Available images only" } else { "all images" };
            format!("poll every {every}, sees {sees} (assumed)")
        }));
        settings.extend(self.timeout.as_ref().map(|DrawnTimeout { after, then }| {
            let after = after.fixed().map_or_else(|| "a drawn time".to_owned(), |after| after.to_string());
            let then = match then {
                TimedOut::Leave => "leave",
                TimedOut::Cancel => "cancel",
                TimedOut::CancelIfWaiting => "cancel_if_waiting",
            };
            format!("timeout after {after}, then {then}")
        }));
        settings.extend(retry.as_ref().map(retry_in_words));
        settings.extend(skips_existing.then(|| "skip_existing (assumed)".to_owned()));
        let retry = retry.as_ref().map(|retry| RetryInfo {
            has_jitter: retry.jitter > Fraction::ZERO,
            doubles: matches!(retry.delay, Delay::Exponential { .. }),
        });
        let sees_available_only = poll.is_some_and(|poll| poll.sees_available_only);
        ClientInfo { name: name.clone(), settings, sees_available_only, retry }
    }

    /// Whether it does anything but wait for its copies, and so has to be followed.
    fn is_followed(&self) -> bool {
        let ClientPlan { concurrency, poll, retry, skips_existing, .. } = &self.plan;
        concurrency.is_some() || poll.is_some() || retry.is_some() || *skips_existing
    }
}

/// Reads the clients into the world, in byte order of their names.
pub fn clients(written: Entries<Attempt<ClientText>>, world: &mut World, faults: &mut Faults) {
    for (name, client) in in_order(written, faults) {
        faults.unread_keys = client.unread;
        let text = client.value.unwrap_or_default();
        let client = client_of(&name.value, &text, world, faults);
        world.clients.push(client);
    }
}

/// The client that a request names, by its number if it has to be followed, and how long it waits; the outer `None`
/// is a fault.
pub fn named(
    name: &Spanned<String>,
    world: &World,
    faults: &mut Faults,
) -> Option<(Option<ClientId>, Option<DrawnTimeout>)> {
    let names = world.clients.iter().map(|client| client.plan.name.as_str());
    let Some(place) = names.clone().position(|known| known == name.value) else {
        let message = format!("there is no client `{}`", name.value);
        faults.unknown(name.span, message, &name.value, "clients", names);
        return None;
    };
    let client = &world.clients[place];
    let id = ClientId(u32::try_from(place).expect("clients are limited"));
    Some((client.is_followed().then_some(id), client.timeout.clone()))
}

fn client_of(name: &str, text: &ClientText, world: &mut World, faults: &mut Faults) -> Client {
    let mut client = preset(name, text.preset);
    if let Some(concurrency) = &text.concurrency {
        if concurrency.value == 0 {
            let message = "a client that has no request in hand never asks for anything";
            faults.add(concurrency.span, message, "write at least 1, or leave it out");
        }
        client.plan.concurrency = Some(concurrency.value);
    }
    if let Some(poll) = &text.poll {
        if poll.value == SimDuration::ZERO {
            let message = "polls every 0s would never let the clock move on";
            faults.add(poll.span, message, "write a length above zero, or leave it out");
        }
        client.plan.poll = Some(Poll { every: poll.value, sees_available_only: false });
    }
    if let Some(sees) = &text.sees {
        match &mut client.plan.poll {
            Some(poll) => poll.sees_available_only = sees.value == SeesText::Available,
            None => {
                faults.lacking(
                    sees.span,
                    &["poll"],
                    "`sees` is of polls, and this client has none",
                    "add `\"poll\": \"30s\"`",
                );
            }
        }
    }
    if let Some(timeout) = &text.timeout {
        client.timeout = timeout_of(timeout, world, faults);
    }
    if let Some(retry) = &text.retry {
        client.plan.retry = retry_of(retry, faults);
    }
    client.plan.skips_existing |= text.skip_existing;
    client
}

/// The settings that a preset stands for; without one those of a client that does nothing by itself.
fn preset(name: &str, preset: Option<PresetText>) -> Client {
    let nothing = ClientPlan {
        name: name.to_owned(),
        concurrency: None,
        poll: None,
        retry: None,
        skips_existing: false,
    };
    let leaves_after = |seconds| {
        let after = SimDuration::from_seconds(seconds).into();
        Some(DrawnTimeout { after, then: TimedOut::Leave })
    };
    let (plan, timeout) = match preset {
        None | Some(PresetText::SerialFanOut) => (nothing, None),
        Some(PresetText::TenMinuteWait) => (nothing, leaves_after(600)),
        Some(PresetText::FiveAtATime) => (ClientPlan { concurrency: Some(5), ..nothing }, None),
        Some(PresetText::ImmediateRetry) => {
            let retry = Retry {
                on: RetryCodes::Any,
                failed_copies: false,
                attempts: 4,
                // A delay of zero is none: about the time that a call takes.
                delay: Delay::Fixed(SimDuration::from_seconds(1)),
                jitter: Fraction::ZERO,
                new_token: false,
            };
            (ClientPlan { retry: Some(retry), ..nothing }, None)
        }
        Some(PresetText::NameExistsCheck) => (ClientPlan { skips_existing: true, ..nothing }, None),
    };
    Client { plan, timeout }
}

/// How long a client waits, and what it does then.
pub fn timeout_of(
    written: &Spanned<TimeoutText>,
    world: &mut World,
    faults: &mut Faults,
) -> Option<DrawnTimeout> {
    let after = world.drawn(&written.value.after, faults)?;
    let then = match written.value.then {
        None | Some(ThenText::Leave) => TimedOut::Leave,
        Some(ThenText::Cancel) => TimedOut::Cancel,
        Some(ThenText::CancelIfWaiting) => TimedOut::CancelIfWaiting,
    };
    Some(DrawnTimeout { after, then })
}

fn retry_of(written: &Spanned<RetryText>, faults: &mut Faults) -> Option<Retry> {
    let text = &written.value;
    let on = match &text.on {
        Some(on) => codes(on, faults)?,
        None if text.failed_copies => RetryCodes::These(Vec::new()),
        None => {
            faults.lacking(
                written.span,
                &["on", "failed_copies"],
                "nothing says after which answers this client calls again",
                "add `\"on\": [\"Throttling.User\"]`, or `\"failed_copies\": true`",
            );
            return None;
        }
    };
    if text.attempts.value == 0 {
        let message = "a client that makes no call never asks for anything";
        faults.add(text.attempts.span, message, "write at least 1: the calls in all, with the first one");
        return None;
    }
    let delay = match &text.delay.value {
        DelayText::Fixed(delay) => Delay::Fixed(*delay),
        DelayText::Exponential(text) => {
            Delay::Exponential { first: text.first, max: text.max.unwrap_or(SimDuration::MAX) }
        }
    };
    let (Delay::Fixed(shortest) | Delay::Exponential { first: shortest, .. }) = delay;
    let is_never_over = matches!(delay, Delay::Exponential { max: SimDuration::ZERO, .. });
    if shortest == SimDuration::ZERO || is_never_over {
        let message = "a client that calls again after 0s would never let the clock move on";
        faults.add(text.delay.span, message, "write a delay above zero, such as \"1s\"");
        return None;
    }
    Some(Retry {
        on,
        failed_copies: text.failed_copies,
        attempts: text.attempts.value,
        delay,
        jitter: text.jitter.unwrap_or(Fraction::ZERO),
        new_token: text.token == Some(TokenText::New),
    })
}

fn retry_in_words(retry: &Retry) -> String {
    let mut on: Vec<&str> = match &retry.on {
        RetryCodes::Any => vec!["any refusal"],
        RetryCodes::These(codes) => codes.iter().map(|code| code.literal()).collect(),
    };
    if retry.failed_copies {
        on.push("failed copies");
    }
    let delay = match retry.delay {
        Delay::Fixed(delay) => format!("{delay} apart"),
        Delay::Exponential { first, max: SimDuration::MAX } => {
            format!("after {first}, twice as long each time")
        }
        Delay::Exponential { first, max } => format!("after {first}, twice as long each time up to {max}"),
    };
    let jitter = match retry.jitter {
        Fraction::ZERO => String::new(),
        jitter => format!(", jitter {jitter}"),
    };
    let token = if retry.new_token { ", a new token each time" } else { "" };
    format!("retry on {}: {} calls in all, {delay}{jitter}{token}", on.join(", "), retry.attempts)
}

/// The codes after which a client calls again.
fn codes(written: &Spanned<OneOrMany<String>>, faults: &mut Faults) -> Option<RetryCodes> {
    let mut codes = Vec::new();
    let named: Vec<(&String, Span)> = written.each().collect();
    if let [(any, _)] = named[..]
        && any == "any"
    {
        return Some(RetryCodes::Any);
    }
    let mut is_right = true;
    for (text, span) in named {
        let known = || COPY_IMAGE.iter().map(|check| check.code);
        match known().find(|code| code.literal() == text) {
            Some(code) => codes.push(code),
            None => {
                is_right = false;
                let help = match nearest(text, known().map(Code::literal)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => {
                        "`copysim schema codes` lists the codes of CopyImage; `any` is all of them".to_owned()
                    }
                };
                faults.add(span, format!("CopyImage never answers `{text}`"), help);
            }
        }
    }
    is_right.then_some(RetryCodes::These(codes))
}
