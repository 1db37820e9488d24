//! Units that lend their slots to the calls that they wait for, against a model that knows who waits for whom: the units
//! that work never hold more slots than there are, and some unit always works until all is done.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, Arbiter, Enqueued, Lane, Options, Outcome, Rate, Refused, Request, Slot, Ticket,
};
use proptest::prelude::*;

/// A task: what it waits for, step by step. It works before, between and after the steps.
#[derive(Clone, Debug)]
struct Task {
    lane: Lane,
    weight: u32,
    priority: i32,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    /// Makes these calls at once, and waits for all of them.
    Calls(Vec<Task>),
    /// Makes so many calls as one batch, and waits for all of them.
    Batch(Task, u32),
    /// Joins calls that are under way and that can't wait for this one.
    Join(usize),
}

/// Tasks up to a weight. Those with joins weigh 1; see "Heavy calls" in `policy/lending.rs`.
fn tasks(depth: u32, heaviest: u32) -> BoxedStrategy<Task> {
    let lane = prop_oneof![Just(Lane::Online), Just(Lane::Offline)];
    let head = (lane, 1..=heaviest, -1..2);
    if depth == 0 {
        return head
            .prop_map(|(lane, weight, priority)| Task { lane, weight, priority, steps: Vec::new() })
            .boxed();
    }
    let calls = prop::collection::vec(tasks(depth - 1, heaviest), 1..4).prop_map(Step::Calls);
    let batch =
        (tasks(depth - 1, heaviest), 1..4u32).prop_map(|(task, units)| Step::Batch(task, units));
    let join = any::<usize>().prop_map(Step::Join);
    let step = match heaviest {
        1 => prop_oneof![3 => calls, 1 => batch, 1 => join].boxed(),
        _ => prop_oneof![3 => calls, 1 => batch].boxed(),
    };
    (head, prop::collection::vec(step, 0..3))
        .prop_map(|((lane, weight, priority), steps)| Task { lane, weight, priority, steps })
        .boxed()
}

struct Unit {
    task: Task,
    /// A call waits only for calls of lower levels.
    level: u32,
    slot: Option<Slot>,
    /// How many slots it works with: a unit that weighs more than its lane may hold now has all of those.
    slots: u64,
    waits_for: HashSet<usize>,
    is_done: bool,
}

struct Run {
    arbiter: Arbiter<FakeClock>,
    units: Vec<Unit>,
    /// The units that wait under a ticket, the next one last.
    tickets: HashMap<Ticket, Vec<usize>>,
    by_slot: HashMap<Slot, usize>,
    clock: FakeClock,
}

impl Run {
    fn new(options: Options) -> Self {
        let clock = FakeClock::default();
        Self {
            arbiter: Arbiter::with_clock(options, clock.clone()).unwrap(),
            units: Vec::new(),
            tickets: HashMap::new(),
            by_slot: HashMap::new(),
            clock,
        }
    }

    fn most(&self, lane: Lane) -> u32 {
        (1..4).rev().find(|&weight| self.arbiter.check_weight(lane, weight).is_ok()).unwrap()
    }

    fn add(&mut self, task: &Task, level: u32) -> usize {
        let task = Task { weight: task.weight.min(self.most(task.lane)), ..task.clone() };
        let waits_for = HashSet::new();
        self.units.push(Unit { task, level, slot: None, slots: 0, waits_for, is_done: false });
        self.units.len() - 1
    }

    fn call(&mut self, task: &Task, level: u32, outer: Option<usize>) {
        let unit = self.add(task, level);
        let request = self.request(unit, outer);
        if let Some(outer) = outer {
            self.units[outer].waits_for.insert(unit);
        }
        match self.arbiter.enqueue(request) {
            Enqueued::Granted(slot) => self.started(unit, slot),
            Enqueued::Queued(ticket) => {
                self.tickets.insert(ticket, vec![unit]);
            }
            Enqueued::Refused(refused) => panic!("{refused}"),
        }
        self.grant();
    }

    fn request(&self, unit: usize, outer: Option<usize>) -> Request {
        let Task { lane, weight, priority, .. } = self.units[unit].task;
        let request = Request::new(lane).weight(weight).priority(priority);
        outer.map_or(request, |outer| request.borrowing(self.units[outer].slot.unwrap()))
    }

    fn batch(&mut self, task: &Task, level: u32, outer: usize, units: u32) {
        let of_batch: Vec<_> = (0..units).map(|_| self.add(task, level)).collect();
        self.units[outer].waits_for.extend(&of_batch);
        let request = self.request(of_batch[0], Some(outer));
        let ticket = self.arbiter.enqueue_batch(request, units).unwrap();
        self.tickets.insert(ticket, of_batch);
        self.grant();
    }

