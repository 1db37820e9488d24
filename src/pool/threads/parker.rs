//! How a thread parks, and how it is woken.

use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, Thread};

use crate::wake::Wake;

/// | `state` | meaning | written by |
/// |---|---|---|
/// | `EMPTY` | not notified; the thread is awake, or waits without being parked | [`park`](Parker::park) |
/// | `PARKED` | not notified; the thread has to be unparked | `park` |
/// | `NOTIFIED` | the thread must not sleep | [`wake`](Wake::wake) |
#[derive(Debug)]
pub(super) struct Parker {
    state: AtomicU8,
    thread: Thread,
}

const EMPTY: u8 = 0;
const PARKED: u8 = 1;
const NOTIFIED: u8 = 2;

/// How often a thread yields before it parks. In total that takes about as long as parking and
/// unparking, some tens of microseconds. So a thread never pays much more than twice what was
/// needed, and other threads can use the core meanwhile.
const YIELDS: usize = 128;

impl Parker {
    /// The parker of the calling thread.
    pub(super) fn new() -> Self {
        Self { state: AtomicU8::new(EMPTY), thread: thread::current() }
    }

    /// Returns once it was notified since the last return.
    pub(super) fn park(&self) {
        let notified = || self.state.load(Ordering::Acquire) == NOTIFIED;
        for _ in 0..YIELDS {
            if notified() {
                break;
            }
            thread::yield_now();
        }
        let park = self.state.compare_exchange(EMPTY, PARKED, Ordering::Acquire, Ordering::Acquire);
        if park.is_ok() {
            while !notified() {
                thread::park();
            }
        }
        self.state.swap(EMPTY, Ordering::Acquire);
    }
}

impl Wake for Parker {
    fn wake(&self) {
        if self.state.swap(NOTIFIED, Ordering::AcqRel) == PARKED {
            self.thread.unpark();
        }
    }
}
