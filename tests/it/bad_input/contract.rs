//! Mistakes in what a scenario says of accounts, keys, regions, images, faults and the parameters of calls.

use super::{assert_faults, copy, images, regions, requests, top};

#[test]
fn accounts_keys_and_groups() {
    assert_faults(&[
        (
            top(r#""accounts": { "a": { "overdue": [{ "from": "2h", "until": «"2h"» }] } }"#),
            "this span of time is empty",
            "let `until` be after `from`",
        ),
        (
            top(r#""accounts": { "a": { "default_encryption": ["cn", «"eu-*"»] } }"#),
            "no region matches `eu-*`",
            "known regions",
        ),
        (
            top(r#""accounts": { "a": { "users": { "ci": { "images": [«"wep"»] } } } }"#),
            "there is no image `wep`",
            "did you mean `web`?",
        ),
        (
            top(r#""accounts": { "a": { "users": { "ci": { "resource_groups": [«"prod"»] } } } }"#),
            "there is no resource group `prod`",
            "known resource_groups: `default`",
        ),
        (top(r#""kms_keys": { "k": { "regions": «"mars"» } }"#), "no region matches `mars`", "known regions"),
        (top(r#""kms_keys": { "k": { "state": «"on"» } }"#), "unknown choice `on`", "`enabled`"),
        (
            top(r#""resource_groups": { «"default"»: {} }"#),
            "there always is a group `default`",
            "leave it out",
        ),
    ]);
}

#[test]
fn regions_links_and_settings() {
    assert_faults(&[
        (regions(r#"{ "cn": { "accepts_from": [«"us-*"»] } }"#), "no region matches `us-*`", "known regions"),
        (
            regions(r#"{ "cn": { "encrypt_algorithms": ["aes-256", «"rot13"»] } }"#),
            "there is no algorithm `rot13`",
            "known algorithms: `aes-256`, `sm4-128`",
        ),
        (top(r#""service": { "rate_limit": «"none"» }"#), "`none` is no rate limit", "or \"off\""),
        (top(r#""service": { "rate_limit": «5000000000» }"#), "more than a limit can be", "\"off\""),
        (top(r#""service": { "encrypt_algorithms": ["aes", «"aes"»] }"#), "is named twice", "leave one"),
        (top(r#""service": { "encrypt_algorithms": [«""»] }"#), "can't be a name here", "use letters"),
        (top(r#""service": { "token_life": «"1 day"» }"#), "unit", "write"),
        (top(r#""service": { "images_quota": «-1» }"#), "`-1` is out of range", "from 0"),
    ]);
}

#[test]
fn images_of_other_kinds() {
    assert_faults(&[
        (
            images(r#""x": { "region": "cn", "owner": "shared", "account": «"default"» }"#),
            "an image of somebody else has no `account` here",
            "leave `account` out",
        ),
        (
            images(r#""x": { "region": "cn", "owner": "community", "name": «"nn"» }"#),
            "an image of somebody else has no `name` here",
            "leave `name` out",
        ),
        (
            images(r#""x": { "region": "cn", "owner": "community", "shared_with": [«"default"»] }"#),
            "everybody sees this image",
            "leave `shared_with` out",
        ),
        (
            images(r#""x": { "region": "cn", "shared_with": [«"b"»] }"#),
            "there is no account `b`",
            "known accounts",
        ),
        (
            images(r#""x": { "region": "cn", "owner": { "marketplace": { "published": «"eu"» } } }"#),
            "no region matches `eu`",
            "known regions",
        ),
        (
            images(r#""x": { "region": "cn", "disks": «0» }"#),
            "an image has a disk at least",
            "write at least 1",
        ),
        (
            images(r#""x": { "region": "cn", "snapshots": «[]» }"#),
            "an image has a disk at least",
            "leave it out",
        ),
        (
            images(r#""x": { "region": "cn", "disks": «2», "snapshots": [{}] }"#),
            "either `disks` or `snapshots`",
            "leave one of the two out",
        ),
        (
            images(r#""x": { "region": "cn", "snapshots": [{ "created": «"14.7.2013"» }] }"#),
            "is no day",
            "2013-07-14",
        ),
        (
            images(
                r#""x": { "region": "cn", "status_changes": [{ "at": "1h", "status": "Creating" },
                     { "at": «"60m"», "status": "Available" }] }"#,
            ),
            "`x` changes its status twice at 1h",
            "keep one of the two",
        ),
        (images(r#""x": { "region": "cn", "status": «"Ready"» }"#), "unknown choice `Ready`", "`Available`"),
    ]);
}

#[test]
fn parameters_of_calls() {
    let long = "t".repeat(65);
    let tags = "{ \"key\": \"k\" },".repeat(21);
    assert_faults(&[
        (
            copy(r#""to": "us-east", "kms_key": «"k"»"#),
            "there is no key `k`",
            "this scenario has no kms_keys",
        ),
        (copy(r#""to": "us-east", "encrypt_algorithm": «"aes"»"#), "there is no algorithm `aes`", "known"),
        (copy(r#""to": "us-east", "resource_group": «"g"»"#), "there is no resource group `g`", "`default`"),
        (
            copy(r#""to": "us-east", "user": «"ci"»"#),
            "there is no `ci` among the users of account `default`",
            "no users",
        ),
        (
            copy(r#""to": "us-east", "anonymous": true, "account": «"default"»"#),
            "an anonymous call has no `account`",
            "leave `account` or `anonymous` out",
        ),
        (copy(r#""to": "us-east", "client_token": «""»"#), "this client token is empty", "leave it out"),
        (copy(r#""to": "us-east", "client_token": «"é"»"#), "a client token can't hold `é`", "64 ASCII"),
        (copy(&format!(r#""to": "us-east", "client_token": «"{long}"»"#)), "and this has 65", "64 ASCII"),
        (copy(r#""to": "us-east", "client_token": «"{n}"»"#), "stands for nothing", "`{image}`"),
        (
            copy(&format!(r#""to": "us-east", "tags": «[{tags}]»"#)),
            "at most 20 tags, and here are 21",
            "leave",
        ),
        (copy(r#""to": "us-east", "tags": [{ "key": «""» }]"#), "the key of this tag is of 0", "1 to 128"),
        (
            copy(r#""to": "us-east", "tags": [{ "key": "k", "value": «"acs:v"» }]"#),
            "the value of this tag begins with `acs:`",
            "begin with something else",
        ),
        (copy(r#""to": "us-east", "expect": «"acepted"»"#), "did you mean `accepted`?", "error code"),
    ]);
}

#[test]
fn r7_3_arrivals_with_images_of_their_own_share_a_token() {
    let stream = |token: &str, image: &str| {
        requests(&format!(
            r#"{{ "arrivals": {{ "count": 2, "process": {{ "periodic": {{ "every": "1s" }} }},
                "copy": {{ {image}, "to": "us-east", "client_token": {token} }} }} }}"#
        ))
    };
    let own = r#""from": "cn", "size": "1GiB""#;
    assert_faults(&[(stream(r#"«"{image}-{to}"»"#, own), "they share one client token", "name an `image`")]);
    for (token, image) in [("\"{to}\"", own), ("\"{image}\"", "\"image\": [\"web\", \"api\"]")] {
        super::read(stream(token, image).as_bytes()).expect("nothing is wrong with it");
    }
}

#[test]
fn r9_4_copies_of_the_initial_state_make_no_calls() {
    for (key, value) in [("client_token", "\"t\""), ("dry_run", "true"), ("expect", "\"accepted\"")] {
        let text = copy(&format!(r#""to": "us-east", "already": "queued", "{key}": {value}"#));
        let error = super::error_of(&text);
        let [fault] = error.diagnostics.as_slice() else { panic!("one fault: {error:?}") };
        assert_eq!(fault.message, format!("copies that are there when the run begins have no `{key}`"));
    }
}

#[test]
fn injected_faults() {
    let fault = |members: &str| {
        let copies = r#"{ "copy": { "id": "r", "image": "web", "to": "us-east" } }, { "cancel": { "id": "stop", "at": "1s", "copy": "r" } }"#;
        let text = requests(copies);
        text.replacen("\"requests\"", &format!(r#""faults": {{ "f": {{ {members} }} }}, "requests""#), 1)
    };
    assert_faults(&[
        (fault(r#""code": «"QuotaExceed.Image"»"#), "unknown choice `QuotaExceed.Image`", "`InternalError`"),
        (fault(r#""probability": «1.5»"#), "1", ""),
        (fault(r#""from": "1h", "until": «"1m"»"#), "this span of time is empty", "after `from`"),
        (fault(r#""region": «"eu"»"#), "no region matches `eu`", "known regions"),
        (fault(r#""requests": «"x"»"#), "there is no request `x`", ""),
        (
            fault(r#""operation": "CancelCopyImage", "requests": «"r"»"#),
            "there is no cancel `r`",
            "by its `id`",
        ),
        (
            fault(r#""operation": "CancelCopyImage", "requests": «"stop#2"»"#),
            "no call of `stop`",
            "it makes 1",
        ),
        (
            fault(
                r#""operation": "CancelCopyImage", "code": «"InvalidParameter.DataEncryptedKeyCreateFailed"»"#,
            ),
            "a cancel makes no data key",
            "CopyImage",
        ),
    ]);
}

#[test]
fn answers_that_can_never_come() {
    let with = |members: &str| {
        requests(&format!(r#"{{ "copy": {{ "id": "r", "image": "web", "to": "us-east", {members} }} }}"#))
    };
    let delete = |expect: &str| {
        requests(&format!(r#"{{ "delete": {{ "at": "1m", "image": "web", "expect": «"{expect}"» }} }}"#))
    };
    assert_faults(&[
        (
            with(r#""expect": «"InvalidRegionId.NotFound"»"#),
            "CopyImage never answers `InvalidRegionId.NotFound`",
            "lists the codes of CopyImage",
        ),
        (
            delete("QuotaExceed.Image"),
            "DeleteImage never answers `QuotaExceed.Image`",
            "codes of DeleteImage",
        ),
        (delete("replayed"), "DeleteImage never answers `replayed`", "codes of DeleteImage"),
        (
            with(r#""dry_run": true, "expect": «"accepted"»"#),
            "a dry run is never accepted",
            "DryRunOperation",
        ),
        (with(r#""expect": «"DryRunOperation"»"#), "only a dry run is answered so", "dry_run"),
        (with(r#""expect": «"replayed"»"#), "without a client token is never replayed", "client_token"),
    ]);
}
