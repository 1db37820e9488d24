//! Windows and several quotas, against models that add up what started.

use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Arbiter, Costs, Enqueued, Error, Gate, Lane, NotOpened, Options, Outcome, PartialOptions, Rate,
    Registry, Request, SharedGate, Slot, UNLIMITED,
};
use proptest::prelude::*;

fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

fn limit(options: Options) -> (Arbiter<FakeClock>, FakeClock) {
    let clock = FakeClock::default();
    (Arbiter::with_clock(options, clock.clone()).unwrap(), clock)
}

fn rated(rate: Rate) -> (Arbiter<FakeClock>, FakeClock) {
    limit(Options::new(UNLIMITED).rate(rate))
}

fn online(cost: u32) -> Request {
    Request::new(Lane::Online).cost(cost)
}

fn starts_all(arbiter: &mut Arbiter<FakeClock>) -> usize {
    std::iter::from_fn(|| arbiter.grant_next()).count()
}

fn available(arbiter: &Arbiter<FakeClock>) -> f64 {
    arbiter.stats().rate.unwrap().available
}

/// What is left of each quota.
fn left(arbiter: &Arbiter<FakeClock>) -> Vec<f64> {
    arbiter.stats().quotas.iter().map(|quota| quota.rate.available).collect()
}

#[test]
fn a_sliding_window_starts_its_limit_at_once_and_the_next_an_interval_later() {
    let (mut arbiter, clock) = rated(Rate::sliding(3, nanos(1_000)));
    arbiter.enqueue_batch(Lane::Online, 10).unwrap();
    assert_eq!(starts_all(&mut arbiter), 3);
    assert_eq!(arbiter.wakes_at(), Some(1_000));
    clock.advance(nanos(999));
    assert_eq!(starts_all(&mut arbiter), 0);
    clock.advance(nanos(1));
    assert_eq!(starts_all(&mut arbiter), 3);
    // What starts later counts for longer.
    clock.advance(nanos(1_500));
    assert_eq!(starts_all(&mut arbiter), 3);
    assert_eq!(arbiter.wakes_at(), Some(3_500));
}

#[test]
fn fixed_windows_end_when_they_were_said_to_and_follow_each_other() {
    let (mut arbiter, clock) = rated(Rate::fixed(3, nanos(1_000)).ends_in(nanos(2_400)));
    arbiter.enqueue_batch(Lane::Online, 20).unwrap();
    assert_eq!(starts_all(&mut arbiter), 3);
    assert_eq!(arbiter.wakes_at(), Some(400), "modulo the interval");
    clock.advance(nanos(400));
    assert_eq!(starts_all(&mut arbiter), 3);
    assert_eq!(arbiter.wakes_at(), Some(1_400));
    clock.advance(nanos(5_100));
    assert_eq!(starts_all(&mut arbiter), 3);
    assert_eq!(arbiter.wakes_at(), Some(6_400), "in the raster, whatever was late");
    assert_eq!(arbiter.rate(), Some(Rate::fixed(3, nanos(1_000)).ends_in(nanos(900))));
}

#[test]
fn a_budget_does_not_come_back_by_time() {
    let (mut arbiter, clock) = rated(Rate::budget(5));
    arbiter.enqueue_batch(online(2), 4).unwrap();
    assert_eq!((starts_all(&mut arbiter), arbiter.wakes_at()), (2, None));
    clock.advance(Duration::from_secs(1 << 32));
    assert_eq!((starts_all(&mut arbiter), arbiter.room_at(online(1))), (0, Some(0)));
    arbiter.charge(-1);
    assert_eq!(starts_all(&mut arbiter), 1);
    arbiter.set_rate(Rate::budget(8)).unwrap();
    assert_eq!(starts_all(&mut arbiter), 1, "the rest of the new one, of which 6 are used");
    assert_eq!(available(&arbiter), 1.0);
    arbiter.charge(-100);
    assert_eq!(available(&arbiter), 8.0, "no more than a full one");
}

