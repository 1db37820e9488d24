//! The rules of an adaptive limit, one by one.

use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, AdaptiveStats, Algorithm, Arbiter, Enqueued, Error, Gate, Lane, Options, Outcome,
    Reason, Refused, Request, Reserve, Slot,
};
use proptest::prelude::*;

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Latency, Algorithm::Gradient, Algorithm::Aimd];

fn millis(millis: f64) -> Duration {
    Duration::from_secs_f64(millis / 1e3)
}

fn refusal(adaptive: Adaptive, reserve: Option<u64>) -> String {
    let mut options = Options::new(1).adaptive(adaptive);
    options.reserve = reserve.map_or(Reserve::Auto, Reserve::Slots);
    Arbiter::new(options).unwrap_err().to_string()
}

/// A limit whose units all take the same time, and of which there are always more.
struct Loaded {
    clock: FakeClock,
    arbiter: Arbiter<FakeClock>,
    running: Vec<Slot>,
}

impl Loaded {
    fn new(adaptive: Adaptive) -> Self {
        let clock = FakeClock::default();
        let options = Options::new(1).adaptive(adaptive);
        let arbiter = Arbiter::with_clock(options, clock.clone()).expect("valid options");
        let mut loaded = Self { clock, arbiter, running: Vec::new() };
        loaded.arbiter.enqueue_batch(Lane::Online, u32::MAX).expect("nothing is full");
        loaded.grant();
        loaded
    }

    fn grant(&mut self) {
        while let Some((slot, _)) = self.arbiter.grant_next() {
            self.running.push(slot);
        }
    }

    /// All that run end, one after the other within this time; others start in their slots.
    fn round(&mut self, latency: f64, outcome: Outcome) {
        let slots = std::mem::take(&mut self.running);
        let gap = millis(latency / slots.len() as f64);
        for slot in slots {
            self.clock.advance(gap);
            if self.arbiter.settle(slot, outcome).is_some() {
                self.running.push(slot);
            }
            self.grant();
        }
    }

    fn rounds(&mut self, rounds: usize, latency: f64) {
        for _ in 0..rounds {
            self.round(latency, Outcome::Fulfilled);
        }
    }

    /// Rounds at a server that serves so many at once in 10 ms, and queues the rest.
    fn at_server(&mut self, rounds: usize, places: f64) {
        for _ in 0..rounds {
            let latency = 10.0 * (self.running.len() as f64 / places).max(1.0);
            self.round(latency, Outcome::Fulfilled);
        }
    }

    fn stats(&self) -> AdaptiveStats {
        self.arbiter.stats().adaptive.expect("it is adaptive")
    }
}

#[test]
fn bounds_leave_a_number() {
    let adaptive = Adaptive::default;
    assert_eq!(
        refusal(adaptive().min(0), None),
        "`concurrency.min` must be from 1 to `concurrency.max` (200), got 0"
    );
    assert_eq!(
        refusal(adaptive().min(9).max(8), None),
        "`concurrency.min` must be from 1 to `concurrency.max` (8), got 9"
    );
    assert_eq!(
        refusal(adaptive().min(5).initial(4), None),
        "`concurrency.initial` must be from `concurrency.min` (5) to `concurrency.max` (200), got 4"
    );
    assert_eq!(
        refusal(adaptive().min(3), Some(3)),
        "`concurrency.min` must be above `reserve` (3), got 3"
    );
    let gate = |adaptive| Gate::new(Options::new(7).adaptive(adaptive)).unwrap().concurrency();
    assert_eq!(gate(adaptive()), 20);
    assert_eq!(gate(adaptive().max(10)), 10);
    assert_eq!(gate(adaptive().min(50)), 50);
    assert_eq!(gate(adaptive().initial(4)), 4);
    assert_eq!(gate(adaptive().min(u64::MAX).max(u64::MAX)), u64::MAX);
}

