//! The controller of one adaptive limit: how the limit changes as units end.

use super::aimd::Aimd;
use super::gradient::Gradient;
use super::latency::{Latency, Limits};
use super::overloads::{CUT, Overloads, Verdict};
use super::stats::{AdaptiveStats, Reason};
use super::window::{self, Measure, Window};
use crate::limiter::types::{Adaptive, Algorithm, Outcome, Slot};

const NANOS_PER_MILLI: f64 = 1e6;

/// Latencies below a microsecond are the resolution of the clock and do not count.
const GRAIN: u64 = 1_000;
/// The limit is not raised for this time after an overload, in nanoseconds and in latencies.
const PATIENCE: (f64, f64) = (1e9, 10.0);
/// The limit is in use if this part of it is held.
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
    /// How many slots it held.
    pub(crate) slots: u64,
    /// How many slots units of its lane may hold at most, now.
    pub(crate) most: u64,
    pub(crate) outcome: Outcome,
}

/// What is known about the start of the unit in a slot.
#[derive(Clone, Copy, Debug, Default)]
struct UnitStart {
    /// How many slots were held then, including its own.
    in_flight: u64,
    /// When its last attempt failed, if it is tried again.
    failed: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one in a limit, and it is boxed")]
enum Estimator {
    Latency(Latency),
    Gradient(Gradient),
    Aimd(Aimd),
}

/// Finds the concurrency of a limit.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    min: f64,
    max: f64,
    /// The exact limit. The whole number below it is in force.
    limit: f64,
    estimator: Estimator,
    window: Window,
    /// By slot. This is kept here and not with the running units, because it would cost limits that
    /// are not adaptive a nanosecond for each unit.
    starts: Vec<UnitStart>,
    /// Units that end before this time ran under the previous limit.
    settled_from: u64,
    overloads: Overloads,
    /// In nanoseconds; 0 before the first window.
    recent: f64,
    in_flight: f64,
    samples: u64,
    /// Attempts that were overloaded.
    overloaded: u64,
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
            estimator: match options.algorithm {
                Algorithm::Latency => Estimator::Latency(Latency::default()),
                Algorithm::Gradient => Estimator::Gradient(Gradient::default()),
                Algorithm::Aimd => Estimator::Aimd(Aimd),
            },
            window: Window::default(),
            starts: Vec::new(),
            settled_from: 0,
            overloads: Overloads::default(),
            recent: 0.0,
            in_flight: 0.0,
            samples: 0,
            overloaded: 0,
            reason: Reason::Initial,
            raises: 0,
            reductions: 0,
        }
    }

    /// Whether this controller still sets the number of slots.
    /// The fewest slots.
    pub(crate) fn min(&self) -> u64 {
        self.min as u64
    }

    pub(crate) fn is_on(&self) -> bool {
        self.reason != Reason::Fixed
    }

    /// Stops setting the number of slots, because a caller has set it.
    pub(crate) fn fix(&mut self) {
        self.reason = Reason::Fixed;
    }

    /// Records how many slots are held when a unit starts.
    #[cold]
    pub(crate) fn started(&mut self, slot: Slot, in_flight: u64) {
        let index = slot.number() as usize;
        if index >= self.starts.len() {
            self.starts.resize(index + 1, UnitStart::default());
        }
        self.starts[index] = UnitStart { in_flight, failed: None };
    }

    /// An attempt of the unit in a slot has failed now, and the unit will be tried again. `started`
    /// is when the unit started. Returns the number of slots from now on.
    #[cold]
    pub(crate) fn attempt_failed(
        &mut self,
        slot: Slot,
        started: Option<u64>,
        now: u64,
        outcome: Outcome,
    ) -> u64 {
        self.attempt_ended(self.attempt_began(slot, started), now, outcome);
        self.starts[slot.number() as usize].failed = Some(now);
        self.slots()
    }

    /// The earliest time at which the present attempt of a unit may have begun.
    fn attempt_began(&self, slot: Slot, started: Option<u64>) -> Option<u64> {
        let UnitStart { failed, .. } = self.starts[slot.number() as usize];
        // Later than the failure of the previous attempt, and so later than the reduction that it
        // may have caused.
        failed.map(|at| at.saturating_add(1)).or(started)
    }

    /// A unit has ended. Returns the number of slots from now on.
    pub(crate) fn ended(&mut self, unit: Unit) -> u64 {
        let began = self.attempt_began(unit.slot, unit.started);
        self.attempt_ended(began, unit.ended, unit.outcome);
        // The time until a failure says nothing: a refusal is fast, and a timeout is slow.
        if unit.outcome == Outcome::Fulfilled {
            self.fulfilled(unit);
        }
        self.slots()
    }

    fn slots(&self) -> u64 {
        self.limit as u64
    }

    fn fulfilled(&mut self, Unit { started, ended, weight, slot, slots, most, .. }: Unit) {
        let Some(started) = started else { return };
        let nanos = ended.saturating_sub(started);
        if nanos < GRAIN || ended < self.settled_from {
            return;
        }
        let UnitStart { in_flight, failed } = self.starts[slot.number() as usize];
        // This is the time of several attempts and of the waits between them. TCP ignores
        // retransmitted segments for the same reason (Karn and Partridge, 1987).
        if failed.is_some() {
            return;
        }
        // Another unit of this size would not have fitted.
        let full = in_flight.saturating_add(slots) > most;
        if !full && (in_flight as f64) < IN_USE * most as f64 {
            if self.window.is_empty() && self.samples > 0 {
                self.reason = Reason::NotInUse;
            }
            return;
        }
        self.samples += u64::from(weight);
        self.window.add(ended, window::Latency { nanos, weight, in_flight, full });
        let (estimator, limit) = (&self.estimator, self.limit);
        let resumes = self.overloads.resumes();
        let is_clear = |measure: &Measure| match estimator {
            Estimator::Latency(latency) => latency.is_clear(limit, resumes, measure),
            Estimator::Gradient(_) | Estimator::Aimd(_) => true,
        };
        if let Some(measure) = self.window.close(ended, is_clear) {
            self.measured(&measure);
        }
    }

    fn measured(&mut self, measure: &Measure) {
        self.recent = measure.latency;
        self.in_flight = measure.in_flight;
        let may_grow = !self.is_backing_off(measure.at, measure.latency);
        let (next, reason) = match &mut self.estimator {
            Estimator::Latency(latency) => latency.measured(
                self.limit,
                Limits { lowest: self.min, may_grow, resumes: self.overloads.resumes() },
                measure,
            ),
            Estimator::Gradient(gradient) => gradient.measured(self.limit, measure),
            Estimator::Aimd(aimd) => aimd.measured(self.limit, measure),
        };
        // After a probe the limit may return to where it was.
        if next > self.limit && !may_grow && reason != Reason::BaselineFound {
            self.reason = Reason::AfterOverload;
            return;
        }
        let next = if may_grow { self.overloads.resumed(self.limit, next) } else { next };
        self.set(next, reason, measure.at, measure.latency);
    }

    /// Whether the limit was reduced for overloads not long ago.
    fn is_backing_off(&mut self, now: u64, latency: f64) -> bool {
        let (nanos, rounds) = PATIENCE;
        let Some(last) = self.overloads.reduced() else { return false };
        let since = now.saturating_sub(last) as f64;
        let holds = since < nanos || since < rounds * latency;
        if !holds {
            self.overloads.recovered();
        }
        holds
    }

    /// Counts an attempt, and reduces the limit if too many are overloaded. An attempt that had
    /// begun before the last reduction was sent under the old limit, as in TCP's recovery (RFC
    /// 6582). A reduction also gets the time of one latency to take effect. An attempt that was
    /// not timed does not count: in a burst, some are timed.
    fn attempt_ended(&mut self, began: Option<u64>, now: u64, outcome: Outcome) {
        self.overloaded += u64::from(outcome == Outcome::Overloaded);
        let Some(began) = began else { return };
        if self.is_backing_off(now, self.recent)
            && self.overloads.reduced().is_some_and(|last| {
                began <= last || (now.saturating_sub(last) as f64) < self.recent
            })
        {
            return;
        }
        match self.overloads.ended(outcome == Outcome::Overloaded) {
            Verdict::Nothing => {}
            Verdict::TooMany => self.overload(now),
            Verdict::Strays => self.reason = Reason::StrayOverloads,
        }
    }

    fn overload(&mut self, now: u64) {
        self.overloads.reduce(now, self.usual_limit());
        if let Estimator::Latency(latency) = &mut self.estimator {
            latency.overloaded();
        }
        let next = (self.limit * (1.0 - CUT)).min(self.limit.floor() - 1.0);
        self.set(next, Reason::Overload, now, self.recent);
    }

    /// The limit, or the one before the probe that is under way.
    fn usual_limit(&self) -> f64 {
        match &self.estimator {
            Estimator::Latency(latency) => latency.probed_from().unwrap_or(self.limit),
            Estimator::Gradient(_) | Estimator::Aimd(_) => self.limit,
        }
    }

    fn set(&mut self, next: f64, reason: Reason, now: u64, latency: f64) {
        let before = self.slots();
        self.limit = next.clamp(self.min, self.max);
        self.reason = reason;
        self.raises += u64::from(self.slots() > before);
        self.reductions += u64::from(self.slots() < before);
        if self.slots() != before {
            self.window.reopen();
            self.settled_from = now.saturating_add(latency as u64);
        }
    }

    pub(crate) fn stats(&self, in_flight: u64) -> AdaptiveStats {
        let baseline = match &self.estimator {
            Estimator::Latency(latency) => latency.baseline(),
            Estimator::Gradient(gradient) => gradient.long(),
            Estimator::Aimd(_) => 0.0,
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
            overloads: self.overloaded,
            stray: self.overloads.stray(),
            reason: self.reason,
            raises: self.raises,
            reductions: self.reductions,
        }
    }
}