#[test]
fn a_full_queue_tells_no_time_for_a_budget() {
    let (mut arbiter, _) = limit(Options::new(8).rate(Rate::budget(1)).max_queue(Lane::Online, 0));
    assert!(arbiter.try_enqueue(Lane::Online).is_some());
    assert_eq!(arbiter.room_at(Lane::Online), None);
}

#[test]
fn what_costs_more_than_a_window_starts_in_an_empty_one() {
    for rate in [Rate::sliding(3, nanos(1_000)), Rate::fixed(3, nanos(1_000))] {
        let (mut arbiter, clock) = rated(rate);
        for cost in [1, 5, 1] {
            arbiter.enqueue(online(cost));
        }
        assert_eq!(arbiter.wakes_at(), Some(1_000), "{rate:?}");
        clock.advance(nanos(1_000));
        assert_eq!((starts_all(&mut arbiter), available(&arbiter)), (1, -2.0));
        assert_eq!(arbiter.wakes_at(), Some(2_000));
    }
    let (mut arbiter, _) = rated(Rate::budget(3));
    assert!(arbiter.try_enqueue(online(5)).is_some());
    assert!(arbiter.try_enqueue(online(1)).is_none());
}

#[test]
fn what_can_not_be_kept_is_refused() {
    let second = Duration::from_secs(1);
    let refusal = |options: Options| {
        let error = Arbiter::new(options.clone()).unwrap_err();
        assert_eq!(Gate::new(options).unwrap_err(), error);
        error.to_string()
    };
    let of = |rate| refusal(Options::new(1).rate(rate));
    let burst = "`rate.burst` is of a token bucket, and can't be given with a window, got 2";
    for rate in [Rate::sliding(1, second), Rate::fixed(1, second), Rate::budget(1)] {
        assert_eq!(of(rate.burst(2)), burst);
    }
    let endless = "`rate.window` can't be given where `rate.interval` never ends";
    assert_eq!(of(Rate::sliding(1, Rate::NEVER)), endless);
    assert_eq!(of(Rate::fixed(1, Rate::NEVER)), endless);
    assert_eq!(
        of(Rate::sliding(0, second)),
        "`rate.limit` must be from 1 to 9007199254740991, got 0"
    );

    let rate = Rate::new(1, second);
    let many = (0..9).fold(Options::new(1), |all, place| all.quota(place.to_string(), rate));
    assert_eq!(refusal(many), "`rate` may have at most 8 quotas, got 9");
    let twice = Options::new(1).quota("a", rate).quota("b", rate).quota("a", rate);
    assert_eq!(refusal(twice), "`rate` has two quotas 'a'");
    let both = Options::new(1).rate(rate).quota("a", rate);
    assert_eq!(refusal(both), "`rate` must be one rate, or quotas with names, got both");
}

#[test]
fn quotas_are_known_by_their_names() {
    let second = Duration::from_secs(1);
    let options = || {
        Options::new(8).quota("a", Rate::sliding(10, second)).quota("b", Rate::sliding(20, second))
    };
    let (mut arbiter, _) = limit(options());
    assert_eq!(arbiter.rate(), None);
    assert_eq!(arbiter.stats().rate, None);
    let error = arbiter.costs([("a", 1), ("c", 1)]).unwrap_err();
    assert_eq!(error.to_string(), "`rate` has no quota 'c', only 'a', 'b'");
    let of_a = arbiter.costs([("a", 4)]).unwrap();
    assert!(arbiter.try_enqueue(Request::new(Lane::Online).weight(2).costs(of_a)).is_some());
    assert_eq!(left(&arbiter), [6.0, 18.0], "the others take the weight");
    assert!(arbiter.try_enqueue(online(3).costs(of_a)).is_some());
    assert_eq!(left(&arbiter), [2.0, 15.0], "or the cost");
    arbiter.charge(1);
    arbiter.charge_quota("b", 5).unwrap();
    assert_eq!(left(&arbiter), [1.0, 9.0]);
    assert_eq!(arbiter.charge_quota("c", 5), Err(error));

    let known = "'a', 'b'".to_owned();
    assert_eq!(arbiter.set_rate(Rate::budget(1)), Err(Error::NamedQuotas { known }));
    let wrong = [("a", Rate::sliding(50, second)), ("b", Rate::sliding(0, second))];
    assert_eq!(arbiter.set_quotas(wrong), Err(Error::RateLimit { given: 0 }));
    assert!(
        arbiter.set_quotas([("a", Rate::sliding(50, second)), ("c", Rate::budget(1))]).is_err()
    );
    assert_eq!(left(&arbiter), [1.0, 9.0], "nothing has changed");
    arbiter.set_quotas([("b", Rate::sliding(50, second))]).unwrap();
    assert_eq!(left(&arbiter), [1.0, 39.0]);

    let (mut unrated, _) = limit(Options::new(1));
    assert_eq!(unrated.costs([("a", 1)]), Err(Error::Unrated));
    assert_eq!(unrated.set_quotas([("a", Rate::budget(1))]), Err(Error::Unrated));
    assert_eq!(unrated.charge_quota("a", 1), Err(Error::Unrated));
    unrated.charge(3);
    assert!(unrated.quotas().is_empty());
    let slot = unrated.try_enqueue(online(1).costs(of_a)).unwrap();
    unrated.spent(slot, of_a);
    unrated.unsent(slot);
}

