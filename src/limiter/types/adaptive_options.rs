//! The options of an adaptive limit.

use super::error::Error;

/// The number of slots that an adaptive limit starts with by default, within its bounds.
pub const DEFAULT_INITIAL: u64 = 20;

/// How an adaptive limit finds its number of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// By how much longer units take than they would take alone, which shows how many of them queue
    /// where they run; and by overload. The default.
    #[default]
    Latency,
    /// By the ratio of the long-term average latency to the recent latency, like the Gradient2
    /// limit of Netflix's concurrency-limits; and by overload. It tolerates a slow rise of latency.
    Gradient,
    /// By overload alone: it adds slots while there is no overload and multiplies their number down
    /// when there is one, like TCP Reno. For servers that refuse quickly and never queue.
    Aimd,
}

/// The options of an adaptive limit; see [`adaptive`](crate::limiter::adaptive) for what it does.
///
/// ```
/// use p_lanes::limiter::adaptive::{Adaptive, Algorithm};
/// use p_lanes::limiter::{Arbiter, Error, Options};
///
/// let adaptive = Adaptive::default().min(2).max(100).initial(10).algorithm(Algorithm::Gradient);
/// assert_eq!(Arbiter::new(Options::new(1).adaptive(adaptive))?.concurrency(), 10);
///
/// let error = Arbiter::new(Options::new(1).adaptive(adaptive.max(9))).unwrap_err();
/// assert_eq!(error, Error::Initial { given: 10, min: 2, max: 9 });
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adaptive {
    /// The fewest slots that the limit goes down to: 1 or more, and above the reserve if one is
    /// set. Default: 1.
    pub min: u64,
    /// The most slots that the limit goes up to: `min` or more. Default: 200.
    pub max: u64,
    /// The number of slots that the limit starts with, from `min` to `max`. Default:
    /// [`DEFAULT_INITIAL`], or the nearest bound.
    pub initial: Option<u64>,
    /// How the limit finds the number. Default: [`Algorithm::Latency`].
    pub algorithm: Algorithm,
}

/// The adaptive options that a caller gives when it opens a limit by name; see
/// [`PartialOptions::adaptive`](crate::limiter::PartialOptions::adaptive). An option that is left
/// out matches any value of an existing limit. For a new limit it takes its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartialAdaptive {
    /// See [`Adaptive::min`].
    pub min: Option<u64>,
    /// See [`Adaptive::max`].
    pub max: Option<u64>,
    /// See [`Adaptive::initial`].
    pub initial: Option<u64>,
    /// See [`Adaptive::algorithm`].
    pub algorithm: Option<Algorithm>,
}

impl From<Adaptive> for PartialAdaptive {
    fn from(Adaptive { min, max, initial, algorithm }: Adaptive) -> Self {
        Self { min: Some(min), max: Some(max), initial, algorithm: Some(algorithm) }
    }
}

impl Default for Adaptive {
    fn default() -> Self {
        Self { min: 1, max: 200, initial: None, algorithm: Algorithm::default() }
    }
}

impl Adaptive {
    /// Sets the fewest slots.
    pub fn min(mut self, min: u64) -> Self {
        self.min = min;
        self
    }

    /// Sets the most slots.
    pub fn max(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Sets the number of slots that the limit starts with.
    pub fn initial(mut self, initial: u64) -> Self {
        self.initial = Some(initial);
        self
    }

    /// Sets how the limit finds the number.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// These options, overridden by those that are given.
    pub(crate) fn with(self, given: PartialAdaptive) -> Self {
        let PartialAdaptive { min, max, initial, algorithm } = given;
        Self {
            min: min.unwrap_or(self.min),
            max: max.unwrap_or(self.max),
            initial: initial.or(self.initial),
            algorithm: algorithm.unwrap_or(self.algorithm),
        }
    }

    /// The number of slots that the limit starts with, unchecked.
    pub(crate) fn begins_with(&self) -> u64 {
        self.initial.unwrap_or(DEFAULT_INITIAL.min(self.max).max(self.min))
    }

    /// The number of slots that the limit starts with, or why it cannot start with it.
    pub(crate) fn checked_initial(&self, reserve: Option<u64>) -> Result<u64, Error> {
        let Self { min, max, .. } = *self;
        if min == 0 || min > max {
            return Err(Error::Bounds { min, max });
        }
        if let Some(reserve) = reserve.filter(|&reserve| reserve >= min) {
            return Err(Error::MinWithinReserve { given: min, reserve });
        }
        let given = self.begins_with();
        if (min..=max).contains(&given) {
            Ok(given)
        } else {
            Err(Error::Initial { given, min, max })
        }
    }
}
