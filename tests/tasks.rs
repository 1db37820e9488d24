//! Limited tasks under tokio: spawned, in sets, as streams, and waits that are given up.

#![cfg(feature = "tokio")]

use std::future::pending;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use futures_core::Stream;
use p_lanes::limiter::tasks::{LimitIteratorExt, LimitStreamExt, LimitedSet, TaskError};
use p_lanes::limiter::{Gate, Lane, NotAcquired, Options, Outcome, Refused, Request};
use tokio::sync::{Barrier, mpsc, oneshot};
use tokio::task::yield_now;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_secs(3_600);

fn gate(concurrency: u64) -> Gate {
    Gate::new(Options::new(concurrency).reserve(0)).unwrap()
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        yield_now().await;
    }
}

/// Nothing runs and nothing waits, every slot is there again, and every unit was counted once.
fn assert_idle(gate: &Gate) {
    let stats = gate.stats();
    for lane in [&stats.online, &stats.offline] {
        assert_eq!((lane.active, lane.pending), (0, 0));
        assert_eq!(lane.granted, lane.settled);
    }
    let all: Vec<_> = std::iter::from_fn(|| gate.try_acquire(Lane::Online)).collect();
    assert_eq!(all.len() as u64, gate.concurrency());
}

/// Counts how many were there at once.
#[derive(Clone, Default)]
struct Crowd(Arc<[AtomicUsize; 2]>);

impl Crowd {
    async fn join(self) {
        let now = self.0[0].fetch_add(1, Ordering::SeqCst) + 1;
        self.0[1].fetch_max(now, Ordering::SeqCst);
        yield_now().await;
        self.0[0].fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn spawned_tasks_start_in_the_order_of_the_calls() {
    let gate = gate(1);
    let (report, mut order) = mpsc::unbounded_channel();
    let busy = gate.acquire(Lane::Online).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let report = report.clone();
            gate.spawn(Lane::Offline, async move { report.send(number).unwrap() })
        })
        .collect();
    assert_eq!(gate.pending(Lane::Offline), 100, "no task has been polled yet, or needs to be");
    drop(busy);
    for task in tasks {
        task.await.unwrap();
    }
    for number in 0..100 {
        assert_eq!(order.recv().await, Some(number));
    }
    assert_idle(&gate);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cap_holds_for_tasks_of_all_kinds() {
    let gate = gate(3);
    let crowd = Crowd::default();
    let mut set = LimitedSet::new(&gate);
    for number in 0..100 {
        set.spawn(Lane::ALL[number % 2], crowd.clone().join());
    }
    let spawned: Vec<_> =
        (0..100).map(|_| gate.spawn(Lane::Offline, crowd.clone().join())).collect();
    let mapped = (0..100).map_limited(&gate, Lane::Offline, |_| crowd.clone().join());
    let unordered = (0..100).map_limited_unordered(&gate, Lane::Online, |_| crowd.clone().join());
    let (all, mapped, unordered) =
        tokio::join!(set.try_join_all(), mapped.try_collect(), unordered.try_collect());
    assert_eq!([all.unwrap().len(), mapped.unwrap().len(), unordered.unwrap().len()], [100; 3]);
    for task in spawned {
        task.await.unwrap();
    }
    assert!(crowd.most() <= 3, "{}", crowd.most());
    assert_idle(&gate);
}

#[tokio::test]
async fn a_panic_settles_the_slot_as_rejected() {
    let gate = gate(1);
    let task = gate.spawn(Lane::Online, async { panic!("a panic on purpose") });
    let error = task.await.map(|(): ()| ()).unwrap_err();
    assert!(error.is_panic() && !error.is_cancelled());

    let thread = gate.spawn_blocking(Lane::Online, || panic!("a panic on purpose"));
    assert!(thread.await.map(|(): ()| ()).unwrap_err().is_panic());

    let guarded = gate.clone();
    let guard = tokio::spawn(async move {
        let _guard = guarded.acquire(Lane::Online).await.unwrap();
        panic!("a panic on purpose");
    });
    assert!(guard.await.unwrap_err().is_panic());
    assert_eq!(gate.stats().online.rejected, 3);
    assert_idle(&gate);
}

#[tokio::test]
async fn an_aborted_task_gives_up_its_place_or_its_slot() {
    let gate = gate(1);
    let runs = gate.spawn(Lane::Online, pending::<()>());
    let waits = gate.spawn(Lane::Online, async {});
    let last = gate.spawn(Lane::Online, async { 3 });
    yield_now().await;
    waits.abort();
    assert!(waits.await.unwrap_err().is_cancelled());
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 1));
    runs.abort_handle().abort();
    assert_eq!(last.await.unwrap(), 3);
    assert!(runs.is_finished());
    let online = gate.stats().online;
    assert_eq!((online.rejected, online.aborted), (1, 1));
    assert_idle(&gate);
}

