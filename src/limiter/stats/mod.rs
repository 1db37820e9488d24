//! The statistics of one limit: what it counts, what it times, and how both are kept.
//!
//! Enters: arrivals, starts and ends of units, from the arbiter and the pool, and the clock for the
//! events that are timed.
//! Leaves: [`LimitStats`], which are counts and quantiles of durations.
//! The rules of sampling are under "The statistics" in [`limiter`](super).

pub use buckets::Buckets;
pub(crate) use durations::Durations;
pub(super) use recorder::{Arrival, LaneRecorder, Leased};
pub(super) use sampler::{Sample, Started};
pub use statistics::{
    LaneHistograms, LaneStats, LimitStats, Oldest, Quantiles, QuotaStats, RateStats,
};

mod buckets;
mod durations;
mod exceptions;
mod recorder;
mod sampler;
mod statistics;