#[test]
fn a_limit_that_is_not_in_use_does_not_change() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().max(10).initial(10).algorithm(algorithm));
        loaded.rounds(200, 10.0);
        loaded.arbiter.clear(Lane::Online);
        loaded.rounds(1, 10.0);
        let (before, concurrency) = (loaded.stats(), loaded.arbiter.concurrency());
        assert_eq!(before.in_flight, 0);
        for outcome in [Outcome::Fulfilled, Outcome::Rejected] {
            for latency in [1.0, 10.0, 1_000.0].repeat(100) {
                let Enqueued::Granted(slot) = loaded.arbiter.enqueue(Lane::Online) else {
                    panic!("slots are free");
                };
                loaded.clock.advance(millis(latency));
                loaded.arbiter.settle(slot, outcome);
            }
        }
        assert_eq!(loaded.arbiter.concurrency(), concurrency, "{algorithm:?}");
        let after = loaded.stats();
        assert_eq!(after.samples, before.samples, "{algorithm:?}");
        assert_eq!((after.baseline, after.recent), (before.baseline, before.recent));
    }
}

#[test]
fn tasks_below_the_grain_of_the_clock_change_nothing() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().initial(20).algorithm(algorithm));
        loaded.rounds(1_000, 0.000_9);
        assert_eq!(loaded.stats().samples, 0);
        assert_eq!(loaded.stats().reason, Reason::Initial);
        assert_eq!(loaded.arbiter.concurrency(), 20);
    }
}

#[test]
fn failures_are_no_samples() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().algorithm(algorithm));
        loaded.rounds(300, 10.0);
        let (before, concurrency) = (loaded.stats(), loaded.arbiter.concurrency());
        for latency in [0.1, 500.0].repeat(100) {
            loaded.round(latency, Outcome::Rejected);
        }
        assert_eq!(loaded.stats(), before, "{algorithm:?}");
        assert_eq!(loaded.arbiter.concurrency(), concurrency);
    }
}

#[test]
fn a_burst_of_overloads_is_one() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().initial(100).algorithm(algorithm));
        loaded.round(10.0, Outcome::Overloaded);
        assert_eq!(loaded.arbiter.concurrency(), 90, "{algorithm:?}");
        assert_eq!((loaded.stats().reductions, loaded.stats().reason), (1, Reason::Overload));
        loaded.round(10.0, Outcome::Overloaded);
        assert_eq!(loaded.arbiter.concurrency(), 81, "{algorithm:?}");
        assert_eq!(loaded.arbiter.stats().online.rejected, 190);
    }
}

#[test]
fn one_error_is_none() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().initial(20).max(20).algorithm(algorithm));
        for _ in 0..300 {
            loaded.rounds(4, 10.0);
            let slot = loaded.running.remove(0);
            loaded.arbiter.settle(slot, Outcome::Overloaded);
            loaded.running.push(slot);
            loaded.grant();
        }
        let stats = loaded.stats();
        assert_eq!(stats.overloads, 300, "{algorithm:?}");
        assert_ne!(stats.reason, Reason::Overload);
        let ratio = 300.0 / stats.samples as f64;
        assert!((ratio / 2.0..2.0 * ratio).contains(&stats.stray), "{stats:?}");
    }
}

#[test]
fn an_outage_is_answered_within_its_first_round_trip() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().initial(20).max(20).algorithm(algorithm));
        loaded.rounds(300, 10.0);
        let mut limits = vec![loaded.arbiter.concurrency()];
        for _ in 0..4 {
            loaded.round(10.0, Outcome::Overloaded);
            limits.push(loaded.arbiter.concurrency());
        }
        assert!(limits[1] < limits[0] && limits[4] <= limits[0] * 3 / 4, "{limits:?}");
    }
}

#[test]
fn refusals_that_come_at_once_wait_for_a_round_trip() {
    let mut loaded = Loaded::new(Adaptive::default().initial(100).max(100));
    loaded.rounds(50, 10.0);
    let before = loaded.arbiter.concurrency();
    // 20 rounds of a tenth of a millisecond are a fifth of a latency.
    for _ in 0..20 {
        loaded.round(0.1, Outcome::Overloaded);
    }
    assert_eq!(loaded.arbiter.concurrency(), before - before.div_ceil(10));
}

#[test]
fn an_overload_goes_no_lower_than_the_least() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().min(3).algorithm(algorithm));
        for _ in 0..100 {
            loaded.round(10.0, Outcome::Overloaded);
        }
        assert_eq!(loaded.arbiter.concurrency(), 3);
    }
}

