//! Who is next where tokens or time are scarce: the rate and pauses for a time beside lanes, slots and the rest.

use std::collections::VecDeque;
use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Adaptive, Algorithm, Arbiter, Enqueued, Error, Lane, LimitStats, Options, Outcome, Rate,
    Refused, Request, Slot, Ticket,
};
use proptest::prelude::*;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// One token every 100 ms.
fn ten_a_second() -> Rate {
    Rate::new(10, millis(1_000))
}

struct Limit {
    arbiter: Arbiter<FakeClock>,
    clock: FakeClock,
}

impl Limit {
    fn new(options: Options) -> Self {
        let clock = FakeClock::default();
        Self { arbiter: Arbiter::with_clock(options, clock.clone()).unwrap(), clock }
    }

    fn queued(&mut self, request: impl Into<Request>) -> Ticket {
        match self.arbiter.enqueue(request) {
            Enqueued::Queued(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    fn granted(&mut self, request: impl Into<Request>) -> Slot {
        match self.arbiter.enqueue(request) {
            Enqueued::Granted(slot) => slot,
            other => panic!("{other:?}"),
        }
    }

    fn next(&mut self) -> Option<Ticket> {
        self.arbiter.grant_next().map(|(_, ticket)| ticket)
    }

    fn pass(&self, by: u64) {
        self.clock.advance(millis(by));
    }

    fn wakes_in(&self) -> Option<Duration> {
        let at = self.arbiter.wakes_at()?;
        Some(Duration::from_nanos(at.checked_sub(self.clock.now()).expect("it is not past")))
    }

    fn stats(&self) -> LimitStats {
        self.arbiter.stats()
    }
}

#[test]
fn online_gets_the_scarce_tokens_and_is_not_overtaken_while_it_waits() {
    let mut limit = Limit::new(Options::new(8).reserve(1).offline_share(0.0).rate(ten_a_second()));
    let batch = limit.arbiter.enqueue_batch(Lane::Offline, 10).unwrap();
    assert_eq!(limit.next(), Some(batch));
    limit.pass(50);
    let first = limit.queued(Lane::Online);
    let second = limit.queued(Request::new(Lane::Online).cost(2));
    assert_eq!(limit.next(), None);
    assert_eq!(limit.wakes_in(), Some(millis(50)));
    limit.pass(50);
    assert_eq!((limit.next(), limit.next()), (Some(first), None));
    limit.pass(100);
    assert_eq!((limit.next(), limit.next()), (Some(second), None), "it leaves 2 to make up for");
    assert_eq!(limit.wakes_in(), Some(millis(200)));
    limit.pass(199);
    assert_eq!(limit.next(), None);
    limit.pass(1);
    assert_eq!((limit.next(), limit.next()), (Some(batch), None));
}

#[test]
fn a_free_call_of_the_other_lane_does_not_overtake_and_a_newcomer_does_not_barge() {
    let mut limit = Limit::new(Options::new(8).reserve(1).rate(ten_a_second()));
    limit.granted(Lane::Online);
    let online = limit.queued(Lane::Online);
    limit.queued(Request::new(Lane::Offline).cost(0));
    limit.queued(Request::new(Lane::Online).cost(0));
    limit.pass(100);
    // There is a token now, and it is for who has waited for it.
    let newcomer = limit.queued(Lane::Online);
    assert_eq!(limit.arbiter.try_enqueue(Lane::Offline), None);
    assert_eq!(limit.next(), Some(online));
    assert!(limit.next().is_some(), "the free one behind it");
    assert_eq!(limit.next(), None, "and {newcomer:?} waits for a token");
}

#[test]
fn who_lacks_slots_lets_the_other_lane_have_the_tokens() {
    let mut limit = Limit::new(Options::new(4).reserve(1).rate(ten_a_second().burst(10)));
    limit.granted(Lane::Online);
    limit.granted(Lane::Online);
    let heavy = limit.queued(Request::new(Lane::Online).weight(3));
    let offline = limit.arbiter.enqueue_batch(Lane::Offline, 5).unwrap();
    assert_eq!((limit.next(), limit.next()), (Some(offline), None), "three slots are kept");
    assert_eq!(limit.arbiter.wakes_at(), None, "slots are missing, and not time: {heavy:?}");
}

#[test]
fn offline_gets_its_share_of_scarce_tokens() {
    let mut limit = Limit::new(Options::new(4).reserve(1).offline_share(0.25).rate(ten_a_second()));
    let online = limit.arbiter.enqueue_batch(Lane::Online, 1_000).unwrap();
    let offline = limit.arbiter.enqueue_batch(Lane::Offline, 1_000).unwrap();
    let mut of_offline = 0;
    for _ in 0..400 {
        let (slot, ticket) = limit.arbiter.grant_next().expect("a token has come");
        assert!([online, offline].contains(&ticket));
        of_offline += u32::from(ticket == offline);
        assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), None);
        assert_eq!(limit.wakes_in(), Some(millis(100)));
        limit.pass(100);
    }
    assert_eq!(of_offline, 100);
}

#[test]
fn a_settled_slot_waits_for_the_token_and_goes_to_who_is_first_then() {
    let mut limit = Limit::new(Options::new(1).rate(ten_a_second()));
    let slot = limit.granted(Lane::Online);
    let offline = limit.queued(Lane::Offline);
    assert_eq!(limit.arbiter.wakes_at(), None, "a slot is missing");
    limit.pass(10);
    assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), None);
    assert_eq!(limit.wakes_in(), Some(millis(90)));
    limit.pass(89);
    let online = limit.queued(Lane::Online);
    limit.pass(1);
    let (slot, ticket) = limit.arbiter.grant_next().unwrap();
    assert_eq!(ticket, online);
    limit.pass(300);
    assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), Some(offline), "a direct hand-over");
}

