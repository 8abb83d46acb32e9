//! What users see when a scenario is wrong: the whole screen for each kind of fault, read by a person before it
//! was accepted.

use crate::program::Place;

/// A right scenario; each test breaks one thing in it.
const RIGHT: &str = r#"{
  // One release to two regions, and a hotfix behind it.
  "schema_version": 1,
  "horizon": "12h",
  "service": { "cap": 5, "cap_scope": "source" },
  "regions": {
    "cn-hangzhou": {},
    "us-east-1": {},
    "eu-central-1": { "cap": 2 },
  },
  "links": [{ "from": "cn-*", "to": "us-*", "copy_time": { "throughput": "8MiB/s" } }],
  "images": {
    "web-base": { "region": "cn-hangzhou", "size": "40GiB" },
  },
  "requests": [
    { "copy": { "id": "release", "image": "web-base", "to": "all-others" } },
    { "copy": { "id": "hotfix", "at": "30m", "image": "web-base", "to": "us-east-1", "duration": "35m" } },
    { "cancel": { "at": "40m", "copy": "release@us-east-1" } },
  ],
}
"#;

/// The screen of a scenario and arguments that are wrong.
fn screen_of(text: impl AsRef<[u8]>, arguments: &str) -> String {
    let place = Place::new();
    place.write("plan.json", text);
    let ended = place.run(&format!("run plan.json {arguments}"));
    assert_eq!((ended.status, ended.stdout.as_str()), (Some(65), ""), "{}", ended.stderr);
    ended.stderr
}

/// The screen after one stretch of the right scenario was replaced.
fn screen(right: &str, wrong: &str) -> String {
    assert!(RIGHT.contains(right), "{right}");
    screen_of(RIGHT.replacen(right, wrong, 1), "")
}

#[test]
fn the_right_scenario_is_right() {
    let place = Place::new();
    place.write("plan.json", RIGHT);
    let ended = place.run("run plan.json --write none");
    assert_eq!((ended.status, ended.stderr.as_str()), (Some(0), ""));
}

macro_rules! screens {
    ($($name:ident: $right:expr => $wrong:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(screen($right, $wrong));
        }
    )*};
}

screens! {
    syntax_a_comma_is_missing: "\"12h\"," => "\"12h\"";
    syntax_a_string_is_not_closed: "\"40m\"" => "\"40m";
    syntax_an_object_is_not_closed: "    { \"cancel\": { \"at\": \"40m\", \"copy\": \"release@us-east-1\" } },\n  ],\n}\n" => "";
    syntax_single_quotes: "\"12h\"" => "'12h'";
    type_of_a_number: "\"35m\"" => "600";
    type_of_a_word: "\"cap\": 5" => "\"cap\": \"five\"";
    type_of_a_section: "[{ \"from\": \"cn-*\", \"to\": \"us-*\", \"copy_time\": { \"throughput\": \"8MiB/s\" } }]" => "{ \"cn-*\": {} }";
    unknown_key: "\"horizon\"" => "\"horzion\"";
    unknown_key_that_is_near_nothing: "\"throughput\"" => "\"colour\"";
    unknown_choice: "\"source\" }" => "\"sources\" }";
    unknown_kind_of_request: "{ \"cancel\"" => "{ \"abort\"";
    unknown_region: "\"to\": \"us-east-1\", \"duration\"" => "\"to\": \"us-east-2\", \"duration\"";
    unknown_image: "\"at\": \"30m\", \"image\": \"web-base\"" => "\"at\": \"30m\", \"image\": \"web\"";
    unknown_request: "release@us-east-1" => "relaese@us-east-1";
    unknown_copy_of_a_request: "release@us-east-1" => "release@us-west-1";
    key_twice: "\"horizon\": \"12h\"," => "\"horizon\": \"12h\",\n  \"horizon\": \"24h\",";
    region_twice: "\"us-east-1\": {}," => "\"us-east-1\": {}, \"us-east-1\": { \"cap\": 1 },";
    id_twice: "\"id\": \"hotfix\"" => "\"id\": \"release\"";
    duration_without_a_unit: "\"30m\"" => "\"30\"";
    duration_in_months: "\"30m\"" => "\"1mo\"";
    duration_with_a_large_m: "\"30m\"" => "\"30M\"";
    duration_with_a_blank: "\"30m\"" => "\"30 m\"";
    duration_below_zero: "\"30m\"" => "\"-5m\"";
    duration_beyond_time: "\"12h\"" => "\"9007199254740993us\"";
    size_without_a_unit: "\"40GiB\"" => "\"40\"";
    size_with_an_unknown_unit: "\"40GiB\"" => "\"40G\"";
    rate_that_is_a_size: "\"8MiB/s\"" => "\"8MiB\"";
    number_below_zero: "\"cap\": 5" => "\"cap\": -1";
    number_too_large: "\"cap\": 5" => "\"cap\": 1e400";
    number_that_no_float_holds: "\"schema_version\": 1" => "\"schema_version\": 9007199254740993";
    number_with_a_fraction: "\"cap\": 5" => "\"cap\": 2.5";
    key_missing: "\"at\": \"40m\", " => "";
    null_is_no_value: "\"12h\"" => "null";
    cap_changed_twice_at_one_time: "\"cap\": 2 }" =>
        "\"cap_changes\": [{ \"at\": \"1h\", \"cap\": 3 }, { \"at\": \"60m\", \"cap\": 4 }] }";
    wildcards_that_tie: "\"links\": [" =>
        "\"links\": [\n    { \"from\": \"cn-*\", \"to\": \"us-*\", \"cap\": 2 },\n    ";
    name_that_cant_be_one: "\"eu-central-1\": {" => "\"eu central\": {";
    control_character: "\"12h\"" => "\"12h\\u0007\"";
    escape_that_reorders_text: "web-base\": { \"region\"" => "web\u{202e}base\": { \"region\"";
    later_version: "\"schema_version\": 1" => "\"schema_version\": 2";
    no_size: ", \"size\": \"40GiB\"" => "";
}

