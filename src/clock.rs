//! Time, as everything in this crate reads it.
//!
//! Code that needs the time takes a [`Clock`]. Tests and simulations drive it with a [`FakeClock`]
//! and never sleep.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A monotonic clock. Readings are nanoseconds since the clock's own origin.
pub trait Clock {
    /// Nanoseconds since this clock's origin; never less than an earlier reading.
    fn now(&self) -> u64;

    /// The system's clock, if this clock reads it. Then the system can wake a thread at a time of
    /// this clock. Default: none.
    fn system(&self) -> Option<MonotonicClock> {
        None
    }

    /// The number of the time that this clock follows, if tests can set that by hand.
    #[doc(hidden)]
    fn time(&self) -> Option<u32> {
        None
    }
}

/// The operating system's monotonic clock. Its origin is its creation.
#[derive(Clone, Copy, Debug)]
pub struct MonotonicClock {
    origin: Instant,
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self { origin: Instant::now() }
    }
}

impl MonotonicClock {
    /// The instant at which this clock reads `nanos` nanoseconds. A time that the system cannot
    /// represent becomes one 30 years after the origin.
    pub fn instant_of(&self, nanos: u64) -> Instant {
        /// All systems represent instants this far ahead. Not all represent 2^64 nanoseconds, which
        /// are 584 years.
        const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);
        self.origin.checked_add(Duration::from_nanos(nanos)).unwrap_or(self.origin + FAR)
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64
    }

    fn system(&self) -> Option<MonotonicClock> {
        Some(*self)
    }
}

/// A clock that stands still until it is advanced. Clones share one time.
///
/// ```
/// use p_lanes::clock::{Clock, FakeClock};
/// use std::time::Duration;
///
/// let clock = FakeClock::default();
/// let seen_by_the_code_under_test = clock.clone();
/// clock.advance(Duration::from_millis(5));
/// assert_eq!(seen_by_the_code_under_test.now(), 5_000_000);
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    nanos: Arc<AtomicU64>,
}

impl FakeClock {
    /// Moves the time forward by `by`, at most to 2^64 - 1 nanoseconds.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let advance = |nanos: u64| Some(nanos.saturating_add(by));
        // It never fails, because `advance` always returns a time.
        let _ = self.nanos.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> u64 {
        self.nanos.load(Ordering::Relaxed)
    }
}
