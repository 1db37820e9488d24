//! Durations, and their quantiles.

use hdrhistogram::Histogram;

use super::statistics::Quantiles;

const NANOS_PER_MICRO: u64 = 1_000;
const MICROS_PER_MILLI: f64 = 1_000.0;
/// Values are kept in microseconds, to within 1 % (two significant decimal digits).
const SIGNIFICANT_DIGITS: u8 = 2;

/// Values below this are exact. Of larger ones as many leading bits count: 1 part in 128.
const EXACT_BITS: u32 = SIGNIFICANT_DIGITS as u32 * 4;

/// This many different values are kept in a list before they become a histogram.
const FEW: usize = 64;

/// Durations, in a histogram that grows with the range of its values. As long as there are few
/// different values, they are kept in a list: a histogram takes kilobytes, and many limits are made
/// for a handful of calls that all take much the same time.
#[derive(Clone, Debug)]
pub(crate) enum Durations {
    /// Microseconds in ascending order, and the number of events that each value stands for.
    Few(Vec<(u64, u64)>),
    // Not u32: the bucket of the shortest waits counts as many events as a limit ever grants.
    Many(Box<Histogram<u64>>),
}

impl Default for Durations {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

fn histogram_of(values: &[(u64, u64)]) -> Histogram<u64> {
    let mut histogram = Histogram::new(SIGNIFICANT_DIGITS).expect("two digits are in range");
    for &(micros, events) in values {
        add(&mut histogram, micros, events);
    }
    histogram
}

fn add(histogram: &mut Histogram<u64>, micros: u64, events: u64) {
    // It fails only for a histogram that may not grow, and this one may.
    let _ = histogram.record_n(micros, events);
}

/// The value that stands for all that a histogram would not tell from it.
fn rounded(micros: u64) -> u64 {
    let spare = (u64::BITS - micros.leading_zeros()).saturating_sub(EXACT_BITS);
    micros >> spare << spare
}

impl Durations {
    pub(crate) fn record(&mut self, nanos: u64, weight: u32) {
        let micros = nanos.saturating_add(NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        let events = u64::from(weight);
        match self {
            Self::Many(histogram) => add(histogram, micros, events),
            Self::Few(values) => {
                let value = rounded(micros);
                match values.binary_search_by_key(&value, |&(value, _)| value) {
                    Ok(index) => values[index].1 += events,
                    Err(index) => values.insert(index, (value, events)),
                }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_tells_what_a_histogram_would(
            micros in prop::collection::vec((0..40_u32, 0..1_000_u64), 1..60),
        ) {
            let values: Vec<_> = micros.iter().map(|&(bits, rest)| (1_u64 << bits) + rest).collect();
            let mut durations = Durations::default();
            let mut histogram = histogram_of(&[]);
            for &value in &values {
                durations.record(value * NANOS_PER_MICRO, 3);
                add(&mut histogram, value, 3);
            }
            prop_assert!(matches!(durations, Durations::Few(_)));
            let (few, many) = (durations.quantiles(), Quantiles::of(&histogram));
            // The greatest value is rounded up as a histogram rounds it.
            prop_assert_eq!(few, many);
        }
    }
}
