//! Which of two reasons to refuse a CopyImage call is told: that of the row that stands first (R7.1).
//!
//! Each row has what the call must be like for it, and what else must be true. Any two are put upon one and
//! the same call, `x` at 100 s, and it gets the code of the first. Two that ask for different calls can't
//! be true at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::Facts::{Done, Is, Says, Snapshot, There};
use crate::error_codes::rows;
use crate::scenes::Scene;

/// In what calls differ, with what they can be, what is preferred first, and why it is one of them only.
const RESPECTS: [(&str, &[&str], &str); 10] = [
    ("caller", &["account", "user", "nobody"], "a call that carries no account meets no check of accounts"),
    ("from", &["known", "unknown"], "in a region that isn't one there is nothing"),
    ("to", &["elsewhere", "own", "unknown"], "a call names one destination"),
    ("image", &["given", "product", "unknown"], "only what is said of a given image can be wrong with it"),
    ("owner", &["own", "shared", "community", "marketplace"], "an image has one kind of owner"),
    ("copies", &["some", "none"], "of what is never copied there is no earlier copy"),
    ("encrypted", &["unsaid", "false", "true"], "Encrypted isn't written, false or true"),
    ("key", &["none", "named"], "a key with Encrypted not true is refused for that"),
    ("algorithm", &["none", "known", "unknown"], "an algorithm with Encrypted not true is refused for that"),
    ("dry_run", &["no", "yes"], "a dry run doesn't read its token"),
];

