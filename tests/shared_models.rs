//! Every interleaving of small cases of what passes between the handles of a shared gate.
//! A wake-up that is lost shows as a deadlock, which loom reports. With each model stands what it catches: changes
//! to the code that were tried, and failed in it.
//!
//! `RUSTFLAGS="--cfg p_lanes_loom" cargo test --release --test shared_models`

#![cfg(p_lanes_loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};
use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    GateHandle, Lane::Online, Message, Options, Outcome, PartialOptions, Registry, SharedGate, Slot,
};
use p_lanes::pool::Wake;

/// Has its owner look once more, however often it is woken before he does.
#[derive(Default)]
struct TestWaker {
    is_rung: Mutex<bool>,
    rings: Condvar,
}

impl TestWaker {
    fn sleep(&self) {
        let mut is_rung = self.is_rung.lock().unwrap();
        while !*is_rung {
            is_rung = self.rings.wait(is_rung).unwrap();
        }
        *is_rung = false;
    }
}

impl Wake for TestWaker {
    fn wake(&self) {
        *self.is_rung.lock().unwrap() = true;
        self.rings.notify_one();
    }
}

/// Who runs something now, in one gate. No part of the model: nobody acts on it.
#[derive(Clone)]
struct Running {
    now: Arc<AtomicUsize>,
    most: usize,
}

impl Running {
    fn at_most(most: usize) -> Self {
        Self { now: Arc::default(), most }
    }

    fn one_begins(&self) {
        let before = self.now.fetch_add(1, Ordering::Relaxed);
        assert!(before < self.most, "more than {} run", self.most);
    }

