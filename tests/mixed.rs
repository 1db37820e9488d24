//! All features of a limit at once, in a random order: what the specs of each of them can't see is how they
//! meet. No grant is lost or made twice, no unit waits for ever, and quotas hold.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Arbiter, Enqueued, Flow, Lane, Options, Outcome, Overflow, Rate, Reading, Refused, Request,
    Sent, Slot, Ticket,
};
use proptest::prelude::*;

/// Random numbers that shrink.
struct Choices(std::vec::IntoIter<u32>);

impl Choices {
    /// A number below `end`; 0 when there are no more.
    fn below(&mut self, end: u64) -> u64 {
        u64::from(self.0.next().unwrap_or(0)) % end
    }

    fn one_in(&mut self, end: u64) -> bool {
        self.below(end) == end - 1
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn lane(&mut self) -> Lane {
        self.of(&[Lane::Online, Lane::Online, Lane::Offline])
    }

    fn nanos(&mut self, end: u64) -> Duration {
        Duration::from_nanos(self.below(end))
    }

    fn rate(&mut self) -> Rate {
        let limit = 1 + self.below(12);
        let interval = Duration::from_nanos(1 + self.below(1_000));
        match self.below(4) {
            0 => Rate::new(limit, interval).burst(1 + self.below(6)),
            1 => Rate::sliding(limit, interval),
            2 => Rate::fixed(limit, interval).ends_in(self.nanos(3_000)),
            _ => Rate::budget(limit + 30),
        }
    }
}

const NAMES: [&str; 2] = ["a", "b"];

/// The quota that is never changed, corrected or given back, and what it lets start in an interval.
const KEPT: &str = "kept";

struct Kept {
    limit: u64,
    interval: u64,
    /// The time and the cost of each start.
    starts: Vec<(u64, u64)>,
}

impl Kept {
    fn started(&mut self, at: u64, cost: u32) {
        let cost = u64::from(cost);
        self.starts.push((at, cost));
        let counts = |&&(started, _): &&(u64, u64)| started + self.interval > at;
        let used: u64 = self.starts.iter().filter(counts).map(|&(_, cost)| cost).sum();
        // What costs more than all starts alone.
        assert!(cost == 0 || used <= self.limit.max(cost), "{used} of {} at {at}", self.limit);
    }
}

struct Mixed {
    choices: Choices,
    arbiter: Arbiter<FakeClock>,
    clock: FakeClock,
    concurrency: u64,
    /// Whether inner calls borrow the slots of outer ones.
    lends: bool,
    has_rate: bool,
    kept: Kept,
    /// By ticket: the units that wait, and what each costs of the quota that is kept.
    waiting: BTreeMap<Ticket, (u64, u32)>,
    running: Vec<(Slot, u32)>,
    /// The slots whose units wait for another attempt.
    attempts: BTreeSet<Slot>,
}

impl Mixed {
    fn new(mut choices: Choices) -> Self {
        let concurrency = 1 + choices.below(6);
        let share = choices.of(&[0.0, 1.0 / 16.0, 0.5, 1.0]);
        // A reserve that is found changes with time, and with it what may start.
        let mut options =
            Options::new(concurrency).offline_share(share).reserve(choices.below(concurrency));
        options = options.overflow(choices.of(&[
            Overflow::Reject,
            Overflow::Wait,
            Overflow::DropOldest,
            Overflow::DropLowest,
        ]));
        if choices.one_in(2) {
            let [online, offline] = [(); 2].map(|()| choices.below(12));
            options = options.max_queue(Lane::Online, online).max_queue(Lane::Offline, offline);
        }
        let (limit, interval) = (1 + choices.below(12), 1 + choices.below(1_000));
        let has_rate = choices.one_in(2);
        if has_rate {
            for name in NAMES {
                options = options.quota(name, choices.rate());
            }
            options = options.quota(KEPT, Rate::sliding(limit, Duration::from_nanos(interval)));
        }
        options = options.fair(choices.one_in(2));
        let lends = choices.one_in(3);
        let clock = FakeClock::default();
        clock.advance(Duration::from_nanos(10_000));
        let arbiter = Arbiter::with_clock(options, clock.clone()).unwrap();
        Self {
            choices,
            arbiter,
            clock,
            concurrency,
            lends,
            has_rate,
            kept: Kept { limit, interval, starts: Vec::new() },
            waiting: BTreeMap::new(),
            running: Vec::new(),
            attempts: BTreeSet::new(),
        }
    }

    fn runs(&mut self, slot: Slot, cost: u32) {
        assert!(self.running.iter().all(|&(other, _)| other != slot), "{slot:?} twice");
        self.running.push((slot, cost));
        self.started(cost);
    }

    fn started(&mut self, cost: u32) {
        if self.has_rate {
            self.kept.started(self.clock.now(), cost);
        }
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        let (units, cost) = self.waiting.get_mut(&ticket).expect("it waits");
        let cost = *cost;
        *units -= 1;
        if *units == 0 {
            self.waiting.remove(&ticket);
        }
        self.runs(slot, cost);
    }

