//! From the cells of a row to the call that it stands for.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::cells::Cells;
use super::columns::Column;
use super::faults::RowFaults;
use super::record::Record;
use crate::ids::{AccountId, DetailsId, NameId, Named, RegionId, Token, UserId};
use crate::quantity::Bytes;
use crate::scenario::copytime::{self, CopyTime, ImageSize, WorkError};
use crate::scenario::names::suggestion;
use crate::scenario::requests::{OwnCourse, SourceImage, token_of};
use crate::scenario::world::World;
use crate::service::form::name_fault;
use crate::service::{Caller, Parameters, WrittenName};
use crate::time::SimDuration;
use crate::transfer::Work;
use crate::workload::{
    CoursePlan, DrawPlan, DrawnTime, Failure, FreshImage, ImageSource, Member, Row, Words,
};

/// What holds for every row that doesn't say otherwise: the `copy` of a trace.
#[derive(Debug)]
pub struct Defaults {
    pub image: Option<SourceImage>,
    /// The size of the image that a row brings along.
    pub size: Option<Bytes>,
    pub from: Option<Named<RegionId>>,
    pub to: Option<Named<RegionId>>,
    pub account: Option<AccountId>,
    pub own: OwnCourse,
    pub encrypted: Option<bool>,
    pub details: Option<DetailsId>,
    pub user: Option<String>,
    pub token: Option<Token>,
    pub dry_run: bool,
    pub cancellable: bool,
    pub priority: i32,
    pub retention: Option<SimDuration>,
}

/// All that rows are read by.
#[derive(Debug)]
pub struct RowRules {
    pub world: Arc<World>,
    pub defaults: Defaults,
}

/// Makes calls of rows.
pub struct RowResolver {
    rules: Arc<RowRules>,
    /// How long copies take, by image and lane: rows repeat them.
    copy_times: FxHashMap<(ImageKey, Named<RegionId>, Named<RegionId>), CopyTime>,
}

/// What an image's own copy time goes by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ImageKey {
    Fresh,
    Default,
    /// A given image or group, by its first place.
    Given(u32),
}

/// The image that a row copies.
struct RowImage<'a> {
    key: ImageKey,
    source: ImageSource,
    region: Option<Named<RegionId>>,
    account: Option<AccountId>,
    size: Option<ImageSize>,
    copy_time: Option<&'a CopyTime>,
    /// The size of an image that the row brings along.
    fresh_size: Option<Bytes>,
    is_known: bool,
}

/// A row that can be called, with what its product will be.
pub struct ResolvedRow {
    pub row: Row,
    pub size: Option<ImageSize>,
    /// Set on the image; the product inherits it.
    pub copy_time: Option<CopyTime>,
    /// Whether the service can know the image.
    pub is_known: bool,
}

impl RowResolver {
    pub fn new(rules: Arc<RowRules>) -> Self {
        Self { rules, copy_times: FxHashMap::default() }
    }