#[tokio::test]
async fn a_handle_that_is_dropped_leaves_its_task() {
    let gate = gate(1);
    let (send, receive) = oneshot::channel();
    drop(gate.spawn(Lane::Online, async { send.send(()).unwrap() }));
    receive.await.unwrap();
    until(|| gate.active(Lane::Online) == 0).await;
    assert_idle(&gate);
}

#[tokio::test]
async fn work_is_dropped_before_its_slot_is_free() {
    struct Asks(Gate);

    impl Drop for Asks {
        fn drop(&mut self) {
            assert!(self.0.try_acquire(Lane::Online).is_none(), "the slot is still taken");
        }
    }

    let gate = gate(1);
    let asks = Asks(gate.clone());
    let aborted = gate.spawn(Lane::Online, async move {
        let _asks = asks;
        pending::<()>().await;
    });
    yield_now().await;
    aborted.abort();
    assert!(aborted.await.unwrap_err().is_cancelled());
    let asks = Asks(gate.clone());
    gate.run(Lane::Online, async move { drop(asks) }).await.unwrap();
    assert_idle(&gate);
}

#[tokio::test]
async fn a_thread_keeps_its_slot_after_its_task_was_aborted() {
    let gate = gate(1);
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel();
    let task = gate.spawn_blocking(Lane::Offline, move || {
        begin.send(()).unwrap();
        gone.recv().unwrap();
    });
    begun.await.unwrap();
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(gate.active(Lane::Offline), 1);
    go.send(()).unwrap();
    drop(gate.acquire(Lane::Offline).await.unwrap());
    assert_eq!(gate.stats().offline.rejected, 0);
    assert_idle(&gate);
}

#[test]
fn a_runtime_that_shuts_down_gives_back_slots_and_places() {
    for threads in [0, 2] {
        let gate = gate(2);
        let runtime = if threads == 0 {
            tokio::runtime::Builder::new_current_thread().build().unwrap()
        } else {
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build().unwrap()
        };
        let mut set = LimitedSet::new(&gate);
        runtime.block_on(async {
            for _ in 0..10 {
                drop(gate.spawn(Lane::Online, pending::<()>()));
                set.spawn(Lane::Offline, pending::<()>());
            }
            yield_now().await;
        });
        assert_eq!(gate.active(Lane::Online) + gate.active(Lane::Offline), 2);
        drop(runtime);
        assert_idle(&gate);
        drop(set);
    }
}

#[tokio::test]
async fn a_set_is_dropped_as_a_whole() {
    let gate = gate(2);
    let mut set = LimitedSet::new(&gate);
    for _ in 0..10 {
        set.spawn(Lane::Offline, pending::<()>());
    }
    assert_eq!((set.len(), set.is_empty()), (10, false));
    yield_now().await;
    drop(set);
    until(|| gate.active(Lane::Offline) + gate.pending(Lane::Offline) == 0).await;
    assert_idle(&gate);
}

#[tokio::test]
async fn a_set_is_joined_in_the_order_of_its_tasks_and_fails_as_a_whole() {
    let gate = gate(8);
    let mut set = LimitedSet::new(&gate);
    for number in 0..20 {
        set.spawn(Lane::Offline, async move {
            for _ in number..20 {
                yield_now().await;
            }
            number
        });
    }
    assert_eq!(set.try_join_all().await.unwrap(), Vec::from_iter(0..20));

    let mut set = LimitedSet::new(&gate);
    for number in 0..20 {
        set.spawn(Lane::Offline, async move {
            if number == 3 {
                panic!("a panic on purpose");
            }
            pending::<()>().await;
        });
    }
    assert!(set.try_join_all().await.unwrap_err().is_panic());
    assert_idle(&gate);
}

