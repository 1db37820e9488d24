//! The latency that units have with no queue where they run.

use super::window::Measure;

/// Latency that is above it by this part of it, or so many standard errors, is still the baseline...
const ABOVE: (f64, f64) = (0.1, 2.5);
/// ...and so is what is below it by this part, or so many: closer, because what goes on falling is not known at
/// all, and a baseline that is too high confirms itself where chance is wider than a step of a probe.
const BELOW: (f64, f64) = (0.06, 2.0);
/// What is below it by this part, and so many, shows that it was never one.
const FAR_BELOW: (f64, f64) = (0.1, 3.5);
/// A lower latency is no accident from so many on: more, because every window is asked, and one of many is
/// always out of the ordinary.
const SIGNIFICANT: f64 = 5.0;
/// How much of the way to a lower latency, or to the same one found again, it goes.
const BLEND: f64 = 0.5;
/// It is probed again after so many latencies, doubled each time that nothing new is found...
const SOON: f64 = 50.0;
/// ...up to so many, 30 s at 10 ms...
const LATE: f64 = 3_000.0;
/// ...and not before so many nanoseconds.
const SOONEST: f64 = 1e9;
/// It is not trusted far from where it was found: from this ratio of the limits on.
const MOVED: f64 = 1.25;

/// It goes down by itself and up by probes alone. So it can't drift up while a server is in trouble, however
/// long, and what a spell of trouble has left of it is gone soon after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Baseline {
    nanos: Option<f64>,
    /// Whether a probe has found it; before, it is the first latency that was seen.
    found: bool,
    /// When, and the limit that was set then.
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
    /// In nanoseconds.
    pub(super) fn nanos(&self) -> Option<f64> {
        self.nanos
    }

    pub(super) fn is_found(&self) -> bool {
        self.found
    }

    /// Takes the first latency for it, until a probe finds it.
    pub(super) fn guess(&mut self, latency: f64) {
        self.nanos = Some(latency);
    }

    /// Lowers it to a latency that is clearly lower.
    pub(super) fn lower(&mut self, &Measure { latency, error, .. }: &Measure) {
        let lower = |nanos: f64| (nanos - latency) / latency > SIGNIFICANT * error;
        if let Some(nanos) = self.nanos.filter(|&nanos| lower(nanos)) {
            self.nanos = Some(nanos + BLEND * (latency - nanos));
        }
    }

    /// Whether a latency is the one that a probe has found before.
    pub(super) fn is_back(&self, measure: &Measure) -> bool {
        let off = self.off(measure);
        let within = |(part, errors): (f64, f64)| part.max(errors * measure.error);
        self.found && off < within(ABOVE) && off > -within(BELOW)
    }

    /// Whether a latency is so low that it has to be looked for again.
    pub(super) fn is_disproved(&self, measure: &Measure) -> bool {
        let (part, errors) = FAR_BELOW;
        self.off(measure) < -part.max(errors * measure.error)
    }

    fn off(&self, measure: &Measure) -> f64 {
        self.nanos.map_or(f64::INFINITY, |nanos| measure.latency / nanos - 1.0)
    }

    /// Takes over what a probe has found, and gives it.
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

    /// Keeps it, as a probe was not clear, until the next one soon; and gives it.
    pub(super) fn keep(&mut self) -> f64 {
        self.patience = SOON;
        self.nanos.unwrap_or(f64::INFINITY)
    }

    /// Remembers when it was looked for the last time, and the limit that came of it.
    pub(super) fn set_probed(&mut self, at: u64, limit: f64) {
        self.probed = (at, limit);
    }

    /// Whether it is to be looked for again.
    pub(super) fn is_due(&self, measure: &Measure, limit: f64, queues: bool) -> bool {
        let (probed, probed_at) = self.probed;
        let since = measure.at.saturating_sub(probed) as f64;
        let moved = (limit / probed_at).max(probed_at / limit) > MOVED;
        // Where it is too low, what seems to queue keeps the limit from where it would show.
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
