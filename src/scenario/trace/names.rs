//! Whether all rows have different names, found out in little memory: hashes of the names are sorted in
//! chunks that go to a temporary file, and equal ones are looked at again.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::env;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Names sorted in memory: 4 MiB.
const CHUNK: usize = 1 << 18;
/// Names of a sorted chunk that are read back at once.
const READ_BACK: usize = 1 << 10;
/// Rows with the hash of an earlier one that are looked at again: of more faults nobody reads every one.
const MAX_REPEATED: usize = 1_000;
/// Bytes of a name in the temporary file.
const SIZE: usize = 16;

/// The hash of a name; where its row begins in the file, doubled, and 1 more if the name is a number that the
/// row was given.
type Hashed = (u64, u64);

/// Why the temporary file can't be used.
#[derive(Debug)]
pub struct TemporaryFileError {
    /// The folder that it was to be in.
    pub folder: PathBuf,
    /// Whether it can't even be created.
    pub is_missing: bool,
    pub error: io::Error,
}

impl TemporaryFileError {
    fn new(is_missing: bool, error: io::Error) -> Self {
        Self { folder: env::temp_dir(), is_missing, error }
    }
}

type Result<T> = std::result::Result<T, TemporaryFileError>;

/// Names as far as they were told.
#[derive(Debug, Default)]
pub struct NameCheck {
    chunk: Vec<Hashed>,
    /// Sorted chunks, one behind the other.
    spilled: Option<File>,
    /// How many names each of them holds.
    lengths: Vec<usize>,
    /// Whether some are numbers that rows were given.
    has_numbers: bool,
    #[cfg(test)]
    chunk_size: Option<usize>,
}

impl NameCheck {
    /// A row that begins at `offset` is called `name`; `is_number` if that is only its number.
    ///
    /// # Errors
    /// When the temporary file can't be created or written.
    pub fn add(&mut self, name: &str, is_number: bool, offset: u64) -> Result<()> {
        // Another hash in another version of Rust changes nothing: equal hashes are only a suspicion.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        self.has_numbers |= is_number;
        self.add_hashed((hasher.finish(), 2 * offset + u64::from(is_number)))
    }

    /// Whether the number of a row was added as its name.
    pub fn has_numbers(&self) -> bool {
        self.has_numbers
    }

    fn add_hashed(&mut self, name: Hashed) -> Result<()> {
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

    fn spill(&mut self) -> Result<()> {
        self.chunk.sort_unstable();
        let file = match &mut self.spilled {
            Some(file) => file,
            None => {
                let file = tempfile::tempfile().map_err(|error| TemporaryFileError::new(true, error))?;
                self.spilled.insert(file)
            }
        };
        write(file, &self.chunk).map_err(|error| TemporaryFileError::new(false, error))?;
        self.lengths.push(self.chunk.len());
        self.chunk.clear();
        Ok(())
    }

    /// The rows that may have one name. Numbers of rows are left out if they aren't known to be right.
    ///
    /// # Errors
    /// When the temporary file can't be written or read back.
    pub fn suspects(mut self, are_numbers_known: bool) -> Result<Suspects> {
        let mut search = Search { are_numbers_known, ..Search::default() };
        if self.spilled.is_some() {
            self.spill()?;
        }
        match self.spilled.take() {
            Some(file) => {
                let merged = self.merge(file, |name| search.see(name));
                merged.map_err(|error| TemporaryFileError::new(false, error))?;
            }
            None => {
                self.chunk.sort_unstable();
                self.chunk.iter().for_each(|name| search.see(*name));
            }
        }
        Ok(search.suspects())
    }

    /// Shows the names of all chunks in the order of their hashes.
    fn merge(self, mut file: File, mut see: impl FnMut(Hashed)) -> io::Result<()> {
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
            see(name);
            heads.extend(runs[index].take(&mut file)?.map(|name| Reverse((name, index))));
        }
        Ok(())
    }
}

fn write(file: &mut File, names: &[Hashed]) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    for (hash, place) in names {
        file.write_all(&hash.to_le_bytes())?;
        file.write_all(&place.to_le_bytes())?;
    }
    file.flush()
}

