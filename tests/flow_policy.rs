//! Priorities, weights, pauses, bounded queues, dropped, raised and moved tickets under random use, against a model that
//! knows the rules but not the code. The rules of the lanes alone are `lane_policy.rs`'s.

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Enqueued, Lane, Options, Outcome, Overflow, Refused, Request, Slot, Ticket, UNLIMITED,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Enqueue(Lane, i32, u32),
    EnqueueBatch(Lane, i32, u32, u32),
    Settle(usize),
    Cancel(usize),
    Raise(usize, Lane, i32),
    Reprioritise(usize, Lane, i32),
    SetMaxQueue(Lane, u64),
    Clear(Lane),
    SetConcurrency(u64),
    Pause,
    Resume,
    Drain,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![Just(Lane::Online), Just(Lane::Offline)]
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (lanes(), -2..3, 1..5u32).prop_map(|(lane, priority, weight)| Step::Enqueue(lane, priority, weight)),
        2 => (lanes(), -1..2, 1..4u32, 1..5u32)
            .prop_map(|(lane, priority, weight, units)| Step::EnqueueBatch(lane, priority, weight, units)),
        10 => any::<usize>().prop_map(Step::Settle),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => (any::<usize>(), lanes(), -2..3).prop_map(|(which, lane, priority)| Step::Raise(which, lane, priority)),
        2 => (any::<usize>(), lanes(), -2..3)
            .prop_map(|(which, lane, priority)| Step::Reprioritise(which, lane, priority)),
        1 => (lanes(), 0..6u64).prop_map(|(lane, most)| Step::SetMaxQueue(lane, most)),
        1 => lanes().prop_map(Step::Clear),
        1 => (1..8u64).prop_map(Step::SetConcurrency),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        6 => Just(Step::Drain),
    ]
}

fn options() -> impl Strategy<Value = Options> {
    let bound = || prop_oneof![Just(UNLIMITED), 0..6u64];
    let share = prop_oneof![Just(0.0), Just(1.0 / 16.0), Just(0.5), Just(1.0)];
    let overflow = prop_oneof![
        2 => Just(Overflow::Reject),
        1 => Just(Overflow::DropOldest),
        1 => Just(Overflow::DropLowest),
    ];
    (1..8u64, share, bound(), bound(), overflow).prop_map(
        |(concurrency, share, online, offline, overflow)| {
            Options::new(concurrency)
                .reserve(0)
                .overflow(overflow)
                .offline_share(share)
                .max_queue(Lane::Online, online)
                .max_queue(Lane::Offline, offline)
        },
    )
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    ticket: Ticket,
    lane: Lane,
    priority: i32,
    weight: u32,
    units: u32,
    /// Its place among those of its lane and priority.
    came: u64,
    /// When it came at first.
    arrived: u64,
}

struct Run {
    arbiter: Arbiter<FakeClock>,
    options: Options,
    concurrency: u64,
    waiting: Vec<Waiting>,
    running: Vec<(Slot, Lane, u64)>,
    came: u64,
    paused: bool,
    drained: bool,
}

impl Run {
    fn new(options: Options) -> Self {
        Self {
            arbiter: Arbiter::with_clock(options.clone(), FakeClock::default()).unwrap(),
            concurrency: options.concurrency,
            options,
            waiting: Vec::new(),
            running: Vec::new(),
            came: 0,
            paused: false,
            drained: true,
        }
    }

    fn most_for(&self, _: Lane) -> u64 {
        self.concurrency // nothing is kept, as a kept slot forbids some of the changes
    }

    fn held(&self, lane: Lane) -> u64 {
        self.running.iter().filter(|it| it.1 == lane).map(|it| it.2).sum()
    }

    fn need(&self, lane: Lane, weight: u32) -> u64 {
        u64::from(weight).min(self.most_for(lane))
    }

    fn fits(&self, lane: Lane, weight: u32) -> bool {
        let need = self.need(lane, weight);
        self.held(Lane::Online) + self.held(Lane::Offline) + need <= self.concurrency
            && self.held(lane) + need <= self.most_for(lane)
    }

    fn head(&self, lane: Lane) -> Option<Waiting> {
        let of_lane = self.waiting.iter().filter(|it| it.lane == lane);
        of_lane.min_by_key(|it| (-it.priority, it.came)).copied()
    }

