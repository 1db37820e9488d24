//! What is told of a limit: its numbers, and what runs now.

use std::time::Duration;

use super::super::slots::Running;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::stats::{LaneHistograms, LaneStats, LimitStats, Oldest, Started};
use crate::limiter::types::{Lane, Slot};

impl<C: Clock> Arbiter<C> {
    /// All numbers, as of one moment.
    pub fn stats(&self) -> LimitStats {
        let now = self.clock.now();
        let of = |lane: Lane| LaneStats {
            rate_wait: self.pacing.rate_wait(lane),
            pause_ends_in: self.pause_ends_in(lane),
            oldest: self.oldest(lane, now),
            ..self.recorders[lane.index()].stats(self.active(lane), self.pending(lane))
        };
        let (rate, quotas) = self.pacing.stats(|| self.clock.now());
        LimitStats {
            concurrency: self.concurrency(),
            online: of(Lane::Online),
            offline: of(Lane::Offline),
            reserve: self.reserve_stats(),
            adaptive: self.adaptive.as_ref().map(|it| it.stats(self.slots.in_flight())),
            rate,
            quotas,
        }
    }

    /// The durations of both lanes as histograms, the online lane first.
    pub fn histograms(&self) -> [LaneHistograms; 2] {
        Lane::ALL.map(|lane| {
            let [wait, run] = self.recorders[lane.index()].buckets();
            LaneHistograms { wait, run, rate_wait: self.pacing.rate_wait_buckets(lane) }
        })
    }

    fn oldest(&self, lane: Lane, now: u64) -> Option<Oldest> {
        let undated = self.recorders[lane.index()].undated_now(now);
        let (slot, at) = self.slots.oldest(lane, |started| dated(started, undated, now))?;
        Some(Oldest { slot, age: Duration::from_nanos(now.saturating_sub(at)) })
    }

    /// When a unit has started, as far as is known.
    pub(super) fn start_of(&self, Running { lane, started, .. }: Running, now: u64) -> u64 {
        dated(started, self.recorders[lane.index()].undated_now(now), now)
    }

    /// Like [`Arbiter::stats`]. Units that may have started at any time since the clock was last
    /// read start now, as far as is known. So they get older from one call to the next.
    pub(crate) fn dated_stats(&mut self) -> LimitStats {
        self.date_running();
        self.stats()
    }

    pub(super) fn date_running(&mut self) {
        let now = self.clock.now();
        for lane in Lane::ALL {
            if let Some(before) = self.recorders[lane.index()].undated_now(now) {
                self.slots.date(lane, before, now);
            }
        }
    }

    /// The clock may just have been read for the first time after a burst. Units that started
    /// meanwhile and were not timed seem as old as the burst; they get a time that is too late
    /// instead.
    #[inline(always)]
    pub(super) fn date_skipped(&mut self, lane: Lane, started: Started) {
        if let Some(before) = self.recorders[lane.index()].undated(started) {
            self.slots.date(lane, before, started.at);
        }
    }

    /// How many units run, and how many wait, in both lanes.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let sum =
            |count: fn(&Self, Lane) -> u64| Lane::ALL.iter().map(|&lane| count(self, lane)).sum();
        (sum(Self::active), sum(Self::pending))
    }

    /// The slots that units run in.
    pub(crate) fn slots_held(&self) -> impl Iterator<Item = Slot> {
        self.slots.all_held()
    }

    /// The slots that units of a lane run in.
    pub fn slots_of(&self, lane: Lane) -> impl Iterator<Item = Slot> {
        let is_of_lane = move |&slot: &Slot| {
            self.slots.running(slot).is_some_and(|running| running.lane == lane)
        };
        self.slots.all_held().filter(is_of_lane)
    }
}

/// A unit that may have started at any time since `undated` starts now.
fn dated(Started { at, weight }: Started, undated: Option<u64>, now: u64) -> u64 {
    if weight == 0 && undated == Some(at) { now } else { at }
}