#[test]
fn nothing_is_taken_of_one_quota_while_another_is_missing() {
    let (mut arbiter, clock) = limit(
        Options::new(8)
            .quota("few", Rate::sliding(1, nanos(1_000)))
            .quota("many", Rate::sliding(100, nanos(10_000))),
    );
    arbiter.enqueue_batch(Lane::Online, 3).unwrap();
    assert_eq!(starts_all(&mut arbiter), 1);
    assert_eq!(left(&arbiter), [0.0, 99.0]);
    arbiter.charge_quota("many", 99).unwrap();
    clock.advance(nanos(1_000));
    assert_eq!((starts_all(&mut arbiter), arbiter.wakes_at()), (0, Some(10_000)));
    assert_eq!(left(&arbiter), [1.0, 0.0], "the latest of both times counts");
}

#[test]
fn what_a_unit_has_really_cost_is_taken_or_given_back_once() {
    let (mut arbiter, clock) = limit(
        Options::new(8)
            .quota("requests", Rate::sliding(10, nanos(1_000)))
            .quota("tokens", Rate::new(1, nanos(1_000)).burst(1_000)),
    );
    let tokens = |arbiter: &Arbiter<FakeClock>, cost| arbiter.costs([("tokens", cost)]).unwrap();
    let costs = tokens(&arbiter, 300);
    let request = Request::new(Lane::Online).costs(costs);
    let slot = arbiter.try_enqueue(request).unwrap();
    assert_eq!(left(&arbiter), [9.0, 700.0]);
    for (cost, expected) in [(200, 800.0), (900, 100.0), (400, 600.0), (0, 1_000.0), (250, 750.0)] {
        let costs = tokens(&arbiter, cost);
        arbiter.spent(slot, costs);
        assert_eq!(left(&arbiter), [9.0, expected]);
    }
    // The next attempt takes what the first one took.
    clock.advance(nanos(10));
    assert!(arbiter.attempt(slot));
    assert!((449.9..450.1).contains(&left(&arbiter)[1]), "{:?}", left(&arbiter));
    arbiter.unsent(slot);
    arbiter.unsent(slot);
    assert!((749.9..750.1).contains(&left(&arbiter)[1]), "{:?}", left(&arbiter));
    assert_eq!(left(&arbiter)[0], 9.0);
    arbiter.settle(slot, Outcome::Fulfilled);
    let next = arbiter.try_enqueue(online(5)).unwrap();
    assert_eq!(next, slot);
    arbiter.unsent(next);
    assert_eq!(left(&arbiter)[0], 9.0, "only what the next unit in the slot took");
}

#[test]
fn what_is_taken_back_from_who_never_began_is_given_back() {
    let (mut arbiter, _) = rated(Rate::sliding(10, nanos(1_000)));
    let slot = arbiter.try_enqueue(online(7)).unwrap();
    assert_eq!(available(&arbiter), 3.0);
    arbiter.take_back(slot);
    assert_eq!(available(&arbiter), 10.0);
}

