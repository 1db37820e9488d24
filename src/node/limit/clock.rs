//! The clock of the gates of all environments: the system's clock, or one that tests set by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock};

use napi_derive::napi;

use crate::clock::{Clock, MonotonicClock};

/// Nanoseconds, if a clock was set by hand.
static SET_BY_HAND: OnceLock<AtomicU64> = OnceLock::new();

/// One for all gates: a limit that is made for a few calls need not read the time.
static SYSTEM: LazyLock<MonotonicClock> = LazyLock::new(MonotonicClock::default);

/// The system's clock, or the clock that is set by hand.
#[derive(Clone, Copy, Debug)]
pub(super) enum PortClock {
    System(MonotonicClock),
    ByHand(&'static AtomicU64),
}

impl Default for PortClock {
    fn default() -> Self {
        match SET_BY_HAND.get() {
            Some(nanos) => Self::ByHand(nanos),
            None => Self::System(*SYSTEM),
        }
    }
}

impl Clock for PortClock {
    #[inline]
    fn now(&self) -> u64 {
        match self {
            Self::System(clock) => clock.now(),
            Self::ByHand(nanos) => nanos.load(Ordering::Relaxed),
        }
    }

    fn system(&self) -> Option<MonotonicClock> {
        match self {
            Self::System(clock) => Some(*clock),
            Self::ByHand(_) => None,
        }
    }
}

/// For tests: gates that are made from now on have a clock that stands still at this time, in
/// milliseconds, until this is called again. JavaScript is not told that the clock has moved: ask
/// `wakesIn`, and call `next`.
#[napi(catch_unwind)]
pub fn set_clock_by_hand(millis: f64) {
    let nanos = (millis * 1e6) as u64;
    SET_BY_HAND.get_or_init(Default::default).store(nanos, Ordering::Relaxed);
}
