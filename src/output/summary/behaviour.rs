//! Clients, outages and shared links: what happened there, and what would mend it (R4.2, R4.4, R8).

use super::document::{ClientSummary, LinkSummary, OutageSummary, Requests};
use crate::output::numbers::{Decimal, percent};
use crate::quantity::Bytes;
use crate::records::{Behaviour, LinkTally, Outcome, OutcomeCounts, Tally, ratio_millionths};
use crate::scenario::{Catalog, Scenario};
use crate::time::SimDuration;

/// What clients did, by client, those without a name left out.
fn by_client(tally: &Tally, scenario: &Scenario) -> Vec<(String, OutcomeCounts, Behaviour)> {
    let entries = || scenario.catalog.entries.iter().zip(&tally.spans);
    let of_client = |client: &crate::scenario::ClientInfo| {
        let (mut outcomes, mut behaviour) = (OutcomeCounts::default(), Behaviour::default());
        for (_, span) in entries().filter(|(entry, _)| entry.client.as_ref() == Some(&client.name)) {
            outcomes.merge(&span.outcomes);
            behaviour.merge(&span.behaviour);
        }
        (client.name.clone(), outcomes, behaviour)
    };
    let all = scenario.catalog.clients.iter().map(of_client);
    all.filter(|(_, outcomes, _)| outcomes.total() > 0).collect()
}

/// The same of requests that name no client.
fn without_client(tally: &Tally, scenario: &Scenario) -> (OutcomeCounts, Behaviour) {
    let (mut outcomes, mut behaviour) = (OutcomeCounts::default(), Behaviour::default());
    let entries = scenario.catalog.entries.iter().zip(&tally.spans);
    for (_, span) in entries.filter(|(entry, _)| entry.client.is_none()) {
        outcomes.merge(&span.outcomes);
        behaviour.merge(&span.behaviour);
    }
    (outcomes, behaviour)
}

pub fn clients(tally: &Tally, scenario: &Scenario) -> Vec<ClientSummary> {
    let settings = |name: &str| {
        let known = scenario.catalog.clients.iter().find(|client| client.name == name);
        known.map_or_else(Vec::new, |client| client.settings.clone())
    };
    let summary = |(client, outcomes, behaviour): (String, OutcomeCounts, Behaviour)| ClientSummary {
        settings: settings(&client),
        client,
        requests: Requests::of(&outcomes),
        calls: behaviour.calls,
        refusals: behaviour.refusals,
        again_at_once: behaviour.again_at_once,
        lead_max_s: behaviour.lead_max.map(Decimal::from),
        failures: behaviour.failures,
        timed_out: behaviour.timed_out,
        ready_after_all: behaviour.ready_after_all,
        needed_max_s: behaviour.needed.map(Decimal::from),
        held_back: behaviour.held_back,
        held_back_max_s: behaviour.longest_held_back.map(Decimal::from),
    };
    by_client(tally, scenario).into_iter().map(summary).collect()
}

pub fn outages(tally: &Tally, catalog: &Catalog) -> Vec<OutageSummary> {
    let summary = |outage: &crate::records::OutageSpan| OutageSummary {
        region: catalog.region(outage.region).to_owned(),
        from_s: outage.from.into(),
        to_s: outage.to.map(Decimal::from),
        running: if outage.fails { "fail" } else { "pause" },
        touched_running: outage.running,
        touched_waiting: outage.waiting,
    };
    tally.outages.iter().map(summary).collect()
}

pub fn links(tally: &Tally, catalog: &Catalog) -> Vec<LinkSummary> {
    let summary = |(name, link): (&String, &LinkTally)| LinkSummary {
        link: name.clone(),
        capacity_min_bytes_per_s: link.capacity.low(),
        capacity_max_bytes_per_s: link.capacity.peak(),
        used_mean_bytes_per_s: link.used.mean_millionths().map(Decimal),
        utilisation: ratio_millionths(link.used.area(), link.capacity.area()).map(Decimal),
        full: link.full.mean_millionths().map(Decimal),
        copies_mean: link.flows.mean_millionths().map(Decimal),
        copies_max: link.flows.peak(),
        wanted_max_bytes_per_s: link.wanted_max,
    };
    catalog.links.iter().zip(&tally.links).map(summary).collect()
}

