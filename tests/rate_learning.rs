//! What a limit learns from the answers of servers: how much may start, until when, and which answers count.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Arbiter, Error, Lane, Options, Outcome, Rate, Reading, Request, Sent, Slot,
};
use proptest::prelude::*;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

const HOUR: Duration = Duration::from_secs(3_600);

struct Limit {
    arbiter: Arbiter<FakeClock>,
    clock: FakeClock,
}

impl Limit {
    fn new(options: Options) -> Self {
        let clock = FakeClock::default();
        clock.advance(millis(10_000));
        Self { arbiter: Arbiter::with_clock(options, clock.clone()).unwrap(), clock }
    }

    /// A limit that a server alone bounds.
    fn wide() -> Self {
        Self::new(Options::new(1_000).rate(Rate::sliding(1_000_000, millis(1_000))))
    }

    /// Starts a unit of that cost, if it may start now.
    fn start(&mut self, cost: u32) -> Option<Slot> {
        self.arbiter.try_enqueue(Request::new(Lane::Online).cost(cost))
    }

    fn started(&mut self, cost: u32) -> Slot {
        self.start(cost).expect("it may start")
    }

    fn end(&mut self, slot: Slot) {
        assert_eq!(self.arbiter.settle(slot, Outcome::Fulfilled), None);
    }

    /// How many units of cost 1 start now. They end at once.
    fn room(&mut self) -> usize {
        let slots: Vec<_> = std::iter::from_fn(|| self.start(1)).take(500).collect();
        for slot in &slots {
            self.end(*slot);
        }
        slots.len()
    }

    fn hears(&mut self, sent: Sent, reading: Reading) -> bool {
        self.arbiter.learn(sent, reading).unwrap()
    }

    fn pass(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn available(&self) -> f64 {
        self.arbiter.stats().rate.unwrap().available
    }
}

fn left(remaining: u64, left: u64) -> Reading {
    Reading::remaining(remaining).resets_in(millis(left))
}

#[test]
fn a_server_bounds_what_starts_until_its_window_ends() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(3, 500)));
    assert_eq!(limit.available(), 3.0);
    assert_eq!(limit.room(), 3);
    assert_eq!(limit.available(), 0.0);
    limit.pass(millis(499));
    assert_eq!(limit.room(), 0);
    limit.pass(millis(1));
    assert_eq!(limit.room(), 500, "the server has said no limit");
}

/// The part of a unit that was split off has its answer from a request that was sent when the unit started.
#[test]
fn a_part_of_a_unit_has_started_with_it() {
    let mut limit = Limit::wide();
    let heavy = Request::new(Lane::Online).weight(2).cost(1);
    let whole = limit.arbiter.try_enqueue(heavy).expect("it may start");
    assert!(limit.hears(Sent::In(whole), left(100, 500)));
    let others: Vec<_> = (0..3).map(|_| limit.started(1)).collect();
    let part = limit.arbiter.split(whole, 1).expect("it has two slots");
    assert!(limit.hears(Sent::In(part), left(5, 500)));
    assert_eq!(limit.available(), 2.0, "three have started since");
    limit.end(whole);
    others.into_iter().for_each(|slot| limit.end(slot));
    assert!(limit.hears(Sent::ByAny, left(7, 500)));
    assert_eq!(limit.available(), 4.0, "the part still runs");
}

#[test]
fn what_has_started_since_the_request_was_sent_is_not_left_any_more() {
    let mut limit = Limit::wide();
    let first = limit.started(1);
    let second = limit.started(4);
    assert!(limit.hears(Sent::In(first), left(10, 500)));
    assert_eq!(limit.available(), 6.0);
    assert!(limit.hears(Sent::In(second), left(3, 500)));
    assert_eq!(limit.available(), 3.0);
    let third = limit.started(2);
    limit.pass(millis(100));
    assert!(limit.hears(Sent::In(third), left(1, 400)));
    assert_eq!(limit.room(), 1);
}

#[test]
fn an_answer_to_an_earlier_request_changes_nothing() {
    let mut limit = Limit::wide();
    let slots: Vec<_> = (0..3).map(|_| limit.started(1)).collect();
    assert!(limit.hears(Sent::In(slots[1]), left(5, 500)));
    assert_eq!(limit.available(), 4.0);
    assert!(!limit.hears(Sent::In(slots[0]), left(0, 900)));
    assert!(!limit.hears(Sent::In(slots[0]), left(100, 1).of(7)));
    assert_eq!(limit.available(), 4.0);
    assert!(limit.hears(Sent::In(slots[2]), left(4, 500)));
    assert_eq!(limit.available(), 4.0);
    assert!(limit.hears(Sent::In(slots[2]), left(2, 500)), "it may say so twice");
    assert_eq!(limit.available(), 2.0);
}

