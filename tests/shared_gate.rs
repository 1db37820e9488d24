//! One gate for several threads: what its ends are told, by answers and by letters.
//!
//! The policy itself is tested elsewhere; whatever ends do, it has to be that of one plain arbiter that is asked the
//! same (`shared_policy.rs`).

#![cfg(not(p_lanes_loom))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, Algorithm, End, Given, GivenAdaptive, Lane, Letter, NotOpened, Options, Outcome,
    Refused, Registry, Request, SharedGate, Slot,
};
use p_lanes::pool::Wake;

/// Counts how often it was rung.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn rung(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn gate(concurrency: u64) -> SharedGate {
    SharedGate::new(Options::new(concurrency)).unwrap()
}

fn end(gate: &SharedGate) -> (End, Arc<Bell>) {
    let bell = Arc::new(Bell::default());
    (gate.end(bell.clone()), bell)
}

fn two(concurrency: u64) -> (End, End, Arc<Bell>) {
    let gate = gate(concurrency);
    let (yours, bell) = end(&gate);
    (end(&gate).0, yours, bell)
}

fn runs(end: &End, request: impl Into<Request>) -> Slot {
    end.enter(request).unwrap().place.expect("a slot is free")
}

fn waits(end: &End, request: impl Into<Request>) -> u32 {
    end.enter(request).unwrap().place.expect_err("no slot is free")
}

fn settle(end: &End, slot: Slot) -> Option<u32> {
    end.settle(slot, Outcome::Fulfilled).next
}

fn granted(ticket: u32, slot: Slot) -> Letter {
    Letter::Granted { ticket, slot }
}

#[test]
fn a_thread_alone_is_told_by_answers_and_never_woken() {
    let (mine, bell) = end(&gate(1));
    let slot = runs(&mine, Lane::Online);
    let ticket = waits(&mine, Lane::Online);
    assert!(!mine.awaits_letters(), "it is the one that holds the slot");
    let settled = mine.settle(slot, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.is_idle), (Some(ticket), false));
    let settled = mine.settle(slot, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.is_idle, settled.more), (None, true, false));
    let batch = mine.enter_batch(Lane::Online, 2).unwrap();
    assert_eq!(mine.next(), Some((slot, batch)));
    assert_eq!(mine.next(), None);
    assert_eq!(settle(&mine, slot), Some(batch));
    assert_eq!((mine.letters(), bell.rung()), (vec![], 0));
}

#[test]
fn many_letters_are_one_wake_up() {
    let (mine, yours, bell) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let tickets = [(); 2].map(|()| waits(&yours, Lane::Online));
    assert!(yours.awaits_letters() && !mine.awaits_letters());
    for slot in slots {
        assert_eq!(settle(&mine, slot), None);
    }
    assert!(yours.awaits_letters(), "they are there");
    assert_eq!(bell.rung(), 1);
    let letters = yours.letters();
    assert_eq!(letters, [granted(tickets[0], slots[0]), granted(tickets[1], slots[1])]);
    assert!(!yours.awaits_letters());

    waits(&yours, Lane::Online);
    settle(&yours, slots[0]);
    assert_eq!((yours.letters(), bell.rung()), (vec![], 0), "it has told itself");
}

#[test]
fn a_number_is_kept_until_the_letters_after_the_one_about_it() {
    let (mine, yours, _) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let tickets = [(); 2].map(|()| waits(&yours, Lane::Online));
    for slot in slots {
        settle(&mine, slot);
    }
    let unread = waits(&yours, Lane::Online);
    assert_eq!(yours.letters().len(), 2);
    let while_reading = waits(&yours, Lane::Online);
    assert!(!tickets.contains(&unread) && !tickets.contains(&while_reading));
    yours.letters();
    assert!(tickets.contains(&waits(&yours, Lane::Online)));
}

