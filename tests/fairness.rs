//! Fair limits (rule 12): the bound of deficit round robin under random use, and what else must hold there.

use std::collections::BTreeMap;
use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Cause, Enqueued, EnteredLine, Error, Flow, Gate, Lane, Lease, Options, Outcome,
    Overflow, Rate, Refused, Request, Slot, Ticket,
};
use proptest::prelude::*;

/// By flow number. A flow with a small share can start nothing in many rounds.
const SHARES: [f64; 5] = [1.0, 3.0, 0.3, 1.0, 50.0];

#[derive(Clone, Debug)]
enum Step {
    Enqueue { lane: Lane, flow: u64, priority: i32, weight: u32, cost: u32 },
    Batch { lane: Lane, flow: u64, priority: i32, cost: u32, units: u32 },
    Settle(usize),
    Cancel(usize),
    Raise(usize, Lane, i32),
    Reprioritise(usize, Lane, i32),
    Clear(Lane),
    SetConcurrency(u64),
    Pause,
    Resume,
}

fn lanes() -> impl Strategy<Value = Lane> {
    prop_oneof![3 => Just(Lane::Online), 1 => Just(Lane::Offline)]
}

fn steps() -> impl Strategy<Value = Step> {
    let flows = || 0..SHARES.len() as u64;
    prop_oneof![
        12 => (lanes(), flows(), -1..2, 1..5u32, 0..12u32).prop_map(|(lane, flow, priority, weight, cost)| {
            Step::Enqueue { lane, flow, priority, weight, cost }
        }),
        5 => (lanes(), flows(), -1..2, 0..12u32, 1..40u32).prop_map(|(lane, flow, priority, cost, units)| {
            Step::Batch { lane, flow, priority, cost, units }
        }),
        50 => any::<usize>().prop_map(Step::Settle),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => (any::<usize>(), lanes(), -1..3).prop_map(|(which, lane, priority)| Step::Raise(which, lane, priority)),
        2 => (any::<usize>(), lanes(), -1..3)
            .prop_map(|(which, lane, priority)| Step::Reprioritise(which, lane, priority)),
        1 => lanes().prop_map(Step::Clear),
        1 => (1..8u64).prop_map(Step::SetConcurrency),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
    ]
}

fn overflows() -> impl Strategy<Value = Overflow> {
    prop_oneof![
        4 => Just(Overflow::Reject),
        1 => Just(Overflow::DropOldest),
        1 => Just(Overflow::DropLowest),
    ]
}

/// A ticket that waits, as the model has it.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    ticket: Ticket,
    lane: Lane,
    flow: u64,
    priority: i32,
    weight: u32,
    size: u32,
    units: u32,
    came: u64,
}

/// What two flows that both wait have started since they do, less the other: the extremes.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    difference: f64,
    lowest: f64,
    highest: f64,
}

struct Run {
    arbiter: Arbiter<FakeClock>,
    is_rated: bool,
    waiting: Vec<Waiting>,
    /// With the slots that each holds.
    running: Vec<(Slot, u64)>,
    /// By lane and flow: its largest unit since it waits.
    largest: BTreeMap<(usize, u64), u32>,
    /// By lane and two flows that wait.
    pairs: BTreeMap<(usize, u64, u64), Pair>,
    came: u64,
    paused: bool,
}

impl Run {
    fn new(concurrency: u64, is_rated: bool, overflow: Overflow) -> Self {
        // There are always tokens: with the rate, costs count and hold up nothing.
        let plenty = Rate::new(1 << 50, Duration::from_nanos(1)).burst(1 << 50);
        let options = Options::new(concurrency).reserve(0).fair(true);
        let mut options = options.rate(is_rated.then_some(plenty)).overflow(overflow);
        if overflow != Overflow::Reject {
            options = options.max_queue(Lane::Online, 40).max_queue(Lane::Offline, 20);
        }
        Self {
            arbiter: Arbiter::with_clock(options, FakeClock::default()).unwrap(),
            is_rated,
            waiting: Vec::new(),
            running: Vec::new(),
            largest: BTreeMap::new(),
            pairs: BTreeMap::new(),
            came: 0,
            paused: false,
        }
    }