    /// The cells of a row and the call that it stands for; `number_of` gives the number of a written image
    /// name. No call if the row has a fault, and then all of its faults are told.
    pub fn row<'a>(
        &mut self,
        record: &Record<'a>,
        number_of: &mut dyn FnMut(&str) -> Option<NameId>,
        faults: &mut RowFaults,
    ) -> (Cells<'a>, Option<ResolvedRow>) {
        let before = faults.count();
        let cells = Cells::read(record, self.rules.world.starts_at, faults);
        let resolved = self.call(record, &cells, number_of, faults, before);
        (cells, resolved)
    }

    /// The call of a row; `before` is how many faults there were before it was read.
    fn call(
        &mut self,
        record: &Record<'_>,
        cells: &Cells<'_>,
        number_of: &mut dyn FnMut(&str) -> Option<NameId>,
        faults: &mut RowFaults,
        before: u64,
    ) -> Option<ResolvedRow> {
        let rules = Arc::clone(&self.rules);
        let reading = Reading { rules: &rules, record, cells };
        let from = reading.region(Column::From, faults).or(rules.defaults.from);
        let to = reading.region(Column::To, faults).or(rules.defaults.to);
        let account = reading.account(faults).or(rules.defaults.account);
        let image = reading.image(from, faults);
        if faults.count() > before {
            return None;
        }
        let image = image?;
        let from = reading.needs_from(from.or(image.region), &image, faults);
        let account = reading.needs_account(account.or(image.account), faults);
        let (from, account) = (from?, account?);
        let has_destination = to.is_some();
        let to = to.unwrap_or(from);
        let time = self.time_of(&reading, &image, from, to, faults)?;
        let own = &rules.defaults.own;
        let mut plan = DrawPlan::new(time, own.failure.clone(), own.timeout.clone());
        if cells.duration.is_some() {
            plan.read_up_to(self.words_without_duration(&reading, &image, from, to));
        }
        let (course, plan) = match plan.fixed() {
            Some(course) => (CoursePlan::Fixed(course), None),
            None => (CoursePlan::OfRow, Some(Arc::new(plan))),
        };
        let fresh = (image.source == ImageSource::Fresh).then_some((from.known(), image.fresh_size));
        let fresh = fresh.and_then(|(region, size)| Some(FreshImage { account, region: region?, size }));
        let name = cells.name.as_ref().and_then(|name| {
            Some(WrittenName { id: number_of(name)?, is_malformed: name_fault(name).is_some() })
        });
        let member = Member {
            caller: Some(Caller { account, user: reading.user(account, faults)? }),
            image: image.source,
            from,
            to,
            parameters: Parameters {
                has_destination,
                name,
                encrypted: cells.encrypted.or(rules.defaults.encrypted),
                details: rules.defaults.details,
            },
            token: cells.client_token.as_ref().map(|text| token_of(text)).or(rules.defaults.token),
            dry_run: cells.dry_run.unwrap_or(rules.defaults.dry_run),
            cancellable: cells.cancellable.unwrap_or(rules.defaults.cancellable),
            priority: cells.priority.unwrap_or(rules.defaults.priority),
            course,
            retention: rules.defaults.retention,
            client: own.client,
            handle: None,
        };
        let id = cells.id.as_ref().map(|id| Box::from(&**id));
        Some(ResolvedRow {
            row: Row { at: cells.at?, id, member, plan, fresh, cancel_at: cells.cancel_at },
            size: image.size,
            copy_time: image.copy_time.cloned(),
            is_known: image.is_known,
        })
    }

    /// How long the copy takes by the most particular settings: row, request, image, link, source region, top (R4.1).
    fn time_of(
        &mut self,
        reading: &Reading<'_>,
        image: &RowImage<'_>,
        from: Named<RegionId>,
        to: Named<RegionId>,
        faults: &mut RowFaults,
    ) -> Option<DrawnTime> {
        if !image.is_known {
            // The service doesn't know such an image, so no copy of it will ever run.
            return Some(DrawnTime::Known(Work::Duration(SimDuration::ZERO)));
        }
        if let Some(duration) = reading.cells.duration {
            return Some(DrawnTime::Known(Work::Duration(duration)));
        }
        let copy_time = self.copy_time_of(reading, image, from, to);
        match copytime::time_of([copy_time], image.size) {
            Ok(time) => Some(time),
            Err(error) => {
                faults.row(reading.record, || match error {
                    WorkError::NoSize => (
                        "the image of this row has no size, and no duration is given".to_owned(),
                        "give the row a `duration`, or its image a size".to_owned(),
                    ),
                    WorkError::TooLong => (
                        "this copy would take longer than simulated time can be (285 years)".to_owned(),
                        "check the size and the throughput".to_owned(),
                    ),
                });
                None
            }
        }
    }

    /// What holds for the copies of an image between two regions, but for what a row says itself.
    fn copy_time_of(
        &mut self,
        reading: &Reading<'_>,
        image: &RowImage<'_>,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> &CopyTime {
        let RowRules { world, defaults } = reading.rules;
        self.copy_times.entry((image.key, from, to)).or_insert_with(|| {
            let own = defaults.own.time.iter().chain(image.copy_time);
            copytime::settle(own.chain(world.copy_times_between(from, to)))
        })
    }

    /// The words that a row would read without its own duration: it reads them all the same, so that the draws of
    /// later rows don't depend on its cell (R10.1).
    fn words_without_duration(
        &mut self,
        reading: &Reading<'_>,
        image: &RowImage<'_>,
        from: Named<RegionId>,
        to: Named<RegionId>,
    ) -> Words {
        let size = image.size;
        let time = copytime::time_of([self.copy_time_of(reading, image, from, to)], size);
        time.map_or(Words::default(), |time| DrawPlan::new(time, Failure::NEVER, None).words())
    }
}

/// A row that is being looked up.
struct Reading<'a> {
    rules: &'a RowRules,
    record: &'a Record<'a>,
    cells: &'a Cells<'a>,
}

impl<'a> Reading<'a> {
    /// The region that a cell names; it must exist (R7.9).
    fn region(&self, column: Column, faults: &mut RowFaults) -> Option<Named<RegionId>> {
        let text = if column == Column::From { &self.cells.from } else { &self.cells.to }.as_deref()?;
        let region = self.rules.world.region(text);
        if region.is_none() {
            self.unknown(column, "region", "regions", text, &self.rules.world.regions, faults);
        }
        region.map(Named::Known)
    }

    fn account(&self, faults: &mut RowFaults) -> Option<AccountId> {
        let text = self.cells.account.as_deref()?;
        let account = self.rules.world.account_named(text);
        if account.is_none() {
            self.unknown(Column::Account, "account", "accounts", text, &self.rules.world.accounts, faults);
        }
        account
    }

    /// The user who asks; the outer `None` is a fault.
    #[expect(clippy::option_option, reason = "no user and an unknown one are different")]
    fn user(&self, account: AccountId, faults: &mut RowFaults) -> Option<Option<UserId>> {
        let Some(name) = &self.rules.defaults.user else { return Some(None) };
        let user = self.rules.world.user_named(account, name);
        if user.is_none() {
            faults.row(self.record, || {
                let message = format!("the account of this row has no user `{name}`");
                (message, "let each account of the trace have it, or leave `user` out of `copy`".to_owned())
            });
        }
        user.map(Some)
    }