#[test]
fn what_is_cancelled_before_its_letter_is_read_never_began() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    let cancelled = waits(&yours, Lane::Online);
    settle(&mine, slot);
    let other = waits(&mine, Lane::Online);
    yours.cancel(cancelled);
    assert_eq!(yours.letters(), []);
    assert!(mine.awaits_letters(), "somebody has yet to hand the slot out");
    assert_eq!(yours.next(), None);
    assert_eq!(mine.letters(), [granted(other, slot)]);

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
    assert_eq!(yours.letters(), [granted(batch, slots[0])]);
    settle(&mine, slots[1]);
    settle(&mine, slots[2]);
    yours.cancel(batch);
    assert_eq!((yours.letters(), yours.is_waiting()), (vec![], false));
    assert_eq!((mine.active(Lane::Online), mine.pending(Lane::Online)), (2, 0));
    assert!(yours.settle(slots[0], Outcome::Fulfilled).is_idle);
}

#[test]
fn clearing_takes_ones_own_or_everything_and_starts_nothing_in_between() {
    let (mine, yours, bell) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let heavy = waits(&mine, Request::new(Lane::Online).weight(2));
    let light = waits(&yours, Lane::Offline);
    let high = waits(&mine, Request::new(Lane::Online).priority(1));
    settle(&mine, slots[0]);
    settle(&mine, slots[0]);

    assert_eq!(mine.clear(Lane::Online, false), [heavy]);
    assert_eq!((yours.letters(), bell.rung()), (vec![], 0));
    assert!(yours.awaits_letters());
    assert_eq!(mine.next(), None);
    assert_eq!(yours.letters(), [granted(light, slots[0])], "the slot that the heavy one kept");
    assert_ne!(high, heavy);

    let theirs = waits(&yours, Lane::Online);
    let own = waits(&mine, Lane::Online);
    bell.rung();
    assert_eq!(mine.clear(Lane::Online, true), [own]);
    assert_eq!(bell.rung(), 1);
    assert!(!yours.is_waiting());
    assert_ne!(waits(&yours, Lane::Online), theirs, "not while its letter lies there");
    assert_eq!(yours.letters(), [Letter::Dropped { ticket: theirs }]);
}

#[test]
fn who_cancels_what_another_has_cleared_hears_no_more_of_it() {
    let (mine, yours, _) = two(1);
    runs(&mine, Lane::Online);
    let ticket = waits(&yours, Lane::Online);
    mine.clear(Lane::Online, true);
    yours.cancel(ticket);
    assert_eq!(yours.letters(), []);
    assert_eq!(waits(&yours, Lane::Online), ticket, "it is free");
}

#[test]
fn a_cleared_batch_takes_its_untold_units_along() {
    let (mine, yours, _) = two(2);
    let slots = [(); 2].map(|()| runs(&mine, Lane::Online));
    let batch = yours.enter_batch(Lane::Online, 3).unwrap();
    settle(&mine, slots[0]);
    mine.clear(Lane::Online, true);
    assert_eq!(yours.letters(), [Letter::Dropped { ticket: batch }]);
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
    assert!(matches!(yours.letters()[..], [Letter::Granted { ticket, .. }] if ticket == light));
}

#[test]
fn what_an_end_leaves_goes_to_who_is_next() {
    let gate = gate(3);
    let ((mine, _), (yours, bell), (third, _)) = (end(&gate), end(&gate), end(&gate));
    let a = runs(&mine, Lane::Online);
    let b = runs(&mine, Lane::Online);
    let c = runs(&third, Lane::Online);
    waits(&third, Request::new(Lane::Online).priority(1));
    waits(&third, Lane::Online);
    settle(&mine, a); // a letter for the third, which it does not read
    let tickets = [(); 3].map(|()| waits(&yours, Lane::Online));
    drop(third);
    let letters = yours.letters();
    assert_eq!(bell.rung(), 1);
    assert_eq!(letters, [granted(tickets[0], c), granted(tickets[1], a)]);
    settle(&mine, b);
    assert_eq!(yours.letters(), [granted(tickets[2], b)]);
    let online = mine.stats().online;
    assert_eq!((online.rejected, online.active, online.pending), (1, 3, 0));
}

#[test]
fn an_end_that_dies_before_it_calls_next_holds_nobody_up() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    mine.pause();
    let ticket = waits(&yours, Lane::Online);
    settle(&mine, slot);
    assert!(yours.awaits_letters(), "another end may end the pause");
    mine.resume();
    assert!(yours.awaits_letters());
    drop(mine);
    assert_eq!(yours.letters(), [granted(ticket, slot)]);
}

