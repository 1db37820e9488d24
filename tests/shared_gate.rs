//! One gate for several threads: what its handles are told, by answers and by messages.
//!
//! The policy itself is tested elsewhere; whatever handles do, it has to be that of one plain arbiter that is asked the
//! same (`shared_policy.rs`).

#![cfg(not(p_lanes_loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, Algorithm, GateHandle, Lane, Message, NotOpened, Options, Outcome, Overflow,
    PartialAdaptive, PartialOptions, Refused, Registry, Request, Reserve, SharedGate, Slot,
};
use p_lanes::pool::Wake;

/// Counts how often it was rung.
#[derive(Default)]
struct TestWaker(AtomicUsize);

impl Wake for TestWaker {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl TestWaker {
    fn wakes(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn gate(concurrency: u64) -> SharedGate {
    SharedGate::new(Options::new(concurrency).reserve(u64::from(concurrency > 1))).unwrap()
}

fn handle(gate: &SharedGate) -> (GateHandle, Arc<TestWaker>) {
    let waker = Arc::new(TestWaker::default());
    (gate.handle(waker.clone()), waker)
}

fn two(concurrency: u64) -> (GateHandle, GateHandle, Arc<TestWaker>) {
    let gate = gate(concurrency);
    let (yours, waker) = handle(&gate);
    (handle(&gate).0, yours, waker)
}

fn runs(handle: &GateHandle, request: impl Into<Request>) -> Slot {
    handle.enter(request).unwrap().place.expect("a slot is free")
}

fn waits(handle: &GateHandle, request: impl Into<Request>) -> u32 {
    handle.enter(request).unwrap().place.expect_err("no slot is free")
}

fn settle(handle: &GateHandle, slot: Slot) -> Option<u32> {
    handle.settle(slot, Outcome::Fulfilled).next
}

fn granted(ticket: u32, slot: Slot) -> Message {
    Message::Granted { ticket, slot }
}

#[test]
fn a_thread_alone_is_told_by_answers_and_never_woken() {
    let (mine, waker) = handle(&gate(1));
    let slot = runs(&mine, Lane::Online);
    let ticket = waits(&mine, Lane::Online);
    assert!(!mine.expects_messages(), "it is the one that holds the slot");
    let settled = mine.settle(slot, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.is_idle), (Some(ticket), false));
    let settled = mine.settle(slot, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.is_idle, settled.more), (None, true, false));
    let batch = mine.enter_batch(Lane::Online, 2).unwrap();
    assert_eq!(mine.next(), Some((slot, batch)));
    assert_eq!(mine.next(), None);
    assert_eq!(settle(&mine, slot), Some(batch));
    assert_eq!((mine.take_messages(), waker.wakes()), (vec![], 0));
}

#[test]
fn many_messages_are_one_wake_up() {
    let (mine, yours, waker) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let tickets = [(); 2].map(|()| waits(&yours, Lane::Online));
    assert!(yours.expects_messages() && !mine.expects_messages());
    for slot in slots {
        assert_eq!(settle(&mine, slot), None);
    }
    assert!(yours.expects_messages(), "they are there");
    assert_eq!(waker.wakes(), 1);
    let messages = yours.take_messages();
    assert_eq!(messages, [granted(tickets[0], slots[0]), granted(tickets[1], slots[1])]);
    assert!(!yours.expects_messages());

    waits(&yours, Lane::Online);
    settle(&yours, slots[0]);
    assert_eq!((yours.take_messages(), waker.wakes()), (vec![], 0), "it has told itself");
}

#[test]
fn a_number_is_kept_until_the_messages_after_the_one_about_it() {
    let (mine, yours, _) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let tickets = [(); 2].map(|()| waits(&yours, Lane::Online));
    for slot in slots {
        settle(&mine, slot);
    }
    let unread = waits(&yours, Lane::Online);
    assert_eq!(yours.take_messages().len(), 2);
    let while_reading = waits(&yours, Lane::Online);
    assert!(!tickets.contains(&unread) && !tickets.contains(&while_reading));
    yours.take_messages();
    assert!(tickets.contains(&waits(&yours, Lane::Online)));
}

#[test]
fn what_is_cancelled_before_its_message_is_read_never_began() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    let cancelled = waits(&yours, Lane::Online);
    settle(&mine, slot);
    let other = waits(&mine, Lane::Online);
    yours.cancel(cancelled);
    assert_eq!(yours.take_messages(), []);
    assert!(mine.expects_messages(), "somebody has yet to hand the slot out");
    assert_eq!(yours.next(), None);
    assert_eq!(mine.take_messages(), [granted(other, slot)]);

