//! Why the pool refuses an option or a job.

use std::fmt;

/// Why an option was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `threads` is less than 1.
    #[error("`threads` must be 1 or more, got {given}")]
    Threads {
        /// The given value.
        given: usize,
    },
    /// `jobsPerThread` is less than 1.
    #[error("`jobsPerThread` must be 1 or more, got {given}")]
    JobsPerThread {
        /// The given value.
        given: usize,
    },
    /// `offlineShare` is not a number from 0 to 1.
    #[error("`offlineShare` must be a number from 0 to 1, got {given}")]
    OfflineShare {
        /// The given value.
        given: f64,
    },
    /// The operating system did not start a thread.
    #[error("no thread could be started: {reason}")]
    Spawn {
        /// The error of the operating system.
        reason: String,
    },
}

/// The pool is closed. The job was not let in and is returned.
#[derive(thiserror::Error)]
#[error("the pool is closed and takes no more jobs")]
pub struct Closed<J>(pub J);

impl<J> fmt::Debug for Closed<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closed").finish_non_exhaustive()
    }
}
