//! Durations, and their quantiles.

use std::borrow::Cow;

use hdrhistogram::Histogram;

use super::buckets::{Buckets, bucket_of};
use super::statistics::Quantiles;

const NANOS_PER_MICRO: u64 = 1_000;
const MICROS_PER_MILLI: f64 = 1_000.0;
/// Values are kept in microseconds, to within 1 % (two significant decimal digits).
const SIGNIFICANT_DIGITS: u8 = 2;

/// Values below this are exact. Of larger ones as many leading bits count: 1 part in 128.
const EXACT_BITS: u32 = SIGNIFICANT_DIGITS as u32 * 4;

/// This many different values are kept in a list before they become a histogram.
const FEW: usize = 64;

/// Durations of events, most of which are timed. An event that is not timed is taken to have lasted
/// as long as the timed one before it. So there are as many durations as events, and what was once
/// counted stays: the difference of two readings is what came in between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations {
    values: Values,
    /// The events that are counted in the values.
    counted: u64,
    /// The last value, in microseconds.
    last: u64,
}

/// Values in a histogram that grows with their range. As long as there are few different values,
/// they are kept in a list: a histogram takes kilobytes, and many limits are made for a handful of
/// calls that all take much the same time.
#[derive(Clone, Debug)]
enum Values {
    /// Microseconds in ascending order, and the number of events that each value stands for.
    Few(Vec<(u64, u64)>),
    // Not u32: the bucket of the shortest waits counts as many events as a limit ever grants.
    Many(Box<Histogram<u64>>),
}

impl Default for Values {
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

/// How many low bits of a value a histogram does not keep.
fn spare_bits(micros: u64) -> u32 {
    (u64::BITS - micros.leading_zeros()).saturating_sub(EXACT_BITS)
}

/// The value that stands for all that a histogram would not tell from it: the lowest of them.
fn rounded(micros: u64) -> u64 {
    let spare = spare_bits(micros);
    micros >> spare << spare
}

/// The middle of the values that a rounded one stands for.
fn middle(rounded: u64) -> f64 {
    let width = 1_u64 << spare_bits(rounded);
    rounded as f64 + (width - 1) as f64 / 2.0
}

impl Values {
    fn add(&mut self, micros: u64, events: u64) {
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

    fn quantiles(&self) -> Quantiles {
        match self {
            Self::Few(values) if values.is_empty() => Quantiles::default(),
            Self::Few(values) => Quantiles::of(&histogram_of(values)),
            Self::Many(histogram) => Quantiles::of(histogram),
        }
    }

    /// The rounded values and the number of events of each.
    fn rounded(&self) -> Vec<(u64, u64)> {
        match self {
            Self::Few(values) => values.clone(),
            Self::Many(histogram) => histogram
                .iter_recorded()
                .map(|it| (rounded(it.value_iterated_to()), it.count_at_value()))
                .collect(),
        }
    }
}

impl Durations {
    /// Records events of this duration.
    pub(crate) fn record(&mut self, nanos: u64, events: u32) {
        let micros = nanos.saturating_add(NANOS_PER_MICRO / 2) / NANOS_PER_MICRO;
        self.values.add(micros, events.into());
        self.counted += u64::from(events);
        self.last = micros;
    }

    /// Records the duration of an event that was timed. It is the one of that number, of all events
    /// so far.
    pub(crate) fn record_timed(&mut self, nanos: u64, number: u64) {
        let has_last = self.counted > 0;
        if has_last {
            self.fill(number.saturating_sub(1));
        }
        self.record(nanos, 1);
        if !has_last {
            self.fill(number);
        }
    }

    /// Counts the events that were not timed, up to this number of events.
    fn fill(&mut self, events: u64) {
        if events > self.counted {
            self.values.add(self.last, events - self.counted);
            self.counted = events;
        }
    }

    /// The same durations when that many events have happened.
    fn of(&self, events: u64) -> Cow<'_, Self> {
        if self.counted == 0 || events <= self.counted {
            return Cow::Borrowed(self);
        }
        let mut filled = self.clone();
        filled.fill(events);
        Cow::Owned(filled)
    }