#[test]
fn an_overload_holds_the_limit_for_a_while() {
    let mut loaded = Loaded::new(Adaptive::default().initial(10).algorithm(Algorithm::Aimd));
    loaded.round(10.0, Outcome::Overloaded);
    loaded.rounds(90, 10.0);
    assert_eq!(loaded.arbiter.concurrency(), 9);
    assert_eq!(loaded.stats().reason, Reason::AfterOverload);
    loaded.rounds(90, 10.0);
    assert!(loaded.arbiter.concurrency() > 9);
    assert_eq!(loaded.stats().reason, Reason::NoOverload);
}

#[test]
fn an_attempt_that_is_overloaded_reduces_at_once_and_its_unit_runs_on() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().initial(100).algorithm(algorithm));
        loaded.clock.advance(millis(10.0));
        for &slot in &loaded.running {
            loaded.arbiter.attempt_failed(slot, Outcome::Overloaded);
        }
        assert_eq!(loaded.arbiter.concurrency(), 90, "{algorithm:?}");
        assert_eq!((loaded.stats().reductions, loaded.stats().reason), (1, Reason::Overload));
        assert_eq!(loaded.arbiter.active(Lane::Online), 100);
        assert_eq!(loaded.arbiter.stats().online.rejected, 0, "none has ended");
        loaded.round(10.0, Outcome::Fulfilled);
        assert_eq!(loaded.arbiter.concurrency(), 90);
        assert_eq!(loaded.arbiter.stats().online.settled, 100);
    }
}

#[test]
fn an_attempt_is_taken_for_what_began_after_the_one_before_had_failed() {
    let mut loaded = Loaded::new(Adaptive::default().initial(100));
    let (first, second, third) = (loaded.running[0], loaded.running[1], loaded.running[2]);
    let mut fails = |slot, outcome, after| {
        loaded.clock.advance(millis(after));
        loaded.arbiter.attempt_failed(slot, outcome);
        loaded.arbiter.concurrency()
    };
    let enough = |fails: &mut dyn FnMut(Slot, Outcome, f64) -> u64, slot| {
        let found: Vec<u64> = (0..8).map(|_| fails(slot, Outcome::Overloaded, 1.0)).collect();
        assert!(found[..7].iter().all(|it| *it == found[0]), "{found:?}");
        found[7]
    };
    assert_eq!(enough(&mut fails, first), 90);
    assert_eq!(fails(second, Outcome::Overloaded, 1.0), 90, "it had been sent before");
    for _ in 0..6 {
        assert_eq!(fails(first, Outcome::Overloaded, 1.0), 90);
    }
    assert_eq!(fails(second, Outcome::Overloaded, 1.0), 90, "its second was sent by 90");
    assert_eq!(fails(third, Outcome::Rejected, 1.0), 90);
    loaded.clock.advance(millis(1.0));
    loaded.arbiter.settle(third, Outcome::Overloaded);
    assert_eq!(loaded.arbiter.concurrency(), 81, "the last one of a unit counts as others do");
}

#[test]
fn a_unit_that_is_tried_again_has_no_latency() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().algorithm(algorithm));
        loaded.rounds(300, 10.0);
        let (before, concurrency) = (loaded.stats(), loaded.arbiter.concurrency());
        for _ in 0..100 {
            for &slot in &loaded.running {
                loaded.arbiter.attempt_failed(slot, Outcome::Rejected);
            }
            loaded.round(1_000.0, Outcome::Fulfilled);
        }
        assert_eq!(loaded.stats(), before, "{algorithm:?}");
        assert_eq!(loaded.arbiter.concurrency(), concurrency);
        // What starts in their slots has one.
        loaded.rounds(1, 10.0);
        assert!(loaded.stats().samples > before.samples);
    }
}

#[test]
fn a_limit_that_is_not_adaptive_takes_no_notice_of_attempts() {
    let mut plain = Arbiter::new(Options::new(3).reserve(1)).unwrap();
    let slot = plain.try_enqueue(Lane::Online).unwrap();
    plain.attempt_failed(slot, Outcome::Overloaded);
    assert_eq!((plain.concurrency(), plain.active(Lane::Online)), (3, 1));

    let mut loaded = Loaded::new(Adaptive::default().initial(10));
    loaded.arbiter.set_concurrency(7).unwrap();
    loaded.arbiter.attempt_failed(loaded.running[0], Outcome::Overloaded);
    assert_eq!(loaded.arbiter.concurrency(), 7);
    assert_eq!(loaded.stats().reason, Reason::Fixed);
}

