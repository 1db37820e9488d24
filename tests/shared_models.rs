//! Every interleaving of small cases of what passes between the ends of a shared gate.
//! A wake-up that is lost shows as a deadlock, which loom reports. With each model stands what it catches: changes
//! to the code that were tried, and failed in it.
//!
//! `RUSTFLAGS="--cfg p_lanes_loom" cargo test --release --no-default-features --test shared_models`

#![cfg(p_lanes_loom)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};
use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    End, Given, Lane::Online, Letter, Options, Outcome, Registry, SharedGate, Slot,
};
use p_lanes::pool::Wake;

/// Has its owner look once more, however often it is rung before he does.
#[derive(Default)]
struct Bell {
    is_rung: Mutex<bool>,
    rings: Condvar,
}

impl Bell {
    fn sleep(&self) {
        let mut is_rung = self.is_rung.lock().unwrap();
        while !*is_rung {
            is_rung = self.rings.wait(is_rung).unwrap();
        }
        *is_rung = false;
    }
}

impl Wake for Bell {
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
    end: End<FakeClock>,
    bell: Arc<Bell>,
    running: Running,
}

impl Member {
    fn new(gate: &SharedGate<FakeClock>, running: &Running) -> Self {
        let bell = Arc::new(Bell::default());
        Self { end: gate.end(bell.clone()), bell, running: running.clone() }
    }

    /// A call that has its slot at once.
    fn begins(&self) -> Slot {
        let slot = self.end.enter(Online).unwrap().place.expect("a slot is free");
        self.running.one_begins();
        slot
    }

    /// A call that waits.
    fn waits(&self) -> u32 {
        self.end.enter(Online).unwrap().place.expect_err("no slot is free")
    }

    fn ends(&self, slot: Slot) {
        self.running.one_ends();
        let settled = self.end.settle(slot, Outcome::Fulfilled);
        assert_eq!(settled.next, None, "of one's own nothing else waits");
    }

    /// Looks for letters whenever it is woken, and never otherwise, until there are some.
    fn letters(&self) -> Vec<Letter> {
        loop {
            self.bell.sleep();
            let letters = self.end.letters();
            if !letters.is_empty() {
                return letters;
            }
        }
    }

    /// Sleeps until it is told of a slot for a ticket, and of nothing else.
    fn begins_by_letter(&self, ticket: u32) -> Slot {
        match self.letters()[..] {
            [Letter::Granted { ticket: told, slot }] if told == ticket => {
                self.running.one_begins();
                slot
            }
            ref others => panic!("{others:?}"),
        }
    }

    /// One call from its beginning to its end.
    fn runs_one(&self) {
        let slot = match self.end.enter(Online).unwrap().place {
            Ok(slot) => {
                self.running.one_begins();
                slot
            }
            Err(ticket) => self.begins_by_letter(ticket),
        };
        self.ends(slot);
    }

