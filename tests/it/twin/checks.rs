//! What CopyImage answers: the checks of its table in their order, stage by stage (R7.1).

use super::*;

/// A call whose account, image and regions are there.
#[derive(Clone, Copy)]
struct Found<'w> {
    call: &'w CopyCall,
    account: usize,
    image: Image,
    from: usize,
    to: usize,
}

impl Twin<'_> {
    /// Makes a CopyImage call.
    pub(super) fn submit(&mut self, op: usize) {
        let call = self.world.ops[op].copy().expect("only copies are submitted");
        self.fates[op] = self.answer(op, call).unwrap_or_else(|code| Fate::Refused { at: self.now, code });
        if let Some(account) = call.account {
            self.copy_calls.push((self.now, account, call.from));
        }
    }

    /// What comes of a call, or the code of the first row that applies.
    fn answer(&mut self, op: usize, call: &CopyCall) -> Result<Fate, Code> {
        let account = call.account.ok_or("InvalidAliUid.IsNull")?;
        if self.is_throttled(account, call.from) {
            return Err("Throttling.User");
        }
        check_form(call)?;
        // R7.4: a dry run neither reads nor binds its token.
        let first = self.first_with_token_of(call, account).filter(|_| !call.is_dry_run);
        if let Some(job) = first {
            if self.jobs[job].parameters != self.parameters(call) {
                return Err("IdempotentParameterMismatch");
            }
            return Ok(Fate::Replayed { at: self.now, job, was_gone: self.jobs[job].is_gone() });
        }
        self.check_account(call, account)?;
        let job = self.check_state(op, call, account)?;
        if self.is_faulty(false, job.from) {
            return Err("InternalError");
        }
        if call.is_dry_run {
            return Ok(Fate::DryRun { at: self.now });
        }
        self.jobs.push(job);
        Ok(Fate::Accepted { job: self.jobs.len() - 1 })
    }

    /// Whether a copy of before the run can be there: what the call would meet now, but for what may have been
    /// otherwise when it was made: calls of that minute, what its account might do, and faults.
    pub(super) fn check_already(&self, op: usize, call: &CopyCall) -> Result<Job, Code> {
        let account = call.account.ok_or("InvalidAliUid.IsNull")?;
        check_form(call)?;
        self.check_state(op, call, account)
    }

    /// The stages from `lookup` to `limit`. A call that passes all can become a waiting copy.
    fn check_state(&self, op: usize, call: &CopyCall, account: usize) -> Result<Job, Code> {
        let found = self.look_up(call, account)?;
        self.check_key(found)?;
        self.check_region(found)?;
        self.check_image(found)?;
        self.check_conflict(found)?;
        self.check_quota(found)?;
        if self.is_over_limit(account, found.from, found.to) {
            return Err("ResourceLimitExceeded");
        }
        Ok(self.job(op, found))
    }

    fn check_account(&self, call: &CopyCall, account: usize) -> Result<(), Code> {
        let account = &self.world.accounts[account];
        if account.overdue.iter().any(|span| span.holds(self.now)) {
            return Err("Account.Arrearage");
        }
        if call.encrypts() && !account.kms_enabled {
            return Err("InvalidParameter.KmsNotEnabled");
        }
        Ok(())
    }

    fn look_up<'c>(&self, call: &'c CopyCall, account: usize) -> Result<Found<'c>, Code> {
        let from = call.from.region().ok_or("SourceRegion.NotFound")?;
        let to = call.destination().region().ok_or("DestinationRegion.NotFound")?;
        let image = self.id(call.image).filter(|&image| {
            self.is_there(image, from) && (self.owner(image) == account || self.is_shared(image, account))
        });
        let image = image.ok_or("InvalidImageId.NotFound")?;
        Ok(Found { call, account, image, from, to })
    }

    fn check_key(&self, found: Found<'_>) -> Result<(), Code> {
        let by_default = &self.world.accounts[found.account].default_encryption;
        if by_default.contains(&found.to) && !found.call.encrypts() {
            return Err("InvalidEncrypted.NotMatchDiskDefaultEncryption");
        }
        Ok(())
    }

    fn check_region(&self, Found { call, account, image, from, to }: Found<'_>) -> Result<(), Code> {
        let (source, destination) = (&self.world.regions[from], &self.world.regions[to]);
        if !source.copies_images || !destination.copies_images {
            return Err("RegionNotSupportCopy");
        }
        // R7.6.
        let is_own = self.owner(image) == account;
        let plain_is_allowed = self.world.settings.same_region_plain_allowed;
        if from == to && is_own && !call.encrypts() && !plain_is_allowed {
            return Err("IncorrectDestinationRegion");
        }
        if self.world.links.iter().any(|link| (link.from, link.to) == (from, to) && link.is_forbidden) {
            return Err("OperationDenied.NonCompliantDestinationRegion");
        }
        if from != to && !source.sends_data {
            return Err("InvalidOperation.CopyingDataFromThisRegionUnsupported");
        }
        if from != to && destination.accepts_from.as_ref().is_some_and(|list| !list.contains(&from)) {
            return Err("InvalidOperation.CopyingDataToThisRegionUnsupported");
        }
        Ok(())
    }

    fn check_image(&self, Found { call, account, image, from, to }: Found<'_>) -> Result<(), Code> {
        // R6.2: an image that no copy makes is in another state than Available while it is Waiting or Creating.
        match (image, self.status(image)) {
            (Image::Product(_), Status::Waiting | Status::Creating) => {
                return Err("OperationDenied.ImageCopying");
            }
            (_, Status::Available) => {}
            _ => return Err("IncorrectImageStatus"),
        }
        if self.owner(image) != account && from != to {
            return Err("OperationDenied.SameRegionOnly");
        }
        let is_encrypted = match image {
            Image::Put(i) => self.world.images[i].is_encrypted,
            Image::Product(j) => self.jobs[j].is_encrypted,
        };
        if is_encrypted && !call.encrypts() {
            return Err("OperationDeined.EncryptedSnapshot");
        }
        let across = !self.world.regions[to].encrypts_across_regions;
        if !is_encrypted && call.encrypts() && from != to && across {
            return Err("OperationDenied.EncryptSnapshotAcrossRegion");
        }
        Ok(())
    }

    fn check_conflict(&self, found: Found<'_>) -> Result<(), Code> {
        if self.is_locked(found.image) {
            return Err("InvalidOperation.Conflict");
        }
        if self.name_is_taken(found.account, found.to, found.call.written_name()) {
            return Err("InvalidImageName.Duplicated");
        }
        if self.is_in_conflict(found.image, found.to) {
            return Err("OperationDenied.ImageCopyConflict");
        }
        Ok(())
    }

    /// R6.3 and R1.9: within [acceptance, acceptance + lock) of any accepted
    /// copy of this image, whatever became of it. Those of before the run are
    /// as long ago as they need to be.
    fn is_locked(&self, image: Image) -> bool {
        let lock = self.world.settings.request_lock_us;
        self.jobs.iter().any(|job| job.image == image && !job.already && self.now - job.accepted < lock)
    }

    /// R6.4: names are unique per account and destination. Put images hold
    /// theirs until deleted, copies from acceptance until cancel or delete.
    fn name_is_taken(&self, account: usize, to: usize, name: Option<&str>) -> bool {
        if name.is_none() {
            return false;
        }
        for (i, put) in self.world.images.iter().enumerate() {
            let there = put.account == account && put.region == to && !self.put_deleted[i];
            if there && put.name == name {
                return true;
            }
        }
        let mut jobs = self.jobs.iter();
        jobs.any(|job| job.account == account && job.to == to && !job.is_gone() && job.name == name)
    }

    /// R6.1: an unfinished copy with the same key, whatever account asks.
    fn is_in_conflict(&self, image: Image, to: usize) -> bool {
        self.jobs.iter().any(|job| {
            let same_key = match self.world.settings.conflict_key {
                ConflictKey::ImageAndDestination => job.image == image && job.to == to,
                ConflictKey::Image => job.image == image,
                ConflictKey::Off => false,
            };
            same_key && is_unfinished(job)
        })
    }

    /// R7.7: used + needed > quota, in the destination.
    fn check_quota(&self, Found { account, image, to, .. }: Found<'_>) -> Result<(), Code> {
        let (settings, region) = (&self.world.settings, &self.world.regions[to]);
        let images_quota = region.images_quota.or(settings.images_quota);
        if images_quota.is_some_and(|quota| self.images_used(account, to) + 1 > quota) {
            return Err("QuotaExceed.Image");
        }
        let needed = self.snapshots_used(account, to) + self.disks(image);
        let snapshots_quota = region.snapshots_quota.or(settings.snapshots_quota);
        if snapshots_quota.is_some_and(|quota| needed > quota) {
            return Err("QuotaExceed.Snapshot");
        }
        Ok(())
    }

    /// R7.7: images put there, unfinished, finished and failed ones; not those cancelled or deleted (R5.4).
    fn images_used(&self, account: usize, region: usize) -> u64 {
        let mut used = 0;
        for (i, put) in self.world.images.iter().enumerate() {
            if put.account == account && put.region == region && !self.put_deleted[i] {
                used += 1;
            }
        }
        for job in &self.jobs {
            if job.account == account && job.to == region && !job.is_gone() {
                used += 1;
            }
        }
        used
    }

    /// R7.7: those of all copies but cancelled ones. R5.4: snapshots of deleted images stay.
    fn snapshots_used(&self, account: usize, region: usize) -> u64 {
        let mut used = 0;
        for job in &self.jobs {
            if job.account == account && job.to == region && job.status != Status::Cancelled {
                used += job.disks;
            }
        }
        used
    }

    fn disks(&self, image: Image) -> u64 {
        match image {
            Image::Put(i) => self.world.images[i].disks,
            Image::Product(j) => self.jobs[j].disks,
        }
    }

    /// R7.8: whether calls of an operation to this region fail now.
    pub(super) fn is_faulty(&self, of_cancels: bool, region: usize) -> bool {
        self.world.faults.iter().any(|fault| {
            let is_there = fault.region.is_none_or(|only| only == region);
            fault.of_cancels == of_cancels && is_there && fault.span.holds(self.now)
        })
    }

    fn job(&self, op: usize, Found { call, account, image, from, to }: Found<'_>) -> Job {
        Job {
            op,
            account,
            image,
            from,
            to,
            name: call.written_name(),
            token: call.token,
            parameters: self.parameters(call),
            is_encrypted: call.encrypts(),
            disks: self.disks(image),
            // R5.2: of the request or of the image that it copies.
            cancellable: call.cancellable && self.image_is_cancellable(image),
            priority: call.priority.unwrap_or(0),
            size: self.size(image),
            duration: call.duration_us,
            fail_after: call.fail_after_us,
            retention: call.retention_us,
            expired: false,
            already: false,
            had_run: 0,
            accepted: self.now,
            status: Status::Waiting,
            start: None,
            end: None,
            draining: false,
            deleted: false,
        }
    }

    /// A copy has the size of what it copies.
    fn size(&self, image: Image) -> Option<u64> {
        match image {
            Image::Put(i) => self.world.images[i].size_bytes,
            Image::Product(j) => self.jobs[j].size,
        }
    }

    /// R5.2: only images that the scenario puts there can be marked.
    fn image_is_cancellable(&self, image: Image) -> bool {
        match image {
            Image::Put(i) => self.world.images[i].cancellable,
            Image::Product(_) => true,
        }
    }
}

fn check_form(call: &CopyCall) -> Result<(), Code> {
    match call.written_name() {
        Some(name) if !is_well_formed(name) => Err("InvalidImageName.Malformed"),
        _ => Ok(()),
    }
}
