//! A quota: how much may start in a time, by one of the ways to count that.
//!
//! Each way has the same questions: from when a unit may start, what is left, and what was taken. A
//! unit that may start at a time may start at any later time if nothing else happens.

use bucket::TokenBucket;
use fixed::FixedWindow;
use sliding::SlidingWindow;

use crate::limiter::stats::RateStats;
use crate::limiter::types::{Error, MAX_SAFE_INTEGER, Rate, Window};

mod bucket;
mod fixed;
mod sliding;

/// In place of a time: no time can be told at which a unit may start.
pub(super) const NEVER: u64 = u64::MAX;

/// In place of a stamp: what was taken was counted in another way, and can't be found any more.
pub(super) const NO_STAMP: u64 = u64::MAX - 1;

/// Who gives a cost back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// A unit that took it, with the [stamp](Quota::take) of that time.
    ByUnit(u64),
    /// Nobody in particular.
    ByNobody,
}

/// How much may start in a time.
#[derive(Clone, Debug)]
pub(super) enum Quota {
    Bucket(TokenBucket),
    Sliding(SlidingWindow),
    Fixed(FixedWindow),
}

/// Does the same with each kind of quota.
macro_rules! each {
    ($quota:expr, $kind:ident => $does:expr) => {
        match $quota {
            Quota::Bucket($kind) => $does,
            Quota::Sliding($kind) => $does,
            Quota::Fixed($kind) => $does,
        }
    };
}

impl Quota {
    /// A quota of which nothing is used. The rate was [checked](check).
    pub(super) fn new(rate: Rate, now: impl FnOnce() -> u64) -> Self {
        match rate.window {
            Window::Bucket if rate.interval != Rate::NEVER => Self::Bucket(TokenBucket::new(rate)),
            Window::Sliding => Self::Sliding(SlidingWindow::new(rate)),
            Window::Bucket | Window::Fixed { .. } => Self::Fixed(FixedWindow::new(rate, now())),
        }
    }

    pub(super) fn rate(&self, now: impl FnOnce() -> u64) -> Rate {
        match self {
            Self::Bucket(bucket) => bucket.rate(),
            Self::Sliding(window) => window.rate(),
            Self::Fixed(window) => window.rate(now()),
        }
    }

    /// Counts at another rate, which was [checked](check), from now on. What is left of a bucket
    /// stays, as far as there is room for it. What counts in a window goes on to count. Returns whether
    /// it is of another kind now: [stamps](Quota::take) of before mean nothing then.
    #[must_use]
    pub(super) fn change(&mut self, rate: Rate, now: u64) -> bool {
        let mut changed = Self::new(rate, || now);
        match (&mut *self, &mut changed) {
            (Self::Bucket(bucket), Self::Bucket(_)) => {
                bucket.change(rate, now);
                return false;
            }
            (Self::Sliding(window), Self::Sliding(_)) => {
                window.change(rate, now);
                return false;
            }
            (Self::Fixed(window), Self::Fixed(_)) => {
                window.change(rate, now);
                return false;
            }
            (_, Self::Bucket(bucket)) => *bucket = TokenBucket::with(rate, self.left(now), now),
            (_, _) => {
                let mut used = self.used(now);
                while used > 0 {
                    let part = u32::try_from(used).unwrap_or(u32::MAX);
                    changed.take(part, now);
                    used -= u64::from(part);
                }
            }
        }
        *self = changed;
        true
    }

    /// What could start now, rounded down; below 0 for a debt.
    fn left(&self, now: u64) -> i128 {
        let left = |limit: u64, used: u64| i128::from(limit) - i128::from(used);
        match self {
            Self::Bucket(bucket) => bucket.available(now),
            Self::Sliding(window) => left(window.rate().limit, window.used(now)),
            Self::Fixed(window) => left(window.rate(now).limit, window.used(now)),
        }
    }

    /// What counts of a full quota now, rounded up.
    fn used(&self, now: u64) -> u64 {
        let full = match self {
            Self::Bucket(bucket) => bucket.rate().burst,
            Self::Sliding(window) => window.rate().limit,
            Self::Fixed(window) => window.rate(now).limit,
        };
        u64::try_from(i128::from(full) - self.left(now)).unwrap_or(0)
    }

    /// The first nanosecond at which a unit of this cost may start. It may be long past. [`NEVER`]
    /// if time does not allow it.
    #[inline]
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        if cost == 0 { 0 } else { each!(self, kind => kind.ready_at(cost)) }
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: u64) -> u64 {
        if cost == 0 { u64::MAX } else { each!(self, kind => kind.ready(cost, now)) }
    }

    /// Takes a cost, even if it is not there. Returns a stamp of that time, for
    /// [`give_back`](Quota::give_back).
    pub(super) fn take(&mut self, cost: u32, now: u64) -> u64 {
        if cost > 0 {
            each!(self, kind => kind.take(cost, now));
        }
        match self {
            Self::Bucket(bucket) => bucket.stamp(),
            Self::Sliding(_) => now,
            Self::Fixed(window) => window.stamp(),
        }
    }

    /// Takes a cost back. Never more is free then than if the cost had not been taken.
    pub(super) fn give_back(&mut self, cost: u32, given: Given, now: u64) {
        if given == Given::ByUnit(NO_STAMP) {
            return;
        }
        each!(self, kind => kind.give_back(cost, given, now));
    }

    /// Takes a cost even if it is not there. A negative cost is given back; what exceeds a full quota
    /// is lost.
    pub(super) fn charge(&mut self, cost: i32, now: u64) {
        if cost < 0 {
            self.give_back(cost.unsigned_abs(), Given::ByNobody, now);
        } else {
            self.take(cost.unsigned_abs(), now);
        }
    }

    pub(super) fn stats(&self, now: u64) -> RateStats {
        each!(self, kind => kind.stats(now))
    }
}

/// Checks the numbers of a rate.
pub(super) fn check(rate: Rate) -> Result<(), Error> {
    let Rate { limit, interval, burst, window } = rate;
    if !(1..=MAX_SAFE_INTEGER).contains(&limit) {
        return Err(Error::RateLimit { given: limit });
    }
    let is_endless = interval == Rate::NEVER;
    if !is_endless && !(1..=u128::from(u64::MAX)).contains(&interval.as_nanos()) {
        return Err(Error::RateInterval { given: interval });
    }
    if is_endless && window != Window::Bucket {
        return Err(Error::EndlessWindow);
    }
    let has_burst = !is_endless && window == Window::Bucket;
    if !has_burst && burst != 1 {
        return Err(Error::WindowBurst { given: burst });
    }
    if !(1..=MAX_SAFE_INTEGER).contains(&burst) {
        return Err(Error::RateBurst { given: burst });
    }
    Ok(())
}

/// How many units of this cost, at least 1, may start in a row in a window.
fn ready_in_window(limit: u64, used: u64, cost: u32) -> u64 {
    let cost = u64::from(cost);
    let left = limit.saturating_sub(used);
    if left < cost { u64::from(used == 0) } else { left / cost }
}

fn stats_of_window(rate: Rate, used: u64) -> RateStats {
    let Rate { limit, interval, window, .. } = rate;
    let available = limit as f64 - used as f64;
    RateStats { available, limit, interval, burst: limit, window }
}