    fn one_ends(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Member {
    handle: GateHandle<FakeClock>,
    waker: Arc<TestWaker>,
    running: Running,
}

impl Member {
    fn new(gate: &SharedGate<FakeClock>, running: &Running) -> Self {
        let waker = Arc::new(TestWaker::default());
        Self { handle: gate.handle(waker.clone()), waker, running: running.clone() }
    }

    /// A call that has its slot at once.
    fn begins(&self) -> Slot {
        let slot = self.handle.enter(Online).unwrap().place.expect("a slot is free");
        self.running.one_begins();
        slot
    }

    /// A call that waits.
    fn waits(&self) -> u32 {
        self.handle.enter(Online).unwrap().place.expect_err("no slot is free")
    }

    fn handles(&self, slot: Slot) {
        self.running.one_ends();
        let settled = self.handle.settle(slot, Outcome::Fulfilled);
        assert_eq!(settled.next, None, "of one's own nothing else waits");
    }

    /// Looks for messages whenever it is woken, and never otherwise, until there are some.
    fn take_messages(&self) -> Vec<Message> {
        loop {
            self.waker.sleep();
            let messages = self.handle.take_messages();
            if !messages.is_empty() {
                return messages;
            }
        }
    }

    /// Sleeps until it is told of a slot for a ticket, and of nothing else.
    fn begins_by_message(&self, ticket: u32) -> Slot {
        match self.take_messages()[..] {
            [Message::Granted { ticket: told, slot }] if told == ticket => {
                self.running.one_begins();
                slot
            }
            ref others => panic!("{others:?}"),
        }
    }

    /// One call from its beginning to its handle.
    fn runs_one(&self) {
        let slot = match self.handle.enter(Online).unwrap().place {
            Ok(slot) => {
                self.running.one_begins();
                slot
            }
            Err(ticket) => self.begins_by_message(ticket),
        };
        self.handles(slot);
    }

    fn is_alone_and_idle(&self) {
        let units = (self.handle.active(Online), self.handle.pending(Online));
        assert_eq!((units, self.handle.take_messages()), ((0, 0), vec![]));
    }
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    loom::model::Builder::new().check(model);
}

/// So many members of one gate with so many slots.
fn members<const N: usize>(slots: usize) -> [Member; N] {
    let gate = SharedGate::with_clock(Options::new(slots as u64), FakeClock::default()).unwrap();
    let running = Running::at_most(slots);
    [(); N].map(|()| Member::new(&gate, &running))
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Catches: a message that wakes nobody; a slot that is free instead of handed over; a waker that is woken before the
/// message is there.
#[test]
fn a_slot_goes_to_who_waits_in_another_thread_and_falls_asleep() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let thread = thread::spawn(move || yours.runs_one());
        mine.handles(slot);
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Two messages come from another thread while their handle looks for messages in its way, each look in one wake-up.
fn two_messages_are_told(look: fn(&Member) -> Vec<Message>) {
    check(move || {
        let [mine, yours] = members(2);
        let slots = [(); 2].map(|()| mine.begins());
        let tickets = [(); 2].map(|()| yours.waits());
        let thread = thread::spawn(move || {
            let mut told = Vec::new();
            while told.len() < 2 {
                told.extend(look(&yours).into_iter().map(|message| match message {
                    Message::Granted { ticket, slot } => (ticket, slot),
                    other => panic!("{other:?}"),
                }));
            }
            assert_eq!(told, [(tickets[0], slots[0]), (tickets[1], slots[1])]);
            for (_, slot) in told {
                yours.running.one_begins();
                yours.handles(slot);
            }
        });
        slots.into_iter().for_each(|slot| mine.handles(slot));
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Catches: messages that are taken one at a time; a waker that is woken for the first message of all alone; messages that
/// are copied and thrown away later, under another hold of the lock.
#[test]
fn messages_that_come_while_others_are_taken_are_told() {
    two_messages_are_told(Member::take_messages);
}

/// Catches: one look for one message, after which nobody rings for the others.
#[test]
fn messages_that_come_while_others_are_read_one_by_one_are_told() {
    two_messages_are_told(|yours| {
        yours.waker.sleep();
        std::iter::from_fn(|| yours.handle.take_message()).collect()
    });
}

/// Catches: a call that finds no slot and is queued under another hold of the lock; a number that is free as soon as
/// its ticket is granted.
#[test]
fn two_that_settle_and_enter_at_once_both_go_on() {
    check(|| {
        let [mine, yours] = members(1);
        let thread = thread::spawn(move || {
            yours.runs_one();
            yours.runs_one();
        });
        mine.runs_one();
        mine.runs_one();
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Catches: the slot of a message that is void and goes to nobody; a message about what was cancelled.
#[test]
fn a_call_is_cancelled_while_another_thread_gives_it_a_slot() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let cancelled = yours.waits();
        let thread = thread::spawn(move || {
            yours.handle.cancel(cancelled);
            assert_eq!(yours.handle.next(), None);
            yours.runs_one();
        });
        mine.handles(slot);
        mine.runs_one();
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Catches: a cleared batch whose handle is told of its grants, too; one that keeps the slots of messages that are void.
#[test]
fn a_batch_is_cleared_everywhere_while_its_handle_is_told_of_units() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let batch = yours.handle.enter_batch(Online, 2).unwrap();
        let thread = thread::spawn(move || {
            let mut begun = 0;
            loop {
                match yours.take_messages()[..] {
                    [Message::Granted { ticket, slot }] if ticket == batch => {
                        let mut next = Some(batch);
                        while next == Some(batch) {
                            begun += 1;
                            yours.running.one_begins();
                            yours.running.one_ends();
                            next = yours.handle.settle(slot, Outcome::Fulfilled).next;
                        }
                        if begun == 2 {
                            break;
                        }
                    }
                    [Message::Dropped { ticket }] if ticket == batch => break,
                    ref others => panic!("{others:?}"),
                }
            }
            yours
        });
        mine.handles(slot);
        assert_eq!(mine.handle.clear(Online, true), []);
        assert_eq!(mine.handle.next(), None);
        mine.runs_one();
        // Its handle gives back what it had kept.
        let yours = thread.join().unwrap();
        mine.is_alone_and_idle();
        drop(yours);
    });
}

/// Catches: messages that die with their handle, and the slots in them too.
#[test]
fn a_handle_goes_while_it_is_given_a_slot() {
    check(|| {
        let [mine, yours, third] = members(1);
        let slot = mine.begins();
        yours.waits();
        let third_waits = third.waits();
        let threads = [
            thread::spawn(move || drop(yours)),
            thread::spawn(move || {
                let slot = third.begins_by_message(third_waits);
                third.handles(slot);
            }),
        ];
        mine.handles(slot);
        join(threads);
        mine.is_alone_and_idle();
    });
}

/// Catches: slots that are kept by a handle that is gone; tickets that leave after its slots went on, to themselves.
#[test]
fn a_handle_goes_with_its_slot_while_another_comes() {
    check(|| {
        let [mine, yours] = members(1);
        mine.begins();
        mine.running.one_ends();
        mine.waits();
        let thread = thread::spawn(move || {
            yours.runs_one();
            yours.is_alone_and_idle();
        });
        drop(mine);
        join([thread]);
    });
}

/// Catches: the handle of a handle that leaves free slots to nobody.
#[test]
fn who_ends_a_pause_and_is_gone_leaves_nobody_waiting() {
    check(|| {
        let [mine, yours] = members(1);
        mine.handle.pause();
        let thread = thread::spawn(move || {
            yours.runs_one();
            yours.is_alone_and_idle();
        });
        mine.handle.resume();
        drop(mine);
        join([thread]);
    });
}

/// Catches: a change that is not told; one that is not told because another one was, long ago.
#[test]
fn who_watches_sees_the_last_change() {
    check(|| {
        let [mine, yours] = members(2);
        let slots = [(); 2].map(|()| mine.begins());
        let thread = thread::spawn(move || {
            yours.handle.watch(true);
            while yours.handle.active(Online) > 0 {
                yours.take_messages();
            }
        });
        slots.into_iter().for_each(|slot| mine.handles(slot));
        join([thread]);
    });
}

/// Who waits in a pause of the gate, and sleeps where it is told that a message will come.
fn relies_on_messages(yours: &Member) {
    let entered = yours.handle.enter(Online).unwrap();
    let ticket = entered.place.expect_err("it is paused");
    if entered.expects_messages {
        assert_eq!(yours.take_messages(), [Message::Changed]);
    }
    assert!(!yours.handle.expects_messages(), "nobody else can help it");
    yours.handle.resume();
    let (slot, next) = yours.handle.next().expect("a slot is free");
    assert_eq!(next, ticket);
    yours.handle.settle(slot, Outcome::Fulfilled);
}

/// Catches: who has paused a gate and is gone without a word; a handle that is told before the pause is nobody's.
#[test]
fn who_waits_for_the_end_of_a_pause_is_told_that_nobody_will_end_it() {
    check(|| {
        let [mine, yours] = members(1);
        mine.handle.pause();
        let thread = thread::spawn(move || relies_on_messages(&yours));
        drop(mine);
        join([thread]);
    });
}

/// Catches: a slot that is given back in silence, as nobody may have it.
#[test]
fn who_waits_for_the_slot_of_another_in_a_pause_of_its_own_is_told_that_it_is_free() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        yours.handle.pause();
        let thread = thread::spawn(move || {
            relies_on_messages(&yours);
            yours
        });
        mine.handles(slot);
        let yours = thread.join().unwrap();
        mine.is_alone_and_idle();
        drop(yours);
    });
}

/// Ends the pause that an attempt of another handle waits for, and looks at what may start then.
fn ends_the_pause(mine: &Member) {
    mine.handle.resume();
    assert_eq!(mine.handle.next(), None, "nothing of its own waits");
}

/// Catches: an attempt that begins and is not told; a handle that is told to expect nothing.
#[test]
fn who_waits_for_an_attempt_is_told_of_it_once() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = yours.begins();
        mine.handle.pause_for(Duration::from_secs(1));
        let thread = thread::spawn(move || {
            if !yours.handle.attempt(slot) {
                assert_eq!(yours.handle.next(), None);
                assert!(yours.handle.expects_messages(), "its thread may end otherwise");
                assert_eq!(yours.take_messages(), [Message::Attempt { slot }]);
            }
            yours.handles(slot);
            yours
        });
        ends_the_pause(&mine);
        let yours = thread.join().unwrap();
        assert_eq!(yours.handle.take_messages(), []);
    });
}

