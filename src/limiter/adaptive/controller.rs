//! What becomes of the limit as units end.

use super::aimd::Aimd;
use super::gradient::Gradient;
use super::latency::{Latency, Limits};
use super::options::{Adaptive, Algorithm};
use super::stats::{AdaptiveStats, Reason};
use super::window::{self, Measure, Window};
use crate::limiter::arbiter::Outcome;
use crate::limiter::slots::Slot;

const NANOS_PER_MILLI: f64 = 1e6;

/// Latencies below a microsecond are the clock's own, and say nothing.
const GRAIN: u64 = 1_000;
/// An overload leaves this part of the limit.
const BACKOFF: f64 = 0.9;
/// After an overload the limit is not raised for so long, in nanoseconds and in latencies.
const PATIENCE: (f64, f64) = (1e9, 10.0);
/// A limit is in use where this part of it is held.
const IN_USE: f64 = 0.75;

/// A unit that has ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit {
    /// When it started, if it was timed.
    pub(crate) started: Option<u64>,
    pub(crate) ended: u64,
    /// How many units it stands for.
    pub(crate) weight: u32,
    pub(crate) slot: Slot,
    /// How many it held.
    pub(crate) slots: u64,
    /// Slots that units of its lane may hold at the most, now.
    pub(crate) most: u64,
    pub(crate) outcome: Outcome,
}

/// What is known of the unit in a slot since it started.
#[derive(Clone, Copy, Debug, Default)]
struct Began {
    /// How many slots were held then, its own too.
    in_flight: u64,
    /// When its last attempt failed, where it is tried again.
    failed: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a limit, and it is boxed")]
enum Finds {
    Latency(Latency),
    Gradient(Gradient),
    Aimd(Aimd),
}

/// Finds the concurrency of a limit.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    min: f64,
    max: f64,
    /// Exact; in force is the whole number below.
    limit: f64,
    finds: Finds,
    window: Window,
    /// By slot. It is here and not with what runs, for it would cost those limits a nanosecond that are not adaptive.
    began: Vec<Began>,
    /// What ends before this moment belongs to the limit as it was.
    settles: u64,
    /// The last reduction by overload.
    overloaded: Option<u64>,
    /// In nanoseconds; 0 before the first window.
    recent: f64,
    in_flight: f64,
    samples: u64,
    reason: Reason,
    raises: u64,
    reductions: u64,
}

impl Controller {
    pub(crate) fn new(options: &Adaptive, initial: u64) -> Self {
        Self {
            min: options.min as f64,
            max: options.max as f64,
            limit: initial as f64,
            finds: match options.algorithm {
                Algorithm::Latency => Finds::Latency(Latency::default()),
                Algorithm::Gradient => Finds::Gradient(Gradient::default()),
                Algorithm::Aimd => Finds::Aimd(Aimd),
            },
            window: Window::default(),
            began: Vec::new(),
            settles: 0,
            overloaded: None,
            recent: 0.0,
            in_flight: 0.0,
            samples: 0,
            reason: Reason::Initial,
            raises: 0,
            reductions: 0,
        }
    }

    /// Whether it still says how many slots there are.
    pub(crate) fn is_on(&self) -> bool {
        self.reason != Reason::Fixed
    }

    /// Leaves the limit to who has set it.
    pub(crate) fn fix(&mut self) {
        self.reason = Reason::Fixed;
    }

    /// Notes how many slots are held as a unit starts.
    #[cold]
    pub(crate) fn started(&mut self, slot: Slot, in_flight: u64) {
        let index = slot.number() as usize;
        if index >= self.began.len() {
            self.began.resize(index + 1, Began::default());
        }
        self.began[index] = Began { in_flight, failed: None };
    }

    /// An attempt of the unit in a slot, which started then, has failed now, and there will be another one. Gives the
    /// number of slots from now on.
    #[cold]
    pub(crate) fn attempt_failed(
        &mut self,
        slot: Slot,
        started: Option<u64>,
        now: u64,
        outcome: Outcome,
    ) -> u64 {
        if outcome == Outcome::Overloaded {
            self.overload(self.attempt_began(slot, started), now);
        }
        self.began[slot.number() as usize].failed = Some(now);
        self.slots()
    }

    /// When the present attempt of a unit that started then began, at the earliest.
    fn attempt_began(&self, slot: Slot, started: Option<u64>) -> Option<u64> {
        let Began { failed, .. } = self.began[slot.number() as usize];
        // Later than the one before has failed, and so than what was concluded from that.
        failed.map(|at| at.saturating_add(1)).or(started)
    }

