//! The gradient algorithm: recent latency against its long-term average, like the Gradient2 limit
//! of Netflix's concurrency-limits.

use super::stats::Reason;
use super::window::Measure;

/// About how many windows the average covers.
const LONG: f64 = 600.0;
/// This many first windows are averaged with equal weights.
const WARM_UP: f64 = 10.0;
/// How many units may queue. The limit grows by this number while latency is average.
const QUEUE: f64 = 4.0;
/// How far the limit moves in one window, as a part of the way to its new value.
const SMOOTHING: f64 = 0.2;
/// One window reduces the limit at most to this part, before smoothing.
const LOWEST: f64 = 0.5;
/// The average is outdated if it is more than this many times the recent latency.
const OUTDATED: f64 = 2.0;
/// An outdated average is reduced by this factor for every window.
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