    let online = mine.stats().online;
    assert_eq!((online.granted, online.settled, online.rejected, online.active), (2, 1, 0, 1));
    yours.cancel(cancelled);
    yours.cancel(1_000);
    assert_eq!(yours.next(), None);
}

#[test]
fn a_batch_is_cancelled_with_the_units_that_it_was_not_told_of() {
    let (mine, yours, _) = two(4);
    let slots = [(); 4].map(|()| runs(&mine, Lane::Online));
    let batch = yours.enter_batch(Lane::Online, 9).unwrap();
    settle(&mine, slots[0]);
    assert_eq!(yours.take_messages(), [granted(batch, slots[0])]);
    settle(&mine, slots[1]);
    settle(&mine, slots[2]);
    yours.cancel(batch);
    assert_eq!((yours.take_messages(), yours.is_waiting()), (vec![], false));
    assert_eq!((mine.active(Lane::Online), mine.pending(Lane::Online)), (2, 0));
    assert!(yours.settle(slots[0], Outcome::Fulfilled).is_idle);
}

#[test]
fn clearing_takes_ones_own_or_everything_and_starts_nothing_in_between() {
    let (mine, yours, waker) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let heavy = waits(&mine, Request::new(Lane::Online).weight(2));
    let light = waits(&yours, Lane::Offline);
    let high = waits(&mine, Request::new(Lane::Online).priority(1));
    settle(&mine, slots[0]);
    settle(&mine, slots[0]);

    assert_eq!(mine.clear(Lane::Online, false), [heavy]);
    assert_eq!((yours.take_messages(), waker.wakes()), (vec![], 0));
    assert!(yours.expects_messages());
    assert_eq!(mine.next(), None);
    assert_eq!(
        yours.take_messages(),
        [granted(light, slots[0])],
        "the slot that the heavy one kept"
    );
    assert_ne!(high, heavy);

    let theirs = waits(&yours, Lane::Online);
    let own = waits(&mine, Lane::Online);
    waker.wakes();
    assert_eq!(mine.clear(Lane::Online, true), [own]);
    assert_eq!(waker.wakes(), 1);
    assert!(!yours.is_waiting());
    assert_ne!(waits(&yours, Lane::Online), theirs, "not while its message lies there");
    assert_eq!(yours.take_messages(), [Message::Dropped { ticket: theirs }]);
}

#[test]
fn who_cancels_what_another_has_cleared_hears_no_more_of_it() {
    let (mine, yours, _) = two(1);
    runs(&mine, Lane::Online);
    let ticket = waits(&yours, Lane::Online);
    mine.clear(Lane::Online, true);
    yours.cancel(ticket);
    assert_eq!(yours.take_messages(), []);
    assert_eq!(waits(&yours, Lane::Online), ticket, "it is free");
}

#[test]
fn a_cleared_batch_takes_its_untold_units_along() {
    let (mine, yours, _) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let batch = yours.enter_batch(Lane::Online, 3).unwrap();
    settle(&mine, slots[0]);
    mine.clear(Lane::Online, true);
    assert_eq!(yours.take_messages(), [Message::Dropped { ticket: batch }]);
    assert_eq!(mine.active(Lane::Online), 1);
    assert_eq!(runs(&yours, Lane::Online), slots[0]);
}

#[test]
fn a_newcomer_that_lets_others_start_is_told_to_call_next() {
    let (mine, yours, _) = two(4);
    for _ in 0..3 {
        runs(&mine, Lane::Online);
    }
    waits(&mine, Request::new(Lane::Online).weight(4));
    let light = waits(&yours, Lane::Offline);
    let lighter = Request::new(Lane::Online).weight(2).priority(1);
    let entered = mine.enter(lighter).unwrap();
    assert!(entered.place.is_err() && entered.more, "less is kept from the other lane");
    assert_eq!(mine.next(), None);
    assert!(
        matches!(yours.take_messages()[..], [Message::Granted { ticket, .. }] if ticket == light)
    );
}