#[test]
fn requests_that_wait_for_each_other() {
    let text = RIGHT
        .replacen("\"to\": \"all-others\"", "\"to\": \"all-others\", \"after\": \"hotfix\"", 1)
        .replacen("\"at\": \"30m\"", "\"after\": \"release@us-east-1\"", 1);
    insta::assert_snapshot!(screen_of(text, ""));
}

#[test]
fn encoding_of_another_kind() {
    let utf16: Vec<u8> =
        "\u{feff}".chars().chain(RIGHT.chars()).flat_map(|sign| (sign as u16).to_le_bytes()).collect();
    insta::assert_snapshot!(screen_of(utf16, ""));
    insta::assert_snapshot!(screen_of(
        RIGHT
            .replace("release to", "r\u{e9}l\u{e9}ase to")
            .chars()
            .map(|sign| sign as u8)
            .collect::<Vec<u8>>(),
        ""
    ));
}

#[test]
fn brackets_without_end() {
    insta::assert_snapshot!(screen_of("[".repeat(100_000), ""));
    let nested = format!("{{ \"requests\": {}{} }}", "[".repeat(600), "]".repeat(600));
    insta::assert_snapshot!(screen_of(nested, ""));
}

#[test]
fn nothing_in_the_file() {
    insta::assert_snapshot!(screen_of("", ""));
    insta::assert_snapshot!(screen_of("// later\n", ""));
}

#[test]
fn overrides_point_at_the_argument() {
    for arguments in [
        "--set service.cpa=3",
        "--set service.cap=three",
        "--set regions.us-east-7.cap=3",
        "--set regions.ap-*.cap=3",
        "--set requests.hotfx.at=1h",
        "--set requests[9].copy.at=1h",
        "--set service.cap",
        "--set horizon=12 --set images.web-base.size={",
        "--set requests.hotfix.to=us-west-1",
    ] {
        insta::assert_snapshot!(screen_of(RIGHT, arguments));
    }
}

#[test]
fn an_override_and_the_file_are_shown_beside_each_other() {
    insta::assert_snapshot!(screen_of(RIGHT, "--set requests.hotfix.id=release"));
}

#[test]
fn five_faults_are_five_messages() {
    let text = RIGHT
        .replacen("\"horizon\"", "\"horzion\"", 1)
        .replacen("\"cap\": 5", "\"cap\": \"five\"", 1)
        .replacen("40GiB", "40G", 1)
        .replacen("\"35m\"", "600, \"delay\": \"5m\"", 1)
        .replacen("release@us-east-1", "relase@us-east-1", 1);
    let screen = screen_of(text, "");
    assert_eq!(screen.matches("error: ").count(), 6, "five mistakes, and a delay behind nothing:\n{screen}");
    insta::assert_snapshot!(screen);
}
