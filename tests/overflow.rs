//! Full lanes from which calls are dropped, calls that are moved while they wait, and options that are changed while the
//! limit runs. `flow_policy.rs` holds the first two against a model.

#![cfg(not(p_lanes_loom))]

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, Arbiter, Dropped, Enqueued, EnteredLine, Error, Flow, Gate, Lane, NotAcquired,
    Options, Outcome, Overflow, Rate, Refused, Request, Reserve, ReserveReason, Slot, Ticket,
};

fn granted<C: p_lanes::clock::Clock>(
    arbiter: &mut Arbiter<C>,
    request: impl Into<Request>,
) -> Slot {
    match arbiter.enqueue(request) {
        Enqueued::Granted(slot) => slot,
        other => panic!("{other:?}"),
    }
}

fn queued<C: p_lanes::clock::Clock>(
    arbiter: &mut Arbiter<C>,
    request: impl Into<Request>,
) -> Ticket {
    match arbiter.enqueue(request) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn dropped<C: p_lanes::clock::Clock>(arbiter: &mut Arbiter<C>) -> Vec<Ticket> {
    arbiter.take_dropped().into_iter().map(|dropped| dropped.ticket).collect()
}

fn online(priority: i32) -> Request {
    Request::new(Lane::Online).priority(priority)
}

/// One slot, which is taken, and a queue of so many calls in each lane.
fn full(most: u64, overflow: Overflow) -> (Arbiter, Slot) {
    let options = Options::new(1).reserve(0).overflow(overflow);
    let options = options.max_queue(Lane::Online, most).max_queue(Lane::Offline, most);
    let mut arbiter = Arbiter::new(options).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    (arbiter, slot)
}

#[test]
fn the_oldest_is_the_one_that_came_first_whatever_its_priority_and_wherever_it_was_moved() {
    let (mut arbiter, slot) = full(3, Overflow::DropOldest);
    let first = queued(&mut arbiter, online(5));
    let second = queued(&mut arbiter, online(0));
    let third = queued(&mut arbiter, online(-5));
    assert_eq!(arbiter.reprioritise(first, Lane::Online, -9), Ok(true));
    queued(&mut arbiter, online(0));
    assert_eq!(dropped(&mut arbiter), [first]);
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(second));
    let slot = Slot::from_number(slot.number());
    queued(&mut arbiter, online(0));
    assert!(arbiter.take_dropped().is_empty(), "one has started");
    queued(&mut arbiter, online(0));
    assert_eq!(dropped(&mut arbiter), [third]);
    let stats = arbiter.stats().online;
    assert_eq!((stats.dropped, stats.refused, stats.cleared, stats.pending), (2, 0, 0, 3));
    arbiter.settle(slot, Outcome::Fulfilled);
}

#[test]
fn the_lowest_is_the_one_that_starts_last_and_may_be_the_newcomer() {
    let (mut arbiter, _) = full(2, Overflow::DropLowest);
    let low = queued(&mut arbiter, online(-1));
    let high = queued(&mut arbiter, online(1));
    let refused = Refused::Dropped(match arbiter.enqueue(online(-1)) {
        Enqueued::Refused(Refused::Dropped(dropped)) => dropped,
        other => panic!("{other:?}"),
    });
    assert_eq!(
        refused.to_string(),
        "the online lane is full: `maxQueue` lets 2 wait in it, and `overflow` dropped this call"
    );
    assert!(arbiter.take_dropped().is_empty(), "nothing has changed");

    let normal = queued(&mut arbiter, online(0));
    assert_eq!(dropped(&mut arbiter), [low]);
    let other = queued(&mut arbiter, online(1));
    assert_eq!(dropped(&mut arbiter), [normal]);
    let highest = queued(&mut arbiter, online(2));
    assert_eq!(dropped(&mut arbiter), [other], "of equal ones the newer");
    assert_eq!(arbiter.clear(Lane::Online), [highest, high]);
    let stats = arbiter.stats().online;
    assert_eq!((stats.dropped, stats.refused, stats.cleared), (4, 0, 2));
}