/// What hurt, to whom, and what would mend it.
pub fn warnings(tally: &Tally, scenario: &Scenario) -> Vec<String> {
    let mut warnings = Vec::new();
    for (client, outcomes, behaviour) in by_client(tally, scenario) {
        warnings.extend(gave_up_early(&client, &outcomes, &behaviour));
        warnings.extend(cancelled(&client, &outcomes, &behaviour));
        let is_blind =
            |known: &&crate::scenario::ClientInfo| known.name == client && known.sees_available_only;
        if scenario.catalog.clients.iter().any(|known| is_blind(&known)) {
            warnings.extend(unseen(&client, &outcomes, &behaviour));
        }
        warnings.extend(calls_in_vain(&client, &outcomes, &behaviour, scenario));
        warnings.extend(held_back(&client, &outcomes, &behaviour));
    }
    let (outcomes, behaviour) = without_client(tally, scenario);
    warnings.extend(gave_up_early("requests without a client", &outcomes, &behaviour));
    warnings.extend(outage_warnings(tally, scenario));
    warnings.extend(full_links(tally, &scenario.catalog));
    warnings
}

/// Clients that leave copies which are ready later have waited too short a time.
fn gave_up_early(client: &str, outcomes: &OutcomeCounts, behaviour: &Behaviour) -> Option<String> {
    let Behaviour { timed_out, ready_after_all, .. } = *behaviour;
    let needed = behaviour.needed?;
    Some(format!(
        "{client}: gave up on {timed_out} of {} requests, and {ready_after_all} of these became Available all the same, up \
         to {needed} after the call: a `timeout` beyond that, and beyond the next poll, would have seen them",
        outcomes.total()
    ))
}

/// Copies that clients cancel, since they take longer than these wait.
fn cancelled(client: &str, outcomes: &OutcomeCounts, behaviour: &Behaviour) -> Option<String> {
    let cancelled = behaviour.cancelled;
    // Of few it is what time-outs are for.
    if 2 * cancelled < outcomes.total() || cancelled == 0 {
        return None;
    }
    Some(format!(
        "{client}: cancelled {cancelled} of {} copies after its `timeout`, and has nothing for it: copies take longer than \
         it waits, or wait too long for a slot",
        outcomes.total()
    ))
}

/// Ends that a client with the service's default filter can't see.
fn unseen(client: &str, outcomes: &OutcomeCounts, behaviour: &Behaviour) -> Option<String> {
    (behaviour.unseen > 0).then(|| {
        format!(
            "{client}: {} of {} copies failed or were cancelled, and it never knew; `\"sees\": \"all\"` would show it",
            behaviour.unseen,
            outcomes.total()
        )
    })
}

/// Many calls that come to nothing.
fn calls_in_vain(
    client: &str,
    outcomes: &OutcomeCounts,
    behaviour: &Behaviour,
    scenario: &Scenario,
) -> Option<String> {
    let info = scenario.catalog.clients.iter().find(|known| known.name == client)?;
    let retry = info.retry.as_ref()?;
    // More calls were refused than there are requests.
    if behaviour.refusals <= outcomes.total() {
        return None;
    }
    let refused = outcomes.of(Outcome::Refused);
    let given_up = match refused {
        0 => String::new(),
        1 => ", and 1 request was given up".to_owned(),
        several => format!(", and {several} requests were given up"),
    };
    let at_once = match behaviour.again_at_once {
        0 | 1 => String::new(),
        several => format!(", up to {several} further calls at one instant"),
    };
    let mend = match (retry.has_jitter, retry.doubles) {
        (_, false) => "a delay that doubles makes fewer of them",
        (false, true) => "`jitter` spreads those that come at one instant",
        (true, true) => "a longer delay makes fewer of them",
    };
    let more = if refused > 0 { "; more `attempts` give up less" } else { "" };
    Some(format!(
        "{client}: {} of {} calls were refused, for {} in all{at_once}{given_up}; {mend}\
         {more}, and a `concurrency` of no more than the cap needs none",
        behaviour.refusals,
        behaviour.calls,
        if outcomes.total() == 1 { "1 request".to_owned() } else { format!("{} requests", outcomes.total()) }
    ))
}