    fn is_alone_and_idle(&self) {
        let units = (self.end.active(Online), self.end.pending(Online));
        assert_eq!((units, self.end.letters()), ((0, 0), vec![]));
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

/// Catches: a letter that wakes nobody; a slot that is free instead of handed over; a bell that is rung before the
/// letter is there.
#[test]
fn a_slot_goes_to_who_waits_in_another_thread_and_falls_asleep() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let thread = thread::spawn(move || yours.runs_one());
        mine.ends(slot);
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Two letters come from another thread while their end looks for letters in its way, each look in one wake-up.
fn two_letters_are_told(look: fn(&Member) -> Vec<Letter>) {
    check(move || {
        let [mine, yours] = members(2);
        let slots = [(); 2].map(|()| mine.begins());
        let tickets = [(); 2].map(|()| yours.waits());
        let thread = thread::spawn(move || {
            let mut told = Vec::new();
            while told.len() < 2 {
                told.extend(look(&yours).into_iter().map(|letter| match letter {
                    Letter::Granted { ticket, slot } => (ticket, slot),
                    other => panic!("{other:?}"),
                }));
            }
            assert_eq!(told, [(tickets[0], slots[0]), (tickets[1], slots[1])]);
            for (_, slot) in told {
                yours.running.one_begins();
                yours.ends(slot);
            }
        });
        slots.into_iter().for_each(|slot| mine.ends(slot));
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Catches: letters that are taken one at a time; a bell that rings for the first letter of all alone; letters that
/// are copied and thrown away later, under another hold of the lock.
#[test]
fn letters_that_come_while_others_are_taken_are_told() {
    two_letters_are_told(Member::letters);
}

/// Catches: one look for one letter, after which nobody rings for the others.
#[test]
fn letters_that_come_while_others_are_read_one_by_one_are_told() {
    two_letters_are_told(|yours| {
        yours.bell.sleep();
        std::iter::from_fn(|| yours.end.letter()).collect()
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

/// Catches: the slot of a letter that is void and goes to nobody; a letter about what was cancelled.
#[test]
fn a_call_is_cancelled_while_another_thread_gives_it_a_slot() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let cancelled = yours.waits();
        let thread = thread::spawn(move || {
            yours.end.cancel(cancelled);
            assert_eq!(yours.end.next(), None);
            yours.runs_one();
        });
        mine.ends(slot);
        mine.runs_one();
        join([thread]);
        mine.is_alone_and_idle();
    });
}

/// Catches: a cleared batch whose end is told of its grants, too; one that keeps the slots of letters that are void.
#[test]
fn a_batch_is_cleared_everywhere_while_its_end_is_told_of_units() {
    check(|| {
        let [mine, yours] = members(1);
        let slot = mine.begins();
        let batch = yours.end.enter_batch(Online, 2).unwrap();
        let thread = thread::spawn(move || {
            let mut begun = 0;
            loop {
                match yours.letters()[..] {
                    [Letter::Granted { ticket, slot }] if ticket == batch => {
                        let mut next = Some(batch);
                        while next == Some(batch) {
                            begun += 1;
                            yours.running.one_begins();
                            yours.running.one_ends();
                            next = yours.end.settle(slot, Outcome::Fulfilled).next;
                        }
                        if begun == 2 {
                            break;
                        }
                    }
                    [Letter::Dropped { ticket }] if ticket == batch => break,
                    ref others => panic!("{others:?}"),
                }
            }
            yours
        });
        mine.ends(slot);
        assert_eq!(mine.end.clear(Online, true), []);
        assert_eq!(mine.end.next(), None);
        mine.runs_one();
        // Its end gives back what it had kept.
        let yours = thread.join().unwrap();
        mine.is_alone_and_idle();
        drop(yours);
    });
}

/// Catches: letters that die with their end, and the slots in them too.
#[test]
fn an_end_goes_while_it_is_given_a_slot() {
    check(|| {
        let [mine, yours, third] = members(1);
        let slot = mine.begins();
        yours.waits();
        let third_waits = third.waits();
        let threads = [
            thread::spawn(move || drop(yours)),
            thread::spawn(move || {
                let slot = third.begins_by_letter(third_waits);
                third.ends(slot);
            }),
        ];
        mine.ends(slot);
        join(threads);
        mine.is_alone_and_idle();
    });
}

/// Catches: slots that are kept by an end that is gone; tickets that leave after its slots went on, to themselves.
#[test]
fn an_end_goes_with_its_slot_while_another_comes() {
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

/// Catches: the end of an end that leaves free slots to nobody.
#[test]
fn who_ends_a_pause_and_is_gone_leaves_nobody_waiting() {
    check(|| {
        let [mine, yours] = members(1);
        mine.end.pause();
        let thread = thread::spawn(move || {
            yours.runs_one();
            yours.is_alone_and_idle();
        });
        mine.end.resume();
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
            yours.end.watch(true);
            while yours.end.active(Online) > 0 {
                yours.letters();
            }
        });
        slots.into_iter().for_each(|slot| mine.ends(slot));
        join([thread]);
    });
}

/// Who waits in a pause of the gate, and sleeps where it is told that a letter will come.
fn relies_on_letters(yours: &Member) {
    let entered = yours.end.enter(Online).unwrap();
    let ticket = entered.place.expect_err("it is paused");
    if entered.awaits_letters {
        assert_eq!(yours.letters(), [Letter::Changed]);
    }
    assert!(!yours.end.awaits_letters(), "nobody else can help it");
    yours.end.resume();
    let (slot, next) = yours.end.next().expect("a slot is free");
    assert_eq!(next, ticket);
    yours.end.settle(slot, Outcome::Fulfilled);
}

/// Catches: who has paused a gate and is gone without a word; an end that is told before the pause is nobody's.
#[test]
fn who_waits_for_the_end_of_a_pause_is_told_that_nobody_will_end_it() {
    check(|| {
        let [mine, yours] = members(1);
        mine.end.pause();
        let thread = thread::spawn(move || relies_on_letters(&yours));
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
        yours.end.pause();
        let thread = thread::spawn(move || {
            relies_on_letters(&yours);
            yours
        });
        mine.ends(slot);
        let yours = thread.join().unwrap();
        mine.is_alone_and_idle();
        drop(yours);
    });
}

/// Catches: a close that wakes nobody.
#[test]
fn who_sleeps_is_told_of_the_close() {
    check(|| {
        let [mine, yours] = members(1);
        let thread = thread::spawn(move || assert_eq!(yours.letters(), [Letter::Closed]));
        mine.end.close();
        join([thread]);
    });
}

/// Catches: a name that is free as soon as its gate is closed.
#[test]
fn a_name_is_free_when_the_closed_gate_has_nothing_to_do_and_not_sooner() {
    check(|| {
        let registry = Arc::new(Registry::<FakeClock>::default());
        let mut given = Given::default();
        given.concurrency = Some(1);
        let open = move |registry: &Registry<FakeClock>| {
            registry.open("db", &given, FakeClock::default).unwrap()
        };
        let running = Running::at_most(1);
        let old = Member::new(&open(&registry), &running);
        let slot = old.begins();
        old.end.close();
        let comes = {
            let (registry, open) = (registry.clone(), open.clone());
            move || {
                let member = Member::new(&open(&registry), &running);
                let is_let_in = !member.end.is_closed();
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
        assert!(!old.end.is_over()); // others may come in here while it runs
        old.ends(slot);
        assert!(comes(), "the old one is over");
        assert!(old.end.is_over() && !old.end.is_of(&open(&registry)));
        join(threads);
    });
}

/// Catches: a name that is looked up and taken under two holds of the lock, so that two gates have it.
#[test]
fn a_name_is_one_gate_while_the_last_end_goes_and_two_come() {
    check(|| {
        let registry = Arc::new(Registry::<FakeClock>::default());
        let mut given = Given::default();
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
        assert!(mine.end.is_of(&again));
        join(threads);
        mine.is_alone_and_idle();
    });
}
