//! The gate as futures see it, one poll at a time and with no runtime at all.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use p_lanes::limiter::{
    Acquire, Cleared, Error, Gate, Guard, Lane, NotAcquired, Options, Outcome, Request, UNLIMITED,
};

use wakes::Wakes;

mod wakes;

fn gate(concurrency: u64) -> Gate {
    Gate::new(Options::new(concurrency).reserve(u64::from(concurrency > 1))).unwrap()
}

fn poll(acquire: &mut Acquire) -> Poll<Result<Guard, NotAcquired>> {
    poll_with(acquire, Waker::noop())
}

fn poll_with(acquire: &mut Acquire, waker: &Waker) -> Poll<Result<Guard, NotAcquired>> {
    pin!(acquire).poll(&mut Context::from_waker(waker))
}

fn waiting(gate: &Gate, lane: Lane) -> Acquire {
    let mut acquire = gate.acquire(lane);
    assert!(poll(&mut acquire).is_pending());
    acquire
}

#[track_caller]
fn granted(acquire: &mut Acquire) -> Guard {
    match poll(acquire) {
        Poll::Ready(Ok(guard)) => guard,
        other => panic!("{other:?}"),
    }
}

#[test]
fn everything_is_send_and_sync() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    check::<Gate>();
    check::<Guard>();
    check::<Acquire>();
    check::<Cleared>();
    check::<Error>();
}

#[test]
fn clones_are_one_gate() {
    let (gate, other) = (gate(1), gate(1));
    let clone = gate.clone();
    let guard = gate.try_acquire(Lane::Online).unwrap();
    assert!(clone.try_acquire(Lane::Online).is_none());
    assert!(other.try_acquire(Lane::Online).is_some());
    drop(guard);
    assert!(clone.try_acquire(Lane::Online).is_some());
}

#[test]
fn a_guard_outlives_its_gate() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut next = waiting(&gate, Lane::Online);
    drop(gate);
    drop(guard);
    drop(granted(&mut next));
}

#[test]
fn an_acquire_that_is_never_polled_takes_nothing() {
    let gate = gate(1);
    let never = gate.acquire(Lane::Online);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (0, 0));
    drop(never);
    assert_eq!(gate.stats().online.granted, 0);
}

#[test]
fn places_are_taken_by_the_first_poll() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let (mut made_first, mut made_second) =
        (gate.acquire(Lane::Online), gate.acquire(Lane::Online));
    assert!(poll(&mut made_second).is_pending());
    assert!(poll(&mut made_first).is_pending());
    drop(guard);
    assert!(poll(&mut made_first).is_pending());
    let guard = granted(&mut made_second);
    drop(guard);
    drop(granted(&mut made_first));
}

#[test]
fn a_slot_is_handed_over_and_never_free_in_between() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let slot = guard.slot();
    let mut next = waiting(&gate, Lane::Offline);
    drop(guard);
    assert!(gate.try_acquire(Lane::Online).is_none(), "nobody barges");
    assert!(poll(&mut gate.acquire(Lane::Online)).is_pending());
    assert_eq!(gate.active(Lane::Offline), 1);
    assert_eq!(granted(&mut next).slot(), slot);
}

#[test]
fn online_goes_before_offline_that_came_earlier() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut file = waiting(&gate, Lane::Offline);
    let mut request = waiting(&gate, Lane::Online);
    drop(guard);
    assert!(poll(&mut file).is_pending());
    drop(granted(&mut request));
    drop(granted(&mut file));
}

#[test]
fn outcomes_are_counted() {
    let gate = gate(1);
    let take = || gate.try_acquire(Lane::Online).unwrap();
    drop(take());
    take().settle(Outcome::Fulfilled);
    take().settle(Outcome::Rejected);
    let online = gate.stats().online;
    assert_eq!((online.granted, online.settled, online.rejected), (3, 3, 1));
}

#[test]
fn dropping_a_pending_future_gives_up_its_place() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut waiters: Vec<_> = (0..5).map(|_| waiting(&gate, Lane::Online)).collect();
    for index in [4, 2, 0] {
        drop(waiters.remove(index));
    }
    assert_eq!(gate.pending(Lane::Online), 2);
    drop(guard);
    for mut waiter in waiters {
        drop(granted(&mut waiter));
    }
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (0, 0));
}