#[test]
fn a_new_window_has_what_the_server_said_it_has() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(2, 500).of(10)));
    assert_eq!(limit.room(), 2);
    limit.pass(millis(500));
    assert_eq!(limit.room(), 8, "the two may have come there after the window's end");
    limit.pass(millis(999));
    assert_eq!(limit.room(), 0, "its windows are taken to be as long as the limit's");
    limit.pass(millis(1));
    assert_eq!(limit.room(), 10);
    limit.pass(millis(5_000));
    assert_eq!(limit.available(), 10.0);
    assert_eq!(limit.room(), 10);
}

#[test]
fn windows_are_as_long_as_the_server_says_or_has_shown() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(0, 50).of(10).every(millis(200))));
    limit.pass(millis(50));
    assert_eq!(limit.room(), 10);
    limit.pass(millis(199));
    assert_eq!(limit.room(), 0);
    limit.pass(millis(1));
    assert_eq!(limit.room(), 10, "as it says");

    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(0, 300).of(10)));
    limit.pass(millis(300));
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(0, 200).of(10)));
    limit.pass(millis(200));
    assert_eq!(limit.room(), 10);
    limit.pass(millis(199));
    assert_eq!(limit.room(), 0);
    limit.pass(millis(1));
    assert_eq!(limit.room(), 10, "the longest time of late was 200 ms");
}

#[test]
fn an_answer_from_the_window_before_changes_nothing_in_the_new_one() {
    let fixed = Rate::fixed(1_000_000, millis(1_000));
    let mut limit = Limit::new(Options::new(1_000).rate(fixed));
    let early = limit.started(1);
    let first = limit.started(1);
    let late = limit.started(1);
    assert!(limit.hears(Sent::In(first), left(5, 500).of(10)));
    limit.pass(millis(600));
    let new = limit.started(1);
    assert!(!limit.hears(Sent::In(early), left(0, 500)));
    assert!(!limit.hears(Sent::In(late), left(0, 500)), "though it was sent after the first");
    assert_eq!(limit.available(), 9.0);
    assert!(limit.hears(Sent::In(new), left(8, 400)));
    assert_eq!(limit.available(), 8.0);
}

#[test]
fn what_starts_while_a_fixed_window_may_end_counts_in_both() {
    let fixed = Rate::fixed(1_000_000, millis(1_000));
    let mut limit = Limit::new(Options::new(1_000).rate(fixed));
    let first = limit.started(1);
    let second = limit.started(1);
    limit.pass(millis(100));
    assert!(limit.hears(Sent::In(first), left(51, 500).of(10)), "it ends in 400 to 500 ms");
    assert_eq!(limit.available(), 50.0);
    limit.pass(millis(299));
    limit.started(1);
    limit.pass(millis(1));
    limit.started(1);
    assert!(limit.hears(Sent::In(second), left(50, 100)), "the same end");
    limit.pass(millis(99));
    limit.started(1);
    assert_eq!(limit.available(), 47.0);
    limit.pass(millis(1));
    assert_eq!(limit.available(), 49.0, "more remained than the limit, so that is more: 51");
}

#[test]
fn further_answers_tell_the_end_of_a_fixed_window_more_closely() {
    let end_by = |rate: Rate| {
        let mut limit = Limit::new(Options::new(1_000).rate(rate));
        let first = limit.started(1);
        let second = limit.started(1);
        limit.pass(millis(10));
        assert!(limit.hears(Sent::In(first), left(0, 500)), "in 490 to 500 ms");
        limit.pass(millis(300));
        assert!(limit.hears(Sent::In(second), left(0, 480)), "in 170 to 480 ms");
        limit.arbiter.enqueue_batch(Lane::Online, 1).unwrap();
        limit.arbiter.wakes_at().unwrap() - limit.clock.now()
    };
    assert_eq!(end_by(Rate::fixed(1_000_000, millis(1_000))), 200_000_000);
    assert_eq!(end_by(Rate::sliding(1_000_000, millis(1_000))), 480_000_000, "it moves on there");
}

