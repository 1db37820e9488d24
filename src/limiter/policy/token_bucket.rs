//! The token bucket of a rate: how much may start in a time, spread over that time.
//!
//! This is the generic cell rate algorithm, as in ITU-T I.371 (annex A, virtual scheduling) and in
//! the governor crate. Its state is one number: the time at which the bucket is full again. A unit
//! that starts moves that time forward by its cost. A unit that would move it too far must wait.
//!
//! The arithmetic is exact. A nanosecond is `limit` parts, and a unit of cost needs as many parts
//! to come back as the interval has nanoseconds. All of these are whole numbers, so nothing drifts.
//! With `limit` and `burst` of at most 2^53 and times of at most 2^64 nanoseconds, no sum comes
//! near 2^128.

use crate::limiter::stats::RateStats;
use crate::limiter::types::{Error, MAX_SAFE_INTEGER, Rate};

/// The bucket that the rate fills and that starting units empty. It is full at first.
#[derive(Clone, Debug)]
pub(super) struct TokenBucket {
    rate: Rate,
    /// Nanoseconds in the interval: the parts that a unit of cost needs to come back.
    interval: u128,
    /// When the bucket is full again, in parts since the clock's origin.
    full_at: u128,
}

impl TokenBucket {
    pub(super) fn new(rate: Rate) -> Result<Self, Error> {
        let Rate { limit, interval, burst } = rate;
        if !(1..=MAX_SAFE_INTEGER).contains(&limit) {
            return Err(Error::RateLimit { given: limit });
        }
        if !(1..=u128::from(u64::MAX)).contains(&interval.as_nanos()) {
            return Err(Error::RateInterval { given: interval });
        }
        if !(1..=MAX_SAFE_INTEGER).contains(&burst) {
            return Err(Error::RateBurst { given: burst });
        }
        Ok(Self { rate, interval: interval.as_nanos(), full_at: 0 })
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Fills at another rate from now on. The content stays as far as there is room for it, with an
    /// error of less than one part.
    pub(super) fn change(&mut self, rate: Rate, now: u64) -> Result<(), Error> {
        let lacking = self.lacking(now);
        let changed = Self::new(rate)?;
        // Whole units of cost and the remainder separately: multiplying all parts at once could
        // overflow.
        let (units, rest) = (lacking / self.interval, lacking % self.interval);
        let lacking = units * changed.interval + (rest * changed.interval).div_ceil(self.interval);
        let (room, was) = (u128::from(rate.burst), u128::from(self.rate.burst));
        let lacking = (lacking + room * changed.interval).saturating_sub(was * changed.interval);
        *self = Self { full_at: changed.parts(now) + lacking, ..changed };
        Ok(())
    }

    /// The first nanosecond at which a unit of this cost may start. It may be long past.
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

    /// Takes the cost of a unit that starts, at a time at which it may start.
    pub(super) fn take(&mut self, cost: u32, now: u64) {
        self.full_at = self.full_at.max(self.parts(now)) + self.worth(cost);
    }

    /// Takes a cost even if it is not there. A negative cost is given back; what exceeds the room
    /// in the bucket is lost.
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

    /// How much is missing in the bucket, in parts.
    fn lacking(&self, now: u64) -> u128 {
        self.full_at.saturating_sub(self.parts(now))
    }

    /// How much may be missing in the bucket, in parts, when a unit of this cost starts. If the
    /// unit costs more than `burst`, nothing may be missing.
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