/// Catches: an attempt that is taken back and still begins, perhaps in the next call in that slot.
#[test]
fn an_attempt_is_taken_back_while_another_thread_begins_it() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = yours.begins();
        mine.handle.pause_for(Duration::from_secs(1));
        let thread = thread::spawn(move || {
            if !yours.handle.attempt(slot) {
                yours.handle.cancel_attempt(slot);
                assert_eq!(yours.handle.next(), None);
                let told = yours.handle.take_messages();
                assert!(told.is_empty() || told == [Message::Attempt { slot }], "{told:?}");
            }
            yours.handles(slot);
            yours
        });
        ends_the_pause(&mine);
        let yours = thread.join().unwrap();
        assert_eq!(yours.begins(), slot);
        assert_eq!(yours.handle.take_messages(), [], "of the attempt that was taken back");
    });
}

/// Catches: an attempt that stays when its handle has gone, and keeps its slot.
#[test]
fn a_handle_goes_while_another_thread_begins_its_attempt() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = yours.begins();
        mine.handle.pause_for(Duration::from_secs(1));
        yours.handle.attempt(slot);
        let thread = thread::spawn(move || {
            yours.running.one_ends();
            drop(yours);
        });
        ends_the_pause(&mine);
        join([thread]);
        mine.runs_one();
        mine.is_alone_and_idle();
    });
}