    /// Begins to watch the pairs of flows that both wait, and forgets the others.
    fn watch(&mut self) {
        let flows = 0..SHARES.len() as u64;
        for (index, lane) in Lane::ALL.into_iter().enumerate() {
            for flow in flows.clone() {
                let of = self.waiting.iter().filter(|it| (it.lane, it.flow) == (lane, flow));
                match of.map(|it| it.size).max() {
                    Some(size) => {
                        let largest = self.largest.entry((index, flow)).or_default();
                        *largest = size.max(*largest);
                    }
                    None => drop(self.largest.remove(&(index, flow))),
                }
            }
            for (one, other) in flows.clone().flat_map(|one| (0..one).map(move |it| (it, one))) {
                if [one, other].iter().all(|&flow| self.largest.contains_key(&(index, flow))) {
                    self.pairs.entry((index, one, other)).or_default();
                } else {
                    self.pairs.remove(&(index, one, other));
                }
            }
        }
    }

    fn started(&mut self, lane: Lane, flow: u64, size: u32) {
        for (&(index, one, other), pair) in &mut self.pairs {
            if Lane::ALL[index] != lane || (one != flow && other != flow) {
                continue;
            }
            let part = f64::from(size) / SHARES[flow as usize];
            pair.difference += if one == flow { part } else { -part };
            pair.lowest = pair.lowest.min(pair.difference);
            pair.highest = pair.highest.max(pair.difference);
            let bound = [one, other].iter().fold(1.0, |bound, &flow| {
                bound + f64::from(self.largest[&(index, flow)]) / SHARES[flow as usize]
            });
            let spread = pair.highest - pair.lowest;
            assert!(spread <= bound + 1e-6, "{one} and {other}: {spread} > {bound}, {pair:?}");
        }
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        assert!(!self.paused);
        let at = self.waiting.iter().position(|it| it.ticket == ticket).expect("it waits");
        let Waiting { lane, flow, size, weight, .. } = self.waiting[at];
        let of_flow = self.waiting.iter().filter(|it| (it.lane, it.flow) == (lane, flow));
        let first = of_flow.min_by_key(|it| (-it.priority, it.came)).unwrap();
        assert_eq!(first.ticket, ticket, "by priority, then FIFO, inside a flow");
        self.started(lane, flow, size);
        self.waiting[at].units -= 1;
        if self.waiting[at].units == 0 {
            self.waiting.remove(at);
        }
        self.running.push((slot, self.need(weight)));
        self.watch();
    }

    fn need(&self, weight: u32) -> u64 {
        self.arbiter.concurrency().min(weight.into())
    }

    fn grant_all(&mut self) {
        while let Some((slot, ticket)) = self.arbiter.grant_next() {
            self.granted(slot, ticket);
        }
        assert!(!self.arbiter.may_grant());
        // Work-conserving: there is not room for each of the tickets that wait.
        let need = self.waiting.iter().map(|it| self.need(it.weight)).max();
        let held: u64 = self.running.iter().map(|it| it.1).sum();
        let has_room = |need| held + need <= self.arbiter.concurrency();
        assert!(self.paused || !need.is_some_and(has_room), "{held} held, {need:?}");
    }

