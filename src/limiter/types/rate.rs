//! How much may start in a time.

use std::time::Duration;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// The cost that may start per interval: from 1 to 2^53 - 1.
    pub limit: u64,
    /// The length of the interval: from 1 to 2^64 - 1 nanoseconds.
    pub interval: Duration,
    /// The cost that may start at once after an idle time: from 1 to 2^53 - 1. With 1, the default,
    /// units of cost 1 start at least `interval / limit` apart, and a unit that starts late is not
    /// made up for. With a higher burst, later units follow closer until the delay is made up for.
    pub burst: u64,
}

impl Rate {
    /// `limit` per interval, evenly spaced.
    pub const fn new(limit: u64, interval: Duration) -> Self {
        Self { limit, interval, burst: 1 }
    }

    /// Sets how much may start at once after an idle time.
    pub const fn burst(mut self, burst: u64) -> Self {
        self.burst = burst;
        self
    }
}