#[test]
fn the_rate_of_the_limit_bounds_starts_as_before() {
    let mut limit = Limit::new(Options::new(1_000).rate(Rate::sliding(5, millis(1_000))));
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(1_000, 100).of(2_000)));
    assert_eq!(limit.available(), 4.0);
    assert_eq!(limit.room(), 4);
    assert_eq!(limit.arbiter.rate(), Some(Rate::sliding(5, millis(1_000))));
}

#[test]
fn a_server_is_believed_for_an_hour_or_an_interval() {
    for (interval, expected) in [(millis(1_000), HOUR), (3 * HOUR, 3 * HOUR)] {
        for resets_in in [Some(4 * HOUR), Some(Duration::MAX), Some(expected), None] {
            let mut limit = Limit::new(Options::new(8).rate(Rate::sliding(1_000, interval)));
            let slot = limit.started(1);
            let mut reading = left(0, 0).of(0);
            reading.resets_in = resets_in;
            assert!(limit.hears(Sent::In(slot), reading));
            limit.arbiter.enqueue_batch(Lane::Online, 1).unwrap();
            let wait = limit.arbiter.wakes_at().unwrap() - limit.clock.now();
            let expected = if resets_in.is_some() { expected } else { interval };
            assert_eq!(Duration::from_nanos(wait), expected);
            limit.pass(expected);
            assert!(limit.arbiter.grant_next().is_some(), "one may start whatever the limit is");
        }
    }
}

#[test]
fn a_budget_waits_for_a_server_as_well_as_for_more() {
    let mut limit = Limit::new(Options::new(8).rate(Rate::budget(10)));
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(0, 100)));
    limit.arbiter.enqueue_batch(Lane::Online, 20).unwrap();
    assert!(limit.arbiter.grant_next().is_none());
    limit.pass(millis(100));
    assert_eq!(std::iter::from_fn(|| limit.arbiter.grant_next()).count(), 7, "as many as slots");
}

#[test]
fn what_is_missing_is_not_known() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(!limit.hears(Sent::In(slot), Reading::default()), "nothing is said");
    let only_limit = Reading::default().of(4);
    assert!(limit.hears(Sent::In(slot), only_limit));
    assert_eq!(limit.room(), 500, "nobody knows how much of it was used");
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), Reading::remaining(1)));
    assert_eq!(limit.room(), 1);
    limit.pass(millis(999));
    assert_eq!(limit.room(), 0);
    limit.pass(millis(1));
    assert_eq!(limit.room(), 3, "4, and one may have been late");
}

#[test]
fn a_cost_above_the_limit_starts_alone_in_a_window() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    assert!(limit.hears(Sent::In(slot), left(0, 500).of(10)));
    limit.arbiter.enqueue_batch(Request::new(Lane::Online).cost(25), 2).unwrap();
    for is_first in [true, false] {
        let wakes_at = limit.arbiter.wakes_at().unwrap();
        let wait = if is_first { 500 } else { 1_000 };
        assert_eq!(wakes_at, limit.clock.now() + wait * 1_000_000);
        limit.pass(millis(wait - 1));
        assert!(limit.arbiter.grant_next().is_none());
        limit.pass(millis(1));
        assert!(limit.arbiter.grant_next().is_some());
        assert!(limit.arbiter.grant_next().is_none());
    }
}

#[test]
fn a_charge_counts_and_what_is_given_back_does_not() {
    let mut limit = Limit::wide();
    let slot = limit.started(10);
    assert!(limit.hears(Sent::In(slot), left(20, 500)));
    limit.arbiter.charge(5);
    assert_eq!(limit.available(), 15.0);
    limit.arbiter.charge(-5);
    assert_eq!(limit.available(), 15.0);
    limit.arbiter.spent_each(slot, 13);
    assert_eq!(limit.available(), 12.0);
    limit.arbiter.spent_each(slot, 1);
    assert_eq!(limit.available(), 12.0, "only the server knows whether it counts so, too");
}

#[test]
fn an_attempt_is_a_request_of_its_own() {
    let mut limit = Limit::wide();
    let first = limit.started(1);
    let second = limit.started(1);
    assert!(limit.hears(Sent::In(second), left(5, 500)));
    assert!(!limit.hears(Sent::In(first), left(4, 500)));
    assert!(limit.arbiter.attempt(first));
    assert!(limit.hears(Sent::In(first), left(3, 500)));
    assert_eq!(limit.available(), 3.0);
}

