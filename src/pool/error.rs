//! Why something was refused.

use std::fmt;

/// Why an option was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `threads` is not at least 1.
    #[error("`threads` must be 1 or more, got {given}")]
    Threads {
        /// What was given.
        given: usize,
    },
    /// `reserve` leaves offline work no thread at all.
    #[error("`reserve` must be below the number of threads ({threads}), got {given}")]
    Reserve {
        /// What was given.
        given: usize,
        /// The number of threads it has to be below.
        threads: usize,
    },
    /// `jobsPerThread` is not at least 1.
    #[error("`jobsPerThread` must be 1 or more, got {given}")]
    JobsPerThread {
        /// What was given.
        given: usize,
    },
    /// `offlineShare` is not a fraction.
    #[error("`offlineShare` must be a number from 0 to 1, got {given}")]
    OfflineShare {
        /// What was given.
        given: f64,
    },
    /// The operating system gave no thread.
    #[error("no thread could be started: {reason}")]
    Spawn {
        /// What the operating system said.
        reason: String,
    },
}

/// The pool is closed; the job was not let in and comes back.
#[derive(thiserror::Error)]
#[error("the pool is closed and takes no more jobs")]
pub struct Closed<J>(pub J);

impl<J> fmt::Debug for Closed<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closed").finish_non_exhaustive()
    }
}
