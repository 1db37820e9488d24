//! The counts and times of one lane, the source of its [`LaneStats`].

use super::buckets::Buckets;
use super::durations::Durations;
use super::exceptions::Exceptions;
use super::sampler::{Sample, Sampler, Started};
use super::statistics::{LaneStats, Quantiles};
use crate::clock::Clock;
use crate::limiter::types::{Cause, Outcome};

/// When a ticket arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arrival {
    /// A call; none if it is not timed.
    Call(Option<Sample>),
    /// A batch, whose units all arrived at this time.
    Batch(u64),
    /// Calls that share a ticket; the line knows when each arrived.
    InLine,
}

/// Events of a lease, none of which was timed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leased {
    pub(crate) arrivals: u64,
    pub(crate) starts: u64,
    pub(crate) ends: u64,
}

/// One lane's counts and times. Every lane has its own samplers. A common sampler would time
/// whichever lane its stride falls on.
#[derive(Debug, Default)]
pub(crate) struct LaneRecorder {
    granted: u64,
    settled: u64,
    rejected: u64,
    arrivals: Sampler,
    starts: Sampler,
    wait: Durations,
    run: Durations,
    exceptions: Option<Box<Exceptions>>,
}

impl LaneRecorder {
    pub(crate) fn call_arrived(&mut self, clock: &impl Clock) -> Arrival {
        Arrival::Call(self.arrival(clock))
    }

    /// Records that a call has arrived that waits. Returns its time if it is timed.
    pub(crate) fn arrival(&mut self, clock: &impl Clock) -> Option<Sample> {
        self.arrivals.event(|| clock.now())
    }

    /// How many arrivals, and how many starts, will not be timed.
    pub(crate) fn untimed(&self) -> (u64, u64) {
        (self.arrivals.untimed(), self.starts.untimed())
    }

    /// Records events of which none was timed, and ends of units without an error. Returns the last
    /// reading of the clock at a start.
    pub(crate) fn leased(&mut self, leased: Leased) -> u64 {
        let Leased { arrivals, starts, ends } = leased;
        self.granted += starts;
        self.settled += ends;
        self.arrivals.skip(arrivals);
        self.starts.skip(starts)
    }

    /// Records a call that gets its slot at once. Arrival and start are one moment, so the clock is
    /// read at most once.
    pub(crate) fn call_arrived_and_started(&mut self, clock: &impl Clock) -> Started {
        self.granted += 1;
        let arrival = self.arrivals.event(|| clock.now());
        if arrival.is_some() {
            self.wait.record_timed(0, self.granted);
        }
        self.starts.start(|| arrival.map_or_else(|| clock.now(), |arrival| arrival.at))
    }

    /// Records that one unit of a waiting ticket has its slot.
    pub(crate) fn started(&mut self, arrival: Arrival, clock: &impl Clock) -> Started {
        self.granted += 1;
        let start = self.starts.start(|| clock.now());
        let started = start.sample();
        match arrival {
            Arrival::Call(None) | Arrival::InLine => {}
            Arrival::Call(Some(Sample { at, .. })) => {
                let now = started.map_or_else(|| clock.now(), |started| started.at);
                self.wait.record_timed(now.saturating_sub(at), self.granted);
            }
            Arrival::Batch(at) => {
                if let Some(started) = started {
                    self.wait.record_timed(started.at.saturating_sub(at), self.granted);
                }
            }
        }
        start
    }

    /// See [`Sampler::undated`].
    #[inline]
    pub(crate) fn undated(&mut self, started: Started) -> Option<u64> {
        self.starts.undated(started)
    }

    /// See [`Sampler::undated_now`].
    pub(crate) fn undated_now(&self, now: u64) -> Option<u64> {
        self.starts.undated_now(now)
    }

    /// Whether a unit has ever got a slot.
    pub(crate) fn has_granted(&self) -> bool {
        self.granted > 0
    }

    /// Records that a granted unit has become two. The new one counts as one that was not timed.
    pub(crate) fn split(&mut self) {
        self.granted += 1;
    }

    /// Records that a granted unit has not begun and never will. Its wait stays in the statistics.
    pub(crate) fn taken_back(&mut self) {
        self.granted -= 1;
        self.exceptions().taken_back += 1;
    }

    /// Records the end of a unit. Returns the time if the clock was read.
    pub(crate) fn settled(
        &mut self,
        started: Started,
        outcome: Outcome,
        clock: &impl Clock,
    ) -> Option<u64> {
        self.settled += 1;
        self.rejected += u64::from(outcome != Outcome::Fulfilled);
        started.sample().map(|Sample { at, .. }| {
            let now = clock.now();
            self.run.record_timed(now.saturating_sub(at), self.settled);
            now
        })
    }

    fn exceptions(&mut self) -> &mut Exceptions {
        self.exceptions.get_or_insert_default()
    }

    /// Records that units were refused.
    #[cold]
    pub(crate) fn refused(&mut self, units: u32) {
        self.exceptions().refused += u64::from(units);
    }

    /// Records that units were given up that waited.
    #[cold]
    pub(crate) fn left_queue(&mut self, cause: Cause, units: u64) {
        self.exceptions().left_queue(cause, units);
    }

    /// Records that a unit was given up that runs.
    #[cold]
    pub(crate) fn given_up(&mut self, cause: Cause) {
        self.exceptions().given_up(cause);
    }

    /// Adds to the counts of refused and of aborted units.
    #[cold]
    pub(crate) fn corrected(&mut self, refused: i32, aborted: u32) {
        let exceptions = self.exceptions();
        exceptions.refused = exceptions.refused.saturating_add_signed(refused.into());
        exceptions.aborted += u64::from(aborted);
    }

    /// Records that a unit that has failed is tried again.
    #[cold]
    pub(crate) fn retried(&mut self) {
        self.exceptions().retries += 1;
    }

    pub(crate) fn stats(&self, active: u64, pending: u64) -> LaneStats {
        let Exceptions {
            refused,
            cleared,
            dropped,
            aborted,
            queue_timeouts,
            timeouts,
            retries,
            ..
        } = self.exceptions.as_deref().copied().unwrap_or_default();
        LaneStats {
            active,
            pending,
            granted: self.granted,
            settled: self.settled,
            rejected: self.rejected,
            refused,
            cleared,
            dropped,
            aborted,
            queue_timeouts,
            timeouts,
            retries,
            wait: self.wait.quantiles(self.waits()),
            run: self.run.quantiles(self.settled),
            rate_wait: Quantiles::default(),
            pause_ends_in: 0.0,
            oldest: None,
        }
    }
    /// The units whose waits have ended with a slot. It never falls.
    fn waits(&self) -> u64 {
        self.granted + self.exceptions.as_deref().map_or(0, |it| it.taken_back)
    }

    /// The durations of `wait` and `run` as histograms.
    pub(crate) fn buckets(&self) -> [Buckets; 2] {
        [self.wait.buckets(self.waits()), self.run.buckets(self.settled)]
    }
}