#[test]
fn dropping_a_future_that_was_granted_gives_its_slot_on() {
    let gate = gate(1);
    let wakes = Arc::new(Wakes::default());
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let first = waiting(&gate, Lane::Online);
    let mut second = gate.acquire(Lane::Offline);
    assert!(poll_with(&mut second, &wakes.clone().into()).is_pending());

    drop(guard);
    assert_eq!((gate.active(Lane::Online), wakes.count()), (1, 0));
    drop(first);
    assert_eq!((gate.active(Lane::Online), wakes.count()), (0, 1));
    drop(granted(&mut second));
    assert_eq!(gate.active(Lane::Offline), 0);
    let stats = gate.stats();
    assert_eq!((stats.online.granted, stats.online.settled), (2, 2), "it held the slot");
}

#[test]
fn dropping_a_chain_of_granted_futures_gives_the_slot_to_the_last() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut waiters: Vec<_> = (0..100).map(|_| waiting(&gate, Lane::Online)).collect();
    let mut last = waiters.pop().unwrap();
    drop(guard);
    drop(waiters);
    let _guard = granted(&mut last);
    assert_eq!(gate.active(Lane::Online), 1);
}

#[test]
fn a_place_and_a_ticket_that_are_used_again_are_not_mixed_up() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let granted_unpolled = waiting(&gate, Lane::Online);
    drop(guard);
    // This one has the ticket number of the one that was granted, which has not come to know yet.
    let mut next = waiting(&gate, Lane::Online);
    drop(granted_unpolled);
    drop(granted(&mut next));
}

#[test]
fn the_latest_waker_is_woken_once() {
    let gate = gate(1);
    let (old, new) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut next = gate.acquire(Lane::Online);
    for wakes in [&old, &old, &new, &new] {
        assert!(poll_with(&mut next, &wakes.clone().into()).is_pending());
    }
    assert_eq!(Arc::strong_count(&old), 1, "the old waker is dropped");
    drop(guard);
    assert_eq!((old.count(), new.count()), (0, 1));
    drop(granted(&mut next));
    assert_eq!(Arc::strong_count(&new), 1);
}

#[test]
fn clear_resolves_what_waits_in_that_lane() {
    let gate = gate(1);
    let wakes = Arc::new(Wakes::default());
    let guard = gate.try_acquire(Lane::Offline).unwrap();
    let mut request = waiting(&gate, Lane::Online);
    let mut files: Vec<_> = (0..3).map(|_| gate.acquire(Lane::Offline)).collect();
    for file in &mut files {
        assert!(poll_with(file, &wakes.clone().into()).is_pending());
    }

    assert_eq!(gate.clear(Lane::Offline), 3);
    assert_eq!((gate.clear(Lane::Offline), wakes.count()), (0, 3));
    assert_eq!((gate.pending(Lane::Offline), gate.pending(Lane::Online)), (0, 1));
    let dropped_without_a_look = files.pop();
    drop(dropped_without_a_look);
    for mut file in files {
        let Poll::Ready(Err(cleared)) = poll(&mut file) else { panic!("it was cleared") };
        let NotAcquired::Cleared(cleared) = cleared else { panic!("{cleared}") };
        assert_eq!(cleared.lane, Lane::Offline);
    }
    drop(guard);
    drop(granted(&mut request));
}

#[test]
fn clear_leaves_what_was_granted_and_not_polled() {
    let gate = gate(1);
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut next = waiting(&gate, Lane::Online);
    drop(guard);
    assert_eq!(gate.clear(Lane::Online), 0);
    drop(granted(&mut next));
}

#[test]
fn a_raise_grants_at_once_and_a_lower_number_as_work_ends() {
    let gate = gate(1);
    let wakes = Arc::new(Wakes::default());
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut waiters: Vec<_> = (0..6).map(|_| gate.acquire(Lane::Online)).collect();
    for waiter in &mut waiters {
        assert!(poll_with(waiter, &wakes.clone().into()).is_pending());
    }

    gate.set_concurrency(4).unwrap();
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online), wakes.count()), (4, 3, 3));
    gate.set_concurrency(2).unwrap();
    let guards: Vec<_> = waiters.drain(..3).map(|mut waiter| granted(&mut waiter)).collect();
    drop(guard);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (3, 3));
    drop(guards);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (2, 1));
    gate.set_concurrency(UNLIMITED).unwrap();
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (3, 0));
    let guards: Vec<_> = (0..1_000).map(|_| gate.try_acquire(Lane::Online).unwrap()).collect();
    drop(guards);
}