#[test]
#[should_panic(expected = "nothing runs in Slot(0)")]
fn nothing_is_tried_again_in_a_slot_that_is_free() {
    let options = Options::new(1).adaptive(Adaptive::default());
    Arbiter::new(options).unwrap().attempt_failed(Slot::from_number(0), Outcome::Rejected);
}

#[test]
fn a_raise_is_granted_after_the_settle() {
    let mut loaded = Loaded::new(Adaptive::default().initial(4).algorithm(Algorithm::Aimd));
    while loaded.arbiter.concurrency() == 4 {
        assert_eq!(loaded.arbiter.active(Lane::Online), 4);
        let slot = loaded.running.remove(0);
        loaded.clock.advance(millis(3.0));
        assert!(loaded.arbiter.settle(slot, Outcome::Fulfilled).is_some());
        loaded.running.push(slot);
    }
    assert!(loaded.arbiter.may_grant());
    assert!(loaded.arbiter.grant_next().is_some());
    assert!(loaded.arbiter.grant_next().is_none());
}

#[test]
fn a_reserve_that_is_found_leaves_one_slot() {
    let mut loaded = Loaded::new(Adaptive::default().initial(2).min(1).algorithm(Algorithm::Aimd));
    let Ok(_) = loaded.arbiter.enqueue_batch(Lane::Offline, 1) else { unreachable!() };
    assert_eq!(loaded.arbiter.reserve(), 1, "there is online work");
    (0..4).for_each(|_| loaded.round(10.0, Outcome::Overloaded));
    assert_eq!((loaded.arbiter.concurrency(), loaded.arbiter.reserve()), (1, 0));
}

#[test]
fn offline_work_alone_is_in_use_where_it_fills_its_part() {
    let clock = FakeClock::default();
    let adaptive = Adaptive::default().min(11).initial(20).algorithm(Algorithm::Aimd);
    let options = Options::new(1).adaptive(adaptive).reserve(10);
    let mut arbiter = Arbiter::with_clock(options, clock.clone()).unwrap();
    arbiter.enqueue_batch(Lane::Offline, u32::MAX).unwrap();
    let running: Vec<_> = std::iter::from_fn(|| arbiter.grant_next()).collect();
    assert_eq!(running.len(), 10);
    for (slot, _) in running.repeat(20) {
        clock.advance(millis(1.0));
        arbiter.settle(slot, Outcome::Fulfilled);
    }
    assert!(arbiter.concurrency() > 20);
}

#[test]
fn heavy_units_fill_a_limit_where_no_other_fits() {
    let clock = FakeClock::default();
    let options =
        Options::new(1).adaptive(Adaptive::default().initial(5).algorithm(Algorithm::Aimd));
    let mut arbiter = Arbiter::with_clock(options, clock.clone()).unwrap();
    arbiter.enqueue_batch(Request::new(Lane::Online).weight(3), u32::MAX).unwrap();
    let (slot, _) = arbiter.grant_next().unwrap();
    assert_eq!(arbiter.grant_next(), None);
    assert_eq!(arbiter.stats().adaptive.unwrap().in_flight, 3);
    for _ in 0..35 {
        clock.advance(millis(10.0));
        arbiter.settle(slot, Outcome::Fulfilled);
    }
    assert_eq!(arbiter.concurrency(), 6);
    assert!(arbiter.grant_next().is_some());
}

