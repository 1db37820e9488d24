//! The statistics: exact counts, quantiles to within 1 %, and samples that add up.

use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Buckets, Cause, Enqueued, Gate, Lane, LaneStats, Options, Outcome, Quantiles, Slot,
};
use proptest::prelude::*;
use std::collections::HashMap;

struct Timed {
    arbiter: Arbiter<FakeClock>,
    clock: FakeClock,
}

impl Timed {
    fn new(concurrency: u64) -> Self {
        let clock = FakeClock::default();
        let options = Options::new(concurrency).reserve(u64::from(concurrency > 1));
        Self { arbiter: Arbiter::with_clock(options, clock.clone()).unwrap(), clock }
    }

    fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    fn grant(&mut self, lane: Lane) -> Slot {
        match self.arbiter.enqueue(lane) {
            Enqueued::Granted(slot) => slot,
            other => panic!("{other:?}"),
        }
    }

    fn settle(&mut self, slot: Slot) {
        self.arbiter.settle(slot, Outcome::Fulfilled);
    }

    fn drain(&mut self) -> Vec<Slot> {
        std::iter::from_fn(|| self.arbiter.grant_next()).map(|(slot, _)| slot).collect()
    }

    fn of(&self, lane: Lane) -> LaneStats {
        let stats = self.arbiter.stats();
        match lane {
            Lane::Online => stats.online,
            Lane::Offline => stats.offline,
        }
    }
}

fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

fn is_near(measured: f64, exact: Duration) -> bool {
    let exact = exact.as_secs_f64() * 1_000.0;
    // 1 %, and the rounding to a microsecond.
    (measured - exact).abs() <= exact * 0.01 + 0.000_5
}

/// The value of which `quantile` of all values are at most as large.
fn exact(sorted: &[Duration], quantile: f64) -> Duration {
    let rank = (sorted.len() as f64 * quantile).ceil() as usize;
    sorted[rank.max(1) - 1]
}

fn all_near(measured: &Quantiles, mut values: Vec<Duration>) -> bool {
    values.sort();
    measured.count == values.len() as u64
        && is_near(measured.p50, exact(&values, 0.5))
        && is_near(measured.p90, exact(&values, 0.9))
        && is_near(measured.p99, exact(&values, 0.99))
        && is_near(measured.max, exact(&values, 1.0))
}

#[test]
fn nothing_is_all_zero() {
    let stats = Timed::new(3).arbiter.stats();
    assert_eq!(stats.concurrency, 3);
    assert_eq!((stats.online, stats.offline), Default::default());
}

#[test]
fn the_first_event_of_a_limit_does_not_count_as_dense() {
    let mut timed = Timed::new(1);
    for _ in 0..100 {
        let slot = timed.grant(Lane::Online);
        timed.pass(micros(10));
        timed.settle(slot);
        timed.pass(micros(10));
    }
    let online = timed.of(Lane::Online);
    assert_eq!((online.wait.count, online.run.count), (100, 100));
}

#[test]
fn counts_are_per_lane_and_outcome() {
    let mut timed = Timed::new(4);
    let slots = [Lane::Online, Lane::Online, Lane::Offline].map(|lane| timed.grant(lane));
    timed.arbiter.enqueue_batch(Lane::Offline, 9).unwrap();
    timed.arbiter.settle(slots[0], Outcome::Rejected);
    timed.arbiter.settle(slots[1], Outcome::Fulfilled);

    let (online, offline) = (timed.of(Lane::Online), timed.of(Lane::Offline));
    assert_eq!((online.granted, online.settled, online.rejected), (2, 2, 1));
    assert_eq!((online.active, online.pending), (0, 0));
    assert_eq!((offline.granted, offline.settled, offline.rejected), (3, 0, 0));
    assert_eq!((offline.active, offline.pending), (3, 7));
}

#[test]
fn the_units_of_a_batch_wait_from_its_arrival() {
    let mut timed = Timed::new(1);
    timed.arbiter.enqueue_batch(Lane::Offline, 100).unwrap();
    let slot = timed.drain()[0];
    for _ in 1..100 {
        timed.pass(micros(1_000));
        timed.settle(slot);
    }
    let wait = timed.of(Lane::Offline).wait;
    assert!(all_near(&wait, (0..100).map(|unit| micros(unit * 1_000)).collect()), "{wait:?}");
}

#[test]
fn a_dense_batch_is_sampled_and_adds_up() {
    let mut timed = Timed::new(1);
    timed.arbiter.enqueue_batch(Lane::Offline, 100_000).unwrap();
    let slot = timed.drain()[0];
    for _ in 0..100_000 {
        timed.pass(Duration::from_nanos(1_000));
        timed.settle(slot);
    }
    let Quantiles { count, p50, max, .. } = timed.of(Lane::Offline).wait;
    assert_eq!(count, 100_000);
    assert!((49.0..51.0).contains(&p50), "{p50}");
    assert!((99.0..101.0).contains(&max), "{max}");
    assert_eq!(timed.of(Lane::Offline).run.count, 100_000);
}

