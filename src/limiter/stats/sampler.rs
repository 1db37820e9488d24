//! Decides for which events the clock is read.

use std::num::NonZeroU32;

/// Events that follow each other faster than this are sampled.
const DENSE_NANOS: u64 = 4_000;
/// One reading of the clock stands for at most this many dense events. A power of 2.
const LONGEST_STRIDE: u32 = 64;
/// This many dense events in a row are all timed, so that a small fan-out is measured in full.
const ALL_TIMED: u32 = 8;

/// A timed event: its time, and how many events there were since the timed one before it, with
/// itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) at: u64,
    /// 1 or more. The type says so, which makes an `Option` of a sample no larger.
    pub(crate) weight: NonZeroU32,
}

/// When a unit started, as far as that is known: most units of a burst are not timed.
///
/// If it is not timed, `at` is the last reading of the clock before it. In a burst that is close.
/// A unit that starts later and is still skipped is given a later time when the clock is read
/// again, so that it never seems older than it is by more than [`CLOSE_NANOS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Started {
    pub(crate) at: u64,
    /// 0 if it is not timed.
    pub(crate) weight: u32,
}

impl Started {
    pub(crate) fn sample(self) -> Option<Sample> {
        NonZeroU32::new(self.weight).map(|weight| Sample { at: self.at, weight })
    }
}

/// Events between two readings of the clock that are this close happened at the first one.
const CLOSE_NANOS: u64 = 1_000_000;

/// Picks the events of a stream that are timed.
///
/// All events that are at least [`DENSE_NANOS`] apart are timed, and so are the first [`ALL_TIMED`]
/// of denser ones. After those, every reading doubles the *stride*, up to [`LONGEST_STRIDE`], and
/// the next event to time is drawn from the stride at random. So a burst of no-op tasks does not
/// pay for its statistics. A pair of calls costs the calls after it almost nothing. In a load that
/// repeats itself after some number of events, not always the same event is timed. After a burst
/// fewer than `LONGEST_STRIDE` events go untimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampler {
    to_skip: u32,
    skipped: u32,
    stride: u32,
    random: u32,
    /// Dense events that were timed in a row.
    dense: u32,
    last: Option<u64>,
    /// The last reading before a gap in which events were skipped.
    before_gap: Option<u64>,
}

impl Default for Sampler {
    fn default() -> Self {
        Self {
            to_skip: 0,
            skipped: 0,
            stride: 1,
            random: 0,
            dense: 0,
            last: None,
            before_gap: None,
        }
    }
}

impl Sampler {
    /// Counts an event, and times it if it is picked. `now` is called only then.
    #[inline]
    pub(crate) fn event(&mut self, now: impl FnOnce() -> u64) -> Option<Sample> {
        if cfg!(p_lanes_no_stats) {
            return None; // for `npm run bench:stats`, which measures what the statistics cost
        }
        if self.to_skip > 0 {
            self.to_skip -= 1;
            self.skipped += 1;
            return None;
        }
        Some(self.timed(now()))
    }

    /// The same for the start of a unit.
    #[inline]
    pub(crate) fn start(&mut self, now: impl FnOnce() -> u64) -> Started {
        match self.event(now) {
            Some(Sample { at, weight }) => Started { at, weight: weight.get() },
            None => Started { at: self.last.unwrap_or(0), weight: 0 },
        }
    }

    /// How many of the next events will not be timed.
    pub(crate) fn untimed(&self) -> u64 {
        if cfg!(p_lanes_no_stats) { u64::MAX } else { self.to_skip.into() }
    }

    /// Counts so many events, no more than [`untimed`](Sampler::untimed). Returns the last reading.
    pub(crate) fn skip(&mut self, events: u64) -> u64 {
        if !cfg!(p_lanes_no_stats) {
            self.to_skip -= events as u32;
            self.skipped += events as u32;
        }
        self.last.unwrap_or(0)
    }

    /// After `started`: the `at` of the units that were not timed, and that may have started at any
    /// time between that and `started`. None if there are no such units.
    #[inline]
    pub(crate) fn undated(&mut self, started: Started) -> Option<u64> {
        if started.weight > 1 { self.before_gap.take() } else { None }
    }

