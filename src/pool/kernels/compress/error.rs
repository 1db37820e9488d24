//! Why something could not be compressed or decompressed.

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
        /// What was given.
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
        /// What was given.
        given: i32,
    },
    /// More would come out than may.
    #[error(
        "the data decompresses to more than `maxOutputLength` ({limit} bytes); \
         raise it if the data can be trusted"
    )]
    TooLarge {
        /// The most that may come out, in bytes.
        limit: u64,
    },
    /// The data is not, or not in full, or not only, data of the format.
    #[error("this is no valid {format} data: {reason}")]
    Invalid {
        /// The format that the data should be of.
        format: Format,
        /// What is wrong, in words that may change with any version.
        reason: String,
    },
    /// The system has not as much memory as the output needs.
    #[error("no memory for {bytes} bytes of output; run fewer jobs at once or smaller ones")]
    OutOfMemory {
        /// What was asked for, in bytes.
        bytes: usize,
    },
}

impl Error {
    pub(super) fn invalid(format: Format, reason: impl Into<String>) -> Self {
        Self::Invalid { format, reason: reason.into() }
    }
}