#[test]
fn a_settling_tells_of_others_for_whom_tokens_have_come() {
    let mut limit = Limit::new(Options::new(3).reserve(1).rate(ten_a_second().burst(2)));
    let slot = limit.granted(Lane::Online);
    limit.granted(Lane::Online);
    let [first, second] = [(); 2].map(|()| limit.queued(Lane::Online));
    limit.pass(200);
    assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), Some(first));
    assert!(limit.arbiter.settle_left_room());
    assert_eq!(limit.next(), Some(second));
}

#[test]
fn what_is_cancelled_lifted_or_cleared_takes_no_tokens() {
    let mut limit = Limit::new(Options::new(4).reserve(1).rate(ten_a_second().burst(2)));
    limit.granted(Request::new(Lane::Online).cost(2));
    let dear = limit.queued(Request::new(Lane::Online).cost(2));
    let cheap = limit.queued(Lane::Online);
    let offline = limit.queued(Lane::Offline);
    assert_eq!(limit.wakes_in(), Some(millis(200)));
    assert!(limit.arbiter.cancel(dear));
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(100))));
    assert_eq!(limit.arbiter.clear(Lane::Online), [cheap]);
    assert!(limit.arbiter.raise(offline, Lane::Online, 0));
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(100))));
    limit.pass(100);
    assert_eq!(limit.next(), Some(offline));
    assert_eq!((limit.next(), limit.arbiter.wakes_at()), (None, None), "nobody waits");
    assert_eq!(limit.stats().rate.unwrap().available, 0.0);
}

#[test]
fn more_slots_are_no_more_tokens() {
    let mut limit = Limit::new(Options::new(1).rate(ten_a_second().burst(2)));
    limit.granted(Lane::Online);
    limit.arbiter.enqueue_batch(Lane::Online, 5).unwrap();
    assert_eq!((limit.next(), limit.arbiter.wakes_at()), (None, None));
    limit.arbiter.set_concurrency(10).unwrap();
    assert!(limit.next().is_some() && limit.next().is_none());
    assert_eq!(limit.wakes_in(), Some(millis(100)));
}

#[test]
fn what_is_there_stays_and_more_comes_at_the_new_rate() {
    let mut limit = Limit::new(Options::new(8).reserve(1).rate(ten_a_second()));
    limit.granted(Lane::Online);
    let second = limit.queued(Lane::Online);
    let third = limit.queued(Lane::Online);
    limit.pass(50);
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(50))));
    limit.arbiter.set_rate(Rate::new(1, millis(1_000))).unwrap();
    assert_eq!(limit.wakes_in(), Some(millis(500)), "half of a token is missing");
    limit.arbiter.set_rate(Rate::new(100, millis(1_000))).unwrap();
    assert_eq!(limit.wakes_in(), Some(millis(5)));
    limit.arbiter.set_rate(ten_a_second().burst(5)).unwrap();
    assert_eq!(limit.wakes_in(), Some(millis(50)), "room for more is not more");
    limit.pass(350);
    assert_eq!(limit.stats().rate.unwrap().available, 4.0);
    limit.arbiter.set_rate(ten_a_second()).unwrap();
    assert_eq!(limit.stats().rate.unwrap().available, 1.0, "there is no room for more");
    assert_eq!((limit.next(), limit.next()), (Some(second), None));
    limit.arbiter.charge(1);
    limit.arbiter.set_rate(ten_a_second().burst(7)).unwrap();
    assert_eq!(limit.stats().rate.unwrap().available, -1.0, "a debt stays one");
    limit.pass(200);
    assert_eq!((limit.next(), limit.arbiter.wakes_at()), (Some(third), None));
    assert_eq!(limit.arbiter.rate(), Some(ten_a_second().burst(7)));
}