/// One sampler for both lanes with a fixed stride would time one of them only.
#[test]
fn lanes_that_take_turns_are_both_timed() {
    let mut timed = Timed::new(4);
    for _ in 0..10_000 {
        for lane in Lane::ALL {
            let slot = timed.grant(lane);
            timed.pass(Duration::from_nanos(100));
            timed.settle(slot);
        }
    }
    for lane in Lane::ALL {
        let LaneStats { wait, run, .. } = timed.of(lane);
        assert_eq!(wait.count, 10_000, "{lane}");
        assert_eq!(run.count, 10_000, "{lane}");
    }
}

#[test]
fn calls_and_batch_units_of_one_lane_add_up_together() {
    let mut timed = Timed::new(1);
    for _ in 0..1_000 {
        timed.arbiter.enqueue_batch(Lane::Online, 7).unwrap();
        let slot = timed.drain()[0];
        for _ in 0..3 {
            timed.arbiter.enqueue(Lane::Online);
        }
        while timed.arbiter.active(Lane::Online) > 0 {
            timed.settle(slot);
            let LaneStats { granted, wait, .. } = timed.of(Lane::Online);
            assert!(wait.count <= granted, "nothing is counted before it starts, or twice");
        }
    }
    let LaneStats { granted, wait, run, .. } = timed.of(Lane::Online);
    assert_eq!(granted, 10_000);
    assert_eq!(wait.count, 10_000);
    assert_eq!(run.count, 10_000);
}

#[test]
fn times_are_rounded_to_a_microsecond() {
    let mut timed = Timed::new(1);
    for (nanos, expected) in [(1_499, 0.001), (1_500, 0.002), (99_501, 0.1)] {
        let slot = timed.grant(Lane::Online);
        timed.pass(Duration::from_nanos(nanos));
        timed.settle(slot);
        assert_eq!(timed.of(Lane::Online).run.max, expected);
    }
}

#[test]
fn times_of_any_size_are_kept() {
    let mut timed = Timed::new(1);
    let slot = timed.grant(Lane::Online);
    timed.pass(Duration::from_secs(100 * 365 * 24 * 3_600));
    timed.settle(slot);
    let slot = timed.grant(Lane::Online);
    timed.pass(Duration::MAX);
    timed.settle(slot);
    let run = timed.of(Lane::Online).run;
    assert_eq!(run.count, 2);
    assert!(is_near(run.p50, Duration::from_secs(100 * 365 * 24 * 3_600)), "{run:?}");
}

proptest! {
    /// Waits and runs that come one by one, each far enough from the last to be timed.
    #[test]
    fn sparse_events_are_timed_one_and_all(
        times in prop::collection::vec((0..5_000_000u64, 4..5_000_000u64), 1..100),
    ) {
        let mut timed = Timed::new(1);
        let (mut waits, mut runs) = (Vec::new(), Vec::new());
        for (wait, run) in times {
            // A call that waits behind another one of no interest, which is in the other lane.
            let before = timed.grant(Lane::Offline);
            timed.arbiter.enqueue(Lane::Online);
            timed.pass(micros(wait));
            timed.settle(before);
            timed.pass(micros(run));
            timed.settle(before);
            waits.push(micros(wait));
            runs.push(micros(run));
        }
        let LaneStats { wait, run, .. } = timed.of(Lane::Online);
        prop_assert!(all_near(&wait, waits), "{:?}", wait);
        prop_assert!(all_near(&run, runs), "{:?}", run);
    }

    /// Whatever the rhythm, what is counted is what has happened, within the sampling.
    #[test]
    fn samples_add_up(gaps in prop::collection::vec(prop_oneof![0..100u64, 0..20_000u64], 1..2_000)) {
        let mut timed = Timed::new(1);
        let events = gaps.len() as u64;
        for gap in gaps {
            timed.pass(Duration::from_nanos(gap));
            let slot = timed.grant(Lane::Online);
            timed.settle(slot);
        }
        let LaneStats { granted, wait, run, .. } = timed.of(Lane::Online);
        prop_assert_eq!(granted, events);
        prop_assert_eq!(wait.count, events);
        prop_assert_eq!(run.count, events);
    }
}

#[test]
fn the_oldest_unit_is_of_its_lane_and_still_runs() {
    let mut timed = Timed::new(4);
    let first = timed.grant(Lane::Online);
    timed.pass(micros(50));
    let offline = timed.grant(Lane::Offline);
    timed.pass(micros(30));
    let second = timed.grant(Lane::Online);
    timed.pass(micros(20));
    let oldest =
        |timed: &Timed, lane| timed.of(lane).oldest.map(|oldest| (oldest.slot, oldest.age));
    assert_eq!(oldest(&timed, Lane::Online), Some((first, micros(100))));
    assert_eq!(oldest(&timed, Lane::Offline), Some((offline, micros(50))));
    timed.settle(first);
    assert_eq!(oldest(&timed, Lane::Online), Some((second, micros(20))));
    timed.settle(offline);
    assert_eq!(oldest(&timed, Lane::Offline), None);
}

