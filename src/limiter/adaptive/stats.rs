//! The statistics of an adaptive limit.

use std::fmt;

/// Why an adaptive limit has its present value: the conclusion from the last measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It has its initial value; nothing has been measured yet.
    #[default]
    Initial,
    /// It was raised: fewer units queue where they run than the target.
    QueueBelowTarget,
    /// It was kept: as many units queue as the target.
    QueueOnTarget,
    /// It was reduced: more units queue than the target.
    QueueAboveTarget,
    /// It was reduced to test whether latency falls with it.
    Probing,
    /// A probe found the baseline again, and the limit was set from it.
    BaselineFound,
    /// It was raised: latency is not above its average. (Gradient)
    LatencyOnAverage,
    /// It was reduced: latency is above its average. (Gradient)
    LatencyAboveAverage,
    /// It was raised: there was no overload. (AIMD)
    NoOverload,
    /// It was reduced: too many attempts ended with
    /// [`Outcome::Overloaded`](crate::limiter::Outcome::Overloaded).
    Overload,
    /// It was kept, and may be raised again: as many attempts were overloaded under a lower limit.
    StrayOverloads,
    /// It was kept: the last overload was not long ago.
    AfterOverload,
    /// It was kept, or restored after a probe without load: the load does not fill it.
    NotInUse,
    /// It was set by hand, and stays.
    Fixed,
}

impl Reason {
    /// A short text, such as "queue above target".
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
            Self::StrayOverloads => "stray overloads",
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
    /// Units whose latency has counted so far.
    pub samples: u64,
    /// The latency of units if none queues where they run, in milliseconds (for the gradient, the
    /// long-term average). It is 0 while it is unknown, and always for AIMD.
    pub baseline: f64,
    /// The mean latency in the last window, in milliseconds; 0 before the first window.
    pub recent: f64,
    /// Slots held now.
    pub in_flight: u64,
    /// How many of the units in flight queued where they ran, from the last window; 0 before the
    /// first window.
    pub queue: f64,
    /// Attempts that ended with [`Outcome::Overloaded`](crate::limiter::Outcome::Overloaded) so far.
    pub overloads: u64,
    /// The part of all attempts, from 0 to 1, whose overload is taken not to depend on the limit. It
    /// is 0.02 at first, and from 0.005 to 0.1 later.
    pub stray: f64,
    /// Why the limit has its present value.
    pub reason: Reason,
    /// How often the limit was raised.
    pub raises: u64,
    /// How often the limit was reduced.
    pub reductions: u64,
}
