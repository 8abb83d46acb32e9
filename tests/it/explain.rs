//! `copysim explain`: the life line of one copy, held against waits worked out by hand.

use copysim::output::Explainer;
use copysim::simulation::run;
use serde_json::json;

use crate::scenes::{Scene, secs};
use crate::support::read;

/// The life line without the blanks that align it.
fn lines(scene: &Scene, label: &str) -> Vec<String> {
    let scenario = read(&scene.text());
    let mut explainer = Explainer::new(label, &scenario);
    let end = run(&scenario.model, &mut explainer, true).unwrap();
    let text = explainer.finish(end.at).unwrap_or_else(|error| panic!("{error:?}")).to_string();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).filter(|line| !line.is_empty()).collect()
}

#[test]
fn holders_are_those_that_overlap_the_wait() {
    // Two slots, six copies of 10 minutes at once: the fifth and sixth start at 20 minutes, in this order.
    let scene = Scene::lane(2).copies("c", 1..=6, 0, 600);
    assert_eq!(
        lines(&scene, "c6@r"),
        [
            "c6@r c6 a -> r 1GiB",
            "0s accepted; 2 of 2 slots of a taken, 3 waiting before it",
            "20m started after waiting 20m",
            "30m available after running 10m",
            "while it waited 20m, slots were held by",
            "c1@r 0s to 10m",
            "c2@r 0s to 10m",
            "c3@r 10m to 20m",
            "c4@r 10m to 20m",
            "started with it, ahead in the queue: c5@r",
        ]
    );
    assert!(!lines(&scene, "c5@r").iter().any(|line| line.starts_with("started with it")));
}

#[test]
fn free_slots_are_promised_to_those_that_wait_before() {
    let scene = Scene::lane(5).copies("c", 1..=9, 0, 600).copy("late", 60, 600);
    for (label, words) in [
        ("c1@r", "0s accepted; 0 of 5 slots of a taken, 0 waiting before it"),
        ("c5@r", "0s accepted; 4 of 5 slots of a taken, 0 waiting before it"),
        ("c6@r", "0s accepted; 5 of 5 slots of a taken, 0 waiting before it"),
        ("c9@r", "0s accepted; 5 of 5 slots of a taken, 3 waiting before it"),
        ("late@r", "1m accepted; 5 of 5 slots of a taken, 4 waiting before it"),
    ] {
        assert_eq!(lines(&scene, label)[1], words);
    }
    // A lower cap interrupts nobody: two still run.
    let scene =
        Scene::lane(2).caps("a", &[(30, 0), (900, 2)]).copies("c", 1..=3, 0, 600).copy("late", 60, 60);
    assert_eq!(lines(&scene, "late@r")[1], "1m accepted; 2 of 0 slots of a taken, 1 waiting before it");
}

#[test]
fn cap_changes_are_told_while_it_waits() {
    // The cap is 0 from the start to 100 s; the change at 500 s comes after the start, that of `b` is another's.
    let scene = Scene::lane(0).caps("a", &[(50, 0), (100, 1), (500, 3)]).caps("b", &[(60, 4)]);
    let scene = scene.copy("x", 10, 600);
    assert_eq!(
        lines(&scene, "x@r")[1..],
        [
            "10s accepted; 0 of 0 slots of a taken, 0 waiting before it",
            "1m 40s the cap of a is now 1",
            "1m 40s started after waiting 1m 30s",
            "11m 40s available after running 10m",
            "it waited 1m 30s and nobody held a slot: the cap was 0",
        ]
    );
}