#[test]
fn a_unit_that_is_split_shares_what_it_took() {
    let (mut arbiter, _) = rated(Rate::sliding(100, nanos(1_000)));
    let slot = arbiter.try_enqueue(online(30).weight(3)).unwrap();
    let other = arbiter.split(slot, 1).unwrap();
    arbiter.unsent(other);
    assert_eq!(available(&arbiter), 80.0);
    arbiter.unsent(slot);
    assert_eq!(available(&arbiter), 100.0);
}

#[test]
fn a_cost_that_was_made_up_for_by_time_does_not_come_back() {
    // A bucket that has been full since.
    let (mut arbiter, clock) = rated(Rate::new(1, nanos(100)).burst(10));
    let slot = arbiter.try_enqueue(online(10)).unwrap();
    clock.advance(nanos(1_000));
    let other = arbiter.try_enqueue(online(10)).unwrap();
    arbiter.unsent(slot);
    assert_eq!(available(&arbiter), 0.0);
    arbiter.unsent(other);
    assert_eq!(available(&arbiter), 10.0);

    // One that was nearly full.
    let slot = arbiter.try_enqueue(online(10)).unwrap();
    clock.advance(nanos(700));
    let other = arbiter.try_enqueue(online(7)).unwrap();
    arbiter.unsent(slot);
    assert_eq!(available(&arbiter), 3.0);
    arbiter.settle(other, Outcome::Fulfilled);

    // Windows that have ended.
    for rate in [Rate::sliding(10, nanos(1_000)), Rate::fixed(10, nanos(1_000))] {
        let (mut arbiter, clock) = rated(rate);
        let slot = arbiter.try_enqueue(online(10)).unwrap();
        clock.advance(nanos(1_000));
        assert!(arbiter.try_enqueue(online(10)).is_some());
        arbiter.unsent(slot);
        assert_eq!(available(&arbiter), 0.0, "{rate:?}");
    }
}

#[test]
fn a_guard_and_a_future_give_back_what_they_did_not_spend() {
    let options = Options::new(8).quota("tokens", Rate::sliding(100, Duration::from_secs(60)));
    let gate = Gate::new(options).unwrap();
    let left = || gate.stats().quotas[0].rate.available;
    let guard = gate.try_acquire(online(40)).unwrap();
    guard.spent(gate.costs([("tokens", 25)]).unwrap());
    assert_eq!(left(), 75.0);
    guard.unsent();
    assert_eq!(left(), 100.0);
    guard.spent_each(10);
    drop(guard);
    assert_eq!(left(), 90.0);
    gate.charge_quota("tokens", 5).unwrap();
    gate.set_quotas([("tokens", Rate::budget(200))]).unwrap();
    assert_eq!((left(), gate.quotas()), (185.0, vec![("tokens".to_owned(), Rate::budget(200))]));
}

#[test]
fn a_rate_becomes_one_of_another_kind() {
    let second = Duration::from_secs(1);
    let bucket = || Rate::new(10, second).burst(8);
    let kinds = [Rate::sliding(8, second), Rate::fixed(8, second), Rate::budget(8), bucket()];
    for from in kinds {
        for to in kinds {
            let (mut arbiter, _) = rated(from);
            assert!(arbiter.try_enqueue(online(3)).is_some());
            arbiter.set_rate(to).unwrap();
            assert_eq!(available(&arbiter), 5.0, "{from:?} to {to:?}");
            arbiter.charge(9);
            arbiter.set_rate(from).unwrap();
            assert_eq!(available(&arbiter), -4.0, "{to:?} to {from:?}");
        }
    }
}

