//! The names behind the requests of a run, also of rows that are read while it goes on.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Deref;

use rustc_hash::FxHashMap;

use super::catalog::{CallInfo, Calls, Catalog, RowsInfo};
use crate::ids::{AccountId, Named, RegionId, RequestKey};
use crate::records::{CopyRecord, History, Outcome};
use crate::service::Parameters;
use crate::time::SimTime;
use crate::workload::{ImageSource, Row};

/// The names of a scenario, and of the rows that can still be shown.
///
/// A row is known from the moment in which its call is planned until its copy has closed, its other calls
/// are answered and the token that it binds is free again (R7.3); what is shown later is pinned. All else is
/// in the [`Catalog`].
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    catalog: &'a Catalog,
    rows: FxHashMap<RequestKey, ShownRow>,
    /// Rows that go when the next one comes: what they set off by closing may still name them.
    closed: Vec<RequestKey>,
    /// Rows that bind a token, with the end of its life: later answers name them. All lives have one length, so
    /// they end in the order in which they begin.
    binding: VecDeque<(SimTime, RequestKey)>,
    /// By destination: the row that is pinned for it.
    pinned: FxHashMap<RegionId, RequestKey>,
}

/// What is shown of a row.
#[derive(Clone, Debug)]
struct ShownRow {
    id: Option<Box<str>>,
    account: Option<AccountId>,
    image: ImageSource,
    from: Named<RegionId>,
    to: Named<RegionId>,
    parameters: Parameters,
    /// Its copy that is still to close; calls that are still to be answered: its cancel, and the delete at the
    /// end of its retention; and the token that it binds.
    open: u8,
    has_token: bool,
    has_retention: bool,
    is_pinned: bool,
}

/// What is shown of a copy call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLabel<'a> {
    /// None: the call carries no account.
    pub account: Option<AccountId>,
    /// The image's name; one that a row or arrival brings along is called after it.
    pub image: Cow<'a, str>,
    /// Whether the image came with the request.
    pub is_fresh: bool,
    pub from: &'a str,
    pub to: &'a str,
    pub parameters: Parameters,
}

/// What is shown of a cancel or delete call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetLabel<'a> {
    /// The copy whose product it names, or the image.
    pub what: Cow<'a, str>,
    pub region: &'a str,
}

impl<'a> Labels<'a> {
    pub fn new(catalog: &'a Catalog) -> Self {
        let (rows, pinned) = (FxHashMap::default(), FxHashMap::default());
        Self { catalog, rows, closed: Vec::new(), binding: VecDeque::new(), pinned }
    }

    /// A row is about to be called.
    pub fn planned(&mut self, key: RequestKey, row: &Row) {
        for closed in std::mem::take(&mut self.closed) {
            self.drop_unused(closed);
        }
        let member = &row.member;
        let shown = ShownRow {
            id: row.id.clone(),
            account: member.caller.map(|caller| caller.account),
            image: member.image,
            from: member.from,
            to: member.to,
            parameters: member.parameters,
            open: 1 + u8::from(row.cancel_at.is_some()) + u8::from(member.retention.is_some()),
            has_token: member.token.is_some(),
            has_retention: member.retention.is_some(),
            is_pinned: false,
        };
        self.rows.insert(key, shown);
    }

    /// A call was answered: it may bind the token of a row, or be its cancel, or the delete at the end of its
    /// retention.
    pub fn answered(&mut self, at: SimTime, what: &History) {
        while let Some((until, key)) = self.binding.front().copied()
            && until <= at
        {
            self.binding.pop_front();
            self.close(key, 1);
        }
        if let History::Accepted { key, .. } = what
            && let Some(row) = self.rows.get_mut(key)
            && row.has_token
        {
            row.open += 1;
            let until = at.checked_add(self.catalog.token_life).unwrap_or(SimTime::MAX);
            self.binding.push_back((until, *key));
        }
        match what {
            // The cancel of a row, and not that of a client that has waited long enough.
            History::Cancelled { call, .. } | History::CancelRefused { call, .. }
                if self.is_row(*call) && call.is_row_cancel() =>
            {
                self.close(call.row(), 1);
            }
            History::Deleted { call, failed_call: None }
            | History::DeleteRefused { call, failed_call: None, .. }
                if self.is_row(*call) =>
            {
                self.close(*call, 1);
            }
            _ => {}
        }
    }

    /// A copy closed; only an Available image has a retention.
    pub fn closed(&mut self, record: &CopyRecord) {
        if let Some(row) = self.rows.get(&record.key) {
            let is_over = row.has_retention && record.outcome != Outcome::Available;
            self.close(record.key, 1 + u8::from(is_over));
        }
    }

