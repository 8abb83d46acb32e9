//! Ends of running copies that were cancelled (R1.7, R10.4).

use copysim::cloud::{Answered, Cloud, Happened, Surroundings};
use copysim::ids::{AccountId, ImageId, Named, RegionId};
use copysim::service::facts::FaultHits;
use copysim::service::{CancelCopyImage, CancelSettings, Settings};
use copysim::time::{SimDuration, SimTime};
use copysim::transfer::{Fate, Work};

use crate::services::{call, given, settings};

fn at(seconds: u64) -> SimTime {
    SimTime::from_micros(seconds * 1_000_000).expect("a short time")
}

/// A cloud whose cancelled copies drain for so many seconds.
fn cloud(drain: u64) -> Cloud {
    let cancel = CancelSettings {
        queued_allowed: true,
        point_of_no_return: None,
        drain: SimDuration::from_seconds(drain),
    };
    Cloud::new(Settings { cancel, ..settings(2, 1) }, Surroundings::default())
}

/// A copy of so many seconds that starts at once; gives the image that it makes.
fn running(cloud: &mut Cloud, seconds: u64) -> ImageId {
    let source = cloud.put_image(given(0, None));
    let work = Work::Duration(SimDuration::from_seconds(seconds));
    let Ok(Answered::Accepted(view, product)) =
        cloud.copy_image(&call(source, 1, None), work, Fate::Completes)
    else {
        panic!("nothing is in the way");
    };
    cloud.forget_image(source);
    assert_eq!(cloud.next_start(), Some(view.id));
    cloud.start(view.id).expect("a short time");
    product
}

fn cancel(cloud: &mut Cloud, image: ImageId) {
    let call = CancelCopyImage {
        account: AccountId(0),
        region: Named::Known(RegionId(1)),
        image: Named::Known(image),
        faults: FaultHits::default(),
        past_return: false,
    };
    cloud.cancel(call).expect("a running copy can be cancelled");
}

/// The slot of the only region that copies start in is held by so many.
fn held(cloud: &Cloud) -> u32 {
    cloud.service().slots().iter().next().expect("it is there").held()
}

#[test]
fn r1_7_a_drain_that_ends_with_the_end_that_never_came_ends_once() {
    let mut cloud = cloud(60);
    let image = running(&mut cloud, 100);
    cloud.move_to(at(40));
    cancel(&mut cloud, image);
    let key = cloud.peek().expect("the drain ends");
    assert_eq!((key.at(), held(&cloud)), (at(100), 1));
    assert!(matches!(cloud.advance(key), Happened::DrainEnded { .. }));
    assert_eq!((cloud.peek(), held(&cloud)), (None, 0));
}

#[test]
fn r1_7_an_end_that_never_comes_moves_no_clock() {
    let mut cloud = cloud(0);
    let image = running(&mut cloud, 100);
    cloud.move_to(at(40));
    cancel(&mut cloud, image);
    assert_eq!((cloud.peek(), held(&cloud)), (None, 0));
}

/// One copy after the other is cancelled long before its end: those that are due later keep theirs.
#[test]
fn r10_4_many_cancelled_copies_leave_those_that_run() {
    for drain in [0, 1] {
        let mut cloud = cloud(drain);
        for second in 1..5_000 {
            let image = running(&mut cloud, 1_000_000);
            cloud.move_to(at(2 * second));
            cancel(&mut cloud, image);
            if let Some(key) = cloud.peek() {
                assert_eq!(key.at(), at(2 * second + 1), "the drain ends next");
                cloud.advance(key);
            }
        }
        let image = running(&mut cloud, 7);
        let now = cloud.now();
        let key = cloud.peek().expect("it ends");
        assert_eq!(Some(key.at()), now.checked_add(SimDuration::from_seconds(7)));
        assert!(matches!(cloud.advance(key), Happened::Completed(_)) && cloud.is_available(image));
        assert_eq!(cloud.peek(), None);
    }
}