#[test]
fn a_unit_may_weigh_what_the_limit_may_grow_to() {
    let adaptive = Adaptive::default().initial(2).max(8);
    let options = Options::new(1).adaptive(adaptive).max_queue(Lane::Online, 0);
    let mut arbiter = Arbiter::with_clock(options, FakeClock::default()).unwrap();
    let heavy = |weight| Request::new(Lane::Online).weight(weight);
    let slot = arbiter.try_enqueue(heavy(8)).expect("it has all slots that there are");
    assert_eq!(arbiter.stats().adaptive.unwrap().in_flight, 2);
    assert_eq!(arbiter.room_at(heavy(8)), None, "it waits for the slots");
    assert_eq!(arbiter.room_at(heavy(9)), Some(0), "it need not wait: it is refused");
    let refused = |most| Enqueued::Refused(Refused::Weight { given: 9, lane: Lane::Online, most });
    assert_eq!(arbiter.enqueue(heavy(9)), refused(8));
    assert!(arbiter.check_weight(Lane::Online, 9).is_err());
    assert_eq!(arbiter.check_weight(Lane::Online, 8), Ok(()), "whatever the concurrency is now");
    (0..7).for_each(|_| arbiter.attempt_failed(slot, Outcome::Overloaded));
    arbiter.settle(slot, Outcome::Overloaded);
    assert_eq!(arbiter.concurrency(), 1);
    let slot = arbiter.try_enqueue(heavy(8)).expect("it runs alone");
    arbiter.settle(slot, Outcome::Fulfilled);
    arbiter.set_concurrency(4).unwrap();
    assert_eq!(arbiter.enqueue(heavy(9)), refused(4), "it grows no more");
}

#[test]
fn a_number_set_by_hand_stays() {
    for algorithm in ALGORITHMS {
        let mut loaded = Loaded::new(Adaptive::default().algorithm(algorithm));
        loaded.rounds(100, 10.0);
        assert!(loaded.arbiter.is_adaptive());
        assert_eq!(loaded.arbiter.set_concurrency(0), Err(Error::Concurrency { given: 0 }));
        assert!(loaded.arbiter.is_adaptive(), "a refused change changes nothing");
        // Its bounds are the controller's, not the user's.
        loaded.arbiter.set_concurrency(500).unwrap();
        loaded.grant();
        let before = loaded.stats();
        assert_eq!(before.reason, Reason::Fixed);
        loaded.rounds(20, 10.0);
        loaded.round(10.0, Outcome::Overloaded);
        assert_eq!(loaded.arbiter.concurrency(), 500);
        assert_eq!(loaded.stats(), before);
        assert!(!loaded.arbiter.is_adaptive());
    }
}

#[test]
fn the_baseline_does_not_drift_within_an_incident_and_is_the_same_after_it() {
    let mut loaded = Loaded::new(Adaptive::default().initial(4));
    loaded.at_server(1_000, 24.0);
    let before = loaded.stats().baseline;
    assert!((9.5..10.5).contains(&before), "{before}");
    for _ in 0..20 {
        loaded.at_server(3_000, 6.0); // more than half a minute each
        let within = loaded.stats().baseline;
        assert!((9.5..11.0).contains(&within), "{within}");
        assert!((6..=12).contains(&loaded.arbiter.concurrency()));
    }
    loaded.at_server(1_000, 24.0);
    let after = loaded.stats().baseline;
    assert!((9.5..10.5).contains(&after), "{after}");
    assert!((22..=40).contains(&loaded.arbiter.concurrency()));
}

#[test]
fn a_baseline_that_was_found_in_an_incident_recovers() {
    let mut loaded = Loaded::new(Adaptive::default().initial(20));
    // It begins in an incident in which everything takes eight times as long, whatever is in flight...
    loaded.rounds(400, 80.0);
    let within = loaded.stats().baseline;
    assert!((76.0..84.0).contains(&within), "{within}");
    // ...and ends in time.
    loaded.at_server(2_000, 24.0);
    let after = loaded.stats().baseline;
    assert!((9.5..10.5).contains(&after), "{after}");
    assert!((22..=40).contains(&loaded.arbiter.concurrency()));
}

