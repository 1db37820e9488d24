//! The lane policy under random use, against a model that knows the rules but not the code: it keeps
//! plain queues and checks every grant, instead of predicting it where the offline share leaves room.

use std::collections::{HashMap, HashSet, VecDeque};

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, DEFAULT_OFFLINE_SHARE, Enqueued, Error, Lane, Options, Outcome, Slot, Ticket,
    UNLIMITED,
};
use proptest::prelude::*;

/// One use of the arbiter. Positions are taken modulo what there is.
#[derive(Clone, Debug)]
enum Step {
    Enqueue(Lane),
    TryEnqueue(Lane),
    EnqueueBatch(Lane, u32),
    Settle(usize, Outcome),
    Cancel(usize),
    Clear(Lane),
    SetConcurrency(u64),
    /// Grants what can be granted. Not after every step, so that newcomers meet free slots and waiters.
    Drain,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Online), Just(Lane::Offline)]
}

fn concurrencies() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..10u64, 1 => Just(UNLIMITED)]
}

fn steps() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![Just(Outcome::Fulfilled), Just(Outcome::Rejected)];
    prop_oneof![
        8 => lanes().prop_map(Step::Enqueue),
        2 => lanes().prop_map(Step::TryEnqueue),
        3 => (lanes(), 1..6u32).prop_map(|(lane, units)| Step::EnqueueBatch(lane, units)),
        10 => (any::<usize>(), outcome).prop_map(|(which, outcome)| Step::Settle(which, outcome)),
        2 => any::<usize>().prop_map(Step::Cancel),
        1 => lanes().prop_map(Step::Clear),
        1 => concurrencies().prop_map(Step::SetConcurrency),
        6 => Just(Step::Drain),
    ]
}

fn shares() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(DEFAULT_OFFLINE_SHARE),
        Just(1.0 / 3.0),
        Just(0.5),
        Just(1.0),
        0.0..=1.0
    ]
}

fn options() -> impl Strategy<Value = Options> {
    let slots = prop_oneof![1..8u64, Just(UNLIMITED)];
    (slots, any::<u8>(), shares()).prop_map(|(concurrency, reserve, share)| {
        let reserve = u64::from(reserve) % concurrency;
        Options::new(concurrency).offline_share(share).reserve(reserve)
    })
}

/// A grant, and what else could have been granted in its place.
#[derive(Clone, Copy, Debug)]
struct Contest {
    offline_waited_and_might_run: bool,
    online_waited: bool,
    to: Lane,
}

struct Model {
    concurrency: u64,
    reserve: u64,
    share: f64,
    waiting: HashMap<Lane, VecDeque<(Ticket, u32)>>,
    running: Vec<(Slot, Lane)>,
    enqueued: HashMap<Lane, u64>,
    dropped: HashMap<Lane, u64>,
    granted: HashMap<Lane, u64>,
    settled: HashMap<Lane, u64>,
    rejected: HashMap<Lane, u64>,
    /// Grants since offline work last had nothing to wait for.
    contests: Vec<Contest>,
    drained: bool,
}

impl Model {
    fn new(options: &Options) -> Self {
        let none = || Lane::ALL.into_iter().map(|lane| (lane, 0)).collect::<HashMap<_, _>>();
        Self {
            concurrency: options.concurrency,
            reserve: options.reserve.slots().expect("a number"),
            share: options.offline_share,
            waiting: Lane::ALL.into_iter().map(|lane| (lane, VecDeque::new())).collect(),
            running: Vec::new(),
            enqueued: none(),
            dropped: none(),
            granted: none(),
            settled: none(),
            rejected: none(),
            contests: Vec::new(),
            drained: true,
        }
    }

    fn active(&self, lane: Lane) -> u64 {
        self.running.iter().filter(|(_, running)| *running == lane).count() as u64
    }

    fn pending(&self, lane: Lane) -> u64 {
        self.waiting[&lane].iter().map(|(_, units)| u64::from(*units)).sum()
    }

    fn offline_cap(&self) -> u64 {
        self.concurrency - self.reserve
    }

    fn may_run(&self, lane: Lane) -> bool {
        (self.running.len() as u64) < self.concurrency
            && (lane == Lane::Online || self.active(Lane::Offline) < self.offline_cap())
    }

    fn add(&mut self, lane: Lane, ticket: Ticket, units: u32) {
        let taken = self.waiting.values().flatten().any(|(other, _)| *other == ticket);
        assert!(!taken, "{ticket:?} waits twice");
        self.waiting.get_mut(&lane).unwrap().push_back((ticket, units));
    }

