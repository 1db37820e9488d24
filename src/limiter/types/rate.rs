//! How much may start in a time.

use std::time::Duration;

/// How a [`Rate`] counts what starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// A token bucket: starts are spread over the interval, except for a
    /// [`burst`](Rate::burst). This is the default.
    Bucket,
    /// `limit` may start at once, and never more than `limit` in an interval, wherever it begins.
    Sliding,
    /// `limit` may start at once in each interval. All intervals follow each other, and what
    /// started counts until the end of its interval.
    Fixed {
        /// Where windows begin, as the caller counts time; only told and compared. Default: 0.
        offset: Duration,
        /// In what time, from the moment at which the limit gets this rate, the running window
        /// ends. It counts modulo the interval. Default: 0, a window begins at that moment.
        ends_in: Duration,
    },
}

/// How much may start in a time.
///
/// In any interval, wherever it begins, units start with a total cost of at most `limit + burst`.
/// If units cost more than `burst`, the bound is `limit` plus the largest cost of one of them. Over
/// a long time the total is `limit` per interval.
///
/// ```
/// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
/// use std::time::Duration;
///
/// let rate = Rate::new(100, Duration::from_secs(1)).burst(10);
/// let mut arbiter = Arbiter::new(Options::new(64).rate(rate))?;
/// arbiter.enqueue_batch(Lane::Online, 50).expect("any number may wait");
/// let at_once = std::iter::from_fn(|| arbiter.grant_next()).take(10).count();
/// assert_eq!(at_once, 10, "then one every 10 ms");
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
///
/// Servers that count windows allow more at once. [`Rate::sliding`] and [`Rate::fixed`] are for
/// those. [`Rate::budget`] is an amount that does not come back with time.
///
/// | | at most, in any interval | at once |
/// |---|---|---|
/// | `Rate::new` | `limit + burst` | `burst` |
/// | `Rate::sliding` | `limit` | `limit` |
/// | `Rate::fixed` | `limit` in each window, `2 * limit` around its end | `limit` |
///
/// A unit that costs more than `burst`, or than `limit` in a window, starts when nothing counts that
/// started before. The bound of that interval is its cost then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// The cost that may start per interval: from 1 to 2^53 - 1.
    pub limit: u64,
    /// The length of the interval: from 1 to 2^64 - 1 nanoseconds. [`Rate::NEVER`] makes a budget.
    pub interval: Duration,
    /// The cost that may start at once after an idle time: from 1 to 2^53 - 1. With 1, the default,
    /// units of cost 1 start at least `interval / limit` apart, and a unit that starts late is not
    /// made up for. With a higher burst, later units follow closer until the delay is made up for.
    /// Windows and budgets have no burst: theirs is 1.
    pub burst: u64,
    /// How what starts is counted. Default: [`Window::Bucket`].
    pub window: Window,
}

impl Rate {
    /// In place of an interval: what has started counts for ever.
    pub const NEVER: Duration = Duration::MAX;

    /// `limit` per interval, evenly spaced.
    pub const fn new(limit: u64, interval: Duration) -> Self {
        Self { limit, interval, burst: 1, window: Window::Bucket }
    }

    /// `limit` in any interval of that length, at once if they come at once.
    ///
    /// Up to 1,024 different times of starts are remembered, and starts are exact then. If more
    /// fall into one interval, units start late by at most 1/1,024 of the interval.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let options = Options::new(64).rate(Rate::sliding(10, Duration::from_secs(1)));
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// arbiter.enqueue_batch(Lane::Online, 50).expect("any number may wait");
    /// while arbiter.grant_next().is_some() {}
    /// assert_eq!(arbiter.active(Lane::Online), 10);
    /// assert_eq!(arbiter.wakes_at(), Some(1_000_000_000), "then ten more");
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub const fn sliding(limit: u64, interval: Duration) -> Self {
        Self { limit, interval, burst: 1, window: Window::Sliding }
    }

    /// `limit` in each of the intervals that follow each other. The first one begins when the limit
    /// gets this rate, unless [`Rate::ends_in`] says when it ends.
    pub const fn fixed(limit: u64, interval: Duration) -> Self {
        let window = Window::Fixed { offset: Duration::ZERO, ends_in: Duration::ZERO };
        Self { limit, interval, burst: 1, window }
    }

    /// `limit` once. What exceeds it waits until something is
    /// [given back](crate::limiter::Arbiter::charge) or the limit gets another rate.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(8).rate(Rate::budget(2)))?;
    /// arbiter.enqueue_batch(Lane::Online, 3).expect("any number may wait");
    /// while arbiter.grant_next().is_some() {}
    /// assert_eq!(arbiter.active(Lane::Online), 2);
    /// assert_eq!(arbiter.wakes_at(), None, "no time helps");
    /// arbiter.set_rate(Rate::budget(10))?;
    /// assert!(arbiter.grant_next().is_some());
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub const fn budget(limit: u64) -> Self {
        Self::new(limit, Self::NEVER)
    }

    /// Sets how much may start at once after an idle time.
    pub const fn burst(mut self, burst: u64) -> Self {
        self.burst = burst;
        self
    }

    /// Of [fixed windows](Rate::fixed): in what time the running one ends, from when the limit gets
    /// this rate. It has no effect on others.
    pub const fn ends_in(mut self, left: Duration) -> Self {
        if let Window::Fixed { offset, .. } = self.window {
            self.window = Window::Fixed { offset, ends_in: left };
        }
        self
    }

    /// Of [fixed windows](Rate::fixed): they begin at the times, since 1970 began, that are a
    /// multiple of the interval after `offset`. The system's clock is read now. It has no effect on
    /// others.
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let day = Duration::from_secs(86_400);
    /// let until_midnight = Rate::fixed(1_000, day).aligned(Duration::ZERO);
    /// let gate = Gate::new(Options::new(8).rate(until_midnight))?;
    /// # let _ = gate;
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn aligned(mut self, offset: Duration) -> Self {
        if let Window::Fixed { .. } = self.window {
            let since_1970 = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default()
                .as_nanos();
            let interval = self.interval.as_nanos().max(1);
            let passed = (since_1970 + interval - offset.as_nanos() % interval) % interval;
            let left = u64::try_from(interval - passed).unwrap_or(u64::MAX);
            self.window = Window::Fixed { offset, ends_in: Duration::from_nanos(left) };
        }
        self
    }
}
