//! `limit.stats()`, as JavaScript sees it.

use napi::bindgen_prelude::Float64Array;
use napi_derive::napi;

use crate::limiter::{self, Slot};
use crate::port::wire::{interval_of, real};

#[napi(object)]
pub struct Quantiles {
    pub count: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

#[napi(object)]
pub struct LaneStats {
    pub active: f64,
    pub pending: f64,
    pub granted: f64,
    pub settled: f64,
    pub rejected: f64,
    /// This and the next six only for a lane of a limit.
    pub refused: Option<f64>,
    pub cleared: Option<f64>,
    pub dropped: Option<f64>,
    pub aborted: Option<f64>,
    pub queue_timeouts: Option<f64>,
    pub timeouts: Option<f64>,
    pub retries: Option<f64>,
    pub wait: Quantiles,
    pub run: Quantiles,
    /// Milliseconds; 0 if the lane is not paused for a time. Only for a lane of a limit.
    pub pause_ends_in: Option<f64>,
    /// Only for a limit with a rate.
    pub rate_wait: Option<Quantiles>,
    /// Only for a lane of a limit in which work runs.
    pub oldest: Option<Oldest>,
}

/// Durations by bucket.
#[napi(object)]
pub struct Histogram {
    pub count: f64,
    /// Milliseconds.
    pub sum: f64,
    /// By bucket, in the order of `bucketBounds`.
    pub counts: Float64Array,
}

#[napi(object)]
pub struct LaneHistograms {
    pub wait: Histogram,
    pub run: Histogram,
    /// Only for a limit with a rate.
    pub rate_wait: Option<Histogram>,
}

#[napi(object)]
pub struct Snapshot {
    pub stats: LimitStats,
    /// By lane.
    pub histograms: Vec<LaneHistograms>,
}

/// The upper bounds of the buckets of all histograms, in milliseconds.
#[napi(catch_unwind)]
pub fn bucket_bounds() -> Float64Array {
    Float64Array::new(limiter::Buckets::bounds().collect())
}

#[napi(object)]
pub struct Oldest {
    /// Milliseconds.
    pub age: f64,
    /// Only if it runs in this environment.
    pub slot: Option<u32>,
}

#[napi(object)]
pub struct AdaptiveStats {
    pub samples: f64,
    pub baseline: f64,
    pub recent: f64,
    pub in_flight: f64,
    pub queue: f64,
    pub overloads: f64,
    pub stray: f64,
    pub reason: String,
    pub raises: f64,
    pub reductions: f64,
}

#[napi(object)]
pub struct ReserveStats {
    pub slots: f64,
    pub reason: String,
    /// Milliseconds; only if the reserve is found.
    pub wait: Option<f64>,
    pub load: f64,
    pub peakedness: f64,
}

#[napi(object)]
pub struct RateStats {
    pub available: f64,
    pub limit: f64,
    pub interval: f64,
    pub burst: f64,
    /// `sliding` or `fixed`; none for a token bucket.
    pub window: Option<String>,
    /// Of a quota.
    pub name: Option<String>,
}

#[napi(object)]
pub struct LimitStats {
    pub concurrency: f64,
    pub online: LaneStats,
    pub offline: LaneStats,
    pub reserve: ReserveStats,
    pub adaptive: Option<AdaptiveStats>,
    pub rate: Option<RateStats>,
    /// Only for a limit that has quotas with names.
    pub quotas: Option<Vec<RateStats>>,
}

impl From<limiter::Quantiles> for Quantiles {
    fn from(quantiles: limiter::Quantiles) -> Self {
        let limiter::Quantiles { count, p50, p90, p99, max } = quantiles;
        Self { count: count as f64, p50, p90, p99, max }
    }
}

impl From<limiter::Buckets> for Histogram {
    fn from(buckets: limiter::Buckets) -> Self {
        let limiter::Buckets { count, sum, counts, .. } = buckets;
        let counts = counts.into_iter().map(|count| count as f64).collect();
        Self { count: count as f64, sum, counts: Float64Array::new(counts) }
    }
}

fn has_rate(stats: &limiter::LimitStats) -> bool {
    stats.rate.is_some() || !stats.quotas.is_empty()
}

/// The histograms of one lane of a limit.
pub(super) fn lane_histograms(
    of_lane: limiter::LaneHistograms,
    stats: &limiter::LimitStats,
) -> LaneHistograms {
    let limiter::LaneHistograms { wait, run, rate_wait, .. } = of_lane;
    LaneHistograms {
        wait: wait.into(),
        run: run.into(),
        rate_wait: has_rate(stats).then(|| rate_wait.into()),
    }
}

impl From<limiter::LaneStats> for LaneStats {
    fn from(stats: limiter::LaneStats) -> Self {
        Self {
            active: stats.active as f64,
            pending: stats.pending as f64,
            granted: stats.granted as f64,
            settled: stats.settled as f64,
            rejected: stats.rejected as f64,
            refused: None,
            cleared: None,
            dropped: None,
            aborted: None,
            queue_timeouts: None,
            timeouts: None,
            retries: None,
            wait: stats.wait.into(),
            run: stats.run.into(),
            pause_ends_in: None,
            rate_wait: None,
            oldest: None,
        }
    }
}

impl From<limiter::AdaptiveStats> for AdaptiveStats {
    fn from(stats: limiter::AdaptiveStats) -> Self {
        Self {
            samples: stats.samples as f64,
            baseline: stats.baseline,
            recent: stats.recent,
            in_flight: stats.in_flight as f64,
            queue: stats.queue,
            overloads: stats.overloads as f64,
            stray: stats.stray,
            reason: stats.reason.to_string(),
            raises: stats.raises as f64,
            reductions: stats.reductions as f64,
        }
    }
}

impl From<limiter::ReserveStats> for ReserveStats {
    fn from(stats: limiter::ReserveStats) -> Self {
        let limiter::ReserveStats { slots, reason, wait, load, peakedness, .. } = stats;
        Self {
            slots: slots as f64,
            reason: reason.to_string(),
            wait: wait.map(|wait| wait.as_nanos() as f64 / 1e6),
            load,
            peakedness,
        }
    }
}

impl From<limiter::RateStats> for RateStats {
    fn from(stats: limiter::RateStats) -> Self {
        Self {
            available: stats.available,
            limit: stats.limit as f64,
            interval: interval_of(stats.interval),
            burst: stats.burst as f64,
            window: match stats.window {
                limiter::Window::Sliding => Some("sliding".to_owned()),
                limiter::Window::Fixed { .. } => Some("fixed".to_owned()),
                _ => None,
            },
            name: None,
        }
    }
}

impl LimitStats {
    /// `is_own` tells whether the work in a slot is that of the environment that asks.
    pub(super) fn new(stats: limiter::LimitStats, is_own: impl Fn(Slot) -> bool) -> Self {
        let has_rate = has_rate(&stats);
        let limiter::LimitStats {
            concurrency,
            online,
            offline,
            reserve,
            adaptive,
            rate,
            quotas,
            ..
        } = stats;
        let named =
            |limiter::QuotaStats { name, rate, .. }| RateStats { name: Some(name), ..rate.into() };
        let lane = |stats: limiter::LaneStats| {
            let rate_wait = has_rate.then(|| stats.rate_wait.into());
            let oldest = stats.oldest.map(|oldest| Oldest {
                age: oldest.age.as_nanos() as f64 / 1e6,
                slot: Some(oldest.slot).filter(|&slot| is_own(slot)).map(Slot::number),
            });
            let pause_ends_in = Some(stats.pause_ends_in);
            LaneStats {
                refused: Some(stats.refused as f64),
                cleared: Some(stats.cleared as f64),
                dropped: Some(stats.dropped as f64),
                aborted: Some(stats.aborted as f64),
                queue_timeouts: Some(stats.queue_timeouts as f64),
                timeouts: Some(stats.timeouts as f64),
                retries: Some(stats.retries as f64),
                pause_ends_in,
                rate_wait,
                oldest,
                ..stats.into()
            }
        };
        Self {
            concurrency: real(concurrency),
            online: lane(online),
            offline: lane(offline),
            reserve: reserve.into(),
            adaptive: adaptive.map(Into::into),
            rate: rate.map(Into::into),
            quotas: (!quotas.is_empty()).then(|| quotas.into_iter().map(named).collect()),
        }
    }
}
