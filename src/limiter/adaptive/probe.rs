//! An experiment: with less in flight, does it take less time?

use super::window::Measure;

/// A step leaves this part of the limit...
const STEP: f64 = 0.75;
/// ...and the only one, where a baseline is to be confirmed, leaves this part of what the server takes...
const BELOW: f64 = 0.9;
/// ...but of the limit this at the least: a limit that is where it should be swings by no more.
const GENTLE: f64 = 0.8;
/// Latency follows what is in flight from this elasticity on.
pub(super) const FOLLOWS: f64 = 0.5;
/// With less in flight nothing takes longer by this, and by so many standard errors, unless the server has changed.
const SLOWER: (f64, f64) = (0.2, 3.0);
/// A probe that is not over by then was left alone by the load. In nanoseconds, and latencies.
const STALE: (f64, f64) = (10e9, 100.0);

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// What it began with.
    pub(super) limit: f64,
    from: Measure,
    last: Measure,
    /// Whether it is one step, to confirm a baseline, and not as many as it takes to find one.
    pub(super) confirms: bool,
}

impl Probe {
    pub(super) fn new(limit: f64, from: Measure, confirms: bool) -> Self {
        Self { limit, from, last: from, confirms }
    }

    /// When, in nanoseconds.
    pub(super) fn began(&self) -> u64 {
        self.from.at
    }

    pub(super) fn is_stale(&self, now: &Measure) -> bool {
        let (nanos, rounds) = STALE;
        let open = now.at.saturating_sub(self.last.at) as f64;
        open > nanos && open > rounds * now.latency
    }

    /// Whether latency has gone down with what is in flight since the last step: if it has, there was a queue
    /// then, and there may still be one. In search of a baseline it is taken to have in doubt, as another step
    /// costs little and a baseline that is too high costs a lot. One that is only confirmed would stay too low.
    pub(super) fn follows(&self, now: &Measure) -> bool {
        let fewer = (self.last.in_flight / now.in_flight).ln();
        let doubt = if self.confirms { 0.0 } else { self.error(now) };
        self.faster(now) + doubt > FOLLOWS * fewer
    }

    /// Whether the server has become slower meanwhile, so that the two measures are not of the same one.
    pub(super) fn is_outrun(&self, now: &Measure) -> bool {
        let (least, errors) = SLOWER;
        -self.faster(now) > least.max(errors * self.error(now))
    }

    fn faster(&self, now: &Measure) -> f64 {
        (self.last.latency / now.latency).ln()
    }

    fn error(&self, now: &Measure) -> f64 {
        self.last.error.hypot(now.error)
    }

    pub(super) fn next(self, now: Measure) -> Self {
        Self { last: now, confirms: false, ..self }
    }

    /// How much of the limit it began with would do if nothing queued: by Little's law what is in flight is
    /// throughput times latency, and throughput is the server's however long its queue.
    pub(super) fn served(&self, baseline: f64) -> f64 {
        self.limit * (baseline / self.from.latency).min(1.0)
    }
}

/// The limit of the next step in search of a baseline: a slot less at the least.
pub(super) fn lower(limit: f64) -> f64 {
    (limit * STEP).min(limit.floor() - 1.0)
}

/// The limit that a baseline is confirmed at, where the server takes this part of the limit.
pub(super) fn confirming(limit: f64, served: f64) -> f64 {
    (limit * (BELOW * served).max(GENTLE)).round().min(limit.floor() - 1.0)
}