/// Rows whose names have equal hashes.
#[derive(Debug, PartialEq, Eq)]
pub struct Suspects {
    /// Where they begin: the rows of the file that first repeat the hash of an earlier one, and those earlier
    /// ones.
    pub offsets: BTreeSet<u64>,
    /// How many rows beyond these repeat an earlier one. Of different names two have one hash in one of a
    /// hundred thousand files with ten million rows: these are not looked at again.
    pub more: u64,
}

/// Finds equal hashes among sorted ones.
#[derive(Default)]
struct Search {
    are_numbers_known: bool,
    /// The hash seen last, and the first row in the file that has it.
    first: Option<Hashed>,
    /// The rows that first repeat a hash, the last of them on top, each with the first row that has it.
    repeated: BinaryHeap<(u64, u64)>,
    more: u64,
}

impl Search {
    fn see(&mut self, (hash, place): Hashed) {
        let (offset, is_number) = (place / 2, place % 2 == 1);
        if is_number && !self.are_numbers_known {
            return;
        }
        match self.first {
            Some((same, first)) if same == hash => {
                self.repeated.push((offset, first));
                if self.repeated.len() > MAX_REPEATED {
                    self.repeated.pop();
                    self.more += 1;
                }
            }
            _ => self.first = Some((hash, offset)),
        }
    }

    fn suspects(self) -> Suspects {
        let offsets = self.repeated.into_iter().flat_map(|(offset, first)| [offset, first]).collect();
        Suspects { offsets, more: self.more }
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

    /// The rows that may share a name, of those with these hashes, and how many more there are.
    fn suspects(chunk_size: usize, names: impl IntoIterator<Item = (u64, u64)>) -> (Vec<u64>, u64) {
        let mut check = NameCheck { chunk_size: Some(chunk_size), ..NameCheck::default() };
        for (hash, offset) in names {
            check.add_hashed((hash, 2 * offset)).unwrap();
        }
        let found = check.suspects(true).unwrap();
        (found.offsets.into_iter().collect(), found.more)
    }

    #[test]
    fn equal_names_are_found_in_one_chunk_and_in_two() {
        // Hashes 0 to 2999 in a mixed order; those of rows 7 and 2004 come again at the end.
        let hash = |row: u64| row * 7919 % 3000;
        let names = || (0..3000).map(|row| (hash(row), row)).chain([(hash(7), 3000), (hash(2004), 3001)]);
        for chunk_size in [1, 7, 1000, 3002, 5000] {
            assert_eq!(suspects(chunk_size, names()), (vec![7, 2004, 3000, 3001], 0), "{chunk_size}");
        }
        assert_eq!(suspects(10, (0..100).map(|row| (row, row))), (vec![], 0));
        assert_eq!(suspects(10, []), (vec![], 0));
    }

    #[test]
    fn long_chunks_are_read_back_piece_by_piece() {
        let length = READ_BACK as u64 * 5 / 2;
        let names = (0..length).map(|row| (row, row)).chain([(length - 1, length)]);
        assert_eq!(suspects(READ_BACK * 2, names), (vec![length - 1, length], 0));
    }

    #[test]
    fn of_many_equal_names_the_first_of_the_file_are_given_and_the_others_counted() {
        // Rows 0 to 4 have the hashes 4 to 0, and all after them repeat these.
        let names = || (0..5000).rev().map(|row| (4 - row % 5, row));
        let first: Vec<u64> = (0..1005).collect();
        for chunk_size in [100, 10_000] {
            assert_eq!(suspects(chunk_size, names()), (first.clone(), 3995), "{chunk_size}");
        }
    }

    #[test]
    fn numbers_of_rows_count_only_if_they_are_known() {
        let found = |are_numbers_known| {
            let mut check = NameCheck::default();
            for (name, is_number, offset) in
                [("2", false, 10), ("2", true, 20), ("x", false, 30), ("2", false, 40)]
            {
                check.add(name, is_number, offset).unwrap();
            }
            check.suspects(are_numbers_known).unwrap().offsets.into_iter().collect::<Vec<u64>>()
        };
        assert_eq!((found(true), found(false)), (vec![10, 20, 40], vec![10, 40]));
    }
}
