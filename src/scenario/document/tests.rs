mod edits;

use super::super::diagnostic::render;
use super::*;

fn parse(text: &str) -> Result<Document, Rejected> {
    Document::parse("plan.jsonc", text.as_bytes().to_vec())
}

fn node(text: &str) -> Node {
    match parse(&format!("{{\"v\":{text}}}")) {
        Ok(document) => document.root.get("v").cloned().expect("the value"),
        Err(rejected) => panic!("{text}: {:?}", rejected.diagnostics),
    }
}

/// The faults as "line:column message".
fn faults_of_bytes(bytes: &[u8]) -> Vec<String> {
    let Err(rejected) = Document::parse("plan.jsonc", bytes.to_vec()) else {
        panic!("accepted: {}", String::from_utf8_lossy(bytes));
    };
    let place = |span: Span| {
        let position = rejected.sources.file().position(span.start);
        format!("{}:{} ", position.line, position.column)
    };
    let describe = |fault: &Diagnostic| {
        let place = fault.span.map(place).unwrap_or_default();
        format!("{place}{}", fault.message)
    };
    rejected.diagnostics.iter().map(describe).collect()
}

fn fault(text: &str) -> String {
    let faults = faults_of_bytes(text.as_bytes());
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.into_iter().next().unwrap_or_default()
}

#[test]
fn a_document_keeps_places_and_order() {
    let text = "{ // note\n  \"b\": [1e3, \"x\\u00e9\"], /* more */ \"a\": {\"c\": null,},\n}\n";
    let document = parse(text).expect("a document");
    assert_eq!(document.sources.file().name, "plan.jsonc");
    assert_eq!(document.sources.file().text, text);
    assert_eq!(document.root.span, Span::new(0, text.len() - 1));
    let keys: Vec<&str> = document.root.members().iter().map(|m| m.key.as_str()).collect();
    assert_eq!(keys, ["b", "a"]);
    let elements = document.root.get("b").expect("b").elements();
    assert_eq!(elements[0].value, Value::Number("1e3".to_owned()));
    assert_eq!(&text[elements[0].span.start..elements[0].span.end], "1e3");
    assert_eq!(elements[1].as_str(), Some("xé"));
    let member = document.root.member("a").expect("a");
    assert_eq!(&text[member.key_span.start..member.key_span.end], "\"a\"");
    assert_eq!(member.value.get("c").map(|c| &c.value), Some(&Value::Null));
    assert_eq!(member.value.get("d"), None);
    assert_eq!(elements[0].get("x"), None);
}

#[test]
fn a_byte_order_mark_is_accepted_and_counts_in_spans() {
    let document = parse("\u{FEFF}{\"a\":1}").expect("a document");
    assert_eq!(document.root.span, Span::new(3, 10));
    assert_eq!(document.root.members()[0].key_span, Span::new(4, 7));
    assert_eq!(fault("\u{FEFF}{a:1}"), "1:2 the key `a` is not in quotes");
}

#[test]
fn other_encodings_are_named() {
    let utf16: fn(&str, bool) -> Vec<u8> = |text, little| {
        let unit = |unit: u16| {
            if little { unit.to_le_bytes() } else { unit.to_be_bytes() }
        };
        text.encode_utf16().flat_map(unit).collect()
    };
    let little = "the file is encoded as UTF-16 (little-endian)";
    let big = "the file is encoded as UTF-16 (big-endian)";
    for text in ["\u{FEFF}{}", "{}", "{\"é\":1}", "\u{FEFF}"] {
        assert_eq!(faults_of_bytes(&utf16(text, true)), [little], "{text}");
        assert_eq!(faults_of_bytes(&utf16(text, false)), [big], "{text}");
    }
    let utf32 = "the file is encoded as UTF-32 (little-endian)";
    assert_eq!(faults_of_bytes(b"\xFF\xFE\0\0{\0\0\0"), [utf32]);
    assert_eq!(faults_of_bytes(b"{\0\0\0}\0\0\0"), [utf32]);
    let utf32 = "the file is encoded as UTF-32 (big-endian)";
    assert_eq!(faults_of_bytes(b"\0\0\xFE\xFF\0\0\0{"), [utf32]);
    assert_eq!(faults_of_bytes(b"\0\0\0{"), [utf32]);
    let byte = "2:6 the byte 0xE9 is not valid UTF-8 here";
    assert_eq!(faults_of_bytes(b"{\n \"caf\xE9\": 1}"), [byte]);
    let cut = "1:2 the byte 0xE6 is not valid UTF-8 here";
    assert_eq!(faults_of_bytes(b"\xEF\xBB\xBF{\xE6\x97"), [cut]);
    let zero = "1:2 invisible character U+0000 outside a string";
    assert_eq!(faults_of_bytes(b"{\0}"), [zero]);
}

