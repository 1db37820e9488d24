//! What a limit can tell about itself: counts, and how long tickets waited and ran.

use hdrhistogram::Histogram;

use super::adaptive::AdaptiveStats;
use super::rate::RateStats;

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
    /// The part of `wait` that the [rate](super::Rate) alone has caused: for each unit that started later for it,
    /// how long it was next, with its slots free and no pause, and only lacked tokens. Units that never did
    /// are not among these, and none is sampled away.
    pub rate_wait: Quantiles,
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
    /// How the number of slots was found, where that is [`adaptive`](super::adaptive).
    pub adaptive: Option<AdaptiveStats>,
    /// What the rate has left, where there is one.
    pub rate: Option<RateStats>,
}

/// So many values are kept as they are before they become a histogram.
const FEW: usize = 32;

/// Durations, in a histogram that grows with the range of the values. The first few are kept as they
/// are, because a histogram takes kilobytes, and many a limit is made for a handful of calls.
#[derive(Clone, Debug)]
pub(crate) enum Durations {
    /// Microseconds, and how many events they stand for.
    Few(Vec<(u64, u32)>),
    // Not of u32: the bucket of the shortest waits gets as many events as a limit ever grants.
    Many(Box<Histogram<u64>>),
}

impl Default for Durations {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

fn histogram_of(values: &[(u64, u32)]) -> Histogram<u64> {
    let mut histogram = Histogram::new(SIGNIFICANT_DIGITS).expect("two digits are in range");
    for &(micros, weight) in values {
        add(&mut histogram, micros, weight);
    }
    histogram
}

fn add(histogram: &mut Histogram<u64>, micros: u64, weight: u32) {
    // The only error is a histogram that may not grow, and this one may.
    let _ = histogram.record_n(micros, u64::from(weight));
}

impl Durations {
    pub(crate) fn record(&mut self, nanos: u64, weight: u32) {
        let micros = nanos.saturating_add(NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        match self {
            Self::Many(histogram) => add(histogram, micros, weight),
            Self::Few(values) => {
                values.push((micros, weight));
                if values.len() > FEW {
                    *self = Self::Many(Box::new(histogram_of(values)));
                }
            }
        }
    }

    pub(crate) fn quantiles(&self) -> Quantiles {
        match self {
            Self::Few(values) if values.is_empty() => Quantiles::default(),
            Self::Few(values) => Quantiles::of(&histogram_of(values)),
            Self::Many(histogram) => Quantiles::of(histogram),
        }
    }
}

impl Quantiles {
    fn of(histogram: &Histogram<u64>) -> Self {
        let max = histogram.max();
        let at =
            |quantile| histogram.value_at_quantile(quantile).min(max) as f64 / MICROS_PER_MILLI;
        Self {
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: max as f64 / MICROS_PER_MILLI,
        }
    }
}
