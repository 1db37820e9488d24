//! The atomics, locks and queues that the scheduler is built on, so that loom can stand in for them.
//!
//! The switch is `--cfg p_lanes_loom` and not loom's own `--cfg loom`, which would reach every
//! dependency as well.

#[cfg(not(p_lanes_loom))]
mod real {
    pub(crate) use crossbeam_deque::{Injector, Steal, Stealer, Worker};
    pub(crate) use parking_lot::Mutex;
    pub(crate) use std::sync::atomic::{AtomicUsize, Ordering, fence};
    pub(crate) use std::thread;
}

/// The same names over loom. Its queues are lists under a lock: the models are of the scheduler's own
/// protocols, not of crossbeam's deques, which crossbeam checks itself.
#[cfg(p_lanes_loom)]
mod modelled {
    use std::collections::VecDeque;
    use std::sync::Arc;

    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering, fence};
    pub(crate) use loom::thread;

    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(loom::sync::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> loom::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }
    }

    pub(crate) enum Steal<T> {
        Empty,
        Success(T),
        #[expect(dead_code, reason = "a lock never asks to retry")]
        Retry,
    }

    type List<T> = Arc<Mutex<VecDeque<T>>>;

    fn take<T>(from: &List<T>) -> Steal<T> {
        from.lock().pop_front().map_or(Steal::Empty, Steal::Success)
    }

    fn take_half<T>(from: &List<T>, to: &List<T>) -> Steal<T> {
        let mut taken: VecDeque<T> = {
            let mut from = from.lock();
            let half = from.len().div_ceil(2);
            from.drain(..half).collect()
        };
        let first = taken.pop_front();
        to.lock().extend(taken);
        first.map_or(Steal::Empty, Steal::Success)
    }

    pub(crate) struct Injector<T>(List<T>);

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Self(Arc::new(Mutex::new(VecDeque::new())))
        }
        pub(crate) fn push(&self, job: T) {
            self.0.lock().push_back(job);
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }
        pub(crate) fn steal(&self) -> Steal<T> {
            take(&self.0)
        }
        pub(crate) fn steal_batch_and_pop(&self, to: &Worker<T>) -> Steal<T> {
            take_half(&self.0, &to.0)
        }
    }

    pub(crate) struct Worker<T>(List<T>);

    impl<T> Worker<T> {
        pub(crate) fn new_fifo() -> Self {
            Self(Arc::new(Mutex::new(VecDeque::new())))
        }
        pub(crate) fn stealer(&self) -> Stealer<T> {
            Stealer(Arc::clone(&self.0))
        }
        pub(crate) fn pop(&self) -> Option<T> {
            self.0.lock().pop_front()
        }
    }

    pub(crate) struct Stealer<T>(List<T>);

    impl<T> Stealer<T> {
        pub(crate) fn is_empty(&self) -> bool {
            self.0.lock().is_empty()
        }
        pub(crate) fn steal(&self) -> Steal<T> {
            take(&self.0)
        }
        pub(crate) fn steal_batch_and_pop(&self, to: &Worker<T>) -> Steal<T> {
            take_half(&self.0, &to.0)
        }
    }
}

#[cfg(p_lanes_loom)]
pub(crate) use modelled::*;
#[cfg(not(p_lanes_loom))]
pub(crate) use real::*;
