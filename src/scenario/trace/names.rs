//! Whether all rows have different names, found out in little memory: hashes of the names are sorted in
//! chunks that go to a temporary file, and equal ones are looked at again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

/// Names sorted in memory: 4 MiB.
const CHUNK: usize = 1 << 18;
/// Names of a sorted chunk that are read back at once.
const READ_BACK: usize = 1 << 10;
/// Rows with equal hashes that are looked at again: of more faults than these nobody reads every one.
const MAX_CANDIDATES: usize = 10_000;
/// Bytes of a name in the temporary file.
const SIZE: usize = 16;

/// The hash of a name, and where its row begins in the file.
type Hashed = (u64, u64);

/// Names as far as they were told.
#[derive(Debug, Default)]
pub struct NameCheck {
    chunk: Vec<Hashed>,
    /// Sorted chunks, one behind the other.
    spilled: Option<File>,
    /// How many names each of them holds.
    lengths: Vec<usize>,
    #[cfg(test)]
    chunk_size: Option<usize>,
}

impl NameCheck {
    /// A row that begins at `offset` is called `name`.
    ///
    /// # Errors
    /// When the temporary file can't be written.
    pub fn add(&mut self, name: &str, offset: u64) -> io::Result<()> {
        // Another hash in another version of Rust changes nothing: equal hashes are only a suspicion.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        self.add_hashed((hasher.finish(), offset))
    }

    fn add_hashed(&mut self, name: Hashed) -> io::Result<()> {
        self.chunk.push(name);
        if self.chunk.len() >= self.chunk_size() { self.spill() } else { Ok(()) }
    }

    #[cfg(not(test))]
    fn chunk_size(&self) -> usize {
        CHUNK
    }

    #[cfg(test)]
    fn chunk_size(&self) -> usize {
        self.chunk_size.unwrap_or(CHUNK)
    }

    fn spill(&mut self) -> io::Result<()> {
        self.chunk.sort_unstable();
        let file = match &mut self.spilled {
            Some(file) => file,
            None => self.spilled.insert(tempfile::tempfile()?),
        };
        let mut file = BufWriter::new(file);
        for (hash, offset) in &self.chunk {
            file.write_all(&hash.to_le_bytes())?;
            file.write_all(&offset.to_le_bytes())?;
        }
        file.flush()?;
        self.lengths.push(self.chunk.len());
        self.chunk.clear();
        Ok(())
    }

    /// Where rows begin that may have one name: those whose hashes are equal, in no order.
    ///
    /// # Errors
    /// When the temporary file can't be written or read back.
    pub fn suspects(mut self) -> io::Result<Vec<u64>> {
        let mut suspects = Suspects::default();
        if self.spilled.is_none() {
            self.chunk.sort_unstable();
            self.chunk.iter().for_each(|name| suspects.see(*name));
            return Ok(suspects.found);
        }
        self.spill()?;
        let mut file = self.spilled.take().expect("a chunk was spilled");
        let mut runs = Vec::new();
        let mut begin = 0;
        for length in self.lengths {
            runs.push(Run { next: begin, left: length, buffer: Vec::new() });
            begin += (length * SIZE) as u64;
        }
        let mut heads = BinaryHeap::new();
        for (index, run) in runs.iter_mut().enumerate() {
            heads.extend(run.take(&mut file)?.map(|name| Reverse((name, index))));
        }
        while let Some(Reverse((name, index))) = heads.pop() {
            suspects.see(name);
            heads.extend(runs[index].take(&mut file)?.map(|name| Reverse((name, index))));
        }
        Ok(suspects.found)
    }
}

/// Finds equal neighbours.
#[derive(Default)]
struct Suspects {
    last: Option<Hashed>,
    found: Vec<u64>,
}

impl Suspects {
    fn see(&mut self, name: Hashed) {
        if let Some(last) = self.last.filter(|last| last.0 == name.0)
            && self.found.len() < MAX_CANDIDATES
        {
            self.found.extend([last.1, name.1]);
        }
        self.last = Some(name);
    }
}

/// A sorted chunk that is being read back.
struct Run {
    /// Where the names begin that aren't in the buffer yet, and how many they are.
    next: u64,
    left: usize,
    /// Names to give, last first.
    buffer: Vec<Hashed>,
}

impl Run {
    fn take(&mut self, file: &mut File) -> io::Result<Option<Hashed>> {
        if self.buffer.is_empty() && self.left > 0 {
            let count = self.left.min(READ_BACK);
            let mut bytes = vec![0; count * SIZE];
            file.seek(SeekFrom::Start(self.next))?;
            file.read_exact(&mut bytes)?;
            self.next += bytes.len() as u64;
            self.left -= count;
            let (numbers, _) = bytes.as_chunks::<8>();
            let mut numbers = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes));
            while let (Some(hash), Some(offset)) = (numbers.next(), numbers.next()) {
                self.buffer.push((hash, offset));
            }
            self.buffer.reverse();
        }
        Ok(self.buffer.pop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspects(chunk_size: usize, names: impl IntoIterator<Item = Hashed>) -> Vec<u64> {
        let mut check = NameCheck { chunk_size: Some(chunk_size), ..NameCheck::default() };
        for name in names {
            check.add_hashed(name).unwrap();
        }
        let mut found = check.suspects().unwrap();
        found.sort_unstable();
        found
    }

    #[test]
    fn equal_names_are_found_in_one_chunk_and_in_two() {
        // Hashes 0 to 2999 in a mixed order; those of rows 7 and 2004 come again at the end.
        let hash = |row: u64| row * 7919 % 3000;
        let names = || (0..3000).map(|row| (hash(row), row)).chain([(hash(7), 3000), (hash(2004), 3001)]);
        for chunk_size in [1, 7, 1000, 3002, 5000] {
            assert_eq!(suspects(chunk_size, names()), [7, 2004, 3000, 3001], "{chunk_size}");
        }
        assert_eq!(suspects(10, (0..100).map(|row| (row, row))), Vec::<u64>::new());
        assert_eq!(suspects(10, []), Vec::<u64>::new());
    }

    #[test]
    fn long_chunks_are_read_back_piece_by_piece() {
        let length = READ_BACK as u64 * 5 / 2;
        let names = (0..length).map(|row| (row, row)).chain([(length - 1, length)]);
        assert_eq!(suspects(READ_BACK * 2, names), [length - 1, length]);
    }
}