#[test]
fn what_a_handle_leaves_goes_to_who_is_next() {
    let gate = gate(3);
    let ((mine, _), (yours, waker), (third, _)) = (handle(&gate), handle(&gate), handle(&gate));
    let a = runs(&mine, Lane::Online);
    let b = runs(&mine, Lane::Online);
    let c = runs(&third, Lane::Online);
    waits(&third, Request::new(Lane::Online).priority(1));
    waits(&third, Lane::Online);
    settle(&mine, a); // a message for the third, which it does not read
    let tickets = [(); 3].map(|()| waits(&yours, Lane::Online));
    drop(third);
    let messages = yours.take_messages();
    assert_eq!(waker.wakes(), 1);
    assert_eq!(messages, [granted(tickets[0], c), granted(tickets[1], a)]);
    settle(&mine, b);
    assert_eq!(yours.take_messages(), [granted(tickets[2], b)]);
    let online = mine.stats().online;
    assert_eq!((online.rejected, online.active, online.pending), (1, 3, 0));
}

#[test]
fn a_handle_that_dies_before_it_calls_next_holds_nobody_up() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    mine.pause();
    let ticket = waits(&yours, Lane::Online);
    settle(&mine, slot);
    assert!(yours.expects_messages(), "another handle may handle the pause");
    mine.resume();
    assert!(yours.expects_messages());
    drop(mine);
    assert_eq!(yours.take_messages(), [granted(ticket, slot)]);
}

#[test]
fn who_is_left_alone_in_a_pause_awaits_nothing_and_is_told() {
    let (mine, yours, _) = two(1);
    mine.pause();
    waits(&yours, Lane::Online);
    assert!(yours.expects_messages());
    drop(mine);
    assert_eq!(yours.take_messages(), [Message::Changed]);
    assert!(!yours.expects_messages(), "nobody else can handle the pause");
}

#[test]
fn who_has_paused_and_waits_is_told_when_others_hold_nothing_any_more() {
    let (mine, yours, _) = two(2);
    let slot = runs(&yours, Lane::Online);
    mine.pause();
    waits(&mine, Lane::Online);
    assert!(mine.expects_messages(), "what is settled may be of interest");
    assert_eq!(settle(&yours, slot), None);
    assert_eq!(mine.take_messages(), [Message::Changed]);
    assert!(!mine.expects_messages());
}

#[test]
fn who_waits_beside_its_own_slots_is_told_when_another_handle_dies() {
    let (mine, yours, _) = two(2);
    runs(&mine, Lane::Online);
    let slot = runs(&yours, Lane::Online);
    let heavy = mine.enter(Request::new(Lane::Online).weight(2)).unwrap();
    assert!(heavy.place.is_err() && heavy.expects_messages);
    assert_eq!(settle(&yours, slot), None);
    assert_eq!(mine.take_messages(), [Message::Changed]);
    assert!(!mine.expects_messages(), "it lacks a slot of its own");
    drop(yours);
    assert_eq!(mine.take_messages(), [], "it does not rely on anything");
}

#[test]
fn slots_are_told_of_in_the_order_in_which_they_came() {
    let (mine, yours, _) = two(2);
    let (a, b) = (runs(&mine, Lane::Online), runs(&yours, Lane::Online));
    let tickets = [(); 3].map(|()| waits(&yours, Lane::Online));
    settle(&mine, a);
    let settled = yours.settle(b, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.has_messages), (None, true), "there is an earlier one");
    assert_eq!(yours.clear(Lane::Online, false), [], "which is before what is cleared, too");
    assert_eq!(yours.take_message(), Some(granted(tickets[0], a)));
    assert_eq!(yours.take_message(), Some(granted(tickets[1], b)));
    assert_eq!(yours.take_message(), Some(Message::Dropped { ticket: tickets[2] }));
    assert_eq!(yours.take_message(), None);
    assert_eq!(yours.settle(a, Outcome::Fulfilled).next, None);
}

#[test]
fn a_newcomer_is_told_of_its_slot_behind_those_that_are_untold() {
    let (mine, yours, _) = two(2);
    let (a, b) = (runs(&mine, Lane::Online), runs(&mine, Lane::Online));
    let first = waits(&yours, Lane::Online);
    settle(&mine, a);
    settle(&mine, b);
    let entered = yours.enter(Lane::Online).unwrap();
    let second = entered.place.unwrap_err();
    assert!(entered.has_messages);
    assert_eq!(yours.take_messages(), [granted(first, a), granted(second, b)]);
}

#[test]
fn a_handle_with_messages_is_not_idle() {
    let (mine, yours, _) = two(1);
    let slot = runs(&yours, Lane::Online);
    let ticket = waits(&yours, Lane::Online);
    mine.clear(Lane::Online, true);
    assert!(!yours.settle(slot, Outcome::Fulfilled).is_idle);
    assert_eq!(yours.take_messages(), [Message::Dropped { ticket }]);
}

