//! What the calls answer (R3, R5-R7).

use super::*;

/// The calls (sections 3, 5 and 6, and the table of codes).
impl Twin<'_> {
    /// The image that an account means in a region, if it is there.
    pub(super) fn find(&self, target: Target, account: usize, region: usize) -> Option<Image> {
        match target {
            Target::Unknown => None,
            Target::Put(i) => {
                let put = &self.world.images[i];
                let there = put.account == account && put.region == region && !self.put_deleted[i];
                there.then_some(Image::Put(i))
            }
            // R5.3: a copy that wasn't sent or was refused has no image.
            Target::ProductOf(op) => {
                let j = self.job_of(op)?;
                let job = &self.jobs[j];
                let gone = job.status == Status::Cancelled || job.deleted;
                let there = job.account == account && job.to == region && !gone;
                there.then_some(Image::Product(j))
            }
        }
    }

    pub(super) fn submit(&mut self, op: usize) {
        self.fates[op] = match self.check_copy(op) {
            Err(code) => Fate::Refused { at: self.now, code },
            Ok(job) => {
                self.jobs.push(job);
                Fate::Accepted { job: self.jobs.len() - 1 }
            }
        };
    }

    /// R7.1: the checks of CopyImage in the order of the table; the first that
    /// applies answers. A call that passes all becomes a waiting copy.
    pub(super) fn check_copy(&self, op: usize) -> Result<Job, &'static str> {
        let Op::Copy {
            account,
            image,
            from,
            to,
            name,
            encrypted,
            cancellable,
            duration_us,
            fail_after_us,
            retention_us,
            ..
        } = self.world.ops[op]
        else {
            unreachable!("only copies are submitted");
        };
        let settings = &self.world.settings;
        let from = from.ok_or("SourceRegion.NotFound")?;
        let to = to.ok_or("DestinationRegion.NotFound")?;
        let image = self.find(image, account, from).ok_or("InvalidImageId.NotFound")?;
        // R7.6: every image that is found is the account's own.
        if from == to && !encrypted && !settings.same_region_plain_allowed {
            return Err("IncorrectDestinationRegion");
        }
        // R6.2.
        match self.status(image) {
            Status::Waiting | Status::Creating => return Err("OperationDenied.ImageCopying"),
            Status::CreateFailed => return Err("IncorrectImageStatus"),
            Status::Available => {}
            Status::Cancelled => unreachable!("a cancelled image is not found"),
        }
        if self.is_locked(image) {
            return Err("InvalidOperation.Conflict");
        }
        if self.name_is_taken(account, to, name) {
            return Err("InvalidImageName.Duplicated");
        }
        if self.is_in_conflict(image, to) {
            return Err("OperationDenied.ImageCopyConflict");
        }
        if self.is_over_limit(account, from, to) {
            return Err("ResourceLimitExceeded");
        }
        Ok(Job {
            op,
            account,
            image,
            from,
            to,
            name,
            // R5.2: of the request or of the image that it copies.
            cancellable: cancellable && self.image_is_cancellable(image),
            duration: duration_us,
            fail_after: fail_after_us,
            retention: retention_us,
            expired: false,
            already: false,
            had_run: 0,
            accepted: self.now,
            status: Status::Waiting,
            start: None,
            end: None,
            draining: false,
            deleted: false,
        })
    }

    pub(super) fn status(&self, image: Image) -> Status {
        match image {
            Image::Put(_) => Status::Available,
            Image::Product(j) => self.jobs[j].status,
        }
    }

    /// R5.2: only images that the scenario puts there can be marked.
    pub(super) fn image_is_cancellable(&self, image: Image) -> bool {
        match image {
            Image::Put(i) => self.world.images[i].cancellable,
            Image::Product(_) => true,
        }
    }

    /// R6.3 and R1.9: within [acceptance, acceptance + lock) of any accepted
    /// copy of this image, whatever became of it. Those of before the run are
    /// as long ago as they need to be.
    pub(super) fn is_locked(&self, image: Image) -> bool {
        let lock = self.world.settings.request_lock_us;
        self.jobs.iter().any(|job| job.image == image && !job.already && self.now - job.accepted < lock)
    }

    /// R6.4: names are unique per account and destination. Put images hold
    /// theirs until deleted, copies from acceptance until cancel or delete.
    pub(super) fn name_is_taken(&self, account: usize, to: usize, name: Option<u32>) -> bool {
        if name.is_none() {
            return false;
        }
        for (i, put) in self.world.images.iter().enumerate() {
            let there = put.account == account && put.region == to && !self.put_deleted[i];
            if there && put.name == name {
                return true;
            }
        }
        for job in &self.jobs {
            let gone = job.status == Status::Cancelled || job.deleted;
            if job.account == account && job.to == to && !gone && job.name == name {
                return true;
            }
        }
        false
    }

    /// R6.1: an unfinished copy with the same key, whatever account asks.
    pub(super) fn is_in_conflict(&self, image: Image, to: usize) -> bool {
        self.jobs.iter().any(|job| {
            let same_key = match self.world.settings.conflict_key {
                ConflictKey::ImageAndDestination => job.image == image && job.to == to,
                ConflictKey::Image => job.image == image,
                ConflictKey::Off => false,
            };
            same_key && is_unfinished(job)
        })
    }

    /// The two lookups that CancelCopyImage and DeleteImage share, then each.
    pub(super) fn cancel_or_delete(&mut self, op: usize) -> Result<(), &'static str> {
        let (account, target, region, is_cancel) = match self.world.ops[op] {
            Op::Cancel { account, target, region, .. } => (account, target, region, true),
            Op::Delete { account, target, region, .. } => (account, target, region, false),
            Op::Copy { .. } => unreachable!("a copy is submitted"),
        };
        let region = region.ok_or("InvalidRegionId.NotFound")?;
        let image = self.find(target, account, region).ok_or("InvalidImageId.NotFound")?;
        if is_cancel { self.cancel(image) } else { self.delete(image) }
    }

    /// The delete of the image of a job whose retention is over.
    pub(super) fn expire(&mut self, j: usize) -> Result<(), &'static str> {
        let (op, account, to) = (self.jobs[j].op, self.jobs[j].account, self.jobs[j].to);
        let image = self.find(Target::ProductOf(op), account, to).ok_or("InvalidImageId.NotFound")?;
        self.delete(image)
    }

    /// R5.1 and R5.2, in the order of the table.
    pub(super) fn cancel(&mut self, image: Image) -> Result<(), &'static str> {
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
        let drains = !queued && self.world.settings.drain_us > 0;
        let job = &mut self.jobs[j];
        job.status = Status::Cancelled;
        job.end = Some(self.now);
        job.draining = drains;
        Ok(())
    }

    /// R5.2 and R3.5: progress of a running copy is time run / duration;
    /// reaching the point of no return is being past it.
    pub(super) fn is_past_no_return(&self, job: &Job) -> bool {
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
    pub(super) fn delete(&mut self, image: Image) -> Result<(), &'static str> {
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