    fn waits(&mut self, ticket: Ticket, units: u64, cost: u32) {
        // Those that have made room are told first: a newcomer never has the number of one of them.
        self.drop_displaced();
        assert_eq!(self.waiting.insert(ticket, (units, cost)), None, "{ticket:?} twice");
    }

    fn drop_displaced(&mut self) {
        for dropped in self.arbiter.take_dropped() {
            let (units, _) = self.waiting.remove(&dropped.ticket).expect("it waited");
            assert_eq!(dropped.units, units);
        }
    }

    fn grant_all(&mut self) {
        self.drop_displaced();
        loop {
            if let Some(slot) = self.arbiter.next_attempt() {
                assert!(self.attempts.remove(&slot), "no attempt waits in {slot:?}");
                self.attempt_starts(slot);
            } else if let Some((slot, ticket)) = self.arbiter.grant_next() {
                self.granted(slot, ticket);
            } else {
                break;
            }
        }
        assert!(!self.arbiter.may_grant());
        let is_later = |at| at > self.clock.now();
        assert!(self.arbiter.wakes_at().is_none_or(is_later), "what is due has started");
    }

    fn attempt_starts(&mut self, slot: Slot) {
        let &(_, cost) = self.running.iter().find(|&&(other, _)| other == slot).expect("it runs");
        self.started(cost);
    }

    /// One of the units that run, with its place among them.
    fn any_running(&mut self) -> Option<(usize, Slot)> {
        let count = self.running.len() as u64;
        let place = (count > 0).then(|| self.choices.below(count) as usize)?;
        Some((place, self.running[place].0))
    }

    fn any_waiting(&mut self) -> Option<Ticket> {
        let count = self.waiting.len() as u64;
        let place = (count > 0).then(|| self.choices.below(count) as usize)?;
        self.waiting.keys().nth(place).copied()
    }

    fn request(&mut self) -> (Request, u32) {
        let share = self.choices.of(&[1.0, 0.3, 5.0]);
        let weight = 1 + self.choices.below(self.concurrency.min(3)) as u32;
        let mut request = Request::new(self.choices.lane())
            .priority(self.choices.below(3) as i32 - 1)
            .weight(weight)
            .flow(Flow::new(self.choices.below(4)).share(share).unwrap());
        let kept = self.choices.below(6) as u32;
        if self.has_rate {
            let own = self.choices.below(6) as u32;
            let costs = self.arbiter.costs([(NAMES[0], own), (KEPT, kept)]).unwrap();
            request = request.cost(self.choices.below(6) as u32).costs(costs);
        }
        if self.choices.one_in(3)
            && let Some((_, outer)) = self.any_running()
        {
            request = if self.lends { request.borrowing(outer) } else { request.inside(outer) };
        }
        (request, kept)
    }

    fn enqueue(&mut self) {
        let (request, kept) = self.request();
        let has_room = self.arbiter.has_room(request);
        match self.arbiter.enqueue(request) {
            Enqueued::Granted(slot) => self.runs(slot, kept),
            Enqueued::Queued(ticket) => self.waits(ticket, 1, kept),
            Enqueued::Refused(Refused::Full { .. }) => assert!(!has_room, "there was room"),
            Enqueued::Refused(_) => {}
        }
    }

    fn enqueue_batch(&mut self) {
        let (request, kept) = self.request();
        let units = 1 + self.choices.below(6) as u32;
        if let Ok(ticket) = self.arbiter.enqueue_batch(request, units) {
            self.waits(ticket, units.into(), kept);
        }
    }

    fn settle(&mut self) {
        let Some((place, slot)) = self.any_running() else { return };
        self.end(place);
        let outcome = self.choices.of(&[Outcome::Fulfilled, Outcome::Rejected]);
        if let Some(ticket) = self.arbiter.settle(slot, outcome) {
            self.granted(slot, ticket);
        }
    }

    fn end(&mut self, place: usize) {
        let (slot, _) = self.running.swap_remove(place);
        self.attempts.remove(&slot);
    }

    /// Something happens to a unit that runs.
    fn change_running(&mut self) {
        let Some((place, slot)) = self.any_running() else { return };
        match self.choices.below(4) {
            0 if self.attempts.contains(&slot) => {
                self.arbiter.cancel_attempt(slot);
                self.attempts.remove(&slot);
            }
            0 if self.arbiter.attempt(slot) => self.attempt_starts(slot),
            0 => {
                self.attempts.insert(slot);
            }
            1 if self.has_rate => {
                let spent = self.choices.below(8) as u32;
                let costs = self.arbiter.costs(NAMES.map(|name| (name, spent))).unwrap();
                self.arbiter.spent(slot, costs);
            }
            2 if self.has_rate => {
                let reading = Reading::remaining(self.choices.below(9))
                    .of(1 + self.choices.below(9))
                    .resets_in(self.choices.nanos(900));
                let ago = self.choices.nanos(2_000);
                let sent = self.choices.of(&[Sent::In(slot), Sent::ByAny, Sent::Ago(ago)]);
                self.arbiter.learn_quota(self.choices.of(&NAMES), sent, reading).unwrap();
            }
            // A part of a cost is rounded: those that have none of the quota that is kept.
            3 if self.running[place].1 == 0 && !self.attempts.contains(&slot) => {
                if let Some(other) = self.arbiter.split(slot, 1 + self.choices.below(2) as u32) {
                    self.running.push((other, 0));
                }
            }
            _ => {}
        }
    }