#[test]
fn a_scenario_is_one_object() {
    for text in ["", " \r\n\t", "\u{FEFF}"] {
        assert_eq!(fault(text), "the file is empty");
    }
    assert_eq!(fault("// x\n/* y */"), "the file holds nothing but comments");
    assert_eq!(fault(" [1]"), "1:2 a scenario must be an object, found a list");
    assert_eq!(fault("1"), "1:1 a scenario must be an object, found the number `1`");
    assert_eq!(fault("null"), "1:1 a scenario must be an object, found `null`");
    assert_eq!(fault("{}\n{}"), "2:1 text after the end of the scenario");
    assert_eq!(fault("{}}"), "1:3 text after the end of the scenario");
}

/// Texts with exactly one error of grammar each, and what is said about it.
const REFUSED: [(&str, &str); 66] = [
    ("{a:1}", "1:2 the key `a` is not in quotes"),
    ("{1:1}", "1:2 the key `1` is not in quotes"),
    ("{true:1}", "1:2 the key `true` is not in quotes"),
    ("{'a':1}", "1:2 `'` is no quotation mark here"),
    ("{\"a\":'b'}", "1:6 `'` is no quotation mark here"),
    ("{\"a\":“b”}", "1:6 `“` is no quotation mark here"),
    ("{\"a\":`b`}", "1:6 a backtick is no quotation mark here"),
    ("{\"a\":b}", "1:6 the text `b` is not in quotes"),
    ("{\"a\":True}", "1:6 unknown word `True`"),
    ("{\"a\":None}", "1:6 unknown word `None`"),
    ("{\"a\":0x10}", "1:6 `0x10` is not a number"),
    ("{\"a\":NaN}", "1:6 `NaN` is not a number that can be used"),
    ("{\"a\":Infinity}", "1:6 `Infinity` is not a number that can be used"),
    ("{\"a\":-Infinity}", "1:6 `-Infinity` is not a number that can be used"),
    ("{\"a\":+1}", "1:6 `+1` is not a number"),
    ("{\"a\":.5}", "1:6 `.5` is not a number"),
    ("{\"a\":-.5}", "1:6 `-.5` is not a number"),
    ("{\"a\":1.}", "1:6 `1.` is not a number"),
    ("{\"a\":01}", "1:6 `01` is not a number"),
    ("{\"a\":-01}", "1:6 `-01` is not a number"),
    ("{\"a\":[00]}", "1:7 `00` is not a number"),
    ("{\"a\":1e}", "1:6 `1e` is not a number"),
    ("{\"a\":1e+}", "1:6 `1e+` is not a number"),
    ("{\"a\":-}", "1:6 `-` is not a number"),
    ("{\"a\":1_000}", "1:6 `1_000` is not a number"),
    ("{\"a\":30s}", "1:6 `30s` is not a number"),
    ("{\"a\":30s\n}", "1:6 `30s` is not a number"),
    ("{\"a\":1 \"b\":2}", "1:7 a comma is missing after this value"),
    ("{\"a\":1\n\"b\":2}", "1:7 a comma is missing after this value"),
    ("{\"a\":[1 2]}", "1:8 a comma is missing after this value"),
    ("{\"a\":[{} {}]}", "1:9 a comma is missing after this value"),
    ("{\"a\":\"x\"\"b\":1}", "1:9 a comma is missing after this value"),
    ("{# x\n}", "1:2 `#` does not begin a comment"),
    ("{/ x\n}", "1:2 `/` does not begin a comment"),
    ("{\"a\" 1}", "1:6 a colon is missing after the key"),
    ("{\"a\"}", "1:5 a colon is missing after the key"),
    ("{\"a\"=1}", "1:5 unexpected `=`"),
    ("{\"a\":1;}", "1:7 unexpected `;`"),
    ("{\"a\":}", "1:6 a value is missing before `}`"),
    ("{\"a\":,}", "1:6 a value is missing before `,`"),
    ("{\"a\":", "1:6 the file ends where a value is expected"),
    ("{,}", "1:2 this comma has nothing before it"),
    ("{\"a\":[,]}", "1:7 this comma has nothing before it"),
    ("{\"a\":1,,}", "1:8 this comma has nothing before it"),
    ("{\"a\":[1,,]}", "1:9 this comma has nothing before it"),
    ("{\"a\":[1}", "1:8 this `}` stands where a list is still open"),
    ("{\"a\":1]", "1:7 this `]` stands where an object is still open"),
    ("{\"a\":[1:2]}", "1:8 this colon does not follow a key"),
    ("{{}}", "1:2 a key is expected here, found `{`"),
    ("}", "1:1 this `}` closes nothing"),
    ("{", "1:1 this `{` is never closed"),
    ("{\"a\":[1,", "1:6 this `[` is never closed"),
    ("{/* x", "1:2 this comment is not closed"),
    ("{\"a\":\"b", "1:6 this string is never closed"),
    ("{\"a\":\"b,\n\"c\":1}", "1:6 this string is not closed on its line"),
    ("{\"a\":\"b\\\nc\"}", "1:6 this string is not closed on its line"),
    ("{\"a\":\"C:\\dir\"}", "1:9 `\\d` is not an escape"),
    ("{\"a\":\"\\x41\"}", "1:7 `\\x` is not an escape"),
    ("{\"a\":\"\\'\"}", "1:7 `\\'` is not an escape"),
    ("{\"a\":\"\\u12\"}", "1:7 `\\u12` is not a character"),
    ("{\"a\":\"\\ud800\"}", "1:7 `\\ud800` is not a character"),
    ("{\"a\":\u{a0}1}", "1:6 the blank character U+00A0 is not allowed here"),
    ("{\u{c}}", "1:2 the blank character U+000C is not allowed here"),
    ("{\u{2028}}", "1:2 the blank character U+2028 is not allowed here"),
    ("{\u{200b}}", "1:2 invisible character U+200B outside a string"),
    ("{}\u{0}", "1:3 invisible character U+0000 outside a string"),
];

