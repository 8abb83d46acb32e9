//! What cancels and deletes answer, and which images there are (R3, R5).

use super::*;

impl Twin<'_> {
    pub(super) fn owner(&self, image: Image) -> usize {
        match image {
            Image::Put(i) => self.world.images[i].account,
            Image::Product(j) => self.jobs[j].account,
        }
    }

    /// Whether an account other than its owner sees an image.
    pub(super) fn is_shared(&self, image: Image, account: usize) -> bool {
        match image {
            Image::Put(i) => self.world.images[i].shared_with.contains(&account),
            Image::Product(_) => false,
        }
    }

    /// Whether an image is in this region, and no cancel or delete took it away.
    pub(super) fn is_there(&self, image: Image, region: usize) -> bool {
        match image {
            Image::Put(i) => self.world.images[i].region == region && !self.put_deleted[i],
            Image::Product(j) => self.jobs[j].to == region && !self.jobs[j].is_gone(),
        }
    }

    /// R6.2: of an image that the scenario puts there, its last change counts (R1.9).
    pub(super) fn status(&self, image: Image) -> Status {
        match image {
            Image::Put(i) => {
                let put = &self.world.images[i];
                let past = put.status_changes.iter().filter(|(at, _)| *at <= self.now);
                past.max_by_key(|(at, _)| *at).map_or(put.status, |(_, status)| *status)
            }
            Image::Product(j) => self.jobs[j].status,
        }
    }

    /// The two lookups that CancelCopyImage and DeleteImage share, then each.
    pub(super) fn cancel_or_delete(&mut self, op: usize) -> Result<(), Code> {
        let (call, is_cancel) = match &self.world.ops[op] {
            Op::Cancel(call) => (call, true),
            Op::Delete(call) => (call, false),
            Op::Copy(_) => unreachable!("a copy is submitted"),
        };
        let region = call.region.region().ok_or("InvalidRegionId.NotFound")?;
        let image = self.own_image(call.target, call.account, region)?;
        if is_cancel { self.cancel(image, region) } else { self.delete(image) }
    }

    /// The delete of the image of a job whose retention is over.
    pub(super) fn expire(&mut self, j: usize) -> Result<(), Code> {
        let (op, account, to) = (self.jobs[j].op, self.jobs[j].account, self.jobs[j].to);
        let image = self.own_image(Target::ProductOf(op), account, to)?;
        self.delete(image)
    }

    fn own_image(&self, target: Target, account: usize, region: usize) -> Result<Image, Code> {
        let image =
            self.id(target).filter(|&image| self.owner(image) == account && self.is_there(image, region));
        image.ok_or("InvalidImageId.NotFound")
    }

    /// R5.1 and R5.2, in the order of the table.
    fn cancel(&mut self, image: Image, region: usize) -> Result<(), Code> {
        let Image::Product(j) = image else {
            return Err("ImageCreatedNotFromCopy");
        };
        let job = &self.jobs[j];
        if !is_unfinished(job) {
            return Err("IncorrectImageStatus");
        }
        let queued = job.status == Status::Waiting;
        if queued && !self.world.settings.cancel_queued_allowed {
            return Err("IncorrectImageStatus");
        }
        if !job.cancellable || self.is_past_no_return(job) {
            return Err("CancelNotSupported");
        }
        if self.is_faulty(true, region) {
            return Err("InternalError");
        }
        let drains = !queued && self.world.settings.drain_us > 0;
        let job = &mut self.jobs[j];
        job.status = Status::Cancelled;
        job.end = Some(self.now);
        job.draining = drains;
        Ok(())
    }

    /// R5.2 and R3.5: progress of a running copy is time run / duration;
    /// reaching the point of no return is being past it.
    fn is_past_no_return(&self, job: &Job) -> bool {
        let Some(point) = self.world.settings.point_of_no_return_millionths else {
            return false;
        };
        let Some(start) = job.start else {
            return false;
        };
        // A copy of zero length that runs counts as progress 1.
        let (run, of) = match job.duration {
            0 => (1, 1),
            duration => (self.now - start + job.had_run, duration),
        };
        u128::from(run) * 1_000_000 >= u128::from(point) * u128::from(of)
    }

    /// R5.4 and R3.2: not while the image is source or target of an unfinished copy.
    fn delete(&mut self, image: Image) -> Result<(), Code> {
        for (j, job) in self.jobs.iter().enumerate() {
            let touches = job.image == image || image == Image::Product(j);
            if touches && is_unfinished(job) {
                return Err("OperationDenied.ImageCopying");
            }
        }
        match image {
            Image::Put(i) => self.put_deleted[i] = true,
            Image::Product(j) => self.jobs[j].deleted = true,
        }
        Ok(())
    }
}
