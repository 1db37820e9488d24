//! Real threads at one gate, each with a handle of its own that it drops now and then. What is checked are facts, never
//! times: at no moment more runs than may, everybody is told of everything once, and in the end nothing is left. A
//! wake-up that is lost shows as a test that does not end.

#![cfg(not(p_lanes_loom))]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;

use p_lanes::clock::MonotonicClock;
use p_lanes::limiter::{
    Entered, GateHandle, Lane, Message, Options, Outcome, PartialOptions, Registry, Request,
    SharedGate, Slot,
};
use p_lanes::pool::Wake;

const THREADS: u64 = 8;
const STEPS: usize = 400;
const SLOTS: u64 = 6;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((word ^ (word >> 31)) % end as u64) as usize
    }
}

#[derive(Default)]
struct TestWaker {
    is_rung: Mutex<bool>,
    rings: Condvar,
}

impl TestWaker {
    fn sleep(&self) {
        let is_rung = self.is_rung.lock().unwrap();
        *self.rings.wait_while(is_rung, |is_rung| !*is_rung).unwrap() = false;
    }
}

impl Wake for TestWaker {
    fn wake(&self) {
        *self.is_rung.lock().unwrap() = true;
        self.rings.notify_one();
    }
}

/// The slots held by all, in the offline lane and together: counted as they are told, and given back before they are.
#[derive(Default)]
struct Held {
    all: AtomicU64,
    offline: AtomicU64,
}

impl Held {
    fn begins(&self, Work { lane, weight }: Work) {
        let before = self.all.fetch_add(weight, Ordering::SeqCst);
        assert!(before + weight <= SLOTS, "{} slots are held", before + weight);
        if lane == Lane::Offline {
            let before = self.offline.fetch_add(weight, Ordering::SeqCst);
            assert!(before + weight < SLOTS, "the reserve is held");
        }
    }

    fn handles(&self, Work { lane, weight }: Work) {
        if lane == Lane::Offline {
            self.offline.fetch_sub(weight, Ordering::SeqCst);
        }
        self.all.fetch_sub(weight, Ordering::SeqCst);
    }
}

/// What runs in a slot.
#[derive(Clone, Copy, Debug)]
struct Work {
    lane: Lane,
    weight: u64,
}

/// What waits under a number.
struct Call {
    work: Work,
    units: u32,
}

type Names = Registry<MonotonicClock>;

fn open(names: &Names) -> SharedGate {
    let mut given = PartialOptions::default();
    given.reserve = Some(1.into());
    given.concurrency = Some(SLOTS);
    names.open("db", &given, MonotonicClock::default).unwrap()
}

struct Member<'a> {
    names: &'a Names,
    held: &'a Held,
    random: Random,
    handle: GateHandle,
    waker: Arc<TestWaker>,
    calls: HashMap<u32, Call>,
    running: Vec<(Slot, Work)>,
}

