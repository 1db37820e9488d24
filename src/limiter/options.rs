//! What a limit is made with, and what it is where nothing is said.

use super::adaptive::Adaptive;
use super::lane::Lane;
use super::rate::Rate;

/// As many slots as anyone may ask for: no limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The part of the grants that waiting offline work gets unless it is told otherwise.
pub const DEFAULT_OFFLINE_SHARE: f64 = 1.0 / 16.0;

/// What a limit is made with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many units may run at once: 1 or more, [`UNLIMITED`] for any number.
    pub concurrency: u64,
    /// Slots that offline work never takes, below `concurrency`. By default 1 where `concurrency`
    /// is above 1, else 0, following every change of `concurrency`.
    pub reserve: Option<u64>,
    /// The part of all grants, from 0 to 1, that goes to offline at the least while it waits.
    /// 0 is strict priority for online. Default: [`DEFAULT_OFFLINE_SHARE`].
    pub offline_share: f64,
    /// How many calls may wait, online and offline. Default: [`UNLIMITED`].
    pub max_queue: [u64; 2],
    /// Whether calls beyond `max_queue` are let in all the same, because those who make them ask
    /// [`Arbiter::has_room`](super::Arbiter::has_room) before. Default: `false`, they are refused.
    pub overflows: bool,
    /// Has the limit find its concurrency by itself, beginning with the initial one of these options
    /// instead of `concurrency`. Default: none, `concurrency` stays as it is set.
    pub adaptive: Option<Adaptive>,
    /// How much may start in a time. Default: none, whatever has a slot starts.
    pub rate: Option<Rate>,
}

impl Options {
    /// The defaults for this many slots.
    pub fn new(concurrency: u64) -> Self {
        Self {
            concurrency,
            reserve: None,
            offline_share: DEFAULT_OFFLINE_SHARE,
            max_queue: [UNLIMITED; 2],
            overflows: false,
            adaptive: None,
            rate: None,
        }
    }

    /// Sets the slots that offline work never takes.
    pub fn reserve(mut self, reserve: u64) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// Sets the part of the grants that goes to offline at the least while it waits.
    pub fn offline_share(mut self, share: f64) -> Self {
        self.offline_share = share;
        self
    }

    /// Sets how many calls may wait in a lane; 0 refuses all that do not start at once.
    pub fn max_queue(mut self, lane: Lane, most: u64) -> Self {
        self.max_queue[lane.index()] = most;
        self
    }

    /// Sets whether calls beyond that are let in all the same.
    pub fn overflows(mut self, overflows: bool) -> Self {
        self.overflows = overflows;
        self
    }

    /// Has the limit find its concurrency by itself, beginning with the initial one of these options.
    pub fn adaptive(mut self, adaptive: Adaptive) -> Self {
        self.adaptive = Some(adaptive);
        self
    }

    /// Sets how much may start in a time, or that there is no rate.
    pub fn rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.rate = rate.into();
        self
    }
}
