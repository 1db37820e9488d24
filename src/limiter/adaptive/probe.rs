//! A probe: an experiment whether units take less time with fewer in flight.

use super::window::Measure;

/// A step of a search lowers the limit to this part.
const STEP: f64 = 0.75;
/// The single step that confirms a baseline goes to this part of what the server takes.
const BELOW: f64 = 0.9;
/// That step never goes below this part of the limit, so that a correct limit swings by no more.
const GENTLE: f64 = 0.8;
/// Latency follows the number in flight from this elasticity.
pub(super) const FOLLOWS: f64 = 0.5;
/// With fewer units in flight, latency does not rise by this part and this many standard errors,
/// unless the server has changed.
const SLOWER: (f64, f64) = (0.2, 3.0);
/// A probe that takes longer than this had no load. In nanoseconds, and in latencies.
const STALE: (f64, f64) = (10e9, 100.0);

#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    /// The limit when the probe began.
    pub(super) limit: f64,
    from: Measure,
    last: Measure,
    /// Whether it is a single step that confirms a baseline. Otherwise it is a search, with as many
    /// steps as needed.
    pub(super) confirms: bool,
}

impl Probe {
    pub(super) fn new(limit: f64, from: Measure, confirms: bool) -> Self {
        Self { limit, from, last: from, confirms }
    }

    /// When the probe began, in nanoseconds.
    pub(super) fn began(&self) -> u64 {
        self.from.at
    }

    pub(super) fn is_stale(&self, now: &Measure) -> bool {
        let (nanos, rounds) = STALE;
        let open = now.at.saturating_sub(self.last.at) as f64;
        open > nanos && open > rounds * now.latency
    }

    /// Whether latency has fallen with the number in flight since the last step. If it has, units
    /// queued then, and may still queue. A search counts a doubtful case as a fall: another step
    /// costs little, and a baseline that is too high costs a lot. A confirmation does not, because
    /// the baseline would stay too low. Nor does a search with so few units that any step would be
    /// doubtful.
    pub(super) fn follows(&self, now: &Measure) -> bool {
        let fewer = (self.last.in_flight / now.in_flight).ln();
        let error = self.error(now);
        let doubt = if self.confirms || error > FOLLOWS * fewer { 0.0 } else { error };
        self.faster(now) + doubt > FOLLOWS * fewer
    }

    /// Whether the server has become slower since the last step, so that the two measures do not
    /// compare.
    pub(super) fn server_slowed(&self, now: &Measure) -> bool {
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

    /// How much of the limit at the start would be enough if nothing queued. By Little's law, the
    /// number in flight is throughput times latency, and the throughput of the server does not
    /// depend on its queue.
    pub(super) fn served(&self, baseline: f64) -> f64 {
        self.limit * (baseline / self.from.latency).min(1.0)
    }
}

/// The limit of the next step of a search: lower by at least one slot.
pub(super) fn lower(limit: f64) -> f64 {
    (limit * STEP).min(limit.floor() - 1.0)
}

/// The limit at which a baseline is confirmed, if the server takes the part `served` of the limit.
pub(super) fn confirming(limit: f64, served: f64) -> f64 {
    (limit * (BELOW * served).max(GENTLE)).round().min(limit.floor() - 1.0)
}