#[test]
fn who_is_left_alone_in_a_pause_awaits_nothing_and_is_told() {
    let (mine, yours, _) = two(1);
    mine.pause();
    waits(&yours, Lane::Online);
    assert!(yours.awaits_letters());
    drop(mine);
    assert_eq!(yours.letters(), [Letter::Changed]);
    assert!(!yours.awaits_letters(), "nobody else can end the pause");
}

#[test]
fn who_has_paused_and_waits_is_told_when_others_hold_nothing_any_more() {
    let (mine, yours, _) = two(2);
    let slot = runs(&yours, Lane::Online);
    mine.pause();
    waits(&mine, Lane::Online);
    assert!(mine.awaits_letters(), "what is settled may be of interest");
    assert_eq!(settle(&yours, slot), None);
    assert_eq!(mine.letters(), [Letter::Changed]);
    assert!(!mine.awaits_letters());
}

#[test]
fn who_waits_beside_its_own_slots_is_told_when_another_end_dies() {
    let (mine, yours, _) = two(2);
    runs(&mine, Lane::Online);
    let slot = runs(&yours, Lane::Online);
    let heavy = mine.enter(Request::new(Lane::Online).weight(2)).unwrap();
    assert!(heavy.place.is_err() && heavy.awaits_letters);
    assert_eq!(settle(&yours, slot), None);
    assert_eq!(mine.letters(), [Letter::Changed]);
    assert!(!mine.awaits_letters(), "it lacks a slot of its own");
    drop(yours);
    assert_eq!(mine.letters(), [], "it does not rely on anything");
}

#[test]
fn slots_are_told_of_in_the_order_in_which_they_came() {
    let (mine, yours, _) = two(2);
    let (a, b) = (runs(&mine, Lane::Online), runs(&yours, Lane::Online));
    let tickets = [(); 3].map(|()| waits(&yours, Lane::Online));
    settle(&mine, a);
    let settled = yours.settle(b, Outcome::Fulfilled);
    assert_eq!((settled.next, settled.has_letters), (None, true), "there is an earlier one");
    assert_eq!(yours.clear(Lane::Online, false), [], "which is before what is cleared, too");
    assert_eq!(yours.letter(), Some(granted(tickets[0], a)));
    assert_eq!(yours.letter(), Some(granted(tickets[1], b)));
    assert_eq!(yours.letter(), Some(Letter::Dropped { ticket: tickets[2] }));
    assert_eq!(yours.letter(), None);
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
    assert!(entered.has_letters);
    assert_eq!(yours.letters(), [granted(first, a), granted(second, b)]);
}

#[test]
fn an_end_with_letters_is_not_idle() {
    let (mine, yours, _) = two(1);
    let slot = runs(&yours, Lane::Online);
    let ticket = waits(&yours, Lane::Online);
    mine.clear(Lane::Online, true);
    assert!(!yours.settle(slot, Outcome::Fulfilled).is_idle);
    assert_eq!(yours.letters(), [Letter::Dropped { ticket }]);
}

#[test]
fn a_bell_may_own_an_end_itself() {
    struct Owner {
        _end: End,
    }
    impl Wake for Owner {
        fn wake(&self) {}
    }
    let gate = gate(1);
    let owner = Arc::new(Owner { _end: end(&gate).0 });
    drop(gate.end(owner));
}

#[test]
#[should_panic(expected = "this end does not hold")]
fn nobody_settles_a_slot_of_somebody_else() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| settle(&yours, slot)));
    assert_eq!((mine.active(Lane::Online), settle(&mine, slot)), (1, None), "nothing has changed");
    std::panic::resume_unwind(refused.unwrap_err());
}

#[test]
fn an_attempt_that_is_overloaded_reduces_the_limit_of_all_ends() {
    let options = Options::new(1).adaptive(Adaptive::default().initial(20));
    let gate = SharedGate::with_clock(options, FakeClock::default()).unwrap();
    let [mine, yours] = [(); 2].map(|()| gate.end(Arc::new(Bell::default())));
    let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
    mine.attempt_failed(slot, Outcome::Overloaded);
    assert_eq!((yours.concurrency(), yours.active(Lane::Online)), (18, 1));
}

