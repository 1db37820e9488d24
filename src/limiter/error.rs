//! What a limit refuses, and how a wait can end without a slot. Options have the names that they have in JS.

use std::time::Duration;

use super::lane::Lane;
use super::rate::MOST;

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
    /// The bounds of an adaptive limit leave it no number.
    #[error("`concurrency.min` must be from 1 to `concurrency.max` ({max}), got {min}")]
    Bounds {
        /// The fewest slots that were asked for.
        min: u64,
        /// The most slots that were asked for.
        max: u64,
    },
    /// An adaptive limit would not begin within its bounds.
    #[error(
        "`concurrency.initial` must be from `concurrency.min` ({min}) to `concurrency.max` ({max}), \
        got {given}"
    )]
    Initial {
        /// What was given.
        given: u64,
        /// The fewest slots that were asked for.
        min: u64,
        /// The most slots that were asked for.
        max: u64,
    },
    /// An adaptive limit could go down to the reserve that was asked for.
    #[error("`concurrency.min` must be above `reserve` ({reserve}), got {given}")]
    MinWithinReserve {
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
    /// `rate.limit` is none that can be kept.
    #[error("`rate.limit` must be from 1 to {MOST}, got {given}")]
    RateLimit {
        /// What was given.
        given: u64,
    },
    /// `rate.interval` is no time, or longer than a clock counts.
    #[error("`rate.interval` must be from 1 to 2^64 - 1 nanoseconds, got {given:?}")]
    RateInterval {
        /// What was given.
        given: Duration,
    },
    /// `rate.burst` is none that can be kept.
    #[error("`rate.burst` must be from 1 to {MOST}, got {given}")]
    RateBurst {
        /// What was given.
        given: u64,
    },
    /// The rate of a limit that has none was to be changed: what it has waiting has no cost.
    #[error("`rate` can be changed only where the limit was made with one")]
    Unrated,
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

/// Why a call was not let in. It has not run and will not, and nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The limit takes no more calls ([`Arbiter::close`](super::Arbiter::close)).
    #[error("the limit takes no more calls: it was drained or closed")]
    Closed,
    /// As many wait in the lane as may.
    #[error(
        "the {lane} lane is full: `maxQueue` lets {most} wait in it; wait until it has room (`ready`)"
    )]
    Full {
        /// The lane.
        lane: Lane,
        /// How many may wait in it.
        most: u64,
    },
    /// It asks for more slots than its lane may ever hold.
    #[error(
        "`weight` must be at most {most}, the slots that the {lane} lane may hold, got {given}"
    )]
    Weight {
        /// What was given.
        given: u32,
        /// The lane.
        lane: Lane,
        /// The slots that the lane may hold.
        most: u64,
    },
    /// It could never run: every slot that it may have is held by a call that waits for one like it.
    #[error(
        "a call made inside another could never run: all slots are held by calls that wait for such ones; \
        limit the inner calls alone, or let them run in the slot of the outer one (`nested: 'inherit'`)"
    )]
    Deadlock,
}

/// How the wait for a slot can end without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAcquired {
    /// The lane was cleared meanwhile.
    #[error(transparent)]
    Cleared(#[from] Cleared),
    /// The call was not let in.
    #[error(transparent)]
    Refused(#[from] Refused),
}
