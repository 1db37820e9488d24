//! The options of a limit, and their defaults.

use super::adaptive_options::Adaptive;
use super::lane::Lane;
use super::overflow::Overflow;
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
    /// What happens to calls beyond `max_queue`. Default: [`Overflow::Reject`], they are refused.
    pub overflow: Overflow,
    /// Makes the limit find its concurrency. It then starts with the initial number of these
    /// options instead of `concurrency`. Default: none, `concurrency` stays as it is set.
    pub adaptive: Option<Adaptive>,
    /// How much may start in a time. Default: none, every unit that has a slot starts.
    pub rate: Option<Rate>,
    /// Several rates with names, instead of `rate`: up to [`MOST_QUOTAS`](super::MOST_QUOTAS).
    /// Default: none.
    pub quotas: Vec<(String, Rate)>,
    /// Whether the [flows](crate::limiter::Flow) that wait in a lane take turns. Default: `false`, tickets of a
    /// lane start by priority, then in order of arrival, whosever they are.
    pub fair: bool,
}

impl Options {
    /// The defaults, for this many slots.
    pub fn new(concurrency: u64) -> Self {
        Self {
            concurrency,
            reserve: Reserve::Auto,
            offline_share: DEFAULT_OFFLINE_SHARE,
            max_queue: [UNLIMITED; 2],
            overflow: Overflow::Reject,
            adaptive: None,
            rate: None,
            quotas: Vec::new(),
            fair: false,
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

    /// Sets what happens to calls beyond `max_queue`.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
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

    /// Sets whether the flows that wait in a lane take turns.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Flow, Lane, Options, Outcome, Request};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(1).fair(true))?;
    /// let of = |tenant| Request::new(Lane::Online).flow(Flow::new(tenant));
    /// let Enqueued::Granted(slot) = arbiter.enqueue(of(1)) else { unreachable!() };
    /// arbiter.enqueue_batch(of(1), 10_000).expect("any number may wait");
    /// let Enqueued::Queued(small) = arbiter.enqueue(of(2)) else { unreachable!() };
    ///
    /// arbiter.settle(slot, Outcome::Fulfilled);
    /// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(small));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn fair(mut self, fair: bool) -> Self {
        self.fair = fair;
        self
    }
}