#[test]
fn a_gate_is_told_by_its_guards() {
    let gate = Gate::new(Options::new(1).adaptive(Adaptive::default().initial(10))).unwrap();
    for _ in 0..8 {
        assert_eq!(gate.concurrency(), 10);
        gate.try_acquire(Lane::Online).unwrap().settle(Outcome::Overloaded);
    }
    assert_eq!(gate.concurrency(), 9);
    assert_eq!((gate.stats().online.rejected, gate.stats().adaptive.unwrap().overloads), (8, 8));
    std::thread::sleep(Duration::from_millis(1));
    let guard = gate.try_acquire(Lane::Online).unwrap();
    for _ in 0..8 {
        assert_eq!(gate.concurrency(), 9);
        std::thread::sleep(Duration::from_millis(1));
        guard.attempt_failed(Outcome::Overloaded);
    }
    assert_eq!((gate.concurrency(), gate.active(Lane::Online)), (8, 1));
    gate.set_concurrency(4).unwrap();
    assert_eq!(gate.stats().adaptive.unwrap().reason, Reason::Fixed);
    assert_eq!(Gate::new(Options::new(4)).unwrap().stats().adaptive, None);
}

#[test]
fn a_gate_gives_out_the_slots_of_a_raise() {
    let clock = FakeClock::default();
    let adaptive = Adaptive::default().initial(1).algorithm(Algorithm::Aimd);
    let gate = Gate::with_clock(Options::new(1).adaptive(adaptive), clock.clone()).unwrap();
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(gate.acquire(Lane::Online))).collect();
    let poll = |future: &mut std::pin::Pin<Box<p_lanes::limiter::Acquire<FakeClock>>>| {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        future.as_mut().poll(&mut context)
    };
    let mut guards: Vec<_> = waiting.iter_mut().map(poll).collect();
    waiting.truncate(100);
    let mut next = 0;
    while gate.concurrency() == 1 {
        clock.advance(millis(10.0));
        assert_eq!(gate.active(Lane::Online), 1);
        let ready = std::mem::replace(&mut guards[next], std::task::Poll::Pending);
        drop(ready);
        next += 1;
        guards[next] = poll(&mut waiting[next]);
    }
    assert_eq!(gate.active(Lane::Online), 2);
    // What is dropped without having been looked at is no success.
    drop(guards);
    drop(waiting);
    assert_eq!(gate.stats().online.active, 0);
}

#[test]
fn reasons_have_names() {
    assert_eq!(Reason::default().to_string(), "initial");
    assert_eq!(Reason::QueueAboveTarget.as_str(), "queue above target");
    assert_eq!(Reason::NotInUse.as_str(), "not in use");
    assert_eq!(Reason::Fixed.as_str(), "fixed by hand");
}

/// Times from below the clock's grain to hours.
fn durations() -> impl Strategy<Value = u64> {
    prop_oneof![0..2_000_u64, 0..100_000_000_u64, 0..100_000_000_000_000_u64]
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Fulfilled),
        1 => Just(Outcome::Rejected),
        1 => Just(Outcome::Overloaded)
    ]
}

proptest! {
    #[test]
    fn the_limit_stays_within_its_bounds(
        algorithm in prop::sample::select(ALGORITHMS.to_vec()),
        (min, over, first) in (1..20_u64, 0..40_u64, 0.0..1.0),
        steps in prop::collection::vec((durations(), outcomes(), 0..3_u32, 1..64_usize), 1..60),
    ) {
        let max = min + over;
        let initial = min + (over as f64 * first) as u64;
        let adaptive = Adaptive::default().min(min).max(max).initial(initial).algorithm(algorithm);
        let mut loaded = Loaded::new(adaptive);
        for (nanos, outcome, retries, times) in steps {
            for _ in 0..times {
                let slot = loaded.running.remove(0);
                for _ in 0..retries {
                    loaded.clock.advance(Duration::from_nanos(nanos / 8));
                    loaded.arbiter.attempt_failed(slot, outcome);
                    prop_assert!(!loaded.arbiter.may_grant(), "nobody has room by it");
                }
                loaded.clock.advance(Duration::from_nanos(nanos / 8));
                if loaded.arbiter.settle(slot, outcome).is_some() {
                    loaded.running.push(slot);
                }
                loaded.grant();
                let concurrency = loaded.arbiter.concurrency();
                prop_assert!((min..=max).contains(&concurrency), "{}", concurrency);
            }
            let stats = loaded.stats();
            let figures = [stats.baseline, stats.recent, stats.queue];
            prop_assert!(figures.iter().all(|it| it.is_finite() && *it >= 0.0), "{:?}", stats);
        }
    }
}