impl<'a> Member<'a> {
    fn new(names: &'a Names, held: &'a Held, seed: u64) -> Self {
        let waker = Arc::new(TestWaker::default());
        let handle = open(names).handle(waker.clone());
        let random = Random(seed);
        Self { names, held, random, handle, waker, calls: HashMap::new(), running: Vec::new() }
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            self.step();
        }
        loop {
            while !self.running.is_empty() {
                self.settle();
            }
            if self.calls.is_empty() {
                return;
            }
            // All that it waits for is held by others now.
            self.waker.sleep();
            self.read_messages();
        }
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..30 => self.enter(),
            30..40 => self.enter_batch(),
            40..75 if self.running.is_empty() => thread::yield_now(),
            40..75 => self.settle(),
            75..85 => self.read_messages(),
            85..92 => self.cancel(),
            92..94 => self.clear(false),
            94..95 => self.clear(true),
            95..97 => {
                self.handle.pause();
                thread::yield_now();
                self.handle.resume();
                self.begin_next();
            }
            97..99 => self.leave_and_come(),
            _ => thread::yield_now(),
        }
    }

    fn lane(&mut self) -> Lane {
        Lane::ALL[self.random.below(2)]
    }

    fn request(&mut self) -> (Request, Work) {
        let lane = self.lane();
        let weight = [1, 1, 1, 1, 2, 3][self.random.below(6)];
        let priority = [0, 0, 0, 1][self.random.below(4)];
        let request = Request::new(lane).priority(priority).weight(weight);
        (request, Work { lane, weight: u64::from(weight) })
    }

    fn begins(&mut self, slot: Slot, work: Work) {
        self.held.begins(work);
        self.running.push((slot, work));
    }

    fn told(&mut self, ticket: u32, slot: Slot) {
        let call = self.calls.get_mut(&ticket).expect("it waits");
        let work = call.work;
        call.units -= 1;
        if call.units == 0 {
            self.calls.remove(&ticket);
        }
        self.begins(slot, work);
    }

    fn files(&mut self, ticket: u32, work: Work, units: u32) {
        let before = self.calls.insert(ticket, Call { work, units });
        assert!(before.is_none(), "{ticket} is somebody else's");
    }

    fn begin_next(&mut self) {
        while let Some((slot, ticket)) = self.handle.next() {
            self.told(ticket, slot);
        }
    }

    fn enter(&mut self) {
        let (request, work) = self.request();
        let Entered { place, more, .. } = self.handle.enter(request).unwrap();
        match place {
            Ok(slot) => self.begins(slot, work),
            Err(ticket) => self.files(ticket, work, 1),
        }
        if more {
            self.begin_next();
        }
    }

    fn enter_batch(&mut self) {
        let (request, work) = self.request();
        let units = 1 + self.random.below(4) as u32;
        let ticket = self.handle.enter_batch(request, units).unwrap();
        self.files(ticket, work, units);
        self.begin_next();
    }

    fn settle(&mut self) {
        let which = self.random.below(self.running.len());
        let (slot, work) = self.running.swap_remove(which);
        self.held.handles(work);
        let settled = self.handle.settle(slot, Outcome::Fulfilled);
        if let Some(ticket) = settled.next {
            self.told(ticket, slot);
        }
        if settled.more {
            self.begin_next();
        }
        if settled.is_idle {
            assert!(self.running.is_empty() && !self.handle.is_waiting());
        }
    }

    fn read_messages(&mut self) {
        for message in self.handle.take_messages() {
            match message {
                Message::Granted { ticket, slot } => self.told(ticket, slot),
                Message::Dropped { ticket } => {
                    self.calls.remove(&ticket).expect("it waits");
                }
                // It may be told that nobody else helps it any more.
                Message::Changed => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn cancel(&mut self) {
        let Some(&ticket) = self.calls.keys().min() else { return };
        self.handle.cancel(ticket);
        self.calls.remove(&ticket);
        self.begin_next();
    }

    fn clear(&mut self, everywhere: bool) {
        let lane = self.lane();
        for ticket in self.handle.clear(lane, everywhere) {
            self.calls.remove(&ticket).expect("it waits");
        }
        self.begin_next();
    }

    fn leave_and_come(&mut self) {
        for (_, work) in self.running.drain(..) {
            self.held.handles(work);
        }
        self.calls.clear();
        self.waker = Arc::new(TestWaker::default());
        // The old handle is dropped after the new one has come, or before.
        if self.random.below(2) == 0 {
            self.handle = open(self.names).handle(self.waker.clone());
        } else {
            let elsewhere = SharedGate::new(Options::new(1)).unwrap();
            self.handle = elsewhere.handle(self.waker.clone());
            self.handle = open(self.names).handle(self.waker.clone());
        }
    }
}

fn all_run(names: &Names, seed: u64) {
    let (held, start) = (Held::default(), Barrier::new(THREADS as usize));
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (held, start) = (&held, &start);
            scope.spawn(move || {
                let member = Member::new(names, held, seed << 8 | thread);
                start.wait();
                member.run();
            });
        }
    });
    assert_eq!((held.all.into_inner(), held.offline.into_inner()), (0, 0));
}

#[test]
fn threads_come_and_go_and_share_a_gate() {
    for seed in 0..150 {
        let names = Names::default();
        let gate = open(&names);
        let handle = gate.handle(Arc::new(TestWaker::default()));
        all_run(&names, seed);
        let stats = handle.stats();
        for lane in [stats.online, stats.offline] {
            assert_eq!((lane.active, lane.pending), (0, 0));
            assert_eq!(lane.granted, lane.settled);
        }
    }
}

/// The gate itself comes and goes: with the last of them it is another one, of which none may run before.
#[test]
fn threads_come_and_go_and_the_gate_with_them() {
    for seed in 1_000..1_150 {
        all_run(&Names::default(), seed);
    }
}
