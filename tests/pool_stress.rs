//! Real threads under random loads. What is checked are facts, never times: every job runs exactly once
//! or comes back, and never more work offline than may.

#![cfg(not(p_lanes_loom))]

use std::hint::black_box;
use std::panic::panic_any;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;

use p_lanes::limiter::Lane::{self, Offline, Online};
use p_lanes::pool::{Options, ThreadPool};
use proptest::prelude::*;

/// Closed at first. Who comes to it waits until it is opened.
#[derive(Default)]
struct Barrier {
    open: Mutex<bool>,
    opened: Condvar,
    waiting: AtomicUsize,
}

impl Barrier {
    fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let open = self.open.lock().unwrap();
        drop(self.opened.wait_while(open, |open| !*open).unwrap());
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn until_waiting(&self, threads: usize) {
        while self.waiting.load(Ordering::SeqCst) < threads {
            thread::yield_now();
        }
    }
}

/// A job to be: what it does, and what became of it.
#[derive(Clone, Debug)]
struct Plan {
    lane: Lane,
    length: u32,
    /// Jobs that it submits while it runs.
    then: Vec<Plan>,
    /// Cancelled at once by who submits it.
    cancelled: bool,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Online), Just(Offline)]
}

fn plans() -> impl Strategy<Value = Plan> {
    let length = prop_oneof![10 => Just(0), 5 => 0..500_u32, 1 => 0..20_000_u32];
    let leaf = (lanes(), length.clone(), prop::bool::weighted(0.2))
        .prop_map(|(lane, length, cancelled)| Plan { lane, length, then: Vec::new(), cancelled });
    leaf.prop_recursive(3, 12, 4, move |plans| {
        (lanes(), length.clone(), prop::collection::vec(plans, 1..4))
            .prop_map(|(lane, length, then)| Plan { lane, length, then, cancelled: false })
    })
}

#[derive(Clone, Debug)]
struct Load {
    options: Options,
    threads: usize,
    /// By submitter.
    plans: Vec<Vec<Plan>>,
    /// After how many jobs run one more thread closes the pool, if at all.
    close_after: Option<usize>,
}

fn loads() -> impl Strategy<Value = Load> {
    let threads = (1..6_usize, 0..3_usize);
    let shares = prop_oneof![Just(0.0), Just(1.0 / 16.0), Just(0.5), Just(1.0)];
    let plans = prop::collection::vec(prop::collection::vec(plans(), 0..40), 1..4);
    (threads, shares, plans, prop::option::of(0..60_usize)).prop_map(
        |((threads, reserve), share, plans, close_after)| Load {
            options: Options::new(threads).reserve(reserve).offline_share(share),
            threads,
            plans,
            close_after,
        },
    )
}

/// What became of one job.
#[derive(Default)]
struct Fate {
    runs: AtomicUsize,
    cancelled: AtomicBool,
    refused: AtomicBool,
}

#[derive(Default)]
struct Record {
    fates: Mutex<Vec<Arc<Fate>>>,
    runs: AtomicUsize,
    offline_running: AtomicUsize,
    most_offline: AtomicUsize,
}

fn submit(pool: &Arc<ThreadPool>, record: &Arc<Record>, plan: Plan) {
    let fate = Arc::new(Fate::default());
    record.fates.lock().unwrap().push(fate.clone());
    let Plan { lane, length, then, cancelled } = plan;
    let job = {
        let (record, fate, pool) = (record.clone(), fate.clone(), Arc::downgrade(pool));
        move || {
            fate.runs.fetch_add(1, Ordering::SeqCst);
            if lane == Offline {
                let running = record.offline_running.fetch_add(1, Ordering::SeqCst) + 1;
                record.most_offline.fetch_max(running, Ordering::SeqCst);
            }
            (0..length).for_each(|step| drop(black_box(step.to_string())));
            let pool = pool.upgrade().expect("it outlives its jobs");
            then.into_iter().for_each(|plan| submit(&pool, &record, plan));
            if lane == Offline {
                record.offline_running.fetch_sub(1, Ordering::SeqCst);
            }
            record.runs.fetch_add(1, Ordering::SeqCst);
        }
    };
    let refused = if cancelled {
        match pool.spawn_cancellable(lane, job) {
            Ok(handle) => {
                fate.cancelled.store(handle.cancel(), Ordering::SeqCst);
                assert!(!handle.cancel(), "it has begun or was cancelled before");
                false
            }
            Err(_) => true,
        }
    } else {
        pool.spawn(lane, job).is_err()
    };
    fate.refused.store(refused, Ordering::SeqCst);
}