#[test]
fn what_is_charged_is_taken_whether_or_not_it_is_there_and_given_back_up_to_a_burst() {
    let mut limit = Limit::new(Options::new(8).reserve(1).rate(ten_a_second().burst(3)));
    let available = |limit: &Limit| limit.stats().rate.unwrap().available;
    limit.arbiter.charge(5);
    assert_eq!(available(&limit), -2.0);
    let first = limit.queued(Lane::Online);
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(300))));
    limit.arbiter.charge(-2);
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(100))));
    limit.arbiter.charge(-1);
    assert_eq!((limit.next(), limit.arbiter.wakes_at()), (Some(first), None));
    limit.arbiter.charge(-9);
    assert_eq!(available(&limit), 3.0);
    limit.arbiter.charge(0);
    assert_eq!(available(&limit), 3.0);
    limit.pass(1_000);
    limit.arbiter.charge(1);
    assert_eq!(available(&limit), 2.0);
    limit.arbiter.charge(i32::MIN);
    limit.arbiter.charge(i32::MAX);
    assert_eq!(available(&limit), 3.0 - f64::from(i32::MAX));

    let mut unrated = Limit::new(Options::new(8).reserve(1));
    unrated.arbiter.charge(5);
    unrated.granted(Lane::Online);
}

#[test]
fn a_rate_is_changed_within_its_range_and_where_there_is_one() {
    let mut limit = Limit::new(Options::new(8).reserve(1).rate(ten_a_second()));
    limit.granted(Lane::Online);
    for (rate, error) in [
        (Rate::new(0, millis(1)), Error::RateLimit { given: 0 }),
        (Rate::new(1, Duration::ZERO), Error::RateInterval { given: Duration::ZERO }),
        (ten_a_second().burst(0), Error::RateBurst { given: 0 }),
    ] {
        assert_eq!(limit.arbiter.set_rate(rate), Err(error));
    }
    assert_eq!(limit.arbiter.rate(), Some(ten_a_second()));
    assert_eq!(limit.stats().rate.unwrap().available, 0.0);

    let mut unrated = Limit::new(Options::new(8).reserve(1));
    assert_eq!(unrated.arbiter.set_rate(ten_a_second()), Err(Error::Unrated));
    assert_eq!(unrated.arbiter.rate(), None);
}

#[test]
fn the_greatest_of_debts_fits_at_the_greatest_of_rates() {
    let most = (1 << 53) - 1;
    let longest = Duration::from_nanos(u64::MAX);
    let mut limit =
        Limit::new(Options::new(8).reserve(1).rate(Rate::new(most, longest).burst(most)));
    let dear = Request::new(Lane::Online).cost(u32::MAX);
    for _ in 0..4 {
        limit.granted(dear);
    }
    let left = most - 4 * u64::from(u32::MAX);
    for rate in [Rate::new(1, longest), Rate::new(most, millis(1)), Rate::new(1, longest)] {
        limit.arbiter.set_rate(rate.burst(most)).unwrap();
        assert_eq!(limit.stats().rate.unwrap().available, left as f64);
    }
}

#[test]
fn a_full_lane_counts_on_the_tokens_there_are() {
    let options = || Options::new(8).reserve(1).max_queue(Lane::Online, 2);
    let full = Err(Refused::Full { lane: Lane::Online, most: 2 });
    let mut limit = Limit::new(options().rate(ten_a_second().burst(3)));
    assert_eq!(limit.arbiter.enqueue_batch(Lane::Online, 6), full);
    assert_eq!(limit.arbiter.enqueue_batch(Request::new(Lane::Online).cost(2), 4), full);
    assert!(limit.arbiter.enqueue_batch(Lane::Online, 5).is_ok());
    while limit.next().is_some() {}
    assert_eq!(limit.arbiter.pending(Lane::Online), 2);
    assert!(!limit.arbiter.has_room(Lane::Online));
    limit.pass(100);
    assert!(!limit.arbiter.has_room(Lane::Online), "the token is not the newcomer's");
    assert!(limit.next().is_some());
    assert!(limit.arbiter.has_room(Lane::Online));

    let mut limit = Limit::new(Options::new(8).reserve(1).max_queue(Lane::Online, 0));
    limit.arbiter.pause_for(millis(10));
    assert!(!limit.arbiter.has_room(Lane::Online));
    let none = Err(Refused::Full { lane: Lane::Online, most: 0 });
    assert_eq!(limit.arbiter.enqueue_batch(Lane::Online, 1), none);
    limit.pass(10);
    assert!(limit.arbiter.has_room(Lane::Online));
}

