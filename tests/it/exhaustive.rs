//! Every short sequence of commands to the service, against a table that says what it should do.
//!
//! The service has two images in region 0, regions 0 and 1, and caps of 0 to 2. Copies to region 1 all
//! carry one written name, so that they meet both the check of the name and that of the conflict key.

use copysim::ids::{AccountId, CopyId, ImageId, Named, RegionId};
use copysim::quantity::Bytes;
use copysim::service::{
    CancelCopyImage, CapScope, DeleteImage, GivenImage, ImageStatus, Phase, QueueOrder, Refusal, Service,
    Settings,
};
use copysim::time::{SimDuration, SimTime};

use crate::services::{call, copy, given, settings};
use copysim::service::facts::FaultHits;

const DEPTH: u32 = 6;
const NOW: SimTime = SimTime::ZERO;

#[derive(Clone, Copy, Debug)]
enum Command {
    Copy {
        image: usize,
        to: usize,
    },
    /// Of the latest product in a region, whatever became of it.
    Cancel {
        region: usize,
    },
    Delete {
        region: usize,
    },
    /// Of the oldest running copy.
    Complete,
    Fail,
    /// Of the oldest draining copy.
    EndDrain,
    StartPass,
    SetCap {
        region: usize,
        cap: u32,
    },
}

const COMMANDS: [Command; 18] = [
    Command::Copy { image: 0, to: 0 },
    Command::Copy { image: 0, to: 1 },
    Command::Copy { image: 1, to: 0 },
    Command::Copy { image: 1, to: 1 },
    Command::Cancel { region: 0 },
    Command::Cancel { region: 1 },
    Command::Delete { region: 0 },
    Command::Delete { region: 1 },
    Command::Complete,
    Command::Fail,
    Command::EndDrain,
    Command::StartPass,
    Command::SetCap { region: 0, cap: 0 },
    Command::SetCap { region: 0, cap: 1 },
    Command::SetCap { region: 0, cap: 2 },
    Command::SetCap { region: 1, cap: 0 },
    Command::SetCap { region: 1, cap: 1 },
    Command::SetCap { region: 1, cap: 2 },
];

/// 18 + 18^2 + ... + 18^6 sequences.
const SEQUENCES: u64 = 36_012_942;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Draining,
    Available,
    Failed,
    Gone,
}

/// A line of the table: an accepted copy, in order of acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    image: usize,
    to: usize,
    state: State,
}

/// What the service should be like.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Table {
    scope: CapScope,
    queue: QueueOrder,
    head_of_line_blocking: bool,
    drains: bool,
    caps: [u32; 2],
    rows: Vec<Row>,
}

impl Table {
    /// The keys of a copy from region 0: 0 and 1 are the regions, 2 and 3 the pairs that lead to them.
    fn keys(&self, to: usize) -> Vec<usize> {
        match (self.scope, to) {
            (CapScope::Source, _) | (CapScope::Both, 0) => vec![0],
            (CapScope::Both, _) => vec![0, 1],
            (CapScope::Destination, to) => vec![to],
            (CapScope::Pair, to) => vec![2 + to],
        }
    }

    /// Pairs have the cap of their source region, which is region 0.
    fn cap(&self, key: usize) -> u32 {
        self.caps[key % 2 * usize::from(key < 2)]
    }

    fn held(&self, key: usize) -> u32 {
        let holds = |row: &&Row| matches!(row.state, State::Running | State::Draining);
        self.rows.iter().filter(holds).filter(|row| self.keys(row.to).contains(&key)).count() as u32
    }

    fn copy(&mut self, image: usize, to: usize) -> Result<(), &'static str> {
        use State::{Available, Failed, Running, Waiting};
        let there = |row: &&Row, states: &[State]| row.to == to && states.contains(&row.state);
        if to == 1 && self.rows.iter().any(|row| there(&row, &[Waiting, Running, Available, Failed])) {
            return Err("InvalidImageName.Duplicated");
        }
        if self.rows.iter().any(|row| row.image == image && there(&row, &[Waiting, Running])) {
            return Err("OperationDenied.ImageCopyConflict");
        }
        self.rows.push(Row { image, to, state: Waiting });
        Ok(())
    }

    fn cancel(&mut self, row: usize) -> Result<(), &'static str> {
        self.rows[row].state = match self.rows[row].state {
            State::Waiting => State::Gone,
            State::Running if self.drains => State::Draining,
            State::Running => State::Gone,
            State::Available | State::Failed => return Err("IncorrectImageStatus"),
            State::Draining | State::Gone => return Err("InvalidImageId.NotFound"),
        };
        Ok(())
    }

    fn delete(&mut self, row: usize) -> Result<(), &'static str> {
        match self.rows[row].state {
            State::Waiting | State::Running => return Err("OperationDenied.ImageCopying"),
            State::Draining | State::Gone => return Err("InvalidImageId.NotFound"),
            State::Available | State::Failed => self.rows[row].state = State::Gone,
        }
        Ok(())
    }

    /// The waiting copies, first to last: those of image 1 are ahead in any other order than that of
    /// acceptance.
    fn queue(&self) -> Vec<usize> {
        let waits = |row: &usize| self.rows[*row].state == State::Waiting;
        let mut queue: Vec<usize> = (0..self.rows.len()).filter(waits).collect();
        if self.queue != QueueOrder::Fifo {
            queue.sort_by_key(|row| self.rows[*row].image == 0);
        }
        queue
    }

    /// Starts what can start, in order, and says what did.
    fn start_pass(&mut self) -> Vec<usize> {
        let mut started = Vec::new();
        // Keys at which a copy waits on.
        let mut held_up = Vec::new();
        for row in self.queue() {
            let keys = self.keys(self.rows[row].to);
            let is_free = |key: &usize| self.held(*key) < self.cap(*key);
            let is_first = |key: &usize| !self.head_of_line_blocking || !held_up.contains(key);
            if keys.iter().all(|key| is_free(key) && is_first(key)) {
                self.rows[row].state = State::Running;
                started.push(row);
            } else {
                held_up.extend(keys);
            }
        }
        started
    }

    fn oldest(&self, state: State) -> Option<usize> {
        self.rows.iter().position(|row| row.state == state)
    }

    fn latest_in(&self, region: usize) -> Option<usize> {
        self.rows.iter().rposition(|row| row.to == region)
    }
}