#[test]
fn a_batch_is_dropped_with_all_units_that_wait_and_drops_as_many_calls_as_it_needs() {
    let (mut arbiter, slot) = full(4, Overflow::DropOldest);
    let batch = arbiter.enqueue_batch(Lane::Online, 3).unwrap();
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
    let single = queued(&mut arbiter, Lane::Online);
    queued(&mut arbiter, Lane::Online);
    assert!(arbiter.take_dropped().is_empty(), "two units of the batch, and two calls");
    queued(&mut arbiter, Lane::Online);
    let dropped: Vec<_> =
        arbiter.take_dropped().iter().map(|it| (it.ticket, it.lane, it.units)).collect();
    assert_eq!(dropped, [(batch, Lane::Online, 2)]);
    assert_eq!(arbiter.active(Lane::Online), 1, "its first unit runs");

    let large = arbiter.enqueue_batch(Lane::Online, 3).unwrap();
    let leave: Vec<_> = arbiter.take_dropped().iter().map(|it| it.ticket).collect();
    assert_eq!((leave.len(), leave[0]), (2, single), "two calls leave for three units");
    let refused = arbiter.enqueue_batch(Lane::Online, 5);
    assert_eq!(refused, Err(Refused::Full { lane: Lane::Online, most: 4 }), "it fits in no queue");
    assert!(arbiter.take_dropped().is_empty(), "and nothing has changed");
    assert_eq!(arbiter.pending(Lane::Online), 4);
    assert!(!leave.contains(&large), "a newcomer has no number of a ticket that leaves");
}

#[test]
fn the_other_lane_is_left_alone_and_a_call_that_starts_at_once_drops_nothing() {
    for overflow in [Overflow::DropOldest, Overflow::DropLowest] {
        let (mut arbiter, slot) = full(1, overflow);
        let offline = queued(&mut arbiter, Lane::Offline);
        queued(&mut arbiter, online(0));
        queued(&mut arbiter, online(1));
        assert_eq!(arbiter.take_dropped().len(), 1);
        assert_eq!(arbiter.pending(Lane::Offline), 1);
        arbiter.set_concurrency(8).unwrap();
        assert!(arbiter.grant_next().is_some());
        assert_eq!(arbiter.grant_next().map(|(_, ticket)| ticket), Some(offline));
        granted(&mut arbiter, Lane::Online);
        assert!(arbiter.take_dropped().is_empty());
        arbiter.settle(slot, Outcome::Fulfilled);
    }
}

#[test]
fn without_a_queue_a_call_is_refused_as_in_any_limit() {
    for overflow in [Overflow::DropOldest, Overflow::DropLowest] {
        let (mut arbiter, _) = full(0, overflow);
        let full = Refused::Full { lane: Lane::Online, most: 0 };
        assert_eq!(arbiter.enqueue(online(9)), Enqueued::Refused(full));
        assert_eq!(arbiter.stats().online.refused, 1);
    }
}

#[test]
fn plain_calls_share_no_ticket_where_one_of_them_may_be_dropped() {
    let (mut arbiter, _) = full(2, Overflow::DropOldest);
    let tickets = [(); 3].map(|()| match arbiter.enter_line() {
        Ok(EnteredLine::Queued(ticket)) => ticket,
        other => panic!("{other:?}"),
    });
    assert_eq!(dropped(&mut arbiter), [tickets[0]]);
}

#[test]
fn a_lower_bound_counts_when_the_next_call_comes() {
    let (mut arbiter, _) = full(4, Overflow::DropLowest);
    let waiting: Vec<_> = (1..5).map(|priority| queued(&mut arbiter, online(priority))).collect();
    arbiter.set_max_queue(Lane::Online, 2);
    assert!(arbiter.take_dropped().is_empty());
    assert_eq!(arbiter.pending(Lane::Online), 4);
    let refused = arbiter.enqueue(online(3));
    assert!(matches!(refused, Enqueued::Refused(Refused::Dropped(_))), "the third would leave");
    assert!(arbiter.take_dropped().is_empty(), "nothing has changed");
    queued(&mut arbiter, online(9));
    assert_eq!(dropped(&mut arbiter), waiting[..3]);
}

