//! How many queue, by how much longer they take than alone. The default.

use super::baseline::Baseline;
use super::probe::{FOLLOWS, Probe, confirming, lower};
use super::stats::Reason;
use super::trend::Trend;
use super::window::Measure;

/// How much of the way to the target one window goes.
const GAIN: f64 = 0.5;
/// Until the first queue is seen the limit grows by this factor a window.
const START: f64 = 1.5;
/// After so many reductions in a row that did not help, the baseline is probed, from a window as precise as the
/// probe's own: the reductions were made on the first sight of a queue.
const PATIENCE: u32 = 2;
/// A queue is acted on before all samples are in where it is off the target by so many standard errors.
const SURE: f64 = 3.0;
/// A queue is known where its standard error is this part of the least of them that is on target.
const PRECISE: f64 = 0.25;
/// The standard error, as a part of the latency, of what is compared with a step before...
const ROUGH: f64 = 0.045;
/// ...and of what contradicts the baseline that is known.
const FINE: f64 = 0.03;

/// The queue that is wanted: none is a server that may be idle, and one is enough latency for nothing.
///
/// It goes with the square root of the limit, as the spread of how many units are busy does; Halfin and Whitt,
/// "Heavy-Traffic Limits for Queues with Many Exponential Servers" (1981), is where that rule comes from.
struct Target {
    least: f64,
    ideal: f64,
    most: f64,
}

impl Target {
    fn of(limit: f64) -> Self {
        let root = limit.sqrt();
        Self { least: 0.5 * root, ideal: 0.75 * root, most: root }
    }
}

/// Where the limit may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) lowest: f64,
    pub(super) may_grow: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    baseline: Baseline,
    probe: Option<Probe>,
    /// Whether no queue was seen yet.
    starting: bool,
    /// Reductions in a row.
    above: u32,
    trend: Trend,
}

impl Default for Latency {
    fn default() -> Self {
        Self {
            baseline: Baseline::default(),
            probe: None,
            starting: true,
            above: 0,
            trend: Trend::default(),
        }
    }
}

impl Latency {
    /// In nanoseconds; 0 while it is unknown.
    pub(super) fn baseline(&self) -> f64 {
        self.baseline.nanos().unwrap_or(0.0)
    }

    /// Whether more samples would hardly change what follows from these.
    pub(super) fn is_clear(&self, limit: f64, measure: &Measure) -> bool {
        let Target { least, ideal, .. } = Target::of(limit);
        let Measure { error, in_flight, .. } = *measure;
        if error < PRECISE * least / limit {
            return true;
        }
        if self.probe.is_some() || self.baseline.nanos().is_none() || self.above == PATIENCE {
            let settles = !self.baseline.is_found() || self.baseline.is_back(measure);
            return error < FINE || error < ROUGH && settles;
        }
        (self.raw_queue(measure) - ideal).abs() > SURE * in_flight * error
    }

    /// The Vegas estimate (Brakmo and Peterson, 1995): of what is in flight, the part that its latency
    /// exceeds the baseline by. Below 0 where the baseline is too high.
    fn raw_queue(&self, measure: &Measure) -> f64 {
        measure.in_flight * (1.0 - self.baseline() / measure.latency)
    }

    /// Forgets what was under way: the limit has changed for another reason.
    pub(super) fn overloaded(&mut self) {
        self.starting = false;
        self.probe = None;
        self.above = 0;
        self.trend.clear();
    }

    /// The limit that follows from a window.
    pub(super) fn measured(&mut self, limit: f64, at: Limits, measure: &Measure) -> (f64, Reason) {
        if let Some(probe) = self.probe.take() {
            return self.probed(probe, limit, at, measure);
        }
        if self.baseline.nanos().is_none() {
            self.baseline.guess(measure.latency);
            return self.search(limit, at, measure);
        }
        self.baseline.lower(measure);
        self.trend.add(measure.in_flight, measure.latency);
        let queue = self.raw_queue(measure).max(0.0);
        let Target { least, ideal, most } = Target::of(limit);

        if queue > most {
            self.starting = false;
            self.above += 1;
            if self.above > PATIENCE {
                return self.confirm(limit, at, measure, queue);
            }
            return (limit + GAIN * (ideal - queue), Reason::QueueAboveTarget);
        }
        self.above = 0;
        if self.baseline.is_due(measure, limit, queue >= least) {
            return self.confirm(limit, at, measure, queue);
        }
        if self.trend.elasticity().is_some_and(|it| it.slope - 2.0 * it.error > FOLLOWS) {
            // Units queue, by the trend, and do not, by the baseline: it is too high.
            return self.search(limit, at, measure);
        }
        if queue >= least {
            self.starting = false;
            return (limit, Reason::QueueOnTarget);
        }
        if !measure.full {
            return (limit, Reason::NotInUse);
        }
        let step = (GAIN * (ideal - queue)).max(1.0);
        let next = if self.starting { (limit * START).max(limit + step) } else { limit + step };
        (next, Reason::QueueBelowTarget)
    }

    /// Begins to look for the baseline, at whatever limit it is found.
    fn search(&mut self, limit: f64, at: Limits, measure: &Measure) -> (f64, Reason) {
        self.begin_probe(limit, at, Probe::new(limit, *measure, false), lower(limit))
    }

    /// Asks whether the baseline is still what it was, if it was ever found.
    fn confirm(&mut self, limit: f64, at: Limits, measure: &Measure, queue: f64) -> (f64, Reason) {
        if !self.baseline.is_found() {
            return self.search(limit, at, measure);
        }
        let next = confirming(limit, 1.0 - queue / measure.in_flight);
        self.begin_probe(limit, at, Probe::new(limit, *measure, true), next)
    }

    fn begin_probe(&mut self, limit: f64, at: Limits, probe: Probe, next: f64) -> (f64, Reason) {
        self.above = 0;
        self.trend.clear();
        if limit.floor() <= at.lowest {
            self.baseline.set_probed(probe.began(), limit);
            return (limit, Reason::QueueOnTarget);
        }
        self.probe = Some(probe);
        (next, Reason::Probing)
    }

    /// What follows from a step of a probe: another one, while latency falls in a search; or the baseline.
    fn probed(&mut self, probe: Probe, limit: f64, at: Limits, measure: &Measure) -> (f64, Reason) {
        if probe.is_stale(measure) {
            return (probe.limit, Reason::NotInUse);
        }
        let follows = !self.baseline.is_back(measure) && probe.follows(measure);
        let searches = !probe.confirms || self.baseline.is_disproved(measure);
        if follows && searches && limit.floor() > at.lowest {
            self.probe = Some(probe.next(*measure));
            return (lower(limit), Reason::Probing);
        }
        // What still queues is no baseline, unless it is a lower one.
        let queues = follows && measure.latency > self.baseline();
        let (baseline, lowest) = if probe.confirms && (queues || probe.is_outrun(measure)) {
            (self.baseline.keep(), limit)
        } else {
            (self.baseline.find(measure), at.lowest)
        };
        let served = probe.served(baseline);
        let Target { least, ideal, .. } = Target::of(served);
        let most = if at.may_grow { probe.limit.max(served + least) } else { probe.limit };
        let next = (served + ideal).max(lowest).min(most);
        self.baseline.set_probed(measure.at, next);
        (next, Reason::BaselineFound)
    }
}
