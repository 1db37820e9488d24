//! Leases: whoever may go on without asking does what the arbiter would have said. Two limits get the same calls.
//! One is asked every time. The other gives leases, and its calls are made as the shim makes them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Enqueued, EnteredLine, IDLE_SLOTS, LEASED_SLOTS, Lane, Lease, LimitStats, Options,
    Outcome, Overflow, Refused, Request, Slot, Ticket, UNLIMITED,
};
use proptest::prelude::*;

type Call = u32;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Plain calls of the online lane.
    Calls(usize),
    Other(Lane, i32, u32),
    Batch(Lane, usize, u32),
    /// The units that have run longest end.
    End(usize),
    EndOne(usize, Outcome),
    SetConcurrency(u64),
    Clear(Lane),
    Pause,
    Resume,
    Close,
    Pass(u64),
    Look,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Online), Just(Lane::Offline)]
}

fn steps() -> impl Strategy<Value = Step> {
    let outcomes = prop_oneof![3 => Just(Outcome::Fulfilled), 1 => Just(Outcome::Rejected)];
    prop_oneof![
        30 => (1..40_usize).prop_map(Step::Calls),
        30 => (1..40_usize).prop_map(Step::End),
        10 => (any::<usize>(), outcomes).prop_map(|(which, outcome)| Step::EndOne(which, outcome)),
        2 => (lanes(), -1..2, 1..4_u32).prop_map(|(lane, priority, weight)| Step::Other(lane, priority, weight)),
        3 => (lanes(), 1..30_usize, prop_oneof![2 => Just(1), 1 => 2..5_u32])
            .prop_map(|(lane, units, weight)| Step::Batch(lane, units, weight)),
        2 => (1..12_u64).prop_map(Step::SetConcurrency),
        1 => lanes().prop_map(Step::Clear),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        10 => prop_oneof![Just(100), Just(5_000), Just(3_000_000)].prop_map(Step::Pass),
        2 => Just(Step::Look),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    let bound = || prop_oneof![2 => Just(UNLIMITED), 1 => 0..60_u64];
    let slots = prop_oneof![3 => 4..12_u64, 1 => Just(150), 1 => Just(UNLIMITED)];
    (slots, any::<bool>(), bound(), any::<bool>()).prop_map(|(slots, finds, bound, overflows)| {
        let overflow = if overflows { Overflow::Wait } else { Overflow::Reject };
        let options = Options::new(slots).max_queue(Lane::Online, bound).overflow(overflow);
        if finds { options } else { options.reserve(1) }
    })
}

/// What happened to a call, in the order in which it did.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Started(Call),
    Refused(Call, Refused),
    Dropped(Call),
}

/// One limit and its calls.
struct Side {
    arbiter: Arbiter<FakeClock>,
    gives_leases: bool,
    lease: Lease,
    /// By ticket: the calls that wait under it.
    waiting: HashMap<u32, VecDeque<Call>>,
    running: BTreeMap<Call, Slot>,
    events: Vec<Event>,
    without_asking: u64,
}

impl Side {
    fn new(options: Options, clock: FakeClock, gives_leases: bool) -> Self {
        Self {
            arbiter: Arbiter::with_clock(options, clock).unwrap(),
            gives_leases,
            lease: Lease::default(),
            waiting: HashMap::new(),
            running: BTreeMap::new(),
            events: Vec::new(),
            without_asking: 0,
        }
    }

    fn started(&mut self, call: Call, slot: Slot) {
        assert!(!self.running.values().any(|&other| other == slot), "one unit in a slot");
        self.running.insert(call, slot);
        self.events.push(Event::Started(call));
    }

    fn begin_first_of(&mut self, ticket: u32, slot: Slot) {
        let calls = self.waiting.get_mut(&ticket).expect("a ticket that waits");
        let call = calls.pop_front().expect("a ticket has calls");
        if calls.is_empty() {
            self.waiting.remove(&ticket);
        }
        self.started(call, slot);
    }

    /// The arbiter, to ask or change anything.
    fn ask(&mut self) -> &mut Arbiter<FakeClock> {
        self.arbiter.end_lease(&mut self.lease);
        assert_eq!(self.lease, Lease::default(), "all is asked for again");
        &mut self.arbiter
    }

    fn give_lease(&mut self) {
        if self.gives_leases {
            self.arbiter.give_lease(&mut self.lease);
        }
    }

    fn grant(&mut self) {
        while let Some((slot, ticket)) = self.ask().grant_next() {
            self.begin_first_of(ticket.number(), slot);
        }
    }

    fn changed(&mut self, slot: Slot) {
        let slot = slot.number() as usize;
        self.lease.changed[slot / 32] |= 1 << (slot % 32);
        self.without_asking += 1;
    }

