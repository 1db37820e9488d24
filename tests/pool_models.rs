//! Every interleaving, up to a number of preemptions, of small cases of the scheduler's protocols.
//! A wake-up that is lost shows as a deadlock, which loom reports.
//!
//! `RUSTFLAGS="--cfg p_lanes_loom" cargo test --release --test pool_models`

#![cfg(p_lanes_loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};
use p_lanes::limiter::Lane::{self, Offline, Online};
use p_lanes::pool::{Closed, Options, Scheduler, Seat, Serves, Take, Wake};

/// Counts down, and lets wait for that. A worker's waker as well, with a count of one to be rung.
struct Latch {
    left: Mutex<usize>,
    reached: Condvar,
}

impl Latch {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self { left: Mutex::new(count), reached: Condvar::new() })
    }

    fn count_down(&self) {
        let mut left = self.left.lock().unwrap();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.reached.notify_all();
        }
    }

    fn wait(&self) {
        let mut left = self.left.lock().unwrap();
        while *left > 0 {
            left = self.reached.wait(left).unwrap();
        }
    }

    fn sleep(&self) {
        self.wait();
        *self.left.lock().unwrap() = 1;
    }
}

impl Wake for Latch {
    fn wake(&self) {
        self.count_down();
    }
}

type Job = Box<dyn FnOnce() + Send>;
type Pool = Arc<Scheduler<Job>>;

fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    builder.max_branches = 10_000;
    builder.check(model);
}

fn pool(threads: usize, reserve: usize) -> Pool {
    Arc::new(Scheduler::new(Options::new(threads).reserve(reserve)).unwrap())
}

struct Worker {
    seat: Seat<Job>,
    waker: Arc<Latch>,
}

impl Worker {
    fn new(pool: &Pool) -> Self {
        Self::serving(Serves::BothLanes, pool)
    }

    fn serving(serves: Serves, pool: &Pool) -> Self {
        let waker = Latch::new(1);
        Self { seat: pool.sit(serves, waker.clone()).unwrap(), waker }
    }

    /// Runs the next job if there is one.
    fn look_once(mut self) {
        if let Take::Job(lane, job) = self.seat.take() {
            job();
            self.seat.finish(lane);
        }
    }

    /// Runs so many jobs, or fewer if the pool closes.
    fn run(mut self, jobs: usize) {
        for _ in 0..jobs {
            loop {
                match self.seat.take() {
                    Take::Job(lane, job) => {
                        job();
                        self.seat.finish(lane);
                        break;
                    }
                    Take::Sleep | Take::Later => self.waker.sleep(),
                    Take::Leave => return,
                }
            }
        }
    }

    /// A worker that stays until the pool closes.
    fn spawn(pool: &Pool) -> JoinHandle<()> {
        Self::spawn_for(pool, usize::MAX)
    }

    /// A worker that leaves after so many jobs: as much as a model needs, and no more to explore.
    fn spawn_for(pool: &Pool, jobs: usize) -> JoinHandle<()> {
        let worker = Self::new(pool);
        thread::spawn(move || worker.run(jobs))
    }
}

/// How often something was done. No part of the model: nobody acts on it.
#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// A job that counts its runs, and then says so.
    fn job(&self, done: &Arc<Latch>) -> Job {
        let (count, done) = (self.clone(), done.clone());
        Box::new(move || {
            count.add();
            done.count_down();
        })
    }

    /// A job that ends only when all of those that `meet` have begun: each needs a worker of its own.
    fn meeting(&self, meet: &Arc<Latch>) -> Job {
        let (count, meet) = (self.clone(), meet.clone());
        Box::new(move || {
            count.add();
            meet.count_down();
            meet.wait();
        })
    }
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

fn end(pool: &Pool, worker: JoinHandle<()>) {
    pool.close();
    worker.join().unwrap();
}

