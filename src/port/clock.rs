//! The clock of the gates of all environments: the system's clock, or one that tests set by hand.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock::{Clock, MonotonicClock};

/// Nanoseconds, if a clock was set by hand.
static SET_BY_HAND: OnceLock<AtomicU64> = OnceLock::new();

#[cfg(not(target_family = "wasm"))]
mod system {
    use std::sync::LazyLock;

    use crate::clock::MonotonicClock;

    pub(crate) type SystemClock = MonotonicClock;

    /// One for all gates: a limit that is made for a few calls need not read the time.
    static SYSTEM: LazyLock<SystemClock> = LazyLock::new(SystemClock::default);

    pub(super) fn system_clock() -> SystemClock {
        *SYSTEM
    }
}

/// WebAssembly has no clock: JavaScript gives it one.
#[cfg(target_family = "wasm")]
mod system {
    use crate::clock::Clock;

    #[link(wasm_import_module = "p-lanes")]
    unsafe extern "C" {
        /// Milliseconds; never less than before.
        safe fn clock() -> f64;
    }

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct SystemClock;

    impl Clock for SystemClock {
        fn now(&self) -> u64 {
            (clock() * 1e6) as u64
        }
    }

    pub(super) fn system_clock() -> SystemClock {
        SystemClock
    }
}

use system::{SystemClock, system_clock};

/// The system's clock, or the clock that is set by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PortClock {
    System(SystemClock),
    ByHand(&'static AtomicU64),
}

impl Default for PortClock {
    fn default() -> Self {
        match SET_BY_HAND.get() {
            Some(nanos) => Self::ByHand(nanos),
            None => Self::System(system_clock()),
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
            Self::System(clock) => clock.system(),
            Self::ByHand(_) => None,
        }
    }
}

/// For tests: gates that are made from now on have a clock that stands still at this time, in
/// milliseconds, until this is called again.
pub(crate) fn set_clock_by_hand(millis: f64) {
    let nanos = (millis * 1e6) as u64;
    SET_BY_HAND.get_or_init(Default::default).store(nanos, Ordering::Relaxed);
}