#[test]
fn time_says_when_it_makes_room_where_nobody_waits() {
    let mut limit =
        Limit::new(Options::new(8).reserve(0).rate(ten_a_second()).max_queue(Lane::Online, 0));
    let costly = Request::new(Lane::Online).cost(3);
    let room_in = |limit: &Limit, request: Request| {
        let at = limit.arbiter.room_at(request)?;
        assert_eq!(limit.arbiter.has_room(request), at <= limit.clock.now());
        Some(Duration::from_nanos(at.saturating_sub(limit.clock.now())))
    };
    let online = Request::new(Lane::Online);
    assert_eq!(room_in(&limit, online), Some(Duration::ZERO));
    let slot = limit.granted(costly);
    assert_eq!(room_in(&limit, online), Some(millis(300)));
    assert_eq!(room_in(&limit, online.cost(0)), Some(Duration::ZERO));
    assert_eq!(limit.wakes_in(), None, "nobody waits");
    limit.pass(200);
    assert_eq!(room_in(&limit, online), Some(millis(100)));
    limit.arbiter.pause_for(millis(250));
    assert_eq!(room_in(&limit, online), Some(millis(250)));
    limit.arbiter.pause();
    assert_eq!(room_in(&limit, online), None);
    assert_eq!(room_in(&limit, Request::new(Lane::Offline)), Some(Duration::ZERO), "it may wait");
    limit.arbiter.resume();
    limit.arbiter.set_concurrency(1).unwrap();
    assert_eq!(room_in(&limit, online), None, "the slot is missing, whatever the time");
    limit.arbiter.settle(slot, Outcome::Fulfilled);
    assert_eq!(room_in(&limit, online), Some(millis(100)));
    limit.queued(Lane::Offline);
    assert_eq!(room_in(&limit, online), Some(millis(100)), "online is next");
    assert_eq!(room_in(&limit, online.weight(2)), Some(Duration::ZERO), "no wait helps that");
    limit.arbiter.close();
    assert_eq!(room_in(&limit, online), None);
}

#[test]
fn of_several_pauses_the_one_that_ends_last_counts() {
    let mut limit = Limit::new(Options::new(4).reserve(1));
    limit.arbiter.pause_for(Duration::ZERO);
    assert!(!limit.arbiter.is_paused() && !limit.arbiter.is_timed());
    limit.arbiter.pause_for(millis(100));
    limit.arbiter.pause_for(millis(30));
    let ticket = limit.queued(Lane::Online);
    assert_eq!(limit.wakes_in(), Some(millis(100)));
    limit.pass(99);
    assert!(limit.arbiter.is_paused());
    limit.pass(1);
    assert!(!limit.arbiter.is_paused());
    let newcomer = limit.queued(Lane::Online);
    assert_eq!([limit.next(), limit.next(), limit.next()], [Some(ticket), Some(newcomer), None]);
    assert!(!limit.arbiter.is_timed(), "it costs nothing any more");
}

#[test]
fn the_two_kinds_of_pauses_are_apart() {
    let mut limit = Limit::new(Options::new(4).reserve(1));
    limit.arbiter.pause_for(millis(100));
    limit.arbiter.pause();
    let ticket = limit.queued(Lane::Online);
    assert_eq!(limit.arbiter.wakes_at(), None, "it is held");
    limit.arbiter.resume_held();
    assert!(limit.arbiter.is_paused());
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(100))));
    limit.arbiter.pause();
    limit.pass(200);
    assert!(limit.arbiter.is_paused());
    assert_eq!(limit.next(), None);
    limit.arbiter.resume_held();
    assert_eq!(limit.next(), Some(ticket));

    limit.arbiter.pause_for(Duration::MAX);
    limit.arbiter.pause();
    let ticket = limit.queued(Lane::Online);
    limit.arbiter.resume();
    assert_eq!((limit.arbiter.is_paused(), limit.next()), (false, Some(ticket)));
}