    /// The number of slots from now on.
    pub(crate) fn ended(&mut self, unit: Unit) -> u64 {
        match unit.outcome {
            Outcome::Overloaded => {
                self.overload(self.attempt_began(unit.slot, unit.started), unit.ended);
            }
            Outcome::Fulfilled => self.fulfilled(unit),
            // How long it took to fail tells nothing: a refusal is fast, and a timeout is slow.
            Outcome::Rejected => {}
        }
        self.slots()
    }

    fn slots(&self) -> u64 {
        self.limit as u64
    }

    fn fulfilled(&mut self, Unit { started, ended, weight, slot, slots, most, .. }: Unit) {
        let Some(started) = started else { return };
        let nanos = ended.saturating_sub(started);
        if nanos < GRAIN || ended < self.settles {
            return;
        }
        let Began { in_flight, failed } = self.began[slot.number() as usize];
        // As with segments that TCP has sent more than once (Karn and Partridge, 1987): this is the time of several
        // attempts, and here of the waits between them, too.
        if failed.is_some() {
            return;
        }
        // One more like it would not have fitted.
        let full = in_flight.saturating_add(slots) > most;
        if !full && (in_flight as f64) < IN_USE * most as f64 {
            if self.window.is_empty() && self.samples > 0 {
                self.reason = Reason::NotInUse;
            }
            return;
        }
        self.samples += u64::from(weight);
        self.window.add(ended, window::Latency { nanos, weight, in_flight, full });
        let (finds, limit) = (&self.finds, self.limit);
        let is_clear = |measure: &Measure| match finds {
            Finds::Latency(latency) => latency.is_clear(limit, measure),
            Finds::Gradient(_) | Finds::Aimd(_) => true,
        };
        if let Some(measure) = self.window.close(ended, is_clear) {
            self.measured(&measure);
        }
    }

    fn measured(&mut self, measure: &Measure) {
        self.recent = measure.latency;
        self.in_flight = measure.in_flight;
        let may_grow = !self.is_patient(measure);
        let (next, reason) = match &mut self.finds {
            Finds::Latency(latency) => {
                latency.measured(self.limit, Limits { lowest: self.min, may_grow }, measure)
            }
            Finds::Gradient(gradient) => gradient.measured(self.limit, measure),
            Finds::Aimd(aimd) => aimd.measured(self.limit, measure),
        };
        // Back from a probe it goes where it was.
        if next > self.limit && !may_grow && reason != Reason::BaselineFound {
            self.reason = Reason::AfterOverload;
            return;
        }
        self.set(next, reason, measure.at, measure.latency);
    }

    fn is_patient(&self, Measure { at, latency, .. }: &Measure) -> bool {
        let (nanos, rounds) = PATIENCE;
        self.overloaded.is_some_and(|last| {
            let since = at.saturating_sub(last) as f64;
            since < nanos || since < rounds * latency
        })
    }

    /// A burst of errors is one overload: units that had started before the last reduction were sent by the
    /// limit that was reduced, as in the recovery of TCP (RFC 6582), and a reduction has one latency to tell.
    /// A unit that was not timed is taken to have: of those that start in a burst, some are. Of one that is tried
    /// again it is the attempt that counts.
    fn overload(&mut self, started: Option<u64>, ended: u64) {
        if let Some(last) = self.overloaded {
            let echo = started.is_none_or(|started| started <= last);
            if echo || (ended.saturating_sub(last) as f64) < self.recent {
                return;
            }
        }
        self.overloaded = Some(ended);
        if let Finds::Latency(latency) = &mut self.finds {
            latency.overloaded();
        }
        let next = (self.limit * BACKOFF).min(self.limit.floor() - 1.0);
        self.set(next, Reason::Overload, ended, self.recent);
    }

    fn set(&mut self, next: f64, reason: Reason, now: u64, latency: f64) {
        let before = self.slots();
        self.limit = next.clamp(self.min, self.max);
        self.reason = reason;
        self.raises += u64::from(self.slots() > before);
        self.reductions += u64::from(self.slots() < before);
        if self.slots() != before {
            self.window.reopen();
            self.settles = now.saturating_add(latency as u64);
        }
    }

    pub(crate) fn stats(&self, in_flight: u64) -> AdaptiveStats {
        let baseline = match &self.finds {
            Finds::Latency(latency) => latency.baseline(),
            Finds::Gradient(gradient) => gradient.long(),
            Finds::Aimd(_) => 0.0,
        };
        let queue = if baseline > 0.0 && self.recent > 0.0 {
            (self.in_flight * (1.0 - baseline / self.recent)).max(0.0)
        } else {
            0.0
        };
        AdaptiveStats {
            samples: self.samples,
            baseline: baseline / NANOS_PER_MILLI,
            recent: self.recent / NANOS_PER_MILLI,
            in_flight,
            queue,
            reason: self.reason,
            raises: self.raises,
            reductions: self.reductions,
        }
    }
}
