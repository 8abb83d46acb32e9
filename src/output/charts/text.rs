//! Text in charts: cleaning, escaping, an estimate of its width, shortening and wrapping.

/// What stands where part of a text was left out.
const ELLIPSIS: char = '…';

/// The text without characters that XML forbids or that would reorder or break the line.
///
/// Line breaks and tabs become spaces.
pub fn clean(text: &str) -> String {
    text.chars().filter_map(printable).collect()
}

fn printable(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// The text cleaned and with the five XML specials written as entities.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().filter_map(printable) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// An upper estimate of the width in pixels of `text` set at `size` pixels.
///
/// It is never smaller than what the wide sans-serif faces (DejaVu Sans, Verdana) need, so text that fits by
/// this estimate fits with any of the usual system fonts.
pub fn width(text: &str, size: u32, bold: bool) -> i32 {
    let hundredths: u64 = text.chars().map(|c| u64::from(advance(c))).sum();
    let weight = if bold { 113 } else { 100 };
    let pixels = (hundredths * u64::from(size) * weight).div_ceil(10_000);
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

/// The advance of one character in hundredths of an em, regular weight.
fn advance(c: char) -> u32 {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        'i' | 'j' | 'l' | '\'' => 32,
        ' ' | '.' | ',' | '·' | '\u{a0}' => 37,
        ':' | ';' | '!' | '|' | '(' | ')' | '[' | ']' | '/' | '\\' | '-' => 46,
        't' | 'f' | 'r' | 'I' | 'J' | '"' => 47,
        'O' | 'Q' | 'G' | 'D' => 80,
        'M' | 'w' | '&' | '<' | '>' | '=' | '+' | '~' | '#' | '×' | '÷' | '±' | '¬' | '^' | '−' => 89,
        'm' | 'W' | '@' | ELLIPSIS | '—' => 101,
        '%' | '©' | '®' | '¼' | '½' | '¾' | 'Æ' | 'æ' | 'Œ' | 'œ' | 'Ŵ' => 109,
        'A'..='Z' => 77,
        ' '..='~' | 'µ' | 'μ' | '–' => 66,
        '\u{a1}'..='\u{17f}' => 92,
        '\u{180}'..='\u{24f}' => 145,
        '\u{370}'..='\u{52f}' => 125,
        '\u{1f000}'..='\u{1faff}' => 140,
        _ => 101,
    }
}

/// The text shortened in the middle so that it fits into `limit` pixels; `None` when it fits as it is.
///
/// Both ends stay, since names often differ only in their last characters.
pub fn shorten(text: &str, size: u32, bold: bool, limit: i32) -> Option<String> {
    if width(text, size, bold) <= limit {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    let weight = if bold { 113 } else { 100 };
    let room = u64::try_from(limit).unwrap_or(0) * 10_000 / (u64::from(size.max(1)) * weight);
    let (mut used, mut head, mut tail) = (u64::from(advance(ELLIPSIS)), 0, 0);
    // Both ends grow in turn until neither has room for its next character.
    loop {
        let first = chars.get(head).map(|c| u64::from(advance(*c))).filter(|wide| used + wide <= room);
        let last =
            chars.iter().rev().nth(tail).map(|c| u64::from(advance(*c))).filter(|wide| used + wide <= room);
        match (first, last) {
            _ if head + tail >= chars.len() => break,
            (Some(wide), _) if head <= tail || last.is_none() => (used, head) = (used + wide, head + 1),
            (_, Some(wide)) => (used, tail) = (used + wide, tail + 1),
            (_, None) => break,
        }
    }
    let end = chars.len().saturating_sub(tail);
    let start: String = chars.iter().take(head).collect();
    let rest: String = chars.iter().skip(end).skip_while(|c| advance(**c) == 0).collect();
    Some(format!("{}{ELLIPSIS}{}", start.trim_end(), rest.trim_start()))
}

/// The text broken into at most `lines` lines of `limit` pixels; what doesn't fit is shortened.
///
/// Lines break at spaces and beside wide characters.
pub fn wrap(text: &str, size: u32, limit: i32, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    for piece in pieces(&clean(text)) {
        match wrapped.last_mut() {
            Some(line) if width(format!("{line}{piece}").trim_end(), size, false) <= limit => {
                line.push_str(&piece)
            }
            _ => wrapped.push(piece),
        }
    }
    // Lines beyond the last are joined to it and cut there.
    if wrapped.len() > lines {
        let rest = wrapped.split_off(lines.saturating_sub(1)).concat();
        wrapped.push(rest);
    }
    wrapped
        .into_iter()
        .map(|line| {
            let line = line.trim();
            shorten(line, size, false, limit).unwrap_or_else(|| line.to_owned())
        })
        .filter(|line| !line.is_empty())
        .collect()
}

/// The parts between which a line may break: words with the space after them, and single wide characters.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        let wide = c >= '\u{1100}' && advance(c) > 100;
        match pieces.last_mut() {
            Some(piece) if (open && !wide) || c == ' ' || advance(c) == 0 => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
        open = c != ' ' && !wide;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned_and_escaped() {
        assert_eq!(escape("a&b<c>\"d'\u{1}\u{202e}\u{85}\n"), "a&amp;b&lt;c&gt;&quot;d&#39; ");
        assert_eq!(clean("\u{feff}镜像\tx"), "镜像 x");
    }

    #[test]
    fn width_grows_with_characters_size_and_weight() {
        assert_eq!(width("", 12, false), 0);
        assert_eq!(width("镜像", 12, false), 25);
        assert!(width("0000", 12, false) >= 31);
        assert!(width("wait", 12, true) > width("wait", 12, false));
        assert_eq!(width("e\u{301}", 10, false), width("e", 10, false));
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(shorten("short", 12, false, 100), None);
        let name = shorten("release-2024-web-server-image-000123", 12, false, 120).unwrap_or_default();
        assert!(name.starts_with("release") && name.ends_with("0123") && name.contains('…'), "{name}");
        assert!(width(&name, 12, false) <= 120);
        assert_eq!(shorten("abc", 12, false, 1).as_deref(), Some("…"));
        assert_eq!(shorten("abc", 12, false, -5).as_deref(), Some("…"));
    }

    #[test]
    fn lines_break_at_spaces_and_wide_characters() {
        let lines = wrap("one two three four five six", 12, 90, 9);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 12, false) <= 90), "{lines:?}");
        assert_eq!(lines.join(" "), "one two three four five six");
        assert!(wrap("镜像镜像镜像镜像", 12, 60, 9).len() > 1);
        let cut = wrap("one two three four five six", 12, 60, 2);
        assert_eq!(cut.len(), 2);
        assert!(cut.iter().any(|line| line.contains('…')));
        assert!(wrap("", 12, 60, 2).is_empty());
    }
}
