//! The scope of a check: what it names must exist, and must have the metric.

use std::collections::BTreeSet;

use super::CheckContext;
use crate::ids::RegionId;
use crate::records::checks::{ImageScope, Kind, Metric, Scope, SlotScope};
use crate::scenario::catalog::{CallInfo, Calls, EntryInfo};
use crate::scenario::decode::Spanned;
use crate::scenario::document::Span;
use crate::scenario::faults::Faults;
use crate::scenario::names::{is_name, matches, nearest, suggestion};
use crate::scenario::schema::{CheckText, OneOrMany};
use crate::scenario::selector::Selector;
use crate::service::CapScope;
use crate::service::codes::Code;
use crate::service::facts::Among;

/// The scope that is written.
pub fn scope(
    text: &Spanned<CheckText>,
    metric: Metric,
    context: &CheckContext<'_>,
    faults: &mut Faults,
) -> Option<Scope> {
    if !has_only_parts_of(text, metric, faults) {
        return None;
    }
    let world = context.world;
    let (from, to) = (world.among(text.from.as_ref(), faults), world.among(text.to.as_ref(), faults));
    // A part that names nothing has a fault, and then nothing of the scope is used.
    let mut scope = Scope { from, to, ..Scope::ALL };
    if let Some(written) = &text.account {
        scope.account = Some(account(written, metric, context, faults)?);
    }
    if let Some(written) = &text.image {
        scope.image = Some(image(written, context, faults)?);
    }
    if let Some(written) = &text.slots {
        scope.slots = Some(slots(written, context, faults)?);
    }
    if let Some(written) = &text.code {
        scope.code = Some(code(written, faults)?);
    }
    if let Some(written) = &text.of {
        return of(written, metric, context, scope, faults);
    }
    Some(scope)
}

/// Levels are of slots, all else is of requests and their calls.
fn has_only_parts_of(text: &CheckText, metric: Metric, faults: &mut Faults) -> bool {
    let word = metric.word();
    let is_level = metric.kind() == Kind::Level;
    let place = |written: &Option<Spanned<String>>| written.as_ref().map(|written| written.span);
    let places = |written: &Option<Spanned<OneOrMany<String>>>| written.as_ref().map(|written| written.span);
    let of_requests = [
        ("of", place(&text.of)),
        ("from", places(&text.from)),
        ("to", places(&text.to)),
        ("image", place(&text.image)),
    ];
    let before = faults.count();
    for (key, span) in of_requests.into_iter().filter(|_| is_level) {
        if let Some(span) = span {
            let help = "leave it out, or name `slots`, such as \"cn-hangzhou\"";
            faults.add(span, format!("`{word}` is of slots, and `{key}` is of requests"), help);
        }
    }
    if let Some(span) = places(&text.slots).filter(|_| !is_level) {
        let help = "leave it out, or name requests by `of`, `from`, `to`, `image` or `account`";
        faults.add(span, format!("`{word}` isn't of slots"), help);
    }
    if let Some(span) = place(&text.code).filter(|_| metric.kind() != Kind::Calls) {
        let help = "leave it out, or write `\"metric\": \"refusals\"`, which counts calls by their codes";
        faults.add(span, format!("`{word}` has no codes"), help);
    }
    faults.count() == before
}

fn account(
    written: &Spanned<String>,
    metric: Metric,
    context: &CheckContext<'_>,
    faults: &mut Faults,
) -> Option<crate::ids::AccountId> {
    let account = context.world.account(Some(written), written.span, faults)?;
    if metric.kind() == Kind::Level && !context.settings.cap_per_account {
        let message = "slots are of no account here: `cap_per_account` is false";
        faults.add(written.span, message, "leave `account` out");
        return None;
    }
    Some(account)
}

