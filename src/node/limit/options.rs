//! A limit's options as JavaScript gives them.

use std::time::Duration;

use napi_derive::napi;

use crate::limiter::{PartialAdaptive, PartialOptions, Rate};
use crate::port::wire::{algorithm_of, overflow_of, reserve_of, whole};

/// The given options of a limit; see `LimitOptions` of the package.
#[napi(object)]
pub struct GivenOptions {
    pub concurrency: Option<f64>,
    pub adaptive: Option<AdaptiveOptions>,
    /// See [`reserve_of`].
    pub reserve: Option<f64>,
    pub offline_share: Option<f64>,
    pub max_online: Option<f64>,
    pub max_offline: Option<f64>,
    /// See [`overflow_of`].
    pub overflow: Option<u32>,
    pub rate: Option<RateOptions>,
}

#[napi(object)]
pub struct AdaptiveOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub initial: Option<f64>,
    /// 0 is by latency, 1 by gradient, 2 by overload alone.
    pub algorithm: Option<u32>,
}

#[napi(object)]
pub struct RateOptions {
    pub limit: f64,
    /// Milliseconds.
    pub interval: f64,
    pub burst: Option<f64>,
}

impl From<AdaptiveOptions> for PartialAdaptive {
    fn from(AdaptiveOptions { min, max, initial, algorithm }: AdaptiveOptions) -> Self {
        Self {
            min: min.map(whole),
            max: max.map(whole),
            initial: initial.map(whole),
            algorithm: algorithm.map(algorithm_of),
        }
    }
}

impl From<RateOptions> for Rate {
    fn from(options: RateOptions) -> Self {
        let interval = Duration::from_secs_f64(options.interval / 1e3);
        Self::new(whole(options.limit), interval).burst(options.burst.map_or(1, whole))
    }
}

impl From<Rate> for RateOptions {
    fn from(Rate { limit, interval, burst, .. }: Rate) -> Self {
        Self {
            limit: limit as f64,
            interval: interval.as_nanos() as f64 / 1e6,
            burst: Some(burst as f64),
        }
    }
}

impl From<GivenOptions> for PartialOptions {
    fn from(options: GivenOptions) -> Self {
        Self {
            concurrency: options.concurrency.map(whole),
            adaptive: options.adaptive.map(Into::into),
            reserve: options.reserve.map(reserve_of),
            offline_share: options.offline_share,
            max_queue: [options.max_online.map(whole), options.max_offline.map(whole)],
            overflow: options.overflow.map(overflow_of),
            rate: options.rate.map(Into::into),
        }
    }
}
