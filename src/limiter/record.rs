//! What one lane has seen: the counts and times behind [`LaneStats`].

use super::arbiter::Outcome;
use super::sampler::{Sample, Sampler};
use super::stats::{Durations, LaneStats, Quantiles};
use crate::clock::Clock;

/// When what waits came.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Came {
    /// A call; none where it is not timed.
    Call(Option<Sample>),
    /// A batch, whose units all came at this time.
    Batch(u64),
}

/// One lane's counts and times. Every lane has samplers of its own: one for both would time whichever
/// lane its stride happens to fall on.
#[derive(Debug, Default)]
pub(crate) struct LaneRecord {
    granted: u64,
    settled: u64,
    rejected: u64,
    arrivals: Sampler,
    starts: Sampler,
    /// Batch units that started since the last one whose wait was timed.
    untimed_units: u32,
    wait: Durations,
    run: Durations,
}

impl LaneRecord {
    pub(crate) fn call_came(&mut self, clock: &impl Clock) -> Came {
        Came::Call(self.arrivals.event(|| clock.now()))
    }

    /// A call that has its slot at once: one moment, and one reading of the clock at the most.
    pub(crate) fn call_came_and_started(&mut self, clock: &impl Clock) -> Option<Sample> {
        self.granted += 1;
        let came = self.arrivals.event(|| clock.now());
        if let Some(Sample { weight, .. }) = came {
            self.wait.record(0, weight.get());
        }
        self.starts.event(|| came.map_or_else(|| clock.now(), |came| came.at))
    }

    /// One unit of what waited has its slot.
    pub(crate) fn started(&mut self, came: Came, clock: &impl Clock) -> Option<Sample> {
        self.granted += 1;
        let started = self.starts.event(|| clock.now());
        match came {
            Came::Call(None) => {}
            Came::Call(Some(Sample { at, weight })) => {
                let now = started.map_or_else(|| clock.now(), |started| started.at);
                self.wait.record(now.saturating_sub(at), weight.get());
            }
            Came::Batch(at) => {
                self.untimed_units = self.untimed_units.saturating_add(1);
                if let Some(started) = started {
                    let weight = std::mem::take(&mut self.untimed_units);
                    self.wait.record(started.at.saturating_sub(at), weight);
                }
            }
        }
        started
    }

    /// A unit that was granted has not begun, and will not. What it has waited stays on record.
    pub(crate) fn taken_back(&mut self) {
        self.granted -= 1;
    }

    /// Gives the time, where it was read.
    pub(crate) fn settled(
        &mut self,
        started: Option<Sample>,
        outcome: Outcome,
        clock: &impl Clock,
    ) -> Option<u64> {
        self.settled += 1;
        self.rejected += u64::from(outcome != Outcome::Fulfilled);
        started.map(|Sample { at, weight }| {
            let now = clock.now();
            self.run.record(now.saturating_sub(at), weight.get());
            now
        })
    }

    pub(crate) fn stats(&self, active: u64, pending: u64) -> LaneStats {
        LaneStats {
            active,
            pending,
            granted: self.granted,
            settled: self.settled,
            rejected: self.rejected,
            wait: self.wait.quantiles(),
            run: self.run.quantiles(),
            rate_wait: Quantiles::default(),
        }
    }
}