#[test]
fn a_waker_may_own_a_handle_itself() {
    struct Owner {
        _handle: GateHandle,
    }
    impl Wake for Owner {
        fn wake(&self) {}
    }
    let gate = gate(1);
    let owner = Arc::new(Owner { _handle: handle(&gate).0 });
    drop(gate.handle(owner));
}

#[test]
#[should_panic(expected = "this handle does not hold")]
fn nobody_settles_a_slot_of_somebody_else() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settle(&yours, slot)));
    assert_eq!((mine.active(Lane::Online), settle(&mine, slot)), (1, None), "nothing has changed");
    std::panic::resume_unwind(refused.unwrap_err());
}

#[test]
fn attempts_that_are_overloaded_reduce_the_limit_of_all_handles() {
    let options = Options::new(1).adaptive(Adaptive::default().initial(20));
    let gate = SharedGate::with_clock(options, FakeClock::default()).unwrap();
    let [mine, yours] = [(); 2].map(|()| gate.handle(Arc::new(TestWaker::default())));
    let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
    for _ in 0..8 {
        assert_eq!(yours.concurrency(), 20, "so few errors are no overload");
        mine.attempt_failed(slot, Outcome::Overloaded);
    }
    assert_eq!((yours.concurrency(), yours.active(Lane::Online)), (18, 1));
}

#[test]
#[should_panic(expected = "this handle does not hold")]
fn nobody_tries_again_in_a_slot_of_somebody_else() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    yours.attempt_failed(slot, Outcome::Rejected);
}

#[test]
fn closing_is_told_once() {
    let (mine, yours, waker) = two(1);
    mine.close();
    yours.close();
    mine.close();
    assert_eq!((yours.take_messages(), waker.wakes()), (vec![Message::Closed], 1));
    assert_eq!(mine.take_messages(), []);
    assert_eq!(yours.enter(Lane::Online), Err(Refused::Closed));
    assert!(yours.is_closed());
}

#[test]
fn who_watches_is_told_of_changes_and_of_nothing_else() {
    let (mine, yours, waker) = two(1);
    let slot = runs(&mine, Lane::Online);
    assert_eq!(waker.wakes(), 0);
    yours.watch(true);
    mine.next();
    mine.stats();
    assert_eq!((yours.take_messages(), waker.wakes()), (vec![], 0), "nothing has changed");
    waits(&mine, Lane::Online);
    settle(&mine, slot);
    settle(&mine, slot);
    assert_eq!((yours.take_messages(), waker.wakes()), (vec![Message::Changed], 1));
    runs(&yours, Lane::Online);
    assert_eq!(yours.take_messages(), [], "it knows");
    yours.watch(false);
    waits(&mine, Lane::Online);
    assert_eq!(yours.take_messages(), []);
}

#[test]
fn a_call_that_waits_for_itself_over_threads_is_refused() {
    let (mine, yours, _) = two(2);
    let a = runs(&mine, Lane::Online);
    let b = runs(&yours, Lane::Online);
    waits(&mine, Request::new(Lane::Online).inside(a));
    let inside = Request::new(Lane::Online).inside(b);
    assert_eq!(yours.enter(inside), Err(Refused::Deadlock));
    let other = waits(&yours, Lane::Online);
    assert_eq!(yours.join(other, b, Lane::Online), Err(Refused::Deadlock));
    // Who waits in vain is gone, and all is well.
    drop(mine);
    assert_eq!(yours.take_messages(), [granted(other, a)]);
    assert_eq!(yours.join(other, b, Lane::Online), Ok(()), "it waits no more");
}

mod by_name {
    use super::*;

    fn open(
        registry: &Registry<FakeClock>,
        name: &str,
        given: &PartialOptions,
    ) -> Result<SharedGate<FakeClock>, NotOpened> {
        registry.open(name, given, FakeClock::default)
    }

    fn given(concurrency: u64) -> PartialOptions {
        let mut given = PartialOptions::default();
        given.concurrency = Some(concurrency);
        given
    }