/// Waiting that no figure of the service shows.
fn held_back(client: &str, outcomes: &OutcomeCounts, behaviour: &Behaviour) -> Option<String> {
    if behaviour.held_back == 0 {
        return None;
    }
    let longest =
        behaviour.longest_held_back.map_or_else(String::new, |longest| format!(", up to {longest}"));
    let never = match outcomes.of(Outcome::NotSent) {
        0 => String::new(),
        1 => ", and 1 of them was never sent".to_owned(),
        several => format!(", and {several} of them were never sent"),
    };
    Some(format!(
        "{client}: {} of {} requests were held back by the client{longest}{never}; `lead` counts that, `wait` and `total` \
         don't",
        behaviour.held_back,
        outcomes.total()
    ))
}

fn outage_warnings(tally: &Tally, scenario: &Scenario) -> Vec<String> {
    /// Outages named before the rest is counted.
    const NAMED: usize = 5;
    let touched = tally.outages.iter().filter(|outage| outage.running + outage.waiting > 0);
    let texts = touched.map(|outage| {
        let region = scenario.catalog.region(outage.region);
        let copies = |count: u32, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            several => format!("{several} {many}"),
        };
        let mut parts = Vec::new();
        if outage.running > 0 {
            let (one, many) = if outage.fails {
                ("running copy failed", "running copies failed")
            } else {
                ("running copy stood still with its slot", "running copies stood still with their slots")
            };
            parts.push(copies(outage.running, one, many));
        }
        if outage.waiting > 0 {
            parts.push(copies(outage.waiting, "waiting copy couldn't start", "waiting copies couldn't start"));
        }
        let to = outage.to.map_or_else(|| "beyond the end of the run".to_owned(), |to| format!("to {to}"));
        format!(
            "outage of {region} from {} {to}: {}; `--set 'regions.{region}.outages=[]'` shows the run without it",
            outage.from,
            parts.join(" and ")
        )
    });
    let mut texts: Vec<String> = texts.collect();
    if texts.len() > NAMED {
        let more = texts.len() - NAMED;
        texts.truncate(NAMED);
        texts.push(format!("{more} more outages touched copies (summary.json)"));
    }
    texts
}

/// Links that were full for a good part of the time in which anything went over them.
fn full_links(tally: &Tally, catalog: &Catalog) -> Vec<String> {
    /// Links named before the rest is counted.
    const NAMED: usize = 5;
    let mut full: Vec<(&String, &LinkTally)> =
        catalog.links.iter().zip(&tally.links).filter(|(_, link)| link.full.area() > 0).collect();
    full.sort_by_key(|(name, link)| (std::cmp::Reverse(link.full.area()), *name));
    let text = |(name, link): &(&String, &LinkTally)| {
        let share = link.full.mean_millionths().map_or_else(String::new, percent);
        let time = SimDuration::from_micros(u64::try_from(link.full.area()).unwrap_or(u64::MAX));
        let time = time.unwrap_or(SimDuration::MAX);
        let rate = |bytes| format!("{}/s", Bytes(bytes).about());
        let capacity = match (link.capacity.low(), link.capacity.peak()) {
            (least, most) if least == most => rate(most),
            (least, most) => format!("{} to {}", rate(least), rate(most)),
        };
        let wanted = Bytes(link.wanted_max).about();
        format!(
            "link {name}: full for {time} ({share} of the time), so that its copies were slower than they can be: at most \
             {} went over it at once; {wanted}/s instead of {capacity} would hold none of them back, and copies at another \
             time would have more of it",
            match link.flows.peak() {
                1 => "1 copy".to_owned(),
                several => format!("{several} copies"),
            }
        )
    };
    let mut texts: Vec<String> = full.iter().take(NAMED).map(text).collect();
    if full.len() > NAMED {
        texts.push(format!("{} more links were full for a time (summary.json)", full.len() - NAMED));
    }
    texts
}
