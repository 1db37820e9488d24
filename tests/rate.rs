//! The rate against a bucket of tokens that is counted one by one, and against windows that are added up.

use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Arbiter, Enqueued, Error, Gate, Lane, Options, Outcome, Rate, Request, UNLIMITED,
};
use proptest::prelude::*;

const MOST: u64 = (1 << 53) - 1;

fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(nanos)
}

fn limit(rate: Rate) -> (Arbiter<FakeClock>, FakeClock) {
    let clock = FakeClock::default();
    let options = Options::new(UNLIMITED).rate(rate);
    (Arbiter::with_clock(options, clock.clone()).unwrap(), clock)
}

fn calls(arbiter: &mut Arbiter<FakeClock>, costs: impl IntoIterator<Item = u32>) {
    for cost in costs {
        arbiter.enqueue(Request::new(Lane::Online).cost(cost));
    }
}

/// When each of so many starts, if it is asked whenever there may be one, and ends at once.
fn starts(arbiter: &mut Arbiter<FakeClock>, clock: &FakeClock, count: usize) -> Vec<u64> {
    let mut starts = Vec::new();
    while starts.len() < count {
        if let Some((slot, _)) = arbiter.grant_next() {
            assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None, "no two at once");
            starts.push(clock.now());
        } else {
            let wakes_at = arbiter.wakes_at().expect("they wait for tokens");
            assert!(wakes_at > clock.now());
            clock.advance(nanos(wakes_at - clock.now()));
        }
    }
    starts
}

#[test]
fn what_can_not_be_kept_is_refused() {
    let second = Duration::from_secs(1);
    let refusal = |rate| {
        let error = Arbiter::new(Options::new(1).rate(rate)).unwrap_err();
        assert_eq!(Gate::new(Options::new(1).rate(rate)).unwrap_err(), error);
        error
    };
    for given in [0, MOST + 1, u64::MAX] {
        let error = refusal(Rate::new(given, second));
        assert_eq!(error, Error::RateLimit { given });
        let expected = format!("`rate.limit` must be from 1 to 9007199254740991, got {given}");
        assert_eq!(error.to_string(), expected);
        let error = refusal(Rate::new(1, second).burst(given));
        assert_eq!(error, Error::RateBurst { given });
        let expected = format!("`rate.burst` must be from 1 to 9007199254740991, got {given}");
        assert_eq!(error.to_string(), expected);
    }
    let error = refusal(Rate::new(1, Duration::ZERO));
    assert_eq!(error, Error::RateInterval { given: Duration::ZERO });
    let expected = "`rate.interval` must be from 1 to 2^64 - 1 nanoseconds, got 0ns";
    assert_eq!(error.to_string(), expected);
    let given = Duration::from_nanos(u64::MAX) + nanos(1);
    assert_eq!(refusal(Rate::new(1, given)), Error::RateInterval { given });
    let extremes = Rate::new(MOST, Duration::from_nanos(u64::MAX)).burst(MOST);
    assert!(Gate::new(Options::new(1).rate(extremes)).is_ok());
}

#[test]
fn no_rate_is_asked_for_by_none() {
    assert_eq!(Options::new(1).rate(None), Options::new(1));
    let arbiter = Arbiter::new(Options::new(1)).unwrap();
    assert_eq!(arbiter.stats().rate, None);
    assert!(!arbiter.is_timed());
}

#[test]
fn without_bursts_they_are_evenly_spaced() {
    for (limit_, interval, apart) in
        [(10, 1_000, 100), (3, 1_000_000_000, 333_333_334), (1, 7, 7), (5, 2, 1)]
    {
        let (mut arbiter, clock) = limit(Rate::new(limit_, nanos(interval)));
        calls(&mut arbiter, [1; 1_001]);
        let starts = starts(&mut arbiter, &clock, 1_000);
        // The first one had its slot as it came.
        let expected: Vec<_> = (1..=1_000).map(|number| number * apart).collect();
        assert_eq!(starts, expected, "{limit_} per {interval}");
    }
}

#[test]
fn what_takes_no_whole_nanoseconds_adds_up_all_the_same() {
    let (mut arbiter, clock) = limit(Rate::new(3, nanos(1_000_000_000)).burst(2));
    calls(&mut arbiter, [1; 30_002]);
    let starts = starts(&mut arbiter, &clock, 30_000);
    assert_eq!(starts[..3], [333_333_334, 666_666_667, 1_000_000_000]);
    assert_eq!(starts[29_999], 10_000 * 1_000_000_000, "no drift");
}

