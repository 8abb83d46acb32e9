use super::*;

fn source(text: &str) -> Sources {
    Sources::new(SourceText::new("plan.jsonc", text))
}

fn at(start: usize, end: usize) -> Diagnostic {
    Diagnostic::error(Some(Span::new(start, end)), "wrong `x`")
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let position = source(text).file().position(offset);
    (position.line, position.column)
}

#[test]
fn positions_count_characters_and_both_line_ends() {
    assert_eq!(position("", 0), (1, 1));
    assert_eq!(position("ab\ncd", 2), (1, 3));
    assert_eq!(position("ab\ncd", 3), (2, 1));
    assert_eq!(position("ab\r\ncd", 5), (2, 2));
    assert_eq!(position("日本x", 6), (1, 3));
    assert_eq!(position("日本x", 4), (1, 2), "within a character");
    assert_eq!(position("ab\n", 3), (2, 1));
    assert_eq!(position("ab", 99), (1, 3), "past the end");
}

#[test]
fn a_byte_order_mark_has_no_column() {
    assert_eq!(position("\u{FEFF}{x", 0), (1, 1));
    assert_eq!(position("\u{FEFF}{x", 3), (1, 1));
    assert_eq!(position("\u{FEFF}{x", 4), (1, 2));
    assert_eq!(position("\u{FEFF}{\nx", 5), (2, 1));
    let screen = render(&source("\u{FEFF}{x"), &[at(4, 5)], false);
    let expected = "error: wrong `x`
 --> plan.jsonc:1:2
  |
1 | {x
  |  ^
";
    assert_eq!(screen, expected);
}

#[test]
fn a_screen_has_place_marks_and_help() {
    let fault = at(2, 3).with_help("write `y`").with_related(Span::new(16, 17), "used here");
    let expected = "error: wrong `x`
 --> plan.jsonc:2:1
  |
2 | x
  | ^
...
9 | z
  | - used here
  |
  = help: write `y`
";
    let text = "a\nx\n1\n2\n3\n4\n5\n6\nz";
    assert_eq!(render(&source(text), &[fault], false), expected);
}

#[test]
fn two_digit_line_numbers_move_the_arrow() {
    let text = "\n\n\n\n\n\n\n\n\nx";
    let expected = "error: wrong `x`
  --> plan.jsonc:10:1
   |
10 | x
   | ^
";
    assert_eq!(render(&source(text), &[at(9, 10)], false), expected);
}

#[test]
fn screens_come_in_order_of_place_and_those_without_place_first() {
    let faults = [
        at(2, 3),
        at(0, 1),
        Diagnostic::warning(None, "all of it").with_help("look"),
        Diagnostic::note(Some(Span::new(0, 1)), "later of two at one place"),
    ];
    let expected = "warning: all of it
--> plan.jsonc
 = help: look

error: wrong `x`
 --> plan.jsonc:1:1
  |
1 | a
  | ^

note: later of two at one place
 --> plan.jsonc:1:1
  |
1 | a
  | ^

error: wrong `x`
 --> plan.jsonc:2:1
  |
2 | b
  | ^
";
    assert_eq!(render(&source("a\nb"), &faults, false), expected);
    assert_eq!(render(&source("a"), &[], false), "");
}

#[test]
fn a_place_over_several_lines_is_shown_by_its_first_line() {
    let expected = "error: wrong `x`
 --> plan.jsonc:1:3
  |
1 | a { 
  |   ^
";
    let text = source("a { \r\n  b\r\n}\r\n");
    assert_eq!(render(&text, &[at(2, 12)], false), expected);
}

#[test]
fn a_long_line_is_shown_around_its_places() {
    let text = format!("{}x{}y{}", "a".repeat(5_000), "b".repeat(5_000), "c".repeat(5_000));
    let fault = at(5_000, 5_001).with_related(Span::new(10_001, 10_002), "first");
    let screen = render(&source(&text), &[fault], false);
    let a = "a".repeat(30);
    let c = "c".repeat(25);
    let (b_left, b_right) = ("b".repeat(25), "b".repeat(30));
    let line = format!("\n1 | …{a}x{b_left}…{b_right}y{c}…\n");
    assert!(screen.contains(&line), "{screen}");
    assert!(screen.contains("plan.jsonc:1:5001\n"), "{screen}");

    let long_span = render(&source(&text), &[at(5_000, 10_000)], false);
    let width = long_span.lines().map(|line| line.chars().count()).max();
    assert!(width < Some(120), "{long_span}");
    assert!(long_span.contains(&"^".repeat(41)), "{long_span}");
}

#[test]
fn tabs_wide_characters_and_escapes_keep_the_marks_in_place() {
    let text = "\t\"日本\u{1b}[31m\u{9b}\": x";
    let start = text.find('x').unwrap_or_default();
    let expected = "error: wrong `x`
 --> plan.jsonc:1:14
  |
1 |     \"日本␛[31m\u{fffd}\": x
  |                   ^
";
    let screen = render(&source(text), &[at(start, start + 1)], false);
    assert_eq!(screen, expected);
}

#[test]
fn messages_cannot_steer_the_screen() {
    let mut fault = at(0, 1).with_help("write `\u{1b}[0m`");
    fault.message = "bad `\u{202e}`\nerror: fake".to_owned();
    fault.related.push((Span::new(0, 1), "\u{7}".to_owned()));
    let name = "a\u{1b}b".to_owned();
    let text = "x".to_owned();
    let screen = render(&Sources::new(SourceText::new(name, text)), &[fault], false);
    assert!(!screen.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{screen:?}");
    assert!(!screen.contains("\nerror: fake"), "{screen}");
}

#[test]
fn colour_adds_nothing_but_escape_sequences() {
    let fault = at(0, 1).with_help("write `y`");
    let coloured = render(&source("x"), std::slice::from_ref(&fault), true);
    assert!(coloured.contains("\u{1b}["));
    let mut plain = String::new();
    for (index, part) in coloured.split("\u{1b}[").enumerate() {
        let text = part.split_once('m').map_or(part, |(_, text)| text);
        plain.push_str(if index == 0 { part } else { text });
    }
    assert_eq!(plain, render(&source("x"), &[fault], false));
}

#[test]
fn no_span_is_out_of_reach() {
    for text in ["", "\u{FEFF}", "x", "日\r\n\t本", "\r", "\n\n", "\r\r\n\u{85}"] {
        for start in 0..12 {
            for end in (0..12).chain([usize::MAX]) {
                let fault = at(start, end).with_related(Span::new(end, start), "there");
                let screen = render(&source(text), &[fault], false);
                assert!(screen.starts_with("error: wrong `x`\n"), "{screen}");
            }
        }
    }
}

#[test]
fn quoted_text_is_short_and_visible() {
    assert_eq!(quoted("a b"), "`a b`");
    assert_eq!(quoted("a\u{1b}"), "`a\\u{1b}`");
    let long = quoted(&"日".repeat(1_000));
    assert_eq!(long, format!("`{}…`", "日".repeat(60)));
}

#[test]
fn a_message_of_any_length_is_told_in_short() {
    let word = "x".repeat(1_000_000);
    let fault =
        Diagnostic::error(None, format!("there is no region `{word}`")).with_help(format!("not {word}"));
    let screen = render(&source("x"), &[fault], false);
    assert!(screen.starts_with("error: there is no region `xxx") && screen.contains("xxx`\n"), "{screen}");
    assert!(screen.len() < 2_000, "{}", screen.len());
}
