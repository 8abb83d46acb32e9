//! Clients that have to be followed (R8): what they have in hand, what waits for a free place, and what they will do
//! when. A request of theirs is an errand from the instant for which it is planned until its row is closed.

use std::collections::BTreeMap;

use crate::cloud::{Class, Cloud};
use crate::ids::{CopyId, ImageId, Named, RequestKey};
use crate::kernel::{Calendar, EventKey};
use crate::quantity::Bytes;
use crate::records::CopyRecord;
use crate::service::Phase;
use crate::time::SimTime;
use crate::workload::{AskCopy, ClientId, ClientPlan, TimedOut};

/// A request in the hands of its client, or about to be.
#[derive(Debug)]
pub(super) struct Errand<'a> {
    /// Tells it from others that had its place before.
    serial: u64,
    pub key: RequestKey,
    pub ask: Box<AskCopy<'a>>,
    pub image: Named<ImageId>,
    pub planned: SimTime,
    /// When its first call was made.
    pub sent: Option<SimTime>,
    pub calls: u32,
    pub refusals: u32,
    /// Copies made for it that failed, but for the last one.
    pub failures: u32,
    /// What these moved.
    pub moved_in_vain: Bytes,
    /// What is left of the last of them, while its client will call again.
    pub failed_image: Option<ImageId>,
    pub timed_out: Option<SimTime>,
    /// Whether it takes one of its client's places.
    has_place: bool,
    /// Whether it waits for a place and is offered one in this instant.
    has_offer: bool,
    pub state: State,
}

/// Where an errand is.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// Its client makes a call, or will when it has a free place.
    Calling,
    /// Its copy is unfinished.
    Copying(CopyId, ImageId),
    /// Its copy is over, as this row says, and its client hasn't noticed that.
    Unnoticed(CopyRecord, ImageId),
    /// Its client will call again. If it doesn't, this is its row.
    Retrying(CopyRecord),
}

/// The place of an errand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ErrandId(pub u32);

/// What a client does at some instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Duty {
    /// It makes the first call, or the next one.
    Call,
    /// It polls, and notices that a copy is over.
    Notice,
    /// It has waited long enough.
    TimeOut(TimedOut),
}

impl Duty {
    fn class(self) -> Class {
        match self {
            Self::Call => Class::Submit,
            Self::Notice => Class::Poll,
            Self::TimeOut(_) => Class::Cancel,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Appointment {
    errand: ErrandId,
    serial: u64,
    duty: Duty,
}

/// The places of a client.
#[derive(Debug, Default)]
struct Hands {
    in_hand: u32,
    /// Errands without a place, by their planned time, then by their place in the scenario.
    waiting: BTreeMap<(SimTime, RequestKey), ErrandId>,
}

/// All clients with their errands.
#[derive(Debug)]
pub(super) struct Clients<'a> {
    plans: &'a [ClientPlan],
    hands: Vec<Hands>,
    errands: Vec<Option<Errand<'a>>>,
    unused: Vec<u32>,
    serials: u64,
    agenda: Calendar<Appointment>,
}

impl<'a> Clients<'a> {
    pub fn new(plans: &'a [ClientPlan]) -> Self {
        Self {
            plans,
            hands: plans.iter().map(|_| Hands::default()).collect(),
            errands: Vec::new(),
            unused: Vec::new(),
            serials: 0,
            agenda: Calendar::default(),
        }
    }

    /// The client of an errand; none for a worker that does nothing but wait.
    pub fn plan(&self, id: ErrandId) -> Option<&'a ClientPlan> {
        self.client(id).map(|client| &self.plans[client.0 as usize])
    }

    fn client(&self, id: ErrandId) -> Option<ClientId> {
        self.get(id).ask.member.client
    }

    pub fn get(&self, id: ErrandId) -> &Errand<'a> {
        self.errands[id.0 as usize].as_ref().expect("an errand is there until its row is closed")
    }

