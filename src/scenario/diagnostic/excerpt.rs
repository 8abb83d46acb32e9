//! The lines of a text that a message shows.

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::document::Span;
use super::{Position, SourceText};

/// Lines with more characters than this are shown in part.
const LONG_LINE: usize = 120;

/// How many characters of a long line are shown before and after the
/// beginning of a place, and before and after its end.
const AROUND_START: (usize, usize) = (30, 25);
const AROUND_END: (usize, usize) = (15, 25);

/// Up to this many lines between two places are shown, not folded away.
const NEAR: usize = 2;

/// Stands for the left-out part of a long line.
const LEFT_OUT: char = '…';

/// Whether a character does not appear itself: it can't be seen, or changes what
/// the rest of the screen looks like.
pub(in super::super) fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}'
                | '\u{61C}'
                | '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FEFF}'
        )
}

/// Where the lines of a text are.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// The first byte of each line; the byte-order mark belongs to no line.
    starts: Vec<usize>,
    /// The number of the first line, counted from one.
    first_line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(source: &'a SourceText) -> Lines<'a> {
        let text = source.text.as_str();
        let first = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        let breaks = text.match_indices('\n').map(|(index, _)| index + 1);
        let starts = std::iter::once(first).chain(breaks).collect();
        Lines { text, starts, first_line: source.first_line }
    }

    /// The position of a byte, see [`super::SourceText::position`].
    pub(super) fn position(&self, offset: usize) -> Position {
        let index = self.index(offset);
        let line = self.range(index);
        let end = self.text.floor_char_boundary(offset).max(line.start);
        let before = self.text.get(line.start..end).unwrap_or_default();
        Position { line: index + self.first_line, column: before.chars().count() + 1 }
    }

    /// The line of a byte, counted from zero.
    fn index(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a line without its end.
    fn range(&self, index: usize) -> Range<usize> {
        let start = self.starts.get(index).copied().unwrap_or(self.text.len());
        let end = self.starts.get(index + 1).copied();
        let line = self.text.get(start..end.unwrap_or(self.text.len()));
        let line = line.unwrap_or_default();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        start..start + line.len()
    }

    /// A span cut to its first line and to whole characters.
    fn clip(&self, span: Span) -> (usize, Range<usize>) {
        let start = self.text.floor_char_boundary(span.start);
        let index = self.index(start);
        let line = self.range(index);
        let start = start.clamp(line.start, line.end);
        let end = self.text.floor_char_boundary(span.end);
        let end = end.clamp(start, line.end);
        let shown = self.text.get(start..end).unwrap_or_default();
        (index, start..start + shown.trim_end().len())
    }
}

/// The lines around some places, cut to what fits a screen.
pub(super) struct Excerpt {
    /// The lines; those far from every place are empty.
    pub(super) text: String,
    /// The number of the first line, counted from one.
    pub(super) first_line: usize,
    /// The places as bytes of the excerpt, in the order in which they were
    /// given; a place over several lines is cut to its first line.
    pub(super) places: Vec<Range<usize>>,
}

impl Excerpt {
    pub(super) fn of(lines: &Lines<'_>, spans: &[Span]) -> Excerpt {
        let clipped: Vec<_> = spans.iter().map(|&span| lines.clip(span)).collect();
        let marked: BTreeSet<usize> = clipped.iter().map(|(index, _)| *index).collect();
        let first = marked.first().copied().unwrap_or_default();
        let last = marked.last().copied().unwrap_or_default();
        let mut excerpt = Excerpt {
            text: String::new(),
            first_line: first + lines.first_line,
            places: vec![0..0; spans.len()],
        };
        for index in first..=last {
            if index > first {
                excerpt.text.push('\n');
            }
            let near = index.saturating_sub(NEAR)..=index + NEAR;
            if marked.range(near).next().is_some() {
                let here = clipped.iter().enumerate();
                let here = here.filter(|(_, (line, _))| *line == index);
                let here: Vec<_> = here.map(|(order, (_, place))| (order, place)).collect();
                excerpt.push_line(lines, index, &here);
            }
        }
        excerpt
    }

    /// The number of the last line, counted from one.
    pub(super) fn last_line(&self) -> usize {
        self.first_line + self.text.matches('\n').count()
    }

    /// Adds a line with the places on it, each with its index in `places`.
    fn push_line(&mut self, lines: &Lines<'_>, index: usize, here: &[(usize, &Range<usize>)]) {
        let range = lines.range(index);
        let line = lines.text.get(range.clone()).unwrap_or_default();
        let windows = windows(line, range.start, here);
        let mut leaving_out = false;
        for (column, (byte, character)) in line.char_indices().enumerate() {
            self.note(range.start + byte, here);
            let shown = windows.iter().any(|window| window.contains(&column));
            if shown {
                self.text.push(showable(character));
            } else if !leaving_out {
                self.text.push(LEFT_OUT);
            }
            leaving_out = !shown;
        }
        self.note(range.end, here);
    }

    /// Notes where the places that begin or end at a byte of the text have
    /// come to lie in the excerpt.
    fn note(&mut self, byte: usize, here: &[(usize, &Range<usize>)]) {
        for (order, place) in here {
            if let Some(noted) = self.places.get_mut(*order) {
                if place.start == byte {
                    noted.start = self.text.len();
                }
                if place.end == byte {
                    noted.end = self.text.len();
                }
            }
        }
    }
}

/// The columns of a line that are shown, counted from zero.
fn windows(line: &str, start: usize, here: &[(usize, &Range<usize>)]) -> Vec<Range<usize>> {
    let length = line.chars().count();
    if length <= LONG_LINE {
        return std::iter::once(0..length).collect();
    }
    let column = |byte: usize| {
        let before = line.get(..byte.saturating_sub(start));
        before.unwrap_or(line).chars().count()
    };
    let around = |column: usize, (before, after): (usize, usize)| {
        column.saturating_sub(before)..column.saturating_add(after)
    };
    if here.is_empty() {
        return std::iter::once(around(0, AROUND_START)).collect();
    }
    here.iter()
        .flat_map(|(_, place)| {
            [around(column(place.start), AROUND_START), around(column(place.end), AROUND_END)]
        })
        .collect()
}

/// The renderer has signs for the older control characters but passes these.
fn showable(character: char) -> char {
    let passed =
        matches!(character, '\u{80}'..='\u{9F}') || (is_invisible(character) && !character.is_control());
    if passed { char::REPLACEMENT_CHARACTER } else { character }
}