#[tokio::test]
async fn a_set_yields_what_has_ended() {
    let gate = gate(2);
    let mut set = LimitedSet::new(&gate);
    assert!(set.join_next().await.is_none() && set.try_join_next().is_none());
    let (send, receive) = oneshot::channel();
    set.spawn(Lane::Online, async { receive.await.unwrap() });
    set.spawn_blocking(Lane::Online, || 2);
    assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
    assert!(set.try_join_next().is_none());
    send.send(1).unwrap();
    assert_eq!(set.join_next().await.unwrap().unwrap(), 1);

    set.spawn(Lane::Online, pending());
    set.abort_all();
    assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
    set.spawn(Lane::Online, pending());
    set.shutdown().await;
    assert_idle(&gate);
}

#[tokio::test]
async fn a_task_without_a_slot_says_why() {
    let gate = Gate::new(Options::new(1).max_queue(Lane::Online, 1)).unwrap();
    let busy = gate.acquire(Lane::Online).await.unwrap();
    let waits = gate.spawn(Lane::Online, async {});
    let refused = gate.spawn(Lane::Online, async {}).await.unwrap_err();
    assert!(matches!(
        refused,
        TaskError::NotAcquired(NotAcquired::Refused(Refused::Full { most: 1, .. }))
    ));
    gate.clear(Lane::Online);
    assert!(matches!(waits.await.unwrap_err(), TaskError::NotAcquired(NotAcquired::Cleared(_))));
    drop(busy);
    assert_idle(&gate);
}

#[tokio::test(start_paused = true)]
async fn a_wait_times_out_and_counts_as_that() {
    let gate = gate(1);
    let guard = gate.acquire_timeout(Lane::Online, LONG).await.unwrap();
    let late = gate.acquire_timeout(Lane::Online, Duration::from_millis(5)).await.unwrap_err();
    assert_eq!(late, NotAcquired::TimedOut);
    assert_eq!((gate.pending(Lane::Online), gate.stats().online.queue_timeouts), (0, 1));

    // The slot goes to the wait that has time left, not to the one that was given up.
    let patient = gate.acquire(Lane::Online).timeout(LONG);
    let (patient, ()) = tokio::join!(patient, async {
        let hasty = gate.acquire(Lane::Online).enqueue().timeout(Duration::ZERO).await;
        assert_eq!(hasty.unwrap_err(), NotAcquired::TimedOut);
        drop(guard);
    });
    drop(patient.unwrap());
    drop(gate.acquire_timeout(Lane::Online, Duration::ZERO).await.expect("a slot is free"));
    assert_idle(&gate);
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_cancelled_before_it_begins_and_while_it_waits() {
    let gate = gate(1);
    let token = CancellationToken::new();
    let guard = gate.acquire_unless(Lane::Online, token.cancelled()).await.unwrap();
    let wait = gate.acquire(Lane::Online).timeout(LONG).unless(token.cancelled());
    let (cancelled, ()) = tokio::join!(wait, async {
        assert_eq!(gate.pending(Lane::Online), 1);
        token.cancel();
    });
    assert_eq!(cancelled.unwrap_err(), NotAcquired::Cancelled);
    assert_eq!((gate.pending(Lane::Online), gate.stats().online.aborted), (0, 1));
    drop(guard);
    let before = gate.acquire(Lane::Online).timeout(LONG).unless(token.cancelled()).await;
    assert_eq!(before.unwrap_err(), NotAcquired::Cancelled);
    assert_eq!(gate.stats().online.granted, 1, "it has not come at all");

    // A slot that was granted and not taken goes on to the next.
    let guard = gate.acquire(Lane::Online).await.unwrap();
    let token = CancellationToken::new();
    let mut granted = pin!(gate.acquire(Lane::Online).unless(token.cancelled()));
    let mut context = Context::from_waker(Waker::noop());
    assert!(granted.as_mut().poll(&mut context).is_pending());
    drop(guard);
    assert_eq!(gate.active(Lane::Online), 1);
    token.cancel();
    assert!(granted.as_mut().poll(&mut context).is_ready());
    assert_idle(&gate);
}

#[tokio::test]
async fn a_place_that_was_taken_early_is_given_up_with_its_future() {
    let gate = gate(1);
    let [granted, queued] = [(); 2].map(|()| gate.acquire(Lane::Online).enqueue());
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 1));
    drop(granted);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 0));
    drop(queued.enqueue());
    assert_idle(&gate);
}