    fn join(&mut self, unit: usize, which: usize) {
        let level = self.units[unit].level;
        let is_open = |other: &&usize| {
            let Unit { level: of, is_done, .. } = self.units[**other];
            of < level && !is_done
        };
        let candidates: Vec<_> = (0..self.units.len()).collect();
        let candidates: Vec<_> = candidates.iter().filter(is_open).copied().collect();
        if candidates.is_empty() {
            return;
        }
        let other = candidates[which % candidates.len()];
        let outer = self.units[unit].slot.unwrap();
        match self.units[other].slot {
            Some(slot) => self.arbiter.await_running(slot, outer),
            None => {
                let ticket = self.tickets.iter().find(|(_, units)| units.contains(&other));
                let (&ticket, units) = ticket.unwrap();
                if units.len() > 1 {
                    return; // a batch is joined by nobody
                }
                self.arbiter.lend(ticket, outer);
            }
        }
        self.units[unit].waits_for.insert(other);
        self.grant();
    }

    fn started(&mut self, unit: usize, slot: Slot) {
        let Task { lane, weight, .. } = self.units[unit].task;
        let kept = if lane == Lane::Offline { self.arbiter.reserve() } else { 0 };
        self.units[unit].slot = Some(slot);
        self.units[unit].slots = u64::from(weight).min(self.arbiter.concurrency() - kept);
        assert_eq!(self.by_slot.insert(slot, unit), None, "{slot:?} is granted twice");
        self.check();
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        let units = self.tickets.get_mut(&ticket).expect("it waits");
        let unit = units.pop().unwrap();
        if units.is_empty() {
            self.tickets.remove(&ticket);
        }
        self.started(unit, slot);
    }

    fn grant(&mut self) {
        while let Some((slot, ticket)) = self.arbiter.grant_next() {
            self.granted(slot, ticket);
        }
    }

    fn is_working(unit: &Unit) -> bool {
        unit.slot.is_some() && unit.waits_for.is_empty()
    }

    fn check(&self) {
        let working = self.units.iter().filter(|unit| Self::is_working(unit));
        let slots: u64 = working.map(|unit| unit.slots).sum();
        assert!(slots <= self.arbiter.concurrency(), "{slots} slots are worked in");
    }

    /// A unit that works goes on to its next step, or ends.
    fn advance(&mut self, unit: usize) {
        let Unit { task, level, .. } = &mut self.units[unit];
        let level = *level;
        if !task.steps.is_empty() {
            match task.steps.remove(0) {
                Step::Calls(tasks) => {
                    // It waits for all of them: it makes them before it waits.
                    for task in &tasks {
                        self.call(task, level - 1, Some(unit));
                    }
                }
                Step::Batch(task, units) => self.batch(&task, level - 1, unit, units),
                Step::Join(which) => self.join(unit, which),
            }
            return;
        }
        let slot = self.units[unit].slot.take().unwrap();
        self.by_slot.remove(&slot);
        self.units[unit].is_done = true;
        for other in &mut self.units {
            other.waits_for.remove(&unit);
        }
        if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
            self.granted(slot, ticket);
        }
        self.grant();
        self.check();
    }

    fn run(&mut self, roots: &[Task], choices: &[usize]) {
        let mut roots = roots.iter();
        let mut choices = choices.iter().cycle();
        loop {
            let choice = *choices.next().unwrap();
            if choice.is_multiple_of(3)
                && let Some(root) = roots.next()
            {
                self.call(root, DEPTH, None);
                continue;
            }
            let is_working = |&unit: &usize| Self::is_working(&self.units[unit]);
            let working: Vec<_> = (0..self.units.len()).filter(is_working).collect();
            if working.is_empty() {
                let pending: u64 = Lane::ALL.iter().map(|&lane| self.arbiter.pending(lane)).sum();
                if let Some(at) = self.arbiter.wakes_at().filter(|_| pending > 0) {
                    self.clock.advance(Duration::from_nanos(at.saturating_sub(self.now())));
                    self.grant();
                    continue;
                }
                let left = self.units.iter().filter(|unit| !unit.is_done).count();
                assert_eq!(left, 0, "none of {left} units can go on");
                match roots.next() {
                    Some(root) => self.call(root, DEPTH, None),
                    None => break,
                }
                continue;
            }
            self.advance(working[choice % working.len()]);
        }
        assert!(self.arbiter.is_idle());
        assert_eq!(Lane::ALL.map(|lane| self.arbiter.pending(lane)), [0, 0]);
        // All slots are free again.
        let (most, one) = (self.arbiter.concurrency(), Request::new(Lane::Online));
        for _ in 0..most.min(64) {
            assert!(
                self.arbiter.wakes_at().is_some()
                    || self.arbiter.is_timed()
                    || matches!(self.arbiter.enqueue(one), Enqueued::Granted(_))
            );
        }
    }

    fn now(&self) -> u64 {
        use p_lanes::clock::Clock;
        self.clock.now()
    }
}