    fn pending(&self, lane: Lane) -> u64 {
        let of_lane = self.waiting.iter().filter(|it| it.lane == lane);
        of_lane.map(|it| u64::from(it.units)).sum()
    }

    fn other(lane: Lane) -> Lane {
        match lane {
            Lane::Online => Lane::Offline,
            Lane::Offline => Lane::Online,
        }
    }

    /// A unit has begun.
    fn started(&mut self, slot: Slot, lane: Lane, weight: u32) {
        assert!(!self.paused, "granted in a pause");
        assert!(self.fits(lane, weight), "no room for {weight} in the {lane} lane");
        assert!(self.running.iter().all(|it| it.0 != slot), "{slot:?} is granted twice");
        let need = self.need(lane, weight);
        self.running.push((slot, lane, need));
        // Offline work never takes what a heavier online call waits for.
        if let (Lane::Offline, Some(ahead)) = (lane, self.head(Lane::Online)) {
            let due = self.options.offline_share > 0.0;
            let needed = self.need(Lane::Online, ahead.weight);
            let beside = self.held(Lane::Offline) + needed <= self.concurrency;
            assert!(due || beside, "{ahead:?} is overtaken");
        }
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        let at = self.waiting.iter().position(|it| it.ticket == ticket).expect("it waits");
        let Waiting { lane, weight, .. } = self.waiting[at];
        assert_eq!(self.head(lane).unwrap().ticket, ticket, "by priority, then FIFO");
        self.waiting[at].units -= 1;
        if self.waiting[at].units == 0 {
            self.waiting.remove(at);
        }
        self.started(slot, lane, weight);
    }

    fn add(&mut self, ticket: Ticket, request: (Lane, i32, u32), units: u32) {
        let (lane, priority, weight) = request;
        assert!(self.waiting.iter().all(|it| it.ticket != ticket), "{ticket:?} waits twice");
        self.came += 1;
        self.waiting.push(Waiting {
            ticket,
            lane,
            priority,
            weight,
            units,
            came: self.came,
            arrived: self.came,
        });
    }

    fn check_refused(&self, refused: Refused, lane: Lane, weight: u32, units: u32) {
        let is_weight = matches!(refused, Refused::Weight { .. });
        assert_eq!(self.arbiter.check_weight(lane, weight).err(), is_weight.then_some(refused));
        match refused {
            Refused::Weight { given, most, .. } => {
                assert_eq!((given, most), (weight, self.most_for(lane)));
                assert!(u64::from(weight) > most);
            }
            Refused::Full { most, .. } => {
                assert_eq!(most, self.options.max_queue[if lane == Lane::Online { 0 } else { 1 }]);
                let others = if self.drops() { 0 } else { self.pending(lane) };
                assert!(others + u64::from(units) > most);
            }
            other => panic!("{other}"),
        }
    }

    fn drops(&self) -> bool {
        self.options.overflow != Overflow::Reject
    }

    /// What waits in a lane, beginning with the ticket that is dropped first.
    fn in_order_of_drops(&self, lane: Lane) -> Vec<Waiting> {
        let mut waiting: Vec<_> =
            self.waiting.iter().filter(|it| it.lane == lane).copied().collect();
        match self.options.overflow {
            Overflow::DropOldest => waiting.sort_by_key(|it| it.arrived),
            _ => waiting.sort_by_key(|it| (it.priority, std::cmp::Reverse(it.came))),
        }
        waiting
    }

    /// The tickets that leave so that so many more units may wait.
    fn displaced(&self, lane: Lane, units: u32) -> Vec<Waiting> {
        let most = self.arbiter.max_queue(lane);
        let mut excess = (self.pending(lane) + u64::from(units)).saturating_sub(most);
        let mut displaced = self.in_order_of_drops(lane);
        displaced.retain(|it| {
            let leaves = excess > 0;
            excess = excess.saturating_sub(it.units.into());
            leaves
        });
        displaced
    }

    /// Takes note of the tickets that left for so many units, of which some may start at once.
    fn take_dropped(&mut self, lane: Lane, units: u32, starts: bool) {
        let dropped: Vec<_> = self.arbiter.take_dropped().into_iter().collect();
        let expected = self.displaced(lane, units);
        let (left, told): (Vec<_>, Vec<_>) = expected
            .iter()
            .zip(&dropped)
            .map(|(it, dropped)| {
                (
                    (it.ticket, it.lane, it.units.into()),
                    (dropped.ticket, dropped.lane, dropped.units),
                )
            })
            .unzip();
        assert_eq!(left, told);
        assert!(dropped.len() == expected.len() || starts && dropped.len() < expected.len());
        self.waiting.retain(|it| dropped.iter().all(|dropped| dropped.ticket != it.ticket));
        self.drained &= dropped.is_empty();
    }

