//! Checks of single characters that the grammar's parser lets pass.

use std::str::CharIndices;

use super::super::diagnostic::Diagnostic;
use super::Span;

/// Strings that do not end on their line, and blanks that JSON does not know,
/// in the order of the text. `offset` is where `body` begins in its file.
///
/// The search ends at a string without an end, as it is not certain what
/// follows it. For a text that is not grammatical only the first fault counts,
/// and only if it stands before the first error of grammar.
pub(super) fn faults(body: &str, offset: usize) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut rest = body.char_indices();
    while let Some((index, character)) = rest.next() {
        let at = index + offset;
        match character {
            '"' => {
                if let Some(end) = open_string(&mut rest) {
                    faults.push(string_not_closed(Span::new(at, end + offset)));
                    return faults;
                }
            }
            '/' => skip_comment(&mut rest),
            ' ' | '\t' | '\n' | '\r' => {}
            // The parser takes every kind of blank for a space.
            '\u{0B}' | '\u{0C}' => faults.push(wrong_blank(character, at)),
            other if other.is_whitespace() => faults.push(wrong_blank(other, at)),
            _ => {}
        }
    }
    faults
}

/// Moves past a string whose opening quote has been read; the end of its line
/// if it ends only there.
fn open_string(rest: &mut CharIndices<'_>) -> Option<usize> {
    while let Some((index, character)) = rest.next() {
        match character {
            '"' => return None,
            '\n' | '\r' => return Some(index),
            '\\' if rest.as_str().starts_with(['\n', '\r']) => return Some(index + 1),
            '\\' => {
                rest.next();
            }
            _ => {}
        }
    }
    Some(rest.offset())
}

/// Moves past a comment whose first slash has been read.
fn skip_comment(rest: &mut CharIndices<'_>) {
    let text = rest.as_str();
    let length = if text.starts_with('/') {
        text.find(['\n', '\r']).unwrap_or(text.len())
    } else if let Some(inside) = text.strip_prefix('*') {
        inside.find("*/").map_or(text.len(), |found| found + 3)
    } else {
        0
    };
    let end = rest.offset() + length;
    while rest.offset() < end && rest.next().is_some() {}
}

fn string_not_closed(span: Span) -> Diagnostic {
    Diagnostic::error(Some(span), "this string is not closed on its line").with_help("end it with `\"`")
}

fn wrong_blank(character: char, at: usize) -> Diagnostic {
    let span = Span::new(at, at + character.len_utf8());
    let message = format!("the blank character {} is not allowed here", code_point(character));
    Diagnostic::error(Some(span), message).with_help("replace it with an ordinary space")
}

/// The first control character of a string, raw or escaped. `raw` is the
/// string as written with its quotes, `start` where it begins in its file.
pub(super) fn control_character(raw: &str, start: usize) -> Option<Diagnostic> {
    let mut rest = raw.char_indices();
    while let Some((index, character)) = rest.next() {
        let meant = match character {
            '\\' => match rest.next() {
                Some((_, 'b')) => '\u{08}',
                Some((_, 'f')) => '\u{0C}',
                Some((_, 'n')) => '\n',
                Some((_, 'r')) => '\r',
                Some((_, 't')) => '\t',
                Some((_, 'u')) => match escaped(&mut rest) {
                    Some(character) => character,
                    None => continue,
                },
                _ => continue,
            },
            // A string that isn't closed on its line is told as that.
            '\n' | '\r' => continue,
            other => other,
        };
        if is_refused(meant) {
            return Some(refused(meant, Span::new(start + index, start + rest.offset())));
        }
    }
    None
}

/// The first control character of a text without escapes. `start` is where it begins in its source.
pub(super) fn refused_character(text: &str, start: usize) -> Option<Diagnostic> {
    let (index, character) = text.char_indices().find(|(_, character)| is_refused(*character))?;
    let at = start + index;
    Some(refused(character, Span::new(at, at + character.len_utf8())))
}

fn refused(character: char, span: Span) -> Diagnostic {
    let message = format!("control character {} in a string", code_point(character));
    Diagnostic::error(Some(span), message).with_help("remove it; strings hold visible text on one line")
}

/// The character of four hexadecimal digits; `None` for half of a pair, which
/// is no control character either.
fn escaped(rest: &mut CharIndices<'_>) -> Option<char> {
    let digits: String = rest.by_ref().take(4).map(|(_, digit)| digit).collect();
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}

/// Control characters, and the marks that reorder the text around them so that
/// it reads as something that it is not.
fn is_refused(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// A character that cannot be shown, by its number.
pub(super) fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}
