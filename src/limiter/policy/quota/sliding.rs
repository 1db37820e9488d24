//! The sliding window: what started in the last interval counts.
//!
//! It is a log of starts. A start at one time counts until an interval later, and no longer. So any
//! interval, without its end, has at most `limit`.
//!
//! The log is bounded. Beyond [`EXACT`] different times, starts that are close to each other are
//! kept as one, at the time of the last of them. They count for longer then, by at most
//! 1/[`EXACT`] of the interval, and never for less.

use std::collections::VecDeque;

use super::Given;
use crate::limiter::stats::RateStats;
use crate::limiter::types::Rate;

/// So many times are kept apart, however close they are.
const EXACT: usize = 1_024;

/// What started between two times, as if all of it started at the last one.
#[derive(Clone, Copy, Debug)]
struct Started {
    first: u64,
    last: u64,
    cost: u64,
}

/// The log of what started.
#[derive(Clone, Debug)]
pub(in crate::limiter::policy) struct SlidingWindow {
    rate: Rate,
    interval: u64,
    started: VecDeque<Started>,
    /// What the log has in all.
    sum: u64,
}

impl SlidingWindow {
    /// A window in which nothing started. The rate was checked.
    pub(super) fn new(rate: Rate) -> Self {
        let interval = rate.interval.as_nanos() as u64;
        Self { rate, interval, started: VecDeque::new(), sum: 0 }
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// Counts at another rate from now on. What the log still has counts.
    pub(super) fn change(&mut self, rate: Rate, now: u64) {
        self.forget(now);
        (self.rate, self.interval) = (rate, rate.interval.as_nanos() as u64);
    }

    /// Until when a start at that time counts.
    fn ends_at(&self, started: u64) -> u64 {
        started.saturating_add(self.interval)
    }

    /// Drops what does not count any more.
    fn forget(&mut self, now: u64) {
        while let Some(&Started { last, cost, .. }) = self.started.front()
            && self.ends_at(last) <= now
        {
            self.sum -= cost;
            self.started.pop_front();
        }
    }

    /// What counts now.
    pub(super) fn used(&self, now: u64) -> u64 {
        let over = self.started.iter().take_while(|it| self.ends_at(it.last) <= now);
        self.sum - over.map(|it| it.cost).sum::<u64>()
    }

    /// The first time at which a unit of this cost may start, if nothing else starts.
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        let room = self.rate.limit.saturating_sub(cost.into());
        let mut used = self.sum;
        let mut ready = 0;
        for &Started { last, cost, .. } in &self.started {
            if used <= room {
                break;
            }
            used -= cost;
            ready = self.ends_at(last);
        }
        ready
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: u64) -> u64 {
        super::ready_in_window(self.rate.limit, self.used(now), cost)
    }

    /// Takes a cost even if it is not there.
    pub(super) fn take(&mut self, cost: u32, now: u64) {
        self.forget(now);
        let cost = u64::from(cost);
        self.sum += cost;
        let closest = if self.started.len() < EXACT { 0 } else { self.interval / EXACT as u64 };
        match self.started.back_mut() {
            Some(back) if now - back.first <= closest => {
                back.last = now;
                back.cost += cost;
            }
            _ => self.started.push_back(Started { first: now, last: now, cost }),
        }
    }

    /// Takes a cost back that a unit took at a time, or nobody in particular: then of what started
    /// first, which would count no longer first. Nothing that does not count any more is given back.
    pub(super) fn give_back(&mut self, cost: u32, given: Given, now: u64) {
        self.forget(now);
        let mut left = u64::from(cost);
        let those = match given {
            Given::ByNobody => 0..self.started.len(),
            Given::ByUnit(at) if self.ends_at(at) <= now => return,
            Given::ByUnit(at) => {
                let own = self.started.partition_point(|it| it.last < at);
                own..self.started.len().min(own + 1)
            }
        };
        for started in self.started.range_mut(those) {
            let back = left.min(started.cost);
            started.cost -= back;
            self.sum -= back;
            left -= back;
        }
    }

    pub(super) fn stats(&self, now: u64) -> RateStats {
        super::stats_of_window(self.rate, self.used(now))
    }
}