/// Catches: a close that wakes nobody.
#[test]
fn who_sleeps_is_told_of_the_close() {
    check(|| {
        let [mine, yours] = members(1);
        let thread = thread::spawn(move || assert_eq!(yours.take_messages(), [Message::Closed]));
        mine.handle.close();
        join([thread]);
    });
}

/// Catches: a name that is free as soon as its gate is closed.
#[test]
fn a_name_is_free_when_the_closed_gate_has_nothing_to_do_and_not_sooner() {
    check(|| {
        let registry = Arc::new(Registry::<FakeClock>::default());
        let mut given = PartialOptions::default();
        given.concurrency = Some(1);
        let open = move |registry: &Registry<FakeClock>| {
            registry.open("db", &given, FakeClock::default).unwrap()
        };
        let running = Running::at_most(1);
        let old = Member::new(&open(&registry), &running);
        let slot = old.begins();
        old.handle.close();
        let comes = {
            let (registry, open) = (registry.clone(), open.clone());
            move || {
                let member = Member::new(&open(&registry), &running);
                let is_let_in = !member.handle.is_closed();
                if is_let_in {
                    member.runs_one();
                }
                is_let_in
            }
        };
        let threads = [thread::spawn({
            let comes = comes.clone();
            move || {
                comes();
            }
        })];
        assert!(!old.handle.is_over()); // others may come in here while it runs
        old.handles(slot);
        assert!(comes(), "the old one is over");
        assert!(old.handle.is_over() && !old.handle.is_of(&open(&registry)));
        join(threads);
    });
}

/// Catches: a name that is looked up and taken under two holds of the lock, so that two gates have it.
#[test]
fn a_name_is_one_gate_while_the_last_handle_goes_and_two_come() {
    check(|| {
        let registry = Arc::new(Registry::<FakeClock>::default());
        let mut given = PartialOptions::default();
        given.concurrency = Some(1);
        let open = move |registry: &Registry<FakeClock>| {
            registry.open("db", &given, FakeClock::default).unwrap()
        };
        let last = Member::new(&open(&registry), &Running::at_most(1));
        last.begins();
        last.running.one_ends();

        let running = Running::at_most(1);
        let comes = {
            let running = running.clone();
            let (registry, open) = (registry.clone(), open.clone());
            move || {
                let member = Member::new(&open(&registry), &running);
                member.runs_one();
                member
            }
        };
        let threads = [thread::spawn({
            let comes = comes.clone();
            move || {
                let member = comes();
                drop(member);
            }
        })];
        drop(last);
        let mine = comes();
        let again = open(&registry);
        assert!(mine.handle.is_of(&again));
        join(threads);
        mine.is_alone_and_idle();
    });
}
