//! What is said when a run has no copy of the name that was asked for.

use std::collections::BTreeMap;

use crate::ids::RequestKey;
use crate::scenario::nearest;

/// Copies of a request that are named before the rest is counted.
const MAX_NAMED: usize = 10;
/// Copies that are kept to look for a near name.
const MAX_KEPT: usize = 1000;

/// The copies of a run beside the one that is wanted.
pub(super) struct Others<'a> {
    wanted: &'a str,
    /// Copies of what the wanted name begins with, a request or one row, arrival or image of it: the first by
    /// their place in the file.
    related: BTreeMap<RequestKey, String>,
    related_count: u64,
    /// The first of all others.
    unrelated: Vec<String>,
}

/// Why there is nothing to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchCopy {
    pub message: String,
    /// The first copies of the request that was meant.
    pub copies: Vec<String>,
    /// How many more it has.
    pub more: u64,
    /// The way out.
    pub help: String,
}

impl<'a> Others<'a> {
    pub fn of(wanted: &'a str) -> Self {
        Self { wanted, related: BTreeMap::new(), related_count: 0, unrelated: Vec::new() }
    }

    /// Remembers a copy that has closed.
    pub fn add(&mut self, key: RequestKey, label: String) {
        let rest = label.strip_prefix(stem(self.wanted));
        if rest.is_some_and(|rest| rest.starts_with(['@', ':', '#'])) {
            self.related_count += 1;
            self.related.insert(key, label);
            if self.related.len() > MAX_KEPT {
                self.related.pop_last();
            }
        } else if self.unrelated.len() < MAX_KEPT {
            self.unrelated.push(label);
        }
    }

    /// What to say when none of them was the wanted one.
    pub fn no_such_copy(&self) -> NoSuchCopy {
        let wanted = self.wanted;
        let message = format!("the run has no copy `{wanted}`");
        let only = |help: String| NoSuchCopy { message: message.clone(), copies: Vec::new(), more: 0, help };
        let related = || self.related.values().map(String::as_str);
        let Some(first) = related().next() else { return only(self.far_help()) };
        let has_region = wanted.contains('@');
        if let Some(near) = nearest(wanted, related()).filter(|_| has_region) {
            return only(format!("did you mean `{near}`?"));
        }
        let count = match self.related_count {
            1 => "one copy".to_owned(),
            several => format!("{several} copies"),
        };
        let copies: Vec<String> = related().take(MAX_NAMED).map(str::to_owned).collect();
        NoSuchCopy {
            message: format!("{message}; `{}` has {count}", stem(wanted)),
            more: self.related_count - copies.len() as u64,
            copies,
            help: format!("name a copy in full, such as `{first}`"),
        }
    }

    /// The way out where no request is called so.
    fn far_help(&self) -> String {
        let labels = || self.unrelated.iter().map(String::as_str);
        let near = if self.wanted.contains('@') {
            nearest(self.wanted, labels())
        } else {
            let near = nearest(self.wanted, labels().map(stem));
            near.and_then(|near| labels().find(|label| stem(label) == near))
        };
        match (near, labels().next()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(one)) => format!("copies are called like `{one}`; copies.csv lists them all"),
            (None, None) => "this run had no copies".to_owned(),
        }
    }
}

/// The name of a copy without its region.
fn stem(label: &str) -> &str {
    label.split('@').next().unwrap_or(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer to `wanted` where the copies have these names, in the order of the file.
    fn answer(wanted: &str, labels: &[&str]) -> NoSuchCopy {
        let mut others = Others::of(wanted);
        // They close in another order.
        for (number, label) in labels.iter().enumerate().rev() {
            let key = RequestKey::new(0, number as u64).expect("a small number");
            others.add(key, (*label).to_owned());
        }
        others.no_such_copy()
    }

    #[test]
    fn a_request_is_answered_by_its_copies() {
        let labels: Vec<String> = (1..=12).map(|number| format!("wave@r{number}")).collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).chain(["waves@r1"]).collect();
        let found = answer("wave", &labels);
        assert_eq!(found.message, "the run has no copy `wave`; `wave` has 12 copies");
        assert_eq!(found.copies, labels[..10]);
        assert_eq!(found.more, 2);
        assert_eq!(found.help, "name a copy in full, such as `wave@r1`");
        let rows = ["log#job-7@a", "log#job-77@a", "log#job-8@a"];
        let found = answer("log#job-7", &rows);
        assert_eq!((found.copies, found.more), (vec!["log#job-7@a".to_owned()], 0));
        assert!(found.message.ends_with("`log#job-7` has one copy"), "{}", found.message);
        assert_eq!(answer("log", &rows).copies, rows);
        assert_eq!(answer("nightly", &["nightly:web@a", "nightly:api@a"]).copies.len(), 2);
    }

    #[test]
    fn a_near_name_is_first_looked_for_among_copies_of_the_same_request() {
        // `log#job-1@ap-southeast-7` differs by as much, and comes first.
        let rows = ["log#job-1@ap-southeast-7", "log#job-7@ap-southeast-1", "log#job-7@eu-central-1"];
        assert_eq!(
            answer("log#job-7@ap-southeast-7", &rows).help,
            "did you mean `log#job-7@ap-southeast-1`?"
        );
        assert_eq!(
            answer("log#job-9@ap-southeast-7", &rows).help,
            "did you mean `log#job-1@ap-southeast-7`?"
        );
        let far = answer("log#job-7@mars", &rows);
        assert_eq!(far.copies, rows[1..]);
        assert_eq!(answer("lgo", &["log@a", "wave@a"]).help, "did you mean `log@a`?");
        let none = answer("nobody", &["log@a", "wave@a"]);
        assert!(none.help.starts_with("copies are called like") && none.copies.is_empty());
        assert_eq!(answer("nobody", &[]).help, "this run had no copies");
    }
}
