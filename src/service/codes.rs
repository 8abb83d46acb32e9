//! The literal error codes and HTTP statuses of the simulated operations (R7.1).

/// One line for each code: its name here, its HTTP status, and the code as the service spells it.
macro_rules! codes {
    ($($name:ident = $status:literal $literal:literal,)*) => {
        /// An error code the service can answer with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($name,)*
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as the service spells it.
            pub const fn literal(self) -> &'static str {
                match self {
                    $(Self::$name => $literal,)*
                }
            }

            pub const fn http_status(self) -> u16 {
                match self {
                    $(Self::$name => $status,)*
                }
            }
        }
    };
}

// Two of the spellings are the vendor's own slips, and are sent as they stand.
codes! {
    InvalidAliUidIsNull = 401 "InvalidAliUid.IsNull",
    ThrottlingUser = 400 "Throttling.User",
    InvalidImageNameMalformed = 400 "InvalidImageName.Malformed",
    InvalidDescriptionMalformed = 400 "InvalidDescription.Malformed",
    DuplicateTagKey = 400 "Duplicate.TagKey",
    InvalidParameterEncryptedIllegal = 400 "InvalidParameter.EncryptedIllegal",
    InvalidEncryptedNotMatchKmsKeyId = 400 "InvalidEncrypted.NotMatchKmsKeyId",
    InvalidEncryptedNotMatchEncryptAlgorithm = 400 "InvalidEncrypted.NotMatchEncryptAlgorithm",
    InvalidEncryptAlgorithm = 400 "InvalidEncryptAlgorithm",
    IdempotentParameterMismatch = 400 "IdempotentParameterMismatch",
    AccountArrearage = 400 "Account.Arrearage",
    Forbbiden = 403 "Forbbiden",
    InvalidParameterKmsNotEnabled = 400 "InvalidParameter.KmsNotEnabled",
    OperationDeniedKmsServiceUnauthorized = 403 "OperationDenied.KmsServiceUnauthorized",
    UserNotInTheWhiteList = 403 "UserNotInTheWhiteList",
    SourceRegionNotFound = 400 "SourceRegion.NotFound",
    DestinationRegionNotFound = 400 "DestinationRegion.NotFound",
    InvalidImageIdNotFound = 404 "InvalidImageId.NotFound",
    InvalidResourceGroupNotFound = 404 "InvalidResourceGroup.NotFound",
    InvalidParameterKMSKeyIdNotFound = 404 "InvalidParameter.KMSKeyId.NotFound",
    InvalidSnapshotIdNotFound = 400 "InvalidSnapshotId.NotFound",
    InvalidRegionNotSupport = 403 "InvalidRegion.NotSupport",
    InvalidRegionIdNotSupportEncryptAlgorithm = 403 "InvalidRegionId.NotSupportEncryptAlgorithm",
    InvalidEncryptedNotMatchDiskDefaultEncryption = 403 "InvalidEncrypted.NotMatchDiskDefaultEncryption",
    InvalidParameterKMSKeyIdKMSUnauthorized = 403 "InvalidParameter.KMSKeyId.KMSUnauthorized",
    InvalidParameterKMSKeyIdCMKNotEnabled = 403 "InvalidParameter.KMSKeyId.CMKNotEnabled",
    InvalidParameterKMSKeyIdCMKUnauthorized = 403 "InvalidParameter.KMSKeyId.CMKUnauthorized",
    InvalidParameterDataEncryptedKeyCreateFailed = 403 "InvalidParameter.DataEncryptedKeyCreateFailed",
    RegionNotSupportCopy = 403 "RegionNotSupportCopy",
    IncorrectDestinationRegion = 403 "IncorrectDestinationRegion",
    OperationDeniedNonCompliantDestinationRegion = 403 "OperationDenied.NonCompliantDestinationRegion",
    InvalidOperationCopyingDataFromThisRegionUnsupported = 403 "InvalidOperation.CopyingDataFromThisRegionUnsupported",
    InvalidOperationCopyingDataToThisRegionUnsupported = 403 "InvalidOperation.CopyingDataToThisRegionUnsupported",
    OperationDeniedImageCopying = 403 "OperationDenied.ImageCopying",
    IncorrectImageStatus = 400 "IncorrectImageStatus",
    OperationDeniedCommunityImage = 400 "OperationDenied.CommunityImage",
    OperationDeniedSameRegionOnly = 403 "OperationDenied.SameRegionOnly",
    OperationDeniedNotPublished = 403 "OperationDenied.NotPublished",
    OperationDeniedNotAuthorized = 403 "OperationDenied.NotAuthorized",
    InvalidOperationVhdImageUnsupported = 403 "InvalidOperation.VhdImageUnsupported",
    InvalidOperationCloudBoxImageCopyUnsupported = 403 "InvalidOperation.CloudBoxImageCopyUnsupported",
    SizeExceedImage = 403 "SizeExceed.Image",
    OperationDenied = 403 "OperationDenied",
    InvalidSnapshotTooOld = 403 "InvalidSnapshot.TooOld",
    OperationDeinedEncryptedSnapshot = 403 "OperationDeined.EncryptedSnapshot",
    OperationDeniedEncryptSnapshotAcrossRegion = 403 "OperationDenied.EncryptSnapshotAcrossRegion",
    InvalidOperationConflict = 409 "InvalidOperation.Conflict",
    InvalidImageNameDuplicated = 400 "InvalidImageName.Duplicated",
    OperationDeniedImageCopyConflict = 400 "OperationDenied.ImageCopyConflict",
    QuotaExceedImage = 403 "QuotaExceed.Image",
    QuotaExceedSnapshot = 403 "QuotaExceed.Snapshot",
    ResourceLimitExceeded = 400 "ResourceLimitExceeded",
    InternalError = 500 "InternalError",
    DryRunOperation = 400 "DryRunOperation",
    InvalidRegionIdNotFound = 404 "InvalidRegionId.NotFound",
    ImageCreatedNotFromCopy = 400 "ImageCreatedNotFromCopy",
    CancelNotSupported = 400 "CancelNotSupported",
}

impl Code {
    /// The code that is spelled so.
    pub fn of_literal(literal: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.literal() == literal)
    }
}
