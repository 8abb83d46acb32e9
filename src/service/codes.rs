//! The literal error codes and HTTP statuses of the simulated operations (R7.1).

/// An error code the service can answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    SourceRegionNotFound,
    DestinationRegionNotFound,
    InvalidRegionIdNotFound,
    InvalidImageIdNotFound,
    IncorrectDestinationRegion,
    OperationDeniedImageCopying,
    ImageCreatedNotFromCopy,
    IncorrectImageStatus,
    CancelNotSupported,
    InvalidOperationConflict,
    InvalidImageNameDuplicated,
    OperationDeniedImageCopyConflict,
    ResourceLimitExceeded,
}

impl Code {
    pub const ALL: [Self; 13] = [
        Self::SourceRegionNotFound,
        Self::DestinationRegionNotFound,
        Self::InvalidRegionIdNotFound,
        Self::InvalidImageIdNotFound,
        Self::IncorrectDestinationRegion,
        Self::OperationDeniedImageCopying,
        Self::ImageCreatedNotFromCopy,
        Self::IncorrectImageStatus,
        Self::CancelNotSupported,
        Self::InvalidOperationConflict,
        Self::InvalidImageNameDuplicated,
        Self::OperationDeniedImageCopyConflict,
        Self::ResourceLimitExceeded,
    ];

    /// The code as the service spells it.
    pub const fn literal(self) -> &'static str {
        match self {
            Self::SourceRegionNotFound => "SourceRegion.NotFound",
            Self::DestinationRegionNotFound => "DestinationRegion.NotFound",
            Self::InvalidRegionIdNotFound => "InvalidRegionId.NotFound",
            Self::InvalidImageIdNotFound => "InvalidImageId.NotFound",
            Self::IncorrectDestinationRegion => "IncorrectDestinationRegion",
            Self::OperationDeniedImageCopying => "OperationDenied.ImageCopying",
            Self::ImageCreatedNotFromCopy => "ImageCreatedNotFromCopy",
            Self::IncorrectImageStatus => "IncorrectImageStatus",
            Self::CancelNotSupported => "CancelNotSupported",
            Self::InvalidOperationConflict => "InvalidOperation.Conflict",
            Self::InvalidImageNameDuplicated => "InvalidImageName.Duplicated",
            Self::OperationDeniedImageCopyConflict => "OperationDenied.ImageCopyConflict",
            Self::ResourceLimitExceeded => "ResourceLimitExceeded",
        }
    }

    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidRegionIdNotFound | Self::InvalidImageIdNotFound => 404,
            Self::IncorrectDestinationRegion | Self::OperationDeniedImageCopying => 403,
            Self::InvalidOperationConflict => 409,
            Self::SourceRegionNotFound
            | Self::DestinationRegionNotFound
            | Self::ImageCreatedNotFromCopy
            | Self::IncorrectImageStatus
            | Self::CancelNotSupported
            | Self::InvalidImageNameDuplicated
            | Self::OperationDeniedImageCopyConflict
            | Self::ResourceLimitExceeded => 400,
        }
    }
}
