//! How a thread that sleeps is told to wake.

use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, Thread};

use crate::wake::Wake;

/// | `state` | meaning | written by |
/// |---|---|---|
/// | `SILENT` | nobody rang; the thread is awake, or waits without being parked | [`sleep`](Bell::sleep) |
/// | `PARKED` | nobody rang; the thread has to be unparked | `sleep` |
/// | `RUNG` | the thread is not to sleep | [`wake`](Wake::wake) |
#[derive(Debug)]
pub(super) struct Bell {
    state: AtomicU8,
    thread: Thread,
}

const SILENT: u8 = 0;
const PARKED: u8 = 1;
const RUNG: u8 = 2;

/// How often a thread lets others run before it parks: in all about as long as it takes to park and be
/// unparked, some tens of microseconds, so that it never pays much more than twice what was needed. A
/// thread that would rather run has the core meanwhile.
const PATIENCE: usize = 128;

impl Bell {
    /// The bell of the thread that calls this.
    pub(super) fn new() -> Self {
        Self { state: AtomicU8::new(SILENT), thread: thread::current() }
    }

    /// Returns once it was rung after the last time that this returned.
    pub(super) fn sleep(&self) {
        let rung = || self.state.load(Ordering::Acquire) == RUNG;
        for _ in 0..PATIENCE {
            if rung() {
                break;
            }
            thread::yield_now();
        }
        let park =
            self.state.compare_exchange(SILENT, PARKED, Ordering::Acquire, Ordering::Acquire);
        if park.is_ok() {
            while !rung() {
                thread::park();
            }
        }
        self.state.swap(SILENT, Ordering::Acquire);
    }
}

impl Wake for Bell {
    fn wake(&self) {
        if self.state.swap(RUNG, Ordering::AcqRel) == PARKED {
            self.thread.unpark();
        }
    }
}
