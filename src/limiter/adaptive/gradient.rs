//! Recent latency against its long-term average, as the Gradient2 limit of Netflix's concurrency-limits.

use super::stats::Reason;
use super::window::Measure;

/// The average reaches back over about so many windows.
const LONG: f64 = 600.0;
/// The first windows are averaged evenly.
const WARM_UP: f64 = 10.0;
/// What may queue: the limit grows by as much while latency is on average.
const QUEUE: f64 = 4.0;
/// How much of the way to its new value the limit goes in one window.
const SMOOTHING: f64 = 0.2;
/// One window takes at most this part of the limit away, before smoothing.
const LOWEST: f64 = 0.5;
/// Where the average is more than this many times the recent latency, it is of another time.
const OUTDATED: f64 = 2.0;
/// And is brought down by this factor a window.
const DECAY: f64 = 0.9;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gradient {
    windows: f64,
    long: f64,
}

impl Gradient {
    /// The long-term average, in nanoseconds; 0 before the first window.
    pub(super) fn long(&self) -> f64 {
        self.long
    }

    pub(super) fn measured(&mut self, limit: f64, measure: &Measure) -> (f64, Reason) {
        let recent = measure.latency;
        self.windows += 1.0;
        let weight = if self.windows <= WARM_UP { 1.0 / self.windows } else { 2.0 / (LONG + 1.0) };
        self.long += (recent - self.long) * weight;
        if self.long > OUTDATED * recent {
            self.long *= DECAY;
        }

        let gradient = (self.long / recent).clamp(LOWEST, 1.0);
        let next = limit + SMOOTHING * (gradient * limit + QUEUE - limit);
        match next < limit {
            true => (next, Reason::LatencyAboveAverage),
            false if measure.full => (next, Reason::LatencyOnAverage),
            false => (limit, Reason::NotInUse),
        }
    }
}