fn image(written: &Spanned<String>, context: &CheckContext<'_>, faults: &mut Faults) -> Option<ImageScope> {
    let (world, name) = (context.world, &written.value);
    if let Some(group) = world.images.get(name) {
        return Some(ImageScope { name: name.clone(), count: group.count });
    }
    if world.image(name).is_some() {
        return Some(ImageScope { name: name.clone(), count: None });
    }
    // An image with a fault of its own has been reported already.
    if !world.image_names.contains(name) {
        let known = world.image_names.iter().map(String::as_str).filter(|name| is_name(name));
        faults.unknown(written.span, format!("there is no image `{name}`"), name, "images", known);
    }
    None
}

fn code(written: &Spanned<String>, faults: &mut Faults) -> Option<Code> {
    let code = Code::of_literal(&written.value);
    if code.is_none() {
        let near = nearest(&written.value, Code::ALL.iter().map(|code| code.literal()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`copysim schema codes` lists all codes".to_owned(),
        };
        faults.add(written.span, format!("there is no code `{}`", written.value), help);
    }
    code
}

/// Slots by their owners: regions, or pairs written as results write them.
fn slots(
    written: &Spanned<OneOrMany<String>>,
    context: &CheckContext<'_>,
    faults: &mut Faults,
) -> Option<SlotScope> {
    let are_pairs = context.settings.cap_scope == CapScope::Pair;
    let before = faults.count();
    if written.each().next().is_none() {
        faults.add(written.span, "this list of slots is empty", "name a region, or leave it out");
    }
    let mut regions = BTreeSet::new();
    let mut pairs = Vec::new();
    for (text, span) in written.each() {
        match (text.split_once('>'), are_pairs) {
            (Some((from, to)), true) => {
                let mut side = |pattern: &str| regions_like(pattern, span, context, faults);
                pairs.extend(side(from).zip(side(to)));
            }
            (None, false) => regions.extend(regions_like(text, span, context, faults).into_iter().flatten()),
            (None, true) => {
                let message = "slots are of pairs of regions here: `cap_scope` is \"pair\"";
                faults.add(span, message, format!("write `\"{text}>*\"`"));
            }
            (Some((from, _)), false) => {
                let message = "slots are of single regions here: `cap_scope` isn't \"pair\"";
                faults.add(span, message, format!("write `\"{from}\"`"));
            }
        }
    }
    let scope = if are_pairs { SlotScope::Pairs(pairs) } else { SlotScope::Regions(regions) };
    (faults.count() == before).then_some(scope)
}

fn regions_like(
    pattern: &str,
    span: Span,
    context: &CheckContext<'_>,
    faults: &mut Faults,
) -> Option<BTreeSet<RegionId>> {
    let ids = (0..).zip(&context.world.regions).filter(|(_, id)| matches(pattern, id));
    let found: BTreeSet<RegionId> = ids.map(|(number, _)| RegionId(number)).collect();
    if found.is_empty() {
        let message = format!("no region matches `{pattern}`");
        faults.unknown(span, message, pattern, "regions", context.world.region_names());
        return None;
    }
    Some(found)
}

/// The copies of a request: all, or those of an image (`nightly:web`) or to a region.
fn of(
    written: &Spanned<String>,
    metric: Metric,
    context: &CheckContext<'_>,
    mut scope: Scope,
    faults: &mut Faults,
) -> Option<Scope> {
    let (text, span) = (written.value.as_str(), written.span);
    let parts = Selector::parse(text);
    let Some((number, entry)) = (0..).zip(context.entries).find(|(_, entry)| entry.name == parts.entry)
    else {
        // A request with a fault of its own has been reported already.
        if !context.ids.contains(parts.entry) {
            let known = context.entries.iter().map(|entry| entry.name.as_str());
            let help = suggestion(parts.entry, "requests", known);
            faults.add(span, format!("there is no request `{}`", parts.entry), help);
        }
        return None;
    };
    if let Some((message, help)) = not_of(entry, parts, metric) {
        faults.add(span, message, help);
        return None;
    }
    scope.entry = Some(number);
    if let Some(region) = parts.region {
        let region = context.world.region(region).filter(|to| goes_to(entry, region, scope.to.contains(to)));
        let Some(region) = region else {
            no_copy_to(text, entry, parts, span, faults);
            return None;
        };
        scope.to = Among::Only(BTreeSet::from([region]));
    }
    if let Some(name) = parts.image {
        let has_image = calls_of(entry).any(|call| call.image == name);
        if !has_image {
            let known: BTreeSet<&str> = calls_of(entry).map(|call| call.image.as_str()).collect();
            let help = suggestion(name, "images of it", known);
            faults.add(span, format!("`{text}` names no copy of `{}`", parts.entry), help);
            return None;
        }
        scope.image = Some(ImageScope { name: name.to_owned(), count: None });
    }
    scope.listed = listed(entry, &scope, context);
    Some(scope)
}

/// Why an entry has no such figure, and the way out.
fn not_of(entry: &EntryInfo, parts: Selector<'_>, metric: Metric) -> Option<(String, String)> {
    let name = &entry.name;
    if entry.is_already {
        let message =
            format!("the copies of `{name}` were there when the run began, and no figure takes them");
        return Some((message, "name another request, or slots, which count them".to_owned()));
    }
    if parts.part.is_some() {
        let help = format!("name all of them, `{name}`, or those to one region, such as `{name}@us-east-1`");
        return Some(("one arrival or row has no figures of its own".to_owned(), help));
    }
    let is_call = matches!(entry.calls, Calls::Targets(_));
    if is_call && metric.kind() != Kind::Calls {
        let help = "name a copy request, or write `\"metric\": \"refusals\"`".to_owned();
        return Some((format!("`{name}` is not a copy request"), help));
    }
    if is_call && (parts.region.is_some() || parts.image.is_some()) {
        return Some((format!("`{name}` is not a copy request"), format!("write `{name}` alone")));
    }
    None
}

/// The copy calls of an entry that are known before the run.
fn calls_of(entry: &EntryInfo) -> impl Iterator<Item = &CallInfo> {
    let (listed, turns) = match &entry.calls {
        Calls::Listed { calls, .. } => (calls.as_slice(), [].as_slice()),
        Calls::Arriving { turns, .. } => ([].as_slice(), turns.as_slice()),
        Calls::Rows(_) | Calls::Targets(_) => ([].as_slice(), [].as_slice()),
    };
    listed.iter().chain(turns.iter().flatten())
}

/// Whether an entry copies to a region, which is in the rest of the scope. Of rows that isn't known.
fn goes_to(entry: &EntryInfo, region: &str, is_in_scope: bool) -> bool {
    let is_known = !matches!(entry.calls, Calls::Rows(_));
    is_in_scope && (!is_known || calls_of(entry).any(|call| call.to == region))
}

fn no_copy_to(text: &str, entry: &EntryInfo, parts: Selector<'_>, span: Span, faults: &mut Faults) {
    let known: BTreeSet<&str> = calls_of(entry).map(|call| call.to.as_str()).collect();
    let help = suggestion(parts.region.unwrap_or(""), "destinations of it", known);
    faults.add(span, format!("`{text}` names no copy of `{}`", entry.name), help);
}

/// The copies that an entry lists in a scope, where they can be told.
fn listed(entry: &EntryInfo, scope: &Scope, context: &CheckContext<'_>) -> Option<u64> {
    let is_among = |among: &Among<RegionId>, id: &str| {
        *among == Among::All || context.world.region(id).is_some_and(|region| among.contains(&region))
    };
    let is_meant = |call: &&CallInfo| {
        is_among(&scope.from, &call.from)
            && is_among(&scope.to, &call.to)
            && scope.account.is_none_or(|account| call.account == Some(account))
            && scope.image.as_ref().is_none_or(|image| image.holds(&call.image))
    };
    let is_all = Scope { entry: None, listed: None, ..scope.clone() } == Scope::ALL;
    match &entry.calls {
        Calls::Listed { calls, .. } => Some(calls.iter().filter(is_meant).count() as u64),
        Calls::Rows(rows) if is_all => Some(rows.count),
        Calls::Rows(_) => None,
        Calls::Arriving { .. } | Calls::Targets(_) => Some(0),
    }
}