    /// A unit starts; `ticket` is none for a newcomer who never waited.
    fn grant(&mut self, slot: Slot, lane: Lane, ticket: Option<Ticket>) {
        assert!(self.running.iter().all(|(other, _)| *other != slot), "{slot:?} is granted twice");
        assert!(self.may_run(lane), "no slot is free for {lane}");
        let waits = |of: Lane| self.pending(of) > 0 || (ticket.is_none() && lane == of);
        let contest = Contest {
            offline_waited_and_might_run: waits(Lane::Offline) && self.may_run(Lane::Offline),
            online_waited: waits(Lane::Online),
            to: lane,
        };
        if let Some(ticket) = ticket {
            let queue = self.waiting.get_mut(&lane).unwrap();
            let (head, units) = queue.front_mut().expect("somebody waits");
            assert_eq!(ticket, *head, "FIFO in the {lane} lane");
            *units -= 1;
            if *units == 0 {
                queue.pop_front();
            }
        } else {
            assert_eq!(self.pending(lane), 0, "a newcomer barged in the {lane} lane");
        }
        if contest.online_waited && self.share == 0.0 {
            assert_eq!(lane, Lane::Online, "strict priority");
        }
        *self.granted.get_mut(&lane).unwrap() += 1;
        self.running.push((slot, lane));
        self.contests.push(contest);
        self.check_share();
        self.forget_contests();
    }

    fn forget_contests(&mut self) {
        if self.pending(Lane::Offline) == 0 {
            self.contests.clear();
        }
    }

    /// Every run of grants that ends with the latest one.
    fn check_share(&self) {
        let (mut grants, mut to_offline) = (0_u32, 0_u32);
        for contest in self.contests.iter().rev().filter(|it| it.offline_waited_and_might_run) {
            grants += 1;
            to_offline += u32::from(contest.to == Lane::Offline);
            let least = (f64::from(grants) * self.share).floor();
            assert!(f64::from(to_offline) >= least, "{to_offline} of {grants} to offline");
        }
        let (mut grants, mut to_offline) = (0_u32, 0_u32);
        for contest in self.contests.iter().rev() {
            grants += 1;
            to_offline += u32::from(contest.to == Lane::Offline && contest.online_waited);
            let most = f64::from(grants) * self.share + 1.000_001;
            assert!(f64::from(to_offline) <= most, "{to_offline} of {grants} taken from online");
        }
    }

    fn end(&mut self, which: usize, outcome: Outcome) -> Slot {
        let (slot, lane) = self.running.remove(which);
        *self.settled.get_mut(&lane).unwrap() += 1;
        *self.rejected.get_mut(&lane).unwrap() += u64::from(outcome == Outcome::Rejected);
        slot
    }

    fn cancel(&mut self, lane: Lane, ticket: Ticket) {
        let queue = self.waiting.get_mut(&lane).unwrap();
        let at = queue.iter().position(|(other, _)| *other == ticket).expect("it waits");
        let (_, units) = queue.remove(at).unwrap();
        *self.dropped.get_mut(&lane).unwrap() += u64::from(units);
        self.forget_contests();
    }

    fn lane_of(&self, ticket: Ticket) -> Lane {
        let waits_in = |lane: &Lane| self.waiting[lane].iter().any(|(other, _)| *other == ticket);
        Lane::ALL.into_iter().find(waits_in).expect("a granted ticket waits")
    }
}

struct Run {
    arbiter: Arbiter<FakeClock>,
    model: Model,
}

impl Run {
    fn new(options: Options) -> Self {
        let model = Model::new(&options);
        Self { arbiter: Arbiter::with_clock(options, FakeClock::default()).unwrap(), model }
    }