const DEPTH: u32 = 4;

fn options() -> impl Strategy<Value = Options> {
    (1..6u64, 0..3u64, any::<bool>(), 0..4u8).prop_map(|(concurrency, reserve, share, kind)| {
        let options = Options::new(concurrency).offline_share(if share { 1.0 / 16.0 } else { 0.0 });
        match kind {
            0 => options,
            1 => options.reserve(reserve.min(concurrency - 1)),
            2 => options.reserve(0).rate(Rate::new(10, Duration::from_secs(1))),
            _ => options.adaptive(Adaptive::default().min(1).max(8).initial(concurrency)),
        }
    })
}

proptest! {
    #[test]
    fn what_works_has_its_slots_and_something_always_works(
        options in options(),
        roots in prop::collection::vec(tasks(DEPTH, 3), 1..6),
        choices in prop::collection::vec(any::<usize>(), 1..100),
    ) {
        Run::new(options).run(&roots, &choices);
    }

    #[test]
    fn also_if_units_join_calls_of_others(
        options in options(),
        roots in prop::collection::vec(tasks(DEPTH, 1), 1..6),
        choices in prop::collection::vec(any::<usize>(), 1..100),
    ) {
        Run::new(options).run(&roots, &choices);
    }
}

fn granted(arbiter: &mut Arbiter<FakeClock>, request: impl Into<Request>) -> Slot {
    match arbiter.enqueue(request) {
        Enqueued::Granted(slot) => slot,
        other => panic!("{other:?}"),
    }
}

