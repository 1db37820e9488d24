//! What an adaptive limit tells about itself.

use std::fmt;

/// Why an adaptive limit is where it is: what its last look at the work found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is where it began; nothing has been found yet.
    #[default]
    Initial,
    /// It was raised: fewer units queue where they run than may.
    QueueBelowTarget,
    /// It was left: as many queue as may.
    QueueOnTarget,
    /// It was reduced: more queue than may.
    QueueAboveTarget,
    /// It was reduced to see whether latency falls with it.
    Probing,
    /// The baseline was found again by a probe, and the limit set by it.
    BaselineFound,
    /// It was raised: latency is no longer than on average. (Gradient)
    LatencyOnAverage,
    /// It was reduced: latency is longer than on average. (Gradient)
    LatencyAboveAverage,
    /// It was raised: nothing was overloaded. (AIMD)
    NoOverload,
    /// It was reduced: a unit ended with [`Outcome::Overloaded`](crate::limiter::Outcome::Overloaded).
    Overload,
    /// It was left: an overload is not long ago.
    AfterOverload,
    /// It was left, or put back from a probe that found no work: work does not fill it.
    NotInUse,
    /// It was set by hand, and stays.
    Fixed,
}

impl Reason {
    /// A few words for it, as in "queue above target".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::QueueBelowTarget => "queue below target",
            Self::QueueOnTarget => "queue on target",
            Self::QueueAboveTarget => "queue above target",
            Self::Probing => "probing",
            Self::BaselineFound => "baseline found",
            Self::LatencyOnAverage => "latency on average",
            Self::LatencyAboveAverage => "latency above average",
            Self::NoOverload => "no overload",
            Self::Overload => "overload",
            Self::AfterOverload => "after overload",
            Self::NotInUse => "not in use",
            Self::Fixed => "fixed by hand",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The numbers of an adaptive limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AdaptiveStats {
    /// Units whose latency counted, ever.
    pub samples: u64,
    /// The latency, in milliseconds, that units are taken to have with no queue where they run
    /// (for the gradient, its long-term average); 0 while it is unknown, and for AIMD always.
    pub baseline: f64,
    /// The mean latency in the last window, in milliseconds; 0 before the first.
    pub recent: f64,
    /// Slots held now.
    pub in_flight: u64,
    /// How many of the units in flight queued where they run, by the last window's figures; 0 before.
    pub queue: f64,
    /// Why the limit is where it is.
    pub reason: Reason,
    /// How often the limit was raised.
    pub raises: u64,
    /// How often the limit was reduced.
    pub reductions: u64,
}