/// The service, the table, and which image and copy each line of the table stands for.
#[derive(Clone, PartialEq, Eq)]
struct Pair {
    service: Service,
    table: Table,
    images: [ImageId; 2],
    made: Vec<(CopyId, ImageId)>,
}

fn code(refused: Refusal) -> &'static str {
    refused.code.literal()
}

impl Pair {
    fn new(settings: Settings) -> Self {
        let table = Table {
            scope: settings.cap_scope,
            queue: settings.queue,
            head_of_line_blocking: settings.head_of_line_blocking,
            drains: settings.cancel.drain > SimDuration::ZERO,
            caps: [settings.caps[0], settings.caps[1]],
            rows: Vec::new(),
        };
        let mut service = Service::new(settings);
        let images =
            [2, 1].map(|size| service.put_image(GivenImage { size: Some(Bytes(size)), ..given(0, None) }));
        Self { service, table, images, made: Vec::new() }
    }

    /// Gives the command to both and compares what they answer; says whether a call was refused.
    fn give(&mut self, command: Command) -> bool {
        match command {
            Command::Copy { image, to } => self.copy(image, to),
            Command::Cancel { region } => self.on_latest(region, Self::cancel),
            Command::Delete { region } => self.on_latest(region, Self::delete),
            Command::Complete => self.on_oldest(State::Running, State::Available, Service::complete),
            Command::Fail => self.on_oldest(State::Running, State::Failed, Service::fail),
            Command::EndDrain => self.on_oldest(State::Draining, State::Gone, Service::end_drain),
            Command::StartPass => self.start_pass(),
            Command::SetCap { region, cap } => {
                self.service.set_cap(RegionId(region as u32), cap);
                self.table.caps[region] = cap;
                false
            }
        }
    }

    fn copy(&mut self, image: usize, to: usize) -> bool {
        let mut call = call(self.images[image], to as u32, (to == 1).then_some(0));
        call.parameters.encrypted = Some(true);
        call.priority = -i32::from(image == 1);
        let answer = self.service.check_copy(NOW, &call).map_err(code);
        assert_eq!(answer.as_ref().map(|_| ()).map_err(|code| *code), self.table.copy(image, to));
        if answer.is_err() {
            return true;
        }
        self.made.push(copy(&mut self.service, NOW, &call).expect("the answer stays the same"));
        false
    }

    fn on_latest(&mut self, region: usize, call: fn(&mut Self, usize, Named<RegionId>) -> bool) -> bool {
        match self.table.latest_in(region) {
            Some(row) => call(self, row, Named::Known(RegionId(region as u32))),
            None => false,
        }
    }

    fn cancel(&mut self, row: usize, region: Named<RegionId>) -> bool {
        let image = Named::Known(self.made[row].1);
        let (account, faults) = (AccountId(0), FaultHits::default());
        let call = CancelCopyImage { account, region, image, faults, past_return: false };
        let answer = self.service.check_cancel(NOW, &call).map_err(code);
        assert_eq!(answer.map(|_| ()), self.table.cancel(row));
        let Ok(copy) = answer else { return true };
        assert_eq!(copy, self.made[row].0);
        self.service.commit_cancel(copy);
        false
    }

    fn delete(&mut self, row: usize, region: Named<RegionId>) -> bool {
        let call = DeleteImage { account: AccountId(0), region, image: Named::Known(self.made[row].1) };
        let answer = self.service.check_delete(NOW, &call).map_err(code);
        assert_eq!(answer.map(|_| ()), self.table.delete(row));
        let Ok(image) = answer else { return true };
        self.service.commit_delete(image);
        false
    }