fn a_job_wakes_a_worker_that_falls_asleep(lane: Lane) {
    check(3, move || {
        let (pool, ran, done) = (pool(1, 0), Count::default(), Latch::new(1));
        let worker = Worker::spawn(&pool);
        pool.submit(lane, ran.job(&done)).unwrap();
        done.wait();
        end(&pool, worker);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn an_online_job_wakes_a_worker_that_falls_asleep() {
    a_job_wakes_a_worker_that_falls_asleep(Online);
}

#[test]
fn an_offline_job_wakes_a_worker_that_falls_asleep() {
    a_job_wakes_a_worker_that_falls_asleep(Offline);
}

#[test]
fn two_jobs_wake_two_workers() {
    check(2, || {
        let (pool, ran, meet) = (pool(2, 0), Count::default(), Latch::new(2));
        let workers = [(); 2].map(|()| Worker::spawn_for(&pool, 1));
        pool.submit(Online, ran.meeting(&meet)).unwrap();
        pool.submit(Online, ran.meeting(&meet)).unwrap();
        join(workers);
        assert_eq!(ran.get(), 2);
    });
}

#[test]
fn jobs_of_two_submitters_wake_a_worker() {
    check(2, || {
        let (pool, ran, done) = (pool(1, 0), Count::default(), Latch::new(2));
        let worker = Worker::spawn_for(&pool, 2);
        let submitter = thread::spawn({
            let (pool, job) = (pool.clone(), ran.job(&done));
            move || pool.submit(Online, job).unwrap()
        });
        pool.submit(Online, ran.job(&done)).unwrap();
        join([submitter, worker]);
        assert_eq!(ran.get(), 2);
    });
}

#[test]
fn jobs_of_two_submitters_wake_two_workers() {
    check(1, || {
        let (pool, ran, meet) = (pool(2, 0), Count::default(), Latch::new(2));
        let [one, other] = [(); 2].map(|()| Worker::spawn_for(&pool, 1));
        let submitter = thread::spawn({
            let (pool, job) = (pool.clone(), ran.meeting(&meet));
            move || pool.submit(Online, job).unwrap()
        });
        pool.submit(Online, ran.meeting(&meet)).unwrap();
        join([submitter, one, other]);
        assert_eq!(ran.get(), 2);
    });
}

/// The first worker to look takes two of three jobs, and keeps the second while it runs the first.
fn what_waits_behind_a_long_job_is_stolen(lane: Lane) {
    check(3, move || {
        let (pool, ran, done) = (pool(2, 0), Count::default(), Latch::new(3));
        let worker = Worker::spawn(&pool);
        pool.submit_all(lane, (0..3).map(|_| ran.job(&done)).collect()).unwrap();
        let mut busy = Worker::new(&pool);
        match busy.seat.take() {
            // This worker is busy with other things and does not look again.
            Take::Job(_, job) => job(),
            _ => drop(busy),
        }
        done.wait();
        end(&pool, worker);
        assert_eq!(ran.get(), 3);
    });
}

#[test]
fn what_waits_online_behind_a_long_job_is_stolen() {
    what_waits_behind_a_long_job_is_stolen(Online);
}

#[test]
fn what_waits_offline_behind_a_long_job_is_stolen() {
    what_waits_behind_a_long_job_is_stolen(Offline);
}

/// Catches: a job that a busy worker leaves to one that falls asleep and is not woken for it.
#[test]
fn a_job_is_left_to_a_less_busy_worker_that_falls_asleep() {
    check(3, || {
        let options = Options::new(2).reserve(0).in_order(true);
        let pool: Pool = Arc::new(Scheduler::new(options).unwrap());
        let (ran, done) = (Count::default(), Latch::new(1));
        pool.submit(Online, Box::new(|| ())).unwrap();
        let mut busy = Worker::new(&pool);
        let Take::Job(Online, _) = busy.seat.take() else { panic!("it is there") };
        let worker = Worker::spawn(&pool);
        pool.submit(Online, ran.job(&done)).unwrap();
        if let Take::Job(_, job) = busy.seat.take() {
            job();
            busy.seat.finish(Online);
        }
        // The busy worker does not look again.
        done.wait();
        busy.seat.finish(Online);
        end(&pool, worker);
        assert_eq!(ran.get(), 1);
    });
}

/// Catches: a job that waits because the worker that slept was given another one at that moment.
#[test]
fn a_job_is_assigned_while_another_one_comes() {
    check(3, || {
        let (pool, ran, done) = (pool(1, 0), Count::default(), Latch::new(1));
        let worker = Worker::new(&pool);
        let waker = worker.waker.clone();
        let thread = thread::spawn(move || worker.run(1));
        let submitter = thread::spawn({
            let (pool, job) = (pool.clone(), ran.job(&done));
            move || pool.submit(Online, job).unwrap()
        });
        if pool.assign(Online).is_some() {
            // The assigned job is left out: the worker looks for the next one when it has ended.
            waker.wake();
        }
        done.wait();
        join([submitter, thread]);
        assert_eq!(ran.get(), 1);
    });
}

/// Catches: an offline job that relies on a worker which searches, but takes online jobs only.
#[test]
fn an_offline_job_comes_while_the_reserve_searches() {
    check(3, || {
        let (pool, ran, done) = (pool(1, 1), Count::default(), Latch::new(1));
        let worker = Worker::spawn(&pool);
        let reserve = Worker::serving(Serves::OnlineOnly, &pool);
        let reserve = thread::spawn(move || reserve.look_once());
        pool.submit(Offline, ran.job(&done)).unwrap();
        done.wait();
        join([reserve]);
        end(&pool, worker);
        assert_eq!(ran.get(), 1);
    });
}

/// Catches: an offline job that nobody is woken for when the reserve has found its online job.
#[test]
fn jobs_of_both_lanes_come_while_the_reserve_searches() {
    check(2, || {
        let (pool, ran, done) = (pool(1, 1), Count::default(), Latch::new(2));
        let worker = Worker::spawn(&pool);
        let reserve = Worker::serving(Serves::OnlineOnly, &pool);
        let reserve = thread::spawn(move || reserve.look_once());
        pool.submit(Online, ran.job(&done)).unwrap();
        pool.submit(Offline, ran.job(&done)).unwrap();
        done.wait();
        join([reserve]);
        end(&pool, worker);
        assert_eq!(ran.get(), 2);
    });
}

/// Catches: a wake-up that goes to a worker which cannot take the job.
#[test]
fn an_offline_job_wakes_the_worker_that_falls_asleep_beside_the_reserve() {
    check(2, || {
        let (pool, ran, done) = (pool(1, 1), Count::default(), Latch::new(1));
        let worker = Worker::spawn(&pool);
        let reserve = Worker::serving(Serves::OnlineOnly, &pool);
        let reserve = thread::spawn(move || reserve.run(usize::MAX));
        pool.submit(Offline, ran.job(&done)).unwrap();
        done.wait();
        pool.close();
        join([reserve, worker]);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn a_job_that_comes_while_the_pool_closes_runs_or_comes_back() {
    check(3, || {
        let (pool, ran, back) = (pool(1, 0), Count::default(), Count::default());
        let worker = Worker::spawn(&pool);
        let submitter = thread::spawn({
            let (pool, back, job) = (pool.clone(), back.clone(), ran.job(&Latch::new(1)));
            move || {
                if let Err(Closed(_)) = pool.submit(Online, job) {
                    back.add();
                }
            }
        });
        pool.close();
        submitter.join().unwrap();
        worker.join().unwrap();
        assert_eq!(ran.get() + back.get(), 1);
    });
}

#[test]
fn who_takes_the_last_job_tells_the_sleepers_to_leave() {
    check(3, || {
        let (pool, ran) = (pool(2, 0), Count::default());
        pool.submit(Online, ran.job(&Latch::new(1))).unwrap();
        let sleeper = Worker::spawn(&pool);
        let worker = Worker::new(&pool);
        let other = thread::spawn(move || worker.look_once());
        pool.close();
        join([sleeper, other]);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn the_last_jobs_of_both_lanes_are_taken_at_once() {
    check(2, || {
        let (pool, ran) = (pool(3, 0), Count::default());
        pool.submit(Online, ran.job(&Latch::new(1))).unwrap();
        pool.submit(Offline, ran.job(&Latch::new(1))).unwrap();
        pool.close();
        let sleeper = Worker::spawn(&pool);
        let others = [(); 2].map(|()| {
            let worker = Worker::new(&pool);
            thread::spawn(move || worker.look_once())
        });
        sleeper.join().unwrap();
        join(others);
        assert_eq!(ran.get(), 2);
    });
}

#[test]
fn a_seat_leaves_its_jobs_to_a_worker_that_falls_asleep() {
    check(3, || {
        let (pool, ran, done) = (pool(2, 0), Count::default(), Latch::new(3));
        pool.submit_all(Offline, (0..3).map(|_| ran.job(&done)).collect()).unwrap();
        let mut leaves = Worker::new(&pool);
        let Take::Job(Offline, job) = leaves.seat.take() else { panic!("it is there") };
        let worker = Worker::spawn(&pool);
        job();
        drop(leaves);
        done.wait();
        end(&pool, worker);
        assert_eq!(ran.get(), 3);
    });
}

#[test]
fn a_seat_that_is_told_to_wake_and_leaves_passes_it_on() {
    check(2, || {
        let (pool, ran, done) = (pool(2, 0), Count::default(), Latch::new(1));
        let worker = Worker::spawn(&pool);
        let leaves = Worker::new(&pool);
        let leaver = thread::spawn(move || leaves.look_once());
        pool.submit(Online, ran.job(&done)).unwrap();
        done.wait();
        join([leaver]);
        end(&pool, worker);
        assert_eq!(ran.get(), 1);
    });
}

#[test]
fn a_seat_is_left_and_taken_again() {
    check(3, || {
        let (pool, ran, done) = (pool(1, 0), Count::default(), Latch::new(1));
        let comes_and_goes = thread::spawn({
            let pool = pool.clone();
            move || {
                Worker::new(&pool).look_once();
                Worker::new(&pool).run(usize::MAX);
            }
        });
        pool.submit(Online, ran.job(&done)).unwrap();
        done.wait();
        end(&pool, comes_and_goes);
        assert_eq!(ran.get(), 1);
    });
}
