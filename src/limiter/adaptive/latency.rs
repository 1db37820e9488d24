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
/// The baseline is probed again after so long, in nanoseconds, and so many latencies.
const EVERY: (f64, f64) = (30e9, 300.0);
/// How much of the way to a lower latency, or to one found by a probe, the baseline goes.
const BLEND: f64 = 0.25;
/// Deviations, in standard errors, that are no accident.
const SIGNIFICANT: f64 = 3.0;

/// What was in flight, and how long it took.
#[derive(Clone, Copy, Debug)]
struct Point {
    in_flight: f64,
    latency: f64,
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
    probe: Option<Probe>,
    probed: u64,
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
            probe: None,
            probed: 0,
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

    /// How precisely the latency has to be known for the queue to be told from none, as a part of it.
    pub(super) fn precision(&self, limit: f64) -> f64 {
        let queue = target(limit, 0) / limit / 1.5;
        if self.probe.is_some() { queue.min(0.05) } else { queue.clamp(0.01, 0.1) }
    }

    pub(super) fn overloaded(&mut self) {
        self.starting = false;
        self.probe = None;
        self.above = 0;
        self.trend.clear();
    }

    pub(super) fn measured(&mut self, limit: f64, lowest: f64, measure: &Measure) -> (f64, Reason) {
        let now = Point { in_flight: measure.in_flight, latency: measure.latency };
        if let Some(probe) = self.probe {
            return self.probed(probe, limit, lowest, now, measure);
        }
        let Some(baseline) = self.baseline else {
            self.baseline = Some(now.latency);
            return self.begin_probe(limit, lowest, now, measure.at);
        };
        let baseline = self.lowered(baseline, measure);
        let queue = (now.in_flight * (1.0 - baseline / now.latency)).max(0.0);
        self.queue = queue;
        self.trend.add(now.in_flight, now.latency);

        if queue > target(limit, 2) {
            self.starting = false;
            self.above += 1;
            if self.above > 1 {
                return self.begin_probe(limit, lowest, now, measure.at);
            }
            return (limit + GAIN * (target(limit, 1) - queue), Reason::QueueAboveTarget);
        }
        self.above = 0;
        let since = measure.at.saturating_sub(self.probed) as f64;
        let (nanos, rounds) = EVERY;
        let follows = self.trend.elasticity().is_some_and(|it| it.slope - it.error > FOLLOWS);
        if since > nanos && since > rounds * now.latency || follows {
            return self.begin_probe(limit, lowest, now, measure.at);
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
        let lowered = if below > SIGNIFICANT * measure.error {
            measure.latency
        } else {
            baseline.min(baseline + BLEND * (measure.latency - baseline))
        };
        self.baseline = Some(lowered);
        lowered
    }

    fn begin_probe(&mut self, limit: f64, lowest: f64, from: Point, at: u64) -> (f64, Reason) {
        self.probed = at;
        self.above = 0;
        self.trend.clear();
        if limit.floor() <= lowest {
            return (limit, Reason::QueueOnTarget);
        }
        self.probe = Some(Probe { from, limit, last: from });
        let capacity = from.in_flight * self.baseline() / from.latency;
        let part = STEP.min(BELOW * capacity / from.in_flight).max(STEP * STEP);
        (lower(limit, part), Reason::Probing)
    }

    fn probed(
        &mut self,
        probe: Probe,
        limit: f64,
        lowest: f64,
        now: Point,
        measure: &Measure,
    ) -> (f64, Reason) {
        let Probe { last, .. } = probe;
        let baseline = self.baseline();
        let less = (last.in_flight / now.in_flight).ln();
        let follows = less > 0.02 && (last.latency / now.latency).ln() / less > FOLLOWS;
        let near = now.latency < baseline * (1.0 + NEAR.max(measure.error));
        if follows && !near && limit.floor() > lowest {
            self.probe = Some(Probe { last: now, ..probe });
            return (lower(limit, STEP), Reason::Probing);
        }
        let known = near && now.latency > baseline * (1.0 - SIGNIFICANT * measure.error);
        let found = if known { baseline + BLEND * (now.latency - baseline) } else { now.latency };
        self.baseline = Some(found);
        self.probe = None;
        self.probed = measure.at;
        self.back(probe, found)
    }

    /// Back from a probe: to what was in flight without queueing before it (Little's law), and the target.
    fn back(&mut self, Probe { from, limit, .. }: Probe, baseline: f64) -> (f64, Reason) {
        let served = limit * (baseline / from.latency).min(1.0);
        self.queue = from.in_flight * (1.0 - baseline / from.latency).max(0.0);
        let next = (served + target(served, 1)).min(limit.max(served + target(served, 0)));
        (next, Reason::BaselineFound)
    }
}

/// A lower limit: this part of it, and a slot less at the least.
fn lower(limit: f64, part: f64) -> f64 {
    (limit * part).min(limit.floor() - 1.0)
}
