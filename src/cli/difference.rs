//! Where two files differ first, for people who want to know what changed before they open them.

use std::fs;
use std::path::Path;

use crate::scenario::{io_words, visible};

/// Characters of a line that are shown, and how many of them lead to the difference.
const SHOWN: usize = 100;
const LEAD: usize = 40;

/// Where a file differs from the golden one, in lines to be shown; none if it doesn't. A file that can't be
/// read is never equal.
pub fn difference(name: &str, golden: &Path, new: &Path) -> Option<String> {
    let golden = match fs::read(golden) {
        Ok(bytes) => bytes,
        Err(error) => {
            return Some(format!("  {name}: the golden file can't be read: {}", visible(&io_words(&error))));
        }
    };
    let Ok(new) = fs::read(new) else {
        return Some(format!("  {name}: the new result has no such file"));
    };
    if golden == new {
        return None;
    }
    let [golden_lines, new_lines] = [&golden, &new].map(|bytes| {
        let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        lines.split(|byte| *byte == b'\n')
    });
    let Some((line, golden, new)) = first_different(golden_lines, new_lines) else {
        return Some(format!("  {name}: only one of the files ends with the end of a line"));
    };
    let common = match (golden, new) {
        (Some(golden), Some(new)) => golden.iter().zip(new).take_while(|(left, right)| left == right).count(),
        _ => 0,
    };
    let [golden, new] = [golden, new].map(|line| excerpt(line, common));
    Some(format!("  {name}, line {line}\n    golden  {golden}\n    new     {new}"))
}

type Line<'a> = Option<&'a [u8]>;

/// The number of the first line that differs, and both lines; the shorter file may have none there.
fn first_different<'a>(
    mut golden: impl Iterator<Item = &'a [u8]>,
    mut new: impl Iterator<Item = &'a [u8]>,
) -> Option<(usize, Line<'a>, Line<'a>)> {
    let mut number = 1;
    loop {
        match (golden.next(), new.next()) {
            (None, None) => return None,
            (left, right) if left != right => return Some((number, left, right)),
            _ => number += 1,
        }
    }
}

/// The part of a line around the byte `place`.
fn excerpt(line: Line, place: usize) -> String {
    let Some(line) = line else { return "(the file has ended)".to_owned() };
    if line.is_empty() {
        return "(nothing)".to_owned();
    }
    let before = String::from_utf8_lossy(&line[..place]).chars().count();
    let text: Vec<char> = String::from_utf8_lossy(line).chars().collect();
    let from = if before + LEAD < SHOWN { 0 } else { before - LEAD };
    let to = text.len().min(from + SHOWN);
    let mut shown = visible(&text[from.min(to)..to].iter().collect::<String>());
    if from > 0 {
        shown.insert(0, '…');
    }
    if to < text.len() {
        shown.push('…');
    }
    shown
}
