//! Durations, and their quantiles.

use hdrhistogram::Histogram;

use super::statistics::Quantiles;

const NANOS_PER_MICRO: u64 = 1_000;
const MICROS_PER_MILLI: f64 = 1_000.0;
/// Values are kept in microseconds, to within 1 % (two significant decimal digits).
const SIGNIFICANT_DIGITS: u8 = 2;

/// This many values are kept in a list before they become a histogram.
const FEW: usize = 32;

/// Durations, in a histogram that grows with the range of its values. The first few are kept in a
/// list: a histogram takes kilobytes, and many limits are made for a handful of calls.
#[derive(Clone, Debug)]
pub(crate) enum Durations {
    /// Microseconds, and the number of events that each value stands for.
    Few(Vec<(u64, u32)>),
    // Not u32: the bucket of the shortest waits counts as many events as a limit ever grants.
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
    // It fails only for a histogram that may not grow, and this one may.
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