    /// Whether there is a row to be told of at all.
    pub fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// A row will be shown at the end, unless another one is pinned for this destination by then.
    pub fn pin(&mut self, to: RegionId, key: RequestKey) {
        let Some(row) = self.rows.get_mut(&key) else { return };
        row.is_pinned = true;
        if let Some(earlier) = self.pinned.insert(to, key)
            && let Some(row) = self.rows.get_mut(&earlier)
        {
            row.is_pinned = false;
            self.drop_unused(earlier);
        }
    }

    /// How a request is called everywhere, see [`Catalog::label`]; a row by its id, else by its rank:
    /// `november#job-17@us-east-1`.
    pub fn label(&self, key: RequestKey) -> String {
        let Some((info, row)) = self.row(key) else { return self.catalog.label(key) };
        if key.is_row_cancel() {
            return format!("{}#cancel", self.row_name(key.row(), row));
        }
        format!("{}@{}", self.row_name(key, row), self.to(info, row))
    }

    /// What a row is called, which is known only while it can be shown.
    pub fn row_label(&self, key: RequestKey) -> Option<String> {
        self.is_row(key).then(|| self.label(key))
    }

    /// What the ids of a call are made of: its request's name, and its number there from 1 (R3.4).
    pub fn hashed(&self, key: RequestKey) -> (Cow<'_, str>, u64) {
        match self.row(key) {
            Some((_, row)) => {
                let name = self.row_name(key.row(), row);
                (Cow::Owned(if key.is_row_cancel() { format!("{name}#cancel") } else { name }), 1)
            }
            None => (Cow::Borrowed(self.catalog.entry(key)), key.number() + 1),
        }
    }

    /// The call behind a copy request.
    pub fn call(&self, key: RequestKey) -> Option<CallLabel<'_>> {
        if let Some((info, row)) = self.row(key).filter(|_| !key.is_row_cancel()) {
            let image = match row.image {
                ImageSource::Given(place) => Cow::Owned(self.catalog.images.name(place)),
                ImageSource::Fresh => Cow::Owned(self.row_name(key, row)),
                ImageSource::Product(_) | ImageSource::Literal => {
                    Cow::Borrowed(info.image.as_deref().unwrap_or_default())
                }
            };
            let is_fresh = row.image == ImageSource::Fresh;
            let (from, to) = (self.from(info, row), self.to(info, row));
            return Some(CallLabel {
                account: row.account,
                image,
                is_fresh,
                from,
                to,
                parameters: row.parameters,
            });
        }
        let CallInfo { account, image, from, to, parameters } = self.catalog.call(key)?;
        let fresh = self.catalog.arrival(key).filter(|_| image.is_empty());
        let image = match fresh {
            Some(arrival) => Cow::Owned(format!("{}#{arrival}", self.catalog.entry(key))),
            None => Cow::Borrowed(image.as_str()),
        };
        Some(CallLabel {
            account: *account,
            image,
            is_fresh: fresh.is_some(),
            from,
            to,
            parameters: *parameters,
        })
    }

    /// The cancel or delete call of a request.
    pub fn target(&self, key: RequestKey) -> Option<TargetLabel<'_>> {
        if let Some((info, row)) = self.row(key).filter(|_| key.is_row_cancel()) {
            return Some(TargetLabel { what: Cow::Owned(self.label(key.row())), region: self.to(info, row) });
        }
        let target = self.catalog.target(key)?;
        Some(TargetLabel { what: Cow::Borrowed(&target.what), region: &target.region })
    }

    /// A row that is known, by the key of its copy or its cancel.
    fn row(&self, key: RequestKey) -> Option<(&RowsInfo, &ShownRow)> {
        let Calls::Rows(info) = &self.catalog.entries[key.entry() as usize].calls else { return None };
        Some((info, self.rows.get(&key.row())?))
    }

    fn is_row(&self, key: RequestKey) -> bool {
        matches!(self.catalog.entries[key.entry() as usize].calls, Calls::Rows(_))
    }

    /// `november#job-17`.
    fn row_name(&self, key: RequestKey, row: &ShownRow) -> String {
        let entry = self.catalog.entry(key);
        match &row.id {
            Some(id) => format!("{entry}#{id}"),
            None => format!("{entry}#{}", key.number() + 1),
        }
    }

    fn from<'s>(&'s self, info: &'s RowsInfo, row: &ShownRow) -> &'s str {
        row.from.known().map_or(&info.from, |region| self.catalog.region(region))
    }

    fn to<'s>(&'s self, info: &'s RowsInfo, row: &ShownRow) -> &'s str {
        match row.to {
            Named::Known(region) => self.catalog.region(region),
            // No destination is the source (R7.6).
            Named::Unknown if info.to.is_empty() => &info.from,
            Named::Unknown => &info.to,
        }
    }

    fn close(&mut self, key: RequestKey, count: u8) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.open = row.open.saturating_sub(count);
            self.closed.push(key);
        }
    }

    fn drop_unused(&mut self, key: RequestKey) {
        if self.rows.get(&key).is_some_and(|row| row.open == 0 && !row.is_pinned) {
            self.rows.remove(&key);
        }
    }
}