fn run(load: Load) -> Arc<Record> {
    let pool = Arc::new(ThreadPool::new(load.options).unwrap());
    let record = Arc::new(Record::default());
    let submitted = AtomicBool::new(false);
    thread::scope(|scope| {
        let submitters: Vec<_> = load
            .plans
            .into_iter()
            .map(|plans| {
                let (pool, record) = (&pool, &record);
                scope.spawn(move || plans.into_iter().for_each(|plan| submit(pool, record, plan)))
            })
            .collect();
        if let Some(runs) = load.close_after {
            let (pool, record, submitted) = (&pool, &record, &submitted);
            scope.spawn(move || {
                while record.runs.load(Ordering::SeqCst) < runs && !submitted.load(Ordering::SeqCst)
                {
                    thread::yield_now();
                }
                pool.close();
            });
        }
        submitters.into_iter().for_each(|submitter| submitter.join().unwrap());
        submitted.store(true, Ordering::SeqCst);
    });
    pool.close();
    assert_eq!((pool.pending(Online), pool.pending(Offline)), (0, 0));
    record
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_job_runs_once_or_comes_back(load in loads()) {
        let threads = load.threads;
        let record = run(load);
        prop_assert!(record.most_offline.load(Ordering::SeqCst) <= threads);
        for fate in &*record.fates.lock().unwrap() {
            let runs = fate.runs.load(Ordering::SeqCst);
            let cancelled = fate.cancelled.load(Ordering::SeqCst);
            let refused = fate.refused.load(Ordering::SeqCst);
            prop_assert_eq!(runs + usize::from(cancelled) + usize::from(refused), 1);
        }
    }
}

#[test]
fn many_small_jobs_of_many_submitters_all_run() {
    const JOBS: usize = 5_000;
    for threads in [1, 2, 3, 8] {
        let pool = ThreadPool::new(Options::new(threads)).unwrap();
        let runs: Arc<[AtomicUsize]> = (0..4 * JOBS).map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for submitter in 0..4 {
                let (pool, runs) = (&pool, &runs);
                scope.spawn(move || {
                    for job in submitter * JOBS..(submitter + 1) * JOBS {
                        let lane = Lane::ALL[job % 2];
                        let runs = runs.clone();
                        let run = move || {
                            runs[job].fetch_add(1, Ordering::SeqCst);
                        };
                        pool.spawn(lane, run).unwrap();
                    }
                });
            }
        });
        pool.close();
        assert!(runs.iter().all(|runs| runs.load(Ordering::SeqCst) == 1));
    }
}

/// One job at a time, so that every one finds the threads falling asleep.
#[test]
fn a_job_is_run_however_often_the_threads_fell_asleep_before() {
    for lane in Lane::ALL {
        let pool = ThreadPool::new(Options::new(2)).unwrap();
        let (done, next) = mpsc::sync_channel(1);
        for job in 0..20_000 {
            let done = done.clone();
            pool.spawn(lane, move || done.send(job).unwrap()).unwrap();
            assert_eq!(next.recv().unwrap(), job);
            // Some find them parked.
            (0..job % 64).for_each(|_| thread::yield_now());
        }
    }
}

#[test]
fn jobs_submitted_as_one_all_run() {
    let pool = ThreadPool::new(Options::new(3)).unwrap();
    let (done, numbers) = mpsc::channel();
    for batch in 0..100 {
        let job = |number: usize| {
            let done = done.clone();
            Box::new(move || done.send(number).unwrap()) as p_lanes::pool::Work
        };
        pool.spawn_all(Lane::ALL[batch % 2], (0..batch).map(job).collect()).unwrap();
        let mut numbers: Vec<_> = numbers.iter().take(batch).collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..batch));
    }
    pool.close();
    let refused = pool.spawn_all(Online, vec![Box::new(|| ()), Box::new(|| ())]).unwrap_err();
    assert_eq!(refused.0.len(), 2);
}

#[test]
fn online_jobs_run_while_offline_ones_hold_all_they_may() {
    let pool = ThreadPool::new(Options::new(2).reserve(1)).unwrap();
    let busy = Arc::new(Barrier::default());
    for _ in 0..100 {
        let busy = busy.clone();
        pool.spawn(Offline, move || busy.wait()).unwrap();
    }
    busy.until_waiting(2);
    let (done, online) = mpsc::channel();
    for job in 0..1_000 {
        let done = done.clone();
        pool.spawn(Online, move || done.send(job).unwrap()).unwrap();
    }
    assert_eq!(online.iter().take(1_000).count(), 1_000);
    assert_eq!(busy.waiting.load(Ordering::SeqCst), 2, "the reserve does nothing offline");
    busy.open();
    pool.close();
    assert_eq!(busy.waiting.load(Ordering::SeqCst), 100);
}

