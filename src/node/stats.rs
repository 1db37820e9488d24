//! `limit.stats()`, as JavaScript sees it.

use napi_derive::napi;

use super::wire::real;
use crate::limiter::{self, Slot};

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
    pub wait: Quantiles,
    pub run: Quantiles,
    /// Milliseconds; 0 if the lane is not paused for a time. Only for a lane of a limit.
    pub pause_ends_in: Option<f64>,
    /// Only for a limit with a rate.
    pub rate_wait: Option<Quantiles>,
    /// Only for a lane of a limit in which work runs.
    pub oldest: Option<Oldest>,
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
}

#[napi(object)]
pub struct LimitStats {
    pub concurrency: f64,
    pub online: LaneStats,
    pub offline: LaneStats,
    pub reserve: ReserveStats,
    pub adaptive: Option<AdaptiveStats>,
    pub rate: Option<RateStats>,
}

impl From<limiter::Quantiles> for Quantiles {
    fn from(quantiles: limiter::Quantiles) -> Self {
        let limiter::Quantiles { count, p50, p90, p99, max } = quantiles;
        Self { count: count as f64, p50, p90, p99, max }
    }
}

impl From<limiter::LaneStats> for LaneStats {
    fn from(stats: limiter::LaneStats) -> Self {
        let limiter::LaneStats { active, pending, granted, settled, rejected, wait, run, .. } =
            stats;
        Self {
            active: active as f64,
            pending: pending as f64,
            granted: granted as f64,
            settled: settled as f64,
            rejected: rejected as f64,
            wait: wait.into(),
            run: run.into(),
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
            interval: stats.interval.as_nanos() as f64 / 1e6,
            burst: stats.burst as f64,
        }
    }
}

impl LimitStats {
    /// `is_own` tells whether the work in a slot is that of the environment that asks.
    pub(super) fn new(stats: limiter::LimitStats, is_own: impl Fn(Slot) -> bool) -> Self {
        let limiter::LimitStats { concurrency, online, offline, reserve, adaptive, rate, .. } =
            stats;
        let lane = |stats: limiter::LaneStats| {
            let rate_wait = rate.map(|_| stats.rate_wait.into());
            let oldest = stats.oldest.map(|oldest| Oldest {
                age: oldest.age.as_nanos() as f64 / 1e6,
                slot: Some(oldest.slot).filter(|&slot| is_own(slot)).map(Slot::number),
            });
            let pause_ends_in = Some(stats.pause_ends_in);
            LaneStats { pause_ends_in, rate_wait, oldest, ..stats.into() }
        };
        Self {
            concurrency: real(concurrency),
            online: lane(online),
            offline: lane(offline),
            reserve: reserve.into(),
            adaptive: adaptive.map(Into::into),
            rate: rate.map(Into::into),
        }
    }
}