#[test]
fn nothing_but_json_comments_and_trailing_commas_passes() {
    for (text, expected) in REFUSED {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn every_error_of_grammar_says_what_to_write() {
    for (text, help) in [
        ("{\"a\":-007.}", "write `-7`"),
        ("{\"a\":.5}", "write `0.5`"),
        ("{\"a\":-00}", "write `0`"),
        ("{\"a\":tru}", "write `true`, or put text in double quotes"),
        ("{\"a\":web-base}", "write `\"web-base\"`"),
        ("{a:1}", "write `\"a\"`"),
    ] {
        let rejected = parse(text).expect_err("an error");
        assert_eq!(rejected.diagnostics[0].help.as_deref(), Some(help));
    }
}

#[test]
fn what_json_allows_passes() {
    for text in [
        "{}",
        "{\"a\":[],\"b\":{}}",
        "{\"a\":-0.5E+10,}",
        "/**/{//x\r\"a\"://\n1/* \" */}//",
        "{\"a\":\"// no comment /* \\\" \\/ \\\\\"}",
        "{\"\":\"\",\"a b\":\"\\ud83d\\ude00 日本\u{200d}\"}",
        "{ // \u{a0} \u{202e}\n}",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn every_repeated_key_is_reported_with_the_first() {
    let text = "{\"a\":1,\"b\":{\"c\":1,\"c\":2},\n\"a\":2,\"\\u0061\":3}";
    let rejected = parse(text).expect_err("repeated keys");
    let places: Vec<_> = rejected
        .diagnostics
        .iter()
        .map(|fault| (fault.message.as_str(), fault.span, fault.related[0].0))
        .collect();
    let repeated = "the key `a` occurs twice";
    let first = Span::new(1, 4);
    assert_eq!(
        places,
        [
            ("the key `c` occurs twice", Some(Span::new(18, 21)), Span::new(12, 15)),
            (repeated, Some(Span::new(26, 29)), first),
            (repeated, Some(Span::new(32, 40)), first),
        ]
    );
}

#[test]
fn control_characters_in_strings_are_all_reported() {
    let text = "{\"a\\n\":\"x\\u0085\",\"b\":\"\t\",\"c\":\"\u{7f}\",\"d\":\"\u{202e}\",\"e\":\"\\u2066\"}";
    assert_eq!(
        faults_of_bytes(text.as_bytes()),
        [
            "1:4 control character U+000A in a string",
            "1:10 control character U+0085 in a string",
            "1:23 control character U+0009 in a string",
            "1:31 control character U+007F in a string",
            "1:39 control character U+202E in a string",
            "1:47 control character U+2066 in a string",
        ]
    );
}

#[test]
fn deep_nesting_is_an_ordinary_error() {
    let deep = "values are nested too deeply";
    for text in ["[".repeat(100_000), "{\"a\":".repeat(100_000)] {
        assert!(fault(&text).ends_with(deep));
    }
    let closed = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(fault(&closed).ends_with(deep));
    let allowed = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
    let document = parse(&allowed).expect("500 levels");
    assert_eq!(document.root.canonical(), allowed);
}

#[test]
fn canonical_text_has_one_form() {
    let text =
        "{ \"b\": [1e3, 1000, 1000.0, 10E2, -0, 0.0, true], // x\n \"a\": \"\\u0022\\\\é\\/\", \"A\": {}, }";
    let document = parse(text).expect("a document");
    let expected = "{\"A\":{},\"a\":\"\\\"\\\\é/\",\"b\":[1000,1000,1000,1000,0,0,true]}";
    assert_eq!(document.root.canonical(), expected);
    let again = parse(expected).expect("canonical text is a document");
    assert_eq!(again.root.canonical(), expected);
}

#[test]
fn canonical_numbers() {
    for (written, expected) in [
        ("0", "0"),
        ("-0.0e5", "0"),
        ("0e99999999999999999999", "0"),
        ("1.50", "1.5"),
        ("-12.5e1", "-125"),
        ("0.001e-2", "0.00001"),
        ("1e-6", "0.000001"),
        ("1e-7", "1e-7"),
        ("1.25E-10", "1.25e-10"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e21"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e29"),
        ("1e400", "1e400"),
        ("0.1e401", "1e400"),
        ("1e99999999999999999999", "1e1152921504606846976"),
    ] {
        assert_eq!(node(written).canonical(), expected, "{written}");
    }
}

#[test]
fn decimals_are_exact() {
    let integer = |text: &str| Decimal::parse(text).map(|decimal| decimal.integer());
    let whole = |value| Some(Integer::Whole(value));
    assert_eq!(integer("1e3"), whole(1000));
    assert_eq!(integer("1000.000"), whole(1000));
    assert_eq!(integer("0.001e6"), whole(1000));
    assert_eq!(integer("-0"), whole(0));
    assert_eq!(integer("9007199254740992"), whole(9_007_199_254_740_992));
    assert_eq!(integer("-9007199254740992"), whole(-9_007_199_254_740_992));
    assert_eq!(integer("9007199254740993"), Some(Integer::OutOfRange));
    assert_eq!(integer("1e400"), Some(Integer::OutOfRange));
    assert_eq!(integer("1e999999999999"), Some(Integer::OutOfRange));
    assert_eq!(integer("1e-999999999999"), Some(Integer::Fraction));
    assert_eq!(integer("9007199254740991.5"), Some(Integer::Fraction));
    for text in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+-1", "0x1", "1 ", "NaN", "1.2.3", "--1"] {
        assert_eq!(Decimal::parse(text), None, "{text}");
    }
}

#[test]
fn floats_are_finite_and_not_rounded_to_zero() {
    let float = |text: &str| Decimal::parse(text).and_then(|decimal| decimal.float());
    assert_eq!(float("0.5"), Some(0.5));
    assert_eq!(float("-1.25e2"), Some(-125.0));
    assert_eq!(float("0.1"), Some(0.1));
    assert_eq!(float("-0.0").map(f64::to_bits), Some(0));
    assert_eq!(float("1e400"), None);
    assert_eq!(float("-1e400"), None);
    assert_eq!(float("1e-400"), None);
    assert_eq!(float("1e99999999999999999999"), None);
}

#[test]
fn a_screen_of_a_repeated_key() {
    let rejected = parse("{\n  \"cap\": 5,\n  \"cap\": 6\n}\n").expect_err("an error");
    let expected = "error: the key `cap` occurs twice
 --> plan.jsonc:3:3
  |
2 |   \"cap\": 5,
  |   ----- first written here
3 |   \"cap\": 6
  |   ^^^^^
  |
  = help: remove one of the two, or give it another name
";
    assert_eq!(render(&rejected.sources, &rejected.diagnostics, false), expected);
}