#[test]
fn a_time_without_any_gives_one_burst_and_no_more() {
    let (mut arbiter, clock) = limit(Rate::new(10, nanos(1_000)).burst(4));
    clock.advance(Duration::from_secs(3_600));
    let came = clock.now();
    calls(&mut arbiter, [1; 24]);
    assert_eq!(arbiter.active(Lane::Online), 4);
    let starts = starts(&mut arbiter, &clock, 20);
    assert_eq!(starts, (1..=20).map(|number| came + number * 100).collect::<Vec<_>>());
}

#[test]
fn there_is_no_burst_at_the_border_of_an_interval() {
    // 100 at the end of one second and 100 at the start of the next is what fixed windows let through.
    let (mut arbiter, clock) = limit(Rate::new(100, Duration::from_secs(1)).burst(10));
    clock.advance(Duration::from_millis(990));
    calls(&mut arbiter, [1; 300]);
    let before = arbiter.active(Lane::Online);
    clock.advance(Duration::from_millis(20));
    while arbiter.grant_next().is_some() {}
    assert_eq!((before, arbiter.active(Lane::Online)), (10, 12));
}

#[test]
fn what_costs_more_than_a_burst_starts_from_a_full_bucket_and_is_made_up_for() {
    let (mut arbiter, clock) = limit(Rate::new(10, nanos(1_000)).burst(3));
    calls(&mut arbiter, [1, 5, 1]);
    let starts = starts(&mut arbiter, &clock, 2);
    assert_eq!(starts, [100, 100 + 3 * 100], "5 of 3 leave -2, and there is 1 three later");

    calls(&mut arbiter, [50, 0, 1]);
    assert_eq!(arbiter.stats().rate.unwrap().available, 0.0);
    let available = |arbiter: &Arbiter<FakeClock>| arbiter.stats().rate.unwrap().available;
    clock.advance(nanos(300));
    assert!(arbiter.grant_next().is_some());
    assert_eq!(available(&arbiter), -47.0);
    assert!(arbiter.grant_next().is_some(), "the next one is free of it");
    assert!(arbiter.grant_next().is_none());
    clock.advance(nanos(4_700));
    assert_eq!(available(&arbiter), 0.0);
}

#[test]
fn the_cost_is_the_weight_unless_it_is_said() {
    let (mut arbiter, _) = limit(Rate::new(1, Duration::from_secs(1)).burst(100));
    let available = |arbiter: &Arbiter<FakeClock>| arbiter.stats().rate.unwrap().available;
    arbiter.enqueue(Lane::Online);
    assert_eq!(available(&arbiter), 99.0);
    arbiter.enqueue(Request::new(Lane::Online).weight(9));
    assert_eq!(available(&arbiter), 90.0);
    arbiter.enqueue(Request::new(Lane::Online).weight(9).cost(0));
    arbiter.enqueue(Request::new(Lane::Online).cost(0).weight(9));
    assert_eq!(available(&arbiter), 90.0);
    arbiter.enqueue(Request::new(Lane::Online).cost(30));
    assert_eq!(available(&arbiter), 60.0);
    arbiter.enqueue_batch(Request::new(Lane::Online).cost(7), 10).unwrap();
    while arbiter.grant_next().is_some() {}
    assert_eq!((available(&arbiter), arbiter.pending(Lane::Online)), (4.0, 2));
}

#[test]
fn it_is_exact_after_centuries_and_at_the_extremes() {
    let year = Duration::from_secs(365 * 86_400);
    let (mut arbiter, clock) = limit(Rate::new(1_000_003, Duration::from_secs(1)).burst(1));
    clock.advance(year * 500);
    calls(&mut arbiter, [1; 100]);
    let first = clock.now() + 1_000;
    assert_eq!(starts(&mut arbiter, &clock, 3), [first, first + 1_000, first + 2_000]);

    let widest = Rate::new(MOST, nanos(u64::MAX)).burst(MOST);
    let (mut arbiter, clock) = limit(widest);
    calls(&mut arbiter, [u32::MAX; 10]);
    assert_eq!(arbiter.active(Lane::Online), 10);
    clock.advance(nanos(u64::MAX));
    calls(&mut arbiter, [u32::MAX; 10]);
    assert_eq!(arbiter.active(Lane::Online), 20);

    let (mut arbiter, clock) = limit(Rate::new(1, nanos(u64::MAX)));
    calls(&mut arbiter, [u32::MAX, 1]);
    assert_eq!(arbiter.wakes_at(), None, "not in the time that can be told");
    clock.advance(nanos(u64::MAX - 1));
    assert_eq!(arbiter.grant_next(), None);
}