    /// The image that the row names, or brings along into `from`.
    fn image(&self, from: Option<Named<RegionId>>, faults: &mut RowFaults) -> Option<RowImage<'a>> {
        let defaults = &self.rules.defaults;
        let sizes = [Column::Size, Column::SizeBytes];
        if self.cells.size.is_none() && sizes.iter().any(|column| self.record.text(*column).is_some()) {
            // The size has a fault of its own.
            return self.cells.image.as_ref().and_then(|name| self.given(name, faults));
        }
        match (&self.cells.image, self.cells.size) {
            (Some(_), Some(_)) => {
                let column = sizes.into_iter().find(|column| self.record.field(*column).is_some())?;
                faults.cell(self.record, column, || {
                    let message = "a row names an `image` or gives the `size` of one that it brings along";
                    (message.to_owned(), "leave one of the two cells empty".to_owned())
                });
                None
            }
            (Some(name), None) => self.given(name, faults),
            (None, None) if defaults.image.is_some() => defaults.image.as_ref().map(RowImage::of),
            (None, size) => self.fresh(size.or(defaults.size), from, faults),
        }
    }

    /// A given image, or a member of a group of them.
    fn given(&self, name: &str, faults: &mut RowFaults) -> Option<RowImage<'a>> {
        let world = &self.rules.world;
        if let Some((group, member)) = world.image(name) {
            return Some(RowImage {
                key: ImageKey::Given(group.first),
                source: ImageSource::Given(group.first + member),
                region: Some(Named::Known(group.region)),
                account: group.account,
                size: group.size,
                fresh_size: None,
                copy_time: group.copy_time.as_ref(),
                is_known: true,
            });
        }
        match world.images.get(name).and_then(|group| group.count) {
            Some(count) => faults.cell(self.record, Column::Image, || {
                let message = format!("`{name}` is a group of {count} images");
                (message, format!("name one of them, from `{name}-1` to `{name}-{count}`"))
            }),
            None => self.unknown(Column::Image, "image", "images", name, &world.image_names, faults),
        }
        None
    }

    fn fresh(
        &self,
        size: Option<Bytes>,
        from: Option<Named<RegionId>>,
        faults: &mut RowFaults,
    ) -> Option<RowImage<'a>> {
        match from {
            Some(Named::Known(_)) => Some(RowImage {
                key: ImageKey::Fresh,
                source: ImageSource::Fresh,
                region: from,
                account: None,
                size: size.map(ImageSize::Known),
                fresh_size: size,
                copy_time: None,
                is_known: true,
            }),
            Some(Named::Unknown) => {
                faults.row(self.record, || {
                    let message = "a row can't bring an image to an unknown region";
                    (message.to_owned(), "name a region in `from`".to_owned())
                });
                None
            }
            // A cell with a fault of its own has been told already.
            None if self.cells.from.is_some() => None,
            None => {
                faults.row(self.record, || {
                    let message = "this row says neither an image nor where its own is";
                    let help = "fill in `image`, or `from`: the region to which the row brings an image";
                    (message.to_owned(), help.to_owned())
                });
                None
            }
        }
    }

    fn needs_from(
        &self,
        from: Option<Named<RegionId>>,
        image: &RowImage<'_>,
        faults: &mut RowFaults,
    ) -> Option<Named<RegionId>> {
        if from.is_none() && !image.is_known {
            faults.row(self.record, || {
                let message = "a literal image is in no region of the scenario";
                (message.to_owned(), "fill in `from`: the region to name in the call".to_owned())
            });
        }
        from
    }

    /// The account that is meant, or the only one.
    fn needs_account(&self, account: Option<AccountId>, faults: &mut RowFaults) -> Option<AccountId> {
        let accounts = &self.rules.world.accounts;
        if account.is_none() && accounts.len() > 1 {
            faults.row(self.record, || {
                let message = "this scenario has several accounts, and the row doesn't say whose it is";
                (message.to_owned(), format!("fill in `account`: one of {}", accounts.join(", ")))
            });
            return None;
        }
        account.or(Some(AccountId(0)))
    }

    fn unknown<'n>(
        &self,
        column: Column,
        what: &str,
        plural: &str,
        word: &str,
        known: impl IntoIterator<Item = &'n String> + Clone,
        faults: &mut RowFaults,
    ) {
        faults.cell(self.record, column, || {
            let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
            (format!("there is no {what} `{word}`"), suggestion(word, plural, known))
        });
    }
}

impl<'a> RowImage<'a> {
    fn of(image: &'a SourceImage) -> Self {
        Self {
            key: ImageKey::Default,
            source: image.source,
            region: image.region.as_ref().map(|(region, _)| *region),
            account: image.account,
            size: image.size,
            fresh_size: None,
            copy_time: image.copy_time.as_ref(),
            is_known: image.is_known,
        }
    }
}
