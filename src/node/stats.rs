//! `limit.stats()` as JS sees it.

use napi_derive::napi;

use crate::limiter::{LaneStats, LimitStats, Quantiles, UNLIMITED};

#[napi(object, js_name = "Quantiles")]
pub struct JsQuantiles {
    pub count: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

#[napi(object, js_name = "LaneStats")]
pub struct JsLaneStats {
    pub active: f64,
    pub pending: f64,
    pub granted: f64,
    pub settled: f64,
    pub rejected: f64,
    pub wait: JsQuantiles,
    pub run: JsQuantiles,
}

#[napi(object, js_name = "LimitStats")]
pub struct JsLimitStats {
    pub concurrency: f64,
    pub online: JsLaneStats,
    pub offline: JsLaneStats,
}

impl From<Quantiles> for JsQuantiles {
    fn from(Quantiles { count, p50, p90, p99, max }: Quantiles) -> Self {
        Self { count: count as f64, p50, p90, p99, max }
    }
}

impl From<LaneStats> for JsLaneStats {
    fn from(stats: LaneStats) -> Self {
        let LaneStats { active, pending, granted, settled, rejected, wait, run } = stats;
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

impl From<LimitStats> for JsLimitStats {
    fn from(LimitStats { concurrency, online, offline }: LimitStats) -> Self {
        Self {
            concurrency: if concurrency == UNLIMITED { f64::INFINITY } else { concurrency as f64 },
            online: online.into(),
            offline: offline.into(),
        }
    }
}