#[test]
fn a_dropped_ticket_takes_nothing_along_of_the_rate() {
    let clock = FakeClock::default();
    let options = Options::new(8).rate(Rate::new(1, Duration::from_secs(1)));
    let options = options.max_queue(Lane::Online, 1).overflow(Overflow::DropOldest);
    let mut arbiter = Arbiter::with_clock(options, clock.clone()).unwrap();
    granted(&mut arbiter, Lane::Online);
    let older = queued(&mut arbiter, Lane::Online);
    clock.advance(Duration::from_millis(500));
    let newer = queued(&mut arbiter, Lane::Online);
    assert_eq!(dropped(&mut arbiter), [older]);
    assert!(arbiter.grant_next().is_none());
    assert_eq!(arbiter.wakes_at(), Some(1_000_000_000));
    clock.advance(Duration::from_millis(500));
    assert_eq!(arbiter.grant_next().map(|(_, ticket)| ticket), Some(newer));
    assert_eq!(arbiter.stats().online.rate_wait.count, 1);
}

fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_task_learns_that_it_was_dropped() {
    let options = Options::new(1).max_queue(Lane::Online, 1).overflow(Overflow::DropLowest);
    let gate = Gate::new(options).unwrap();
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut low = pin!(gate.acquire(online(0)));
    let mut high = pin!(gate.acquire(online(1)));
    let mut lowest = pin!(gate.acquire(online(-1)));
    assert!(poll(low.as_mut()).is_pending());
    assert!(poll(high.as_mut()).is_pending());
    let is_dropped = |turn: Poll<Result<_, NotAcquired>>| {
        matches!(turn, Poll::Ready(Err(NotAcquired::Dropped(Dropped { most: 1, .. }))))
    };
    assert!(is_dropped(poll(low.as_mut())));
    assert!(is_dropped(poll(lowest.as_mut())), "at once");
    drop(guard);
    assert!(poll(high.as_mut()).is_ready());
}

#[test]
fn a_future_that_is_dropped_after_its_ticket_was_leaves_the_others_alone() {
    let options = Options::new(1).max_queue(Lane::Online, 1).overflow(Overflow::DropOldest);
    let gate = Gate::new(options).unwrap();
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let mut older = Box::pin(gate.acquire(Lane::Online));
    assert!(poll(older.as_mut()).is_pending());
    let mut newer = pin!(gate.acquire(Lane::Online));
    assert!(poll(newer.as_mut()).is_pending());
    drop(older);
    assert_eq!(gate.pending(Lane::Online), 1);
    drop(guard);
    assert!(poll(newer.as_mut()).is_ready());
}

#[test]
fn a_call_moves_in_both_directions_and_behind_those_that_are_there() {
    let mut arbiter = Arbiter::new(Options::new(1).reserve(0)).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    let [first, second, third] = [(); 3].map(|()| queued(&mut arbiter, Lane::Online));
    let offline = queued(&mut arbiter, Lane::Offline);
    assert_eq!(arbiter.reprioritise(first, Lane::Offline, 0), Ok(true));
    assert_eq!(arbiter.reprioritise(third, Lane::Online, 1), Ok(true));
    assert_eq!(arbiter.reprioritise(third, Lane::Online, 1), Ok(false), "it is there");
    assert_eq!(arbiter.pending(Lane::Offline), 2);
    let order = [(); 4].map(|()| arbiter.settle(slot, Outcome::Fulfilled).unwrap());
    assert_eq!(order, [third, second, offline, first]);
    assert_eq!(arbiter.reprioritise(first, Lane::Online, 0), Ok(false), "it runs");
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
    let stats = arbiter.stats();
    assert_eq!((stats.online.granted, stats.offline.granted), (3, 2));
}