#[test]
fn a_unit_that_was_not_timed_gets_older_from_one_look_to_the_next() {
    let clock = FakeClock::default();
    let gate = Gate::with_clock(Options::new(2_000), clock.clone()).unwrap();
    drop((0..1_000).map(|_| gate.try_acquire(Lane::Online).unwrap()).collect::<Vec<_>>());
    clock.advance(Duration::from_secs(60));
    let guard = gate.try_acquire(Lane::Online).unwrap();
    let age = || gate.stats().online.oldest.map(|oldest| oldest.age);
    let before = age().unwrap();
    assert!(before.is_zero(), "it is not as old as the burst: {before:?}");
    clock.advance(Duration::from_secs(1));
    assert_eq!(age(), Some(Duration::from_secs(1)));
    drop(guard);
    assert_eq!(age(), None);
}

proptest! {
    /// Bursts and pauses, with units that end in any order: a unit seems older than it is by at most
    /// a millisecond, and in a burst it is told within one.
    #[test]
    fn the_oldest_unit_is_not_made_older(
        steps in prop::collection::vec((0u32..200, prop::sample::select(vec![0u64, 1, 50, 5_000, 2_000_000]), 0usize..100), 1..40),
    ) {
        let mut timed = Timed::new(10_000);
        let mut starts = HashMap::new();
        let mut now = Duration::ZERO;
        for (units, gap, ends) in steps {
            for _ in 0..units {
                starts.insert(timed.grant(Lane::Online), now);
                timed.pass(Duration::from_nanos(100));
                now += Duration::from_nanos(100);
            }
            let ended: Vec<Slot> = starts.keys().copied().take(ends).collect();
            for slot in ended {
                starts.remove(&slot);
                timed.settle(slot);
            }
            timed.pass(micros(gap));
            now += micros(gap);
            match timed.of(Lane::Online).oldest {
                None => prop_assert!(starts.is_empty()),
                Some(oldest) => {
                    let age = now - starts[&oldest.slot];
                    prop_assert!(oldest.age <= age + Duration::from_millis(1), "{oldest:?} {age:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_given_up_is_counted_by_its_cause() {
    let clock = FakeClock::default();
    let options = Options::new(2).reserve(0).max_queue(Lane::Online, 3);
    let mut arbiter = Arbiter::with_clock(options, clock).unwrap();
    let [first, _] = [0, 1].map(|_| arbiter.try_enqueue(Lane::Online).expect("a slot is free"));
    let queue = |arbiter: &mut Arbiter<_>, lane| match arbiter.enqueue(lane) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    };
    let [aborted, late, cancelled] = [0, 1, 2].map(|_| queue(&mut arbiter, Lane::Online));
    assert!(matches!(arbiter.enqueue(Lane::Online), Enqueued::Refused(_)));
    assert!(arbiter.enqueue_batch(Lane::Online, 5).is_err());
    assert!(arbiter.cancel_for(aborted, Cause::Aborted));
    assert!(arbiter.cancel_for(late, Cause::TimedOut));
    assert!(arbiter.cancel(cancelled));
    assert!(!arbiter.cancel_for(cancelled, Cause::Aborted), "it no longer waits");
    queue(&mut arbiter, Lane::Offline);
    arbiter.enqueue_batch(Lane::Offline, 3).unwrap();
    arbiter.clear(Lane::Offline);
    arbiter.given_up(first, Cause::TimedOut);
    arbiter.given_up(first, Cause::Cleared);
    assert!(arbiter.attempt(first));
    arbiter.correct(Lane::Online, -1, 2);

    let stats = arbiter.stats();
    let of = |lane: LaneStats| {
        [lane.refused, lane.cleared, lane.aborted, lane.queue_timeouts, lane.timeouts, lane.retries]
    };
    assert_eq!(of(stats.online), [5, 1, 3, 1, 1, 1]);
    assert_eq!(of(stats.offline), [0, 4, 0, 0, 0, 0]);
    assert_eq!((stats.online.granted, stats.online.settled, stats.online.rejected), (2, 0, 0));
}

#[test]
fn histograms_have_the_durations_in_their_buckets() {
    let mut timed = Timed::new(1);
    for millis in [1, 1, 30] {
        let slot = timed.grant(Lane::Online);
        timed.pass(micros(millis * 1_000));
        timed.settle(slot);
    }
    let [online, offline] = timed.arbiter.histograms();
    assert_eq!((online.wait.count, online.run.count, online.rate_wait.count), (3, 3, 0));
    let filled = |buckets: &Buckets| -> Vec<_> {
        let counts = buckets.counts.iter().copied();
        Buckets::bounds().zip(counts).filter(|&(_, count)| count > 0).collect()
    };
    assert_eq!(filled(&online.wait), [(0.01, 3)]);
    assert_eq!(filled(&online.run), [(1.0, 2), (31.5, 1)]);
    assert!((online.run.sum - 32.0).abs() < 0.32, "{}", online.run.sum);
    assert_eq!(filled(&offline.run), []);
}