/// What isn't of a row is as in the catalog.
impl Deref for Labels<'_> {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        self.catalog
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Token;
    use crate::records::SlotSet;
    use crate::scenario::catalog::EntryInfo;
    use crate::service::Caller;
    use crate::time::SimDuration;
    use crate::transfer::{Fate, Work};
    use crate::workload::{Course, CoursePlan, CourseWork, Member};

    fn catalog() -> Catalog {
        let rows =
            RowsInfo { file: String::new(), count: 0, image: None, from: String::new(), to: String::new() };
        let entry = EntryInfo {
            name: "t".into(),
            calls: Calls::Rows(rows),
            is_already: false,
            after: None,
            client: None,
            expect: None,
        };
        Catalog { regions: vec!["a".into(), "b".into()], entries: vec![entry], ..Catalog::default() }
    }

    fn row(id: Option<&str>, cancel_at: Option<SimTime>) -> Row {
        let member = Member {
            caller: Some(Caller { account: AccountId(0), user: None }),
            image: ImageSource::Fresh,
            from: Named::Known(RegionId(0)),
            to: Named::Known(RegionId(1)),
            parameters: Parameters::default(),
            token: None,
            dry_run: false,
            cancellable: true,
            priority: 0,
            course: CoursePlan::Fixed(Course {
                work: CourseWork::Known(Work::Duration(SimDuration::ZERO)),
                fate: Fate::Completes,
                timeout: None,
            }),
            retention: None,
            client: None,
            handle: None,
        };
        Row { at: SimTime::ZERO, id: id.map(Box::from), member, plan: None, fresh: None, cancel_at }
    }

    fn key(number: u64) -> RequestKey {
        RequestKey::new(0, number).unwrap()
    }

    #[test]
    fn r10_4_a_row_is_forgotten_when_nothing_can_show_it() {
        let catalog = catalog();
        let mut labels = Labels::new(&catalog);
        for number in 0..1000 {
            labels.planned(key(number), &row(Some(&format!("job-{number}")), None));
            labels.closed(&CopyRecord::new(key(number), Outcome::Available));
            assert_eq!(labels.label(key(number)), format!("t#job-{number}@b"), "what it set off may name it");
            labels.pin(RegionId(1), key(number));
            assert!(labels.rows.len() <= 2, "{} rows after {number}", labels.rows.len());
        }
        assert_eq!(labels.label(key(999)), "t#job-999@b");
        assert_eq!(labels.label(key(3)), "t#4", "of a row that is gone only the rank is known");
    }

    #[test]
    fn a_row_is_known_until_its_cancel_is_answered() {
        let catalog = catalog();
        let mut labels = Labels::new(&catalog);
        labels.planned(key(0), &row(Some("x"), Some(SimTime::MAX)));
        labels.closed(&CopyRecord::new(key(0), Outcome::Available));
        labels.planned(key(1), &row(None, None));
        let cancel = key(0).row_cancel();
        assert_eq!((labels.label(cancel), labels.label(key(1))), ("t#x#cancel".into(), "t#2@b".into()));
        assert_eq!(labels.target(cancel).unwrap().what, "t#x@b");
        let (was_running, drains, slots) = (false, false, SlotSet::default());
        labels.answered(
            SimTime::ZERO,
            &History::Cancelled { call: cancel, key: key(0), was_running, drains, slots },
        );
        labels.planned(key(2), &row(None, None));
        assert_eq!(labels.label(cancel), "t#1#cancel");
    }

    #[test]
    fn r7_3_a_row_is_known_while_it_binds_its_token() {
        let hour = |hours: u64| SimTime::from_micros(hours * 3_600_000_000).unwrap();
        let catalog = Catalog { token_life: SimDuration::from_seconds(3600), ..catalog() };
        let mut labels = Labels::new(&catalog);
        let mut row = row(Some("x"), None);
        for number in 0..50 {
            row.member.token = Some(Token([number, 0]));
            labels.planned(key(number), &row);
            let (slots, priority, size) = (SlotSet::default(), 0, None);
            let accepted = History::Accepted {
                key: key(number),
                call: 1,
                from: RegionId(0),
                to: RegionId(1),
                slots,
                priority,
                size,
            };
            labels.answered(hour(number), &accepted);
            labels.closed(&CopyRecord::new(key(number), Outcome::Available));
            assert!(labels.rows.len() <= 3, "{} rows after {number}", labels.rows.len());
        }
        // Rows without a token come; the last token is free at 50 h and not before.
        row.member.token = None;
        for number in 50..53 {
            labels.planned(key(number), &row);
            labels.closed(&CopyRecord::new(key(number), Outcome::DryRun));
        }
        assert_eq!(labels.label(key(49)), "t#x@b");
        labels.answered(hour(50), &History::DryRun { key: key(52), call: 1 });
        labels.planned(key(53), &row);
        assert_eq!(labels.label(key(49)), "t#50");
    }
}