    fn call(&mut self, call: Call) {
        let lease = &mut self.lease;
        if lease.enters > 0 {
            lease.enters -= 1;
            self.waiting.get_mut(&(lease.ticket as u32)).expect("the line").push_back(call);
            self.without_asking += 1;
        } else if lease.idle > 0 && lease.starts > 0 {
            lease.starts -= 1;
            lease.room += 1;
            lease.idle -= 1;
            let slot = Slot::from_number(lease.slots[lease.idle as usize] as u32);
            self.changed(slot);
            self.started(call, slot);
        } else {
            self.ask_for(call);
        }
    }

    fn ask_for(&mut self, call: Call) {
        let entered = if self.gives_leases {
            self.ask().enter_line()
        } else {
            match self.ask().enqueue(Lane::Online) {
                Enqueued::Granted(slot) => Ok(EnteredLine::Granted(slot)),
                Enqueued::Queued(ticket) => Ok(EnteredLine::Queued(ticket)),
                Enqueued::Refused(refused) => Err(refused),
            }
        };
        match entered {
            Ok(EnteredLine::Granted(slot)) => self.started(call, slot),
            Ok(EnteredLine::InLine(ticket) | EnteredLine::Queued(ticket)) => {
                self.waiting.entry(ticket.number()).or_default().push_back(call);
            }
            Err(refused) => self.events.push(Event::Refused(call, refused)),
        }
        self.give_lease();
    }

    fn other(&mut self, call: Call, request: Request) {
        match self.ask().enqueue(request) {
            Enqueued::Granted(slot) => self.started(call, slot),
            Enqueued::Queued(ticket) => {
                self.waiting.insert(ticket.number(), [call].into());
            }
            Enqueued::Refused(refused) => self.events.push(Event::Refused(call, refused)),
        }
        self.grant();
    }

    fn batch(&mut self, calls: Vec<Call>, request: Request) {
        match self.ask().enqueue_batch(request, calls.len() as u32) {
            Ok(ticket) => {
                self.waiting.insert(ticket.number(), calls.into());
            }
            Err(refused) => self.events.push(Event::Refused(calls[0], refused)),
        }
        self.grant();
    }

    fn end(&mut self, call: Call, outcome: Outcome) {
        let slot = self.running.remove(&call).expect("a call that runs");
        let index = slot.number() as usize;
        let asks = index >= LEASED_SLOTS
            || self.lease.asks[index / 32] & 1 << (index % 32) != 0
            || outcome != Outcome::Fulfilled;
        if !asks && self.lease.passes > 0 {
            self.lease.passes -= 1;
            self.changed(slot);
            self.begin_first_of(self.lease.ticket as u32, slot);
        } else if !asks && self.lease.room > 0 {
            self.lease.room -= 1;
            self.lease.slots[self.lease.idle as usize] = index as i32;
            self.lease.idle += 1;
            self.without_asking += 1;
        } else {
            if let Some(ticket) = self.ask().settle(slot, outcome) {
                self.begin_first_of(ticket.number(), slot);
            }
            if self.arbiter.settle_left_room() {
                self.grant();
            }
            self.give_lease();
        }
    }

    fn clear(&mut self, lane: Lane) {
        let dropped: Vec<Ticket> = self.ask().clear(lane);
        for ticket in dropped {
            let calls = self.waiting.remove(&ticket.number()).expect("it waited");
            self.events.extend(calls.into_iter().map(Event::Dropped));
        }
        self.grant();
    }

    /// All numbers. Slots are numbered as each side likes.
    fn stats(&mut self) -> (LimitStats, [Option<Duration>; 2]) {
        let mut stats = self.ask().stats();
        let oldest = [&mut stats.online, &mut stats.offline]
            .map(|lane| lane.oldest.take().map(|oldest| oldest.age));
        (stats, oldest)
    }

    fn step(&mut self, step: &Step, first: Call) -> Call {
        match *step {
            Step::Calls(calls) => {
                (first..).take(calls).for_each(|call| self.call(call));
                first + calls as Call
            }
            Step::Other(lane, priority, weight) => {
                self.other(first, Request::from(lane).priority(priority).weight(weight));
                first + 1
            }
            Step::Batch(lane, units, weight) => {
                let request = Request::from(lane).weight(weight);
                self.batch((first..).take(units).collect(), request);
                first + units as Call
            }
            Step::End(calls) => {
                let oldest: Vec<_> = self.running.keys().copied().take(calls).collect();
                oldest.into_iter().for_each(|call| self.end(call, Outcome::Fulfilled));
                first
            }
            Step::EndOne(which, outcome) => {
                if !self.running.is_empty() {
                    let call = *self.running.keys().nth(which % self.running.len()).unwrap();
                    self.end(call, outcome);
                }
                first
            }
            ref other => {
                match other {
                    Step::SetConcurrency(slots) => drop(self.ask().set_concurrency(*slots)),
                    Step::Clear(lane) => self.clear(*lane),
                    Step::Pause => self.ask().pause(),
                    Step::Resume => self.ask().resume(),
                    Step::Close => self.ask().close(),
                    _ => {}
                }
                self.grant();
                first
            }
        }
    }
}