    fn drain(&mut self) {
        while let Some((slot, ticket)) = self.arbiter.grant_next() {
            self.granted(slot, ticket);
        }
        self.drained = true;
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Enqueue(lane, priority, weight) => {
                let request = Request::new(lane).priority(priority).weight(weight);
                match self.arbiter.enqueue(request) {
                    Enqueued::Granted(slot) => {
                        let ahead = self.head(lane).filter(|head| head.priority >= priority);
                        assert!(ahead.is_none(), "a newcomer barged past {ahead:?}");
                        self.started(slot, lane, weight);
                    }
                    Enqueued::Queued(ticket) => {
                        let most = self.arbiter.max_queue(lane);
                        let alone = self.waiting.is_empty() && !self.paused;
                        self.take_dropped(lane, 1, false);
                        assert!(self.pending(lane) < most, "more than {most} wait");
                        assert!(!(alone && self.fits(lane, weight)), "it waits for nothing");
                        self.add(ticket, (lane, priority, weight), 1);
                    }
                    Enqueued::Refused(Refused::Dropped(_)) => {
                        assert_eq!(self.options.overflow, Overflow::DropLowest);
                        let starts_last = |it: &Waiting| it.priority >= priority;
                        assert!(self.displaced(lane, 1).iter().any(starts_last));
                    }
                    Enqueued::Refused(refused) => self.check_refused(refused, lane, weight, 1),
                }
            }
            Step::EnqueueBatch(lane, priority, weight, units) => {
                let request = Request::new(lane).priority(priority).weight(weight);
                let before = self.pending(lane); // tickets that were moved there, or were let in before
                match self.arbiter.enqueue_batch(request, units) {
                    Ok(ticket) => {
                        self.take_dropped(lane, units, true);
                        self.add(ticket, (lane, priority, weight), units);
                        self.drain();
                        let most = self.arbiter.max_queue(lane);
                        assert!(self.pending(lane) <= most.max(before), "more than {most} wait");
                    }
                    Err(Refused::Dropped(_)) => {
                        assert_eq!(self.options.overflow, Overflow::DropLowest);
                        let starts_last = |it: &Waiting| it.priority >= priority;
                        assert!(self.displaced(lane, units).iter().any(starts_last));
                    }
                    Err(refused) => self.check_refused(refused, lane, weight, units),
                }
            }
            Step::Settle(which) if !self.running.is_empty() => {
                let (slot, _, held) = self.running.remove(which % self.running.len());
                if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
                    self.granted(slot, ticket);
                }
                self.drained &= held == 1;
            }
            Step::Cancel(which) if !self.waiting.is_empty() => {
                let at = which % self.waiting.len();
                assert!(self.arbiter.cancel(self.waiting.remove(at).ticket));
                self.drained = false;
            }
            Step::Raise(which, to, higher) if !self.waiting.is_empty() => {
                let at = which % self.waiting.len();
                let Waiting { ticket, lane, priority, .. } = self.waiting[at];
                let rank = |lane, priority| (lane == Lane::Online, priority);
                let is_earlier = rank(to, higher) > rank(lane, priority);
                assert_eq!(self.arbiter.raise(ticket, to, higher), is_earlier);
                if is_earlier {
                    self.came += 1;
                    let waiting = &mut self.waiting[at];
                    (waiting.lane, waiting.priority, waiting.came) = (to, higher, self.came);
                    self.drained = false;
                }
            }
            Step::Reprioritise(which, to, priority) if !self.waiting.is_empty() => {
                let at = which % self.waiting.len();
                let Waiting { ticket, lane, priority: own, weight, .. } = self.waiting[at];
                let moves = (lane, own) != (to, priority);
                let fits = lane == to || self.arbiter.check_weight(to, weight).is_ok();
                let moved = self.arbiter.reprioritise(ticket, to, priority);
                assert_eq!(moved.ok(), fits.then_some(moves));
                if fits && moves {
                    self.came += 1;
                    let waiting = &mut self.waiting[at];
                    (waiting.lane, waiting.priority, waiting.came) = (to, priority, self.came);
                    self.drained = false;
                }
            }
            Step::SetMaxQueue(lane, most) => {
                self.arbiter.set_max_queue(lane, most);
                self.options = self.options.clone().max_queue(lane, most);
            }
            Step::Clear(lane) => {
                let cleared = self.arbiter.clear(lane);
                let mut of_lane: Vec<_> =
                    self.waiting.iter().filter(|it| it.lane == lane).collect();
                of_lane.sort_by_key(|it| (-it.priority, it.came));
                assert_eq!(cleared, of_lane.iter().map(|it| it.ticket).collect::<Vec<_>>());
                self.waiting.retain(|it| it.lane != lane);
                self.drained = false;
            }
            Step::SetConcurrency(concurrency) => {
                self.arbiter.set_concurrency(concurrency).unwrap();
                self.concurrency = concurrency;
                self.drained = false;
            }
            Step::Pause => {
                self.arbiter.pause();
                self.paused = true;
            }
            Step::Resume => {
                self.arbiter.resume();
                self.paused = false;
                self.drained = false;
            }
            Step::Drain => self.drain(),
            Step::Settle(_) | Step::Cancel(_) | Step::Raise(..) | Step::Reprioritise(..) => {}
        }
        self.check();
    }

    fn check(&self) {
        for lane in Lane::ALL {
            let active = self.running.iter().filter(|it| it.1 == lane).count() as u64;
            assert_eq!(self.arbiter.active(lane), active, "units, whatever they weigh");
            assert_eq!(self.arbiter.pending(lane), self.pending(lane));
            if let Some(head) = self.head(lane).filter(|_| self.drained && !self.paused) {
                let alone = self.head(Self::other(lane)).is_none();
                assert!(!(alone && self.fits(lane, head.weight)), "{head:?} waits for nothing");
            }
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
        run.take(Step::Resume);
        run.take(Step::Drain);
        while !run.running.is_empty() {
            run.take(Step::Settle(0));
            run.take(Step::Drain);
        }
        assert_eq!(Lane::ALL.map(|lane| run.arbiter.pending(lane)), [0, 0]);
    }
}

