//! The scheduler's rules, by seats that one thread uses in turn: all of it is deterministic.

#![cfg(not(p_lanes_loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use p_lanes::limiter::Lane::{self, Offline, Online};
use p_lanes::pool::{Closed, Error, Job, Options, Scheduler, Seat, Serves, Take, Wake};
use proptest::prelude::*;

/// A job that is a number, and can be cancelled.
struct Item {
    number: usize,
    cancelled: Arc<AtomicBool>,
    /// One more reference for as long as the scheduler has this job.
    _inside: Arc<()>,
}

impl Job for Item {
    fn claim(&mut self) -> bool {
        !self.cancelled.load(Ordering::Relaxed)
    }
}

/// Counts how often a worker was told to wake.
#[derive(Default)]
struct TestWaker(AtomicUsize);

impl Wake for TestWaker {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

struct Worker {
    seat: Seat<Item>,
    waker: Arc<TestWaker>,
}

impl Worker {
    /// What it is to do next: a job's lane and number, `Err(true)` for sleep, `Err(false)` for leave.
    fn next(&mut self) -> Result<(Lane, usize), bool> {
        let (next, _) = self.look();
        next
    }

    /// Also tells whether it sleeps only because it leaves a job to a less busy worker.
    fn look(&mut self) -> (Result<(Lane, usize), bool>, bool) {
        self.waker.0.store(0, Ordering::Relaxed);
        let take = self.seat.take();
        let is_later = matches!(take, Take::Later);
        (Self::told(take), is_later)
    }

    fn told(take: Take<Item>) -> Result<(Lane, usize), bool> {
        match take {
            Take::Job(lane, item) => Ok((lane, item.number)),
            Take::Sleep | Take::Later => Err(true),
            Take::Leave => Err(false),
        }
    }

    fn run(&mut self) -> Option<(Lane, usize)> {
        let job = self.next().ok()?;
        self.seat.finish(job.0);
        Some(job)
    }

    fn run_all(&mut self) -> Vec<(Lane, usize)> {
        std::iter::from_fn(|| self.run()).collect()
    }

    /// Numbers of what it runs until it finds no more.
    fn numbers(&mut self) -> Vec<usize> {
        self.run_all().into_iter().map(|(_, number)| number).collect()
    }

    fn sleeps(&mut self) -> bool {
        self.next() == Err(true)
    }

    fn is_told_to_wake(&self) -> bool {
        self.waker.0.load(Ordering::Relaxed) > 0
    }
}

struct Pool {
    scheduler: Arc<Scheduler<Item>>,
    inside: [Arc<()>; 2],
}

impl Pool {
    fn new(options: Options) -> Self {
        Self { scheduler: Arc::new(Scheduler::new(options).unwrap()), inside: Default::default() }
    }

    fn sit(&self, serves: Serves) -> Option<Worker> {
        let waker = Arc::new(TestWaker::default());
        Some(Worker { seat: self.scheduler.sit(serves, waker.clone())?, waker })
    }

    /// Workers that serve both lanes.
    fn workers<const N: usize>(&self) -> [Worker; N] {
        [(); N].map(|()| self.sit(Serves::BothLanes).expect("a seat is free"))
    }

    /// Workers of the reserve.
    fn reserve<const N: usize>(&self) -> [Worker; N] {
        [(); N].map(|()| self.sit(Serves::OnlineOnly).expect("a seat is free"))
    }

    fn item(&self, lane: Lane, number: usize) -> Item {
        let inside = &self.inside[usize::from(lane == Offline)];
        Item { number, cancelled: Arc::default(), _inside: inside.clone() }
    }

    fn submit(&self, lane: Lane, number: usize) -> Arc<AtomicBool> {
        let item = self.item(lane, number);
        let cancelled = item.cancelled.clone();
        self.scheduler.submit(lane, item).unwrap();
        cancelled
    }

    fn submit_all(&self, lane: Lane, numbers: impl IntoIterator<Item = usize>) {
        let items = numbers.into_iter().map(|number| self.item(lane, number)).collect();
        self.scheduler.submit_all(lane, items).unwrap();
    }