#[test]
fn a_pause_goes_on_beside_the_rate_and_tokens_come_meanwhile() {
    let mut limit = Limit::new(Options::new(8).reserve(1).rate(ten_a_second().burst(3)));
    limit.arbiter.enqueue_batch(Lane::Online, 20).unwrap();
    assert!((0..3).all(|_| limit.next().is_some()));
    limit.arbiter.pause_for(millis(10));
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(100))));
    limit.arbiter.pause_for(millis(250));
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(250))));
    limit.pass(250);
    assert!((0..2).all(|_| limit.next().is_some()));
    assert_eq!((limit.next(), limit.wakes_in()), (None, Some(millis(50))));
}

#[test]
fn only_the_wait_for_the_rate_alone_is_told_as_such() {
    let mut limit = Limit::new(Options::new(1).rate(ten_a_second()));
    let slot = limit.granted(Lane::Online);
    limit.queued(Lane::Online);
    limit.pass(30); // for the slot
    assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), None);
    limit.pass(20); // for the rate
    limit.arbiter.pause_for(millis(10));
    limit.pass(10); // for the end of the pause
    assert_eq!(limit.next(), None);
    limit.pass(60); // for the rate, 20 ms longer than it had to
    let (slot, _) = limit.arbiter.grant_next().unwrap();
    let online = limit.stats().online;
    assert_eq!((online.rate_wait.count, online.wait.count), (1, 2));
    assert!((79.0..81.0).contains(&online.rate_wait.max), "{:?}", online.rate_wait);
    assert!((119.0..121.0).contains(&online.wait.max));

    // What finds a token has not waited for it, however long it waited for a slot.
    let offline = limit.queued(Lane::Offline);
    limit.pass(500);
    assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), Some(offline));
    assert_eq!(limit.stats().offline.rate_wait.count, 0);
}

#[test]
fn the_wait_is_each_units_own_and_goes_with_who_leaves() {
    let mut limit = Limit::new(Options::new(9).reserve(1).offline_share(0.0).rate(ten_a_second()));
    limit.granted(Lane::Online);
    let batch = limit.arbiter.enqueue_batch(Lane::Offline, 3).unwrap();
    assert_eq!(limit.next(), None);
    limit.pass(40);
    let left = limit.queued(Lane::Online);
    limit.pass(10);
    assert!(limit.arbiter.cancel(left));
    let online = limit.queued(Lane::Online);
    assert_eq!(online, left, "with the number of the one that left");
    limit.pass(50);
    assert_eq!((limit.next(), limit.next()), (Some(online), None));
    for _ in 0..3 {
        limit.pass(100);
        assert_eq!((limit.next(), limit.next()), (Some(batch), None));
    }
    let LimitStats { online, offline, .. } = limit.stats();
    assert_eq!((online.rate_wait.count, offline.rate_wait.count), (1, 3));
    assert!((49.0..51.0).contains(&online.rate_wait.max), "{:?}", online.rate_wait);
    assert!((139.0..141.0).contains(&offline.rate_wait.max), "{:?}", offline.rate_wait);
    assert!((99.0..101.0).contains(&offline.rate_wait.p50), "{:?}", offline.rate_wait);
}