/// What must be true beside the call itself; values are JSON.
#[derive(Clone, Copy)]
enum Facts {
    /// Nothing: the call alone is at fault.
    None,
    /// The call says this too.
    Says(&'static str, &'static str),
    /// The scenario has this at a path.
    Is(&'static str, &'static str),
    /// The destination region has this.
    There(&'static str, &'static str),
    /// The image has a snapshot of which this is true.
    Snapshot(&'static str),
    Done(fn(&mut Draft)),
}

/// A row of the table.
struct Row {
    code: &'static str,
    /// The calls that it can apply to, in the words of [`RESPECTS`].
    calls: &'static str,
    /// More of that, where a row before it would answer otherwise.
    first: &'static str,
    facts: Facts,
}

const fn row(code: &'static str, calls: &'static str, first: &'static str, facts: Facts) -> Row {
    Row { code, calls, first, facts }
}

/// Calls that carry an account.
macro_rules! known {
    ($($more:literal)?) => {
        concat!("caller=account|user " $(, $more)?)
    };
}

/// Those that name an image that was given.
macro_rules! given {
    ($more:literal) => {
        concat!("caller=account|user from=known image=given ", $more)
    };
}

/// Those that name an image that is there, given or the product of an unfinished copy.
macro_rules! there {
    ($more:literal) => {
        concat!("caller=account|user from=known image=given|product ", $more)
    };
}

const KEY: &str = "key=named";
const KEY_THERE: &str = "key=named to=elsewhere|own";
const BETWEEN: &str = "from=known to=elsewhere";
const TRUE: &str = "encrypted=true";
const PLAIN: &str = "key=none algorithm=none";

#[rustfmt::skip]
const ROWS: [Row; 54] = [
    row("InvalidAliUid.IsNull", "caller=nobody", "", Facts::None),
    row("Throttling.User", known!(), "", Done(Draft::spend_rate_limit)),
    row("InvalidImageName.Malformed", "", "", Says("name", r#""1""#)),
    row("InvalidDescription.Malformed", "", "", Says("description", r#""1""#)),
    row("Duplicate.TagKey", "", "", Says("tags", r#"[{ "key": "t" }, { "key": "t" }]"#)),
    row("InvalidParameter.EncryptedIllegal", "key=named encrypted=false", "", Facts::None),
    row("InvalidEncrypted.NotMatchKmsKeyId", "key=named encrypted=unsaid", "", Facts::None),
    row("InvalidEncrypted.NotMatchEncryptAlgorithm", "algorithm=known|unknown encrypted=unsaid|false", "key=none", Facts::None),
    row("InvalidEncryptAlgorithm", "algorithm=unknown", TRUE, Facts::None),
    row("IdempotentParameterMismatch", known!("from=known dry_run=no"), "", Done(Draft::bind_token)),
    row("Account.Arrearage", known!(), "", Is("accounts.main.overdue", r#"[{ "from": "60s" }]"#)),
    row("Forbbiden", "caller=user", "", Is("accounts.main.users.ci.images", r#"[]"#)),
    row("InvalidParameter.KmsNotEnabled", known!("encrypted=true"), "", Is("accounts.main.kms_enabled", "false")),
    row("OperationDenied.KmsServiceUnauthorized", known!("encrypted=true"), "", Is("accounts.main.kms_authorized", "false")),
    row("UserNotInTheWhiteList", known!("key=named"), TRUE, Is("accounts.main.bring_your_own_key", "false")),
    row("SourceRegion.NotFound", "from=unknown", "", Facts::None),
    row("DestinationRegion.NotFound", "to=unknown", "", Facts::None),
    row("InvalidImageId.NotFound", known!("from=known image=unknown"), "", Facts::None),
    row("InvalidResourceGroup.NotFound", "", "", Says("resource_group", r#"{ "literal": "none" }"#)),
    row("InvalidParameter.KMSKeyId.NotFound", KEY_THERE, TRUE, Is("kms_keys.k.regions", r#""s""#)),
    row("InvalidSnapshotId.NotFound", given!("copies=none"), "", Snapshot(r#"{ "exists": false }"#)),
    row("InvalidRegion.NotSupport", KEY_THERE, TRUE, There("bring_your_own_key", "false")),
    row("InvalidRegionId.NotSupportEncryptAlgorithm", "algorithm=known to=elsewhere|own", TRUE, There("encrypt_algorithms", r#"["sm4-128"]"#)),
    row("InvalidEncrypted.NotMatchDiskDefaultEncryption", known!("to=elsewhere|own encrypted=unsaid|false"), PLAIN, Done(Draft::encrypt_by_default)),
    row("InvalidParameter.KMSKeyId.KMSUnauthorized", KEY, TRUE, Is("kms_keys.k.authorized", "false")),
    row("InvalidParameter.KMSKeyId.CMKNotEnabled", KEY, TRUE, Is("kms_keys.k.state", r#""disabled""#)),
    row("InvalidParameter.KMSKeyId.CMKUnauthorized", KEY, TRUE, Is("kms_keys.k.taggable", "false")),
    row("InvalidParameter.DataEncryptedKeyCreateFailed", KEY, TRUE, Done(Draft::break_data_key)),
    row("RegionNotSupportCopy", "from=known to=elsewhere|own", "", There("image_copy", "false")),
    row("IncorrectDestinationRegion", there!("to=own owner=own encrypted=unsaid|false"), PLAIN, Facts::None),
    row("OperationDenied.NonCompliantDestinationRegion", BETWEEN, "", Is("links", r#"[{ "from": "a", "to": "r", "forbidden": true }]"#)),
    row("InvalidOperation.CopyingDataFromThisRegionUnsupported", BETWEEN, "", Is("regions.a.sends_data", "false")),
    row("InvalidOperation.CopyingDataToThisRegionUnsupported", BETWEEN, "", Is("regions.r.accepts_from", r#""s""#)),
    row("OperationDenied.ImageCopying", known!("from=known image=product owner=own copies=none"), "", Facts::None),
    row("IncorrectImageStatus", there!(""), "", Done(Draft::spoil_image)),
    row("OperationDenied.CommunityImage", given!("owner=community copies=none"), "", Facts::None),
    row("OperationDenied.SameRegionOnly", given!("owner=shared to=elsewhere|unknown"), "", Facts::None),
    row("OperationDenied.NotPublished", given!("owner=marketplace to=elsewhere"), "", Is("images.os.owner.marketplace.published", r#"["a", "s"]"#)),
    row("OperationDenied.NotAuthorized", given!("owner=marketplace"), "", Is("images.os.owner.marketplace.authorized", r#"["other"]"#)),
    row("InvalidOperation.VhdImageUnsupported", given!("copies=none"), "", Is("images.os.format", r#""vhd""#)),
    row("InvalidOperation.CloudBoxImageCopyUnsupported", given!("copies=none"), "", Is("images.os.cloud_box", "true")),
    row("SizeExceed.Image", given!("copies=none"), "", Is("service.max_image_size", r#""10GiB""#)),
    row("OperationDenied", given!("copies=none"), "", Snapshot(r#"{ "makes_images": false }"#)),
    row("InvalidSnapshot.TooOld", given!("copies=none"), "", Snapshot(r#"{ "created": "2013-07-14" }"#)),
    row("OperationDeined.EncryptedSnapshot", there!("encrypted=unsaid|false"), PLAIN, Done(Draft::encrypt_image)),
    row("OperationDenied.EncryptSnapshotAcrossRegion", there!("to=elsewhere encrypted=true"), "", There("encrypt_across_regions", r#""refused""#)),
    row("InvalidOperation.Conflict", given!("copies=some"), "", Done(Draft::lock_image)),
    row("InvalidImageName.Duplicated", known!("to=elsewhere|own"), "", Done(Draft::take_name)),
    row("OperationDenied.ImageCopyConflict", given!("copies=some"), "", Done(Draft::copy_image)),
    row("QuotaExceed.Image", known!("to=elsewhere|own"), "", There("images_quota", "0")),
    row("QuotaExceed.Snapshot", there!("to=elsewhere|own"), "", There("snapshots_quota", "0")),
    row("ResourceLimitExceeded", known!("from=known to=elsewhere|own"), "", Done(Draft::close_slots)),
    row("InternalError", "", "", Is("faults.broken", r#"{ "requests": "x" }"#)),
    row("DryRunOperation", "dry_run=yes", "", Facts::None),
];

type Call = BTreeMap<&'static str, &'static str>;

/// The call that all of these allow, or why there is none.
fn call_for(allowed: &[&'static str]) -> Result<Call, &'static str> {
    let wishes: Vec<(&str, &str)> =
        allowed.iter().flat_map(|text| text.split(' ')).filter_map(|wish| wish.split_once('=')).collect();
    let mut call = Call::new();
    for (respect, values, why) in RESPECTS {
        let of_it = || wishes.iter().filter(|(of, _)| *of == respect);
        let allows =
            |value: &str| of_it().all(|(_, values)| values.split('|').any(|allowed| allowed == value));
        let value = values.iter().find(|value| allows(value)).ok_or(why)?;
        call.insert(respect, value);
    }
    // Keys and algorithms are named with Encrypted, unless that is what is wrong.
    let names_any = call["key"] != "none" || call["algorithm"] != "none";
    if names_any && !wishes.iter().any(|(respect, _)| *respect == "encrypted") {
        call.insert("encrypted", "true");
    }
    Ok(call)
}

/// A scenario that is being put together around the call.
struct Draft {
    scene: Scene,
    call: Call,
    /// What `x` says.
    body: Value,
    /// Calls before it.
    before: Vec<Value>,
    spends_rate_limit: bool,
}

impl Draft {
    fn new(call: Call) -> Self {
        let scene = Scene(json!({
            "schema_version": 1,
            "copy_time": { "duration": "1s" },
            "accounts": { "main": { "users": { "ci": {} } }, "other": {} },
            "regions": { "a": {}, "r": {}, "s": {} },
            "kms_keys": { "k": {} },
            "images": {
                "os": { "region": "a", "size": "20GiB", "owner": "self" },
                "base": { "region": "s", "size": "20GiB", "account": "main" },
                "lent": { "region": "a", "owner": "shared" },
            },
            "requests": [],
        }));
        let literal = |text: &str| json!({ "literal": text });
        let mut body = json!({ "id": "x", "at": "100s", "account": "main" });
        let mut say = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                body[key] = value;
            }
        };
        say("from", Some(literal(if call["from"] == "known" { "a" } else { "nowhere" })));
        let to = match call["to"] {
            "own" => "a",
            "elsewhere" => "r",
            _ => "nowhere",
        };
        say("to", Some(literal(to)));
        let image = match call["image"] {
            "given" => "os".into(),
            "product" => json!({ "product_of": "maker" }),
            _ => literal("m-none"),
        };
        say("image", Some(image));
        say("encrypted", (call["encrypted"] != "unsaid").then(|| (call["encrypted"] == "true").into()));
        say("kms_key", (call["key"] == "named").then(|| "k".into()));
        let algorithm = || if call["algorithm"] == "known" { "aes-256" } else { "rot13" };
        say("encrypt_algorithm", (call["algorithm"] != "none").then(|| literal(algorithm())));
        say("user", (call["caller"] == "user").then(|| "ci".into()));
        say("dry_run", (call["dry_run"] == "yes").then(|| true.into()));
        if call["caller"] == "nobody" {
            body["anonymous"] = true.into();
            body.as_object_mut().expect("an object").remove("account");
        }
        let mut draft = Self { scene, call, body, before: Vec::new(), spends_rate_limit: false };
        draft.own_image();
        draft
    }

    /// Whose the image is; a product is still being made.
    fn own_image(&mut self) {
        match self.call["owner"] {
            "own" => self.set("images.os.account", "main"),
            "marketplace" => self.set("images.os.owner", json!({ "marketplace": {} })),
            owner => self.set("images.os.owner", owner),
        }
        if self.call["image"] == "product" {
            let to = json!({ "literal": "a" });
            let maker = json!({ "id": "maker", "at": "1s", "image": "base", "to": to, "duration": "1000s" });
            self.before.push(maker);
        }
    }

    fn set(&mut self, path: &str, value: impl Into<Value>) {
        self.scene = Scene(self.scene.0.take()).set(path, value);
    }

    /// The destination in effect.
    fn there(&self) -> &'static str {
        if self.call["to"] == "own" { "a" } else { "r" }
    }

    fn say(&mut self, key: &str, value: impl Into<Value>) {
        self.body[key] = value.into();
    }

    fn apply(&mut self, facts: Facts) {
        let json = |text: &str| -> Value { serde_json::from_str(text).expect("JSON") };
        match facts {
            Facts::None => {}
            Says(key, value) => self.say(key, json(value)),
            Is(path, value) => self.set(path, json(value)),
            There(key, value) => self.set(&format!("regions.{}.{key}", self.there()), json(value)),
            Snapshot(snapshot) => match self.scene.0["images"]["os"]["snapshots"].as_array_mut() {
                Some(snapshots) => snapshots.push(json(snapshot)),
                None => self.set("images.os.snapshots", json!([json(snapshot)])),
            },
            Done(apply) => apply(self),
        }
    }

    /// The same call, made before in the same minute, is all that the account may make.
    fn spend_rate_limit(&mut self) {
        self.set("service.rate_limit", 1);
        self.spends_rate_limit = true;
    }

    /// Of a call that only reads: it brings an image of somebody else into its own region.
    fn bind_token(&mut self) {
        self.say("client_token", "T");
        self.before.push(json!({
            "id": "first", "at": "1s", "image": "lent", "to": "a", "account": "main", "client_token": "T",
        }));
    }

    /// An unfinished product isn't Available anyway.
    fn spoil_image(&mut self) {
        if self.call["image"] == "given" {
            self.set("images.os.status_changes", json!([{ "at": "60s", "status": "UnAvailable" }]));
        }
    }

    fn encrypt_image(&mut self) {
        if self.call["image"] == "given" {
            self.set("images.os.encrypted", true);
        } else {
            self.before[0]["encrypted"] = true.into();
        }
    }

    fn lock_image(&mut self) {
        self.set("service.request_lock", "100s");
        self.read_image();
    }

    fn copy_image(&mut self) {
        self.set("service.conflict_key", "image");
        self.read_image();
    }

    /// Another account has a copy of the image made, in a way that no fact about `x` touches: encrypted,
    /// in its own region and before the facts that begin at 60 s.
    fn read_image(&mut self) {
        if self.call["owner"] == "own" {
            self.set("images.os.shared_with", json!(["other"]));
        }
        if self.before.iter().all(|call| call["id"] != "reader") {
            self.before.push(json!({
                "id": "reader", "at": "50s", "image": "os", "to": { "literal": "a" }, "account": "other",
                "encrypted": true, "duration": "1000s",
            }));
        }
    }

    fn take_name(&mut self) {
        let name = self.body.get("name").cloned().unwrap_or_else(|| "golden".into());
        self.say("name", name.clone());
        let there = json!({ "region": self.there(), "account": "main", "name": name });
        self.set("images.there", there);
    }

    fn encrypt_by_default(&mut self) {
        self.set("accounts.main.default_encryption", self.there());
    }

    fn break_data_key(&mut self) {
        let code = "InvalidParameter.DataEncryptedKeyCreateFailed";
        self.set("faults.no-key", json!({ "code": code, "requests": "x" }));
    }

    fn close_slots(&mut self) {
        self.set("service.over_limit", "reject");
        self.set("regions.a.cap_changes", json!([{ "at": "60s", "cap": 0 }]));
    }

    /// The code that `x` is answered with.
    fn answer(mut self) -> &'static str {
        if self.spends_rate_limit {
            let mut before = self.body.clone();
            (before["id"], before["at"], before["dry_run"]) = ("before".into(), "61s".into(), true.into());
            self.before.push(before);
        }
        let scene = self.before.into_iter().fold(self.scene, |scene, call| scene.request("copy", call));
        let to = self.body["to"]["literal"].as_str().expect("a literal").to_owned();
        scene.request("copy", self.body).run().told(&format!("x@{to}"))
    }
}

/// The answer to a call for which these facts are true.
fn answer(call: &Call, facts: &[&Row]) -> &'static str {
    let mut draft = Draft::new(call.clone());
    facts.iter().for_each(|row| draft.apply(row.facts));
    draft.answer()
}

#[test]
fn r7_1_each_row_answers_alone() {
    let codes: Vec<&str> = rows("CopyImage").into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(ROWS.iter().map(|row| row.code).collect::<Vec<_>>(), codes);
    assert_eq!(answer(&call_for(&[]).unwrap(), &[]), "accepted");
    for row in &ROWS {
        let call = call_for(&[row.calls, row.first]).expect("a row can be alone");
        assert_eq!(answer(&call, &[row]), row.code);
    }
}

/// Pairs that can't be true of one call, with the reason, as places in the table.
fn excluded() -> BTreeMap<(usize, usize), &'static str> {
    let call = |(first, second): (usize, usize)| {
        call_for(&[ROWS[first].calls, ROWS[first].first, ROWS[second].calls]).err()
    };
    pairs().filter_map(|pair| Some((pair, call(pair)?))).collect()
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..ROWS.len()).flat_map(|first| (first + 1..ROWS.len()).map(move |second| (first, second)))
}

#[test]
fn r7_1_of_two_reasons_the_first_is_told() {
    let excluded = excluded();
    let mut told = 0;
    for pair in pairs().filter(|pair| !excluded.contains_key(pair)) {
        let (first, second) = (&ROWS[pair.0], &ROWS[pair.1]);
        let call = call_for(&[first.calls, first.first, second.calls]).expect("one that isn't excluded");
        assert_eq!(answer(&call, &[first, second]), first.code, "before {}", second.code);
        // The second is true as well: it is told once the first is mended.
        if !matches!(first.facts, Facts::None) {
            assert_eq!(answer(&call, &[second]), second.code, "without {}", first.code);
        }
        told += 1;
    }
    assert_eq!(told + excluded.len(), 54 * 53 / 2);
    assert!(told > 1000, "{told} of all pairs can be true at once");
}

#[test]
fn r7_1_neighbours_in_the_table_that_exclude_each_other() {
    let expected = [
        ("InvalidAliUid.IsNull", "Throttling.User", "caller"),
        ("InvalidParameter.EncryptedIllegal", "InvalidEncrypted.NotMatchKmsKeyId", "encrypted"),
        (
            "InvalidRegionId.NotSupportEncryptAlgorithm",
            "InvalidEncrypted.NotMatchDiskDefaultEncryption",
            "encrypted",
        ),
        (
            "InvalidEncrypted.NotMatchDiskDefaultEncryption",
            "InvalidParameter.KMSKeyId.KMSUnauthorized",
            "key",
        ),
        ("IncorrectDestinationRegion", "OperationDenied.NonCompliantDestinationRegion", "to"),
        ("OperationDenied.CommunityImage", "OperationDenied.SameRegionOnly", "owner"),
        ("OperationDenied.SameRegionOnly", "OperationDenied.NotPublished", "owner"),
        ("OperationDeined.EncryptedSnapshot", "OperationDenied.EncryptSnapshotAcrossRegion", "encrypted"),
    ];
    let respect = |reason| RESPECTS.iter().find(|(.., why)| *why == reason).expect("a respect").0;
    let found: Vec<_> = excluded()
        .into_iter()
        .filter(|((first, second), _)| first + 1 == *second)
        .map(|((first, second), why)| (ROWS[first].code, ROWS[second].code, respect(why)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn r7_1_neighbouring_stages_are_held_by_a_pair() {
    let stages: Vec<&str> = rows("CopyImage").into_iter().map(|(stage, ..)| stage).collect();
    let excluded = excluded();
    let held: BTreeSet<(&str, &str)> = pairs()
        .filter(|pair| !excluded.contains_key(pair))
        .map(|(first, second)| (stages[first], stages[second]))
        .collect();
    let mut order = stages;
    order.dedup();
    let missing: Vec<_> =
        order.windows(2).map(|two| (two[0], two[1])).filter(|two| !held.contains(two)).collect();
    // Without an account there is none whose calls could be counted.
    assert_eq!((order.len(), missing), (14, vec![("identity", "throttle")]));
}