fn queued(arbiter: &mut Arbiter, request: Request) -> Ticket {
    match arbiter.enqueue(request) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn granted(arbiter: &mut Arbiter, request: impl Into<Request>) -> Slot {
    match arbiter.enqueue(request) {
        Enqueued::Granted(slot) => slot,
        other => panic!("{other:?}"),
    }
}

fn refused(arbiter: &mut Arbiter, request: Request) -> Refused {
    match arbiter.enqueue(request) {
        Enqueued::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_heavy_call_is_not_overtaken_by_light_ones_of_its_lane_or_the_other() {
    let mut arbiter = Arbiter::new(Options::new(4).reserve(1)).unwrap();
    let light: Vec<_> = (0..4).map(|_| granted(&mut arbiter, Lane::Online)).collect();
    let heavy = queued(&mut arbiter, Request::new(Lane::Online).weight(3));
    queued(&mut arbiter, Request::new(Lane::Online));
    arbiter.enqueue_batch(Lane::Offline, 100).unwrap();

    // One slot may go to offline, as the heavy call needs three of four.
    let batch = arbiter.settle(light[0], Outcome::Fulfilled).expect("it fits beside");
    assert_eq!(arbiter.active(Lane::Offline), 1);
    assert_ne!(batch, heavy);
    assert_eq!(arbiter.settle(light[1], Outcome::Fulfilled), None);
    assert_eq!(arbiter.settle(light[2], Outcome::Fulfilled), None);
    assert_eq!(arbiter.settle(light[3], Outcome::Fulfilled), Some(heavy));
    assert_eq!((arbiter.active(Lane::Online), arbiter.pending(Lane::Online)), (1, 1));
}

#[test]
fn a_heavy_offline_call_gets_its_share_under_an_online_flood() {
    let mut arbiter = Arbiter::new(Options::new(4).reserve(1).offline_share(0.5)).unwrap();
    let mut running: Vec<_> = (0..4).map(|_| granted(&mut arbiter, Lane::Online)).collect();
    let heavy = queued(&mut arbiter, Request::new(Lane::Offline).weight(3));
    for _ in 0..10 {
        queued(&mut arbiter, Request::new(Lane::Online));
    }
    let mut ended = 0;
    while arbiter.active(Lane::Offline) == 0 {
        let slot = running.remove(0);
        if let Some(ticket) = arbiter.settle(slot, Outcome::Fulfilled) {
            assert!(ticket != heavy || arbiter.active(Lane::Online) <= 1);
            running.push(slot);
        }
        ended += 1;
    }
    assert!(ended <= 5, "{ended} ended before it began");
}

#[test]
fn a_call_that_is_heavier_than_a_lowered_concurrency_runs_alone() {
    let mut arbiter = Arbiter::new(Options::new(4).reserve(1)).unwrap();
    let light = granted(&mut arbiter, Lane::Online);
    let heavy = queued(&mut arbiter, Request::new(Lane::Online).weight(4));
    arbiter.set_concurrency(2).unwrap();
    assert_eq!(arbiter.grant_next(), None);
    assert_eq!(arbiter.settle(light, Outcome::Fulfilled), Some(heavy));
    queued(&mut arbiter, Request::new(Lane::Online));
    arbiter.set_concurrency(3).unwrap();
    assert!(arbiter.grant_next().is_some(), "it holds the two slots that there were");

    let given = refused(&mut arbiter, Request::new(Lane::Offline).weight(3));
    assert_eq!(given, Refused::Weight { given: 3, lane: Lane::Offline, most: 2 });
}

#[test]
fn a_full_lane_refuses_and_the_other_one_does_not() {
    let options = Options::new(1).max_queue(Lane::Offline, 1);
    let mut arbiter = Arbiter::new(options).unwrap();
    let slot = granted(&mut arbiter, Lane::Offline);
    queued(&mut arbiter, Request::new(Lane::Offline));
    let full = refused(&mut arbiter, Request::new(Lane::Offline));
    assert_eq!(full, Refused::Full { lane: Lane::Offline, most: 1 });
    assert_eq!(
        full.to_string(),
        "the offline lane is full: `maxQueue` lets 1 wait in it; wait until it has room (`ready`)"
    );
    assert_eq!(arbiter.enqueue_batch(Lane::Offline, 1), Err(full));
    let online = queued(&mut arbiter, Request::new(Lane::Online));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(online));
    assert_eq!(arbiter.pending(Lane::Offline), 1);
}

#[test]
fn a_batch_may_be_larger_than_the_queue_by_what_starts_at_once() {
    let mut arbiter = Arbiter::new(Options::new(3).reserve(1).max_queue(Lane::Online, 2)).unwrap();
    let full = Err(Refused::Full { lane: Lane::Online, most: 2 });
    assert_eq!(arbiter.enqueue_batch(Lane::Online, 6), full);
    assert!(arbiter.enqueue_batch(Lane::Online, 5).is_ok());
    while arbiter.grant_next().is_some() {}
    assert_eq!(arbiter.pending(Lane::Online), 2);
}

#[test]
fn a_batch_counts_on_no_slot_that_another_waits_for() {
    let mut arbiter = Arbiter::new(Options::new(4).reserve(1).max_queue(Lane::Offline, 1)).unwrap();
    granted(&mut arbiter, Lane::Online);
    granted(&mut arbiter, Lane::Online);
    queued(&mut arbiter, Request::new(Lane::Online).weight(3));
    let full = Err(Refused::Full { lane: Lane::Offline, most: 1 });
    assert_eq!(arbiter.enqueue_batch(Lane::Offline, 3), full);
    assert!(arbiter.enqueue_batch(Lane::Offline, 2).is_ok());
    while arbiter.grant_next().is_some() {}
    assert_eq!(arbiter.pending(Lane::Offline), 1);
}

#[test]
fn a_closed_limit_refuses_calls_and_runs_what_waits() {
    let mut arbiter = Arbiter::new(Options::new(1)).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    let waits = queued(&mut arbiter, Request::new(Lane::Online));
    arbiter.close();
    assert_eq!(refused(&mut arbiter, Request::new(Lane::Online)), Refused::Closed);
    assert_eq!(arbiter.enqueue_batch(Lane::Online, 1), Err(Refused::Closed));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(waits));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
    assert_eq!(arbiter.try_enqueue(Lane::Online), None);
}

#[test]
fn a_pause_with_free_slots_lets_nobody_in() {
    let mut arbiter = Arbiter::new(Options::new(2).reserve(1)).unwrap();
    let slot = granted(&mut arbiter, Lane::Online);
    arbiter.pause();
    let waits = queued(&mut arbiter, Request::new(Lane::Online));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
    assert_eq!(arbiter.grant_next(), None);
    arbiter.resume();
    assert_eq!(arbiter.grant_next().map(|(_, ticket)| ticket), Some(waits));
}

mod nested {
    use super::*;

    fn inside(outer: Slot) -> Request {
        Request::new(Lane::Online).inside(outer)
    }

    #[test]
    fn a_call_inside_the_only_one_that_may_run_could_never_run() {
        let mut arbiter = Arbiter::new(Options::new(1)).unwrap();
        let outer = granted(&mut arbiter, Lane::Online);
        assert_eq!(refused(&mut arbiter, inside(outer)), Refused::Deadlock);
        assert_eq!(arbiter.enqueue_batch(inside(outer), 3), Err(Refused::Deadlock));
        assert_eq!(arbiter.pending(Lane::Online), 0);
    }

    #[test]
    fn the_last_of_several_that_would_wait_for_each_other_is_refused() {
        let mut arbiter = Arbiter::new(Options::new(2).reserve(1)).unwrap();
        let a = granted(&mut arbiter, Lane::Online);
        let b = granted(&mut arbiter, Lane::Online);
        let inner = queued(&mut arbiter, inside(a));
        assert_eq!(refused(&mut arbiter, inside(b)), Refused::Deadlock);
        // What b does instead ends, and its slot is the inner call's; then b's place may wait too.
        assert_eq!(arbiter.settle(b, Outcome::Rejected), Some(inner));
        queued(&mut arbiter, inside(a));
        assert_eq!(refused(&mut arbiter, inside(b)), Refused::Deadlock);
    }

    #[test]
    fn offline_calls_wait_for_offline_slots() {
        let mut arbiter = Arbiter::new(Options::new(3).reserve(2)).unwrap();
        let outer = granted(&mut arbiter, Lane::Offline);
        let inner = Request::new(Lane::Offline).inside(outer);
        assert_eq!(
            refused(&mut arbiter, inner),
            Refused::Deadlock,
            "two slots are free, for online"
        );
        granted(&mut arbiter, inside(outer));
    }

    #[test]
    fn who_has_ended_or_waits_no_more_holds_nobody_up() {
        let mut arbiter = Arbiter::new(Options::new(2).reserve(1)).unwrap();
        let a = granted(&mut arbiter, Lane::Online);
        let b = granted(&mut arbiter, Lane::Online);
        let cancelled = queued(&mut arbiter, inside(a));
        assert!(arbiter.cancel(cancelled));
        let inner = queued(&mut arbiter, inside(b));
        // a ends without having waited for what it called.
        let unawaited = queued(&mut arbiter, Request::new(Lane::Online));
        assert_eq!(arbiter.settle(a, Outcome::Fulfilled), Some(inner));
        assert_eq!(arbiter.settle(a, Outcome::Fulfilled), Some(unawaited));
        queued(&mut arbiter, inside(a));
        assert_eq!(refused(&mut arbiter, inside(b)), Refused::Deadlock);
        assert_eq!(arbiter.clear(Lane::Online).len(), 1);
        queued(&mut arbiter, inside(b));
    }

    #[test]
    fn a_batch_inside_is_one_wait() {
        let mut arbiter = Arbiter::new(Options::new(2).reserve(1)).unwrap();
        let outer = granted(&mut arbiter, Lane::Online);
        let batch = arbiter.enqueue_batch(inside(outer), 3).unwrap();
        let (slot, ticket) = arbiter.grant_next().unwrap();
        assert_eq!(ticket, batch);
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
    }
}

#[test]
fn room_is_for_what_is_asked_for() {
    let mut arbiter = Arbiter::new(Options::new(4).reserve(1).max_queue(Lane::Online, 0)).unwrap();
    granted(&mut arbiter, Lane::Online);
    granted(&mut arbiter, Lane::Online);
    assert!(arbiter.has_room(Lane::Online));
    assert!(arbiter.has_room(Request::new(Lane::Online).weight(2)));
    let heavy = Request::new(Lane::Online).weight(3);
    assert!(!arbiter.has_room(heavy));
    assert_eq!(refused(&mut arbiter, heavy), Refused::Full { lane: Lane::Online, most: 0 });
    assert!(arbiter.has_room(Request::new(Lane::Online).weight(5)), "no wait helps that");
}