#[test]
fn a_long_queue_that_is_gone_leaves_the_costs_of_the_next_as_they_are() {
    let (mut arbiter, clock) = limit(Rate::new(10, nanos(1_000)).burst(4));
    calls(&mut arbiter, [4]);
    for cost in [1, 4, 2] {
        calls(&mut arbiter, [cost; 2_000]);
        let starts = starts(&mut arbiter, &clock, 3);
        let apart = u64::from(cost) * 100;
        assert_eq!([starts[1] - starts[0], starts[2] - starts[1]], [apart, apart]);
        assert_eq!(arbiter.clear(Lane::Online).len(), 1_997);
        assert_eq!(arbiter.grant_next(), None);
    }
}

/// A bucket of tokens: one of them is as many parts as the interval has nanoseconds.
struct Tokens {
    rate: Rate,
    parts: i128,
    at: u64,
}

impl Tokens {
    fn worth(&self, tokens: u64) -> i128 {
        i128::from(tokens) * self.rate.interval.as_nanos() as i128
    }

    fn takes(&mut self, cost: u32, now: u64) -> bool {
        let gained = i128::from(now - self.at) * i128::from(self.rate.limit);
        self.parts = (self.parts + gained).min(self.worth(self.rate.burst));
        self.at = now;
        let may = cost == 0 || self.parts >= self.worth(u64::from(cost).min(self.rate.burst));
        if may {
            self.parts -= self.worth(u64::from(cost));
        }
        may
    }
}

fn rates() -> impl Strategy<Value = Rate> {
    let limits = prop_oneof![1..20u64, 1..2_000_000_000u64];
    let intervals = prop_oneof![1..50u64, 1..2_000u64, Just(1_000_000_000)];
    let bursts = prop_oneof![Just(1), 1..12u64];
    (limits, intervals, bursts)
        .prop_map(|(limit, interval, burst)| Rate::new(limit, nanos(interval)).burst(burst))
}

proptest! {
    #[test]
    fn any_arrivals_start_when_there_are_tokens_and_keep_within_every_window(
        rate in rates(),
        arrivals in prop::collection::vec((0..100u64, 0..15u32), 1..120),
    ) {
        let interval = rate.interval.as_nanos() as u64;
        let (mut arbiter, clock) = limit(rate);
        let mut tokens = Tokens { rate, parts: 0, at: 0 };
        tokens.parts = tokens.worth(rate.burst);
        let mut started: Vec<(u64, u64)> = Vec::new();
        for (gap, cost) in arrivals {
            clock.advance(nanos(gap * interval.div_ceil(40)));
            let granted = arbiter.enqueue(Request::new(Lane::Online).cost(cost));
            if let Enqueued::Queued(_) = granted {
                assert!(!tokens.takes(cost, clock.now()), "it waits for nothing");
                // It has come for a token, and gets it in the first nanosecond there is.
                let wakes_at = arbiter.wakes_at().unwrap();
                clock.advance(nanos(wakes_at - clock.now() - 1));
                assert!(arbiter.grant_next().is_none() && !tokens.takes(cost, clock.now()));
                clock.advance(nanos(1));
                assert!(arbiter.grant_next().is_some());
            }
            assert!(tokens.takes(cost, clock.now()));
            started.push((clock.now(), u64::from(cost)));
        }
        for (index, &(from, _)) in started.iter().enumerate() {
            let within = started[index..].iter().take_while(|&&(at, _)| at - from <= interval);
            let (sum, most) = within.fold((0, 0), |(sum, most), &(_, cost)| (sum + cost, most.max(cost)));
            assert!(sum <= rate.limit + rate.burst.max(most), "{sum} from {from}");
        }
    }
}