fn queued(arbiter: &mut Arbiter<FakeClock>, request: impl Into<Request>) -> Ticket {
    match arbiter.enqueue(request) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn arbiter(options: Options) -> Arbiter<FakeClock> {
    Arbiter::with_clock(options, FakeClock::default()).unwrap()
}

#[test]
fn one_inner_call_at_a_time_has_the_lent_slot_and_others_queue() {
    let mut limit = arbiter(Options::new(1));
    let outer = granted(&mut limit, Lane::Online);
    let other = queued(&mut limit, Lane::Online);
    let inner = Request::new(Lane::Online).borrowing(outer);
    let first = granted(&mut limit, inner);
    let second = queued(&mut limit, inner);
    assert_eq!(limit.settle(first, Outcome::Fulfilled), Some(second), "before the call that came");
    assert_eq!(limit.settle(first, Outcome::Fulfilled), None, "the slot is the outer call's");
    assert_eq!(limit.settle(outer, Outcome::Fulfilled), Some(other));
}

#[test]
fn a_free_slot_is_left_to_others_while_one_can_be_lent() {
    let mut limit = arbiter(Options::new(2));
    let outer = granted(&mut limit, Lane::Online);
    let inner = Request::new(Lane::Online).borrowing(outer);
    granted(&mut limit, inner);
    granted(&mut limit, inner);
    assert_eq!(limit.try_enqueue(Lane::Online), None, "the second one took the free slot");
}

#[test]
fn an_inner_call_that_outlives_the_outer_one_takes_its_place() {
    let mut limit = arbiter(Options::new(1));
    let outer = granted(&mut limit, Lane::Online);
    let middle = granted(&mut limit, Request::new(Lane::Online).borrowing(outer));
    let inner = granted(&mut limit, Request::new(Lane::Offline).borrowing(middle));
    assert_eq!(limit.settle(outer, Outcome::Fulfilled), None);
    assert_eq!(limit.settle(middle, Outcome::Fulfilled), None);
    let next = queued(&mut limit, Lane::Online);
    assert_eq!(limit.grant_next(), None);
    assert_eq!(limit.settle(inner, Outcome::Fulfilled), Some(next));
}

#[test]
fn a_heavy_inner_call_takes_the_missing_slots_or_runs_when_nothing_else_works() {
    let mut limit = arbiter(Options::new(2).reserve(0));
    let [a, b] = [(); 2].map(|()| granted(&mut limit, Lane::Online));
    let heavy = |outer| Request::new(Lane::Online).weight(2).borrowing(outer);
    let of_a = queued(&mut limit, heavy(a));
    assert_eq!(limit.grant_next(), None, "b works");
    let of_b = queued(&mut limit, heavy(b));
    let (slot, ticket) = limit.grant_next().expect("nothing works");
    assert_eq!(ticket, of_a);
    assert_eq!(limit.grant_next(), None);
    assert_eq!(limit.settle(slot, Outcome::Fulfilled), None, "a goes on");
    assert_eq!(limit.settle(a, Outcome::Fulfilled), Some(of_b));
}

#[test]
fn a_lowered_concurrency_holds_for_lent_slots() {
    let mut limit = arbiter(Options::new(4).reserve(0));
    let outer = [(); 4].map(|()| granted(&mut limit, Lane::Online));
    limit.set_concurrency(1).unwrap();
    let inner = outer.map(|slot| queued(&mut limit, Request::new(Lane::Online).borrowing(slot)));
    let (slot, ticket) = limit.grant_next().expect("nothing works");
    assert_eq!((ticket, limit.grant_next()), (inner[0], None));
    assert_eq!(limit.settle(slot, Outcome::Fulfilled), None, "the first outer call goes on");
    assert_eq!(limit.settle(outer[0], Outcome::Fulfilled), Some(inner[1]));
}

#[test]
fn a_pause_and_a_rate_hold_for_inner_calls() {
    let mut limit = arbiter(Options::new(1));
    let outer = granted(&mut limit, Lane::Online);
    limit.pause();
    let inner = queued(&mut limit, Request::new(Lane::Online).borrowing(outer));
    assert_eq!(limit.grant_next(), None);
    limit.resume();
    assert_eq!(limit.grant_next().map(|(_, ticket)| ticket), Some(inner));

    let mut limit = arbiter(Options::new(1).rate(Rate::new(1, Duration::from_secs(1))));
    let outer = granted(&mut limit, Lane::Online);
    queued(&mut limit, Request::new(Lane::Online).borrowing(outer));
    assert_eq!(limit.grant_next(), None);
    assert_eq!(limit.wakes_at(), Some(1_000_000_000));
}

#[test]
fn a_closed_limit_takes_calls_of_what_runs_and_a_full_lane_those_that_start_at_once() {
    let mut limit = arbiter(Options::new(1).max_queue(Lane::Online, 0));
    let outer = granted(&mut limit, Lane::Online);
    let inner = Request::new(Lane::Online).borrowing(outer);
    assert!(limit.has_room(inner) && !limit.has_room(Lane::Online));
    limit.close();
    let slot = granted(&mut limit, inner);
    assert!(!limit.has_room(inner));
    let full = Enqueued::Refused(Refused::Full { lane: Lane::Online, most: 0 });
    assert_eq!(limit.enqueue(inner), full);
    assert_eq!(limit.enqueue(Lane::Online), Enqueued::Refused(Refused::Closed));
    limit.settle(slot, Outcome::Fulfilled);
    limit.settle(outer, Outcome::Fulfilled);
    assert!(limit.is_over());
}

#[test]
fn a_unit_lends_its_slot_to_a_call_that_it_joins() {
    let mut limit = arbiter(Options::new(1));
    let outer = granted(&mut limit, Lane::Online);
    let sibling = granted(&mut limit, Request::new(Lane::Online).borrowing(outer));
    let shared = queued(&mut limit, Request::new(Lane::Online).borrowing(outer));
    assert_eq!(limit.grant_next(), None);
    limit.lend(shared, sibling);
    assert_eq!(limit.grant_next().map(|(_, ticket)| ticket), Some(shared));
}

#[test]
fn a_cancelled_or_taken_back_inner_call_gives_the_lent_slot_back() {
    let mut limit = arbiter(Options::new(1));
    let outer = granted(&mut limit, Lane::Online);
    let inner = Request::new(Lane::Online).borrowing(outer);
    let slot = granted(&mut limit, inner);
    let [second, third] = [(); 2].map(|()| queued(&mut limit, inner));
    limit.take_back(slot);
    assert!(limit.cancel(second));
    let (slot, ticket) = limit.grant_next().unwrap();
    assert_eq!(ticket, third);
    limit.settle(slot, Outcome::Fulfilled);
    assert_eq!(limit.settle(outer, Outcome::Fulfilled), None);
    assert!(limit.is_idle());
}
