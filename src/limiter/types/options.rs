//! The options of a limit, and their defaults.

use super::adaptive_options::Adaptive;
use super::lane::Lane;
use super::rate::Rate;
use super::reserve::Reserve;

/// The largest number of slots or calls: no limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The default of [`Options::offline_share`].
pub const DEFAULT_OFFLINE_SHARE: f64 = 1.0 / 16.0;

/// The options of a limit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many units may run at once: 1 or more, [`UNLIMITED`] for any number.
    pub concurrency: u64,
    /// Slots that offline work never takes. Default: [`Reserve::Auto`], as many as online work
    /// needs.
    pub reserve: Reserve,
    /// The smallest part of all grants, from 0 to 1, that goes to offline work while it waits. 0 is
    /// strict priority for online work. Default: [`DEFAULT_OFFLINE_SHARE`].
    pub offline_share: f64,
    /// How many calls may wait, online and offline. Default: [`UNLIMITED`].
    pub max_queue: [u64; 2],
    /// Whether calls beyond `max_queue` are let in, because the callers check
    /// [`Arbiter::has_room`](crate::limiter::Arbiter::has_room) first. Default: `false`, such calls
    /// are refused.
    pub overflows: bool,
    /// Makes the limit find its concurrency. It then starts with the initial number of these
    /// options instead of `concurrency`. Default: none, `concurrency` stays as it is set.
    pub adaptive: Option<Adaptive>,
    /// How much may start in a time. Default: none, every unit that has a slot starts.
    pub rate: Option<Rate>,
    /// Several rates with names, instead of `rate`: up to [`MOST_QUOTAS`](super::MOST_QUOTAS).
    /// Default: none.
    pub quotas: Vec<(String, Rate)>,
}

impl Options {
    /// The defaults, for this many slots.
    pub fn new(concurrency: u64) -> Self {
        Self {
            concurrency,
            reserve: Reserve::Auto,
            offline_share: DEFAULT_OFFLINE_SHARE,
            max_queue: [UNLIMITED; 2],
            overflows: false,
            adaptive: None,
            rate: None,
            quotas: Vec::new(),
        }
    }

    /// Sets the slots that offline work never takes.
    pub fn reserve(mut self, reserve: impl Into<Reserve>) -> Self {
        self.reserve = reserve.into();
        self
    }

    /// Sets the smallest part of the grants that goes to offline work while it waits.
    pub fn offline_share(mut self, share: f64) -> Self {
        self.offline_share = share;
        self
    }

    /// Sets how many calls may wait in a lane. 0 refuses all calls that do not start at once.
    pub fn max_queue(mut self, lane: Lane, most: u64) -> Self {
        self.max_queue[lane.index()] = most;
        self
    }

    /// Sets whether calls beyond `max_queue` are let in.
    pub fn overflows(mut self, overflows: bool) -> Self {
        self.overflows = overflows;
        self
    }

    /// Makes the limit find its concurrency, starting with the initial number of these options.
    pub fn adaptive(mut self, adaptive: Adaptive) -> Self {
        self.adaptive = Some(adaptive);
        self
    }

    /// Sets how much may start in a time, or removes the rate.
    pub fn rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.rate = rate.into();
        self
    }

    /// Adds a rate with a name. A unit starts if all quotas have what it costs, and takes it from
    /// all of them together; see [`Request::costs`](super::Request::costs). A limit has either such
    /// quotas or one [`rate`](Options::rate).
    pub fn quota(mut self, name: impl Into<String>, rate: Rate) -> Self {
        self.quotas.push((name.into(), rate));
        self
    }
}