/// A source of numbers that says how many were read.
fn counted(read: &Arc<AtomicUsize>) -> impl Iterator<Item = usize> + use<> {
    let read = read.clone();
    std::iter::from_fn(move || Some(read.fetch_add(1, Ordering::SeqCst)))
}

#[tokio::test]
async fn a_consumer_that_is_slow_slows_the_source_down_and_holds_no_slot() {
    let gate = gate(2);
    let read = Arc::new(AtomicUsize::new(0));
    let mut mapped = counted(&read).map_limited(&gate, Lane::Offline, |item| async move { item });
    assert_eq!(read.load(Ordering::SeqCst), 0, "a stream does nothing unless it is polled");
    for taken in 0..10 {
        assert_eq!(mapped.next().await.unwrap().unwrap(), taken);
        until(|| gate.active(Lane::Offline) + gate.pending(Lane::Offline) == 0).await;
        assert!(read.load(Ordering::SeqCst) <= taken + 4, "twice the concurrency, at most");
    }
    drop(mapped);

    let read = Arc::new(AtomicUsize::new(0));
    let mut one = counted(&read)
        .map_limited_unordered(&gate, Lane::Offline, |item| async move { item })
        .buffer(1);
    for taken in 0..10 {
        assert_eq!(one.next().await.unwrap().unwrap(), taken);
        assert_eq!(read.load(Ordering::SeqCst), taken + 1);
    }
    drop(one);
    assert_idle(&gate);
}

#[tokio::test]
async fn a_slow_item_holds_up_the_others_only_if_they_are_ordered() {
    let gate = gate(4);
    let (send, receive) = oneshot::channel();
    let mut receive = Some(receive);
    let mut mapper = move |item: usize| {
        let receive = if item == 0 { receive.take() } else { None };
        async move {
            if let Some(receive) = receive {
                receive.await.unwrap();
            }
            item
        }
    };
    let mut unordered = (0..4).map_limited_unordered(&gate, Lane::Offline, &mut mapper);
    let mut ended = Vec::new();
    for _ in 0..3 {
        ended.push(unordered.next().await.unwrap().unwrap());
    }
    ended.sort();
    assert_eq!(ended, [1, 2, 3]);
    send.send(()).unwrap();
    assert_eq!(unordered.next().await.unwrap().unwrap(), 0);
    assert!(unordered.next().await.is_none());

    let ordered = (0..100).map_limited(&gate, Lane::Offline, |item| async move {
        for _ in 0..item % 7 {
            yield_now().await;
        }
        item
    });
    assert_eq!(ordered.try_collect().await.unwrap(), Vec::from_iter(0..100));
    assert_idle(&gate);
}

#[tokio::test]
async fn a_source_that_is_slow_is_waited_for() {
    let gate = gate(4);
    let (send, receive) = mpsc::channel(1);
    let source = ReceiverStream::new(receive);
    let mut mapped = source.map_limited(&gate, Lane::Online, |item: u32| async move { item * 2 });
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut mapped).poll_next(&mut context).is_pending());
    let sending = tokio::spawn(async move {
        for number in 0..3 {
            send.send(number).await.unwrap();
            yield_now().await;
        }
    });
    for number in 0..3 {
        assert_eq!(mapped.next().await.unwrap().unwrap(), number * 2);
    }
    assert!(mapped.next().await.is_none());
    assert!(mapped.next().await.is_none(), "its end stays its end");
    sending.await.unwrap();
    assert_idle(&gate);
}

