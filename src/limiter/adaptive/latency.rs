//! How many queue, by how much longer they take than alone. The default.

use super::stats::Reason;
use super::trend::Trend;
use super::window::Measure;

/// The queue to be, as a multiple of the square root of the limit: below, on and above target.
const TARGET: [f64; 3] = [0.5, 0.75, 1.25];
/// How much of the way to the target one window goes.
const GAIN: f64 = 0.5;
/// Before the first queue is seen the limit grows by this factor a window.
const START: f64 = 1.5;
/// A step of a probe leaves this part of what was in flight.
const STEP: f64 = 0.75;
/// A probe goes below what the server is known to take, by this factor.
const BELOW: f64 = 0.9;
/// Latency is taken to follow what is in flight from this elasticity on.
const FOLLOWS: f64 = 0.5;
/// Latency within this part of the baseline is the baseline.
const NEAR: f64 = 0.1;
const LOWER: f64 = 0.04;
/// A baseline that was just found is probed again after so many latencies; one that is found where it was,
/// after twice as many each time, at most after so many, and not before so long, in nanoseconds.
const SOON: f64 = 50.0;
const LATE: f64 = 3_000.0;
const EVERY: f64 = 1e9;
const MOVED: f64 = 1.25;
/// How much of the way to a lower latency, or to one found by a probe, the baseline goes.
const BLEND: f64 = 0.5;
/// How much of the way to a lower latency the baseline goes.
const DOWN: f64 = 0.5;
/// Deviations, in standard errors, that are no accident.
const SIGNIFICANT: f64 = 3.0;
/// Deviations, in standard errors, that are acted on before all samples are in.
const SURE: f64 = 3.0;
/// A queue that is known to within this part of the target is known.
const PRECISE: f64 = 0.25;
/// What a probe has to know the latency to, as a part of it.
const ROUGH: f64 = 0.045;
const FINE: f64 = 0.03;

/// What was in flight, and how long it took.
#[derive(Clone, Copy, Debug)]
struct Point {
    in_flight: f64,
    latency: f64,
    error: f64,
}

impl Point {
    /// Whether latency may have gone down with what is in flight.
    fn may_follow(self, before: Self) -> bool {
        let less = (before.in_flight / self.in_flight).ln();
        let error = self.error.hypot(before.error);
        (before.latency / self.latency).ln() + error > FOLLOWS * less
    }
}

/// An experiment: with less in flight, does it take less time?
#[derive(Clone, Copy, Debug)]
struct Probe {
    /// Before it.
    from: Point,
    limit: f64,
    /// At the step before.
    last: Point,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    /// In nanoseconds.
    baseline: Option<f64>,
    queue: f64,
    /// Whether the baseline was found by a probe.
    known: bool,
    probe: Option<Probe>,
    probed: u64,
    /// The limit that was set by the last probe.
    probed_at: f64,
    /// Latencies until the next probe.
    patience: f64,
    starting: bool,
    /// Windows in a row that found too much of a queue.
    above: u32,
    trend: Trend,
}

impl Default for Latency {
    fn default() -> Self {
        Self {
            baseline: None,
            queue: 0.0,
            known: false,
            probe: None,
            probed: 0,
            probed_at: 1.0,
            patience: SOON,
            starting: true,
            above: 0,
            trend: Trend::default(),
        }
    }
}

fn target(limit: f64, index: usize) -> f64 {
    TARGET[index] * limit.sqrt()
}

impl Latency {
    pub(super) fn baseline(&self) -> f64 {
        self.baseline.unwrap_or(0.0)
    }

    /// Whether more samples would hardly change what follows from these.
    pub(super) fn is_clear(&self, limit: f64, measure: &Measure) -> bool {
        let Measure { latency, error, in_flight, .. } = *measure;
        if error < PRECISE * target(limit, 0) / limit {
            return true;
        }
        let Some(baseline) = self.baseline else { return error < ROUGH };
        if self.probe.is_some() {
            return error < FINE || error < ROUGH && (!self.known || self.is_known(measure));
        }
        let queue = in_flight * (1.0 - baseline / latency);
        (queue - target(limit, 1)).abs() > SURE * in_flight * error
    }

    pub(super) fn overloaded(&mut self) {
        self.starting = false;
        self.probe = None;
        self.above = 0;
        self.trend.clear();
    }

