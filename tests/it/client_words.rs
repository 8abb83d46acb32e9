//! Small scenarios of clients, and what became of a request of theirs in words.

use copysim::time::SimTime;
use serde_json::{Value, json};

use crate::scenes::Scene;
use crate::support::{Ran, seconds};

impl Scene {
    /// A client of this name.
    pub fn client(self, name: &str, body: Value) -> Self {
        self.set(&format!("clients.{name}"), body)
    }

    /// A request of the client `c`: a copy of 600 s to `r` of an image of its own, but for what `body` says.
    pub fn ask(self, id: &str, at: u64, body: Value) -> Self {
        let mut body = body;
        body["client"] = "c".into();
        self.copy_with(id, at, body)
    }
}

/// A time-out after so many seconds.
pub fn patience(after: u64, then: &str) -> Value {
    json!({ "after": format!("{after}s"), "then": then })
}

/// Calls after this code, so many in all, so many seconds apart.
pub fn again_on(code: &str, attempts: u32, delay: u64) -> Value {
    json!({ "on": code, "attempts": attempts, "delay": { "fixed": format!("{delay}s") } })
}

/// As [`again_on`], for copies that failed.
pub fn again_after_failures(attempts: u32, delay: u64) -> Value {
    json!({ "failed_copies": true, "attempts": attempts, "delay": { "fixed": format!("{delay}s") } })
}

/// A line of the table: what happens, the scenario, and the row and history of its request `x`.
pub type Line = (&'static str, Scene, &'static str, &'static str);

pub fn assert_lines(lines: Vec<Line>) {
    for (what, scene, row, story) in lines {
        let ran = scene.run();
        assert_eq!(ran.row("x@r"), row, "{what}");
        assert_eq!(ran.story("x@r"), story, "{what}");
        // Whatever happens to it, it is one row (R9.1).
        let planned =
            scene.0["requests"].as_array().unwrap().iter().filter(|kind| kind.get("copy").is_some());
        assert_eq!(ran.observed.records.len(), planned.count(), "{what}");
    }
}

/// `x` runs from 0 to 600.
pub fn running(client: Value, x: Value) -> Scene {
    Scene::lane(1).client("c", client).ask("x", 0, x)
}

impl Ran {
    /// What the row of a request says, times in seconds; what it doesn't have is left out, and so are calls and the
    /// like if there were none.
    pub fn row(&self, label: &str) -> String {
        let record = self.copy(label);
        let times = [
            ("planned", record.planned),
            ("sent", record.sent),
            ("accepted", record.accepted),
            ("start", record.start),
            ("end", record.end),
            ("noticed", record.noticed),
            ("timed_out", record.timed_out),
        ];
        let counts = [("calls", record.calls), ("refusals", record.refusals), ("failures", record.failures)];
        let time = |(name, time): (&str, Option<SimTime>)| Some(format!(" {name} {}", seconds(time?)));
        let count = |(name, count): (&str, u32)| (count > 0).then(|| format!(" {name} {count}"));
        let words = times.into_iter().filter_map(time).chain(counts.into_iter().filter_map(count));
        format!("{}:{}", record.outcome.key(), words.collect::<String>())
    }

    /// What happened to a request, in the order in which it did.
    pub fn story(&self, label: &str) -> String {
        let mine = self.trace().into_iter().filter(|(_, _, whose)| whose == label);
        mine.map(|(at, what, _)| format!("{at} {what}")).collect::<Vec<_>>().join(", ")
    }
}
