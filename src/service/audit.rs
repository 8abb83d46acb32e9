//! What must hold of the state of the service, recounted from its parts.

use super::{ImageStatus, Origin, Phase, Service};

impl Service {
    /// Recounts the state from its parts: slots held and waiting from the copies, order of the queues,
    /// statuses from the phases, and each unfinished copy from the image that it makes.
    ///
    /// # Errors
    /// The first thing found that doesn't hold, in words.
    pub fn audit(&self) -> Result<(), String> {
        self.slots.audit(&self.copies)?;
        for (id, copy) in self.copies.iter().filter(|(_, copy)| copy.phase == Phase::Waiting) {
            if copy.is_held_back != self.is_touched(copy) {
                return Err(format!(
                    "waiting copy {} is in its line during an outage, or out of it without one",
                    id.acceptance
                ));
            }
        }
        for (id, copy) in self.copies.iter() {
            let status = self.images.get(copy.target).map(|image| (image.status, image.origin));
            let expected = match copy.phase {
                Phase::Waiting => Some((ImageStatus::Waiting, Origin::Unfinished(id))),
                Phase::Running => Some((ImageStatus::Creating, Origin::Unfinished(id))),
                Phase::Draining => None,
            };
            if status != expected {
                return Err(format!(
                    "copy {} is {:?} but its image is {status:?}",
                    id.acceptance, copy.phase
                ));
            }
        }
        Ok(())
    }

    /// What must hold whenever the clock moves on: no free slot beside a startable copy (R1.5).
    ///
    /// # Errors
    /// In words, when a copy could start.
    pub fn audit_settled(&self) -> Result<(), String> {
        if self.slots.has_startable(&self.copies) {
            return Err("a slot is free beside a copy that could start".to_owned());
        }
        Ok(())
    }
}
