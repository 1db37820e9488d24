//! Gates whose tasks wait for time: the rate, and pauses that end by themselves.

use std::time::{Duration, Instant};

use p_lanes::clock::{FakeClock, MonotonicClock};
use p_lanes::limiter::{Acquire, Gate, Guard, Lane, NotAcquired, Options, Rate, Request};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, yield_now};

const LONG: Duration = Duration::from_secs(3_600);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn gate(options: Options) -> Gate {
    Gate::new(options).unwrap()
}

/// A rate whose next token nobody lives to see, after so many at once.
fn only(burst: u64) -> Rate {
    Rate::new(1, LONG).burst(burst)
}

type Waiting<C> = JoinHandle<Result<Guard<C>, NotAcquired>>;

async fn waiting<C>(acquire: Acquire<C>, is_there: impl Fn() -> bool) -> Waiting<C>
where
    C: p_lanes::clock::Clock + Send + 'static,
{
    let task = tokio::spawn(acquire);
    while !is_there() {
        yield_now().await;
    }
    task
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rate_is_kept_by_all_tasks_together() {
    let rate = Rate::new(1_000, millis(1_000)).burst(4);
    let gate = gate(Options::new(100).reserve(1).rate(rate));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for task in 0..100 {
        let gate = gate.clone();
        tasks.spawn(async move {
            let _guard = gate.acquire(Lane::ALL[task % 2]).await.unwrap();
            Instant::now()
        });
    }
    let mut started = Vec::new();
    while let Some(at) = tasks.join_next().await {
        started.push(at.unwrap());
    }
    assert!(begun.elapsed() >= millis(96));
    started.sort();
    // A task may run later than it was let in, and never sooner.
    for (number, at) in started.iter().enumerate() {
        let number = u64::try_from(number).unwrap();
        assert!(*at >= begun + millis(number.saturating_sub(3)));
    }
    let stats = gate.stats();
    assert_eq!(stats.online.granted + stats.offline.granted, 100);
    assert!(stats.online.rate_wait.count + stats.offline.rate_wait.count >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_go_to_online_first_and_in_order() {
    let gate = gate(Options::new(100).reserve(1).rate(Rate::new(1_000, millis(1_000))));
    let (report, mut order) = mpsc::unbounded_channel();
    gate.pause();
    for lane in [Lane::Offline, Lane::Online] {
        for number in 0..10 {
            let before = gate.pending(lane);
            let (waiter, report) = (gate.clone(), report.clone());
            tokio::spawn(async move {
                let guard = waiter.acquire(lane).await.unwrap();
                report.send((lane, number, guard.slot())).unwrap();
                std::mem::forget(guard); // so that the slots tell the order
            });
            while gate.pending(lane) == before {
                yield_now().await;
            }
        }
    }
    drop(report);
    gate.resume();
    let mut started = Vec::new();
    while let Some(one) = order.recv().await {
        started.push(one);
    }
    started.sort_by_key(|one| one.2);
    let lanes = started.iter().map(|&(lane, number, _)| (lane, number));
    let online = (0..10).map(|number| (Lane::Online, number));
    assert!(lanes.eq(online.chain((0..10).map(|number| (Lane::Offline, number)))));
}

#[tokio::test]
async fn a_pause_for_a_time_ends_by_itself() {
    let gate = gate(Options::new(2).reserve(1));
    let paused = Instant::now();
    gate.pause_for(millis(30));
    gate.pause_for(millis(10));
    assert!(gate.try_acquire(Lane::Online).is_none());
    let guard = gate.acquire(Lane::Online).await.unwrap();
    assert!(paused.elapsed() >= millis(30));
    assert!(!gate.is_paused());
    drop(guard);
}

#[tokio::test]
async fn a_pause_for_a_time_leaves_a_held_one() {
    let gate = gate(Options::new(2).reserve(1));
    gate.pause();
    gate.pause_for(LONG);
    let task = waiting(gate.acquire(Lane::Online), || gate.pending(Lane::Online) == 1).await;
    gate.resume_held();
    assert!(gate.is_paused());
    assert_eq!(gate.pending(Lane::Online), 1);
    gate.resume();
    assert!(task.await.unwrap().is_ok());
}

#[tokio::test]
async fn what_comes_while_another_waits_for_long_is_woken_in_its_time() {
    let gate = gate(Options::new(2).reserve(1).rate(Rate::new(100, millis(1_000))));
    gate.pause_for(LONG);
    let task = waiting(gate.acquire(Lane::Online), || gate.pending(Lane::Online) == 1).await;
    // The alarm is set for an hour from now; the end of the pause and a token are sooner.
    gate.resume();
    assert!(task.await.unwrap().is_ok());
    drop(gate.acquire(Lane::Online).await.unwrap());
}

#[tokio::test]
async fn who_gives_up_leaves_the_tokens_to_who_is_next() {
    let gate = gate(Options::new(9).reserve(1).rate(only(5)));
    drop(gate.acquire(Request::new(Lane::Online).cost(4)).await.unwrap());
    let dear = Request::new(Lane::Online).cost(2);
    let dear = waiting(gate.acquire(dear), || gate.pending(Lane::Online) == 1).await;
    let cheap = waiting(gate.acquire(Lane::Online), || gate.pending(Lane::Online) == 2).await;
    dear.abort();
    assert!(cheap.await.unwrap().is_ok());
    assert!(dear.await.unwrap_err().is_cancelled());
    let rate = gate.stats().rate.unwrap();
    assert!(rate.available < 0.1, "an hour for a token: {rate:?}");
    assert_eq!((rate.limit, rate.interval, rate.burst), (1, LONG, 5));
}

#[tokio::test]
async fn who_waits_for_tokens_is_cleared() {
    let gate = gate(Options::new(9).reserve(1).rate(only(1)));
    drop(gate.try_acquire(Lane::Online).unwrap());
    let task = waiting(gate.acquire(Lane::Online), || gate.pending(Lane::Online) == 1).await;
    assert_eq!(gate.clear(Lane::Online), 1);
    assert!(matches!(task.await.unwrap(), Err(NotAcquired::Cleared(_))));
}

#[tokio::test]
async fn a_slot_that_is_given_back_lets_the_next_wait_for_its_token() {
    let gate = gate(Options::new(1).rate(Rate::new(100, millis(1_000))));
    let begun = Instant::now();
    let guard = gate.acquire(Lane::Online).await.unwrap();
    let task = waiting(gate.acquire(Lane::Online), || gate.pending(Lane::Online) == 1).await;
    drop(guard);
    let guard = task.await.unwrap().unwrap();
    assert!(begun.elapsed() >= millis(10));
    drop(guard);
}

#[tokio::test]
async fn gates_on_a_clock_of_the_callers_look_when_they_are_told() {
    let clock = FakeClock::default();
    let options = Options::new(9).reserve(1).rate(Rate::new(10, millis(1_000)));
    let gate = Gate::with_clock(options, clock.clone()).unwrap();
    drop(gate.try_acquire(Lane::Online).unwrap());
    let is_there = |count| move |gate: &Gate<FakeClock>| gate.pending(Lane::Online) == count;
    let first = waiting(gate.acquire(Lane::Online), || is_there(1)(&gate)).await;
    let second = waiting(gate.acquire(Lane::Online), || is_there(2)(&gate)).await;
    clock.advance(millis(99));
    assert_eq!(gate.grant_due(), 0);
    clock.advance(millis(101));
    assert_eq!(gate.grant_due(), 1, "without a burst, what was late is not made up for");
    drop(first.await.unwrap().unwrap());
    gate.pause_for(millis(500));
    clock.advance(millis(499));
    assert_eq!(gate.grant_due(), 0);
    clock.advance(millis(1));
    assert_eq!(gate.grant_due(), 1);
    drop(second.await.unwrap().unwrap());
    assert_eq!(gate.grant_due(), 0);
}

/// Many gates, aborts, clears and pauses at once: no task is left behind.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_forgotten_under_stress() {
    let rate = Rate::new(20_000, millis(1_000)).burst(3);
    let gates: Vec<Gate<MonotonicClock>> =
        (0..8).map(|number| gate(Options::new(1 + number % 3).rate(rate))).collect();
    let mut tasks = JoinSet::new();
    for task in 0..2_000_u32 {
        let gate = gates[task as usize % gates.len()].clone();
        let request = Request::new(Lane::ALL[task as usize % 3 % 2]).cost(task % 4);
        let waiter = gate.clone();
        let handle = tasks.spawn(async move {
            let Ok(_guard) = waiter.acquire(request).await else { return };
            yield_now().await;
        });
        match task % 50 {
            7 | 23 => {
                yield_now().await;
                handle.abort();
            }
            11 => gate.pause_for(millis(2)),
            31 => {
                gate.pause();
                yield_now().await;
                gate.resume_held();
            }
            43 => {
                gate.clear(Lane::Offline);
            }
            _ => {}
        }
    }
    while let Some(task) = tasks.join_next().await {
        assert!(task.is_ok() || task.is_err_and(|error| error.is_cancelled()), "a task panicked");
    }
    for gate in gates {
        for lane in Lane::ALL {
            assert_eq!((gate.active(lane), gate.pending(lane)), (0, 0));
        }
    }
}
