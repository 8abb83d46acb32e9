//! Errors of grammar in plain words.
//!
//! The parser says where it stumbled; what the user most likely meant is told
//! by the text around that place.

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::{ParseError, ParseErrorKind};

use super::super::diagnostic::{Diagnostic, is_invisible, quoted};
use super::scan::code_point;
use super::{Node, Span};

/// A parser's error as a diagnostic. `offset` is where `body` begins in its file.
pub(super) fn explain(body: &str, offset: usize, error: &ParseError) -> Diagnostic {
    let range = error.range();
    let place = Place { body, start: range.start, end: range.end.max(range.start) };
    let mut fault = place.explain(error.kind());
    if let Some(span) = &mut fault.span {
        *span = moved(*span, offset);
    }
    for (span, _) in &mut fault.related {
        *span = moved(*span, offset);
    }
    fault
}

/// The error for a text without any value.
pub(super) fn nothing_in(body: &str) -> Diagnostic {
    let message =
        if body.trim().is_empty() { "the file is empty" } else { "the file holds nothing but comments" };
    Diagnostic::error(None, message).with_help("a scenario is an object: `{ ... }`")
}

/// The error for a value other than an object at the top.
pub(super) fn not_an_object(root: &Node) -> Diagnostic {
    let message = format!("a scenario must be an object, found {}", root.describe());
    Diagnostic::error(Some(root.span), message).with_help("write `{ ... }` around keys and values")
}

/// The error for a key that its object already has.
pub(super) fn repeated_key(key: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Some(span), format!("the key {} occurs twice", quoted(key)))
        .with_help("remove one of the two, or give it another name")
        .with_related(first, "first written here")
}

fn moved(span: Span, offset: usize) -> Span {
    Span::new(span.start + offset, span.end + offset)
}

/// Where the parser stumbled; offsets without the byte-order mark.
struct Place<'a> {
    body: &'a str,
    start: usize,
    end: usize,
}

impl Place<'_> {
    fn explain(&self, kind: &ParseErrorKind) -> Diagnostic {
        use ParseErrorKind as Kind;
        match kind {
            Kind::String(kind) => self.bad_string(kind),
            Kind::UnterminatedCommentBlock => {
                self.error(2, "this comment is not closed").with_help("end it with `*/`")
            }
            Kind::UnterminatedObject => self.never_closed('{', '}'),
            Kind::UnterminatedArray => self.never_closed('[', ']'),
            Kind::NestingDepthExceeded => self
                .error(1, "values are nested too deeply")
                .with_help("a scenario needs only a few levels; check for repeated brackets"),
            Kind::MultipleRootJsonValues => self
                .error(self.end - self.start, "text after the end of the scenario")
                .with_help("a file holds one object; remove what follows its closing `}`"),
            Kind::ExpectedColonAfterObjectKey => self.missing_colon(),
            Kind::ExpectedDigit
            | Kind::ExpectedDigitFollowingNegativeSign
            | Kind::ExpectedPlusMinusOrDigitInNumberLiteral => self.bad_word(),
            _ if self.after().starts_with(in_word) => self.bad_word(),
            Kind::ExpectedComma => self.missing_comma(),
            _ => self.bad_sign(kind),
        }
    }

    fn error(&self, length: usize, message: impl Into<String>) -> Diagnostic {
        let end = self.body.len().min(self.start + length);
        Diagnostic::error(Some(Span::new(self.start, end)), message)
    }

    fn before(&self) -> &str {
        self.body.get(..self.start).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.body.get(self.start..).unwrap_or_default()
    }

    fn bad_string(&self, kind: &ParseStringErrorKind) -> Diagnostic {
        use ParseStringErrorKind as Kind;
        match kind {
            Kind::UnterminatedStringLiteral => {
                self.error(1, "this string is never closed").with_help("end it with `\"`")
            }
            Kind::ExpectedFourHexDigits | Kind::InvalidUnicodeEscapeSequence(_) => {
                let digits = |c: &char| c.is_ascii_hexdigit();
                let length = 2 + self.after().chars().skip(2).take(4).take_while(digits).count();
                let escape = self.after().get(..length).unwrap_or("\\u");
                self.error(length, format!("{} is not a character", quoted(escape)))
                    .with_help("write the character itself, or `\\u` and its four digits")
            }
            _ => {
                let escape: String = self.after().chars().take(2).collect();
                self.error(escape.len(), format!("{} is not an escape", quoted(&escape)))
                    .with_help("write `\\\\` for a backslash")
            }
        }
    }

    fn never_closed(&self, open: char, close: char) -> Diagnostic {
        let end = self.body.trim_end().len();
        self.error(1, format!("this `{open}` is never closed"))
            .with_help(format!("write the missing `{close}`"))
            .with_related(Span::new(end, end), "the text ends here")
    }

    fn missing_comma(&self) -> Diagnostic {
        self.error(0, "a comma is missing after this value").with_help("write `,` here")
    }

    fn missing_colon(&self) -> Diagnostic {
        self.error(self.first_length(), "a colon is missing after the key")
            .with_help("write a key as `\"key\": value`")
    }

    /// How many bytes the first character takes.
    fn first_length(&self) -> usize {
        self.after().chars().next().map_or(0, char::len_utf8)
    }

    /// The place is at or in a word or number that cannot stand there.
    fn bad_word(&self) -> Diagnostic {
        let start = self.before().trim_end_matches(in_word).len();
        let text = self.body.get(start..).unwrap_or_default();
        let length = text.find(|c| !in_word(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(length).unwrap_or((text, ""));
        let is_key = rest.trim_start().starts_with(':');
        let is_number = word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        let lower = word.trim_start_matches(['+', '-']).to_lowercase();
        let (message, help) = if is_key {
            let message = format!("the key {} is not in quotes", quoted(word));
            (message, format!("write {}", quoted(&format!("\"{word}\""))))
        } else if matches!(lower.as_str(), "nan" | "inf" | "infinity") {
            (format!("{} is not a number that can be used", quoted(word)), "write a finite number".to_owned())
        } else if is_number {
            bad_number(word)
        } else {
            bad_text(word)
        };
        let span = Span::new(start, start + word.len());
        Diagnostic::error(Some(span), message).with_help(help)
    }

    /// A place that is not at a word.
    fn bad_sign(&self, kind: &ParseErrorKind) -> Diagnostic {
        let Some(sign) = self.after().chars().next() else {
            return self.error(0, "the file ends where a value is expected");
        };
        let previous = self.before().trim_end().chars().next_back();
        let in_object = matches!(kind, ParseErrorKind::UnexpectedTokenInObject);
        let (message, help) = match sign {
            ',' | '}' | ']' if previous == Some(':') => {
                (format!("a value is missing before `{sign}`"), "write a value after the `:`")
            }
            '}' | ']' if previous.is_none() => {
                (format!("this `{sign}` closes nothing"), "begin the file with `{`")
            }
            '{' | '[' | '"' if in_object && !matches!(previous, Some(',' | '{')) => {
                return self.missing_comma();
            }
            '{' | '[' => (
                format!("a key is expected here, found `{sign}`"),
                "write a key in an object as `\"key\": value`",
            ),
            other => {
                let (message, help) = misplaced(other);
                return self.error(sign.len_utf8(), message).with_help(help);
            }
        };
        self.error(sign.len_utf8(), message).with_help(help)
    }
}

/// What is wrong with a sign, whatever stands before it.
fn misplaced(sign: char) -> (String, &'static str) {
    match sign {
        '`' => (
            "a backtick is no quotation mark here".to_owned(),
            "write strings and keys in straight double quotes: `\"...\"`",
        ),
        '\'' | '‘' | '’' | '“' | '”' | '„' | '«' | '»' => (
            format!("`{sign}` is no quotation mark here"),
            "write strings and keys in straight double quotes: `\"...\"`",
        ),
        '#' | '/' => (
            format!("`{sign}` does not begin a comment"),
            "write `//` before a comment, or `/*` and `*/` around it",
        ),
        ',' => ("this comma has nothing before it".to_owned(), "remove it, or write what it should follow"),
        '}' => (
            "this `}` stands where a list is still open".to_owned(),
            "close the list with `]` first, or remove the `}`",
        ),
        ']' => (
            "this `]` stands where an object is still open".to_owned(),
            "close the object with `}` first, or remove the `]`",
        ),
        ':' => (
            "this colon does not follow a key".to_owned(),
            "keys and colons belong in an object: `{ \"key\": value }`",
        ),
        '=' => ("unexpected `=`".to_owned(), "write `:` between a key and its value"),
        other if is_invisible(other) => {
            (format!("invisible character {} outside a string", code_point(other)), "remove it")
        }
        other => {
            (format!("unexpected {}", quoted(&other.to_string())), "remove it; text goes in double quotes")
        }
    }
}

fn in_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '.' | '+' | '-')
}