#[test]
fn a_request_is_found_by_the_time_at_which_it_was_sent() {
    let mut limit = Limit::wide();
    let mut slots = Vec::new();
    for _ in 0..4 {
        slots.push(limit.started(1));
        limit.pass(millis(10));
    }
    // They started 40, 30, 20 and 10 ms ago.
    assert!(limit.hears(Sent::In(slots[0]), left(100, 500)));
    assert_eq!(limit.available(), 97.0);
    assert!(limit.hears(Sent::Ago(millis(25)), left(50, 500)));
    assert_eq!(limit.available(), 48.0, "as in the second one");
    assert!(!limit.hears(Sent::Ago(millis(35)), left(1, 500)), "an earlier one");
    assert!(!limit.hears(Sent::ByAny, left(1, 500)), "the one that has run for the longest time");
    limit.end(slots[0]);
    limit.end(slots[1]);
    assert!(limit.hears(Sent::ByAny, left(40, 500)), "the third one");
    assert_eq!(limit.available(), 39.0);
    limit.end(slots[2]);
    limit.end(slots[3]);
    assert!(limit.hears(Sent::ByAny, left(30, 500)), "the last one, if none runs");
    assert_eq!(limit.available(), 30.0);
}

#[test]
fn a_new_rate_forgets_what_was_said() {
    let mut limit = Limit::wide();
    let slot = limit.started(1);
    let late = limit.started(1);
    assert!(limit.hears(Sent::In(late), left(0, 500).of(10)));
    limit.arbiter.set_rate(Rate::sliding(100, millis(1_000))).unwrap();
    assert_eq!(limit.available(), 98.0);
    assert!(!limit.hears(Sent::In(slot), left(0, 500)), "that is as late as before");
    assert!(limit.hears(Sent::In(late), left(1, 500)));
    assert_eq!(limit.available(), 1.0);
}

#[test]
fn each_quota_has_its_own_word() {
    let options = Options::new(100)
        .quota("requests", Rate::sliding(50, millis(1_000)))
        .quota("tokens", Rate::sliding(10_000, millis(1_000)));
    let mut limit = Limit::new(options);
    let costs = limit.arbiter.costs([("tokens", 100)]).unwrap();
    let request = Request::new(Lane::Online).costs(costs);
    let slot = limit.arbiter.try_enqueue(request).unwrap();
    let tokens =
        |limit: &mut Limit, reading| limit.arbiter.learn_quota("tokens", Sent::In(slot), reading);
    assert_eq!(tokens(&mut limit, left(250, 300)), Ok(true));
    limit.arbiter.enqueue_batch(request, 100).unwrap();
    assert_eq!(std::iter::from_fn(|| limit.arbiter.grant_next()).count(), 2);
    let stats = limit.arbiter.stats().quotas;
    assert_eq!(stats.iter().map(|it| it.rate.available).collect::<Vec<_>>(), [47.0, 50.0]);
    assert_eq!(limit.arbiter.wakes_at(), Some(limit.clock.now() + 300_000_000));
    limit.pass(millis(300));
    assert_eq!(std::iter::from_fn(|| limit.arbiter.grant_next()).count(), 47);
}

#[test]
fn limits_without_such_a_quota_refuse() {
    let mut unrated = Limit::new(Options::new(8));
    assert_eq!(unrated.arbiter.learn(Sent::ByAny, left(0, 500)), Err(Error::Unrated));
    let mut named = Limit::new(Options::new(8).quota("tokens", Rate::sliding(5, HOUR)));
    let error = named.arbiter.learn_quota("token", Sent::ByAny, left(0, 500)).unwrap_err();
    assert!(error.to_string().contains("'tokens'"), "{error}");
    assert!(named.arbiter.learn(Sent::ByAny, left(0, 500)).is_err());
}

#[test]
fn an_answer_that_comes_while_nothing_runs_counts() {
    for sent in [Sent::ByAny, Sent::Ago(millis(5))] {
        let mut limit = Limit::wide();
        let slot = limit.started(7);
        limit.end(slot);
        assert!(limit.hears(sent, left(3, 500)));
        assert_eq!(limit.room(), 3);
    }
}

/// A server that counts requests in windows, or fills a bucket.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Fixed,
    Bucket,
}

#[derive(Clone, Copy, Debug)]
struct World {
    kind: Kind,
    /// Whether the server's headers are those of the moment at which it has done its work.
    at_end: bool,
    quota: u64,
    window: u64,
    phase: u64,
    /// Nanoseconds of a request on its way to the server, and at most of its work there.
    way: u64,
    work: u64,
    concurrency: u64,
}

