//! The numbers of a limit: counts, and how long tickets waited and ran.

use std::time::Duration;

use crate::limiter::adaptive::AdaptiveStats;
use crate::limiter::reserve::ReserveStats;
use crate::limiter::types::{Slot, Window};

use super::buckets::Buckets;

/// Quantiles of a duration, in milliseconds; all are zero before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Quantiles {
    /// How many events these figures stand for.
    pub count: u64,
    /// Half of the events took at most this long.
    pub p50: f64,
    /// Nine of ten events took at most this long.
    pub p90: f64,
    /// Ninety-nine of a hundred events took at most this long.
    pub p99: f64,
    /// The longest timed event.
    pub max: f64,
}

/// One lane's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LaneStats {
    /// Units that hold a slot now.
    pub active: u64,
    /// Units that wait for a slot now.
    pub pending: u64,
    /// Units that have ever got a slot.
    pub granted: u64,
    /// Units that have ended, with a result or an error.
    pub settled: u64,
    /// The units of `settled` that ended with an error.
    pub rejected: u64,
    /// Units that were [refused](crate::limiter::Refused). A refused batch counts with all its units.
    pub refused: u64,
    /// Units that left the queue without a slot because their lane was cleared, or because nobody
    /// needed their results any more.
    pub cleared: u64,
    /// Units that were dropped from a full lane, or refused there, by their
    /// [`Overflow`](crate::limiter::Overflow).
    pub dropped: u64,
    /// Units that their callers have aborted, while they waited or ran.
    pub aborted: u64,
    /// Units that were given up because they waited for too long.
    pub queue_timeouts: u64,
    /// Units that were given up because they ran for too long.
    pub timeouts: u64,
    /// Attempts that followed failed ones.
    pub retries: u64,
    /// From the call to its slot.
    pub wait: Quantiles,
    /// From the slot to the end of the work.
    pub run: Quantiles,
    /// The part of `wait` that the [rate](crate::limiter::Rate) alone has caused. For each unit
    /// that the rate has delayed, it is the time for which the unit was next, had its slots free,
    /// no pause held it, and it lacked only tokens. Units that the rate has not delayed are not
    /// counted. No unit is sampled away.
    pub rate_wait: Quantiles,
    /// Milliseconds until the pause of this lane for a time ends; 0 without such a pause.
    pub pause_ends_in: f64,
    /// The unit that has run for the longest time, if any runs.
    pub oldest: Option<Oldest>,
}

/// One lane's durations, as histograms.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LaneHistograms {
    /// [`LaneStats::wait`].
    pub wait: Buckets,
    /// [`LaneStats::run`].
    pub run: Buckets,
    /// [`LaneStats::rate_wait`].
    pub rate_wait: Buckets,
}

/// The unit of a lane that has run for the longest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Oldest {
    /// The slot that it runs in.
    pub slot: Slot,
    /// How long it has run. It is exact for units that were timed, and too long by at most a
    /// millisecond for others of a burst. A unit that started soon after a burst and was not timed has
    /// run for at least this long.
    pub age: Duration,
}

/// What is left of a limit's rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateStats {
    /// The cost that could start now, at most `burst`. It is below 0 while more was taken than
    /// there was, by a unit that cost more than `burst` or by a charge.
    pub available: f64,
    /// [`Rate::limit`](crate::limiter::Rate::limit).
    pub limit: u64,
    /// [`Rate::interval`](crate::limiter::Rate::interval).
    pub interval: Duration,
    /// The most that may start at once: [`Rate::burst`](crate::limiter::Rate::burst), or the limit
    /// of a window.
    pub burst: u64,
    /// [`Rate::window`](crate::limiter::Rate::window).
    pub window: Window,
}

/// What is left of a quota with a name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct QuotaStats {
    /// The name.
    pub name: String,
    /// What is left of it.
    pub rate: RateStats,
}

/// A limit's numbers.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct LimitStats {
    /// The number of slots; `u64::MAX` is no limit.
    pub concurrency: u64,
    /// The online lane.
    pub online: LaneStats,
    /// The offline lane.
    pub offline: LaneStats,
    /// The slots that are kept for online work, and why.
    pub reserve: ReserveStats,
    /// How the number of slots was found, if the limit is [`adaptive`](crate::limiter::adaptive).
    pub adaptive: Option<AdaptiveStats>,
    /// What is left of the rate, if there is one without a name.
    pub rate: Option<RateStats>,
    /// What is left of each quota with a name, in the order in which they were given.
    pub quotas: Vec<QuotaStats>,
}
