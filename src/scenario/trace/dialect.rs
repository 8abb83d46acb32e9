//! The cells of a line: RFC 4180, with blanks around values, and no value over the end of a line.

use std::borrow::Cow;
use std::ops::Range;

/// A cell as a stretch of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The value without quotes and the blanks around it.
    value: Range<usize>,
    /// What a message points at: the value with its quotes.
    pub place: Range<usize>,
    /// Whether quotes are written twice in it.
    has_quotes: bool,
}

impl Field {
    /// The value; it is empty where nothing is said.
    pub fn text<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let text = &line[self.value.clone()];
        if self.has_quotes { text.replace("\"\"", "\"").into() } else { text.into() }
    }
}

/// Why a line can't be cut into cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    pub place: Range<usize>,
    pub message: &'static str,
    pub help: &'static str,
}

/// Cuts a line into its cells.
///
/// # Errors
/// Quotes that don't belong together, and an end of a line within the line.
pub fn cut(line: &str, fields: &mut Vec<Field>) -> Result<(), BadLine> {
    fields.clear();
    if let Some(place) = line.find('\r') {
        return Err(BadLine {
            place: place..place,
            message: "a carriage return stands inside this line",
            help: "end lines with LF or CRLF",
        });
    }
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let begin = start + (rest.len() - rest.trim_start_matches([' ', '\t']).len());
        let (field, end) =
            if line[begin..].starts_with('"') { quoted(line, begin)? } else { plain(line, begin)? };
        fields.push(field);
        if end == line.len() {
            return Ok(());
        }
        start = end + 1;
    }
}

/// A value without quotes, and where its cell ends.
fn plain(line: &str, begin: usize) -> Result<(Field, usize), BadLine> {
    let end = line[begin..].find(',').map_or(line.len(), |length| begin + length);
    let value = begin..begin + line[begin..end].trim_end_matches([' ', '\t']).len();
    match line[value.clone()].find('"') {
        Some(quote) => Err(BadLine {
            place: begin + quote..begin + quote + 1,
            message: "a quote stands inside a value that doesn't begin with one",
            help: "put the whole value into quotes, and write the quote inside it twice",
        }),
        None => Ok((Field { place: value.clone(), value, has_quotes: false }, end)),
    }
}

/// A value in quotes, and where its cell ends.
fn quoted(line: &str, begin: usize) -> Result<(Field, usize), BadLine> {
    let mut has_quotes = false;
    let mut close = begin + 1;
    loop {
        let Some(length) = line[close..].find('"') else {
            return Err(BadLine {
                place: begin..begin + 1,
                message: "this quote isn't closed before the end of the line",
                help: "close it; a quote inside a value is written twice, and no value holds the end of a line",
            });
        };
        close += length;
        if !line[close + 1..].starts_with('"') {
            break;
        }
        has_quotes = true;
        close += 2;
    }
    let after = &line[close + 1..];
    let end = close + 1 + after.find(',').unwrap_or(after.len());
    let tail = line[close + 1..end].trim_matches([' ', '\t']);
    if !tail.is_empty() {
        let at = end - line[close + 1..end].trim_start_matches([' ', '\t']).len();
        return Err(BadLine {
            place: at..at + tail.len(),
            message: "text follows the quote that ends this value",
            help: "put a comma between two values; a quote inside a value is written twice",
        });
    }
    let inner = &line[begin + 1..close];
    let first = begin + 1 + (inner.len() - inner.trim_start_matches([' ', '\t']).len());
    let value = first..first + inner.trim_matches([' ', '\t']).len();
    Ok((Field { value, place: begin..close + 1, has_quotes }, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> Vec<String> {
        let mut fields = Vec::new();
        cut(line, &mut fields).unwrap_or_else(|bad| panic!("{line}: {bad:?}"));
        fields.iter().map(|field| field.text(line).into_owned()).collect()
    }

    #[test]
    fn reads_rfc_4180_with_blanks_around_values() {
        for (line, expected) in [
            ("a,b", &["a", "b"][..]),
            ("", &[""]),
            (",", &["", ""]),
            (" a ,\tb c\t, ", &["a", "b c", ""]),
            ("\"a\",\"b,c\"", &["a", "b,c"]),
            ("\"\",x", &["", "x"]),
            ("  \"a\"  , \" b \" ", &["a", "b"]),
            ("\"say \"\"hi\"\"\",x", &["say \"hi\"", "x"]),
            ("\"\"\"\"", &["\""]),
            ("é,\"ü\"", &["é", "ü"]),
            ("a;b", &["a;b"]),
        ] {
            assert_eq!(values(line), expected, "{line}");
        }
    }

    #[test]
    fn points_at_values_with_their_quotes() {
        let mut fields = Vec::new();
        cut("ab , \"c d\" ,", &mut fields).unwrap();
        let places: Vec<Range<usize>> = fields.iter().map(|field| field.place.clone()).collect();
        assert_eq!(places, [0..2, 5..10, 12..12]);
    }

    #[test]
    fn refuses_quotes_that_do_not_belong_together() {
        for (line, place, message) in [
            ("a,b\"c", 3..4, "inside a value"),
            ("a,\"b", 2..3, "isn't closed"),
            ("\"a\"\"", 0..1, "isn't closed"),
            ("\"a\" b,c", 4..5, "text follows"),
            ("\"a\"b", 3..4, "text follows"),
            ("a\rb", 1..1, "carriage return"),
        ] {
            let bad = cut(line, &mut Vec::new()).expect_err(line);
            assert_eq!(bad.place, place, "{line}");
            assert!(bad.message.contains(message), "{line}: {}", bad.message);
        }
    }
}
