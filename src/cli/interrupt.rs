//! An interrupted run leaves nothing half-written: what has to go is remembered, and removed on a signal.

use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use crate::output::Leftovers;

const INTERRUPTED: i32 = 130;

static LEFTOVERS: Mutex<Vec<Leftovers>> = Mutex::new(Vec::new());
static HANDLER: Once = Once::new();

/// Until the guard is dropped, an interruption removes these.
pub struct Guard(Leftovers);

/// See [`Guard`].
pub fn guard(leftovers: &Leftovers) -> Guard {
    HANDLER.call_once(|| {
        // Without a handler the signal ends the program all the same; only the cleaning up is missing.
        let _ = ctrlc::set_handler(|| {
            // Held to the end, so that the main thread can't end with another status meanwhile.
            let leftovers = LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner);
            leftovers.iter().for_each(Leftovers::remove);
            std::process::exit(INTERRUPTED);
        });
    });
    LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner).push(leftovers.clone());
    Guard(leftovers.clone())
}

/// Until this is dropped, an interruption waits: what is being moved into place gets there as a whole.
pub fn hold_off() -> MutexGuard<'static, Vec<Leftovers>> {
    LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut leftovers = LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner);
        leftovers.retain(|other| other != &self.0);
    }
}
