//! Calls against random states of the service: what is refused, replayed or only tried leaves no trace
//! (R7.1, R7.3, R7.4), and calls are counted whatever their answer (R7.2).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use copysim::ids::{
    AccountId, CopyId, DetailsId, ImageId, NameId, Named, RegionId, RequestKey, Token, UserId,
};
use copysim::service::codes::Code;
use copysim::service::facts::FaultHits;
use copysim::service::{
    Answer, Caller, CancelCopyImage, CopyImage, DeleteImage, Parameters, Refusal, Service, Settings,
    WrittenName,
};
use copysim::time::{SimDuration, SimTime};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::contract_worlds::{Ask, Step, World, ask, at, step, world};

/// A token with whose it is, and what binds it.
type Bound = BTreeMap<(AccountId, RegionId, Token), (SimTime, CopyImage, ImageId)>;

/// A service in a state, and what it must remember of tokens.
struct Played {
    service: Service,
    now: SimTime,
    given: Vec<ImageId>,
    products: Vec<(ImageId, RegionId)>,
    running: Vec<CopyId>,
    bound: Bound,
    asked: u64,
}

impl Played {
    fn new(world: &World) -> Self {
        let mut service = Service::new(world.settings.clone());
        let given = world.images.iter().map(|image| service.put_image(*image)).collect();
        let now = SimTime::ZERO;
        let (products, running) = (Vec::new(), Vec::new());
        Self { service, now, given, products, running, bound: Bound::new(), asked: 0 }
    }

    fn call(&mut self, ask: &Ask) -> CopyImage {
        self.asked += 1;
        let products = self.products.iter().map(|(image, _)| *image);
        let images: Vec<ImageId> = self.given.iter().copied().chain(products).collect();
        // Beyond those that there are, an unknown one.
        let image = images.get(ask.image).copied();
        let home = image.and_then(|image| self.service.images().get(image)).map(|image| image.region);
        let named =
            |region: Option<u32>| region.map_or(Named::Unknown, |region| Named::Known(RegionId(region)));
        let user = ask.is_user.then_some(UserId(0));
        let mut hits = FaultHits::default();
        ask.faults.iter().for_each(|fault| hits.add(*fault));
        CopyImage {
            request: RequestKey::from_rank(self.asked),
            attempt: 1,
            caller: ask.account.map(|account| Caller { account: AccountId(account), user }),
            image: image.map_or(Named::Unknown, Named::Known),
            from: ask.from.map_or(Named::Known(home.unwrap_or(RegionId(0))), named),
            to: named(ask.to),
            parameters: Parameters {
                has_destination: true,
                name: ask.name.map(|(id, is_malformed)| WrittenName { id: NameId(id), is_malformed }),
                encrypted: ask.encrypted,
                details: ask.details.map(DetailsId),
            },
            token: ask.token.map(|token| Token([token, 0])),
            dry_run: ask.dry_run,
            faults: hits,
            cancellable: true,
            priority: 0,
            keep_product: true,
        }
    }

    /// Makes a call and gives the code of a refusal.
    fn make(&mut self, call: &CopyImage) -> Option<Code> {
        let before = self.service.clone();
        let answer = self.service.check_copy(self.now, call);
        self.service.note_call(self.now, call);
        assert!(self.service == before, "{call:?} changed the service before it was accepted");
        self.check_token(call, &answer);
        match answer {
            Ok(Answer::Admitted(admission)) => {
                assert!(!call.dry_run);
                let (_, product) = self.service.commit_copy(self.now, &admission);
                let to = call.to.known().expect("a call that is accepted names a region");
                self.products.push((product, to));
                self.bind(call, product);
                None
            }
            Ok(Answer::Replayed { .. }) => None,
            Err(refusal) => Some(refusal.code),
        }
    }

    fn key(call: &CopyImage) -> Option<(AccountId, RegionId, Token)> {
        Some((call.account()?, call.from.known()?, call.token?)).filter(|_| !call.dry_run)
    }

    fn bind(&mut self, call: &CopyImage, product: ImageId) {
        let life = self.service.settings().token_life;
        if let Some(key) = Self::key(call) {
            let until = self.now.checked_add(life).expect("a small time");
            self.bound.insert(key, (until, *call, product));
        }
    }

    /// A bound token replays an equal call and refuses another one, unless the call is malformed; a token
    /// that isn't bound does neither.
    fn check_token(&self, call: &CopyImage, answer: &Result<Answer, Refusal>) {
        let bound =
            Self::key(call).and_then(|key| self.bound.get(&key)).filter(|(until, ..)| self.now < *until);
        let is_replayed = matches!(answer, Ok(Answer::Replayed { .. }));
        let code = answer.as_ref().err().map(|refusal| refusal.code);
        let Some((_, first, product)) = bound else {
            assert!(!is_replayed && code != Some(Code::IdempotentParameterMismatch), "{call:?}");
            return;
        };
        let is_same = (call.image, call.to, call.parameters) == (first.image, first.to, first.parameters);
        match answer {
            Ok(Answer::Replayed { request, product: again, .. }) => {
                assert!(is_same && (request, again) == (&first.request, product), "{call:?}");
            }
            Ok(Answer::Admitted(_)) => panic!("{call:?} is accepted under a bound token"),
            Err(_) if is_same => panic!("an accepted call can't be malformed the second time: {call:?}"),
            // The form is looked at before the token.
            Err(refusal) => {
                assert!(refusal.code <= Code::IdempotentParameterMismatch, "{call:?}: {refusal:?}")
            }
        }
    }

