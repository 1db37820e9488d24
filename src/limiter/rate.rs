//! The rate: how much may start in a time, spread over it.
//!
//! The generic cell rate algorithm, as ITU-T I.371 (annex A, virtual scheduling) has it for the cells of a
//! connection and the governor crate for requests: one number, the moment when the bucket is full again.
//! What starts moves it on by its cost; what would move it too far has to wait. It is exact: a
//! nanosecond is kept as `limit` parts, a unit of cost takes as many parts as the interval has nanoseconds to
//! come back, and all of them are whole. So nothing drifts, and with at most 2^53 of `limit` and `burst` and 2^64
//! nanoseconds no sum comes near 2^128.

use std::time::Duration;

use super::error::Error;

/// `limit` and `burst` are at most this: what is exact as a double, which JavaScript's numbers are.
pub(super) const MOST: u64 = (1 << 53) - 1;

/// How much may start in a time.
///
/// In any interval whatsoever, not only from one border to the next, what starts has a cost of at most
/// `limit + burst`; in one where units cost more than `burst`, of `limit` and the most that one of them costs.
/// Over a long time it is `limit` per interval.
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
    /// The time it is given for: from 1 to 2^64 - 1 nanoseconds.
    pub interval: Duration,
    /// The cost that may start at once after a time without any: from 1 to 2^53 - 1. With 1, the default,
    /// units of cost 1 start `interval / limit` apart or more, and what starts late is not made up for; a
    /// higher one lets others follow closer until it is.
    pub burst: u64,
}

impl Rate {
    /// So much per interval, evenly spaced.
    pub const fn new(limit: u64, interval: Duration) -> Self {
        Self { limit, interval, burst: 1 }
    }

    /// Sets how much may start at once after a time without any.
    pub const fn burst(mut self, burst: u64) -> Self {
        self.burst = burst;
        self
    }
}

/// What a limit's rate has left.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RateStats {
    /// The cost that could start now: at most `burst`, and below 0 where more than there was has still to be made up
    /// for, by a unit that cost more than `burst` or by a charge.
    pub available: f64,
    /// [`Rate::limit`].
    pub limit: u64,
    /// [`Rate::interval`].
    pub interval: Duration,
    /// [`Rate::burst`].
    pub burst: u64,
}

/// The bucket that a rate fills and what starts empties. It is full at first.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    rate: Rate,
    /// Nanoseconds in the interval: the parts that a unit of cost takes to come back.
    interval: u128,
    /// When it is full again, in parts since the clock's origin.
    full_at: u128,
}

impl Bucket {
    pub(super) fn new(rate: Rate) -> Result<Self, Error> {
        let Rate { limit, interval, burst } = rate;
        if !(1..=MOST).contains(&limit) {
            return Err(Error::RateLimit { given: limit });
        }
        if !(1..=u128::from(u64::MAX)).contains(&interval.as_nanos()) {
            return Err(Error::RateInterval { given: interval });
        }
        if !(1..=MOST).contains(&burst) {
            return Err(Error::RateBurst { given: burst });
        }
        Ok(Self { rate, interval: interval.as_nanos(), full_at: 0 })
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Fills at another rate from now on. What is in it stays, as far as there is room for it, to less than a part.
    pub(super) fn change(&mut self, rate: Rate, now: u64) -> Result<(), Error> {
        let lacking = self.lacking(now);
        let changed = Self::new(rate)?;
        // Whole units of cost, and the rest of one: their product with all of the parts might not fit.
        let (units, rest) = (lacking / self.interval, lacking % self.interval);
        let lacking = units * changed.interval + (rest * changed.interval).div_ceil(self.interval);
        let (room, was) = (u128::from(rate.burst), u128::from(self.rate.burst));
        let lacking = (lacking + room * changed.interval).saturating_sub(was * changed.interval);
        *self = Self { full_at: changed.parts(now) + lacking, ..changed };
        Ok(())
    }

    /// The first nanosecond at which a unit of this cost may start, which may be long ago.
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        if cost == 0 {
            return 0;
        }
        let ready = self.full_at.saturating_sub(self.spare(cost)).div_ceil(self.limit());
        u64::try_from(ready).unwrap_or(u64::MAX)
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: u64) -> u64 {
        if cost == 0 {
            return u64::MAX;
        }
        let now = self.parts(now);
        let Some(room) = (now + self.spare(cost)).checked_sub(self.full_at.max(now)) else {
            return 0;
        };
        u64::try_from(room / self.worth(cost) + 1).unwrap_or(u64::MAX)
    }

    /// A unit of this cost starts, at a time at which it may.
    pub(super) fn take(&mut self, cost: u32, now: u64) {
        self.full_at = self.full_at.max(self.parts(now)) + self.worth(cost);
    }

    /// Takes a cost whether or not it is there, or gives it back where it is negative: more than all there is room for
    /// is lost.
    pub(super) fn charge(&mut self, cost: i32, now: u64) {
        let worth = self.worth(cost.unsigned_abs());
        self.full_at = if cost < 0 {
            self.full_at.saturating_sub(worth)
        } else {
            self.full_at.max(self.parts(now)).saturating_add(worth)
        };
    }

    pub(super) fn stats(&self, now: u64) -> RateStats {
        let Rate { limit, interval, burst } = self.rate;
        let available = burst as f64 - self.lacking(now) as f64 / self.interval as f64;
        RateStats { available, limit, interval, burst }
    }

    /// What lacks in the bucket, in parts.
    fn lacking(&self, now: u64) -> u128 {
        self.full_at.saturating_sub(self.parts(now))
    }

    /// What may lack in the bucket, in parts, when a unit of this cost starts; where it costs more than there is
    /// room for, nothing may.
    fn spare(&self, cost: u32) -> u128 {
        u128::from(self.rate.burst.saturating_sub(u64::from(cost))) * self.interval
    }

    fn worth(&self, cost: u32) -> u128 {
        u128::from(cost) * self.interval
    }

    fn limit(&self) -> u128 {
        u128::from(self.rate.limit)
    }

    fn parts(&self, nanos: u64) -> u128 {
        u128::from(nanos) * self.limit()
    }
}