    /// The same for the present time.
    pub(crate) fn undated_now(&self, now: u64) -> Option<u64> {
        self.last.filter(|&last| self.skipped > 0 && now.saturating_sub(last) > CLOSE_NANOS)
    }

    #[cold]
    fn timed(&mut self, at: u64) -> Sample {
        let weight = NonZeroU32::MIN.saturating_add(self.skipped);
        let gap = self.last.map_or(u64::MAX, |last| at.saturating_sub(last));
        let dense = gap < u64::from(weight.get()) * DENSE_NANOS;
        self.before_gap = self.last.filter(|_| self.skipped > 0 && gap > CLOSE_NANOS);
        self.dense = if dense { self.dense.saturating_add(1) } else { 0 };
        let widen = self.dense >= ALL_TIMED;
        self.stride = if widen { (self.stride * 2).min(LONGEST_STRIDE) } else { 1 };
        self.to_skip = self.draw() & (self.stride - 1);
        self.skipped = 0;
        self.last = Some(at);
        Sample { at, weight }
    }

    /// The high bits of a linear congruential generator (with the constants of Numerical Recipes).
    /// Any spread works, and the same sequence in every run makes the figures repeatable.
    fn draw(&mut self) -> u32 {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.random >> 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, FakeClock};
    use std::time::Duration;

    fn weights(sampler: &mut Sampler, clock: &FakeClock, gaps: &[u64]) -> Vec<Option<u32>> {
        let mut event = |&gap| {
            clock.advance(Duration::from_nanos(gap));
            sampler.event(|| clock.now()).map(|sample| sample.weight.get())
        };
        gaps.iter().map(&mut event).collect()
    }

    #[test]
    fn sparse_events_are_all_timed_from_the_very_first() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        let gaps = [0, 4_000, 5_000, 1_000_000, 4_000];
        assert_eq!(weights(&mut sampler, &clock, &gaps[..1]), [Some(1)]);
        assert_eq!(sampler.stride, 1, "the origin of the clock is no event");
        assert_eq!(weights(&mut sampler, &clock, &gaps[1..]), [Some(1); 4]);
    }

    #[test]
    fn weights_of_dense_events_add_up_to_the_events() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        let weights = weights(&mut sampler, &clock, &[10; 100_000]);
        let timed = weights.iter().flatten().count();
        let counted: u32 = weights.iter().flatten().sum();
        assert!((100_000 - LONGEST_STRIDE..=100_000).contains(&counted), "{counted}");
        assert!((100_000 / 40..100_000 / 25).contains(&timed), "{timed}");
    }

    #[test]
    fn a_small_fan_out_is_timed_in_full() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        for _ in 0..100 {
            weights(&mut sampler, &clock, &[1_000_000]);
            let rest = weights(&mut sampler, &clock, &[100; ALL_TIMED as usize - 1]);
            assert!(rest.iter().all(|&weight| weight == Some(1)), "{rest:?}");
        }
    }

    #[test]
    fn a_pair_of_calls_does_not_blind_the_sampler() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        let pairs: Vec<u64> = (0..1_000).flat_map(|_| [1_000_000, 100]).collect();
        let timed = weights(&mut sampler, &clock, &pairs).iter().flatten().count();
        assert!(timed > 1_000, "{timed}");
    }

    #[test]
    fn a_periodic_load_shows_all_its_events() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        let weights = weights(&mut sampler, &clock, &[10; 64_000]);
        let mut seen = [0; 32];
        for (index, weight) in weights.iter().enumerate() {
            seen[index % 32] += weight.unwrap_or(0);
        }
        assert!(seen.iter().all(|&seen| (1_000..3_000).contains(&seen)), "{seen:?}");
    }

    #[test]
    fn a_burst_blinds_for_fewer_events_than_its_stride() {
        let (mut sampler, clock) = (Sampler::default(), FakeClock::default());
        weights(&mut sampler, &clock, &[0; 10_000]);
        let after = weights(&mut sampler, &clock, &[1_000_000; 100]);
        let untimed = after.iter().take_while(|weight| weight.is_none()).count();
        assert!(untimed < LONGEST_STRIDE as usize);
        assert!(after[untimed..].iter().all(Option::is_some));
    }
}
