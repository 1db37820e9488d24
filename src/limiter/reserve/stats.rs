//! The statistics of a reserve.

use std::fmt;
use std::time::Duration;

use crate::limiter::types::{DEFAULT_WAIT, Reserve};

/// Why a reserve is what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReserveReason {
    /// It is the number that was set.
    #[default]
    Fixed,
    /// Nothing is measured, because no offline work has come yet.
    NoOfflineWork,
    /// Nothing is kept: no online work has come for a while.
    NoOnlineWork,
    /// One slot is kept for online work that comes now and then.
    OnlineWork,
    /// As many slots are kept as the online load needs.
    OnlineLoad,
    /// More are kept than the load seems to need, because online units were late.
    LateUnits,
}

impl ReserveReason {
    /// A short text, such as "online load".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::NoOfflineWork => "no offline work",
            Self::NoOnlineWork => "no online work",
            Self::OnlineWork => "online work",
            Self::OnlineLoad => "online load",
            Self::LateUnits => "late units",
        }
    }
}

impl fmt::Display for ReserveReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The numbers of a reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ReserveStats {
    /// The slots that offline work may not take now.
    pub slots: u64,
    /// Why there are so many.
    pub reason: ReserveReason,
    /// The wait that is promised to 99 of 100 online units. None if the reserve is a number.
    pub wait: Option<Duration>,
    /// Online units in flight on average, if none of them waited (in erlangs). 0 if it was not measured.
    pub load: f64,
    /// How much more that number varies than for arrivals at random: the ratio of the variances. 1 for arrivals at
    /// random, more for bursts. 0 if it was not measured.
    pub peakedness: f64,
}

impl ReserveStats {
    /// Those of a reserve that is not measured: it was set, or only one lane was ever used.
    pub(crate) fn of(reserve: Reserve, slots: u64, offline: bool) -> Self {
        let unused =
            if offline { ReserveReason::NoOnlineWork } else { ReserveReason::NoOfflineWork };
        let (reason, wait) = match reserve {
            Reserve::Slots(_) => (ReserveReason::Fixed, None),
            Reserve::Auto => (unused, Some(DEFAULT_WAIT)),
            Reserve::Wait(wait) => (unused, Some(wait)),
        };
        Self { slots, reason, wait, ..Self::default() }
    }
}