    /// The quantiles of all events, of which there were that many, or no fewer than were recorded.
    pub(crate) fn quantiles(&self, events: u64) -> Quantiles {
        self.of(events).values.quantiles()
    }

    /// The same as numbers of events by duration.
    pub(crate) fn buckets(&self, events: u64) -> Buckets {
        let mut buckets = Buckets::default();
        for (micros, events) in self.of(events).values.rounded() {
            buckets.count += events;
            buckets.sum += middle(micros) * events as f64 / MICROS_PER_MILLI;
            buckets.counts[bucket_of(micros)] += events;
        }
        buckets
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

    fn value_of((bits, rest): (u32, u64)) -> u64 {
        (1_u64 << bits) + rest
    }

    proptest! {
        #[test]
        fn a_list_tells_what_a_histogram_would(
            micros in prop::collection::vec((0..40_u32, 0..1_000_u64), 1..60),
        ) {
            let mut durations = Durations::default();
            let mut histogram = histogram_of(&[]);
            for value in micros.into_iter().map(value_of) {
                durations.record(value * NANOS_PER_MICRO, 3);
                add(&mut histogram, value, 3);
            }
            prop_assert!(matches!(durations.values, Values::Few(_)));
            let (few, many) = (durations.quantiles(0), Quantiles::of(&histogram));
            // The greatest value is rounded up as a histogram rounds it.
            prop_assert_eq!(few, many);
            let many = Durations { values: Values::Many(Box::new(histogram)), ..durations.clone() };
            prop_assert_eq!(durations.buckets(0), many.buckets(0));
        }

        /// A bucket is off by no more than the rounding of a value.
        #[test]
        fn buckets_hold_what_was_recorded(
            micros in prop::collection::vec((0..36_u32, 0..1_000_u64), 1..200),
        ) {
            let mut durations = Durations::default();
            let mut sum = 0.0;
            for value in micros.into_iter().map(value_of) {
                let before = durations.buckets(0);
                durations.record(value * NANOS_PER_MICRO, 1);
                let after = durations.buckets(0);
                let grown: Vec<_> = (0..after.counts.len())
                    .filter(|&index| after.counts[index] != before.counts[index])
                    .collect();
                prop_assert_eq!(grown, [bucket_of(rounded(value))]);
                sum += value as f64 / MICROS_PER_MILLI;
            }
            let buckets = durations.buckets(0);
            prop_assert_eq!(buckets.counts.iter().sum::<u64>(), buckets.count);
            prop_assert!((buckets.sum - sum).abs() <= sum * 0.01, "{} {sum}", buckets.sum);
        }

        /// Whichever events are timed, all are counted, and no count ever falls.
        #[test]
        fn events_that_are_not_timed_count_as_the_one_before(
            events in prop::collection::vec((any::<bool>(), 0..20_u64), 1..200),
        ) {
            let mut durations = Durations::default();
            let mut before = Buckets::default();
            for (number, (is_timed, millis)) in (1..).zip(events) {
                if is_timed {
                    durations.record_timed(millis * 1_000_000, number);
                }
                let now = durations.buckets(number);
                let known = if durations.counted == 0 { 0 } else { number };
                prop_assert_eq!((now.count, durations.quantiles(number).count), (known, known));
                let falls = now.counts.iter().zip(&before.counts).any(|(now, before)| now < before);
                prop_assert!(!falls && now.sum >= before.sum);
                before = now;
            }
        }
    }

    #[test]
    fn the_first_timed_event_counts_for_those_before_it() {
        let mut durations = Durations::default();
        durations.record_timed(2_000_000, 3);
        durations.record_timed(5_000_000, 6);
        let Buckets { count, counts, .. } = durations.buckets(8);
        assert_eq!(count, 8);
        assert_eq!((counts[bucket_of(2_000)], counts[bucket_of(5_000)]), (5, 3));
    }
}
