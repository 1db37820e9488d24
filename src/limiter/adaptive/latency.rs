//! The latency algorithm, the default: how many units queue, from how much longer they take than
//! alone.

use super::baseline::Baseline;
use super::probe::{FOLLOWS, Probe, confirming, lower};
use super::stats::Reason;
use super::trend::Trend;
use super::window::Measure;

/// How far the limit moves in one window, as a part of the way to the target.
const GAIN: f64 = 0.5;
/// The limit grows by this factor for every window until the first queue is seen.
const START: f64 = 1.5;
/// After this many reductions in a row that did not help, the baseline is probed. The probe starts
/// from a window as precise as its own, because the reductions were made at the first sign of a
/// queue.
const PATIENCE: u32 = 2;
/// A queue that is off the target by this many standard errors is acted on before all samples are
/// in.
const SURE: f64 = 3.0;
/// A queue is known if its standard error is this part of the smallest queue on target.
const PRECISE: f64 = 0.25;
/// The standard error that a measure needs for a comparison with the previous step, as a part of
/// the latency.
const ROUGH: f64 = 0.045;
/// The same for a measure that contradicts a known baseline.
const FINE: f64 = 0.03;

/// The queue that the limit aims at. With no queue the server may be idle. With a long one units
/// only take longer.
///
/// It grows with the square root of the limit, like the spread of the number of busy units. The
/// rule is from Halfin and Whitt, "Heavy-Traffic Limits for Queues with Many Exponential Servers"
/// (1981).
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

/// The range of the next limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) lowest: f64,
    pub(super) may_grow: bool,
    /// Whether the limit is still far below where overloads began.
    pub(super) resumes: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Latency {
    baseline: Baseline,
    probe: Option<Probe>,
    /// Whether no queue has been seen yet.
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
    /// The baseline, in nanoseconds; 0 while it is unknown.
    pub(super) fn baseline(&self) -> f64 {
        self.baseline.nanos().unwrap_or(0.0)
    }

    /// The limit before the probe that is under way.
    pub(super) fn probed_from(&self) -> Option<f64> {
        self.probe.map(|probe| probe.limit)
    }

    /// Whether more samples would hardly change the conclusion. `resumes` is whether the limit is
    /// far below where overloads began.
    pub(super) fn is_clear(&self, limit: f64, resumes: bool, measure: &Measure) -> bool {
        let Target { least, ideal, .. } = Target::of(limit);
        if resumes && self.probe.is_none() && self.raw_queue(measure) < least {
            return true;
        }
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

    /// The Vegas estimate (Brakmo and Peterson, 1995) of the queue: the part of the units in flight
    /// by which their latency exceeds the baseline. It is below 0 if the baseline is too high.
    fn raw_queue(&self, measure: &Measure) -> f64 {
        measure.in_flight * (1.0 - self.baseline() / measure.latency)
    }

    /// Drops the probe that is under way: the limit has changed for another reason.
    pub(super) fn overloaded(&mut self) {
        self.starting = false;
        self.probe = None;
        self.above = 0;
        self.trend.clear();
    }

    /// The next limit, after a window.
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
        if !at.resumes && self.baseline.is_due(measure, limit, queue >= least) {
            return self.confirm(limit, at, measure, queue);
        }
        if self.trend.elasticity().is_some_and(|it| it.slope - 2.0 * it.error > FOLLOWS) {
            // The trend shows a queue and the baseline does not, so the baseline is too high.
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

    /// Starts a search for the baseline, down to any limit.
    fn search(&mut self, limit: f64, at: Limits, measure: &Measure) -> (f64, Reason) {
        self.begin_probe(limit, at, Probe::new(limit, *measure, false), lower(limit))
    }

    /// Starts a probe that confirms the baseline. If none was found yet, starts a search.
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

    /// The conclusion from a step of a probe: another step while a search still lowers the latency,
    /// otherwise the baseline.
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
        // While units still queue, the latency is no baseline, unless it is lower than the known
        // one.
        let queues = follows && measure.latency > self.baseline();
        let (baseline, lowest) = if probe.confirms && (queues || probe.server_slowed(measure)) {
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