    fn take(&mut self, step: &Step, met: &mut BTreeSet<Code>) {
        match step {
            Step::Call(ask) => {
                let call = self.call(ask);
                met.extend(self.make(&call));
            }
            Step::StartAll => {
                while let Some(copy) = self.service.next_start() {
                    self.service.start(copy);
                    self.running.push(copy);
                }
            }
            Step::EndOldest { fails } if !self.running.is_empty() => {
                let oldest = self.running.remove(0);
                if *fails { self.service.fail(oldest) } else { self.service.complete(oldest) }
            }
            Step::EndOldest { .. } => {}
            Step::Cancel(product) => self.cancel(*product),
            Step::Delete(product) => self.delete(*product),
            Step::Wait(seconds) => {
                self.now = self.now.checked_add(SimDuration::from_seconds(*seconds)).expect("a small time");
                // Tokens whose life is over are forgotten with the next call, whoever makes it.
                let nobody = CopyImage { caller: None, ..self.call(&NOBODY) };
                self.service.note_call(self.now, &nobody);
            }
        }
        assert_eq!(self.service.audit(), Ok(()));
    }

    /// Of one of the products, by their owners; a refused one changes nothing.
    fn cancel(&mut self, product: usize) {
        let Some((image, region)) = self.pick(product) else { return };
        let account = self.owner(image);
        let call = CancelCopyImage {
            account,
            region: Named::Known(region),
            image: Named::Known(image),
            faults: FaultHits::default(),
            past_return: false,
        };
        let before = self.service.clone();
        match self.service.check_cancel(self.now, &call) {
            Ok(copy) => {
                self.service.commit_cancel(copy);
                self.running.retain(|running| *running != copy);
            }
            Err(_) => assert!(self.service == before),
        }
    }

    fn delete(&mut self, product: usize) {
        let Some((image, region)) = self.pick(product) else { return };
        let call = DeleteImage {
            account: self.owner(image),
            region: Named::Known(region),
            image: Named::Known(image),
        };
        let before = self.service.clone();
        match self.service.check_delete(self.now, &call) {
            Ok(image) => self.service.commit_delete(image),
            Err(_) => assert!(self.service == before),
        }
    }

    fn pick(&self, product: usize) -> Option<(ImageId, RegionId)> {
        (!self.products.is_empty()).then(|| self.products[product % self.products.len()])
    }

    /// Of one that is gone anybody.
    fn owner(&self, image: ImageId) -> AccountId {
        self.service.images().get(image).and_then(|image| image.owner).unwrap_or(AccountId(0))
    }
}

const NOBODY: Ask = Ask {
    account: None,
    is_user: false,
    image: 0,
    from: None,
    to: None,
    name: None,
    encrypted: None,
    details: None,
    token: None,
    dry_run: false,
    faults: Vec::new(),
};

/// Plays on random input that is the same in every run.
fn on_all<S: Strategy>(cases: u32, input: &S, test: impl Fn(S::Value)) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(input, |value| {
        test(value);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn r7_1_r7_3_r7_4_a_call_that_is_not_accepted_changes_nothing() {
    let met = RefCell::new(BTreeSet::new());
    on_all(2_000, &(world(), prop::collection::vec(step(), 1..60)), |(world, steps)| {
        let mut played = Played::new(&world);
        steps.iter().for_each(|step| played.take(step, &mut met.borrow_mut()));
    });
    // All that there are met, but for the rate limit, which is off.
    let copy_image = copysim::service::checks::COPY_IMAGE.iter().map(|check| check.code);
    let missing: Vec<Code> = copy_image.filter(|code| !met.borrow().contains(code)).collect();
    assert_eq!(missing, [Code::ThrottlingUser]);
}

#[test]
fn r7_2_calls_are_counted_whatever_their_answer() {
    let calls = (ask(), prop::sample::select(vec![0_u64, 0, 0, 0, 1, 30, 59, 60]));
    let input = (world(), 0_u32..4, prop::collection::vec(calls, 1..60));
    on_all(500, &input, |(world, limit, calls)| {
        let settings = Settings { rate_limit: Some(limit), ..world.settings.clone() };
        let mut played = Played::new(&World { settings, ..world });
        let mut counts: BTreeMap<(AccountId, Named<RegionId>, u64), u32> = BTreeMap::new();
        let mut now = 0;
        for (ask, wait) in calls {
            now += wait;
            played.now = at(now);
            let call = played.call(&ask);
            let answer = played.service.check_copy(played.now, &call);
            played.service.note_call(played.now, &call);
            let code = answer.as_ref().err().map(|refusal| refusal.code);
            let Some(account) = call.account() else {
                assert_eq!(code, Some(Code::InvalidAliUidIsNull));
                continue;
            };
            let made = counts.entry((account, call.from, now / 60)).or_default();
            assert_eq!(code == Some(Code::ThrottlingUser), *made >= limit, "{made} made, {call:?}");
            *made += 1;
            if let Ok(Answer::Admitted(admission)) = answer {
                played.service.commit_copy(played.now, &admission);
            }
        }
    });
}
