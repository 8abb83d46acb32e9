//! DescribeImages, as a client that polls sees a copy (R3.1, R3.5).

use std::sync::Arc;

use copysim::cloud::{Answered, Cloud, Surroundings};
use copysim::ids::{AccountId, FactsId, ImageId, NameId, RegionId};
use copysim::quantity::Bytes;
use copysim::service::facts::{Facts, ImageFacts};
use copysim::service::{DescribeImages, GivenImage, ImageStatus, Settings};
use copysim::time::{SimDuration, SimTime};
use copysim::transfer::{Fate, Work};

use crate::services::{call, given, settings};

const ALL: &[ImageStatus] = &[
    ImageStatus::Creating,
    ImageStatus::Waiting,
    ImageStatus::Available,
    ImageStatus::UnAvailable,
    ImageStatus::CreateFailed,
    ImageStatus::Deprecated,
];

fn at(seconds: u64) -> SimTime {
    SimTime::from_micros(seconds * 1_000_000).expect("a short time")
}

fn in_region(region: u32) -> DescribeImages<'static> {
    DescribeImages {
        account: AccountId(0),
        region: RegionId(region),
        image: None,
        name: None,
        statuses: None,
    }
}

/// Lets everything happen that is due by then.
fn play(cloud: &mut Cloud, until: SimTime) {
    loop {
        let next = cloud.peek();
        if next.is_none_or(|key| key.at() > cloud.now())
            && let Some(id) = cloud.next_start()
        {
            cloud.start(id).expect("a short time");
            continue;
        }
        let Some(key) = next.filter(|key| key.at() <= until) else { break };
        cloud.advance(key);
    }
    cloud.move_to(until);
}

fn copy(cloud: &mut Cloud, image: ImageId, name: Option<u32>, fate: Fate) -> ImageId {
    let work = Work::Duration(SimDuration::from_seconds(600));
    match cloud.copy_image(&call(image, 1, name), work, fate) {
        Ok(Answered::Accepted(_, product)) => product,
        other => panic!("nothing is in the way: {other:?}"),
    }
}

fn seen(cloud: &Cloud, call: &DescribeImages<'_>) -> Vec<(ImageId, &'static str, u8)> {
    let images = cloud.describe_images(call);
    images.into_iter().map(|image| (image.id, image.status.name(), image.progress)).collect()
}

#[test]
fn without_a_filter_a_copy_in_progress_is_not_seen() {
    let mut cloud = Cloud::new(settings(2, 1), Surroundings::default());
    let sources = [0, 1].map(|_| cloud.put_image(given(0, None)));
    let first = copy(&mut cloud, sources[0], Some(7), Fate::Completes);
    let second = copy(&mut cloud, sources[1], None, Fate::FailsAfter(SimDuration::from_seconds(300)));
    let by_id = |image| DescribeImages { image: Some(image), ..in_region(1) };
    let with_all = |call: DescribeImages<'static>| DescribeImages { statuses: Some(ALL), ..call };
    play(&mut cloud, at(0));
    assert_eq!(seen(&cloud, &in_region(1)), []);
    assert_eq!(seen(&cloud, &by_id(first)), [], "not even by its id");
    assert_eq!(seen(&cloud, &with_all(in_region(1))), [(first, "Creating", 0), (second, "Waiting", 0)]);
    // 299.999 of 600 seconds are 49.99 %, rounded down.
    play(&mut cloud, SimTime::from_micros(299_999_000).unwrap());
    assert_eq!(seen(&cloud, &with_all(by_id(first))), [(first, "Creating", 49)]);
    let waiting = DescribeImages { statuses: Some(&[ImageStatus::Waiting]), ..in_region(1) };
    assert_eq!(seen(&cloud, &waiting), [(second, "Waiting", 0)]);
    play(&mut cloud, at(600));
    assert_eq!(seen(&cloud, &in_region(1)), [(first, "Available", 100)]);
    play(&mut cloud, at(900));
    assert_eq!(seen(&cloud, &in_region(1)), [(first, "Available", 100)]);
    assert_eq!(seen(&cloud, &with_all(by_id(second))), [(second, "CreateFailed", 0)]);
    let by_name = DescribeImages { name: Some(NameId(7)), ..in_region(1) };
    assert_eq!(seen(&cloud, &by_name), [(first, "Available", 100)]);
    assert_eq!(seen(&cloud, &DescribeImages { name: Some(NameId(8)), ..by_name }), []);
}

/// The seven copies of a lane of five that a client asks about at 1, 601 and 1201 seconds.
#[test]
fn field_case_07_states_of_seven_copies() {
    let mut cloud = Cloud::new(settings(2, 5), Surroundings::default());
    for _ in 0..7 {
        let source = cloud.put_image(given(0, None));
        copy(&mut cloud, source, None, Fate::Completes);
    }
    let mut counts = |seconds| {
        play(&mut cloud, at(seconds));
        let images = cloud.describe_images(&DescribeImages { statuses: Some(ALL), ..in_region(1) });
        let count = |status| images.iter().filter(|image| image.status == status).count();
        [ImageStatus::Creating, ImageStatus::Waiting, ImageStatus::Available].map(count)
    };
    assert_eq!([counts(1), counts(601), counts(1201)], [[5, 2, 0], [2, 0, 5], [0, 0, 7]]);
}

#[test]
fn r1_9_a_given_image_is_seen_with_its_status_of_that_time() {
    let statuses = vec![
        (at(0), ImageStatus::Creating),
        (at(60), ImageStatus::Available),
        (at(90), ImageStatus::Deprecated),
    ];
    let facts = Facts { images: vec![ImageFacts { statuses, ..ImageFacts::default() }], ..Facts::default() };
    let settings = Settings { facts: Arc::new(facts), ..settings(2, 5) };
    let mut cloud = Cloud::new(settings, Surroundings::default());
    let image = GivenImage { facts: Some(FactsId(0)), size: Some(Bytes(1)), ..given(0, None) };
    let id = cloud.put_image(image);
    let mut shown = |seconds| {
        play(&mut cloud, at(seconds));
        !cloud.describe_images(&in_region(0)).is_empty()
    };
    assert_eq!([shown(0), shown(59), shown(60), shown(89), shown(90)], [false, false, true, true, false]);
    let with_all = DescribeImages { image: Some(id), statuses: Some(ALL), ..in_region(0) };
    assert_eq!(seen(&cloud, &with_all), [(id, "Deprecated", 100)]);
    for other in [
        DescribeImages { account: AccountId(1), ..with_all },
        DescribeImages { region: RegionId(1), ..with_all },
    ] {
        assert_eq!(seen(&cloud, &other), [], "it is another's, or elsewhere");
    }
}
