//! Random programs over several handles of one gate, against one plain arbiter that is asked the same, with a list of who
//! asked: who gets a slot, which slot, in which order, who is told and how.

#![cfg(not(p_lanes_loom))]

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Enqueued, Flow, GateHandle, Lane, LaneStats, ListedCall, Message, Options, Outcome,
    Overflow, Refused, Request, SharedGate, Slot, Ticket, UNLIMITED,
};
use p_lanes::pool::Wake;
use proptest::prelude::*;

const MOST_ENDS: usize = 4;

/// What is done by a handle; numbers choose among what there is to choose from.
#[derive(Clone, Debug)]
enum Step {
    Enter { lane: Lane, flow: u64, priority: i32, weight: u32, inside: Option<usize> },
    EnterBatch { lane: Lane, flow: u64, priority: i32, weight: u32, units: u32 },
    Settle(usize, Outcome),
    Next,
    Drain,
    Messages,
    Cancel(usize),
    Lift(usize),
    Reprioritise(usize, Lane, i32),
    SetMaxQueue(Lane, u64),
    List,
    Join(usize, usize),
    Clear(Lane, bool),
    Pause,
    Resume,
    SetConcurrency(u64),
    Watch(bool),
    Close,
    Drop,
    New,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Online), Just(Lane::Offline)]
}

fn weights() -> impl Strategy<Value = u32> {
    prop_oneof![4 => Just(1), 1 => 2..5u32]
}