#[test]
#[should_panic(expected = "this end does not hold")]
fn nobody_tries_again_in_a_slot_of_somebody_else() {
    let (mine, yours, _) = two(1);
    let slot = runs(&mine, Lane::Online);
    yours.attempt_failed(slot, Outcome::Rejected);
}

#[test]
fn closing_is_told_once() {
    let (mine, yours, bell) = two(1);
    mine.close();
    yours.close();
    mine.close();
    assert_eq!((yours.letters(), bell.rung()), (vec![Letter::Closed], 1));
    assert_eq!(mine.letters(), []);
    assert_eq!(yours.enter(Lane::Online), Err(Refused::Closed));
    assert!(yours.is_closed());
}

#[test]
fn who_watches_is_told_of_changes_and_of_nothing_else() {
    let (mine, yours, bell) = two(1);
    let slot = runs(&mine, Lane::Online);
    assert_eq!(bell.rung(), 0);
    yours.watch(true);
    mine.next();
    mine.stats();
    assert_eq!((yours.letters(), bell.rung()), (vec![], 0), "nothing has changed");
    waits(&mine, Lane::Online);
    settle(&mine, slot);
    settle(&mine, slot);
    assert_eq!((yours.letters(), bell.rung()), (vec![Letter::Changed], 1));
    runs(&yours, Lane::Online);
    assert_eq!(yours.letters(), [], "it knows");
    yours.watch(false);
    waits(&mine, Lane::Online);
    assert_eq!(yours.letters(), []);
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
    assert_eq!(yours.letters(), [granted(other, a)]);
    assert_eq!(yours.join(other, b, Lane::Online), Ok(()), "it waits no more");
}

mod by_name {
    use super::*;

    fn open(
        registry: &Registry<FakeClock>,
        name: &str,
        given: &Given,
    ) -> Result<SharedGate<FakeClock>, NotOpened> {
        registry.open(name, given, FakeClock::default)
    }

    fn given(concurrency: u64) -> Given {
        let mut given = Given::default();
        given.concurrency = Some(concurrency);
        given
    }

    #[test]
    fn a_gate_is_the_same_for_all_as_long_as_anybody_has_it() {
        let registry = Registry::default();
        let none = open(&registry, "db", &Given::default()).unwrap_err();
        assert_eq!(none, NotOpened::NoConcurrency { name: "db".to_owned() });

        let gate = open(&registry, "db", &given(2)).unwrap();
        let end = gate.end(Arc::new(Bell::default()));
        assert!(end.is_of(&open(&registry, "db", &Given::default()).unwrap()));
        assert!(!end.is_of(&open(&registry, "cache", &given(2)).unwrap()));
        drop(gate);
        assert!(end.is_of(&open(&registry, "db", &given(2)).unwrap()), "an end has it");
        drop(end);
        assert!(open(&registry, "db", &Given::default()).is_err());
        assert!(open(&registry, "db", &given(3)).is_ok());
    }

