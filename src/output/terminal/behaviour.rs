//! Clients and shared links on the terminal.

use std::fmt::Write;

use super::table::{Table, wrap};
use super::{available, length, more};
use crate::output::numbers::{Decimal, percent, rounded};
use crate::output::summary::{LinkSummary, Summary};
use crate::quantity::Bytes;

/// Clients shown before the rest is counted.
const MAX_CLIENTS: usize = 10;
/// Links shown before the rest is counted.
const MAX_LINKS: usize = 10;

/// The lead, where clients make it another than the total: what people wait is more than what the service shows.
pub fn lead(text: &mut String, summary: &Summary) {
    let figure = |name: &str| summary.figures.get(name).and_then(|figure| figure.statistics.as_ref());
    let (Some(lead), Some(total)) = (figure("lead"), figure("total")) else { return };
    if (lead.mean_s, lead.max_s) == (total.mean_s, total.max_s) {
        return;
    }
    let [p50, p95, max] = [lead.p50_s, lead.p95_s, lead.max_s].map(length);
    let _ = writeln!(
        text,
        "  lead p50 / p95 / max: {p50} / {p95} / {max}, planned to known (total max {})",
        length(total.max_s)
    );
}

/// What each client did.
pub fn clients(text: &mut String, summary: &Summary) {
    let Some(clients) = &summary.clients else { return };
    let head = [
        "client",
        "available",
        "calls",
        "refused",
        "at once",
        "timed out",
        "held back",
        "longest",
        "lead max",
    ];
    let mut table = Table::new(1, &head);
    for client in clients.iter().take(MAX_CLIENTS) {
        table.row(vec![
            client.client.clone(),
            available(&client.requests),
            client.calls.to_string(),
            client.refusals.to_string(),
            if client.again_at_once == 0 { "-".to_owned() } else { client.again_at_once.to_string() },
            client.timed_out.to_string(),
            client.held_back.to_string(),
            client.held_back_max_s.map_or_else(|| "-".to_owned(), length),
            client.lead_max_s.map_or_else(|| "no data".to_owned(), length),
        ]);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, clients.len(), MAX_CLIENTS);
    let _ = writeln!(
        text,
        "  at once: the most further calls at one instant; longest: for how long one was held back"
    );
    for client in clients.iter().take(MAX_CLIENTS).filter(|client| !client.settings.is_empty()) {
        let settings = client.settings.join("; ");
        let _ = writeln!(text, "{}", wrap(&format!("  {}: ", client.client), settings.split(' '), 98));
    }
}

/// How much of each shared link was used, the fullest first.
pub fn links(text: &mut String, summary: &Summary) {
    let Some(links) = &summary.links else { return };
    let head = ["shared link", "capacity", "used", "full", "copies", "most", "could take"];
    let mut table = Table::new(1, &head);
    let mut fullest: Vec<&LinkSummary> = links.iter().collect();
    fullest.sort_by_key(|link| {
        std::cmp::Reverse((link.full.map(|full| full.0), link.utilisation.map(|used| used.0)))
    });
    for link in fullest.iter().take(MAX_LINKS) {
        let (least, most) = (link.capacity_min_bytes_per_s, link.capacity_max_bytes_per_s);
        let rate = |bytes| format!("{}/s", Bytes(bytes).about());
        let capacity = if least == most { rate(most) } else { format!("{} to {}", rate(least), rate(most)) };
        table.row(vec![
            link.link.clone(),
            capacity,
            share(link.utilisation),
            share(link.full),
            link.copies_mean.map_or_else(|| "-".to_owned(), |mean| rounded(mean.0, 1)),
            link.copies_max.to_string(),
            rate(link.wanted_max_bytes_per_s),
        ]);
    }
    let _ = writeln!(text, "\n{}", table.text());
    more(text, links.len(), MAX_LINKS);
    let _ = writeln!(
        text,
        "  full: share of the time in which it held its copies back; copies: at a time, on the average and at most;\n  \
         could take: the most that these could move without it"
    );
}

fn share(share: Option<Decimal>) -> String {
    share.map_or_else(|| "no data".to_owned(), |share| percent(share.0))
}