    /// Jobs of a lane that the scheduler has not yet given away or dropped.
    fn inside(&self, lane: Lane) -> usize {
        Arc::strong_count(&self.inside[usize::from(lane == Offline)]) - 1
    }
}

#[test]
fn online_jobs_come_first_and_each_lane_in_its_order() {
    let pool = Pool::new(Options::new(1).offline_share(0.0));
    pool.submit_all(Offline, 0..100);
    pool.submit_all(Online, 100..200);
    let [mut worker] = pool.workers();
    let order: Vec<_> = (100..200).chain(0..100).collect();
    assert_eq!(worker.numbers(), order);
}

#[test]
fn an_online_job_is_found_in_a_siblings_deque_before_an_offline_one_in_the_own() {
    let pool = Pool::new(Options::new(2).reserve(0));
    let [mut one, mut other] = pool.workers();
    pool.submit_all(Offline, 0..9);
    assert_eq!(one.run(), Some((Offline, 0)), "and it has a batch more in its deque");
    pool.submit_all(Online, 9..12);
    assert_eq!(other.run(), Some((Online, 9)));
    assert_eq!(pool.scheduler.pending(Online), 2);
    assert_eq!(one.run(), Some((Online, 11)), "the injector's");
    assert_eq!(one.run(), Some((Online, 10)), "the sibling's");
    assert_eq!(one.run(), Some((Offline, 1)));
}

#[test]
fn a_batch_is_taken_and_a_sibling_takes_half_of_that() {
    let pool = Pool::new(Options::new(2));
    let [mut one, mut other] = pool.workers();
    pool.submit_all(Online, 0..9);
    assert_eq!(one.run(), Some((Online, 0)), "with 1 to 4 behind it");
    let taken: Vec<_> = (0..5).filter_map(|_| Some(other.run()?.1)).collect();
    assert_eq!(taken, [5, 6, 7, 8, 1], "the injector's, and then with 2 behind it");
    assert_eq!(one.run(), Some((Online, 3)));
    assert_eq!(other.numbers(), [2, 4]);
}

#[test]
fn the_reserve_comes_on_top_and_takes_no_offline_job() {
    let pool = Pool::new(Options::new(2).reserve(1));
    let mut workers: [Worker; 2] = pool.workers();
    let [mut reserve] = pool.reserve();
    pool.submit_all(Offline, 0..9);
    assert!(workers.iter_mut().all(|worker| worker.next().is_ok()), "the batch has all threads");
    assert!(reserve.sleeps());
    pool.submit(Online, 9);
    assert!(reserve.is_told_to_wake());
    assert_eq!(reserve.next(), Ok((Online, 9)));
    reserve.seat.finish(Online);
    assert!(reserve.sleeps());
    drop(workers);
    assert!(!reserve.is_told_to_wake(), "not for what the others left");
}

#[test]
fn an_online_job_wakes_the_reserve_before_a_worker_that_serves_both_lanes() {
    let pool = Pool::new(Options::new(1).reserve(1));
    let ([mut both], [mut reserve]) = (pool.workers(), pool.reserve());
    assert!(reserve.sleeps() && both.sleeps());
    pool.submit(Online, 0);
    assert!(reserve.is_told_to_wake() && !both.is_told_to_wake());
    pool.submit(Online, 1);
    assert!(both.is_told_to_wake());
}

#[test]
fn an_offline_job_wakes_no_worker_of_the_reserve() {
    let pool = Pool::new(Options::new(2).reserve(1));
    let ([mut busy, mut both], [mut reserve]) = (pool.workers(), pool.reserve());
    assert!(both.sleeps() && reserve.sleeps());
    pool.submit(Offline, 0);
    assert!(both.is_told_to_wake());
    assert!(busy.next().is_ok());
    assert!(both.sleeps());
    pool.submit_all(Offline, 1..9);
    assert!(both.is_told_to_wake() && !reserve.is_told_to_wake());
    assert!(reserve.sleeps());
    assert_eq!(pool.scheduler.assign(Offline), None, "both are awake");
}

#[test]
fn by_default_there_is_a_reserve_of_one() {
    let pool = Pool::new(Options::new(3));
    let seats = |serves| std::iter::from_fn(|| pool.sit(serves)).collect::<Vec<_>>();
    let (both, reserve) = (seats(Serves::BothLanes), seats(Serves::OnlineOnly));
    assert_eq!((both.len(), reserve.len()), (3, 1));
    assert_eq!(reserve[0].seat.index(), 3);
    assert_eq!(pool.scheduler.serves(2), Serves::BothLanes);
    assert_eq!(pool.scheduler.serves(3), Serves::OnlineOnly);
}

/// Lanes of the jobs that two workers take in turn while both lanes always have jobs waiting.
fn flood(share: f64, takes: usize) -> Vec<Lane> {
    let pool = Pool::new(Options::new(2).reserve(0).offline_share(share));
    let mut workers: [Worker; 2] = pool.workers();
    let mut take = |number: usize| {
        for lane in Lane::ALL {
            while pool.scheduler.pending(lane) < 3 {
                pool.submit(lane, 0);
            }
        }
        workers[number % 2].run().expect("both lanes wait").0
    };
    (0..takes).map(&mut take).collect()
}

fn offline(taken: &[Lane]) -> usize {
    taken.iter().filter(|lane| **lane == Offline).count()
}

#[test]
fn by_default_every_sixteenth_job_is_offline() {
    let share = Options::new(2).offline_share;
    for sixteen in flood(share, 1600).chunks(16) {
        assert_eq!(offline(sixteen), 1);
    }
}

#[test]
fn a_share_of_0_or_1_is_strict_priority() {
    assert_eq!(offline(&flood(0.0, 1000)), 0);
    assert_eq!(offline(&flood(1.0, 1000)), 1000);
}

#[test]
fn nothing_is_due_to_offline_after_a_time_when_none_waits() {
    let pool = Pool::new(Options::new(1).offline_share(0.5));
    let [mut worker] = pool.workers();
    let cancelled = pool.submit(Offline, 0);
    pool.submit_all(Online, 1..4);
    assert_eq!(worker.run(), Some((Online, 1)), "an offline one is due next");
    cancelled.store(true, Ordering::Relaxed);
    assert_eq!(worker.run(), Some((Online, 2)));
    pool.submit(Offline, 4);
    assert_eq!(worker.numbers(), [3, 4]);
}

#[test]
fn what_is_due_to_offline_waits_for_a_worker_that_serves_both_lanes() {
    let pool = Pool::new(Options::new(1).reserve(1).offline_share(1.0));
    let ([mut both], [mut reserve]) = (pool.workers(), pool.reserve());
    pool.submit_all(Offline, 0..2);
    pool.submit_all(Online, 2..4);
    assert_eq!(both.next(), Ok((Offline, 0)));
    assert_eq!(reserve.next(), Ok((Online, 2)));
    both.seat.finish(Offline);
    reserve.seat.finish(Online);
    assert_eq!(reserve.next(), Ok((Online, 3)));
    assert_eq!(both.next(), Ok((Offline, 1)));
}

#[test]
fn cancelled_jobs_are_skipped_and_dropped() {
    let pool = Pool::new(Options::new(1));
    let handles: Vec<_> = (0..9).map(|number| pool.submit(Offline, number)).collect();
    for number in [0, 1, 4, 8] {
        handles[number].store(true, Ordering::Relaxed);
    }
    let [mut worker] = pool.workers();
    assert_eq!(worker.numbers(), [2, 3, 5, 6, 7]);
    assert_eq!((pool.scheduler.pending(Offline), pool.inside(Offline)), (0, 0));
}

#[test]
fn there_are_as_many_seats_as_threads() {
    let pool = Pool::new(Options::new(2).reserve(0));
    let [one, other] = pool.workers();
    assert_eq!((one.seat.index(), other.seat.index()), (0, 1));
    assert!(pool.sit(Serves::BothLanes).is_none() && pool.sit(Serves::OnlineOnly).is_none());
    drop(one);
    assert_eq!(pool.sit(Serves::BothLanes).expect("a seat is free").seat.index(), 0);
}

#[test]
fn a_seat_leaves_its_jobs_to_a_sibling() {
    let pool = Pool::new(Options::new(2));
    let [mut leaves, mut stays] = pool.workers();
    assert!(stays.sleeps());
    pool.submit_all(Online, 0..9);
    assert_eq!(stays.run(), Some((Online, 0)));
    assert_eq!(leaves.run(), Some((Online, 5)));
    drop(leaves);
    assert_eq!(stays.numbers(), [1, 2, 3, 4, 7, 8, 6]);
}

#[test]
fn a_seat_leaves_its_jobs_to_the_next_one_there() {
    let pool = Pool::new(Options::new(1));
    pool.submit_all(Offline, 0..9);
    for number in 0..9 {
        let [mut worker] = pool.workers();
        assert_eq!(worker.next(), Ok((Offline, number)), "and the permit came back with the seat");
    }
    assert_eq!(pool.scheduler.pending(Offline), 0);
}

#[test]
#[should_panic(expected = "a job of that lane was taken here")]
fn no_more_offline_jobs_end_than_were_taken() {
    let pool = Pool::new(Options::new(1));
    let [mut worker] = pool.workers();
    worker.seat.finish(Offline);
}

#[test]
fn a_job_wakes_who_fell_asleep_last() {
    let pool = Pool::new(Options::new(3));
    let mut workers: [Worker; 3] = pool.workers();
    assert!(workers.iter_mut().all(Worker::sleeps));
    pool.submit(Online, 0);
    assert_eq!(workers.each_ref().map(Worker::is_told_to_wake), [false, false, true]);
    pool.submit(Online, 1);
    assert_eq!(workers.each_ref().map(Worker::is_told_to_wake), [false, true, true]);
}

#[test]
fn jobs_wake_no_more_workers_than_may_run_them() {
    let pool = Pool::new(Options::new(2).reserve(2));
    let (mut both, mut reserve) = (pool.workers::<2>(), pool.reserve::<2>());
    assert!(both.iter_mut().chain(&mut reserve).all(Worker::sleeps));
    pool.submit_all(Online, []);
    assert_eq!((told(&both).len(), told(&reserve).len()), (0, 0));
    pool.submit_all(Offline, 0..9);
    assert_eq!((told(&both).len(), told(&reserve).len()), (2, 0));
    pool.submit_all(Online, 0..9);
    assert_eq!(told(&reserve).len(), 2);
}

#[test]
fn a_worker_that_finds_work_wakes_another_for_the_rest() {
    let pool = Pool::new(Options::new(3));
    let mut workers: [Worker; 3] = pool.workers();
    pool.submit_all(Online, 0..3);
    assert_eq!(workers[0].run(), Some((Online, 0)));
    assert_eq!(workers[0].numbers(), [1, 2]);
    assert!(workers[1].sleeps() && workers[2].sleeps());
    pool.submit(Online, 3);
    assert!(workers[2].is_told_to_wake() && !workers[1].is_told_to_wake());
    pool.submit_all(Online, 4..6);
    assert!(workers[2].next().is_ok());
    assert!(workers[1].is_told_to_wake());
}

#[test]
fn a_seat_that_was_told_to_wake_passes_it_on_when_it_leaves() {
    let pool = Pool::new(Options::new(2));
    let [mut one, mut other] = pool.workers();
    assert!(one.sleeps() && other.sleeps());
    pool.submit(Online, 0);
    assert!(other.is_told_to_wake() && !one.is_told_to_wake());
    drop(other);
    assert!(one.is_told_to_wake());
}

/// Workers of which each may have several jobs under way. They have this many each, and sleep.
fn busy<const N: usize>(loads: [usize; N]) -> (Pool, [Worker; N]) {
    let pool = Pool::new(Options::new(N).reserve(0).in_order(true));
    let mut workers = pool.workers::<N>();
    for (worker, load) in workers.iter_mut().zip(loads) {
        for _ in 0..load {
            pool.submit(Online, 0);
            worker.next().unwrap();
        }
    }
    assert!(workers.iter_mut().all(Worker::sleeps));
    (pool, workers)
}

fn told(workers: &[Worker]) -> Vec<usize> {
    (0..workers.len()).filter(|&worker| workers[worker].is_told_to_wake()).collect()
}

#[test]
fn a_job_wakes_the_least_busy_and_of_several_who_fell_asleep_last() {
    let (pool, workers) = busy([2, 1, 3, 1, 2]);
    pool.submit(Online, 1);
    assert_eq!(told(&workers), [3]);
    pool.submit(Online, 2);
    assert_eq!(told(&workers), [1, 3]);
}

#[test]
fn a_busy_worker_leaves_a_job_to_a_less_busy_one_and_wakes_it() {
    let (pool, mut workers) = busy([2, 1, 0]);
    let [two, one, none] = &mut workers;
    pool.submit_all(Online, [1]);
    assert!(none.is_told_to_wake());
    // Woken by something else, before the one that was told looks.
    assert!(matches!(two.seat.take(), Take::Later));
    assert!(matches!(one.seat.take(), Take::Later));
    assert_eq!(none.next(), Ok((Online, 1)));
    // Now there are two, one and one.
    pool.submit_all(Online, [2, 3]);
    assert!(two.is_told_to_wake() && one.is_told_to_wake());
    assert!(matches!(two.seat.take(), Take::Later));
    assert_eq!(none.next(), Ok((Online, 2)));
    assert!(matches!(none.seat.take(), Take::Later));
    assert_eq!(one.next(), Ok((Online, 3)));
    assert!(none.sleeps() && one.sleeps() && two.sleeps());
}

#[test]
fn a_busy_worker_takes_a_job_that_a_less_busy_one_does_not_come_for() {
    let (pool, [mut two, one]) = busy([2, 1]);
    pool.submit_all(Online, [1, 2]);
    assert!(one.is_told_to_wake());
    assert!(matches!(two.seat.take(), Take::Later));
    assert!(matches!(two.seat.take(), Take::Later), "another look is no reason");
    assert!(matches!(two.seat.take_regardless(), Take::Job(Online, Item { number: 1, .. })));
    assert_eq!(two.next(), Ok((Online, 2)), "who did not come is not waited for again");
}

#[test]
fn an_offline_job_is_not_left_to_the_reserve() {
    let pool = Pool::new(Options::new(1).reserve(1));
    let ([mut busy], [mut reserve]) = (pool.workers(), pool.reserve());
    assert!(reserve.sleeps());
    pool.submit_all(Offline, 1..3);
    assert_eq!(busy.next(), Ok((Offline, 1)));
    assert_eq!(busy.next(), Ok((Offline, 2)));
    assert!(!reserve.is_told_to_wake());
    pool.submit(Online, 3);
    assert!(matches!(busy.seat.take(), Take::Later), "an online job is");
    assert!(reserve.is_told_to_wake());
}

#[test]
fn a_job_for_one_worker_is_given_to_the_least_busy_that_sleeps() {
    let (pool, mut workers) = busy([1, 0, 2]);
    assert_eq!(pool.scheduler.assign(Online), Some(1));
    workers[1].seat.accept(Online);
    assert!(workers[1].sleeps());
    assert_eq!(pool.scheduler.assign(Online), Some(1));
    assert_eq!(pool.scheduler.assign(Online), Some(0), "the other one is awake");
    assert_eq!(pool.scheduler.assign(Online), Some(2));
    assert_eq!(pool.scheduler.assign(Online), None);
}

#[test]
fn a_job_for_one_worker_obeys_the_policy_of_its_lane() {
    let pool = Pool::new(Options::new(1).reserve(1));
    let ([mut both], [mut reserve]) = (pool.workers(), pool.reserve());
    assert!(both.sleeps() && reserve.sleeps());
    assert_eq!(pool.scheduler.assign(Offline), Some(0));
    both.seat.accept(Offline);
    assert_eq!(pool.scheduler.assign(Offline), None, "the reserve takes none");
    both.seat.finish(Offline);
    assert!(both.sleeps());
    pool.submit(Online, 1);
    assert_eq!(pool.scheduler.assign(Offline), None, "an online job waits");
    assert!(pool.scheduler.assign(Online).is_some());
}

#[test]
fn a_job_for_one_worker_that_is_awake_overtakes_nobody() {
    let pool = Pool::new(Options::new(1).reserve(2));
    let [mut worker] = pool.workers();
    assert_eq!(pool.scheduler.assign_awake(Online), Some(0));
    assert_eq!(pool.scheduler.assign_awake(Offline), Some(0));
    pool.submit(Offline, 1);
    assert_eq!(pool.scheduler.assign_awake(Offline), None, "another one waits");
    assert_eq!(pool.scheduler.assign_awake(Online), Some(0), "no other online job waits");
    pool.submit_all(Online, [2, 3]);
    assert_eq!(pool.scheduler.assign_awake(Online), Some(2));
    assert_eq!(worker.next(), Ok((Online, 2)));
}

#[test]
fn a_closed_scheduler_gives_jobs_back_and_runs_those_that_wait() {
    let pool = Pool::new(Options::new(2));
    let [mut one, mut other] = pool.workers();
    assert!(one.sleeps());
    pool.submit_all(Online, 0..2);
    pool.scheduler.close();
    let Err(Closed(item)) = pool.scheduler.submit(Offline, pool.item(Offline, 2)) else {
        panic!("it is closed")
    };
    assert_eq!(item.number, 2);
    let late = vec![pool.item(Online, 3), pool.item(Online, 4)];
    let refused = pool.scheduler.submit_all(Online, late);
    let Err(Closed(items)) = refused else { panic!("it is closed") };
    assert_eq!(items.len(), 2);

    assert_eq!(other.run(), Some((Online, 0)));
    assert!(one.is_told_to_wake(), "for the other job");
    assert_eq!(other.run(), Some((Online, 1)));
    assert_eq!((one.next(), other.next()), (Err(false), Err(false)));
    assert_eq!(one.next(), Err(false), "however often it asks");
}

#[test]
fn the_last_job_of_a_closed_scheduler_tells_all_sleepers_to_leave() {
    let pool = Pool::new(Options::new(2).reserve(1));
    let ([mut one, mut other], [mut reserve]) = (pool.workers(), pool.reserve());
    pool.submit_all(Offline, 0..3);
    assert!(one.next().is_ok() && other.next().is_ok());
    pool.scheduler.close();
    assert!(reserve.sleeps(), "a job still waits");
    one.seat.finish(Offline);
    assert!(!reserve.is_told_to_wake());
    assert_eq!(one.next(), Ok((Offline, 1)));
    assert!(reserve.is_told_to_wake());
    assert_eq!(reserve.next(), Err(false));
}

#[test]
fn what_waits_is_drained_from_every_queue() {
    let pool = Pool::new(Options::new(2).reserve(0));
    let [mut one, mut other] = pool.workers();
    pool.submit_all(Online, 0..9);
    pool.submit_all(Offline, 9..18);
    assert!(one.run().is_some() && other.run().is_some());
    drop(one);
    pool.submit(Offline, 18).store(true, Ordering::Relaxed);
    let mut drained: Vec<_> =
        pool.scheduler.drain().into_iter().map(|(lane, item)| (lane, item.number)).collect();
    drained.sort_by_key(|&(_, number)| number);
    let online = [1, 2, 3, 4, 6, 7, 8].map(|number| (Online, number));
    assert_eq!(
        drained,
        [&online[..], &std::array::from_fn::<_, 9, _>(|n| (Offline, n + 9))].concat()
    );
    assert_eq!((pool.scheduler.pending(Online), pool.scheduler.pending(Offline)), (0, 0));
    assert!(other.sleeps());
}

#[test]
fn draining_a_closed_scheduler_tells_all_sleepers_to_leave() {
    let pool = Pool::new(Options::new(1).reserve(1));
    let ([mut busy], [mut sleeper]) = (pool.workers(), pool.reserve());
    pool.submit_all(Offline, 0..2);
    assert!(busy.next().is_ok());
    assert!(sleeper.sleeps());
    pool.scheduler.close();
    assert!(!sleeper.is_told_to_wake());
    assert_eq!(pool.scheduler.drain().len(), 1);
    assert!(sleeper.is_told_to_wake());
    assert_eq!(sleeper.next(), Err(false));
}

#[test]
fn options_are_refused_by_name() {
    let refused = |options| match Scheduler::<Item>::new(options) {
        Ok(_) => panic!("{options:?} is no good"),
        Err(error) => (error.clone(), error.to_string()),
    };
    assert_eq!(
        refused(Options::new(0)),
        (Error::Threads { given: 0 }, "`threads` must be 1 or more, got 0".to_owned())
    );
    for share in [-0.1, 1.1, f64::INFINITY] {
        let (error, message) = refused(Options::new(1).offline_share(share));
        assert_eq!(error, Error::OfflineShare { given: share });
        assert_eq!(message, format!("`offlineShare` must be a number from 0 to 1, got {share}"));
    }
    let (error, _) = refused(Options::new(1).offline_share(f64::NAN));
    assert!(matches!(error, Error::OfflineShare { given } if given.is_nan()));
}

/// One use of the scheduler. Positions are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Submit(Lane, usize),
    Cancel(usize),
    Sit(Serves),
    Leave(usize),
    Take(usize),
    Finish(usize),
    Close,
}