    #[test]
    fn another_value_is_refused_with_both_named() {
        let registry = Registry::default();
        let gate = open(&registry, "db", &given(2)).unwrap();
        let end = gate.end(Arc::new(Bell::default()));
        let conflict = open(&registry, "db", &given(3)).unwrap_err().to_string();
        assert_eq!(conflict, "`concurrency` of the limit 'db' is 2, got 3");

        end.set_concurrency(3).unwrap();
        for concurrency in [2, 3] {
            assert!(open(&registry, "db", &given(concurrency)).is_ok(), "what it was or is");
        }
        let change = |with: fn(&mut Given)| {
            let mut given = given(3);
            with(&mut given);
            open(&registry, "db", &given)
        };
        assert!(change(|it| it.reserve = Some(1)).is_ok(), "as by default");
        for (refused, name) in [
            (change(|it| it.reserve = Some(2)), "reserve"),
            (change(|it| it.offline_share = Some(0.5)), "offlineShare"),
            (change(|it| it.max_queue[1] = Some(5)), "maxQueue.offline"),
            (change(|it| it.overflows = Some(true)), "overflow"),
        ] {
            match refused {
                Err(NotOpened::Conflict { option, .. }) => assert_eq!(option, name),
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(open(&registry, "new", &given(0)), Err(NotOpened::Option(_))));
        assert!(open(&registry, "new", &Given::default()).is_err(), "and was not made");
    }

    #[test]
    fn of_an_adaptive_limit_what_is_left_out_is_as_it_is() {
        let registry = Registry::default();
        let adaptive = |with: fn(&mut GivenAdaptive)| {
            let mut given = Given::default();
            with(given.adaptive.insert(GivenAdaptive::default()));
            open(&registry, "api", &given)
        };
        let gate = adaptive(|it| (it.min, it.initial) = (Some(2), Some(8))).unwrap();
        let end = gate.end(Arc::new(Bell::default()));
        assert_eq!(end.concurrency(), 8);
        for joined in [
            adaptive(|_| {}),
            adaptive(|it| it.min = Some(2)),
            adaptive(|it| (it.max, it.algorithm) = (Some(200), Some(Algorithm::Latency))),
            adaptive(|it| *it = Adaptive::default().min(2).initial(8).into()),
        ] {
            assert!(end.is_of(&joined.unwrap()));
        }
        let conflict = adaptive(|it| it.max = Some(9)).unwrap_err().to_string();
        assert_eq!(
            conflict,
            "`concurrency` of the limit 'api' is adaptive from 2 to 200, at first 8, by 'latency', \
            got adaptive from 2 to 9, at first 8, by 'latency'"
        );
        let fixed = open(&registry, "fixed", &given(8)).unwrap();
        let mut joiner = Given::default();
        joiner.adaptive = Some(GivenAdaptive::default());
        assert!(open(&registry, "fixed", &joiner).is_err(), "it is not adaptive");
        drop(fixed);
    }

    #[test]
    fn a_name_is_free_when_its_gate_is_closed_and_idle_and_not_sooner() {
        let registry = Registry::default();
        let is_of =
            |end: &End<FakeClock>, given: Given| end.is_of(&open(&registry, "db", &given).unwrap());
        let old = open(&registry, "db", &given(1)).unwrap();
        let [mine, yours] = [(), ()].map(|()| old.end(Arc::new(Bell::default())));
        let slot = mine.enter(Lane::Online).unwrap().place.unwrap();
        let ticket = yours.enter(Lane::Offline).unwrap().place.unwrap_err();
        mine.close();
        assert!(is_of(&mine, Given::default()) && !mine.is_over(), "one runs and one waits");
        assert!(open(&registry, "db", &given(2)).is_err(), "and it is as it was");
        mine.settle(slot, Outcome::Fulfilled);
        assert!(is_of(&mine, Given::default()), "one has its slot and does not know");
        assert_eq!(yours.letters(), [Letter::Closed, granted(ticket, slot)]);
        yours.settle(slot, Outcome::Fulfilled);
        assert!(mine.is_over() && yours.is_over());

        let none = open(&registry, "db", &Given::default()).unwrap_err();
        assert_eq!(none, NotOpened::NoConcurrency { name: "db".to_owned() });
        let new = open(&registry, "db", &given(2)).unwrap();
        let other = new.end(Arc::new(Bell::default()));
        assert!(is_of(&other, Given::default()) && !mine.is_of(&new));
        assert_eq!(mine.enter(Lane::Online), Err(Refused::Closed));
        assert!(other.enter(Lane::Online).is_ok() && !other.is_closed());
        drop((old, mine, yours));
        assert!(is_of(&other, given(2)), "the old one takes nothing along");
    }

    #[test]
    fn a_closed_gate_is_over_when_who_held_it_up_is_gone() {
        let registry = Registry::default();
        let old = open(&registry, "db", &given(1)).unwrap();
        let [mine, yours] = [(), ()].map(|()| old.end(Arc::new(Bell::default())));
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
        let end = kept.end(Arc::new(Bell::default()));
        assert!(end.is_of(&open(&registry, "kept", &given(1)).unwrap()));
    }
}