/// What a unit took of a window that is over does not come back as tokens.
#[test]
fn a_rate_of_another_kind_gets_nothing_back_of_what_was_taken_before() {
    let interval = nanos(1_000);
    let rates = [
        Rate::new(10, interval).burst(10),
        Rate::sliding(10, interval),
        Rate::fixed(10, interval),
        Rate::budget(10),
    ];
    for (before, after) in rates.iter().flat_map(|&rate| rates.map(|other| (rate, other))) {
        if before.window == after.window && before.interval == after.interval {
            continue;
        }
        let (mut arbiter, clock) = rated(before);
        clock.advance(nanos(100)); // stamps of all kinds are different numbers
        let early = arbiter.try_enqueue(online(6)).unwrap();
        clock.advance(nanos(2_000));
        arbiter.set_rate(after).unwrap();
        let is_left = available(&arbiter);
        arbiter.enqueue_batch(online(1), 20).unwrap();
        let started = starts_all(&mut arbiter);
        assert_eq!(started as f64, is_left, "{before:?} {after:?}");
        arbiter.unsent(early);
        assert_eq!(
            (available(&arbiter), starts_all(&mut arbiter)),
            (0.0, 0),
            "{before:?} {after:?}"
        );
    }
}

#[test]
fn costs_that_rise_twice_give_back_no_more_than_they_took() {
    let (mut arbiter, clock) = rated(Rate::new(100, nanos(1_000)).burst(100));
    let slot = arbiter.try_enqueue(online(0)).unwrap();
    arbiter.spent_each(slot, 50);
    clock.advance(nanos(500));
    assert_eq!(available(&arbiter), 100.0, "these came back");
    arbiter.try_enqueue(online(30)).unwrap();
    arbiter.spent_each(slot, 150);
    assert_eq!(available(&arbiter), -30.0);
    arbiter.spent_each(slot, 0);
    assert_eq!(available(&arbiter), 70.0, "the other unit has its 30");

    let (mut arbiter, clock) = rated(Rate::sliding(100, nanos(1_000)));
    let slot = arbiter.try_enqueue(online(0)).unwrap();
    arbiter.spent_each(slot, 50);
    clock.advance(nanos(1_000));
    arbiter.try_enqueue(online(30)).unwrap();
    arbiter.spent_each(slot, 70);
    arbiter.spent_each(slot, 0);
    assert_eq!(available(&arbiter), 70.0, "the other unit has its 30");
}

/// The share of the offline lane is due, and no time lets its head start.
#[test]
fn a_budget_that_offline_work_exceeds_does_not_hold_online_work_up() {
    let offline = |cost| Request::new(Lane::Offline).cost(cost);
    let (mut arbiter, _) = limit(Options::new(8).offline_share(1.0).rate(Rate::budget(5)));
    arbiter.try_enqueue(online(2)).unwrap();
    assert!(matches!(arbiter.enqueue(offline(4)), Enqueued::Queued(_)));
    assert_eq!(arbiter.room_at(online(1)), Some(0));
    assert!(arbiter.try_enqueue(online(1)).is_some());
    arbiter.enqueue_batch(online(1), 3).unwrap();
    assert_eq!(starts_all(&mut arbiter), 2, "the budget is used up");
    arbiter.charge(-4);
    let lane_of_next = |arbiter: &mut Arbiter<FakeClock>| {
        let before = arbiter.active(Lane::Offline);
        arbiter.grant_next().map(|_| arbiter.active(Lane::Offline) > before)
    };
    assert_eq!(lane_of_next(&mut arbiter), Some(true), "now it is due");
    assert_eq!(lane_of_next(&mut arbiter), None);

    // The same for another attempt.
    let (mut arbiter, _) = limit(Options::new(8).offline_share(1.0).rate(Rate::budget(5)));
    let slot = arbiter.try_enqueue(offline(3)).unwrap();
    assert!(!arbiter.attempt(slot));
    assert!(matches!(arbiter.enqueue(offline(1)), Enqueued::Queued(_)), "the attempt is first");
    arbiter.enqueue_batch(online(1), 2).unwrap();
    assert_eq!((arbiter.next_attempt(), starts_all(&mut arbiter)), (None, 2));
    arbiter.charge(-3);
    assert_eq!(arbiter.next_attempt(), Some(slot));
}

