//! Why a limit refuses an option or a call, and how a wait can end without a slot. Options have
//! their JavaScript names.
//!
//! This file and `lane.rs` import each other on purpose: an error names a lane, and parsing the
//! name of a lane may give an error.

use std::time::Duration;

use super::costs::MOST_QUOTAS;
use super::lane::Lane;
use super::numbers::MAX_SAFE_INTEGER;
use super::overflow::Dropped;

/// Why an option or a call was refused. The limit is unchanged.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `concurrency` is less than 1.
    #[error("`concurrency` must be 1 or more, got {given}")]
    Concurrency {
        /// The given value.
        given: u64,
    },
    /// `reserve` leaves no slot for offline work.
    #[error("`reserve` must be below `concurrency` ({concurrency}), got {given}")]
    Reserve {
        /// The given value.
        given: u64,
        /// The concurrency, which the reserve must be below.
        concurrency: u64,
    },
    /// A reserve for a limit that finds its concurrency is not below the fewest slots.
    #[error("`reserve` must be below `concurrency.min` ({min}), got {given}")]
    ReserveAboveMin {
        /// The given value.
        given: u64,
        /// The fewest slots, which the reserve must be below.
        min: u64,
    },
    /// The wait that a reserve promises is zero.
    #[error("`reserve.wait` must be above 0, got 0")]
    ReserveWait,
    /// `concurrency` would not be above the reserve that was set.
    #[error("`concurrency` must be above `reserve` ({reserve}), got {given}")]
    ConcurrencyWithinReserve {
        /// The given value.
        given: u64,
        /// The reserve, which the concurrency must be above.
        reserve: u64,
    },
    /// The bounds of an adaptive limit leave no number between them.
    #[error("`concurrency.min` must be from 1 to `concurrency.max` ({max}), got {min}")]
    Bounds {
        /// The fewest slots, as given.
        min: u64,
        /// The most slots, as given.
        max: u64,
    },
    /// An adaptive limit would not start within its bounds.
    #[error(
        "`concurrency.initial` must be from `concurrency.min` ({min}) to `concurrency.max` ({max}), \
        got {given}"
    )]
    Initial {
        /// The given value.
        given: u64,
        /// The fewest slots, as given.
        min: u64,
        /// The most slots, as given.
        max: u64,
    },
    /// An adaptive limit could go down to the reserve that was set.
    #[error("`concurrency.min` must be above `reserve` ({reserve}), got {given}")]
    MinWithinReserve {
        /// The given value.
        given: u64,
        /// The reserve, which the fewest slots must be above.
        reserve: u64,
    },
    /// `offlineShare` is not a number from 0 to 1.
    #[error("`offlineShare` must be a number from 0 to 1, got {given}")]
    OfflineShare {
        /// The given value.
        given: f64,
    },
    /// `rate.limit` is out of its range.
    #[error("`rate.limit` must be from 1 to {MAX_SAFE_INTEGER}, got {given}")]
    RateLimit {
        /// The given value.
        given: u64,
    },
    /// `rate.interval` is zero, or longer than a clock counts.
    #[error("`rate.interval` must be from 1 to 2^64 - 1 nanoseconds, got {given:?}")]
    RateInterval {
        /// The given value.
        given: Duration,
    },
    /// `rate.burst` is out of its range.
    #[error("`rate.burst` must be from 1 to {MAX_SAFE_INTEGER}, got {given}")]
    RateBurst {
        /// The given value.
        given: u64,
    },
    /// A window or a budget has no burst.
    #[error("`rate.burst` is of a token bucket, and can't be given with a window, got {given}")]
    WindowBurst {
        /// The given value.
        given: u64,
    },
    /// A window of an interval that never ends.
    #[error("`rate.window` can't be given where `rate.interval` never ends")]
    EndlessWindow,
    /// There are too many quotas.
    #[error("`rate` may have at most {MOST_QUOTAS} quotas, got {given}")]
    Quotas {
        /// How many were given.
        given: usize,
    },
    /// Two quotas have one name.
    #[error("`rate` has two quotas '{name}'")]
    QuotaTwice {
        /// The name.
        name: String,
    },
    /// A rate without a name was given beside quotas.
    #[error("`rate` must be one rate, or quotas with names, got both")]
    RateAndQuotas,
    /// The limit has no quota of that name.
    #[error("`rate` has no quota '{name}', only {known}")]
    UnknownQuota {
        /// The given name.
        name: String,
        /// The names of its quotas.
        known: String,
    },
    /// The limit has quotas with names, so one rate without a name cannot be set.
    #[error("`rate` has quotas with names, {known}; each is changed by its name")]
    NamedQuotas {
        /// The names of its quotas.
        known: String,
    },
    /// The limit was made without a rate, so its rate cannot be changed: tickets that wait in it
    /// have no cost.
    #[error("`rate` can be changed only where the limit was made with one")]
    Unrated,
    /// `share` is not a number from 0.000001 to 1,000,000.
    #[error("`share` must be a number from 0.000001 to 1000000, got {given}")]
    Share {
        /// The given value.
        given: f64,
    },
    /// There is no such lane.
    #[error("`lane` must be \"online\" or \"offline\", got {given:?}")]
    UnknownLane {
        /// The given value.
        given: String,
    },
}

/// The lane was cleared while a call waited in it. The call has not run and will not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {lane} lane was cleared while this call waited in it")]
#[non_exhaustive]
pub struct Cleared {
    /// The lane that was cleared.
    pub lane: Lane,
}

/// Why a call was not let in. It has not run and will not run. The limit is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The limit takes no more calls ([`Arbiter::close`](crate::limiter::Arbiter::close)).
    #[error("the limit takes no more calls: it was drained or closed")]
    Closed,
    /// The lane has as many waiting calls as it may have.
    #[error(
        "the {lane} lane is full: `maxQueue` lets {most} wait in it; wait until it has room (`ready`)"
    )]
    Full {
        /// The lane.
        lane: Lane,
        /// How many calls may wait in it.
        most: u64,
    },
    /// The lane is full, and the call would have been the first to be
    /// [dropped](crate::limiter::Overflow::DropLowest).
    #[error(transparent)]
    Dropped(Dropped),
    /// The call asks for more slots than its lane may ever hold.
    #[error(
        "`weight` must be at most {most}, the slots that the {lane} lane may hold, got {given}"
    )]
    Weight {
        /// The given value.
        given: u32,
        /// The lane.
        lane: Lane,
        /// The slots that the lane may hold.
        most: u64,
    },
    /// The call could never run: every slot that it may have is held by a call that waits for a
    /// call like it.
    #[error(
        "a call made inside another could never run: all slots are held by calls that wait for such ones; \
        limit the inner calls alone, or let the outer one lend its slot (`nested: 'lend'`)"
    )]
    Deadlock,
}

/// Why a wait for a slot ended without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAcquired {
    /// The lane was cleared during the wait.
    #[error(transparent)]
    Cleared(#[from] Cleared),
    /// The call was dropped during the wait, or at once, because its lane was full.
    #[error(transparent)]
    Dropped(#[from] Dropped),
    /// The call was not let in.
    #[error(transparent)]
    Refused(Refused),
    /// The wait took longer than its caller allows.
    #[error("no slot became free in the time that the call allows for its wait")]
    TimedOut,
    /// The caller cancelled the wait.
    #[error("the call was cancelled while it waited for a slot")]
    Cancelled,
}

impl From<Refused> for NotAcquired {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Dropped(dropped) => Self::Dropped(dropped),
            refused => Self::Refused(refused),
        }
    }
}
