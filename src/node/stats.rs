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
}

#[napi(object)]
pub struct LimitStats {
    pub concurrency: f64,
    pub online: LaneStats,
    pub offline: LaneStats,
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
        }
    }
}

impl From<limiter::LimitStats> for LimitStats {
    fn from(stats: limiter::LimitStats) -> Self {
        let limiter::LimitStats { concurrency, online, offline, .. } = stats;
        Self { concurrency: real(concurrency), online: online.into(), offline: offline.into() }
    }
}