#[test]
fn handles_share_quotas_and_must_agree_on_them() {
    let minute = Duration::from_secs(60);
    let given = |quotas: &[(&str, Rate)]| {
        let mut given = PartialOptions::default();
        given.concurrency = Some(8);
        given.quotas = quotas.iter().map(|&(name, rate)| (name.to_owned(), rate)).collect();
        given
    };
    let registry: Registry<FakeClock> = Registry::default();
    let (a, b) = (("a", Rate::sliding(10, minute)), ("b", Rate::fixed(20, minute)));
    let open = |given: &PartialOptions| registry.open("shared", given, FakeClock::default);
    let gate: SharedGate<FakeClock> = open(&given(&[a, b])).unwrap();
    let later = ("b", b.1.ends_in(Duration::from_secs(7)));
    for same in [given(&[b, a]), given(&[]), given(&[a, later])] {
        assert!(open(&same).is_ok(), "{same:?}");
    }
    let Err(NotOpened::Conflict { option, is, given, .. }) =
        open(&given(&[a, ("b", Rate::budget(20))]))
    else {
        panic!("they do not agree")
    };
    assert_eq!(option, "rate");
    assert_eq!(is, "'a' 10 in any 60s, 'b' 20 in each 60s from 0ns on");
    assert_eq!(given, "'a' 10 in any 60s, 'b' 20 in all");
    drop(gate);
}

/// A window that has started more often than it remembers is late by little, and never early.
#[test]
fn a_long_log_is_kept_in_the_safe_direction() {
    let (limit, interval) = (3_000u64, 1_024_000u64);
    let (mut arbiter, clock) = rated(Rate::sliding(limit, nanos(interval)));
    let mut starts: Vec<u64> = Vec::new();
    let mut most = 0;
    for number in 0..20_000u64 {
        clock.advance(nanos(1 + number * 7_919 % 400));
        if let Some(slot) = arbiter.try_enqueue(online(1)) {
            arbiter.settle(slot, Outcome::Fulfilled);
            starts.push(clock.now());
        }
        let now = clock.now();
        let since =
            |age: u64| (starts.len() - starts.partition_point(|&at| at + age <= now)) as u64;
        let used = limit - available(&arbiter) as u64;
        most = most.max(used);
        assert!(used <= limit && used >= since(interval), "it forgets too early");
        assert!(used <= since(interval + interval / 1_024 + 400), "it forgets too late");
    }
    assert_eq!(most, limit);
}

/// What started, and what of it was given back.
#[derive(Clone, Copy, Debug)]
struct Start {
    at: u64,
    cost: u64,
}

/// A window, as a server counts it.
fn counted(rate: Rate, starts: &[Start], now: u64) -> u64 {
    let interval = rate.interval.as_nanos() as u64;
    let counts = |start: &&Start| match rate.window {
        p_lanes::limiter::Window::Sliding => now < start.at + interval,
        p_lanes::limiter::Window::Fixed { ends_in, .. } => {
            let phase = interval - ends_in.as_nanos() as u64 % interval;
            (start.at + phase) / interval == (now + phase) / interval
        }
        _ => true,
    };
    starts.iter().filter(counts).map(|start| start.cost).sum()
}

