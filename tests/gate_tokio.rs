//! The gate under tokio's multi-threaded runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use p_lanes::limiter::{Cleared, Gate, Lane, NotAcquired, Options, Outcome};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinSet, yield_now};

/// What holds slots at this moment, and what it came to at the most.
#[derive(Default)]
struct Held {
    now: AtomicU64,
    most: AtomicU64,
}

impl Held {
    fn hold(&self) -> impl Drop + '_ {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Holding(self)
    }

    fn most(&self) -> u64 {
        self.most.load(Ordering::SeqCst)
    }
}

/// Lets go however its task ends.
struct Holding<'a>(&'a Held);

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

fn gate(concurrency: u64) -> Gate {
    Gate::new(Options::new(concurrency).reserve(0)).unwrap()
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn caps_hold_at_every_moment() {
    let gate = Gate::new(Options::new(5).reserve(2)).unwrap();
    let (all, offline) = (Arc::new(Held::default()), Arc::new(Held::default()));
    let mut tasks = JoinSet::new();
    for task in 0..64 {
        let (gate, all, offline) = (gate.clone(), all.clone(), offline.clone());
        let lane = Lane::ALL[task % 2];
        tasks.spawn(async move {
            for _ in 0..100 {
                let _guard = gate.acquire(lane).await.unwrap();
                let _one_of_all = all.hold();
                let _one_of_offline = (lane == Lane::Offline).then(|| offline.hold());
                yield_now().await;
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    assert!(all.most() <= 5, "{}", all.most());
    assert!(offline.most() <= 3, "offline leaves the reserve, got {}", offline.most());
    let stats = gate.stats();
    assert_eq!((stats.online.settled, stats.offline.settled), (3_200, 3_200));
    assert_eq!((stats.online.active, stats.offline.active), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slots_are_handed_over_in_order() {
    let gate = gate(1);
    let (report, mut order) = mpsc::unbounded_channel();
    let guard = gate.acquire(Lane::Online).await.unwrap();
    for lane in [Lane::Offline, Lane::Online] {
        for number in 0..12 {
            let before = gate.pending(lane);
            let (waiter, report) = (gate.clone(), report.clone());
            tokio::spawn(async move {
                let _guard = waiter.acquire(lane).await.unwrap();
                report.send((lane, number)).unwrap();
            });
            until(|| gate.pending(lane) > before).await;
        }
    }
    drop((report, guard));

    let online = (0..12).map(|number| (Lane::Online, number));
    let offline = (0..12).map(|number| (Lane::Offline, number));
    for expected in online.chain(offline) {
        assert_eq!(order.recv().await, Some(expected));
    }
    assert_eq!(order.recv().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_guard_moves_across_tasks() {
    let gate = gate(1);
    let guard = gate.acquire(Lane::Online).await.unwrap();
    let (send, receive) = oneshot::channel();
    let work = tokio::spawn(async move {
        let guard: p_lanes::limiter::Guard = receive.await.unwrap();
        tokio::task::spawn_blocking(move || guard.settle(Outcome::Rejected)).await.unwrap();
    });
    send.send(guard).unwrap();
    let next = gate.acquire(Lane::Online).await.unwrap();
    work.await.unwrap();
    drop(next);
    let online = gate.stats().online;
    assert_eq!((online.settled, online.rejected), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn aborted_tasks_give_up_place_or_slot() {
    let gate = gate(2);
    for round in 0..300 {
        let guards = [Lane::Online; 2].map(|lane| gate.try_acquire(lane).unwrap());
        let mut tasks = Vec::new();
        for task in 0..8 {
            let gate = gate.clone();
            tasks.push(tokio::spawn(async move {
                let _guard = gate.acquire(Lane::ALL[task % 2]).await.unwrap();
                yield_now().await;
            }));
        }
        if round % 2 == 0 {
            until(|| gate.pending(Lane::Online) + gate.pending(Lane::Offline) == 8).await;
        }
        // While the slots are handed over: some are pending, some granted and not polled, some run.
        let aborting = tokio::spawn(async move {
            tasks.iter().step_by(2).for_each(|task| task.abort());
            for task in tasks {
                let _ = task.await;
            }
        });
        drop(guards);
        aborting.await.unwrap();
        for lane in Lane::ALL {
            assert_eq!((gate.active(lane), gate.pending(lane)), (0, 0), "round {round}");
        }
    }
}

#[tokio::test]
async fn select_gives_up_the_place_of_the_branch_that_lost() {
    let gate = gate(1);
    let guard = gate.acquire(Lane::Online).await.unwrap();
    tokio::select! {
        biased;
        _ = gate.acquire(Lane::Online) => unreachable!("the slot is taken"),
        () = yield_now() => {}
    }
    assert_eq!(gate.pending(Lane::Online), 0);
    drop(guard);
    assert!(gate.try_acquire(Lane::Online).is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clear_ends_every_wait() {
    let gate = gate(1);
    let guard = gate.acquire(Lane::Online).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let gate = gate.clone();
        tasks.spawn(async move { gate.acquire(Lane::Offline).await.map(drop) });
    }
    until(|| gate.pending(Lane::Offline) == 100).await;
    assert_eq!(gate.clear(Lane::Offline), 100);
    while let Some(result) = tasks.join_next().await {
        assert!(matches!(
            result.unwrap(),
            Err(NotAcquired::Cleared(Cleared { lane: Lane::Offline, .. }))
        ));
    }
    drop(guard);
    drop(gate.acquire(Lane::Offline).await.unwrap());
}

/// Everything at once: both lanes, aborts, clears, a concurrency that goes up and down.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_under_stress() {
    const MOST: u64 = 9;
    let gate = gate(MOST);
    let held = Arc::new(Held::default());
    let mut tasks = JoinSet::new();
    for task in 0..4_000_u64 {
        let lane = if task % 3 == 0 { Lane::Online } else { Lane::Offline };
        let (waiter, held) = (gate.clone(), held.clone());
        let handle = tasks.spawn(async move {
            let Ok(guard) = waiter.acquire(lane).await else { return };
            let holding = held.hold();
            yield_now().await;
            drop(holding);
            guard.settle(if task % 5 == 0 { Outcome::Rejected } else { Outcome::Fulfilled });
        });
        if task % 7 == 0 {
            yield_now().await;
            handle.abort();
        }
        if task % 20 == 0 {
            gate.set_concurrency(1 + task % MOST).unwrap();
        }
        if task % 500 == 0 {
            gate.clear(lane);
        }
    }
    while let Some(task) = tasks.join_next().await {
        assert!(task.is_ok() || task.is_err_and(|error| error.is_cancelled()), "a task panicked");
    }
    assert!(held.most() <= MOST, "{}", held.most());
    let stats = gate.stats();
    for lane in [stats.online, stats.offline] {
        assert_eq!((lane.active, lane.pending), (0, 0));
        assert_eq!(lane.granted, lane.settled);
    }
    let all: Vec<_> = std::iter::from_fn(|| gate.try_acquire(Lane::Online)).collect();
    assert_eq!(all.len() as u64, gate.concurrency(), "every slot is there again");
}