    fn add(&mut self, ticket: Ticket, of: Waiting) {
        self.came += 1;
        self.waiting.push(Waiting { ticket, came: self.came, ..of });
        for dropped in self.arbiter.take_dropped() {
            let at = self.waiting.iter().position(|it| it.ticket == dropped.ticket);
            let left = self.waiting.remove(at.expect("it waited"));
            assert_eq!((left.lane, u64::from(left.units)), (dropped.lane, dropped.units));
        }
        self.watch();
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Enqueue { lane, flow, priority, weight, cost } => {
                let of = Flow::new(flow).share(SHARES[flow as usize]).unwrap();
                let request =
                    Request::new(lane).priority(priority).weight(weight).cost(cost).flow(of);
                let size = if self.is_rated { weight.max(cost) } else { weight };
                match self.arbiter.enqueue(request) {
                    Enqueued::Granted(slot) => {
                        let barged = self.waiting.iter().any(|it| it.lane == lane);
                        assert!(!barged, "it barged");
                        self.running.push((slot, self.need(weight)));
                    }
                    Enqueued::Queued(ticket) => {
                        self.add(
                            ticket,
                            Waiting {
                                ticket,
                                lane,
                                flow,
                                priority,
                                weight,
                                size,
                                units: 1,
                                came: 0,
                            },
                        );
                    }
                    Enqueued::Refused(_) => {} // too heavy by now
                }
            }
            Step::Batch { lane, flow, priority, cost, units } => {
                let of = Flow::new(flow).share(SHARES[flow as usize]).unwrap();
                let request = Request::new(lane).priority(priority).cost(cost).flow(of);
                let size = if self.is_rated { cost.max(1) } else { 1 };
                match self.arbiter.enqueue_batch(request, units) {
                    Ok(ticket) => self.add(
                        ticket,
                        Waiting { ticket, lane, flow, priority, weight: 1, size, units, came: 0 },
                    ),
                    Err(refused) => {
                        assert_ne!(self.arbiter.overflow(), Overflow::Reject, "{refused}");
                    }
                }
            }
            Step::Settle(which) if !self.running.is_empty() => {
                let (slot, _) = self.running.swap_remove(which % self.running.len());
                if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
                    self.granted(slot, ticket);
                }
            }
            Step::Cancel(which) if !self.waiting.is_empty() => {
                let Waiting { ticket, .. } = self.waiting.swap_remove(which % self.waiting.len());
                assert!(self.arbiter.cancel_for(ticket, Cause::Aborted));
                self.watch();
            }
            Step::Raise(which, lane, priority) if !self.waiting.is_empty() => {
                let at = which % self.waiting.len();
                if self.arbiter.raise(self.waiting[at].ticket, lane, priority) {
                    self.came += 1;
                    let came = self.came;
                    self.waiting[at] = Waiting { lane, priority, came, ..self.waiting[at] };
                    self.watch();
                }
            }
            Step::Reprioritise(which, lane, priority) if !self.waiting.is_empty() => {
                let at = which % self.waiting.len();
                match self.arbiter.reprioritise(self.waiting[at].ticket, lane, priority) {
                    Ok(true) => {
                        self.came += 1;
                        let came = self.came;
                        self.waiting[at] = Waiting { lane, priority, came, ..self.waiting[at] };
                        self.watch();
                    }
                    Ok(false) | Err(Refused::Weight { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            Step::Clear(lane) => {
                let cleared = self.arbiter.clear(lane);
                let (of_lane, others): (Vec<_>, Vec<_>) =
                    self.waiting.iter().partition(|it| it.lane == lane);
                assert_eq!(cleared.len(), of_lane.len());
                assert!(of_lane.iter().all(|it: &Waiting| cleared.contains(&it.ticket)));
                self.waiting = others;
                self.watch();
            }
            Step::SetConcurrency(to) => self.arbiter.set_concurrency(to).unwrap(),
            Step::Pause => {
                self.arbiter.pause();
                self.paused = true;
            }
            Step::Resume => {
                self.arbiter.resume();
                self.paused = false;
            }
            _ => {}
        }
        self.grant_all();
        for lane in Lane::ALL {
            let units =
                self.waiting.iter().filter(|it| it.lane == lane).map(|it| u64::from(it.units));
            assert_eq!(self.arbiter.pending(lane), units.sum::<u64>());
        }
    }

    /// All that waits runs in the end.
    fn finish(&mut self) {
        self.take(Step::Resume);
        while let Some((slot, _)) = self.running.pop() {
            if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
                self.granted(slot, ticket);
            }
            self.grant_all();
        }
        assert!(self.waiting.is_empty() && self.arbiter.is_idle());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_flows_that_wait_get_parts_by_their_shares(
        concurrency in 1..8u64,
        is_rated: bool,
        overflow in overflows(),
        steps in prop::collection::vec(steps(), 1..300),
    ) {
        let mut run = Run::new(concurrency, is_rated, overflow);
        for step in steps {
            run.take(step);
        }
        run.finish();
    }

    #[test]
    fn what_is_cleared_comes_in_the_order_in_which_it_would_have_started(
        is_rated: bool,
        steps in prop::collection::vec(steps(), 1..60),
    ) {
        let (mut run, mut same) = (Run::new(1, is_rated, Overflow::Reject), Run::new(1, is_rated, Overflow::Reject));
        for step in steps {
            run.take(step.clone());
            same.take(step);
        }
        for run in [&mut run, &mut same] {
            run.take(Step::Clear(Lane::Offline));
            run.take(Step::Resume);
        }
        let mut started = Vec::new();
        while let Some((slot, _)) = run.running.pop() {
            if let Some(ticket) = run.arbiter.settle(slot, Outcome::Fulfilled) {
                if !started.contains(&ticket) {
                    started.push(ticket);
                }
                run.running.push((slot, 1));
            }
        }
        prop_assert_eq!(same.arbiter.clear(Lane::Online), started);
    }
}

fn of(flow: u64) -> Request {
    Request::new(Lane::Online).flow(Flow::new(flow))
}

fn queued(arbiter: &mut Arbiter<FakeClock>, request: Request) -> Ticket {
    match arbiter.enqueue(request) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn granted(arbiter: &mut Arbiter<FakeClock>, request: Request) -> Slot {
    match arbiter.enqueue(request) {
        Enqueued::Granted(slot) => slot,
        other => panic!("{other:?}"),
    }
}

fn arbiter(options: Options) -> Arbiter<FakeClock> {
    Arbiter::with_clock(options, FakeClock::default()).unwrap()
}

/// Ends what runs in a slot so many times, and returns what got it.
fn next_in(arbiter: &mut Arbiter<FakeClock>, slot: Slot, times: usize) -> Vec<Ticket> {
    (0..times).map_while(|_| arbiter.settle(slot, Outcome::Fulfilled)).collect()
}

#[test]
fn three_calls_do_not_wait_for_ten_thousand() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let slot = granted(&mut arbiter, of(1));
    let large: Vec<_> = (0..10_000).map(|_| queued(&mut arbiter, of(1))).collect();
    next_in(&mut arbiter, slot, 100);
    let small: Vec<_> = (0..3).map(|_| queued(&mut arbiter, of(2))).collect();
    let order = next_in(&mut arbiter, slot, 7);
    let places: Vec<_> =
        small.iter().map(|ticket| order.iter().position(|it| it == ticket)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?}");
    assert_eq!(order[order.len() - 1], large[103]);
}

#[test]
fn a_call_at_a_time_gets_every_second_turn() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let slot = granted(&mut arbiter, of(1));
    arbiter.enqueue_batch(of(1), 1_000).unwrap();
    let mut turns = 0;
    for _ in 0..100 {
        let own = queued(&mut arbiter, of(2));
        while next_in(&mut arbiter, slot, 1) != [own] {
            turns += 1;
        }
    }
    assert!(turns <= 101, "{turns}");
}

#[test]
fn flows_get_turns_by_their_shares_and_by_weight() {
    let mut arbiter = arbiter(Options::new(2).fair(true));
    let slot = granted(&mut arbiter, of(9).weight(2));
    let batch = |share: f64, flow, weight| {
        Request::new(Lane::Online).weight(weight).flow(Flow::new(flow).share(share).unwrap())
    };
    let [a, b, c] = [batch(3.0, 1, 1), batch(1.0, 2, 1), batch(4.0, 3, 2)]
        .map(|request| arbiter.enqueue_batch(request, 10_000).unwrap());
    let mut counts = BTreeMap::new();
    let mut running = vec![slot];
    for _ in 0..6_000 {
        if let Some(ticket) = arbiter.settle(running.remove(0), Outcome::Fulfilled) {
            *counts.entry(ticket).or_insert(0) += 1;
            running.extend(
                arbiter
                    .slots_of(Lane::Online)
                    .filter(|slot| !running.contains(slot))
                    .collect::<Vec<_>>(),
            );
        }
        while let Some((slot, ticket)) = arbiter.grant_next() {
            *counts.entry(ticket).or_insert(0) += 1;
            running.push(slot);
        }
    }
    let slots = [counts[&a], counts[&b], counts[&c] * 2].map(f64::from);
    let unit = slots[1];
    assert!(slots[0] / unit > 2.98 && slots[0] / unit < 3.02, "{slots:?}");
    assert!(slots[2] / unit > 3.98 && slots[2] / unit < 4.02, "{slots:?}");
}

#[test]
fn with_a_rate_the_cost_counts_and_without_one_it_does_not() {
    let plenty = Rate::new(1 << 50, Duration::from_nanos(1)).burst(1 << 50);
    for (rate, expected) in [(None, 50), (Some(plenty), 9)] {
        let mut arbiter = arbiter(Options::new(1).fair(true).rate(rate));
        let slot = granted(&mut arbiter, of(9));
        let dear = arbiter.enqueue_batch(of(1).cost(10), 1_000).unwrap();
        arbiter.enqueue_batch(of(2), 1_000).unwrap();
        let order = next_in(&mut arbiter, slot, 100);
        let started = order.iter().filter(|&&ticket| ticket == dear).count();
        assert!(started.abs_diff(expected) <= 1, "{started}");
    }
}

#[test]
fn of_several_quotas_the_one_counts_that_a_unit_takes_most_of() {
    let minute = Duration::from_secs(60);
    let plenty = |limit| Rate::sliding(limit, minute);
    let options = Options::new(1).fair(true);
    let options = options.quota("requests", plenty(600_000)).quota("tokens", plenty(120_000_000));
    let mut arbiter = arbiter(options.quota("money", Rate::budget(1 << 50)));
    let slot = granted(&mut arbiter, of(9));
    // A request is worth 200 tokens.
    let costs = |arbiter: &Arbiter<FakeClock>, requests, tokens| {
        arbiter.costs([("requests", requests), ("tokens", tokens), ("money", 1)]).unwrap()
    };
    let (short, long) = (costs(&arbiter, 2, 50), costs(&arbiter, 1, 1_200));
    let batches = [(1, short), (2, long)]
        .map(|(flow, costs)| arbiter.enqueue_batch(of(flow).costs(costs), 1_000).unwrap());
    let order = next_in(&mut arbiter, slot, 400);
    let [short, long] = batches.map(|ticket| order.iter().filter(|&&it| it == ticket).count());
    assert!(short.abs_diff(300) <= 2 && long.abs_diff(100) <= 2, "{short} and {long}");

    // From now on a request is worth 2,000 tokens.
    arbiter.set_quotas([("requests", plenty(60_000))]).unwrap();
    let slow = arbiter.enqueue_batch(of(3).costs(costs(&arbiter, 1, 100)), 1_000).unwrap();
    let order = next_in(&mut arbiter, slot, 800);
    let [slow, long] = [slow, batches[1]].map(|of| order.iter().filter(|&&it| it == of).count());
    assert!(
        slow * 2_000 < long * 1_200 + 8_000 && slow * 2_000 + 8_000 > long * 1_200,
        "{slow} and {long}"
    );
}

#[test]
fn priorities_order_the_calls_of_a_flow_and_no_others() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let slot = granted(&mut arbiter, of(1));
    let first = queued(&mut arbiter, of(1));
    let other = queued(&mut arbiter, of(2));
    let higher = queued(&mut arbiter, of(1).priority(5));
    let far_higher = queued(&mut arbiter, of(2).priority(100));
    assert_eq!(next_in(&mut arbiter, slot, 9), [higher, far_higher, first, other]);
}