/// Calls that come to the online lane wait there.
#[test]
fn a_line_that_was_moved_takes_no_more_calls() {
    let mut arbiter = Arbiter::new(Options::new(1).reserve(0)).unwrap();
    let Ok(EnteredLine::Granted(slot)) = arbiter.enter_line() else { panic!("a slot is free") };
    let Ok(EnteredLine::InLine(line)) = arbiter.enter_line() else { panic!("it waits") };
    assert_eq!(arbiter.reprioritise(line, Lane::Offline, 0), Ok(true));
    let Ok(EnteredLine::Queued(own)) = arbiter.enter_line() else { panic!("of its own") };
    assert_eq!(Lane::ALL.map(|lane| arbiter.pending(lane)), [1, 1]);
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(own));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(line));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
}

#[test]
fn a_call_does_not_move_where_it_could_never_run() {
    let mut arbiter = Arbiter::new(Options::new(3).reserve(1)).unwrap();
    let outer = granted(&mut arbiter, Lane::Offline);
    let other = granted(&mut arbiter, Request::new(Lane::Online).weight(2));
    let heavy = queued(&mut arbiter, Request::new(Lane::Online).weight(3));
    let weight = Refused::Weight { given: 3, lane: Lane::Offline, most: 2 };
    assert_eq!(arbiter.reprioritise(heavy, Lane::Offline, 0), Err(weight));
    assert!(arbiter.cancel(heavy));

    let inner = queued(&mut arbiter, Request::new(Lane::Online).weight(2).inside(outer));
    assert_eq!(arbiter.reprioritise(inner, Lane::Offline, 0), Err(Refused::Deadlock));
    assert_eq!(arbiter.pending(Lane::Online), 1, "it is where it was");
    arbiter.settle(outer, Outcome::Fulfilled);
    assert_eq!(arbiter.reprioritise(inner, Lane::Offline, 0), Ok(true), "nothing waits for it");
    assert_eq!(arbiter.settle(other, Outcome::Fulfilled), Some(inner));
}

#[test]
fn a_reserve_may_be_set_lowered_and_found() {
    let clock = FakeClock::default();
    let mut arbiter = Arbiter::with_clock(Options::new(4).reserve(3), clock).unwrap();
    let first = granted(&mut arbiter, Lane::Offline);
    arbiter.enqueue_batch(Lane::Offline, 9).unwrap();
    assert!(arbiter.grant_next().is_none());
    assert_eq!(arbiter.set_reserve(4), Err(Error::Reserve { given: 4, concurrency: 4 }));
    assert_eq!(arbiter.set_reserve(Reserve::Wait(Duration::ZERO)), Err(Error::ReserveWait));
    assert_eq!(arbiter.reserve_setting(), Reserve::Slots(3), "nothing has changed");

    arbiter.set_reserve(2).unwrap();
    assert!(arbiter.grant_next().is_some() && arbiter.grant_next().is_none());
    assert_eq!(arbiter.stats().reserve.reason, ReserveReason::Fixed);
    arbiter.set_reserve(Reserve::Auto).unwrap();
    assert_eq!((arbiter.reserve(), arbiter.reserve_setting()), (0, Reserve::Auto));
    assert!(arbiter.grant_next().is_some() && arbiter.grant_next().is_some());
    granted_later(&mut arbiter, first);
    assert_ne!(arbiter.stats().reserve.reason, ReserveReason::Fixed);

    arbiter.set_reserve(3).unwrap();
    assert_eq!(arbiter.active(Lane::Offline), 3, "nothing is interrupted");
    assert_eq!(arbiter.reserve(), 3);
    assert!(arbiter.grant_next().is_none());
}

/// An online call takes a slot, so that the reserve is found from now on.
fn granted_later(arbiter: &mut Arbiter<FakeClock>, ends: Slot) {
    queued(arbiter, Lane::Online);
    assert!(arbiter.settle(ends, Outcome::Fulfilled).is_some());
}

#[test]
fn an_adaptive_limit_keeps_its_reserve_below_its_fewest_slots() {
    let adaptive = Adaptive::default().min(3).max(9).initial(6);
    let mut arbiter = Arbiter::new(Options::new(1).adaptive(adaptive)).unwrap();
    assert_eq!(arbiter.set_reserve(3), Err(Error::ReserveAboveMin { given: 3, min: 3 }));
    arbiter.set_reserve(2).unwrap();
    assert_eq!(arbiter.reserve(), 2);
    arbiter.set_concurrency(6).unwrap();
    arbiter.set_reserve(5).unwrap();
}

