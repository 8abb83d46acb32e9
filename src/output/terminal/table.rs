//! Text in columns, and in lines of a width.

use std::ops::Range;

/// A table wider than this is set closer.
const WIDTH: usize = 100;

/// Columns as wide as their widest cell: those of words to the left, those of numbers to the right.
/// Columns without any text are left out.
pub struct Table {
    numbers: Range<usize>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The first `words` columns are of words, the others of numbers.
    pub fn new(words: usize, head: &[&str]) -> Self {
        Self { numbers: words..head.len(), rows: vec![head.iter().copied().map(str::to_owned).collect()] }
    }

    /// One without a head; these columns are of numbers.
    pub fn plain(numbers: Range<usize>) -> Self {
        Self { numbers, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    pub fn text(&self) -> String {
        let width = |column: usize| self.rows.iter().map(|row| columns_of(&row[column])).max().unwrap_or(0);
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let used: Vec<usize> = widths.iter().copied().filter(|width| *width > 0).collect();
        let is_wide = 2 + used.iter().sum::<usize>() + 3 * used.len().saturating_sub(1) > WIDTH;
        let gap = if is_wide { "  " } else { "   " };
        let mut lines = Vec::new();
        for row in &self.rows {
            let cells = row.iter().zip(&widths).enumerate().filter(|(_, (_, width))| **width > 0);
            let cells = cells.map(|(column, (cell, width))| {
                let padding = " ".repeat(width - columns_of(cell));
                if self.numbers.contains(&column) {
                    format!("{padding}{cell}")
                } else {
                    format!("{cell}{padding}")
                }
            });
            let line = format!("  {}", cells.collect::<Vec<_>>().join(gap));
            lines.push(line.trim_end().to_owned());
        }
        lines.join("\n")
    }
}

/// Terminal columns of a text: wide characters take two.
fn columns_of(text: &str) -> usize {
    let is_wide = |sign: char| matches!(sign as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd);
    text.chars().map(|sign| if is_wide(sign) { 2 } else { 1 }).sum()
}

/// Words in lines of at most `width` columns behind `first`, continued a little to the right.
pub fn wrap<'a>(first: &str, words: impl Iterator<Item = &'a str>, width: usize) -> String {
    let indent = columns_of(first).min(9);
    let mut lines = first.to_owned();
    let mut column = columns_of(first);
    for (place, word) in words.enumerate() {
        let length = columns_of(word);
        if place > 0 && column + 1 + length > width {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if place > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
