//! Fixed windows: what started in the running interval counts. Also the budget, whose only window
//! never ends.

use super::Given;
use crate::limiter::stats::RateStats;
use crate::limiter::types::{Rate, Window};

/// The running window.
#[derive(Clone, Debug)]
pub(in crate::limiter::policy) struct FixedWindow {
    rate: Rate,
    /// When it ends, as of the last change: it may have ended since. [`super::NEVER`] for a budget.
    ends_at: u64,
    /// What counts until then.
    used: u64,
}

impl FixedWindow {
    /// A window in which nothing started. The rate was checked.
    pub(super) fn new(rate: Rate, now: u64) -> Self {
        let ends_at = match rate.window {
            Window::Fixed { ends_in, .. } if rate.interval != Rate::NEVER => {
                let interval = rate.interval.as_nanos();
                let left = ends_in.as_nanos() % interval;
                let left = if left == 0 { interval } else { left };
                now.saturating_add(left as u64)
            }
            _ => super::NEVER,
        };
        Self { rate, ends_at, used: 0 }
    }

    /// The rate, with the present end of the running window.
    pub(super) fn rate(&self, now: u64) -> Rate {
        let left = self.end_at(now).saturating_sub(now);
        self.rate.ends_in(std::time::Duration::from_nanos(left))
    }

    /// Counts at another rate from now on. What started in the running window counts in the new one.
    pub(super) fn change(&mut self, rate: Rate, now: u64) {
        let used = self.used(now);
        *self = Self { used, ..Self::new(rate, now) };
    }

    /// When the window ends that runs now.
    fn end_at(&self, now: u64) -> u64 {
        let Some(past) = now.checked_sub(self.ends_at) else { return self.ends_at };
        let interval = self.rate.interval.as_nanos() as u64;
        self.ends_at.saturating_add((past / interval + 1).saturating_mul(interval))
    }

    /// What counts now.
    pub(super) fn used(&self, now: u64) -> u64 {
        if self.ends_at > now { self.used } else { 0 }
    }

    /// The first time at which a unit of this cost may start, if nothing else starts.
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        let room = self.rate.limit.saturating_sub(cost.into());
        if self.used <= room { 0 } else { self.ends_at }
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: u64) -> u64 {
        super::ready_in_window(self.rate.limit, self.used(now), cost)
    }

    /// Takes a cost even if it is not there.
    pub(super) fn take(&mut self, cost: u32, now: u64) {
        (self.used, self.ends_at) = (self.used(now), self.end_at(now));
        self.used += u64::from(cost);
    }

    /// The end of the running window, by which a unit says later what it took.
    pub(super) fn stamp(&self) -> u64 {
        self.ends_at
    }

    /// Takes a cost back. What a unit took in an earlier window does not count any more.
    pub(super) fn give_back(&mut self, cost: u32, given: Given, now: u64) {
        (self.used, self.ends_at) = (self.used(now), self.end_at(now));
        if given == Given::ByNobody || given == Given::ByUnit(self.ends_at) {
            self.used = self.used.saturating_sub(cost.into());
        }
    }

    pub(super) fn stats(&self, now: u64) -> RateStats {
        super::stats_of_window(self.rate(now), self.used(now))
    }
}