    /// Something happens to a ticket that waits.
    fn change_waiting(&mut self) {
        let Some(ticket) = self.any_waiting() else { return };
        let lane = self.choices.lane();
        let priority = self.choices.below(5) as i32 - 2;
        match self.choices.below(4) {
            0 => assert!(self.waiting.remove(&ticket).is_some() && self.arbiter.cancel(ticket)),
            1 => drop(self.arbiter.raise(ticket, lane, priority)),
            2 => drop(self.arbiter.reprioritise(ticket, lane, priority)),
            _ if self.choices.one_in(4) => {
                for cleared in self.arbiter.clear(lane) {
                    assert!(self.waiting.remove(&cleared).is_some(), "it waited");
                }
            }
            _ => {}
        }
    }

    fn change_limit(&mut self) {
        let lane = self.choices.lane();
        match self.choices.below(9) {
            0 => drop(self.arbiter.set_concurrency(1 + self.choices.below(6))),
            1 => drop(self.arbiter.set_reserve(self.choices.below(3))),
            2 => self.arbiter.set_offline_share(self.choices.of(&[0.0, 0.5, 1.0])).unwrap(),
            3 => self.arbiter.set_max_queue(lane, self.choices.below(12)),
            4 if self.has_rate => {
                let rate = self.choices.rate();
                self.arbiter.set_quotas([(self.choices.of(&NAMES), rate)]).unwrap();
            }
            5 if self.has_rate => {
                let cost = self.choices.below(12) as i32 - 6;
                self.arbiter.charge_quota(self.choices.of(&NAMES), cost).unwrap();
            }
            6 => self.arbiter.make_fair(),
            7 if self.choices.one_in(3) => self.arbiter.pause(),
            7 => self.arbiter.pause_lane_for(lane, self.choices.nanos(700)),
            _ => self.arbiter.resume(),
        }
    }

    fn pass(&mut self) {
        match self.arbiter.wakes_at() {
            Some(at) if self.choices.one_in(2) => {
                let left = at - self.clock.now();
                self.clock.advance(Duration::from_nanos(left - 1));
                assert!(!self.arbiter.may_grant(), "it starts before {at}");
                self.clock.advance(Duration::from_nanos(1));
                let before = (self.running.len(), self.attempts.len());
                self.grant_all();
                assert_ne!(
                    (self.running.len(), self.attempts.len()),
                    before,
                    "none starts at {at}"
                );
            }
            _ => {
                let by = self.choices.nanos(600);
                self.clock.advance(by);
            }
        }
    }

    fn step(&mut self) {
        match self.choices.below(20) {
            0..=4 => self.enqueue(),
            5 | 6 => self.enqueue_batch(),
            7..=9 => self.settle(),
            10..=12 => self.change_running(),
            13 | 14 => self.change_waiting(),
            15 => self.change_limit(),
            _ => self.pass(),
        }
        self.grant_all();
        let both = |of: fn(&Arbiter<FakeClock>, Lane) -> u64| -> u64 {
            Lane::ALL.iter().map(|&lane| of(&self.arbiter, lane)).sum()
        };
        assert_eq!(
            both(Arbiter::pending),
            self.waiting.values().map(|&(units, _)| units).sum::<u64>()
        );
        assert_eq!(both(Arbiter::active), self.running.len() as u64);
        assert_eq!(self.arbiter.calls().len(), self.running.len() + self.waiting.len());
    }

    /// All that waits runs in the end, if budgets are filled up.
    fn finish(mut self) {
        self.arbiter.resume();
        self.grant_all();
        while !(self.running.is_empty() && self.waiting.is_empty()) {
            let ends = self.running.iter().position(|(slot, _)| !self.attempts.contains(slot));
            if let Some(place) = ends {
                let (slot, _) = self.running[place];
                self.end(place);
                if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
                    self.granted(slot, ticket);
                }
            } else if let Some(at) = self.arbiter.wakes_at() {
                self.clock.advance(Duration::from_nanos(at - self.clock.now()));
            } else {
                let is_budget = |&&name: &&&str| {
                    let quotas = self.arbiter.quotas();
                    quotas.iter().any(|(other, rate)| other == name && rate.interval == Rate::NEVER)
                };
                let budgets: Vec<_> = NAMES.iter().filter(is_budget).collect();
                assert!(!budgets.is_empty(), "{:?} wait for ever", self.arbiter.calls());
                for name in budgets {
                    self.arbiter.charge_quota(name, -100).unwrap();
                }
            }
            self.grant_all();
        }
        assert!(self.arbiter.is_idle());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn nothing_is_lost_and_nothing_waits_for_ever(
        choices in prop::collection::vec(any::<u32>(), 50..1_500),
    ) {
        let count = choices.len() / 6;
        let mut mixed = Mixed::new(Choices(choices.into_iter()));
        for _ in 0..count {
            mixed.step();
        }
        mixed.finish();
    }
}