/// What a server has counted.
struct Server {
    world: World,
    window: u64,
    used: u64,
    /// Of a bucket: when it is full again.
    full_at: u64,
}

impl Server {
    fn new(world: World) -> Self {
        Self { world, window: 0, used: 0, full_at: 0 }
    }

    fn catch_up(&mut self, now: u64) {
        let World { window, phase, .. } = self.world;
        if (now + phase) / window != self.window {
            (self.window, self.used) = ((now + phase) / window, 0);
        }
    }

    /// A request comes. Returns whether it is let in.
    fn arrive(&mut self, cost: u64, now: u64) -> bool {
        let World { kind, window, quota, .. } = self.world;
        self.catch_up(now);
        match kind {
            Kind::Fixed => {
                let fits = self.used + cost <= quota;
                self.used += if fits { cost } else { 0 };
                fits
            }
            Kind::Bucket => {
                let after = self.full_at.max(now) + cost * window / quota;
                let fits = after <= now + window;
                self.full_at = if fits { after } else { self.full_at };
                fits
            }
        }
    }

    fn reading(&mut self, now: u64) -> Reading {
        let World { kind, window, quota, phase, .. } = self.world;
        self.catch_up(now);
        let (remaining, left) = match kind {
            Kind::Fixed => (quota - self.used, window - (now + phase) % window),
            Kind::Bucket => {
                let left = self.full_at.saturating_sub(now);
                ((window - left) * quota / window, left)
            }
        };
        Reading::remaining(remaining).of(quota).resets_in(Duration::from_nanos(left))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Answers(usize),
}

#[derive(Default)]
struct Outcomes {
    /// Of requests that were sent after the first answer.
    refused: u64,
    accepted: u64,
    sent: u64,
}

/// Sends as much as the limit lets start, until that time.
fn run(world: World, rate: Rate, until: u64, mut next_number: impl FnMut(u64) -> u64) -> Outcomes {
    let clock = FakeClock::default();
    clock.advance(millis(10_000));
    let begin = clock.now();
    let options = Options::new(world.concurrency).rate(rate);
    let mut arbiter = Arbiter::with_clock(options, clock.clone()).unwrap();
    let mut server = Server::new(world);
    let mut events = BinaryHeap::new();
    let mut costs = HashMap::new();
    let mut requests: Vec<(Slot, u64, bool)> = Vec::new();
    let mut readings: HashMap<usize, (bool, Reading)> = HashMap::new();
    let mut outcomes = Outcomes::default();
    let mut heard = false;
    loop {
        while arbiter.pending(Lane::Online) < 3 {
            let cost = 1 + next_number(4);
            let ticket =
                arbiter.enqueue_batch(Request::new(Lane::Online).cost(cost as u32), 1).unwrap();
            costs.insert(ticket, cost);
        }
        if let Some((slot, ticket)) = arbiter.grant_next() {
            let id = requests.len();
            requests.push((slot, costs.remove(&ticket).unwrap(), heard));
            events.push(Reverse((clock.now() + world.way, Event::Arrives(id))));
            outcomes.sent += 1;
            continue;
        }
        let wakes_at = arbiter.wakes_at().unwrap_or(u64::MAX);
        let event = events.peek().map_or(u64::MAX, |Reverse((at, _))| *at);
        let now = clock.now().max(wakes_at.min(event));
        assert_ne!(now, u64::MAX, "it goes on");
        if now > begin + until {
            return outcomes;
        }
        clock.advance(Duration::from_nanos(now - clock.now()));
        if event > now {
            continue;
        }
        let Some(Reverse((_, event))) = events.pop() else { continue };
        match event {
            Event::Arrives(id) => {
                let (_, cost, is_late) = requests[id];
                let fits = server.arrive(cost, now);
                outcomes.refused += u64::from(!fits && is_late);
                outcomes.accepted += if fits { cost } else { 0 };
                readings.insert(id, (fits, server.reading(now)));
                let work = if fits { next_number(world.work + 1) } else { 0 };
                events.push(Reverse((now + work + world.way, Event::Answers(id))));
            }
            Event::Answers(id) => {
                let (slot, ..) = requests[id];
                let (_, mut reading) = readings.remove(&id).unwrap();
                if world.at_end {
                    reading = server.reading(now - world.way);
                }
                heard |= arbiter.learn(Sent::In(slot), reading).unwrap();
                if let Some(ticket) = arbiter.settle(slot, Outcome::Fulfilled) {
                    let id = requests.len();
                    requests.push((slot, costs.remove(&ticket).unwrap(), heard));
                    events.push(Reverse((now + world.way, Event::Arrives(id))));
                    outcomes.sent += 1;
                }
            }
        }
    }
}

fn worlds(kind: Kind) -> impl Strategy<Value = World> {
    (any::<bool>(), 10..200_u64, 0..1_000_000_u64, 0..20_000_u64, 0..300_000_u64, 1..60_u64)
        .prop_map(move |(at_end, quota, phase, way, work, concurrency)| World {
            kind,
            at_end,
            quota,
            window: 1_000_000,
            phase,
            way,
            work,
            concurrency,
        })
}

fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 64 }))]

    /// In the order in which they were sent, requests come to the server; their answers come in any order.
    #[test]
    fn no_request_is_refused_after_the_first_answer(
        world in worlds(Kind::Fixed),
        seed in any::<u64>(),
        interval in 1_000..3_000_u64,
    ) {
        let rate = Rate::fixed(1_000_000, Duration::from_nanos(interval * 1_000));
        let outcomes = run(world, rate, 20 * world.window, numbers(seed));
        prop_assert_eq!(outcomes.refused, 0);
    }

    /// A limit that is bounded by the server alone uses what the server has.
    #[test]
    fn what_the_server_has_is_used(world in worlds(Kind::Fixed), seed in any::<u64>()) {
        let world = World { work: world.work / 10, way: world.way / 10, concurrency: 50, ..world };
        let rate = Rate::fixed(1_000_000, Duration::from_nanos(world.window));
        let windows = 20;
        let outcomes = run(world, rate, windows * world.window, numbers(seed));
        let most = world.quota * windows;
        prop_assert!(outcomes.accepted * 10 >= most * 8, "{} of {most}", outcomes.accepted);
    }

    /// Whatever a server says, and in whatever order: no unit waits for longer than an hour for it.
    #[test]
    fn nonsense_delays_by_an_hour_at_most(
        answers in prop::collection::vec(
            (0..8_usize, any::<Option<u64>>(), any::<Option<u64>>(), any::<Option<u64>>(), 0..10_000_u64),
            1..40,
        ),
        cost in any::<u32>(),
        kind in 0..3,
    ) {
        let interval = millis(1_000);
        let rate = [Rate::new(u64::MAX >> 11, interval), Rate::sliding(u64::MAX >> 11, interval), Rate::fixed(u64::MAX >> 11, interval)][kind as usize];
        let mut limit = Limit::new(Options::new(100).rate(rate));
        let slots: Vec<_> = (0..8).map(|_| { limit.pass(millis(1)); limit.arbiter.try_enqueue(Request::new(Lane::Online).cost(0)).unwrap() }).collect();
        for (slot, most, remaining, resets_in, pass) in answers {
            let mut reading = Reading::default();
            reading.limit = most;
            reading.remaining = remaining;
            reading.resets_in = resets_in.map(Duration::from_nanos);
            limit.hears(Sent::In(slots[slot]), reading);
            limit.pass(millis(pass));
            if pass % 3 == 0 {
                limit.start(pass as u32);
            }
        }
        limit.arbiter.enqueue_batch(Request::new(Lane::Online).cost(cost), 1).unwrap();
        let mut waited = Duration::ZERO;
        while limit.arbiter.grant_next().is_none() {
            let wait = limit.arbiter.wakes_at().unwrap().saturating_sub(limit.clock.now());
            prop_assert!(wait > 0, "it may start at the time that was told");
            let wait = Duration::from_nanos(wait);
            waited += wait;
            prop_assert!(waited <= HOUR + interval, "{waited:?}");
            limit.pass(wait);
        }
    }
}

#[test]
fn a_bucket_that_is_full_again_is_used_again() {
    for at_end in [false, true] {
        let world = World {
            kind: Kind::Bucket,
            at_end,
            quota: 100,
            window: 1_000_000,
            phase: 0,
            way: 1_000,
            work: 10_000,
            concurrency: 20,
        };
        let rate = Rate::new(1_000_000, Duration::from_nanos(world.window)).burst(1_000);
        let outcomes = run(world, rate, 50 * world.window, numbers(7));
        let most = 50 * world.quota;
        assert!(outcomes.accepted * 10 >= most * 8, "{} of {most}", outcomes.accepted);
        assert!(
            outcomes.refused * 20 <= outcomes.sent,
            "{} of {}",
            outcomes.refused,
            outcomes.sent
        );
    }
}