#[test]
fn online_jobs_that_come_later_run_before_offline_ones_that_wait() {
    let pool = ThreadPool::new(Options::new(1).reserve(0).offline_share(0.0)).unwrap();
    let busy = Arc::new(Barrier::default());
    pool.spawn(Offline, {
        let busy = busy.clone();
        move || busy.wait()
    })
    .unwrap();
    busy.until_waiting(1);
    let (ran, order) = mpsc::channel();
    for lane in [Offline, Online, Offline, Online] {
        for _ in 0..100 {
            let ran = ran.clone();
            pool.spawn(lane, move || ran.send(lane).unwrap()).unwrap();
        }
    }
    busy.open();
    pool.close();
    let order: Vec<_> = order.try_iter().collect();
    assert_eq!(order, [[Online; 200], [Offline; 200]].concat());
}

/// The first job waits for all others, of which its thread had taken some.
#[test]
fn what_waits_behind_a_long_job_is_stolen() {
    for lane in Lane::ALL {
        let pool = ThreadPool::new(Options::new(2).reserve(0)).unwrap();
        let (done, others) = mpsc::channel();
        let (result, all) = mpsc::channel();
        let mut jobs: Vec<p_lanes::pool::Work> =
            vec![Box::new(move || result.send(others.iter().take(500).count()).unwrap())];
        for _ in 0..500 {
            let done = done.clone();
            jobs.push(Box::new(move || done.send(()).unwrap()));
        }
        pool.spawn_all(lane, jobs).unwrap();
        assert_eq!(all.recv().unwrap(), 500);
    }
}

#[test]
fn a_cancelled_job_never_runs_and_is_dropped() {
    let pool = ThreadPool::new(Options::new(1).reserve(0)).unwrap();
    let busy = Arc::new(Barrier::default());
    pool.spawn(Online, {
        let busy = busy.clone();
        move || busy.wait()
    })
    .unwrap();
    let held = Arc::new(());
    let handle = pool
        .spawn_cancellable(Online, {
            let held = held.clone();
            move || panic!("{held:?} was cancelled")
        })
        .unwrap();
    assert!(handle.cancel());
    assert!(!handle.clone().cancel());
    busy.open();
    pool.close();
    assert_eq!(Arc::strong_count(&held), 1);
}

/// Panics when it is dropped.
struct Mine;

impl Drop for Mine {
    fn drop(&mut self) {
        panic!("a mine");
    }
}

#[test]
fn no_panic_ends_a_thread_or_keeps_a_permit() {
    let pool = ThreadPool::new(Options::new(1).reserve(0)).unwrap();
    for lane in Lane::ALL {
        pool.spawn(lane, || panic!("a job")).unwrap();
        pool.spawn(lane, || panic_any(Mine)).unwrap();
        let busy = Arc::new(Barrier::default());
        pool.spawn(lane, {
            let busy = busy.clone();
            move || busy.wait()
        })
        .unwrap();
        let mine = Mine;
        let handle = pool.spawn_cancellable(lane, move || drop(black_box(mine))).unwrap();
        assert!(handle.cancel());
        busy.open();
        let (done, ended) = mpsc::channel();
        pool.spawn(lane, move || done.send(()).unwrap()).unwrap();
        ended.recv().unwrap();
    }
}

/// The job that closes holds the only offline permit, and the others need it.
#[test]
fn a_job_closes_its_own_pool() {
    let pool = Arc::new(ThreadPool::new(Options::new(2).reserve(1)).unwrap());
    let (done, jobs) = mpsc::channel();
    let busy = Arc::new(Barrier::default());
    pool.spawn(Offline, {
        let (pool, done, busy) = (pool.clone(), done.clone(), busy.clone());
        move || {
            busy.wait();
            pool.close();
            done.send(()).unwrap();
        }
    })
    .unwrap();
    for _ in 0..9 {
        let done = done.clone();
        pool.spawn(Offline, move || done.send(()).unwrap()).unwrap();
    }
    drop(done);
    busy.open();
    assert_eq!(jobs.iter().count(), 10);
    pool.close();
}

#[test]
fn a_job_drops_its_own_pool() {
    let pool = Arc::new(ThreadPool::new(Options::new(2)).unwrap());
    let (done, jobs) = mpsc::channel();
    let busy = Arc::new(Barrier::default());
    pool.spawn(Offline, {
        let (pool, done, busy) = (pool.clone(), done.clone(), busy.clone());
        move || {
            busy.wait();
            drop(pool);
            done.send(()).unwrap();
        }
    })
    .unwrap();
    for _ in 0..9 {
        let done = done.clone();
        pool.spawn(Offline, move || done.send(()).unwrap()).unwrap();
    }
    drop((pool, done));
    busy.open();
    assert_eq!(jobs.iter().count(), 10);
}