fn windows() -> impl Strategy<Value = Rate> {
    let numbers = || (1..20u64, 1..2_000u64);
    prop_oneof![
        numbers().prop_map(|(limit, interval)| Rate::sliding(limit, nanos(interval))),
        (numbers(), 0..5_000u64).prop_map(|((limit, interval), ends_in)| {
            Rate::fixed(limit, nanos(interval)).ends_in(nanos(ends_in))
        }),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Pass(u64),
    Enqueue([u32; 3], u32),
    Spent(usize, [u32; 3]),
    Unsent(usize),
    Settle(usize),
    Charge(usize, u32),
}

fn steps() -> impl Strategy<Value = Step> {
    let costs = || [0..9u32, 0..9u32, 0..9u32];
    prop_oneof![
        4 => (0..900u64).prop_map(Step::Pass),
        6 => (costs(), 1..3u32).prop_map(|(costs, units)| Step::Enqueue(costs, units)),
        2 => (any::<usize>(), costs()).prop_map(|(which, costs)| Step::Spent(which, costs)),
        1 => any::<usize>().prop_map(Step::Unsent),
        2 => any::<usize>().prop_map(Step::Settle),
        1 => (0..3usize, 0..9u32).prop_map(|(quota, cost)| Step::Charge(quota, cost)),
    ]
}

/// A limit of several windows, and all that it has started.
struct Run {
    rates: Vec<Rate>,
    arbiter: Arbiter<FakeClock>,
    clock: FakeClock,
    /// By quota.
    starts: Vec<Vec<Start>>,
    waiting: std::collections::VecDeque<(Vec<u32>, u32)>,
    /// Each unit that runs, with the places of its parts in `starts`.
    running: Vec<(Slot, Vec<usize>)>,
}

const NAMES: [&str; 3] = ["a", "b", "c"];

impl Run {
    fn new(rates: Vec<Rate>) -> Self {
        let named = NAMES.iter().zip(&rates);
        let options =
            named.fold(Options::new(UNLIMITED), |all, (name, &rate)| all.quota(*name, rate));
        let (arbiter, clock) = limit(options);
        let starts = vec![Vec::new(); rates.len()];
        Self { rates, arbiter, clock, starts, waiting: Default::default(), running: Vec::new() }
    }

    fn costs(&self, costs: &[u32]) -> Costs {
        let given = NAMES.into_iter().zip(costs.iter().copied()).take(self.rates.len());
        self.arbiter.costs(given).unwrap()
    }

    fn used(&self, quota: usize, now: u64) -> u64 {
        counted(self.rates[quota], &self.starts[quota], now)
    }

    /// Whether all quotas let a unit start at a time.
    fn may_start(&self, costs: &[u32], now: u64) -> bool {
        self.rates.iter().enumerate().all(|(quota, rate)| {
            let (cost, used) = (u64::from(costs[quota]), self.used(quota, now));
            cost == 0 || used == 0 || used + cost <= rate.limit
        })
    }

    fn started(&mut self, slot: Slot, costs: &[u32]) {
        let at = self.clock.now();
        assert!(self.may_start(costs, at), "{costs:?} is not there at {at}");
        let mut parts = Vec::new();
        for (starts, &cost) in self.starts.iter_mut().zip(costs) {
            parts.push(starts.len());
            starts.push(Start { at, cost: cost.into() });
        }
        self.running.push((slot, parts));
    }

    fn drain(&mut self) {
        while let Some((slot, _)) = self.arbiter.grant_next() {
            let (costs, units) = self.waiting[0].clone();
            if units == 1 {
                self.waiting.pop_front();
            } else {
                self.waiting[0].1 -= 1;
            }
            self.started(slot, &costs);
        }
        if let Some((costs, _)) = self.waiting.front() {
            assert!(!self.may_start(costs, self.clock.now()), "it waits for nothing");
        }
    }

    /// Goes to the time that the arbiter says, which is the first one at which the head may start.
    fn wait(&mut self) {
        let at = self.arbiter.wakes_at().expect("windows end");
        let costs = self.waiting[0].0.clone();
        assert!(!self.may_start(&costs, at - 1), "it could start before {at}");
        self.clock.advance(nanos(at - self.clock.now()));
        let before = self.running.len();
        self.drain();
        assert!(self.running.len() > before, "it was to start at {at}");
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Pass(by) => self.clock.advance(nanos(by)),
            Step::Enqueue(costs, units) => {
                let given = self.costs(&costs);
                let request = Request::new(Lane::Online).costs(given);
                if units == 1 {
                    match self.arbiter.enqueue(request) {
                        Enqueued::Granted(slot) => self.started(slot, &costs),
                        Enqueued::Queued(_) => self.waiting.push_back((costs.to_vec(), 1)),
                        other => panic!("{other:?}"),
                    }
                } else {
                    self.arbiter.enqueue_batch(request, units).unwrap();
                    self.waiting.push_back((costs.to_vec(), units));
                }
            }
            Step::Spent(which, costs) if !self.running.is_empty() => {
                let which = which % self.running.len();
                let (slot, parts) = self.running[which].clone();
                let given = self.costs(&costs);
                self.arbiter.spent(slot, given);
                for (quota, place) in parts.into_iter().enumerate() {
                    let known = self.starts[quota][place].cost;
                    let cost = u64::from(costs[quota]);
                    // What it costs more counts from now on, and is not looked at again.
                    if cost > known {
                        let more = Start { at: self.clock.now(), cost: cost - known };
                        self.starts[quota].push(more);
                    } else {
                        self.starts[quota][place].cost = cost;
                    }
                }
                self.running.remove(which);
            }
            Step::Unsent(which) if !self.running.is_empty() => {
                let (slot, parts) = self.running.swap_remove(which % self.running.len());
                self.arbiter.unsent(slot);
                for (quota, place) in parts.into_iter().enumerate() {
                    self.starts[quota][place].cost = 0;
                }
            }
            Step::Settle(which) if !self.running.is_empty() => {
                let (slot, _) = self.running.swap_remove(which % self.running.len());
                if self.arbiter.settle(slot, Outcome::Fulfilled).is_some() {
                    panic!("whoever may start has started");
                }
            }
            Step::Charge(quota, cost) if quota < self.rates.len() => {
                self.arbiter.charge_quota(NAMES[quota], cost as i32).unwrap();
                let at = self.clock.now();
                self.starts[quota].push(Start { at, cost: cost.into() });
            }
            _ => {}
        }
        self.drain();
        let now = self.clock.now();
        let used: Vec<_> = (0..self.rates.len()).map(|quota| self.used(quota, now)).collect();
        let limits = self.rates.iter().map(|rate| rate.limit as f64);
        let expected: Vec<_> = limits.zip(used).map(|(limit, used)| limit - used as f64).collect();
        assert_eq!(left(&self.arbiter), expected);
    }
}

