//! Histograms as they are read: numbers of events by duration, in the same buckets for all limits
//! and all times.

/// The bounds of ten buckets of a decade, in hundredths of the first one. These are preferred
/// numbers (ISO 3, R10), each about a quarter more than the one before.
const DECADE: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];
/// From 10 microseconds to 100,000 seconds.
const DECADES: usize = 10;
const BUCKETS: usize = DECADES * DECADE.len() + 1;

/// The upper bounds of the buckets, in tenths of a microsecond.
const BOUNDS: [u64; BUCKETS] = {
    let mut bounds = [0; BUCKETS];
    let mut index = 0;
    while index < BUCKETS {
        bounds[index] = DECADE[index % DECADE.len()] * 10_u64.pow((index / DECADE.len()) as u32);
        index += 1;
    }
    bounds
};

/// Numbers of events by duration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Buckets {
    /// All events.
    pub count: u64,
    /// Their durations together, in milliseconds, to within 1 %.
    pub sum: f64,
    /// By bucket, in the order of [`Buckets::bounds`]: the events that took at most as long as the
    /// bound, and longer than the bound before. A duration may be in the bucket below its own if it
    /// exceeds the bound by less than 1 %. The last bucket also has all that took longer.
    pub counts: Vec<u64>,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { count: 0, sum: 0.0, counts: vec![0; BUCKETS] }
    }
}

impl Buckets {
    /// The upper bounds of the buckets, in milliseconds: 0.01, 0.0125, 0.016, 0.02, 0.025, 0.0315,
    /// 0.04, 0.05, 0.063, 0.08, 0.1 and so on, up to 100,000,000.
    pub fn bounds() -> impl Iterator<Item = f64> {
        BOUNDS.iter().map(|&bound| bound as f64 / 10_000.0)
    }
}

/// The bucket of a duration in microseconds.
pub(super) fn bucket_of(micros: u64) -> usize {
    BOUNDS.partition_point(|&bound| bound < micros.saturating_mul(10)).min(BUCKETS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_inclusive() {
        let of = |micros| Buckets::bounds().nth(bucket_of(micros)).unwrap();
        let samples = [0, 10, 11, 13, 1_000, 1_001, u64::MAX].map(of);
        assert_eq!(samples, [0.01, 0.01, 0.0125, 0.016, 1.0, 1.25, 100_000_000.0]);
    }

    #[test]
    fn round_numbers_are_bounds() {
        let bounds: Vec<_> = Buckets::bounds().collect();
        for round in [0.01, 0.05, 0.1, 1.0, 2.0, 2.5, 5.0, 10.0, 250.0, 1_000.0, 60_000.0 / 12.0] {
            assert!(bounds.contains(&round), "{round}");
        }
    }
}
