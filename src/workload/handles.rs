//! What is known of the copies that something names, and who waits for them (R3.3, R5.3).

use super::plan::HandleId;
use crate::ids::ImageId;

/// An entry that waits for copies to be Available.
#[derive(Clone, Debug)]
struct Waiter {
    /// Copies still to become Available.
    missing: u32,
    /// Whether its calls are planned or will never be made.
    over: bool,
}

/// All named copies and the entries that wait for them.
#[derive(Clone, Debug, Default)]
pub struct Handles {
    /// By handle: its image; none where its call wasn't made yet, was refused, or never will be made.
    images: Vec<Option<ImageId>>,
    /// By handle: the entries that wait for it.
    waiting: Vec<Vec<u32>>,
    /// By entry.
    waiters: Vec<Option<Waiter>>,
}

impl Handles {
    pub fn new(handles: u32, entries: usize) -> Self {
        Self {
            images: vec![None; handles as usize],
            waiting: vec![Vec::new(); handles as usize],
            waiters: vec![None; entries],
        }
    }

    /// Entry `entry` waits for all of `handles`, each named once.
    pub fn wait(&mut self, entry: u32, handles: &[HandleId]) {
        for handle in handles {
            self.waiting[handle.0 as usize].push(entry);
        }
        let missing = u32::try_from(handles.len()).expect("fewer handles than ids");
        self.waiters[entry as usize] = Some(Waiter { missing, over: false });
    }

    pub fn image(&self, handle: HandleId) -> Option<ImageId> {
        self.images[handle.0 as usize]
    }

    pub fn accepted(&mut self, handle: HandleId, image: ImageId) {
        self.images[handle.0 as usize] = Some(image);
    }

    /// The copy is known to be Available. Gives the entries that have nothing more to wait for.
    pub fn available(&mut self, handle: HandleId) -> Vec<u32> {
        let mut ready = Vec::new();
        for &entry in &self.waiting[handle.0 as usize] {
            if let Some(waiter) = &mut self.waiters[entry as usize]
                && !waiter.over
            {
                waiter.missing -= 1;
                if waiter.missing == 0 {
                    waiter.over = true;
                    ready.push(entry);
                }
            }
        }
        ready
    }

    /// The copy will never be Available. Gives the entries whose calls will never be made.
    pub fn lost(&mut self, handle: HandleId) -> Vec<u32> {
        let mut skipped = Vec::new();
        for &entry in &self.waiting[handle.0 as usize] {
            if let Some(waiter) = &mut self.waiters[entry as usize]
                && !waiter.over
            {
                waiter.over = true;
                skipped.push(entry);
            }
        }
        skipped
    }

    /// Entries that still wait.
    pub fn still_waiting(&self) -> impl Iterator<Item = u32> {
        let open = |waiter: &Option<Waiter>| waiter.as_ref().is_some_and(|waiter| !waiter.over);
        (0..).zip(&self.waiters).filter(move |(_, waiter)| open(waiter)).map(|(entry, _)| entry)
    }
}
