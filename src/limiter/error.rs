//! What a limit refuses, and how a wait can end without a slot.

use super::lane::Lane;

/// Why an option or a call was refused. Nothing has changed when one of these comes back.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `concurrency` is not at least 1.
    #[error("`concurrency` must be 1 or more, got {given}")]
    Concurrency {
        /// What was given.
        given: u64,
    },
    /// `reserve` leaves offline work no slot at all.
    #[error("`reserve` must be below `concurrency` ({concurrency}), got {given}")]
    Reserve {
        /// What was given.
        given: u64,
        /// The concurrency it has to be below.
        concurrency: u64,
    },
    /// `concurrency` would not be above the reserve that was asked for.
    #[error("`concurrency` must be above `reserve` ({reserve}), got {given}")]
    ConcurrencyWithinReserve {
        /// What was given.
        given: u64,
        /// The reserve it has to be above.
        reserve: u64,
    },
    /// `offlineShare` is not a fraction.
    #[error("`offlineShare` must be a number from 0 to 1, got {given}")]
    OfflineShare {
        /// What was given.
        given: f64,
    },
    /// There is no such lane.
    #[error("`lane` must be \"online\" or \"offline\", got {given:?}")]
    UnknownLane {
        /// What was given.
        given: String,
    },
}

/// The lane was cleared while a call waited in it; the call has not run and will not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {lane} lane was cleared while this call waited in it")]
#[non_exhaustive]
pub struct Cleared {
    /// The lane that was cleared.
    pub lane: Lane,
}
