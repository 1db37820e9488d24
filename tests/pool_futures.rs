//! Jobs of the pool whose results are awaited.

#![cfg(not(p_lanes_loom))]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Waker};

use p_lanes::limiter::Lane;
use p_lanes::pool::{Options, ThreadPool};

fn pool(threads: usize) -> ThreadPool {
    ThreadPool::new(Options::new(threads).reserve(0)).unwrap()
}

/// Keeps the only thread of a pool busy until something is sent.
fn keep_busy(pool: &ThreadPool) -> Sender<()> {
    let (go, gone): (Sender<()>, Receiver<()>) = channel();
    pool.spawn(Lane::Online, move || gone.recv().unwrap()).unwrap();
    go
}

/// Counts how many of it were dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn results_come_from_both_lanes() {
    let pool = pool(2);
    let jobs: Vec<_> = (0..100)
        .map(|number| pool.run(Lane::ALL[number % 2], move || number * 2).unwrap())
        .collect();
    for (number, job) in jobs.into_iter().enumerate() {
        assert_eq!(pollster::block_on(job), number * 2);
    }
}

#[test]
fn a_panic_is_resumed_where_it_is_awaited() {
    let pool = pool(1);
    let job = pool.run(Lane::Online, || -> u32 { panic!("a panic on purpose") }).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| pollster::block_on(job))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"a panic on purpose"));
    assert_eq!(pollster::block_on(pool.run(Lane::Online, || 7).unwrap()), 7, "the thread goes on");
}

#[test]
fn a_job_that_has_not_begun_is_cancelled_with_its_future() {
    let pool = pool(1);
    let go = keep_busy(&pool);
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    let job = pool.run(Lane::Online, move || counter.fetch_add(1, Ordering::SeqCst)).unwrap();
    drop(job);
    go.send(()).unwrap();
    pool.close();
    assert_eq!((ran.load(Ordering::SeqCst), Arc::strong_count(&ran)), (0, 1));
    assert!(pool.run(Lane::Online, || ()).is_err(), "it is closed");
}

#[test]
fn a_result_that_nobody_wants_is_dropped_once() {
    let pool = pool(1);
    let dropped = Arc::new(AtomicUsize::new(0));
    // Its future is dropped while it runs.
    let (begin, begun) = channel();
    let (go, gone) = channel::<()>();
    let result = Dropped(dropped.clone());
    let job = pool.run(Lane::Offline, move || {
        begin.send(()).unwrap();
        gone.recv().unwrap();
        result
    });
    begun.recv().unwrap();
    drop(job.unwrap());
    go.send(()).unwrap();
    // Its future is dropped after it has ended, and before it was polled.
    let result = Dropped(dropped.clone());
    let ended = pool.run(Lane::Offline, move || result).unwrap();
    pollster::block_on(pool.run(Lane::Offline, || ()).unwrap());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    drop(ended);
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
}

#[test]
fn the_last_waker_is_woken() {
    let pool = pool(1);
    let go = keep_busy(&pool);
    let mut job = pin!(pool.run(Lane::Online, || 1).unwrap());
    // The first poll is by a waker that wakes nobody.
    assert!(job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let sender = std::thread::spawn(move || go.send(()).unwrap());
    assert_eq!(pollster::block_on(job), 1);
    sender.join().unwrap();
}
