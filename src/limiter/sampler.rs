//! Which events are worth a reading of the clock.

use std::num::NonZeroU32;

/// Events that follow each other faster than this are sampled.
const DENSE_NANOS: u64 = 4_000;
/// At most this many dense events stand behind one reading of the clock. A power of 2.
const LONGEST_STRIDE: u32 = 64;
/// So many dense events in a row are all timed, so that a small fan-out is measured in full.
const ALL_TIMED: u32 = 16;

/// A timed event: when it was, and how many events it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) at: u64,
    /// 1 or more; said by the type, an `Option` of it takes no room.
    pub(crate) weight: NonZeroU32,
}

/// Picks the events of a stream to be timed.
///
/// While events come further apart than [`DENSE_NANOS`] every one is, and so are the first
/// [`ALL_TIMED`] that come denser. From there on each reading doubles the *stride*, up to [`LONGEST_STRIDE`], and the next event to be timed is drawn
/// from the stride at random: a burst of no-op tasks does not pay for its statistics, a pair of calls
/// costs the following ones next to nothing, and a load that repeats itself every so many events does
/// not always show the same one of them. After a burst fewer than `LONGEST_STRIDE` events go untimed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampler {
    to_skip: u32,
    skipped: u32,
    stride: u32,
    random: u32,
    /// Dense events timed in a row.
    dense: u32,
    last: Option<u64>,
}

impl Default for Sampler {
    fn default() -> Self {
        Self { to_skip: 0, skipped: 0, stride: 1, random: 0, dense: 0, last: None }
    }
}

impl Sampler {
    /// Counts an event, and times it if it is to be timed: only then is `now` called.
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

    #[cold]
    fn timed(&mut self, at: u64) -> Sample {
        let weight = NonZeroU32::MIN.saturating_add(self.skipped);
        let dense = self
            .last
            .is_some_and(|last| at.saturating_sub(last) < u64::from(weight.get()) * DENSE_NANOS);
        self.dense = if dense { self.dense.saturating_add(1) } else { 0 };
        let widen = self.dense >= ALL_TIMED;
        self.stride = if widen { (self.stride * 2).min(LONGEST_STRIDE) } else { 1 };
        self.to_skip = self.draw() & (self.stride - 1);
        self.skipped = 0;
        self.last = Some(at);
        Sample { at, weight }
    }

    /// The high bits of a linear congruential generator (Numerical Recipes' constants): any spread
    /// will do, and one that is the same in every run makes the figures repeatable.
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