#[test]
fn online_goes_first_whatever_the_flows() {
    let mut arbiter = arbiter(Options::new(1).reserve(0).offline_share(0.0).fair(true));
    let slot = granted(&mut arbiter, of(1));
    let offline = queued(&mut arbiter, Request::new(Lane::Offline).flow(Flow::new(2)));
    let online = queued(&mut arbiter, of(1));
    let raised = queued(&mut arbiter, Request::new(Lane::Offline).flow(Flow::new(2)));
    assert!(arbiter.raise(raised, Lane::Online, 0));
    assert_eq!(next_in(&mut arbiter, slot, 9), [online, raised, offline]);
}

#[test]
fn a_limit_can_be_made_fair_while_calls_wait() {
    let mut arbiter = arbiter(Options::new(1));
    let mut lease = Lease::default();
    let Ok(EnteredLine::Granted(slot)) = arbiter.enter_line() else { panic!() };
    let Ok(EnteredLine::InLine(line)) = arbiter.enter_line() else { panic!() };
    assert_eq!(arbiter.enter_line(), Ok(EnteredLine::InLine(line)));
    let late = queued(&mut arbiter, of(0).priority(-1));
    arbiter.make_fair();
    arbiter.make_fair();
    assert!(arbiter.is_fair());
    let own = queued(&mut arbiter, of(7));
    let Ok(EnteredLine::Queued(last)) = arbiter.enter_line() else { panic!("not in line") };
    arbiter.give_lease(&mut lease);
    assert!(!arbiter.is_leased(), "others may have a turn before the next in line");
    assert_eq!(next_in(&mut arbiter, slot, 9), [line, own, line, last, late]);
    assert_eq!(arbiter.stats().online.granted, 6);
}

