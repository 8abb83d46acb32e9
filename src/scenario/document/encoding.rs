//! From the bytes of a file to text.

use std::string::FromUtf8Error;

use super::super::diagnostic::Diagnostic;
use super::Span;

/// The mark with which some editors begin a UTF-8 file.
pub(super) const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// The text that the bytes hold, a byte-order mark included.
///
/// # Errors
///
/// Bytes in another encoding, together with as much of the text as could be
/// read: the span of the diagnostic refers to that.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, (String, Box<Diagnostic>)> {
    if let Some(encoding) = wide_encoding(&bytes) {
        let fault = Diagnostic::error(None, format!("the file is encoded as {encoding}"))
            .with_help("save it as UTF-8");
        return Err((String::new(), Box::new(fault)));
    }
    String::from_utf8(bytes).map_err(not_utf8)
}

/// The name of an encoding with two or four bytes per character, told by its
/// byte-order mark or by the zero bytes around the first character.
pub(in super::super) fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [1..=0xFF, 0, 0, 0, ..] => Some("UTF-32 (little-endian)"),
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, 1..=0xFF, ..] => Some("UTF-32 (big-endian)"),
        [0xFF, 0xFE, ..] | [1..=0xFF, 0, 1..=0xFF, 0, ..] | [1..=0xFF, 0] => Some("UTF-16 (little-endian)"),
        [0xFE, 0xFF, ..] | [0, 1..=0xFF, 0, 1..=0xFF, ..] | [0, 1..=0xFF] => Some("UTF-16 (big-endian)"),
        _ => None,
    }
}

fn not_utf8(error: FromUtf8Error) -> (String, Box<Diagnostic>) {
    let start = error.utf8_error().valid_up_to();
    let (message, help) = not_utf8_words(error.as_bytes().get(start).copied());
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let span = Span::new(start, start + char::REPLACEMENT_CHARACTER.len_utf8());
    let fault = Diagnostic::error(Some(span), message).with_help(help);
    (text, Box::new(fault))
}

/// What is said of a byte that no UTF-8 text has there, and the way out.
pub(in super::super) fn not_utf8_words(byte: Option<u8>) -> (String, &'static str) {
    let message = match byte {
        Some(byte) => format!("the byte 0x{byte:02X} is not valid UTF-8 here"),
        None => "the file is not valid UTF-8".to_owned(),
    };
    (message, "the file may be in another encoding, such as Latin-1; save it as UTF-8")
}
