//! What a limit can tell about itself: counts, and how long tickets waited and ran.

use hdrhistogram::Histogram;

use crate::clock::Clock;

const NANOS_PER_MICRO: u64 = 1_000;
const MICROS_PER_MILLI: f64 = 1_000.0;
/// Values are kept to within 1 % (two significant decimal digits) in microseconds.
const SIGNIFICANT_DIGITS: u8 = 2;
/// Events that follow each other faster than this are sampled.
const DENSE_NANOS: u64 = 4_000;
/// How many dense events one reading of the clock stands for.
const SAMPLE: u32 = 32;

/// Quantiles of a duration, in milliseconds; all zero before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantiles {
    /// How many events the figures stand for.
    pub count: u64,
    /// Half of the events took at most this long.
    pub p50: f64,
    /// Nine of ten events took at most this long.
    pub p90: f64,
    /// Ninety-nine of a hundred events took at most this long.
    pub p99: f64,
    /// The longest event that was timed.
    pub max: f64,
}

/// One lane's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LaneStats {
    /// Units that hold a slot now.
    pub active: u64,
    /// Units that wait for a slot now.
    pub pending: u64,
    /// Units that were ever given a slot.
    pub granted: u64,
    /// Units that have ended, well or badly.
    pub settled: u64,
    /// Those of `settled` that ended badly.
    pub rejected: u64,
    /// From the call until it got its slot.
    pub wait: Quantiles,
    /// From the slot until the end of the work.
    pub run: Quantiles,
}

/// A limit's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LimitStats {
    /// The number of slots; `u64::MAX` is no limit.
    pub concurrency: u64,
    /// The online lane.
    pub online: LaneStats,
    /// The offline lane.
    pub offline: LaneStats,
}

/// A histogram that takes its memory with the first value and grows with the range of the values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations {
    micros: Option<Box<Histogram<u32>>>,
}

impl Durations {
    pub(crate) fn record(&mut self, nanos: u64, weight: u32) {
        let micros = (nanos + NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        let histogram = self.micros.get_or_insert_with(|| {
            Box::new(Histogram::new(SIGNIFICANT_DIGITS).expect("two digits are in range"))
        });
        // The only error is a histogram that may not grow, and this one may.
        let _ = histogram.record_n(micros, weight);
    }

    pub(crate) fn quantiles(&self) -> Quantiles {
        let Some(histogram) = &self.micros else {
            return Quantiles::default();
        };
        let max = histogram.max();
        let at = |quantile| histogram.value_at_quantile(quantile).min(max) as f64 / MICROS_PER_MILLI;
        Quantiles {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: max as f64 / MICROS_PER_MILLI,
        }
    }
}

/// Decides which events of a stream are worth a reading of the clock.
///
/// While events come further apart than [`DENSE_NANOS`] every one is timed. Where they come denser,
/// one reading stands for [`SAMPLE`] of them, so that a burst of no-op tasks does not pay for its
/// statistics, and after a burst at most `SAMPLE - 1` events go untimed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sampler {
    to_skip: u32,
    skipped: u32,
    last: u64,
}

/// A timed event: when it was, and how many events it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) at: u64,
    pub(crate) weight: u32,
}

impl Sampler {
    pub(crate) fn event(&mut self, clock: &impl Clock) -> Option<Sample> {
        if self.to_skip > 0 {
            self.to_skip -= 1;
            self.skipped += 1;
            return None;
        }
        let at = clock.now();
        let weight = self.skipped + 1;
        let dense = at.saturating_sub(self.last) < u64::from(weight) * DENSE_NANOS;
        self.to_skip = if dense { SAMPLE - 1 } else { 0 };
        self.skipped = 0;
        self.last = at;
        Some(Sample { at, weight })
    }
}