/// A waker that comes back to the gate from every call it can be made to run.
struct Nosy(Gate);

impl Wake for Nosy {
    fn wake(self: Arc<Self>) {
        self.0.stats();
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.0.stats();
    }
}

#[test]
fn wakers_may_use_the_gate() {
    let gate = gate(1);
    let nosy = || Waker::from(Arc::new(Nosy(gate.clone())));

    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut next = gate.acquire(Lane::Online);
    assert!(poll_with(&mut next, &nosy()).is_pending());
    assert!(poll_with(&mut next, &nosy()).is_pending(), "the first waker is dropped");
    drop(guard);
    let guard = granted(&mut next);

    let mut dropped = gate.acquire(Lane::Online);
    assert!(poll_with(&mut dropped, &nosy()).is_pending());
    drop(dropped);

    let mut cleared = gate.acquire(Lane::Online);
    assert!(poll_with(&mut cleared, &nosy()).is_pending());
    assert_eq!(gate.clear(Lane::Online), 1);

    let mut raised = gate.acquire(Lane::Online);
    assert!(poll_with(&mut raised, &nosy()).is_pending());
    gate.set_concurrency(2).unwrap();
    drop(guard);
    drop(granted(&mut raised));
}

#[test]
fn a_task_whose_waker_is_its_last_owner_may_hold_a_guard() {
    struct Task(#[expect(dead_code, reason = "to be dropped")] Guard);
    impl Wake for Task {
        fn wake(self: Arc<Self>) {}
    }

    let gate = gate(2);
    let held = gate.try_acquire(Lane::Online).unwrap();
    let _other = gate.try_acquire(Lane::Online).unwrap();
    let mut next = gate.acquire(Lane::Online);
    assert!(poll_with(&mut next, &Arc::new(Task(held)).into()).is_pending());
    // The new waker takes the place of the old one, whose guard gives its slot to this very future.
    assert!(poll(&mut next).is_pending());
    drop(granted(&mut next));
}

#[test]
#[should_panic(expected = "`Acquire` was polled after it was ready")]
fn polling_after_ready_panics() {
    let gate = gate(1);
    let mut acquire = gate.acquire(Lane::Online);
    drop(granted(&mut acquire));
    let _ = poll(&mut acquire);
}

#[test]
fn works_without_a_runtime() {
    let gate = gate(2);
    let running = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (gate, running) = (&gate, &running);
            scope.spawn(move || {
                for _ in 0..200 {
                    let guard = pollster::block_on(gate.acquire(Lane::ALL[thread % 2])).unwrap();
                    assert!(running.fetch_add(1, Ordering::SeqCst) < 2);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                    drop(guard);
                }
            });
        }
    });
    let stats = gate.stats();
    assert_eq!((stats.online.settled, stats.offline.settled), (800, 800));
}

#[test]
fn says_what_it_is() {
    let gate = gate(2);
    let _guard = gate.try_acquire(Lane::Offline);
    let acquire = waiting(&gate, Lane::Offline);
    assert_eq!(format!("{gate:?}"), "Gate { concurrency: 2, active: 1, pending: 1 }");
    assert!(format!("{acquire:?}").starts_with("Acquire { request: Request { lane: Offline"));
}

/// The head of the offline lane, whose turn it was, kept the free slots for itself.
#[test]
fn a_lower_offline_share_starts_what_waited_behind_offline_work() {
    let gate = Gate::new(Options::new(4).offline_share(1.0)).unwrap();
    let running = gate.try_acquire(Request::new(Lane::Online).weight(2)).unwrap();
    let heavy = gate.acquire(Request::new(Lane::Offline).weight(4)).enqueue();
    let mut light = waiting(&gate, Lane::Online);
    gate.set_offline_share(0.0).unwrap();
    drop(granted(&mut light));
    drop((running, heavy));
}