#[test]
fn a_full_lane_drops_what_would_start_last_by_turns() {
    let options = Options::new(1).fair(true).max_queue(Lane::Online, 4);
    let mut arbiter = arbiter(options.overflow(Overflow::DropLowest));
    let slot = granted(&mut arbiter, of(1));
    let large: Vec<_> = (0..4).map(|_| queued(&mut arbiter, of(1))).collect();
    let mut small = Vec::new();
    for left in [&large[3], &large[2]] {
        small.push(queued(&mut arbiter, of(2)));
        let dropped: Vec<_> = arbiter.take_dropped().iter().map(|it| it.ticket).collect();
        assert_eq!(dropped, [*left], "the last one of the flow that has most");
    }
    assert!(matches!(arbiter.enqueue(of(2)), Enqueued::Refused(Refused::Dropped(_))));
    assert_eq!(next_in(&mut arbiter, slot, 9), [large[0], small[0], large[1], small[1]]);
}

#[test]
fn calls_without_a_flow_are_one() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let slot = granted(&mut arbiter, of(1));
    let [a, b] = [Lane::Online; 2].map(|lane| queued(&mut arbiter, lane.into()));
    let own = queued(&mut arbiter, of(1));
    assert_eq!(next_in(&mut arbiter, slot, 9), [a, own, b]);
}

