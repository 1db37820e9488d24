//! The baseline: the latency that units have if none queues where they run.

use super::window::Measure;

/// A latency above the baseline by less than this part of it, or by less than this many standard
/// errors, still counts as the baseline.
const ABOVE: (f64, f64) = (0.1, 2.5);
/// The same for a latency below it. This range is narrower: if latency keeps falling, the true
/// baseline is not known, and a baseline that is too high confirms itself where the noise is wider
/// than a step of a probe.
const BELOW: (f64, f64) = (0.06, 2.0);
/// A latency below the baseline by this part of it and this many standard errors shows that the
/// baseline was wrong.
const FAR_BELOW: (f64, f64) = (0.1, 3.5);
/// A lower latency is significant from this many standard errors. The number is high because every
/// window is tested, and among many windows one is always unusual.
const SIGNIFICANT: f64 = 5.0;
/// How far the baseline moves, as a part of the way, to a lower latency, or to the same one found
/// again.
const BLEND: f64 = 0.5;
/// The baseline is probed again after this many latencies. The number doubles each time that a
/// probe finds nothing new.
const SOON: f64 = 50.0;
/// It doubles up to this many latencies: 30 s at 10 ms.
const LATE: f64 = 3_000.0;
/// The baseline is not probed again within this many nanoseconds.
const SOONEST: f64 = 1e9;
/// The baseline is not trusted if the limit has moved from where it was found by this ratio.
const MOVED: f64 = 1.25;

/// The baseline falls without a probe, but rises only by probes. So it cannot drift up while a
/// server is in trouble, for however long. What such a time leaves behind is soon gone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Baseline {
    nanos: Option<f64>,
    /// Whether a probe has found it. Before that, it is the first latency that was measured.
    found: bool,
    /// The time of the last probe, and the limit that was set then.
    probed: (u64, f64),
    /// Latencies until the next probe.
    patience: f64,
}

impl Default for Baseline {
    fn default() -> Self {
        Self { nanos: None, found: false, probed: (0, 1.0), patience: SOON }
    }
}

impl Baseline {
    /// The baseline, in nanoseconds.
    pub(super) fn nanos(&self) -> Option<f64> {
        self.nanos
    }

    pub(super) fn is_found(&self) -> bool {
        self.found
    }

    /// Uses the first latency as the baseline until a probe finds it.
    pub(super) fn guess(&mut self, latency: f64) {
        self.nanos = Some(latency);
    }

    /// Lowers the baseline if a latency is clearly lower.
    pub(super) fn lower(&mut self, &Measure { latency, error, .. }: &Measure) {
        let lower = |nanos: f64| (nanos - latency) / latency > SIGNIFICANT * error;
        if let Some(nanos) = self.nanos.filter(|&nanos| lower(nanos)) {
            self.nanos = Some(nanos + BLEND * (latency - nanos));
        }
    }

    /// Whether a latency is the baseline that a probe has found before.
    pub(super) fn is_back(&self, measure: &Measure) -> bool {
        let off = self.off(measure);
        let within = |(part, errors): (f64, f64)| part.max(errors * measure.error);
        self.found && off < within(ABOVE) && off > -within(BELOW)
    }

    /// Whether a latency is so low that the baseline must be searched again.
    pub(super) fn is_disproved(&self, measure: &Measure) -> bool {
        let (part, errors) = FAR_BELOW;
        self.off(measure) < -part.max(errors * measure.error)
    }

    fn off(&self, measure: &Measure) -> f64 {
        self.nanos.map_or(f64::INFINITY, |nanos| measure.latency / nanos - 1.0)
    }

    /// Adopts what a probe has found, and returns the new baseline.
    pub(super) fn find(&mut self, measure: &Measure) -> f64 {
        let is_back = self.is_back(measure);
        self.patience = if is_back { (self.patience * 2.0).min(LATE) } else { SOON };
        self.found = true;
        let nanos = match self.nanos {
            Some(nanos) if is_back => nanos + BLEND * (measure.latency - nanos),
            _ => measure.latency,
        };
        self.nanos = Some(nanos);
        nanos
    }

    /// Keeps the baseline because a probe was not clear, and schedules the next probe soon. Returns
    /// the baseline.
    pub(super) fn keep(&mut self) -> f64 {
        self.patience = SOON;
        self.nanos.unwrap_or(f64::INFINITY)
    }

    /// Records the time of a probe and the limit that it led to.
    pub(super) fn set_probed(&mut self, at: u64, limit: f64) {
        self.probed = (at, limit);
    }

    /// Whether the baseline must be probed again.
    pub(super) fn is_due(&self, measure: &Measure, limit: f64, queues: bool) -> bool {
        let (probed, probed_at) = self.probed;
        let since = measure.at.saturating_sub(probed) as f64;
        let moved = (limit / probed_at).max(probed_at / limit) > MOVED;
        // If the baseline is too low, units seem to queue, and the limit stays away from where that
        // would show.
        let rounds = if moved && queues { SOON } else { self.patience };
        since > SOONEST && since > rounds * measure.latency
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(latency: f64, at: u64) -> Measure {
        Measure { at, latency, error: 0.02, in_flight: 10.0, full: true }
    }

    fn found(latency: f64) -> Baseline {
        let mut baseline = Baseline::default();
        baseline.guess(3.0 * latency);
        assert!(!baseline.is_back(&measure(3.0 * latency, 0)), "a guess is not known");
        assert_eq!(baseline.find(&measure(latency, 0)), latency);
        baseline
    }

    #[test]
    fn it_goes_down_by_itself_and_never_up() {
        let mut baseline = found(10e6);
        for latency in [9.6e6, 11e6, 50e6] {
            baseline.lower(&measure(latency, 0));
            assert_eq!(baseline.nanos(), Some(10e6), "no more than chance, or above");
        }
        for _ in 0..10 {
            baseline.lower(&measure(5e6, 0));
        }
        assert!(baseline.nanos().unwrap() < 5.5e6);
    }

    #[test]
    fn what_a_probe_finds_is_blended_in_if_it_is_known() {
        let mut baseline = found(10e6);
        assert_eq!(baseline.find(&measure(10.4e6, 0)), 10.2e6);
        assert_eq!(baseline.find(&measure(20e6, 0)), 20e6);
        assert_eq!(baseline.find(&measure(5e6, 0)), 5e6);
    }

    #[test]
    fn it_is_probed_more_rarely_as_nothing_new_is_found_and_soon_far_from_there() {
        let mut baseline = found(10e6);
        let due = |baseline: &Baseline, limit, millis: u64| {
            baseline.is_due(&measure(10e6, millis * 1_000_000), limit, true)
        };
        baseline.set_probed(0, 20.0);
        assert!(!due(&baseline, 20.0, 1_000) && due(&baseline, 20.0, 1_001));
        for _ in 0..10 {
            baseline.find(&measure(10e6, 0));
        }
        assert!(!due(&baseline, 20.0, 30_000) && due(&baseline, 20.0, 30_001));
        assert!(due(&baseline, 26.0, 1_001) && due(&baseline, 15.0, 1_001));
    }
}