    pub fn get_mut(&mut self, id: ErrandId) -> &mut Errand<'a> {
        self.errands[id.0 as usize].as_mut().expect("an errand is there until its row is closed")
    }

    /// Takes up a request that is planned for `now`.
    pub fn add(
        &mut self,
        key: RequestKey,
        ask: Box<AskCopy<'a>>,
        image: Named<ImageId>,
        now: SimTime,
    ) -> ErrandId {
        self.serials += 1;
        let errand = Errand {
            serial: self.serials,
            key,
            ask,
            image,
            planned: now,
            sent: None,
            calls: 0,
            refusals: 0,
            failures: 0,
            moved_in_vain: Bytes(0),
            failed_image: None,
            timed_out: None,
            has_place: false,
            has_offer: false,
            state: State::Calling,
        };
        let place = self.unused.pop().unwrap_or_else(|| {
            self.errands.push(None);
            u32::try_from(self.errands.len() - 1).expect("fewer than 2^32 requests are unfinished")
        });
        self.errands[place as usize] = Some(errand);
        ErrandId(place)
    }

    /// Gives an errand a place of its client, or lets it wait for one. Gives whether it has one. Those that wait and were
    /// planned before it, or stand before it, go first.
    pub fn take_place(&mut self, id: ErrandId) -> bool {
        let Some(client) = self.client(id) else { return true };
        let errand = self.get_mut(id);
        errand.has_offer = false;
        let place = (errand.planned, errand.key);
        let Some(limit) = self.plans[client.0 as usize].concurrency else { return true };
        let hands = &mut self.hands[client.0 as usize];
        let free = limit.saturating_sub(hands.in_hand) as usize;
        if hands.waiting.range(..place).take(free).count() >= free {
            hands.waiting.insert(place, id);
            return false;
        }
        hands.waiting.remove(&place);
        hands.in_hand += 1;
        self.get_mut(id).has_place = true;
        true
    }

    /// Its client is done with an errand: the first one that waits is offered its place in this instant.
    pub fn free_place(&mut self, id: ErrandId, now: SimTime) {
        if !std::mem::take(&mut self.get_mut(id).has_place) {
            return;
        }
        let Some(client) = self.client(id) else { return };
        let hands = &mut self.hands[client.0 as usize];
        hands.in_hand -= 1;
        let mut waiting = hands.waiting.values().copied();
        if let Some(next) =
            waiting.find(|id| !self.errands[id.0 as usize].as_ref().is_some_and(|of| of.has_offer))
        {
            self.get_mut(next).has_offer = true;
            self.agree(next, now, Duty::Call);
        }
    }

    /// The row of an errand is closed.
    pub fn remove(&mut self, id: ErrandId) {
        self.errands[id.0 as usize] = None;
        self.unused.push(id.0);
    }

    /// Errands whose rows aren't closed, with what is known of them.
    pub fn left(&self) -> impl Iterator<Item = (ErrandId, &Errand<'a>)> {
        let places = (0..).map(ErrandId).zip(&self.errands);
        places.filter_map(|(id, errand)| errand.as_ref().map(|errand| (id, errand)))
    }

    /// A client will do something for an errand at some instant.
    pub fn agree(&mut self, id: ErrandId, at: SimTime, duty: Duty) {
        let errand = self.get(id);
        let key = EventKey::new(at, duty.class().into(), errand.key.rank());
        let appointment = Appointment { errand: id, serial: errand.serial, duty };
        self.agenda.push(key, appointment);
    }

    /// The key of what a client does next. What has become void neither happens nor moves the clock (R1.7).
    #[inline]
    pub fn peek(&mut self, cloud: &Cloud) -> Option<EventKey> {
        if self.agenda.pending() == 0 { None } else { self.next_live(cloud) }
    }

    fn next_live(&mut self, cloud: &Cloud) -> Option<EventKey> {
        loop {
            let (key, appointment) = self.agenda.peek()?;
            if self.is_live(appointment, cloud) {
                return Some(key);
            }
            self.agenda.pop();
        }
    }

    fn is_live(&self, appointment: &Appointment, cloud: &Cloud) -> bool {
        let Some(errand) = &self.errands[appointment.errand.0 as usize] else { return false };
        if errand.serial != appointment.serial {
            return false;
        }
        match (appointment.duty, errand.state) {
            // Its client is done with it, though the copy goes on.
            (Duty::TimeOut(_), _) if errand.timed_out.is_some() => false,
            // A copy that has started ends this patience for good, also when another one follows it (R8.2).
            (Duty::TimeOut(TimedOut::CancelIfWaiting), state) => {
                errand.failures == 0
                    && match state {
                        State::Copying(copy, _) => cloud.phase(copy) == Some(Phase::Waiting),
                        State::Unnoticed(row, _) | State::Retrying(row) => row.start.is_none(),
                        State::Calling => true,
                    }
            }
            _ => true,
        }
    }

    /// What [`Clients::peek`] announced.
    pub fn take(&mut self, cloud: &Cloud) -> Option<(ErrandId, Duty)> {
        self.peek(cloud)?;
        let (_, appointment) = self.agenda.pop()?;
        Some((appointment.errand, appointment.duty))
    }

    /// What has become void stays until its time; when it is most of all, it goes, so that memory is needed for what
    /// is unfinished only (R10.4).
    pub fn drop_void(&mut self, cloud: &Cloud) {
        const FEW: usize = 1024;
        if self.agenda.pending() > FEW + 3 * (self.errands.len() - self.unused.len()) {
            let mut agenda = std::mem::take(&mut self.agenda);
            agenda.retain(|_, appointment| self.is_live(appointment, cloud));
            self.agenda = agenda;
        }
    }
}