#[test]
fn a_link_with_a_cap_of_its_own_has_no_share_in_cap_changes() {
    let links = json!([{ "from": "a", "to": "r", "cap": 1 }]);
    let scene =
        Scene::lane(2).set("service.cap_scope", "pair").set("links", links).caps("a", &[(60, 1), (120, 3)]);
    let scene = scene.copies("c", 1..=2, 0, 600);
    assert!(
        !lines(&scene, "c2@r").iter().any(|line| line.contains("the cap of")),
        "{:?}",
        lines(&scene, "c2@r")
    );
    let others = Scene::lane(1).set("service.cap_scope", "pair").caps("a", &[(60, 0), (900, 1)]);
    assert_eq!(
        lines(&others.copies("c", 1..=2, 0, 600), "c2@r")[1..5],
        [
            "0s accepted; 1 of 1 slots of a>r taken, 0 waiting before it",
            "1m the cap of a>r is now 0",
            "15m the cap of a>r is now 1",
            "15m started after waiting 15m",
        ]
    );
}

#[test]
fn a_relay_says_what_it_waits_for_and_a_skipped_copy_what_was_lost() {
    let scene =
        Scene::lane(5).copy("first", 0, 600).copy_with("fails", 0, json!({ "fail": { "after": "5m" } }));
    let scene =
        scene.copy_with("relay", 0, json!({ "after": ["first@r", "first"], "delay": "2m", "to": "s" }));
    let scene = scene.copy_with("child", 0, json!({ "after": "fails", "to": "s" }));
    let scene = scene.copy_with("grandchild", 3600, json!({ "after": "child", "to": "t" }));
    let relay = lines(&scene, "relay@s");
    assert!(relay[0].ends_with(" after first@r and first, 2m later"), "{relay:?}");
    assert_eq!(
        relay[1..3],
        [
            "0s waits for first@r and first, 2m later",
            "12m accepted; 0 of 1000000 slots of r taken, 0 waiting before it"
        ]
    );
    let lost = "5m skipped: it waits for fails@r, which was refused, failed or was cancelled, or its client gave up on it";
    assert_eq!(lines(&scene, "child@s")[1..], ["0s waits for fails", lost]);
    let grandchild = lines(&scene, "grandchild@t");
    assert!(grandchild[0].ends_with(" after child, not before 1h"), "{grandchild:?}");
    assert_eq!(grandchild[2], lost);
}

#[test]
fn of_many_copies_that_a_relay_waits_for_four_are_named() {
    let scene = Scene::lane(9).copies("c", 1..=6, 0, 600);
    let after: Vec<String> = (1..=6).map(|number| format!("c{number}")).collect();
    let relay = lines(&scene.copy_with("relay", 0, json!({ "after": after, "image": "c1" })), "relay@r");
    assert_eq!(relay[1], "0s waits for c1 and c2 and c3 and c4 and 2 more");
}

#[test]
fn a_cancel_is_called_by_its_entry() {
    let scene = Scene::lane(1).image("os").copies("c", 1..=2, 0, 600);
    let scene = scene.request("cancel", json!({ "at": secs(60), "copy": "c2" }));
    assert!(lines(&scene, "c2@r").contains(
        &"1m cancelled while waiting, by the cancel `cancel-1` (the first without an id)".to_owned()
    ));
    let wide = scene.copy_with("wide", 120, json!({ "image": "os", "to": ["r", "s", "t"] }));
    let wide = wide.request("cancel", json!({ "at": secs(180), "copy": "wide" }));
    assert!(lines(&wide, "wide@t").contains(
        &"3m cancelled while waiting, by the cancel `cancel-2` (the second without an id)".to_owned()
    ));
}

#[test]
fn a_cancel_with_an_id_is_called_by_it() {
    let scene = Scene::lane(1).copies("c", 1..=2, 0, 600);
    let scene = scene.request("cancel", json!({ "id": "stop", "at": secs(60), "copy": "c2" }));
    assert!(lines(&scene, "c2@r").contains(&"1m cancelled while waiting, by `stop`".to_owned()));
}

#[test]
fn an_unnamed_request_says_where_its_name_comes_from() {
    let copy = json!({ "image": "os", "to": "r", "duration": "10m" });
    let scene = Scene::lane(1).image("os").copy("named", 0, 600).request("copy", copy);
    assert_eq!(lines(&scene, "copy-1@r")[1], "copy-1 is the first copy without an id");
    assert!(!lines(&scene, "named@r").iter().any(|line| line.contains("without an id")));
}