    #[test]
    fn a_gate_is_the_same_for_all_as_long_as_anybody_has_it() {
        let registry = Registry::default();
        let none = open(&registry, "db", &PartialOptions::default()).unwrap_err();
        assert_eq!(none, NotOpened::NoConcurrency { name: "db".to_owned() });

        let gate = open(&registry, "db", &given(2)).unwrap();
        let handle = gate.handle(Arc::new(TestWaker::default()));
        assert!(handle.is_of(&open(&registry, "db", &PartialOptions::default()).unwrap()));
        assert!(!handle.is_of(&open(&registry, "cache", &given(2)).unwrap()));
        drop(gate);
        assert!(handle.is_of(&open(&registry, "db", &given(2)).unwrap()), "a handle has it");
        drop(handle);
        assert!(open(&registry, "db", &PartialOptions::default()).is_err());
        assert!(open(&registry, "db", &given(3)).is_ok());
    }

    #[test]
    fn another_value_is_refused_with_both_named() {
        let registry = Registry::default();
        let gate = open(&registry, "db", &given(2)).unwrap();
        let handle = gate.handle(Arc::new(TestWaker::default()));
        let conflict = open(&registry, "db", &given(3)).unwrap_err().to_string();
        assert_eq!(conflict, "`concurrency` of the limit 'db' is 2, got 3");

        handle.set_concurrency(3).unwrap();
        for concurrency in [2, 3] {
            assert!(open(&registry, "db", &given(concurrency)).is_ok(), "what it was or is");
        }
        handle.set_max_queue(Lane::Online, 9);
        handle.set_offline_share(0.25).unwrap();
        handle.set_reserve(1).unwrap();
        let mut changed = given(3);
        changed.max_queue[0] = Some(9);
        (changed.offline_share, changed.reserve) = (Some(0.25), Some(1.into()));
        assert!(open(&registry, "db", &changed).is_ok(), "what it is");
        let change = |with: fn(&mut PartialOptions)| {
            let mut given = given(3);
            with(&mut given);
            open(&registry, "db", &given)
        };
        assert!(change(|it| it.reserve = Some(Reserve::Auto)).is_ok(), "as by default");
        for (refused, name) in [
            (change(|it| it.reserve = Some(2.into())), "reserve"),
            (change(|it| it.offline_share = Some(0.5)), "offlineShare"),
            (change(|it| it.max_queue[1] = Some(5)), "maxQueue.offline"),
            (change(|it| it.overflow = Some(Overflow::Wait)), "overflow"),
        ] {
            match refused {
                Err(NotOpened::Conflict { option, .. }) => assert_eq!(option, name),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(open(&registry, "new", &given(0)), Err(NotOpened::Option(_))));
        assert!(open(&registry, "new", &PartialOptions::default()).is_err(), "and was not made");
    }

    #[test]
    fn of_an_adaptive_limit_what_is_left_out_is_as_it_is() {
        let registry = Registry::default();
        let adaptive = |with: fn(&mut PartialAdaptive)| {
            let mut given = PartialOptions::default();
            with(given.adaptive.insert(PartialAdaptive::default()));
            open(&registry, "api", &given)
        };
        let gate = adaptive(|it| (it.min, it.initial) = (Some(2), Some(8))).unwrap();
        let handle = gate.handle(Arc::new(TestWaker::default()));
        assert_eq!(handle.concurrency(), 8);
        for joined in [
            adaptive(|_| {}),
            adaptive(|it| it.min = Some(2)),
            adaptive(|it| (it.max, it.algorithm) = (Some(200), Some(Algorithm::Latency))),
            adaptive(|it| *it = Adaptive::default().min(2).initial(8).into()),
        ] {
            assert!(handle.is_of(&joined.unwrap()));
        }
        let conflict = adaptive(|it| it.max = Some(9)).unwrap_err().to_string();
        assert_eq!(
            conflict,
            "`concurrency` of the limit 'api' is adaptive from 2 to 200, at first 8, by 'latency', \
            got adaptive from 2 to 9, at first 8, by 'latency'"
        );
        let fixed = open(&registry, "fixed", &given(8)).unwrap();
        let mut joiner = PartialOptions::default();
        joiner.adaptive = Some(PartialAdaptive::default());
        assert!(open(&registry, "fixed", &joiner).is_err(), "it is not adaptive");
        drop(fixed);
    }

    #[test]
    fn a_name_is_free_when_its_gate_is_closed_and_idle_and_not_sooner() {
        let registry = Registry::default();
        let is_of = |handle: &GateHandle<FakeClock>, given: PartialOptions| {
            handle.is_of(&open(&registry, "db", &given).unwrap())
        };
        let old = open(&registry, "db", &given(1)).unwrap();
        let [mine, yours] = [(), ()].map(|()| old.handle(Arc::new(TestWaker::default())));
        let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
        let ticket = yours.enter(Lane::Offline).unwrap().place.unwrap_err();
        mine.close();
        assert!(
            is_of(&mine, PartialOptions::default()) && !mine.is_over(),
            "one runs and one waits"
        );
        assert!(open(&registry, "db", &given(2)).is_err(), "and it is as it was");
        mine.settle(slot, Outcome::Fulfilled);
        assert!(is_of(&mine, PartialOptions::default()), "one has its slot and does not know");
        assert_eq!(yours.take_messages(), [Message::Closed, granted(ticket, slot)]);
        yours.settle(slot, Outcome::Fulfilled);
        assert!(mine.is_over() && yours.is_over());

        let none = open(&registry, "db", &PartialOptions::default()).unwrap_err();
        assert_eq!(none, NotOpened::NoConcurrency { name: "db".to_owned() });
        let new = open(&registry, "db", &given(2)).unwrap();
        let other = new.handle(Arc::new(TestWaker::default()));
        assert!(is_of(&other, PartialOptions::default()) && !mine.is_of(&new));
        assert_eq!(mine.enter(Lane::Online), Err(Refused::Closed));
        assert!(other.enter(Lane::Online).is_ok() && !other.is_closed());
        drop((old, mine, yours));
        assert!(is_of(&other, given(2)), "the old one takes nothing along");
    }

    #[test]
    fn a_closed_gate_is_over_when_who_held_it_up_is_gone() {
        let registry = Registry::default();
        let old = open(&registry, "db", &given(1)).unwrap();
        let [mine, yours] = [(), ()].map(|()| old.handle(Arc::new(TestWaker::default())));
        yours.enter(Lane::Online).unwrap();
        yours.enter(Lane::Online).unwrap();
        mine.close();
        assert!(!mine.is_over());
        drop(yours);
        assert!(mine.is_over());
        assert!(!mine.is_of(&open(&registry, "db", &given(1)).unwrap()));
    }

    #[test]
    fn names_that_come_and_go_are_forgotten() {
        let registry = Registry::default();
        let kept = open(&registry, "kept", &given(1)).unwrap();
        for number in 0..1_000 {
            open(&registry, &number.to_string(), &given(1)).unwrap();
        }
        let handle = kept.handle(Arc::new(TestWaker::default()));
        assert!(handle.is_of(&open(&registry, "kept", &given(1)).unwrap()));
    }
}

#[test]
fn a_call_may_enter_only_if_it_gets_a_slot_at_once() {
    let (mine, yours, waker) = two(1);
    let slot = mine.try_enter(Lane::Online).unwrap().slot.expect("a slot is free");
    assert_eq!(mine.try_enter(Lane::Online).unwrap().slot, None);
    assert_eq!(yours.try_enter(Lane::Online).unwrap().slot, None);
    assert_eq!((mine.pending(Lane::Online), waker.wakes()), (0, 0), "it takes no place");
    settle(&mine, slot);
    let slot = yours.try_enter(Lane::Online).unwrap().slot.expect("a slot is free");
    let refused = Refused::Weight { given: 2, lane: Lane::Online, most: 1 };
    assert_eq!(mine.try_enter(Request::new(Lane::Online).weight(2)), Err(refused));
    mine.close();
    assert_eq!(mine.try_enter(Lane::Online), Err(Refused::Closed));
    assert_eq!(mine.stats().online.refused, 0);
    settle(&yours, slot);
}

#[test]
fn messages_are_read_before_a_call_enters() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    let ticket = waits(&yours, Lane::Online);
    settle(&mine, slot);
    let asked = yours.try_enter(Lane::Online).unwrap();
    assert_eq!((asked.slot, asked.has_messages), (None, true));
    assert_eq!(yours.take_message(), Some(Message::Granted { ticket, slot }));
    let asked = yours.try_enter(Lane::Online).unwrap();
    assert_eq!((asked.slot, asked.has_messages), (None, false), "its own call has the slot");
}

#[test]
fn a_slot_that_is_taken_back_was_never_granted() {
    let (mine, yours, _) = two(1);
    let slot = mine.try_enter(Lane::Online).unwrap().slot.expect("a slot is free");
    let ticket = waits(&yours, Lane::Online);
    mine.take_back(slot);
    assert_eq!(mine.next(), None, "it goes to the other handle");
    assert!(
        matches!(yours.take_message(), Some(Message::Granted { ticket: of, .. }) if of == ticket)
    );
    let stats = mine.stats().online;
    assert_eq!((stats.granted, stats.settled, stats.cleared), (1, 0, 0));
}
