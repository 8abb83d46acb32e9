//! One hash for all rows of a trace, in the order in which they are called.
//!
//! It is of what the cells say, not of how they are written: quotes, the order of the columns and the
//! order of rows with different times don't count. It is part of what decides a run, and tells whether a
//! file is still what it was.

use sha2::{Digest, Sha256};

use super::cells::Cells;

/// The hash of some rows.
pub type RowsHash = [u8; 32];

/// A hash that is being computed.
#[derive(Clone, Default)]
pub struct RowsDigest {
    hasher: Sha256,
    buffer: Vec<u8>,
}

impl RowsDigest {
    pub fn add(&mut self, cells: &Cells<'_>) {
        let Cells {
            id,
            at,
            image,
            size,
            from,
            to,
            name,
            account,
            duration,
            cancel_at,
            encrypted,
            cancellable,
            dry_run,
            client_token,
            priority,
        } = cells;
        self.buffer.clear();
        for text in [id, image, from, to, name, account, client_token] {
            self.text(text.as_deref());
        }
        self.number(at.map(|at| at.micros()));
        self.number(size.map(|size| size.0));
        self.number(duration.map(|duration| duration.micros()));
        self.number(cancel_at.map(|cancel_at| cancel_at.micros()));
        self.number(encrypted.map(u64::from));
        self.number(cancellable.map(u64::from));
        self.number(dry_run.map(u64::from));
        // Rows without one keep the hash that they had before there were priorities; no row begins with a 2.
        if let Some(priority) = priority {
            self.buffer.push(2);
            self.buffer.extend_from_slice(&priority.to_le_bytes());
        }
        self.hasher.update(&self.buffer);
    }

    pub fn finish(self) -> RowsHash {
        self.hasher.finalize().into()
    }

    /// Each value says first whether it is there and how long it is, so that no two rows look alike.
    fn text(&mut self, text: Option<&str>) {
        self.number(text.map(|text| text.len() as u64));
        self.buffer.extend_from_slice(text.unwrap_or_default().as_bytes());
    }

    fn number(&mut self, number: Option<u64>) {
        match number {
            Some(number) => {
                self.buffer.push(1);
                self.buffer.extend_from_slice(&number.to_le_bytes());
            }
            None => self.buffer.push(0),
        }
    }
}