#[test]
fn an_offline_share_that_is_changed_keeps_what_is_due() {
    let mut arbiter = Arbiter::new(Options::new(1).reserve(0).offline_share(0.5)).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    arbiter.enqueue_batch(Lane::Online, 20).unwrap();
    let offline = arbiter.enqueue_batch(Lane::Offline, 20).unwrap();
    let next = |arbiter: &mut Arbiter| {
        arbiter.settle(slot, Outcome::Fulfilled).expect("more waits") == offline
    };
    assert_eq!([(); 4].map(|()| next(&mut arbiter)), [false, true, false, true]);
    assert_eq!(arbiter.set_offline_share(1.5), Err(Error::OfflineShare { given: 1.5 }));
    assert_eq!(arbiter.offline_share(), 0.5);
    assert!(!next(&mut arbiter), "half a grant is due");
    arbiter.set_offline_share(0.25).unwrap();
    assert_eq!([(); 2].map(|()| next(&mut arbiter)), [false, true], "three quarters, then one");
    arbiter.set_offline_share(0.0).unwrap();
    assert_eq!([(); 5].map(|()| next(&mut arbiter)), [false; 5]);
    arbiter.set_offline_share(1.0).unwrap();
    assert_eq!([(); 3].map(|()| next(&mut arbiter)), [true; 3]);
}

#[test]
fn all_that_runs_and_waits_is_listed_with_its_age() {
    let clock = FakeClock::default();
    let mut arbiter = Arbiter::with_clock(Options::new(1), clock.clone()).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    for _ in 0..3 {
        clock.advance(Duration::from_millis(1));
        assert!(matches!(arbiter.enter_line(), Ok(EnteredLine::InLine(_))));
    }
    let batch = arbiter.enqueue_batch(Lane::Offline, 5).unwrap();
    let urgent = queued(&mut arbiter, online(1));
    clock.advance(Duration::from_millis(1));
    let ages: Vec<_> = arbiter
        .calls()
        .iter()
        .map(|call| (call.place, call.units, call.age.unwrap().as_millis()))
        .collect();
    let line = arbiter.calls()[2].place;
    let expected = [
        (Ok(slot), 1, 4),
        (Err(urgent), 1, 1),
        (line, 1, 3),
        (line, 1, 2),
        (line, 1, 1),
        (Err(batch), 5, 1),
    ];
    assert_eq!(ages, expected);
}

#[test]
fn a_call_of_a_burst_is_as_old_as_the_one_before_it_that_was_timed() {
    let clock = FakeClock::default();
    let mut arbiter = Arbiter::with_clock(Options::new(1), clock.clone()).unwrap();
    granted(&mut arbiter, Lane::Offline);
    for _ in 0..1_000 {
        queued(&mut arbiter, Lane::Offline);
    }
    clock.advance(Duration::from_millis(7));
    let calls = arbiter.calls();
    assert_eq!(calls.len(), 1_001);
    assert!(calls.iter().all(|call| call.age == Some(Duration::from_millis(7))));
}

#[test]
fn in_a_fair_limit_the_flow_whose_queue_is_long_makes_room() {
    let options = Options::new(1).max_queue(Lane::Online, 4).overflow(Overflow::DropLowest);
    let mut arbiter = Arbiter::new(options.fair(true)).unwrap();
    granted(&mut arbiter, Lane::Online);
    let of = |flow| Request::new(Lane::Online).flow(Flow::new(flow));
    let long: Vec<_> = (0..4).map(|_| queued(&mut arbiter, of(1))).collect();
    let refused = arbiter.enqueue(of(1));
    assert!(matches!(refused, Enqueued::Refused(Refused::Dropped(_))), "its own flow is full");
    queued(&mut arbiter, of(2));
    assert_eq!(dropped(&mut arbiter), [long[3]]);
    queued(&mut arbiter, of(3));
    assert_eq!(dropped(&mut arbiter), [long[2]]);
    queued(&mut arbiter, of(1).priority(1));
    assert_eq!(dropped(&mut arbiter), [long[1]]);
}
