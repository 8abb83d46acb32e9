//! CancelCopyImage and DeleteImage (R5).

use super::About;
use crate::quantity::Fraction;
use crate::service::ImageStatus;

impl About<'_> {
    pub(super) fn not_from_copy(&self) -> String {
        format!("`{}` was not made by a copy; only a copy can be cancelled", self.image)
    }

    pub(super) fn copy_ended(&self, status: ImageStatus) -> String {
        format!("the copy has ended and its image is {}; delete the image instead", status.name())
    }

    pub(super) fn queued_not_cancellable(&self) -> String {
        "the copy is still queued, and only a running one can be cancelled here; call again once it runs"
            .to_owned()
    }

    pub(super) fn marked_not_cancellable(&self) -> String {
        "the copy is marked as not cancellable; let it end".to_owned()
    }

    pub(super) fn past_return(&self, point: Fraction) -> String {
        format!("the copy has reached {point} of its progress, its point of no return; let it end")
    }

    pub(super) fn image_in_use(&self) -> String {
        format!(
            "`{}` is the source or product of {}; cancel that or wait until it has ended",
            self.image,
            self.other()
        )
    }
}
