//! What an adaptive limit is made with.

use crate::limiter::error::Error;

/// Where an adaptive limit begins unless it is told otherwise, within its bounds.
pub const DEFAULT_INITIAL: u64 = 20;

/// How an adaptive limit finds its number of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// By how much longer units take than they would take alone, which tells how many of them
    /// queue where they run; and by overload. The default.
    #[default]
    Latency,
    /// By the ratio of the long-term average of the latency to the recent one, as the Gradient2
    /// limit of Netflix's concurrency-limits; and by overload. It tolerates that latency creeps up.
    Gradient,
    /// By overload alone: it adds while there is none and multiplies down when there is, as TCP
    /// Reno does. For what refuses quickly and never queues.
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
    /// The fewest slots that it goes down to: 1 or more, and above the reserve if one is asked for.
    /// Default: 1.
    pub min: u64,
    /// The most slots that it goes up to: `min` or more. Default: 200.
    pub max: u64,
    /// The number of slots that it begins with, from `min` to `max`. Default: [`DEFAULT_INITIAL`],
    /// or the bound that is nearest to it.
    pub initial: Option<u64>,
    /// How it finds the number. Default: [`Algorithm::Latency`].
    pub algorithm: Algorithm,
}

/// What somebody says of an adaptive limit that he wants to have by its name; see
/// [`Given::adaptive`](crate::limiter::Given::adaptive). What he leaves out is as it is, or by default where he is the
/// first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenAdaptive {
    /// See [`Adaptive::min`].
    pub min: Option<u64>,
    /// See [`Adaptive::max`].
    pub max: Option<u64>,
    /// See [`Adaptive::initial`].
    pub initial: Option<u64>,
    /// See [`Adaptive::algorithm`].
    pub algorithm: Option<Algorithm>,
}

impl From<Adaptive> for GivenAdaptive {
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

    /// Sets the number of slots that it begins with.
    pub fn initial(mut self, initial: u64) -> Self {
        self.initial = Some(initial);
        self
    }

    /// Sets how it finds the number.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// The same with what is given in place of its own.
    pub(crate) fn with(self, given: GivenAdaptive) -> Self {
        let GivenAdaptive { min, max, initial, algorithm } = given;
        Self {
            min: min.unwrap_or(self.min),
            max: max.unwrap_or(self.max),
            initial: initial.or(self.initial),
            algorithm: algorithm.unwrap_or(self.algorithm),
        }
    }

    /// The number of slots that it begins with, whether or not that is possible.
    pub(crate) fn begins_with(&self) -> u64 {
        self.initial.unwrap_or(DEFAULT_INITIAL.min(self.max).max(self.min))
    }

    /// The same where it is.
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
