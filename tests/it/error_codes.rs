//! The tables of checks against the list of the vendor's codes, row by row (R7.1).

use std::collections::BTreeSet;

use copysim::records::History;
use copysim::service::checks::{CANCEL_COPY_IMAGE, COPY_IMAGE, DELETE_IMAGE};
use copysim::service::codes::Code;
use serde_json::{Value, json};

use crate::scenes::Scene;

const CODES: &str = include_str!("../data/error_codes.csv");

/// The rows of an operation, as `(status, code)`.
fn rows(operation: &str) -> Vec<(u16, &'static str)> {
    let row = |line: &'static str| {
        let mut cells = line.split(',');
        let (of, status, code) = (cells.next()?, cells.next()?, cells.next()?);
        (of == operation).then(|| (status.parse().expect("a status is a number"), code))
    };
    CODES.lines().skip(1).filter_map(row).collect()
}

/// Whether the codes stand in this order among the rows of their operation.
fn assert_in_order(operation: &str, codes: impl IntoIterator<Item = Code>) {
    let rows = rows(operation);
    let mut rest = rows.iter();
    for code in codes {
        let row = (code.http_status(), code.literal());
        assert!(
            rest.any(|other| *other == row),
            "{operation}: {row:?} is missing or out of order in {rows:?}"
        );
    }
}

#[test]
fn r7_1_checks_run_in_the_order_of_the_list() {
    assert_eq!(
        [rows("CopyImage").len(), rows("CancelCopyImage").len(), rows("DeleteImage").len()],
        [54, 6, 3]
    );
    assert_in_order("CopyImage", COPY_IMAGE.iter().map(|check| check.code));
    assert_in_order("CancelCopyImage", CANCEL_COPY_IMAGE.iter().map(|check| check.code));
    assert_in_order("DeleteImage", DELETE_IMAGE.iter().map(|check| check.code));
}

#[test]
fn r7_1_every_code_is_in_the_list_and_in_a_table() {
    let listed: BTreeSet<(u16, &str)> =
        ["CopyImage", "CancelCopyImage", "DeleteImage"].into_iter().flat_map(rows).collect();
    let checked: BTreeSet<Code> = COPY_IMAGE
        .iter()
        .map(|check| check.code)
        .chain(CANCEL_COPY_IMAGE.iter().map(|check| check.code))
        .chain(DELETE_IMAGE.iter().map(|check| check.code))
        .collect();
    for code in Code::ALL {
        assert!(listed.contains(&(code.http_status(), code.literal())), "{code:?}");
        assert!(checked.contains(&code), "{code:?}");
    }
    assert_eq!(Code::ALL.iter().collect::<BTreeSet<_>>().len(), Code::ALL.len());
}

/// A scene in which the call `x` gets each code.
fn scene_for(code: Code) -> Scene {
    let nowhere = || json!({ "literal": "nowhere" });
    let unknown = || json!({ "literal": "m-none" });
    let base = Scene::lane(1).copy_with("a", 0, json!({ "name": "golden" })).image("os");
    let copy = |scene: Scene, body: Value| scene.copy_with("x", 10, body);
    match code {
        Code::SourceRegionNotFound => copy(base, json!({ "image": "os", "from": nowhere() })),
        Code::DestinationRegionNotFound => copy(base, json!({ "image": "os", "to": nowhere() })),
        Code::InvalidRegionIdNotFound => {
            base.request("cancel", json!({ "id": "x", "at": "10s", "copy": "a", "region": nowhere() }))
        }
        Code::InvalidImageIdNotFound => copy(base, json!({ "image": unknown(), "from": "a" })),
        Code::IncorrectDestinationRegion => copy(base, json!({ "image": "os", "to": "a" })),
        Code::OperationDeniedImageCopying => copy(base, json!({ "image": { "product_of": "a" }, "to": "s" })),
        Code::ImageCreatedNotFromCopy => {
            base.request("cancel", json!({ "id": "x", "at": "10s", "image": "os" }))
        }
        Code::IncorrectImageStatus => base.cancel("x", 601, "a"),
        Code::CancelNotSupported => base.set("service.cancel.point_of_no_return", 0.01).cancel("x", 10, "a"),
        Code::InvalidOperationConflict => {
            copy(base.set("service.request_lock", "60s"), json!({ "image": "a", "to": "s" }))
        }
        Code::InvalidImageNameDuplicated => copy(base, json!({ "image": "os", "name": "golden" })),
        Code::OperationDeniedImageCopyConflict => copy(base, json!({ "image": "a" })),
        Code::ResourceLimitExceeded => {
            copy(base.set("service.over_limit", "reject"), json!({ "image": "os" }))
        }
    }
}

fn refused(what: &History) -> Option<&'static str> {
    match what {
        History::CopyRefused { refused, .. }
        | History::CancelRefused { refused, .. }
        | History::DeleteRefused { refused, .. } => Some(refused.refusal.code.literal()),
        _ => None,
    }
}

#[test]
fn r7_1_every_code_can_be_produced() {
    for code in Code::ALL {
        let scene = scene_for(code);
        let ran = scene.run();
        let codes: Vec<&str> = ran.observed.history.iter().filter_map(|(_, what)| refused(what)).collect();
        assert_eq!(codes, [code.literal()], "{}", scene.text());
    }
}

/// The rows of cancel and delete that share a code with another operation.
#[test]
fn r7_1_shared_codes_are_answered_by_each_operation() {
    let run = |kind: &str, body: Value| {
        let mut body = body;
        body["id"] = "x".into();
        let scene = Scene::lane(1).copy("a", 0, 600).copy("b", 0, 600).request(kind, body);
        scene.run().answer("x")
    };
    let nowhere = json!({ "at": "5s", "copy": "a", "region": { "literal": "nowhere" } });
    let unknown = json!({ "at": "5s", "image": { "literal": "m-none" }, "region": "r" });
    for kind in ["cancel", "delete"] {
        assert_eq!(run(kind, nowhere.clone()), "InvalidRegionId.NotFound");
        assert_eq!(run(kind, unknown.clone()), "InvalidImageId.NotFound");
    }
    for held in [
        json!({ "at": "5s", "copy": "a" }),
        json!({ "at": "5s", "image": "a" }),
        json!({ "at": "5s", "copy": "b" }),
    ] {
        assert_eq!(run("delete", held), "OperationDenied.ImageCopying");
    }
    let failed = Scene::lane(1).copy_with("f", 0, json!({ "fail": { "after": "5s" } }));
    let on = json!({ "image": { "product_of": "f" }, "to": "s" });
    assert_eq!(failed.copy_with("x", 5, on).run().answer("x@s"), "IncorrectImageStatus");
}
