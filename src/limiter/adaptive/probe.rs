//! An experiment: with less in flight, does it take less time?

use super::window::Measure;

/// A step leaves this part of the limit...
pub(super) const STEP: f64 = 0.75;
/// ...and the first, where the baseline is to be confirmed, goes this far below what the server takes.
const BELOW: f64 = 0.9;
/// Latency follows what is in flight from this elasticity on.
pub(super) const FOLLOWS: f64 = 0.5;
/// A probe that is not over by then was left alone by the load. In nanoseconds, and latencies.
const STALE: (f64, f64) = (10e9, 100.0);

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// What it began with.
    pub(super) limit: f64,
    from: Measure,
    last: Measure,
}

impl Probe {
    pub(super) fn new(limit: f64, from: Measure) -> Self {
        Self { limit, from, last: from }
    }

    pub(super) fn is_stale(&self, now: &Measure) -> bool {
        let (nanos, rounds) = STALE;
        let open = now.at.saturating_sub(self.last.at) as f64;
        open > nanos && open > rounds * now.latency
    }

    /// Whether latency may have gone down with what is in flight since the last step: if it has, there was a
    /// queue then, and there may still be one. In doubt it is taken to have, as another step costs little
    /// and a baseline that is too high costs a lot.
    pub(super) fn may_follow(&self, now: &Measure) -> bool {
        let fewer = (self.last.in_flight / now.in_flight).ln();
        let faster = (self.last.latency / now.latency).ln();
        faster + self.last.error.hypot(now.error) > FOLLOWS * fewer
    }

    pub(super) fn next(self, now: Measure) -> Self {
        Self { last: now, ..self }
    }

    /// How much of the limit it began with would do if nothing queued: by Little's law what is in flight is
    /// throughput times latency, and throughput is the server's however long its queue.
    pub(super) fn served(&self, baseline: f64) -> f64 {
        self.limit * (baseline / self.from.latency).min(1.0)
    }
}

/// The part of the limit that the first step of a probe leaves, with so many in flight of which so many queue.
pub(super) fn first_step(in_flight: f64, queue: f64) -> f64 {
    (BELOW * (in_flight - queue) / in_flight).max(STEP)
}

/// A lower limit: this part of it, and a slot less at the least.
pub(super) fn lower(limit: f64, part: f64) -> f64 {
    (limit * part).min(limit.floor() - 1.0)
}