/// What is wrong with a word that begins like a number.
fn bad_number(word: &str) -> (String, String) {
    let message = format!("{} is not a number", quoted(word));
    let unsigned = word.trim_start_matches(['+', '-']);
    let plain = unsigned.trim_start_matches('0');
    let negative = word.starts_with('-') && !plain.is_empty();
    let sign = if negative { "-" } else { "" };
    let is_decimal = unsigned.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_hexadecimal = unsigned.starts_with("0x") || unsigned.starts_with("0X");
    let help = if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        "write a number such as `15` or `0.5`".to_owned()
    } else if is_hexadecimal {
        "write the number in decimal digits".to_owned()
    } else if !is_decimal {
        "write a number such as `15` or `0.5`; text, such as a number with a unit, goes in double quotes"
            .to_owned()
    } else if unsigned.matches('.').count() > 1 {
        "write at most one decimal point".to_owned()
    } else {
        let whole_missing = plain.is_empty() || plain.starts_with('.');
        let zero = if whole_missing { "0" } else { "" };
        let digits = plain.strip_suffix('.').unwrap_or(plain);
        format!("write {}", quoted(&format!("{sign}{zero}{digits}")))
    };
    (message, help)
}

/// What is wrong with a word that begins with a letter.
fn bad_text(word: &str) -> (String, String) {
    let lower = word.to_lowercase();
    let known = ["true", "false"].into_iter();
    let near =
        known.filter(|_| lower.len() < 10).find(|known| strsim::damerau_levenshtein(&lower, known) == 1);
    match lower.as_str() {
        "true" | "false" if lower != word => {
            (format!("unknown word {}", quoted(word)), format!("write `{lower}`"))
        }
        "null" | "nil" | "none" | "undefined" => {
            (format!("unknown word {}", quoted(word)), "leave the key out where there is no value".to_owned())
        }
        _ => match near {
            Some(near) => (
                format!("unknown word {}", quoted(word)),
                format!("write `{near}`, or put text in double quotes"),
            ),
            None => (
                format!("the text {} is not in quotes", quoted(word)),
                format!("write {}", quoted(&format!("\"{word}\""))),
            ),
        },
    }
}