/// Runs the same steps on both sides. Returns how much was done without asking.
fn run(options: Options, steps: &[Step]) -> Result<u64, TestCaseError> {
    let clock = FakeClock::default();
    let mut asked = Side::new(options.clone(), clock.clone(), false);
    let mut leased = Side::new(options, clock.clone(), true);
    let mut first = 0;
    for step in steps {
        match step {
            Step::Pass(nanos) => {
                clock.advance(Duration::from_nanos(*nanos));
                continue;
            }
            Step::Look => prop_assert_eq!(leased.stats(), asked.stats()),
            step => {
                let next = asked.step(step, first);
                leased.step(step, first);
                first = next;
            }
        }
        prop_assert_eq!(&leased.events, &asked.events, "after {:?}", step);
        prop_assert!(leased.running.keys().eq(asked.running.keys()));
    }
    prop_assert_eq!(leased.stats(), asked.stats());
    Ok(leased.without_asking)
}

proptest! {
    #[test]
    fn who_has_a_lease_does_what_the_arbiter_would_say(
        options in options(),
        steps in prop::collection::vec(steps(), 1..80),
        closes in any::<bool>(),
    ) {
        let mut steps = steps;
        if closes {
            steps.insert(steps.len() / 2, Step::Close);
        }
        run(options, &steps)?;
    }

    #[test]
    fn so_it_is_with_plain_calls_alone(
        slots in 1..40_u64,
        sizes in prop::collection::vec((1..300_usize, 1..400_usize), 1..20),
    ) {
        let bursts = sizes.iter().flat_map(|&(calls, ends)| [Step::Calls(calls), Step::End(ends)]);
        run(Options::new(slots), &bursts.collect::<Vec<_>>())?;
    }
}

#[test]
fn most_of_a_burst_is_not_asked_for() {
    let mut steps = vec![Step::Calls(1_000)];
    steps.extend(vec![Step::End(10); 100]);
    let without_asking = run(Options::new(10), &steps).unwrap();
    assert!(without_asking > 1_700, "of 2,000 events: {without_asking}");
}

#[test]
fn most_of_a_long_sequence_is_not_asked_for() {
    let steps = [Step::Calls(1), Step::End(1)].repeat(1_000);
    let without_asking = run(Options::new(10), &steps).unwrap();
    assert!(without_asking > 1_700, "of 2,000 events: {without_asking}");
}

#[test]
fn a_batch_passes_its_slots_on() {
    let mut steps = vec![Step::Batch(Lane::Online, 1_000, 1)];
    // The line has to be in use.
    steps.splice(0..0, [Step::Calls(1), Step::End(1)]);
    steps.extend(vec![Step::End(10); 100]);
    let without_asking = run(Options::new(10), &steps).unwrap();
    assert!(without_asking > 800, "of 1,000 ends: {without_asking}");
}

#[test]
fn an_idle_slot_is_given_back() {
    let mut side = Side::new(Options::new(2), FakeClock::default(), true);
    for call in 0..100 {
        side.call(call);
        side.end(call, Outcome::Fulfilled);
    }
    assert!(side.lease.idle > 0 && side.lease.idle <= IDLE_SLOTS as i32);
    assert_eq!(side.ask().active(Lane::Online), 0);
}

#[test]
fn a_line_that_was_moved_takes_no_calls_of_the_place_where_it_was() {
    let mut arbiter = Arbiter::with_clock(Options::new(1), FakeClock::default()).expect("options");
    let enters = |arbiter: &mut Arbiter<FakeClock>| {
        let mut lease = Lease::default();
        arbiter.give_lease(&mut lease);
        let enters = lease.enters;
        arbiter.end_lease(&mut lease);
        enters
    };
    // Calls that are timed are asked for, such as the first ones.
    let line = (0..1_000).find_map(|_| match arbiter.enter_line() {
        Ok(EnteredLine::InLine(line)) if enters(&mut arbiter) > 0 => Some(line),
        _ => None,
    });
    let line = line.expect("most calls are not timed");
    for (priority, may_enter) in [(5, false), (-5, false), (0, true)] {
        assert_eq!(arbiter.reprioritise(line, Lane::Online, priority), Ok(true));
        assert_eq!(enters(&mut arbiter) > 0, may_enter, "at priority {priority}");
    }
}
