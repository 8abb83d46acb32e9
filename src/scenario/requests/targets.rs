//! Cancels and deletes.

use super::{RequestResolver, SourceImage, Written};
use crate::scenario::catalog::{Calls, TargetInfo};
use crate::scenario::schema::TargetText;
use crate::workload::{Target, TargetEntry};

impl RequestResolver<'_> {
    /// The targets of a cancel or delete.
    pub(super) fn targets(&mut self, text: &TargetText, written: &Written) -> Option<(TargetEntry, Calls)> {
        let region = match &text.region {
            Some(region) => Some(self.region_ref(&region.value, region.span)?),
            None => None,
        };
        let images: Vec<(SourceImage, String)> = match (&text.copy, &text.image) {
            (Some(copy), None) => {
                let named = self.select(&copy.value, copy.span)?;
                named.into_iter().map(|one| (self.product(one), self.describe(one))).collect()
            }
            (None, Some(image)) => {
                let images = self.image(&image.value, image.span)?;
                images.into_iter().map(|image| (image.clone(), image.label)).collect()
            }
            _ => {
                let message = "this must name either a `copy` or an `image`";
                self.faults.lacking(
                    written.span,
                    &["copy", "image"],
                    message,
                    "add `\"copy\": \"id@region\"` or `\"image\": ...`",
                );
                return None;
            }
        };
        let mut targets = Vec::new();
        let mut infos = Vec::new();
        for (image, what) in images {
            let Some((named, region_text)) = region.clone().or(image.region) else {
                let message = "a literal image is in no region of the scenario";
                self.faults.lacking(
                    written.span,
                    &["region"],
                    message,
                    "add `\"region\": ...`, the region to name in the call",
                );
                return None;
            };
            let account = match (&text.account, image.account) {
                (None, Some(owner)) => owner,
                (account, _) => self.world.account(account.as_ref(), written.span, self.faults)?,
            };
            targets.push(Target { account, image: image.source, region: named });
            infos.push(TargetInfo { what, region: region_text });
        }
        Some((TargetEntry { at: text.at, targets }, Calls::Targets(infos)))
    }
}