    fn take(&mut self, step: Step) {
        let Self { arbiter, model } = self;
        match step {
            Step::Enqueue(lane) => {
                *model.enqueued.get_mut(&lane).unwrap() += 1;
                match arbiter.enqueue(lane) {
                    Enqueued::Granted(slot) => model.grant(slot, lane, None),
                    Enqueued::Queued(ticket) => model.add(lane, ticket, 1),
                    Enqueued::Refused(refused) => panic!("{refused}"),
                }
            }
            Step::TryEnqueue(lane) => {
                let slot = arbiter.try_enqueue(lane);
                if let Some(slot) = slot {
                    *model.enqueued.get_mut(&lane).unwrap() += 1;
                    model.grant(slot, lane, None);
                } else if model.drained {
                    assert!(!model.may_run(lane), "a slot was free for {lane}");
                }
            }
            Step::EnqueueBatch(lane, units) => {
                *model.enqueued.get_mut(&lane).unwrap() += u64::from(units);
                model.add(lane, arbiter.enqueue_batch(lane, units).unwrap(), units);
                model.drained = false;
            }
            Step::Settle(which, outcome) if !model.running.is_empty() => {
                let slot = model.end(which % model.running.len(), outcome);
                if let Some(ticket) = arbiter.settle(slot, outcome) {
                    model.grant(slot, model.lane_of(ticket), Some(ticket));
                }
            }
            Step::Cancel(which) => {
                let waiting: Vec<_> = model.waiting.values().flatten().collect();
                let known: HashSet<_> = waiting.iter().map(|(ticket, _)| *ticket).collect();
                let ticket = match waiting.len() {
                    // Sometimes one that does not wait.
                    0 => Ticket::from_number(which as u32 % 100),
                    waits if which % 8 == 0 => Ticket::from_number(waits as u32 + 100),
                    waits => waiting[which % waits].0,
                };
                let waits = known.contains(&ticket);
                assert_eq!(arbiter.cancel(ticket), waits);
                assert!(!arbiter.cancel(ticket), "it no longer waits");
                if waits {
                    model.cancel(model.lane_of(ticket), ticket);
                }
            }
            Step::Clear(lane) => {
                let waiting: Vec<_> = model.waiting[&lane].iter().map(|it| it.0).collect();
                assert_eq!(arbiter.clear(lane), waiting);
                waiting.into_iter().for_each(|ticket| model.cancel(lane, ticket));
            }
            Step::SetConcurrency(concurrency) => {
                let expected = match model.reserve {
                    _ if concurrency == 0 => Err(Error::Concurrency { given: 0 }),
                    reserve if concurrency <= reserve => {
                        Err(Error::ConcurrencyWithinReserve { given: concurrency, reserve })
                    }
                    _ => Ok(()),
                };
                assert_eq!(arbiter.set_concurrency(concurrency), expected);
                if expected.is_ok() {
                    model.concurrency = concurrency;
                    model.drained = false;
                }
            }
            Step::Drain => {
                while let Some((slot, ticket)) = arbiter.grant_next() {
                    model.grant(slot, model.lane_of(ticket), Some(ticket));
                }
                model.drained = true;
            }
            Step::Settle(..) => {}
        }
        self.check();
    }

    fn check(&self) {
        let Self { arbiter, model } = self;
        assert_eq!(arbiter.concurrency(), model.concurrency);
        assert_eq!(arbiter.reserve(), model.concurrency - model.offline_cap());
        let stats = arbiter.stats();
        for (lane, stats) in [(Lane::Online, stats.online), (Lane::Offline, stats.offline)] {
            let (active, pending) = (model.active(lane), model.pending(lane));
            assert_eq!((arbiter.active(lane), arbiter.pending(lane)), (active, pending));
            assert_eq!((stats.active, stats.pending), (active, pending));
            assert_eq!(stats.granted, model.granted[&lane]);
            assert_eq!(stats.settled, model.settled[&lane]);
            assert_eq!(stats.rejected, model.rejected[&lane]);
            let accounted = active + pending + stats.settled + model.dropped[&lane];
            assert_eq!(accounted, model.enqueued[&lane], "nothing is lost, nothing runs twice");
            let idle = pending > 0 && model.may_run(lane);
            assert!(!idle || !model.drained, "a slot is free while {lane} waits for one");
        }
    }
}

proptest! {
    #[test]
    fn holds_under_any_use(
        options in options(),
        steps in prop::collection::vec(steps(), 1..200),
    ) {
        let mut run = Run::new(options);
        steps.into_iter().for_each(|step| run.take(step));

        // Whatever has happened, the work that is left gets done.
        run.take(Step::Drain);
        while !run.model.running.is_empty() {
            run.take(Step::Settle(0, Outcome::Fulfilled));
        }
        assert_eq!(Lane::ALL.map(|lane| run.arbiter.pending(lane)), [0, 0]);
    }
}

#[test]
fn lowering_takes_slots_away_as_their_work_ends() {
    let mut run = Run::new(Options::new(6).reserve(1));
    for _ in 0..6 {
        run.take(Step::Enqueue(Lane::Online));
    }
    run.take(Step::EnqueueBatch(Lane::Offline, 10));
    run.take(Step::SetConcurrency(2));
    run.take(Step::Drain);
    for left in (2..6).rev() {
        run.take(Step::Settle(0, Outcome::Fulfilled));
        assert_eq!(run.arbiter.active(Lane::Online), left);
        assert_eq!(run.arbiter.active(Lane::Offline), 0);
    }
    run.take(Step::Settle(0, Outcome::Fulfilled));
    assert_eq!(run.arbiter.active(Lane::Offline), 1);
}

#[test]
fn the_reserve_stays_when_the_slots_change() {
    let mut run = Run::new(Options::new(3).reserve(1));
    run.take(Step::EnqueueBatch(Lane::Offline, 100));
    for (concurrency, active) in [(3, 2), (2, 2), (8, 7), (UNLIMITED, 100)] {
        run.take(Step::SetConcurrency(concurrency));
        run.take(Step::Drain);
        assert_eq!(run.arbiter.active(Lane::Offline), active);
    }
}

#[test]
fn who_never_names_the_offline_lane_gets_every_slot() {
    let mut run = Run::new(Options::new(4).reserve(1));
    (0..10).for_each(|_| run.take(Step::Enqueue(Lane::Online)));
    assert_eq!((run.arbiter.active(Lane::Online), run.arbiter.pending(Lane::Online)), (4, 6));
}
