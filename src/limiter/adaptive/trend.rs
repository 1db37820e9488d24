//! How latency depends on the number in flight.

/// How many measures are kept.
const MEASURES: usize = 16;
/// Fewer measures than this show nothing.
const FEWEST: usize = 4;
/// How much the number in flight must vary for a trend to show, as the standard deviation of its
/// logarithm.
const SPREAD: f64 = 0.06;

/// The last measures, in a ring.
///
/// In logarithms, the slope of latency over the number in flight is its *elasticity*. It is 0 if
/// units do not affect each other: twice as many take the same time. It is 1 if they queue for a
/// resource that is fully used: twice as many take twice the time, and throughput stays. (By
/// Little's law, the elasticity of throughput is 1 minus that of latency, so one of them is
/// enough.)
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trend {
    points: [(f64, f64); MEASURES],
    length: usize,
    next: usize,
}

/// A slope, and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Elasticity {
    pub(crate) slope: f64,
    pub(crate) error: f64,
}

impl Trend {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn add(&mut self, in_flight: f64, latency: f64) {
        self.points[self.next] = (in_flight.ln(), latency.ln());
        self.next = (self.next + 1) % MEASURES;
        self.length = (self.length + 1).min(MEASURES);
    }

    /// The slope by least squares. None if too little is known.
    pub(crate) fn elasticity(&self) -> Option<Elasticity> {
        if self.length < FEWEST {
            return None;
        }
        let points = &self.points[..self.length];
        let count = self.length as f64;
        let mean = |of: &dyn Fn(f64, f64) -> f64| {
            points.iter().map(|&(x, y)| of(x, y)).sum::<f64>() / count
        };
        let (mean_x, mean_y) = (mean(&|x, _| x), mean(&|_, y| y));
        let variance = mean(&|x, _| (x - mean_x).powi(2));
        if variance < SPREAD * SPREAD {
            return None;
        }
        let slope = mean(&|x, y| (x - mean_x) * (y - mean_y)) / variance;
        let residual = mean(&|x, y| (y - mean_y - slope * (x - mean_x)).powi(2));
        Some(Elasticity { slope, error: (residual / variance / (count - 2.0)).sqrt() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Elasticity> {
        let mut trend = Trend::default();
        points.into_iter().for_each(|(in_flight, latency)| trend.add(in_flight, latency));
        trend.elasticity()
    }

    #[test]
    fn units_that_do_not_meet_have_none() {
        let Elasticity { slope, error } = trend((10..20).map(|n| (f64::from(n), 5.0))).unwrap();
        assert!(slope.abs() < 1e-9 && error < 1e-9);
    }

    #[test]
    fn a_queue_has_one_of_1() {
        let points = (10..20).map(|n| (f64::from(n), f64::from(n) / 3.0));
        let Elasticity { slope, error } = trend(points).unwrap();
        assert!((slope - 1.0).abs() < 1e-9 && error < 1e-9);
    }

    #[test]
    fn nothing_is_seen_where_nothing_varies() {
        assert_eq!(trend((0..20).map(|n| (10.0, f64::from(n + 1)))), None);
        assert_eq!(trend([(1.0, 1.0), (9.0, 2.0), (3.0, 1.0)]), None, "too few");
    }

    #[test]
    fn old_measures_are_forgotten() {
        let old = (10..20).map(|n| (f64::from(n), f64::from(n)));
        let new = (0..16).map(|n| (f64::from(10 + n % 4), 7.0));
        assert!(trend(old.chain(new)).unwrap().slope.abs() < 1e-9);
    }
}