    pub(super) fn measured(&mut self, limit: f64, lowest: f64, measure: &Measure) -> (f64, Reason) {
        let now =
            Point { in_flight: measure.in_flight, latency: measure.latency, error: measure.error };
        if let Some(probe) = self.probe {
            return self.probed(probe, limit, lowest, now, measure);
        }
        let Some(baseline) = self.baseline else {
            self.baseline = Some(now.latency);
            return self.begin_probe(limit, lowest, now, STEP);
        };
        let baseline = self.lowered(baseline, measure);
        let queue = (now.in_flight * (1.0 - baseline / now.latency)).max(0.0);
        self.queue = queue;
        self.trend.add(now.in_flight, now.latency);

        if queue > target(limit, 2) {
            self.starting = false;
            self.above += 1;
            if self.above > 2 {
                return self.begin_probe(limit, lowest, now, STEP);
            }
            return (limit + GAIN * (target(limit, 1) - queue), Reason::QueueAboveTarget);
        }
        self.above = 0;
        let since = measure.at.saturating_sub(self.probed) as f64;
        let moved = (limit / self.probed_at).max(self.probed_at / limit) > MOVED;
        let is_due = |rounds: f64| since > EVERY && since > rounds * now.latency;
        if is_due(self.patience) || moved && queue >= target(limit, 0) && is_due(SOON) {
            let part = (BELOW * (now.in_flight - queue) / now.in_flight).max(STEP);
            self.probed = measure.at;
            return self.begin_probe(limit, lowest, now, part);
        }
        if self.trend.elasticity().is_some_and(|it| it.slope - 2.0 * it.error > FOLLOWS) {
            return self.begin_probe(limit, lowest, now, STEP);
        }
        if queue >= target(limit, 0) {
            self.starting = false;
            return (limit, Reason::QueueOnTarget);
        }
        if !measure.full {
            return (limit, Reason::NotInUse);
        }
        let step = (GAIN * (target(limit, 1) - queue)).max(1.0);
        let next = if self.starting { (limit * START).max(limit + step) } else { limit + step };
        (next, Reason::QueueBelowTarget)
    }

    /// The baseline goes down by itself, and up by probes only.
    fn lowered(&mut self, baseline: f64, measure: &Measure) -> f64 {
        let below = (baseline - measure.latency) / measure.latency;
        let is_lower = below > SIGNIFICANT * measure.error;
        let lowered =
            if is_lower { baseline + DOWN * (measure.latency - baseline) } else { baseline };
        self.baseline = Some(lowered);
        lowered
    }

    fn begin_probe(&mut self, limit: f64, lowest: f64, from: Point, part: f64) -> (f64, Reason) {
        self.above = 0;
        self.trend.clear();
        if limit.floor() <= lowest {
            return (limit, Reason::QueueOnTarget);
        }
        self.probe = Some(Probe { from, limit, last: from });
        (lower(limit, part), Reason::Probing)
    }

    /// Whether that latency is the baseline that was found before.
    fn is_known(&self, measure: &Measure) -> bool {
        let off = measure.latency / self.baseline() - 1.0;
        self.known && off < NEAR.max(2.0 * measure.error) && off > -LOWER.max(1.5 * measure.error)
    }

    fn probed(
        &mut self,
        probe: Probe,
        limit: f64,
        lowest: f64,
        now: Point,
        measure: &Measure,
    ) -> (f64, Reason) {
        let known = self.is_known(measure);
        if now.may_follow(probe.last) && !known && limit.floor() > lowest {
            self.probe = Some(Probe { last: now, ..probe });
            return (lower(limit, STEP), Reason::Probing);
        }
        let baseline = self.baseline();
        let found = if known { baseline + BLEND * (now.latency - baseline) } else { now.latency };
        let is_same = known && (now.latency / baseline - 1.0).abs() < NEAR / 2.0;
        self.patience = if is_same { (self.patience * 2.0).min(LATE) } else { SOON };
        self.baseline = Some(found);
        self.known = true;
        self.probe = None;
        self.probed = measure.at;
        self.back(probe, found)
    }

    /// Back from a probe: to what was in flight without queueing before it (Little's law), and the target.
    fn back(&mut self, Probe { from, limit, .. }: Probe, baseline: f64) -> (f64, Reason) {
        let served = limit * (baseline / from.latency).min(1.0);
        self.queue = from.in_flight * (1.0 - baseline / from.latency).max(0.0);
        let next = (served + target(served, 1)).min(limit.max(served + target(served, 0)));
        self.probed_at = next;
        (next, Reason::BaselineFound)
    }
}

/// A lower limit: this part of it, and a slot less at the least.
fn lower(limit: f64, part: f64) -> f64 {
    (limit * part).min(limit.floor() - 1.0)
}
