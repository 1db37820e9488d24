//! The atomics, locks and queues of the scheduler and of shared gates. Loom can replace them.
//!
//! The switch is `--cfg p_lanes_loom`. Loom's own `--cfg loom` would also reach every dependency.

#[cfg(not(p_lanes_loom))]
mod real {
    pub(crate) use parking_lot::Mutex;

    /// Only the pool uses these.
    #[cfg(not(target_family = "wasm"))]
    mod of_pool {
        pub(crate) use crossbeam_deque::{Injector, Steal, Stealer, Worker};
        pub(crate) use std::sync::atomic::{AtomicUsize, Ordering, fence};
        pub(crate) use std::thread;
    }
    #[cfg(not(target_family = "wasm"))]
    pub(crate) use of_pool::*;
}

/// The same names over loom. Its queues are simple lists: the models check the scheduler's own
/// protocols. crossbeam checks its deques itself.
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

    /// Loom sees only the length of a list. A push is one step, a take is one step, and the check
    /// for emptiness is one acquire load. The caller adds the fences.
    struct List<T> {
        length: AtomicUsize,
        /// Never holds fewer jobs than `length` says. It is never locked across a step.
        jobs: std::sync::Mutex<VecDeque<T>>,
    }

    impl<T> List<T> {
        fn new() -> Arc<Self> {
            Arc::new(Self { jobs: Default::default(), length: AtomicUsize::new(0) })
        }

        fn extend(&self, jobs: impl IntoIterator<Item = T>) {
            let mut list = self.jobs.lock().unwrap();
            let before = list.len();
            list.extend(jobs);
            let added = list.len() - before;
            drop(list);
            self.length.fetch_add(added, Ordering::AcqRel);
        }

        fn take(&self, number: impl Fn(usize) -> usize) -> VecDeque<T> {
            let less = |length: usize| (length > 0).then(|| length - number(length));
            match self.length.fetch_update(Ordering::AcqRel, Ordering::Acquire, less) {
                Ok(length) => self.jobs.lock().unwrap().drain(..number(length)).collect(),
                Err(_) => VecDeque::new(),
            }
        }

        fn is_empty(&self) -> bool {
            self.length.load(Ordering::Acquire) == 0
        }

        fn pop(&self) -> Option<T> {
            self.take(|_| 1).pop_front()
        }

        fn steal(&self) -> Steal<T> {
            self.pop().map_or(Steal::Empty, Steal::Success)
        }

        /// For a moment the moved jobs are in neither list, as in the real deques.
        fn steal_half(&self, to: &Self) -> Steal<T> {
            let mut half = self.take(|length| length.div_ceil(2));
            let Some(first) = half.pop_front() else { return Steal::Empty };
            if !half.is_empty() {
                to.extend(half);
            }
            Steal::Success(first)
        }
    }

    pub(crate) struct Injector<T>(Arc<List<T>>);

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Self(List::new())
        }
        pub(crate) fn push(&self, job: T) {
            self.0.extend([job]);
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
        pub(crate) fn steal(&self) -> Steal<T> {
            self.0.steal()
        }
        pub(crate) fn steal_batch_and_pop(&self, to: &Worker<T>) -> Steal<T> {
            self.0.steal_half(&to.0)
        }
    }

    pub(crate) struct Worker<T>(Arc<List<T>>);

    impl<T> Worker<T> {
        pub(crate) fn new_fifo() -> Self {
            Self(List::new())
        }
        pub(crate) fn stealer(&self) -> Stealer<T> {
            Stealer(Arc::clone(&self.0))
        }
        pub(crate) fn pop(&self) -> Option<T> {
            self.0.pop()
        }
    }

    pub(crate) struct Stealer<T>(Arc<List<T>>);

    impl<T> Stealer<T> {
        pub(crate) fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
        pub(crate) fn steal(&self) -> Steal<T> {
            self.0.steal()
        }
        pub(crate) fn steal_batch_and_pop(&self, to: &Worker<T>) -> Steal<T> {
            self.0.steal_half(&to.0)
        }
    }
}

#[cfg(p_lanes_loom)]
pub(crate) use modelled::*;
#[cfg(not(p_lanes_loom))]
pub(crate) use real::*;
