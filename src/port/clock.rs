//! The clock of the gates of one environment: the system's clock, or a time that tests set by hand.

#[cfg(not(target_family = "wasm"))]
mod native {
    use std::sync::LazyLock;

    use crate::clock::{Clock, MonotonicClock};
    use crate::limiter::hand;

    /// One for all gates: a limit that is made for a few calls need not read the time.
    static SYSTEM: LazyLock<MonotonicClock> = LazyLock::new(MonotonicClock::default);

    /// The clock of gates that follow the same time.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct PortClock {
        system: MonotonicClock,
        time: u32,
    }

    impl Clock for PortClock {
        #[inline]
        fn now(&self) -> u64 {
            hand::now(self.time, || self.system.now())
        }

        fn system(&self) -> Option<MonotonicClock> {
            Some(self.system)
        }

        fn time(&self) -> Option<u32> {
            Some(self.time)
        }
    }

    thread_local! {
        static OF_THREAD: u32 = hand::new_time();
    }

    /// The times that one environment can set.
    ///
    /// Gates that other environments can reach follow the time of the thread that has made them. The
    /// other gates follow that of their environment: a test runner loads the package again in the
    /// same thread, where an earlier test may have left its time standing.
    pub(crate) struct Times {
        own: u32,
        of_thread: u32,
    }

    impl Default for Times {
        fn default() -> Self {
            Self { own: hand::new_time(), of_thread: OF_THREAD.with(|&time| time) }
        }
    }

    impl Times {
        /// The clock of gates of this environment alone.
        #[inline]
        pub(crate) fn clock(&self) -> PortClock {
            PortClock { system: *SYSTEM, time: self.own }
        }

        /// The clock of gates that have a name. If an earlier environment of the thread has left the
        /// time standing, its tests are over, and nobody would move the time on.
        pub(crate) fn shared_clock(&self) -> PortClock {
            hand::end_earlier(self.of_thread, self.own, || SYSTEM.now());
            PortClock { system: *SYSTEM, time: self.of_thread }
        }

        fn all(&self) -> [u32; 2] {
            [self.own, self.of_thread]
        }

        /// Time stands still from now on.
        pub(crate) fn begin(&self) {
            self.all().iter().for_each(|&time| hand::begin(time, self.own, SYSTEM.now()));
        }

        /// Sets the times to so many nanoseconds after their beginning.
        pub(crate) fn pass(&self, nanos: u64) {
            self.all().iter().for_each(|&time| hand::pass(time, self.own, nanos));
        }

        /// Has shared gates do what is due by now.
        pub(crate) fn ring(&self) {
            self.all().iter().for_each(|&time| hand::ring(time, self.own));
        }

        /// In how many nanoseconds from the beginning a shared gate has something to do.
        pub(crate) fn first_alarm(&self) -> Option<u64> {
            self.all().iter().filter_map(|&time| hand::first_alarm(time, self.own)).min()
        }

        /// Time goes on with the system's clock.
        pub(crate) fn end(&self) {
            self.all().iter().for_each(|&time| hand::end(time, self.own, SYSTEM.now()));
        }
    }

    /// Nobody can set the times of an environment that is gone.
    impl Drop for Times {
        fn drop(&mut self) {
            self.end();
            hand::forget(self.own);
        }
    }
}

#[cfg(not(target_family = "wasm"))]
pub(crate) use native::{PortClock, Times};

/// WebAssembly has no clock: JavaScript gives it one, and tests set that.
#[cfg(target_family = "wasm")]
mod wasm {
    use crate::clock::Clock;

    #[link(wasm_import_module = "p-lanes")]
    unsafe extern "C" {
        /// Milliseconds; never less than before.
        safe fn clock() -> f64;
    }

    #[derive(Clone, Copy, Debug)]
    pub(crate) struct PortClock;

    impl Clock for PortClock {
        fn now(&self) -> u64 {
            (clock() * 1e6) as u64
        }
    }

    #[derive(Default)]
    pub(crate) struct Times;

    impl Times {
        #[inline]
        pub(crate) fn clock(&self) -> PortClock {
            PortClock
        }
    }
}

#[cfg(target_family = "wasm")]
pub(crate) use wasm::{PortClock, Times};
