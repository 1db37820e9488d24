//! What it costs to have a no-op job run by another thread: submit, run and learn that it has ended, in
//! bursts from one thread, beside rayon's `spawn`, a plain channel and what nothing could do without
//! (the floor).
//!
//! `cargo bench --bench pool`; the items column counts jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};

use divan::{Bencher, counter::ItemsCount};
use p_lanes::limiter::Lane;
use p_lanes::pool::{Options, ThreadPool, Work};

fn main() {
    divan::main();
}

const THREADS: usize = 2;
const BURSTS: [usize; 3] = [1, 100, 10_000];

/// Tells the thread that made it once so many jobs have ended.
struct Latch {
    left: AtomicUsize,
    waiter: Thread,
}

impl Latch {
    fn new(jobs: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(jobs), waiter: thread::current() })
    }

    fn job(self: &Arc<Self>) -> impl FnOnce() + Send + 'static {
        let latch = Arc::clone(self);
        move || {
            if latch.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                latch.waiter.unpark();
            }
        }
    }

    fn wait(&self) {
        while self.left.load(Ordering::Acquire) > 0 {
            thread::park();
        }
    }
}

/// Times a burst from the first job's submission to the last one's end.
fn bench(bencher: Bencher, burst: usize, submit: impl Fn(&Arc<Latch>)) {
    bencher.counter(ItemsCount::new(burst)).bench_local(|| {
        let latch = Latch::new(burst);
        submit(&latch);
        latch.wait();
    });
}

#[divan::bench_group(sample_count = 200)]
mod burst {
    use super::*;

    #[divan::bench(args = BURSTS)]
    fn floor_same_thread(bencher: Bencher, burst: usize) {
        bench(bencher, burst, |latch| {
            for _ in 0..burst {
                let job: Work = divan::black_box(Box::new(latch.job()));
                job();
            }
        });
    }

    #[divan::bench(args = BURSTS)]
    fn channel(bencher: Bencher, burst: usize) {
        let (sender, jobs) = crossbeam_channel::unbounded::<Work>();
        for _ in 0..THREADS {
            let jobs = jobs.clone();
            thread::spawn(move || jobs.iter().for_each(|job| job()));
        }
        bench(bencher, burst, |latch| {
            for _ in 0..burst {
                sender.send(Box::new(latch.job())).expect("its threads live");
            }
        });
    }

    #[divan::bench(args = BURSTS)]
    fn rayon(bencher: Bencher, burst: usize) {
        let pool = rayon_core::ThreadPoolBuilder::new().num_threads(THREADS).build();
        let pool = pool.expect("threads");
        bench(bencher, burst, |latch| {
            for _ in 0..burst {
                pool.spawn(latch.job());
            }
        });
    }

    fn pool() -> ThreadPool {
        ThreadPool::new(Options::new(THREADS).reserve(0)).expect("threads")
    }

    fn p_lanes(bencher: Bencher, burst: usize, lane: Lane) {
        let pool = pool();
        bench(bencher, burst, |latch| {
            for _ in 0..burst {
                pool.spawn(lane, latch.job()).expect("it is open");
            }
        });
    }

    #[divan::bench(args = BURSTS)]
    fn p_lanes_online(bencher: Bencher, burst: usize) {
        p_lanes(bencher, burst, Lane::Online);
    }

    #[divan::bench(args = BURSTS)]
    fn p_lanes_offline(bencher: Bencher, burst: usize) {
        p_lanes(bencher, burst, Lane::Offline);
    }

    #[divan::bench(args = BURSTS)]
    fn p_lanes_spawn_all(bencher: Bencher, burst: usize) {
        let pool = pool();
        bench(bencher, burst, |latch| {
            let jobs = (0..burst).map(|_| Box::new(latch.job()) as Work).collect();
            pool.spawn_all(Lane::Online, jobs).expect("it is open");
        });
    }
}
