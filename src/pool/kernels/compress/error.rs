//! Why data could not be compressed or decompressed.

use super::Format;

/// Why data, or an option, was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such format.
    #[error(
        "`format` must be one of {}, got {given:?}",
        Format::ALL.map(|format| format!("{:?}", format.name())).join(", ")
    )]
    UnknownFormat {
        /// The given value.
        given: String,
    },
    /// The format has no such level.
    #[error(
        "`level` must be from {} to {} for {format}, got {given}",
        format.levels().start(),
        format.levels().end()
    )]
    Level {
        /// The format.
        format: Format,
        /// The given value.
        given: i32,
    },
    /// The output would exceed its bound.
    #[error(
        "the data decompresses to more than `maxOutputLength` ({limit} bytes); \
         raise it if the data can be trusted"
    )]
    TooLarge {
        /// The largest output allowed, in bytes.
        limit: u64,
    },
    /// The data is not of this format, or is incomplete, or is followed by other data.
    #[error("this is no valid {format} data: {reason}")]
    Invalid {
        /// The format that the data should be of.
        format: Format,
        /// What is wrong. The text may change with any version.
        reason: String,
    },
    /// The system has less memory than the output needs.
    #[error("no memory for {bytes} bytes of output; run fewer jobs at once or smaller ones")]
    OutOfMemory {
        /// The size that was asked for, in bytes.
        bytes: usize,
    },
}

impl Error {
    pub(super) fn invalid(format: Format, reason: impl Into<String>) -> Self {
        Self::Invalid { format, reason: reason.into() }
    }
}
