//! `limit.stats()` as JS sees it.

use napi_derive::napi;

use super::raw::real;
use crate::limiter;

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
    /// Of a limit with a rate alone.
    pub rate_wait: Option<Quantiles>,
}

#[napi(object)]
pub struct AdaptiveStats {
    pub samples: f64,
    pub baseline: f64,
    pub recent: f64,
    pub in_flight: f64,
    pub queue: f64,
    pub reason: String,
    pub raises: f64,
    pub reductions: f64,
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
            rate_wait: None,
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
            reason: stats.reason.to_string(),
            raises: stats.raises as f64,
            reductions: stats.reductions as f64,
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

impl From<limiter::LimitStats> for LimitStats {
    fn from(stats: limiter::LimitStats) -> Self {
        let limiter::LimitStats { concurrency, online, offline, adaptive, rate, .. } = stats;
        let lane = |stats: limiter::LaneStats| {
            let rate_wait = rate.map(|_| stats.rate_wait.into());
            LaneStats { rate_wait, ..stats.into() }
        };
        Self {
            concurrency: real(concurrency),
            online: lane(online),
            offline: lane(offline),
            adaptive: adaptive.map(Into::into),
            rate: rate.map(Into::into),
        }
    }
}