fn steps() -> impl Strategy<Value = Step> {
    let lanes = prop_oneof![Just(Online), Just(Offline)];
    prop_oneof![
        20 => (lanes, 1..6_usize).prop_map(|(lane, jobs)| Step::Submit(lane, jobs)),
        5 => any::<usize>().prop_map(Step::Cancel),
        7 => Just(Step::Sit(Serves::BothLanes)),
        4 => Just(Step::Sit(Serves::OnlineOnly)),
        3 => any::<usize>().prop_map(Step::Leave),
        40 => any::<usize>().prop_map(Step::Take),
        30 => any::<usize>().prop_map(Step::Finish),
        1 => Just(Step::Close),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Waits,
    Cancelled,
    Taken,
    Refused,
}

struct Known {
    lane: Lane,
    state: State,
    cancel: Arc<AtomicBool>,
}

struct Sitting {
    worker: Worker,
    serves: Serves,
    /// The lanes of the jobs that it runs.
    running: Vec<Lane>,
    sleeps: bool,
}

/// What has to hold, told by plain lists of all jobs and workers.
struct Model {
    pool: Pool,
    offline_first: bool,
    jobs: Vec<Known>,
    workers: Vec<Sitting>,
    closed: bool,
}

impl Model {
    fn new(threads: usize, reserve: usize, offline_first: bool) -> Self {
        let share = f64::from(u8::from(offline_first));
        let options = Options::new(threads).reserve(reserve).offline_share(share);
        Self {
            pool: Pool::new(options),
            offline_first,
            jobs: Vec::new(),
            workers: Vec::new(),
            closed: false,
        }
    }

    fn wait(&self, lane: Lane) -> bool {
        self.jobs.iter().any(|job| job.lane == lane && job.state == State::Waits)
    }

    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        let workers = self.workers.len().max(1);
        let worker = |which: usize| which % workers;
        match step {
            Step::Submit(lane, jobs) => {
                let first = self.jobs.len();
                let items: Vec<_> =
                    (first..first + jobs).map(|number| self.pool.item(lane, number)).collect();
                let state = if self.closed { State::Refused } else { State::Waits };
                let known = |item: &Item| Known { lane, state, cancel: item.cancelled.clone() };
                self.jobs.extend(items.iter().map(known));
                let result = self.pool.scheduler.submit_all(lane, items);
                prop_assert_eq!(result.is_err(), self.closed);
            }
            Step::Cancel(which) if !self.jobs.is_empty() => {
                let which = which % self.jobs.len();
                let job = &mut self.jobs[which];
                job.cancel.store(true, Ordering::Relaxed);
                if job.state == State::Waits {
                    job.state = State::Cancelled;
                }
            }
            Step::Sit(serves) => {
                if let Some(worker) = self.pool.sit(serves) {
                    self.workers.push(Sitting {
                        worker,
                        serves,
                        running: Vec::new(),
                        sleeps: false,
                    });
                }
            }
            Step::Leave(which) if !self.workers.is_empty() => {
                self.workers.swap_remove(worker(which));
            }
            Step::Take(which) if !self.workers.is_empty() => {
                let which = worker(which);
                let (mut next, is_later) = self.workers[which].worker.look();
                if is_later {
                    let load = self.workers[which].running.len();
                    // Whoever takes next finds a cancelled job only when it takes it.
                    let lane = if self.pool.inside(Online) > 0 { Online } else { Offline };
                    let is_less_busy = |other: &Sitting| {
                        other.sleeps && other.running.len() < load && other.serves.lane(lane)
                    };
                    prop_assert!(self.workers.iter().any(is_less_busy));
                    next = Worker::told(self.workers[which].worker.seat.take_regardless());
                }
                self.took(which, next)?;
            }
            Step::Finish(which) if !self.workers.is_empty() => {
                let sitting = &mut self.workers[worker(which)];
                if let Some(lane) = sitting.running.pop() {
                    sitting.worker.seat.finish(lane);
                }
            }
            Step::Close => {
                self.pool.scheduler.close();
                self.closed = true;
            }
            _ => {}
        }
        self.check()
    }

    fn took(
        &mut self,
        which: usize,
        next: Result<(Lane, usize), bool>,
    ) -> Result<(), TestCaseError> {
        let Sitting { serves, .. } = self.workers[which];
        let offline_may_run = self.wait(Offline) && serves == Serves::BothLanes;
        let online_waits = self.wait(Online);
        self.workers[which].sleeps = false;
        match next {
            Ok((lane, number)) => {
                prop_assert_eq!(self.jobs[number].lane, lane);
                prop_assert_eq!(self.jobs[number].state, State::Waits);
                match lane {
                    Offline => {
                        prop_assert!(offline_may_run);
                        prop_assert!(self.offline_first || !online_waits);
                    }
                    Online => prop_assert!(!self.offline_first || !offline_may_run),
                }
                self.jobs[number].state = State::Taken;
                self.workers[which].running.push(lane);
            }
            Err(sleep) => {
                prop_assert!(!online_waits && !offline_may_run);
                if sleep {
                    self.workers[which].sleeps = true;
                } else {
                    prop_assert!(self.closed && !self.wait(Offline));
                }
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for lane in Lane::ALL {
            prop_assert_eq!(self.pool.scheduler.pending(lane), self.pool.inside(lane));
        }
        let sleepers = || self.workers.iter().filter(|sitting| sitting.sleeps);
        let is_told = |sitting: &Sitting| sitting.worker.is_told_to_wake();
        for lane in Lane::ALL.into_iter().filter(|&lane| self.wait(lane)) {
            let serving = || sleepers().filter(|sleeper| sleeper.serves.lane(lane));
            prop_assert!(
                serving().next().is_none() || serving().any(is_told),
                "workers sleep that serve the lane of a job, and none was told"
            );
        }
        let nothing_inside = Lane::ALL.iter().all(|&lane| self.pool.inside(lane) == 0);
        if self.closed && nothing_inside {
            prop_assert!(sleepers().all(is_told), "nobody sleeps on when all is over");
        }
        Ok(())
    }

    /// Runs all that waits.
    fn end(&mut self) -> Result<(), TestCaseError> {
        self.step(Step::Sit(Serves::BothLanes))?;
        self.step(Step::Close)?;
        while self.wait(Online) || self.wait(Offline) {
            for worker in 0..self.workers.len() {
                while !self.workers[worker].running.is_empty() {
                    self.step(Step::Finish(worker))?;
                }
                self.step(Step::Take(worker))?;
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn every_run_of_jobs_has_its_share_and_hardly_more(share in 0.0..=1.0) {
        let taken = flood(share, 150);
        let before: Vec<_> = (0..=taken.len()).map(|to| offline(&taken[..to])).collect();
        for from in 0..taken.len() {
            for to in from + 1..=taken.len() {
                let (n, offline) = ((to - from) as f64, (before[to] - before[from]) as f64);
                prop_assert!(offline >= (n * share).floor());
                prop_assert!(offline <= n * share + 1.000_001);
            }
        }
    }

    /// Each told worker takes until it has to sleep; which of them is next is arbitrary.
    #[test]
    fn jobs_that_take_long_are_spread_evenly(
        threads in 1..6_usize,
        jobs in prop::collection::vec(1..9_usize, 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 400),
    ) {
        let pool = Pool::new(Options::new(threads).reserve(0).in_order(true));
        let mut workers: Vec<_> = (0..threads)
            .map(|_| (pool.sit(Serves::BothLanes).unwrap(), 0))
            .collect();
        for (worker, _) in &mut workers {
            prop_assert!(worker.sleeps());
        }
        let mut order = order.into_iter();
        for number in jobs {
            pool.submit_all(Online, 0..number);
            loop {
                let told: Vec<_> = (0..threads).filter(|&at| workers[at].0.is_told_to_wake()).collect();
                if told.is_empty() {
                    break;
                }
                let next = order.next().map_or(0, |index| index.index(told.len()));
                let (worker, load) = &mut workers[told[next]];
                while worker.next().is_ok() {
                    *load += 1;
                }
            }
            prop_assert_eq!(pool.inside(Online), 0, "every job was taken, without a second look");
            let loads = workers.iter().map(|(_, load)| *load);
            prop_assert!(loads.clone().max().unwrap() - loads.min().unwrap() <= 1);
        }
    }

    #[test]
    fn the_rules_hold_under_any_use(
        (threads, reserve) in (1..5_usize, 0..3_usize),
        offline_first in any::<bool>(),
        steps in prop::collection::vec(steps(), 1..200),
    ) {
        let mut model = Model::new(threads, reserve, offline_first);
        for step in steps {
            model.step(step)?;
        }
        model.end()?;
        for job in &model.jobs {
            prop_assert!(job.state != State::Waits);
        }
    }
}
