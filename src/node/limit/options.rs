//! A limit's options as JavaScript gives them.

use napi_derive::napi;

use crate::limiter::{PartialAdaptive, PartialOptions, Rate, Window};
use crate::port::wire::{algorithm_of, interval_of, overflow_of, rate_of, reserve_of, whole};

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
    /// Several rates, with names, instead of one.
    pub quotas: Option<Vec<RateOptions>>,
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
    /// Milliseconds, or `Infinity`.
    pub interval: f64,
    /// Of a token bucket.
    pub burst: Option<f64>,
    /// `sliding` or `fixed`; none for a token bucket.
    pub window: Option<String>,
    /// Of fixed windows: where they begin, in milliseconds.
    pub offset: Option<f64>,
    /// Of fixed windows: in how many milliseconds the running one ends.
    pub ends_in: Option<f64>,
    /// Of a quota.
    pub name: Option<String>,
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

/// What a server says of a quota. Times are in milliseconds.
#[napi(object)]
pub struct Said {
    /// Of the work whose request it has answered; negative if that is not known.
    pub slot: i32,
    /// How long ago the request was sent. It matters if the slot is not known.
    pub ago: Option<f64>,
    /// What may start in a window.
    pub limit: Option<f64>,
    /// What may still start.
    pub remaining: Option<f64>,
    /// When the window ends, from now.
    pub resets_in: Option<f64>,
    /// How long a window is.
    pub window: Option<f64>,
}

impl From<&RateOptions> for Rate {
    fn from(options: &RateOptions) -> Self {
        let window = options.window.as_deref();
        let fixed = (options.offset.unwrap_or(0.0), options.ends_in.unwrap_or(0.0));
        rate_of(
            options.limit,
            options.interval,
            options.burst,
            window == Some("sliding"),
            (window == Some("fixed")).then_some(fixed),
        )
    }
}

impl From<Rate> for RateOptions {
    fn from(Rate { limit, interval, burst, window, .. }: Rate) -> Self {
        let has_burst = window == Window::Bucket && interval != Rate::NEVER;
        let millis = |duration: std::time::Duration| duration.as_nanos() as f64 / 1e6;
        let (window, offset, ends_in) = match window {
            Window::Sliding => (Some("sliding"), None, None),
            Window::Fixed { offset, ends_in } => (Some("fixed"), Some(offset), Some(ends_in)),
            _ => (None, None, None),
        };
        Self {
            limit: limit as f64,
            interval: interval_of(interval),
            burst: has_burst.then_some(burst as f64),
            window: window.map(str::to_owned),
            offset: offset.map(millis),
            ends_in: ends_in.map(millis),
            name: None,
        }
    }
}

impl From<(String, Rate)> for RateOptions {
    fn from((name, rate): (String, Rate)) -> Self {
        Self { name: Some(name), ..rate.into() }
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
            rate: options.rate.as_ref().map(Into::into),
            quotas: options.quotas.iter().flatten().map(named).collect(),
        }
    }
}

fn named(quota: &RateOptions) -> (String, Rate) {
    (quota.name.clone().unwrap_or_default(), quota.into())
}