#[tokio::test]
async fn a_stream_that_is_dropped_or_fails_aborts_its_tasks() {
    for ordered in [true, false] {
        let gate = gate(4);
        let stuck = |_| pending::<()>();
        let mut context = Context::from_waker(Waker::noop());
        if ordered {
            let mut mapped = (0..100).map_limited(&gate, Lane::Offline, stuck);
            assert!(Pin::new(&mut mapped).poll_next(&mut context).is_pending());
        } else {
            let mut mapped = (0..100).map_limited_unordered(&gate, Lane::Offline, stuck);
            assert!(Pin::new(&mut mapped).poll_next(&mut context).is_pending());
        }
        until(|| gate.active(Lane::Offline) + gate.pending(Lane::Offline) == 0).await;
        let failing = (0..).map_limited(&gate, Lane::Offline, |item| async move {
            assert_ne!(item, 5, "a panic on purpose");
        });
        assert!(failing.try_collect().await.unwrap_err().is_panic());
        until(|| gate.active(Lane::Offline) + gate.pending(Lane::Offline) == 0).await;
        assert_idle(&gate);
    }
}

#[tokio::test]
async fn each_item_may_ask_in_its_own_way() {
    let gate = gate(4);
    let mapped = (0..4)
        .map_limited(&gate, Lane::Online, |item: u32| async move { item })
        .request_by(|&item| Request::new(Lane::ALL[item as usize % 2]).weight(item + 1));
    assert_eq!(mapped.size_hint(), (4, Some(4)));
    assert_eq!(mapped.try_collect().await.unwrap(), [0, 1, 2, 3]);
    let stats = gate.stats();
    assert_eq!((stats.online.granted, stats.offline.granted), (2, 2));
    assert_idle(&gate);
}

#[tokio::test]
async fn items_wait_for_room_in_a_bounded_lane() {
    let gate = Gate::new(Options::new(2).reserve(0).max_queue(Lane::Offline, 1)).unwrap();
    let mapped = (0..50).map_limited(&gate, Lane::Offline, |item| async move { item });
    assert_eq!(mapped.try_collect().await.unwrap(), Vec::from_iter(0..50));
    let mapped = (0..50).map_limited_unordered(&gate, Lane::Offline, |item| async move { item });
    assert_eq!(mapped.try_collect().await.unwrap().len(), 50);
    assert_eq!(gate.stats().offline.refused, 0);

    // If others fill the lane, the first item is refused.
    let busy = [(); 3].map(|()| gate.acquire(Lane::Offline).enqueue());
    let refused = (0..50).map_limited(&gate, Lane::Offline, |item| async move { item });
    assert!(matches!(refused.try_collect().await.unwrap_err(), TaskError::NotAcquired(_)));
    drop(busy);
    assert_idle(&gate);
}

/// Everything at once, with aborts, panics, timeouts and streams that are left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_under_stress() {
    let gate = gate(5);
    let meet = Arc::new(Barrier::new(4));
    let programs: Vec<_> = (0..4_usize)
        .map(|program| {
            let (gate, meet) = (gate.clone(), meet.clone());
            tokio::spawn(async move {
                meet.wait().await;
                for round in 0..100_usize {
                    let lane = Lane::ALL[(round + program) % 2];
                    let work = move || async move {
                        yield_now().await;
                        assert_ne!(round % 25, 24, "a panic on purpose");
                    };
                    match round % 5 {
                        0 => {
                            let task = gate.spawn(lane, work());
                            yield_now().await;
                            task.abort();
                        }
                        1 => {
                            let mut set = LimitedSet::new(&gate);
                            (0..10).for_each(|_| drop(set.spawn(lane, work())));
                            if round % 2 == 0 {
                                let _ = set.try_join_all().await;
                            }
                        }
                        2 => {
                            let mapped = (0..10).map_limited_unordered(&gate, lane, |_| work());
                            let _ = mapped.try_collect().await;
                        }
                        3 => {
                            let mut mapped = (0..10).map_limited(&gate, lane, |_| work());
                            let _ = mapped.next().await;
                        }
                        _ => {
                            let after = Duration::from_micros(round as u64);
                            if let Ok(guard) = gate.acquire_timeout(lane, after).await {
                                guard.settle(Outcome::Rejected);
                            }
                        }
                    }
                }
            })
        })
        .collect();
    for program in programs {
        program.await.unwrap();
    }
    until(|| Lane::ALL.iter().all(|&lane| gate.active(lane) + gate.pending(lane) == 0)).await;
    assert_idle(&gate);
}