/// A bucket as if nothing had been taken that was given back, in parts as in `tests/rate.rs`.
struct Tokens {
    rate: Rate,
    /// What was taken, when, and what of it was not given back, in tokens.
    taken: Vec<(u64, u64)>,
}

impl Tokens {
    /// What there is at a time, in parts.
    fn at(&self, now: u64) -> i128 {
        let worth = |tokens: u64| i128::from(tokens) * self.rate.interval.as_nanos() as i128;
        let full = worth(self.rate.burst);
        let (mut parts, mut at) = (full, 0);
        let gained = |from: u64, to: u64| i128::from(to - from) * i128::from(self.rate.limit);
        for &(taken_at, tokens) in &self.taken {
            parts = (parts + gained(at, taken_at)).min(full) - worth(tokens);
            at = taken_at;
        }
        (parts + gained(at, now)).min(full)
    }
}

proptest! {
    #[test]
    fn windows_are_kept_together_and_exactly(
        rates in prop::collection::vec(windows(), 1..4),
        steps in prop::collection::vec(steps(), 1..120),
    ) {
        let mut run = Run::new(rates);
        steps.into_iter().for_each(|step| run.take(step));
        while !run.waiting.is_empty() {
            run.wait();
        }
    }

    /// A bucket from which something was taken and given back is as one from which it was not taken.
    #[test]
    fn a_bucket_forgets_what_was_given_back(
        limit in 1..20u64,
        interval in 1..50u64,
        burst in 1..12u64,
        steps in prop::collection::vec((0..40u64, 0..14u32, any::<usize>(), 0..14u32, any::<bool>()), 1..80),
    ) {
        let rate = Rate::new(limit, nanos(interval)).burst(burst);
        let (mut arbiter, clock) = rated(rate);
        let mut tokens = Tokens { rate, taken: Vec::new() };
        let mut running = Vec::new();
        for (gap, cost, which, spent, gives) in steps {
            clock.advance(nanos(gap));
            if let Some(slot) = arbiter.try_enqueue(online(cost)) {
                running.push((slot, tokens.taken.len()));
                tokens.taken.push((clock.now(), cost.into()));
            }
            if gives && !running.is_empty() {
                let (slot, place) = running.swap_remove(which % running.len());
                let known = tokens.taken[place].1;
                arbiter.spent_each(slot, spent.min(known as u32));
                tokens.taken[place].1 = u64::from(spent).min(known);
            }
            let parts = tokens.at(clock.now());
            let expected = parts as f64 / interval as f64;
            let is = arbiter.stats().rate.unwrap().available;
            prop_assert!((is - expected).abs() < 1e-9, "{is} is not {expected}");
        }
    }
}
