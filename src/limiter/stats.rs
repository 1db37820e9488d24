//! What a limit can tell about itself: counts, and how long tickets waited and ran.

use hdrhistogram::Histogram;

const NANOS_PER_MICRO: u64 = 1_000;
const MICROS_PER_MILLI: f64 = 1_000.0;
/// Values are kept to within 1 % (two significant decimal digits) in microseconds.
const SIGNIFICANT_DIGITS: u8 = 2;

/// Quantiles of a duration, in milliseconds; all zero before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
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
#[non_exhaustive]
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
#[non_exhaustive]
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
    // Not of u32: the bucket of the shortest waits gets as many events as a limit ever grants.
    micros: Option<Box<Histogram<u64>>>,
}

impl Durations {
    pub(crate) fn record(&mut self, nanos: u64, weight: u32) {
        let micros = nanos.saturating_add(NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        let histogram = self.micros.get_or_insert_with(|| {
            Box::new(Histogram::new(SIGNIFICANT_DIGITS).expect("two digits are in range"))
        });
        // The only error is a histogram that may not grow, and this one may.
        let _ = histogram.record_n(micros, u64::from(weight));
    }

    pub(crate) fn quantiles(&self) -> Quantiles {
        let Some(histogram) = &self.micros else {
            return Quantiles::default();
        };
        let max = histogram.max();
        let at =
            |quantile| histogram.value_at_quantile(quantile).min(max) as f64 / MICROS_PER_MILLI;
        Quantiles {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: max as f64 / MICROS_PER_MILLI,
        }
    }
}
