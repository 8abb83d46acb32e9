//! An interrupted run leaves nothing half-written: what has to go is remembered, and removed on a signal.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

const INTERRUPTED: i32 = 130;

static LEFTOVERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static HANDLER: Once = Once::new();

/// Until the guard is dropped, an interruption removes this folder.
pub struct Guard(PathBuf);

/// See [`Guard`].
pub fn guard(folder: &Path) -> Guard {
    HANDLER.call_once(|| {
        // Without a handler the signal ends the program all the same; only the cleaning up is missing.
        let _ = ctrlc::set_handler(|| {
            for folder in LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                let _ = std::fs::remove_dir_all(folder);
            }
            std::process::exit(INTERRUPTED);
        });
    });
    LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder.to_owned());
    Guard(folder.to_owned())
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut leftovers = LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner);
        leftovers.retain(|folder| folder != &self.0);
    }
}