#[test]
fn an_adaptive_limit_takes_the_rate_neither_for_latency_nor_for_room() {
    for algorithm in [Algorithm::Latency, Algorithm::Gradient, Algorithm::Aimd] {
        let adaptive = Adaptive::default().initial(10).algorithm(algorithm);
        // Of 10 slots, the rate fills one.
        let rate = Rate::new(100, millis(1_000));
        let mut limit = Limit::new(Options::new(1).adaptive(adaptive).rate(rate));
        limit.arbiter.enqueue_batch(Lane::Online, 10_000).unwrap();
        for _ in 0..2_000 {
            let (slot, _) = limit.arbiter.grant_next().expect("a token has come");
            assert_eq!(limit.next(), None);
            limit.pass(8);
            assert_eq!(limit.arbiter.settle(slot, Outcome::Fulfilled), None);
            assert_eq!(limit.wakes_in(), Some(millis(2)));
            limit.pass(2);
        }
        assert_eq!(limit.arbiter.concurrency(), 10, "{algorithm:?}");
        assert_eq!(limit.stats().adaptive.unwrap().samples, 0);
        assert!((7.9..8.1).contains(&limit.stats().online.run.p99));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Enqueue(Lane, u32, u32),
    EnqueueBatch(Lane, u32, u32, u32),
    Settle(usize),
    Cancel(usize),
    Lift(usize),
    Clear(Lane),
    SetConcurrency(u64),
    SetRate(Rate),
    Charge(i32),
    Pause,
    PauseFor(u64),
    Resume,
    ResumeHeld,
    Pass(u64),
    /// Until the time that the arbiter says.
    Wait,
    Drain,
}

fn steps() -> impl Strategy<Value = Step> {
    let lanes = || prop_oneof![Just(Lane::Online), Just(Lane::Offline)];
    let costs = || prop_oneof![3 => Just(1), 1 => 0..8u32];
    prop_oneof![
        8 => (lanes(), 1..4u32, costs())
            .prop_map(|(lane, weight, cost)| Step::Enqueue(lane, weight, cost)),
        2 => (lanes(), 1..3u32, costs(), 1..6u32)
            .prop_map(|(lane, weight, cost, units)| Step::EnqueueBatch(lane, weight, cost, units)),
        8 => any::<usize>().prop_map(Step::Settle),
        2 => any::<usize>().prop_map(Step::Cancel),
        2 => any::<usize>().prop_map(Step::Lift),
        1 => lanes().prop_map(Step::Clear),
        1 => (1..8u64).prop_map(Step::SetConcurrency),
        1 => rates().prop_map(Step::SetRate),
        1 => (-9..10i32).prop_map(Step::Charge),
        1 => Just(Step::Pause),
        1 => (0..500u64).prop_map(Step::PauseFor),
        1 => Just(Step::Resume),
        2 => Just(Step::ResumeHeld),
        4 => (0..300u64).prop_map(Step::Pass),
        4 => Just(Step::Wait),
        6 => Just(Step::Drain),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    ticket: Ticket,
    weight: u32,
    cost: u32,
    units: u32,
}

/// Random use, against tokens that are counted and pauses that are noted.
struct Run {
    limit: Limit,
    rate: Option<Rate>,
    /// A token is as many of these as the interval has nanoseconds.
    parts: i128,
    counted_at: u64,
    waiting: [VecDeque<Waiting>; 2],
    running: Vec<(Slot, Lane, u64)>,
    held: bool,
    until: u64,
}

impl Run {
    fn new(concurrency: u64, rate: Option<Rate>) -> Self {
        let mut run = Self {
            limit: Limit::new(Options::new(concurrency).reserve(0).rate(rate)),
            rate,
            parts: 0,
            counted_at: 0,
            waiting: Default::default(),
            running: Vec::new(),
            held: false,
            until: 0,
        };
        run.parts = rate.map_or(0, |rate| run.worth(rate.burst));
        run
    }

    fn now(&self) -> u64 {
        self.limit.clock.now()
    }

    fn worth(&self, tokens: u64) -> i128 {
        i128::from(tokens) * self.rate.map_or(0, |rate| rate.interval.as_nanos() as i128)
    }

    fn count(&mut self) {
        let Some(rate) = self.rate else { return };
        let gained = i128::from(self.now() - self.counted_at) * i128::from(rate.limit);
        self.parts = (self.parts + gained).min(self.worth(rate.burst));
        self.counted_at = self.now();
    }

    /// What is there stays, as far as there is room for it.
    fn set_rate(&mut self, rate: Rate) {
        self.count();
        let set = self.limit.arbiter.set_rate(rate);
        let Some(old) = self.rate else { return assert_eq!(set, Err(Error::Unrated)) };
        assert_eq!(set, Ok(()));
        let lacking = self.worth(old.burst) - self.parts;
        let (from, to) = (self.worth(1), rate.interval.as_nanos() as i128);
        self.rate = Some(rate);
        let there = self.worth(old.burst) - (lacking * to + from - 1) / from;
        self.parts = there.min(self.worth(rate.burst));
    }

    fn is_paused(&self) -> bool {
        self.held || self.now() < self.until
    }

    fn may_pay(&mut self, cost: u32) -> bool {
        self.count();
        let Some(rate) = self.rate else { return true };
        cost == 0 || self.parts >= self.worth(rate.burst.min(u64::from(cost)))
    }

    fn started(&mut self, slot: Slot, lane: Lane, weight: u32, cost: u32) {
        assert!(!self.is_paused(), "it starts in a pause");
        assert!(self.may_pay(cost), "it starts without the tokens");
        self.parts -= self.worth(u64::from(cost));
        self.running.push((slot, lane, self.need(lane, weight)));
        let held = |lanes: &[Lane]| -> u64 {
            self.running.iter().filter(|it| lanes.contains(&it.1)).map(|it| it.2).sum()
        };
        assert!(held(&Lane::ALL) <= self.limit.arbiter.concurrency());
        assert!(held(&[Lane::Offline]) <= self.most_for(Lane::Offline));
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        let is_head = |&lane: &Lane| {
            self.waiting[lane as usize].front().is_some_and(|head| head.ticket == ticket)
        };
        let lane = Lane::ALL.into_iter().find(is_head).expect("it is the first of its lane");
        let queue = &mut self.waiting[lane as usize];
        let Waiting { weight, cost, units, .. } = queue[0];
        if units == 1 {
            queue.pop_front();
        } else {
            queue[0].units -= 1;
        }
        self.started(slot, lane, weight, cost);
    }

    fn most_for(&self, _: Lane) -> u64 {
        self.limit.arbiter.concurrency() // nothing is kept, as a kept slot forbids some of the changes
    }

    fn need(&self, lane: Lane, weight: u32) -> u64 {
        u64::from(weight).min(self.most_for(lane))
    }

    fn fits(&self, lane: Lane, weight: u32) -> bool {
        let held = |of: Option<Lane>| -> u64 {
            let those = self.running.iter().filter(|it| of.is_none_or(|of| of == it.1));
            those.map(|it| it.2).sum()
        };
        let need = self.need(lane, weight);
        held(None) + need <= self.limit.arbiter.concurrency()
            && held(Some(lane)) + need <= self.most_for(lane)
    }

    fn drain(&mut self) {
        while let Some((slot, ticket)) = self.limit.arbiter.grant_next() {
            self.granted(slot, ticket);
        }
        self.check_waiting();
    }

    /// With nothing to grant, whoever waits does so for slots, in a held pause or for the time that is told.
    fn check_waiting(&mut self) {
        let wakes_at = self.limit.arbiter.wakes_at();
        assert!(wakes_at.is_none_or(|at| at > self.now()), "{wakes_at:?} is past");
        let heads = [0, 1].map(|lane| self.waiting[lane].front().copied());
        for lane in Lane::ALL {
            let Some(Waiting { weight, cost, .. }) = heads[lane as usize] else { continue };
            let alone = heads[1 - lane as usize].is_none();
            if alone && self.fits(lane, weight) {
                let lacks_time = self.now() < self.until || !self.may_pay(cost);
                assert!(self.held || lacks_time, "it waits for nothing");
                assert_eq!(wakes_at.is_some(), !self.held);
            }
        }
        if heads.iter().all(Option::is_none) {
            assert_eq!(wakes_at, None);
        }
    }

    fn wait(&mut self) {
        self.drain();
        let Some(at) = self.limit.arbiter.wakes_at() else { return };
        let by = at - self.now();
        self.limit.clock.advance(Duration::from_nanos(by - 1));
        assert_eq!(self.limit.arbiter.grant_next(), None, "it was to wake later");
        self.limit.clock.advance(Duration::from_nanos(1));
        let (slot, ticket) = self.limit.arbiter.grant_next().expect("it was to wake now");
        self.granted(slot, ticket);
        self.drain();
    }

    fn pick(&self, which: usize) -> Option<(Lane, usize)> {
        let lengths = [0, 1].map(|lane| self.waiting[lane].len());
        let which = which % (lengths[0] + lengths[1]).max(1);
        match which {
            _ if lengths == [0, 0] => None,
            online if online < lengths[0] => Some((Lane::Online, online)),
            offline => Some((Lane::Offline, offline - lengths[0])),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Enqueue(lane, weight, cost) => {
                let request = Request::new(lane).weight(weight).cost(cost);
                match self.limit.arbiter.enqueue(request) {
                    Enqueued::Granted(slot) => {
                        assert!(self.waiting[lane as usize].is_empty(), "it has barged");
                        self.started(slot, lane, weight, cost);
                    }
                    Enqueued::Queued(ticket) => {
                        let alone = self.waiting.iter().all(VecDeque::is_empty);
                        let may = self.fits(lane, weight) && !self.is_paused();
                        assert!(!(alone && may && self.may_pay(cost)), "it waits for nothing");
                        let waiting = Waiting { ticket, weight, cost, units: 1 };
                        self.waiting[lane as usize].push_back(waiting);
                    }
                    Enqueued::Refused(refused) => {
                        assert!(matches!(refused, Refused::Weight { .. }), "{refused}");
                    }
                }
            }
            Step::EnqueueBatch(lane, weight, cost, units) => {
                let request = Request::new(lane).weight(weight).cost(cost);
                if let Ok(ticket) = self.limit.arbiter.enqueue_batch(request, units) {
                    let waiting = Waiting { ticket, weight, cost, units };
                    self.waiting[lane as usize].push_back(waiting);
                    self.drain();
                }
            }
            Step::Settle(which) if !self.running.is_empty() => {
                let (slot, ..) = self.running.remove(which % self.running.len());
                if let Some(ticket) = self.limit.arbiter.settle(slot, Outcome::Fulfilled) {
                    self.granted(slot, ticket);
                }
                if self.limit.arbiter.settle_left_room() {
                    self.drain();
                }
            }
            Step::Cancel(which) => {
                if let Some((lane, at)) = self.pick(which) {
                    let Waiting { ticket, .. } = self.waiting[lane as usize].remove(at).unwrap();
                    assert!(self.limit.arbiter.cancel(ticket));
                    self.drain();
                }
            }
            Step::Lift(which) => {
                if let Some((Lane::Offline, at)) = self.pick(which) {
                    let lifted = self.waiting[1].remove(at).unwrap();
                    assert!(self.limit.arbiter.raise(lifted.ticket, Lane::Online, 0));
                    self.waiting[0].push_back(lifted);
                    self.drain();
                }
            }
            Step::Clear(lane) => {
                let cleared = self.limit.arbiter.clear(lane);
                let expected = std::mem::take(&mut self.waiting[lane as usize]);
                assert!(expected.iter().map(|it| &it.ticket).eq(&cleared));
                self.drain();
            }
            Step::SetConcurrency(concurrency) => {
                self.limit.arbiter.set_concurrency(concurrency).unwrap();
                if self.running.is_empty() {
                    self.drain();
                }
            }
            Step::SetRate(rate) => {
                self.set_rate(rate);
                self.drain();
            }
            Step::Charge(cost) => {
                self.count();
                self.limit.arbiter.charge(cost);
                if let Some(rate) = self.rate {
                    let taken = i128::from(cost) * self.worth(1);
                    self.parts = (self.parts - taken).min(self.worth(rate.burst));
                }
                self.drain();
            }
            Step::Pause => {
                self.limit.arbiter.pause();
                self.held = true;
            }
            Step::PauseFor(millis) => {
                self.limit.arbiter.pause_for(Duration::from_millis(millis));
                self.until = self.until.max(self.now() + millis * 1_000_000);
            }
            Step::Resume => {
                self.limit.arbiter.resume();
                (self.held, self.until) = (false, 0);
                self.drain();
            }
            Step::ResumeHeld => {
                self.limit.arbiter.resume_held();
                self.held = false;
                self.drain();
            }
            Step::Pass(millis) => self.limit.clock.advance(Duration::from_millis(millis)),
            Step::Wait => self.wait(),
            Step::Drain => self.drain(),
            Step::Settle(_) => {}
        }
        assert_eq!(self.limit.arbiter.is_paused(), self.is_paused());
    }
}

fn rates() -> impl Strategy<Value = Rate> {
    let rate = (1..50u64, 1..3_000_000_000u64, prop_oneof![Just(1), 1..10u64]);
    rate.prop_map(|(limit, interval, burst)| {
        Rate::new(limit, Duration::from_nanos(interval)).burst(burst)
    })
}

proptest! {
    #[test]
    fn holds_under_any_use(
        concurrency in 1..8u64,
        rate in prop_oneof![4 => rates().prop_map(Some), 1 => Just(None)],
        steps in prop::collection::vec(steps(), 1..200),
    ) {
        let mut run = Run::new(concurrency, rate);
        steps.into_iter().for_each(|step| run.take(step));

        // Whatever has happened, the work that is left gets done, by what the arbiter tells alone.
        run.take(Step::ResumeHeld);
        while run.waiting.iter().any(|lane| !lane.is_empty()) {
            run.wait();
            run.take(Step::Settle(0));
        }
        let LimitStats { online, offline, .. } = run.limit.stats();
        for lane in [online, offline] {
            assert_eq!(lane.pending, 0);
            assert!(lane.rate_wait.count <= lane.granted);
            assert!(rate.is_some() || lane.rate_wait.count == 0);
        }
    }
}
