//! The tables of checks against the list of the vendor's codes, row by row (R7.1).

use std::collections::BTreeSet;

use copysim::service::checks::{CANCEL_COPY_IMAGE, COPY_IMAGE, Check, DELETE_IMAGE};
use copysim::service::codes::Code;
use serde_json::{Value, json};

use crate::scenes::Scene;

const CODES: &str = include_str!("../data/error_codes.csv");

/// The rows of an operation, as `(stage, status, code)`.
pub fn rows(operation: &str) -> Vec<(&'static str, u16, &'static str)> {
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.splitn(5, ',').collect();
        let [of, status, code, stage, _] = cells[..] else { panic!("five cells: {line}") };
        (of == operation).then(|| (stage, status.parse().expect("a status is a number"), code))
    };
    CODES.lines().skip(1).filter_map(row).collect()
}

#[test]
fn r7_1_the_tables_are_the_rows_of_the_list_in_their_order() {
    let table = |checks: &[Check]| -> Vec<_> {
        let row = |check: &Check| (check.stage.name(), check.code.http_status(), check.code.literal());
        checks.iter().map(row).collect()
    };
    assert_eq!(table(COPY_IMAGE), rows("CopyImage"));
    assert_eq!(table(CANCEL_COPY_IMAGE), rows("CancelCopyImage"));
    assert_eq!(table(DELETE_IMAGE), rows("DeleteImage"));
    assert_eq!([COPY_IMAGE.len(), CANCEL_COPY_IMAGE.len(), DELETE_IMAGE.len()], [54, 6, 3]);
    for checks in [COPY_IMAGE, CANCEL_COPY_IMAGE, DELETE_IMAGE] {
        assert!(checks.is_sorted_by_key(|check| check.stage), "stages are decided in their order");
    }
}

#[test]
fn r7_1_every_code_is_in_a_table_and_has_one_spelling() {
    let tables = [COPY_IMAGE, CANCEL_COPY_IMAGE, DELETE_IMAGE];
    let checked: BTreeSet<Code> = tables.into_iter().flatten().map(|check| check.code).collect();
    assert_eq!(checked, Code::ALL.iter().copied().collect());
    for code in Code::ALL {
        assert_eq!(Code::of_literal(code.literal()), Some(*code));
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
