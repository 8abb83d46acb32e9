//! An interrupted run leaves nothing half-written: what has to go is remembered, and removed on a signal.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::exit::INTERRUPTED;
use crate::output::Leftovers;

/// What an interruption does.
pub struct State {
    leftovers: Vec<Leftovers>,
    /// Said on stderr.
    words: &'static str,
}

static STATE: Mutex<State> = Mutex::new(State { leftovers: Vec::new(), words: "" });

impl State {
    /// A result is in place, and stays there.
    pub fn is_written(&mut self) {
        self.words = "interrupted";
    }
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interruption says this, and removes what is guarded. To be called once.
pub fn say_when_interrupted(words: &'static str) {
    state().words = words;
    // Without a handler the signal ends the program all the same; only words and cleaning up are missing.
    let _ = ctrlc::set_handler(|| {
        // Held to the end, so that the main thread can't end with another status meanwhile.
        let state = state();
        state.leftovers.iter().for_each(Leftovers::remove);
        let _ = std::io::stderr().write_all(format!("{}\n", state.words).as_bytes());
        std::process::exit(INTERRUPTED.into());
    });
}

/// Until the guard is dropped, an interruption removes these.
pub struct Guard(Leftovers);

/// See [`Guard`].
pub fn guard(leftovers: &Leftovers) -> Guard {
    state().leftovers.push(leftovers.clone());
    Guard(leftovers.clone())
}

/// Until this is dropped, an interruption waits: what is being moved into place gets there as a whole.
pub fn hold_off() -> MutexGuard<'static, State> {
    state()
}

impl Drop for Guard {
    fn drop(&mut self) {
        state().leftovers.retain(|other| other != &self.0);
    }
}