fn steps() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![4 => Just(Outcome::Fulfilled), 1 => Just(Outcome::Rejected)];
    let inside = prop_oneof![4 => Just(None), 1 => any::<usize>().prop_map(Some)];
    let which = any::<usize>;
    prop_oneof![
        16 => (lanes(), 0..4u64, -1..2, weights(), inside).prop_map(|(lane, flow, priority, weight, inside)| {
            Step::Enter { lane, flow, priority, weight, inside }
        }),
        4 => (lanes(), 0..4u64, -1..2, weights(), 1..5u32).prop_map(|(lane, flow, priority, weight, units)| {
            Step::EnterBatch { lane, flow, priority, weight, units }
        }),
        16 => (which(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        4 => Just(Step::Next),
        6 => Just(Step::Drain),
        8 => Just(Step::Messages),
        5 => which().prop_map(Step::Cancel),
        2 => which().prop_map(Step::Lift),
        2 => (which(), lanes(), -1..2)
            .prop_map(|(which, lane, priority)| Step::Reprioritise(which, lane, priority)),
        1 => (lanes(), 0..6u64).prop_map(|(lane, most)| Step::SetMaxQueue(lane, most)),
        1 => Just(Step::List),
        1 => (which(), which()).prop_map(|(ticket, slot)| Step::Join(ticket, slot)),
        2 => (lanes(), any::<bool>()).prop_map(|(lane, everywhere)| Step::Clear(lane, everywhere)),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        2 => (1..8u64).prop_map(Step::SetConcurrency),
        1 => any::<bool>().prop_map(Step::Watch),
        2 => Just(Step::Drop),
        3 => Just(Step::New),
        // Seldom, as little happens after it.
        1 => prop_oneof![19 => Just(Step::New), 1 => Just(Step::Close)],
    ]
}

fn options() -> impl Strategy<Value = Options> {
    let bound = || prop_oneof![3 => Just(UNLIMITED), 1 => 0..6u64];
    let share = prop_oneof![Just(0.0), Just(1.0 / 16.0), Just(0.5)];
    let overflow = prop_oneof![
        2 => Just(Overflow::Reject),
        1 => Just(Overflow::DropOldest),
        1 => Just(Overflow::DropLowest),
    ];
    let is_fair = prop::bool::weighted(0.3);
    (1..6u64, share, bound(), bound(), overflow, is_fair).prop_map(
        |(concurrency, share, online, offline, overflow, fair)| {
            Options::new(concurrency)
                .reserve(0)
                .overflow(overflow)
                .offline_share(share)
                .max_queue(Lane::Online, online)
                .max_queue(Lane::Offline, offline)
                .fair(fair)
        },
    )
}

#[derive(Default)]
struct TestWaker(AtomicBool);

impl Wake for TestWaker {
    fn wake(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a handle has under a number.
#[derive(Debug)]
struct Call {
    /// As the plain arbiter knows it, while it waits.
    ticket: Option<Ticket>,
    lane: Lane,
    priority: i32,
    units: u32,
    came: u64,
    /// Messages that lie for it.
    messages: u32,
    /// By the messages that were taken last.
    just_told: bool,
}

impl Call {
    fn is_over(&self) -> bool {
        self.ticket.is_none() && self.messages == 0 && !self.just_told
    }
}

struct Member {
    handle: GateHandle<FakeClock>,
    waker: Arc<TestWaker>,
    calls: HashMap<u32, Call>,
    /// What it was told of and has not settled, in the order that it was told.
    slots: Vec<Slot>,
    /// What it is to be told.
    messages: VecDeque<Message>,
    watches: bool,
    missed_changes: bool,
}

impl Member {
    fn waiting(&self) -> impl Iterator<Item = (u32, &Call)> {
        let waiting = self.calls.iter().filter(|(_, call)| call.ticket.is_some());
        waiting.map(|(&number, call)| (number, call))
    }

    fn untold(&self) -> impl Iterator<Item = (u32, Slot)> {
        self.messages.iter().filter_map(|message| match *message {
            Message::Granted { ticket, slot } => Some((ticket, slot)),
            _ => None,
        })
    }

    fn forget_if_over(&mut self, number: u32) {
        if self.calls[&number].is_over() {
            self.calls.remove(&number);
        }
    }

    /// Takes the messages about a number away; gives the slots that they tell of.
    fn void(&mut self, number: u32) -> Vec<Slot> {
        let slots = self.untold().filter(|it| it.0 == number).map(|it| it.1).collect();
        self.messages.retain(|message| match message {
            Message::Granted { ticket, .. }
            | Message::Dropped { ticket }
            | Message::Displaced { ticket, .. } => *ticket != number,
            _ => true,
        });
        if let Some(call) = self.calls.get_mut(&number) {
            call.messages = 0;
        }
        slots
    }

    /// What it gets now comes after what it is still to be told.
    fn is_to_be_told(&self) -> bool {
        let of_tickets = |it: &Message| {
            !matches!(it, Message::Attempt { .. } | Message::Changed | Message::Closed)
        };
        self.messages.iter().any(of_tickets)
    }

    fn holds(&self) -> usize {
        self.slots.len() + self.untold().count()
    }
}

struct Run {
    gate: SharedGate<FakeClock>,
    members: Vec<Member>,
    /// Asked the same.
    plain: Arbiter<FakeClock>,
    came: u64,
}

type Counts = ([u64; 4], u64, bool);

impl Run {
    fn new(options: Options) -> Self {
        let plain = Arbiter::with_clock(options.clone(), FakeClock::default()).unwrap();
        let gate = SharedGate::with_clock(options, FakeClock::default()).unwrap();
        Self { gate, members: Vec::new(), plain, came: 0 }
    }

    fn join_new(&mut self) {
        let waker = Arc::new(TestWaker::default());
        self.members.push(Member {
            handle: self.gate.handle(waker.clone()),
            waker,
            calls: HashMap::new(),
            slots: Vec::new(),
            messages: VecDeque::new(),
            watches: false,
            missed_changes: false,
        });
    }

    fn counts(&self) -> Counts {
        let [online, offline] = Lane::ALL;
        let it = &self.plain;
        let units =
            [it.active(online), it.active(offline), it.pending(online), it.pending(offline)];
        (units, it.concurrency(), it.is_paused())
    }

    fn take(&mut self, who: usize, step: Step) {
        if self.members.is_empty() {
            self.join_new();
        }
        let who = who % self.members.len();
        let before = self.counts();
        let left = matches!(step, Step::Drop);
        self.step(who, step);
        if self.counts() != before {
            for (index, member) in self.members.iter_mut().enumerate() {
                member.missed_changes |= member.watches && (index != who || left);
            }
        }
        self.check();
    }

    fn step(&mut self, who: usize, step: Step) {
        match step {
            Step::Enter { lane, flow, priority, weight, inside } => {
                let mut request =
                    Request::new(lane).priority(priority).weight(weight).flow(Flow::new(flow));
                let slots = &self.members[who].slots;
                if let Some(inside) = inside.filter(|_| !slots.is_empty()) {
                    request = request.inside(slots[inside % slots.len()]);
                }
                self.enter(who, request, (lane, priority));
            }
            Step::EnterBatch { lane, flow, priority, weight, units } => {
                let request =
                    Request::new(lane).priority(priority).weight(weight).flow(Flow::new(flow));
                let expected = self.plain.enqueue_batch(request, units);
                match (self.members[who].handle.enter_batch(request, units), expected) {
                    (Ok(number), Ok(ticket)) => {
                        self.file(who, number, ticket, (lane, priority), units);
                        self.displaced();
                    }
                    (refused, expected) => assert_eq!(refused.err(), expected.err()),
                }
            }
            Step::Settle(which, outcome) => self.settle(who, which, outcome),
            Step::Next => {
                self.next(who);
            }
            Step::Drain => self.drain(who),
            Step::Messages => self.messages(who),
            Step::Cancel(which) => self.cancel(who, which),
            Step::Lift(which) => self.lift(who, which),
            Step::Reprioritise(which, lane, priority) => {
                self.reprioritise(who, which, lane, priority);
            }
            Step::SetMaxQueue(lane, most) => {
                self.members[who].handle.set_max_queue(lane, most);
                self.plain.set_max_queue(lane, most);
            }
            Step::List => self.list(who),
            Step::Join(which, slot) => self.join(who, which, slot),
            // The order in which tickets of a fair gate leave is not that of this list; see `fairness.rs`.
            Step::Clear(..) if self.plain.is_fair() => {}
            Step::Clear(lane, everywhere) => self.clear(who, lane, everywhere),
            Step::Pause => {
                self.members[who].handle.pause();
                self.plain.pause();
            }
            Step::Resume => {
                self.members[who].handle.resume();
                self.plain.resume();
            }
            Step::SetConcurrency(concurrency) => {
                self.members[who].handle.set_concurrency(concurrency).unwrap();
                self.plain.set_concurrency(concurrency).unwrap();
            }
            Step::Watch(watches) => {
                self.members[who].handle.watch(watches);
                self.members[who].watches = watches;
            }
            Step::Close => self.close(who),
            Step::Drop => self.leave(who),
            Step::New if self.members.len() < MOST_ENDS => self.join_new(),
            Step::New => {}
        }
    }

    fn file(
        &mut self,
        who: usize,
        number: u32,
        ticket: Ticket,
        (lane, priority): (Lane, i32),
        units: u32,
    ) {
        self.came += 1;
        let call = Call {
            ticket: Some(ticket),
            lane,
            priority,
            units,
            came: self.came,
            messages: 0,
            just_told: false,
        };
        let before = self.members[who].calls.insert(number, call);
        assert!(before.is_none(), "{number} is {before:?}'s");
    }

    /// Whose a ticket of the plain arbiter is.
    fn owner(&self, ticket: Ticket) -> (usize, u32) {
        let waiting = |(who, member): (usize, &Member)| {
            let mut own = member.waiting().filter(|it| it.1.ticket == Some(ticket));
            own.next().map(|it| (who, it.0))
        };
        self.members.iter().enumerate().find_map(waiting).expect("it waits")
    }

    /// The plain arbiter has given a slot to a ticket. The number of one of `by`'s is what it is to be told.
    fn granted(&mut self, by: Option<usize>, slot: Slot, ticket: Ticket) -> Option<u32> {
        let (who, number) = self.owner(ticket);
        self.has_slot(slot);
        let member = &mut self.members[who];
        let to_be_told = member.is_to_be_told();
        let call = member.calls.get_mut(&number).unwrap();
        call.units -= 1;
        if call.units == 0 {
            call.ticket = None;
        }
        if by == Some(who) && !to_be_told {
            member.slots.push(slot);
            member.forget_if_over(number);
            return Some(number);
        }
        call.messages += 1;
        member.messages.push_back(Message::Granted { ticket: number, slot });
        None
    }

    fn has_slot(&self, slot: Slot) {
        let holds = |it: &Member| it.slots.contains(&slot) || it.untold().any(|it| it.1 == slot);
        assert!(!self.members.iter().any(holds), "{slot:?} is held twice");
    }

    fn enter(&mut self, who: usize, request: Request, (lane, priority): (Lane, i32)) {
        let others_might = self.plain.may_grant();
        let entered = self.members[who].handle.enter(request);
        let expected = match self.plain.try_enqueue(request) {
            Some(slot) => Ok(slot),
            None => match self.plain.enqueue(request) {
                Enqueued::Queued(ticket) => Err(ticket),
                Enqueued::Refused(refused) => {
                    assert_eq!(entered, Err(refused));
                    return;
                }
                other => panic!("{other:?}"),
            },
        };
        let entered = entered.unwrap();
        match (entered.place, expected) {
            (Ok(slot), Ok(expected)) => {
                assert_eq!(slot, expected);
                self.has_slot(slot);
                self.members[who].slots.push(slot);
            }
            (Err(number), Err(ticket)) => {
                self.file(who, number, ticket, (lane, priority), 1);
                self.displaced();
            }
            (Err(ticket), Ok(slot)) if self.members[who].is_to_be_told() => {
                self.has_slot(slot);
                self.came += 1;
                let (units, came, just_told) = (0, self.came, false);
                let call =
                    Call { ticket: None, lane, priority, units, came, messages: 1, just_told };
                let member = &mut self.members[who];
                assert!(member.calls.insert(ticket, call).is_none());
                member.messages.push_back(Message::Granted { ticket, slot });
            }
            (place, expected) => panic!("{place:?} for {expected:?}"),
        }
        let brings_more = !others_might && self.plain.may_grant();
        assert!(entered.more || !brings_more, "nobody was asked to call `next`");
    }

    /// The owners of tickets that a newcomer has displaced are told, also the one that has added it.
    fn displaced(&mut self) {
        for dropped in self.plain.take_dropped() {
            let (who, number) = self.owner(dropped.ticket);
            let member = &mut self.members[who];
            let call = member.calls.get_mut(&number).unwrap();
            assert_eq!((call.lane, u64::from(call.units)), (dropped.lane, dropped.units));
            call.ticket = None;
            call.messages += 1;
            member.messages.push_back(Message::Displaced { ticket: number, lane: dropped.lane });
        }
    }

    fn settle(&mut self, who: usize, which: usize, outcome: Outcome) {
        if self.members[who].slots.is_empty() {
            return;
        }
        let others_might = self.plain.may_grant();
        let which = which % self.members[who].slots.len();
        let slot = self.members[who].slots.remove(which);
        let settled = self.members[who].handle.settle(slot, outcome);
        let ticket = self.plain.settle(slot, outcome);
        let expected = ticket.and_then(|ticket| self.granted(Some(who), slot, ticket));
        assert_eq!(settled.next, expected);
        let member = &self.members[who];
        let is_idle = member.holds() == 0 && member.waiting().next().is_none();
        if settled.is_idle {
            assert!(is_idle && member.messages.is_empty());
        } else {
            // It may lie there that something has changed.
            let has_messages =
                !member.messages.is_empty() || member.waker.0.load(Ordering::Relaxed);
            assert!(!is_idle || has_messages);
        }
        let brings_more = !others_might && self.plain.may_grant();
        assert!(settled.more || !brings_more, "nobody was asked to call `next`");
    }

    fn plain_next(&mut self, by: Option<usize>) -> Option<(Slot, u32)> {
        while let Some((slot, ticket)) = self.plain.grant_next() {
            if let Some(number) = self.granted(by, slot, ticket) {
                return Some((slot, number));
            }
        }
        None
    }

    fn next(&mut self, who: usize) -> bool {
        let next = self.members[who].handle.next();
        assert_eq!(next, self.plain_next(Some(who)));
        next.is_some()
    }

    fn drain(&mut self, who: usize) {
        while self.next(who) {}
    }

    fn messages(&mut self, who: usize) {
        let member = &mut self.members[who];
        let told = member.handle.take_messages();
        member.waker.0.store(false, Ordering::Relaxed);
        let says_changed = told.contains(&Message::Changed);
        assert!(says_changed || !member.missed_changes, "it watches and was not told");
        member.missed_changes = false;
        let told: Vec<_> = told.into_iter().filter(|it| *it != Message::Changed).collect();
        assert_eq!(told, Vec::from_iter(member.messages.drain(..)));

        member.calls.values_mut().for_each(|call| call.just_told = false);
        for message in told {
            let (number, slot) = match message {
                Message::Granted { ticket, slot } => (ticket, Some(slot)),
                Message::Dropped { ticket } | Message::Displaced { ticket, .. } => (ticket, None),
                _ => continue,
            };
            member.slots.extend(slot);
            let call = member.calls.get_mut(&number).unwrap();
            call.messages -= 1;
            call.just_told = true;
        }
        member.calls.retain(|_, call| !call.is_over());
    }

    /// A number that a handle still knows, or may have known.
    fn number(&self, who: usize, which: usize) -> u32 {
        let mut known: Vec<_> = self.members[who].calls.keys().copied().collect();
        known.sort_unstable();
        known.get(which % (known.len() + 1)).copied().unwrap_or(which as u32 % 16)
    }

    /// Takes what a handle has under a number away, as far as it was not told.
    fn withdraw(&mut self, who: usize, number: u32) {
        let untold = self.members[who].void(number);
        let member = &mut self.members[who];
        if let Some(call) = member.calls.get_mut(&number) {
            if let Some(ticket) = call.ticket.take() {
                assert!(self.plain.cancel(ticket));
            }
            member.forget_if_over(number);
        }
        for slot in untold {
            self.plain.take_back(slot);
        }
    }

    fn cancel(&mut self, who: usize, which: usize) {
        let number = self.number(who, which);
        self.members[who].handle.cancel(number);
        self.withdraw(who, number);
    }

    fn lift(&mut self, who: usize, which: usize) {
        let number = self.number(who, which);
        self.members[who].handle.raise(number, Lane::Online, 0);
        if let Some(call) = self.members[who].calls.get_mut(&number)
            && let Some(ticket) = call.ticket
            && self.plain.raise(ticket, Lane::Online, 0)
        {
            self.came += 1;
            (call.lane, call.priority, call.came) = (Lane::Online, 0, self.came);
        }
    }

    fn reprioritise(&mut self, who: usize, which: usize, lane: Lane, priority: i32) {
        let number = self.number(who, which);
        let moved = self.members[who].handle.reprioritise(number, lane, priority);
        let call = self.members[who].calls.get_mut(&number);
        let Some((call, ticket)) = call.and_then(|call| call.ticket.map(|ticket| (call, ticket)))
        else {
            assert_eq!(moved, Ok(false), "it does not wait");
            return;
        };
        let expected = self.plain.reprioritise(ticket, lane, priority);
        assert_eq!(moved, expected);
        if expected == Ok(true) {
            self.came += 1;
            (call.lane, call.priority, call.came) = (lane, priority, self.came);
        }
    }

    /// A handle lists what the plain arbiter does, and knows what is its own.
    fn list(&mut self, who: usize) {
        let listed = self.members[who].handle.calls();
        let expected = self.plain.calls();
        assert_eq!(listed.len(), expected.len());
        let member = &self.members[who];
        for ((call, number), expected) in listed.into_iter().zip(expected) {
            let of = |it: ListedCall| (it.lane, it.priority, it.weight, it.units);
            assert_eq!(of(call), of(expected));
            let own = match expected.place {
                Ok(slot) => {
                    assert_eq!(call.place, Ok(slot));
                    let holds =
                        member.slots.contains(&slot) || member.untold().any(|it| it.1 == slot);
                    holds.then(|| slot.number())
                }
                Err(ticket) => {
                    let own = member.waiting().find(|it| it.1.ticket == Some(ticket));
                    own.map(|(number, _)| number)
                }
            };
            assert_eq!(number, own);
        }
    }

    fn join(&mut self, who: usize, which: usize, slot: usize) {
        let number = self.number(who, which);
        let member = &self.members[who];
        if member.slots.is_empty() {
            return;
        }
        let slot = member.slots[slot % member.slots.len()];
        let expected: Result<(), Refused> =
            match member.calls.get(&number).and_then(|call| call.ticket) {
                Some(ticket) => self.plain.join(ticket, slot, Lane::Offline),
                None => Ok(()),
            };
        assert_eq!(member.handle.join(number, slot, Lane::Offline), expected);
    }

    fn clear(&mut self, who: usize, lane: Lane, everywhere: bool) {
        let mut cleared = Vec::new();
        for (index, member) in self.members.iter().enumerate() {
            if index == who || everywhere {
                let of_lane = member.waiting().filter(|it| it.1.lane == lane);
                cleared.extend(of_lane.map(|it| ((-it.1.priority, it.1.came), index, it.0)));
            }
        }
        cleared.sort_unstable();
        let own = self.members[who].handle.clear(lane, everywhere);
        let mut expected = Vec::new();
        for (_, index, number) in cleared {
            // Before the call is forgotten.
            self.members[index].calls.get_mut(&number).unwrap().just_told = true;
            self.withdraw(index, number);
            let member = &mut self.members[index];
            let by_message = index != who || member.is_to_be_told();
            let call = member.calls.get_mut(&number).unwrap();
            call.just_told = false;
            if by_message {
                call.messages = 1;
                member.messages.push_back(Message::Dropped { ticket: number });
            } else {
                member.forget_if_over(number);
                expected.push(number);
            }
        }
        assert_eq!(own, expected);
    }

    fn close(&mut self, who: usize) {
        self.members[who].handle.close();
        if !self.plain.is_closed() {
            for (index, member) in self.members.iter_mut().enumerate() {
                if index != who {
                    member.messages.push_back(Message::Closed);
                }
            }
        }
        self.plain.close();
    }

    fn leave(&mut self, who: usize) {
        let member = self.members.remove(who);
        for (_, call) in member.waiting() {
            assert!(self.plain.cancel(call.ticket.unwrap()));
        }
        for (_, slot) in member.untold() {
            self.plain.take_back(slot);
        }
        let mut slots = member.slots.clone();
        slots.sort_unstable();
        for slot in slots {
            if let Some(ticket) = self.plain.settle(slot, Outcome::Rejected) {
                self.granted(None, slot, ticket);
            }
        }
        self.plain_next(None);
        drop(member);
    }

    fn check(&self) {
        let held: usize = self.members.iter().map(Member::holds).sum();
        assert_eq!(Lane::ALL.map(|lane| self.plain.active(lane)).iter().sum::<u64>(), held as u64);
        for (index, member) in self.members.iter().enumerate() {
            let rung = member.waker.0.load(Ordering::Relaxed);
            assert!(rung || member.messages.is_empty(), "messages lie and nobody was woken");
            let waits = member.waiting().next().is_some();
            assert_eq!(member.handle.is_waiting(), waits);
            let others_hold = held > member.holds();
            let expects = waits || member.watches;
            let others_act = self.members.len() > 1 && self.plain.may_grant();
            let awaits = expects && (others_hold || others_act);
            if !member.messages.is_empty() || awaits {
                assert!(member.handle.expects_messages());
            } else if !rung && !self.plain.is_paused() {
                // In a pause it is asked who began that: see shared_gate.rs.
                assert!(!member.handle.expects_messages());
            }
            if index > 0 {
                continue;
            }
            let stats = [member.handle.stats(), self.plain.stats()].map(|it| {
                let of = |it: LaneStats| {
                    (it.active, it.pending, it.granted, it.settled, it.rejected, it.dropped)
                };
                (it.concurrency, of(it.online), of(it.offline))
            });
            assert_eq!(stats[0], stats[1]);
            assert_eq!(member.handle.is_paused(), self.plain.is_paused());
            assert_eq!(member.handle.is_closed(), self.plain.is_closed());
            for lane in Lane::ALL {
                assert_eq!(member.handle.has_room(lane), self.plain.has_room(lane));
            }
        }
    }

    /// Whatever has happened, the work that is left gets done.
    fn finish(&mut self) {
        self.take(0, Step::Resume);
        self.take(0, Step::Drain);
        while !self.plain.is_idle() {
            for who in 0..self.members.len() {
                self.take(who, Step::Messages);
                while !self.members[who].slots.is_empty() {
                    self.take(who, Step::Settle(0, Outcome::Fulfilled));
                }
                self.take(who, Step::Drain);
            }
        }
        for who in 0..self.members.len() {
            self.take(who, Step::Messages);
            self.take(who, Step::Messages);
            let member = &self.members[who];
            assert!(member.calls.is_empty() && !member.handle.expects_messages());
        }
    }
}

proptest! {
    #[test]
    fn several_ends_are_one_arbiter(
        options in options(),
        steps in prop::collection::vec((0..MOST_ENDS, steps()), 1..250),
    ) {
        let mut run = Run::new(options);
        (0..2).for_each(|_| run.join_new());
        steps.into_iter().for_each(|(who, step)| run.take(who, step));
        run.finish();
    }
}