#[test]
fn a_share_that_changes_counts_from_then_on() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let slot = granted(&mut arbiter, of(9));
    let of = |flow, share| Request::new(Lane::Online).flow(Flow::new(flow).share(share).unwrap());
    let slow = arbiter.enqueue_batch(of(1, 1e-6), 10_000).unwrap();
    let other = arbiter.enqueue_batch(of(2, 1.0), 10_000).unwrap();
    let started = |order: &[Ticket]| order.iter().filter(|&&it| it == slow).count();
    assert_eq!(started(&next_in(&mut arbiter, slot, 1_000)), 0);
    let next = queued(&mut arbiter, of(1, 9.0));
    let order = next_in(&mut arbiter, slot, 100);
    assert!(started(&order).abs_diff(90) <= 2, "{}", started(&order));
    assert!(order.contains(&other) && !order.contains(&next));
}

#[test]
fn lent_slots_count_against_nobody() {
    let mut arbiter = arbiter(Options::new(1).fair(true));
    let outer = granted(&mut arbiter, of(1));
    let own = queued(&mut arbiter, of(1));
    let inner: Vec<_> = (0..5)
        .map(|_| match arbiter.enqueue(of(2).borrowing(outer)) {
            Enqueued::Granted(slot) => Err(slot),
            Enqueued::Queued(ticket) => Ok(ticket),
            other => panic!("{other:?}"),
        })
        .collect();
    let [Err(slot), waiting @ ..] = &inner[..] else { panic!("{inner:?}") };
    let expected: Vec<_> = waiting.iter().map(|ticket| ticket.unwrap()).collect();
    assert_eq!(next_in(&mut arbiter, *slot, 9), expected);
    let other = queued(&mut arbiter, of(2));
    assert_eq!(next_in(&mut arbiter, outer, 9), [own, other]);
}

#[test]
fn shares_out_of_range_are_refused() {
    for given in [0.0, -1.0, 1e-7, 1.1e6, f64::INFINITY] {
        assert_eq!(Flow::new(1).share(given), Err(Error::Share { given }));
    }
    let error = Flow::new(1).share(0.0).unwrap_err().to_string();
    assert_eq!(error, "`share` must be a number from 0.000001 to 1000000, got 0");
}

#[test]
fn a_gate_can_be_made_fair() {
    let gate = Gate::new(Options::new(1)).unwrap();
    gate.make_fair();
    let guard = gate.try_acquire(of(1)).unwrap();
    assert!(gate.try_acquire(of(2)).is_none());
    drop(guard);
    assert!(gate.try_acquire(of(2)).is_some());
}