    fn on_oldest(&mut self, from: State, to: State, end: fn(&mut Service, CopyId)) -> bool {
        if let Some(row) = self.table.oldest(from) {
            end(&mut self.service, self.made[row].0);
            self.table.rows[row].state = to;
        }
        false
    }

    fn start_pass(&mut self) -> bool {
        let mut started = Vec::new();
        while let Some(copy) = self.service.next_start() {
            self.service.start(copy);
            let keys = self.service.slots().indices_of(self.service.copies().get(copy).expect("it runs"));
            for key in keys.into_iter().flatten() {
                let slot = self.service.slots().iter().nth(key as usize).expect("the copy's slot");
                assert!(slot.held() <= slot.cap, "{slot:?}");
            }
            started.push(copy.acceptance as usize);
        }
        assert_eq!(started, self.table.start_pass());
        assert_eq!(self.service.audit_settled(), Ok(()));
        false
    }

    /// The service is consistent in itself and shows what the table says.
    fn compare(&mut self) {
        self.service.drain_touched(|_, _| {});
        assert_eq!(self.service.audit(), Ok(()));
        for (row, (copy, image)) in self.table.rows.iter().zip(&self.made) {
            let (status, phase) = match row.state {
                State::Waiting => (Some(ImageStatus::Waiting), Some(Phase::Waiting)),
                State::Running => (Some(ImageStatus::Creating), Some(Phase::Running)),
                State::Draining => (None, Some(Phase::Draining)),
                State::Available => (Some(ImageStatus::Available), None),
                State::Failed => (Some(ImageStatus::CreateFailed), None),
                State::Gone => (None, None),
            };
            assert_eq!(self.service.status(NOW, *image), status);
            assert_eq!(self.service.copies().get(*copy).map(|copy| copy.phase), phase);
        }
    }
}

/// The number of sequences of at most `depth` more commands.
fn sequences(depth: u32) -> u64 {
    (1..=depth).map(|length| (COMMANDS.len() as u64).pow(length)).sum()
}

/// Gives every command after every sequence before it, and counts the sequences covered.
///
/// Where a command changes nothing, what may follow it has been or will be tried without it, so its
/// branch isn't walked and counts as covered.
fn walk(before: &Pair, depth: u32) -> u64 {
    let mut covered = 0;
    for command in COMMANDS {
        let mut after = before.clone();
        let refused = after.give(command);
        after.compare();
        let is_same = after == *before;
        assert!(is_same || !refused, "a refused {command:?} changed something");
        covered += 1 + if is_same { sequences(depth - 1) } else { walk_on(&after, depth - 1) };
    }
    covered
}

fn walk_on(pair: &Pair, depth: u32) -> u64 {
    if depth == 0 { 0 } else { walk(pair, depth) }
}

fn walk_all(scope: CapScope, cap: u32, drain: SimDuration) {
    assert_eq!(walk(&Pair::new(settings_of(scope, cap, drain)), DEPTH), SEQUENCES);
}

fn settings_of(scope: CapScope, cap: u32, drain: SimDuration) -> Settings {
    let mut settings = settings(2, cap);
    settings.cap_scope = scope;
    settings.cancel.drain = drain;
    settings
}

/// As [`walk_all`], in an order other than that of acceptance, and with less depth.
fn walk_in_order(scope: CapScope, queue: QueueOrder, head_of_line_blocking: bool) {
    let settings = settings_of(scope, 1, SimDuration::ZERO);
    let settings = Settings { queue, head_of_line_blocking, ..settings };
    assert_eq!(walk(&Pair::new(settings), DEPTH - 1), sequences(DEPTH - 1));
}

const DRAIN: SimDuration = SimDuration::from_seconds(1);

#[test]
fn r2_every_short_sequence_with_source_slots() {
    walk_all(CapScope::Source, 1, SimDuration::ZERO);
    walk_all(CapScope::Source, 2, DRAIN);
}

#[test]
fn r2_every_short_sequence_with_destination_slots() {
    walk_all(CapScope::Destination, 1, DRAIN);
    walk_all(CapScope::Destination, 2, SimDuration::ZERO);
}

#[test]
fn r2_every_short_sequence_with_slots_at_both_ends() {
    walk_all(CapScope::Both, 1, SimDuration::ZERO);
    walk_all(CapScope::Both, 2, DRAIN);
}

#[test]
fn r2_4_every_short_sequence_in_other_orders() {
    use QueueOrder::{Fifo, Priority, ShortestFirst};
    walk_in_order(CapScope::Source, Priority, false);
    walk_in_order(CapScope::Source, ShortestFirst, true);
    walk_in_order(CapScope::Both, Priority, false);
    walk_in_order(CapScope::Both, ShortestFirst, false);
    for queue in [Fifo, Priority, ShortestFirst] {
        walk_in_order(CapScope::Both, queue, true);
    }
}

#[test]
fn r2_every_short_sequence_with_slots_of_pairs() {
    walk_all(CapScope::Pair, 1, DRAIN);
    walk_all(CapScope::Pair, 2, SimDuration::ZERO);
}
