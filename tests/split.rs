//! Units that are split: no slot is lost, won, or free in between.

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Adaptive, Arbiter, Enqueued, Gate, Lane, NotAcquired, Options, Outcome, Rate, Refused, Request,
    Slot,
};
use proptest::prelude::*;
use std::time::Duration;

const SLOTS: u32 = 12;

#[derive(Clone, Copy, Debug)]
enum Step {
    Enter { lane: Lane, weight: u32 },
    Split { unit: usize, weight: u32 },
    Settle { unit: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lane = prop::sample::select(&Lane::ALL[..]);
    let step = prop_oneof![
        (lane, 1..6_u32).prop_map(|(lane, weight)| Step::Enter { lane, weight }),
        (any::<usize>(), 0..6_u32).prop_map(|(unit, weight)| Step::Split { unit, weight }),
        any::<usize>().prop_map(|unit| Step::Settle { unit }),
    ];
    prop::collection::vec(step, 0..200)
}

fn limits() -> impl Strategy<Value = Options> {
    let plain = Options::new(SLOTS.into()).reserve(2);
    let found = Options::new(SLOTS.into());
    let rated = plain.clone().rate(Rate::new(1_000, Duration::from_secs(1)).burst(10_000));
    let slots = u64::from(SLOTS);
    let adaptive = plain.clone().adaptive(Adaptive::default().min(slots).max(slots).initial(slots));
    prop::sample::select(vec![plain, found, rated, adaptive])
}

struct Unit {
    slot: Slot,
    lane: Lane,
    weight: u32,
}

proptest! {
    #[test]
    fn slots_are_the_same_before_and_after(options in limits(), steps in steps()) {
        let mut arbiter = Arbiter::with_clock(options, FakeClock::default()).unwrap();
        let mut units: Vec<Unit> = Vec::new();
        for step in steps {
            match step {
                Step::Enter { lane, weight } => {
                    let request = Request::new(lane).weight(weight);
                    if let Some(slot) = arbiter.try_enqueue(request) {
                        units.push(Unit { slot, lane, weight });
                    }
                }
                Step::Split { unit, weight } if !units.is_empty() => {
                    let unit = unit % units.len();
                    let Unit { slot, lane, weight: whole } = units[unit];
                    let other = arbiter.split(slot, weight);
                    prop_assert_eq!(other.is_some(), weight > 0 && weight < whole);
                    if let Some(slot) = other {
                        prop_assert!(units.iter().all(|unit| unit.slot != slot));
                        units[unit].weight -= weight;
                        units.push(Unit { slot, lane, weight });
                    }
                }
                Step::Settle { unit } if !units.is_empty() => {
                    let Unit { slot, .. } = units.swap_remove(unit % units.len());
                    prop_assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
                }
                Step::Split { .. } | Step::Settle { .. } => {}
            }
            let held: u32 = units.iter().map(|unit| unit.weight).sum();
            for unit in &units {
                prop_assert_eq!(arbiter.weight_of(unit.slot), unit.weight);
            }
            // A heavier unit than the free slots does not fit, and one that takes them all does.
            let free = SLOTS - held;
            prop_assert!(
                arbiter.try_enqueue(Request::new(Lane::Online).weight(free + 1).cost(0)).is_none()
            );
            if free > 0 {
                let all = Request::new(Lane::Online).weight(free).cost(0);
                let slot = arbiter.try_enqueue(all).expect("the free slots are free");
                arbiter.settle(slot, Outcome::Fulfilled);
            }
            for lane in Lane::ALL {
                let of_lane = units.iter().filter(|unit| unit.lane == lane).count() as u64;
                prop_assert_eq!(arbiter.active(lane), of_lane);
                let stats = arbiter.stats();
                let stats = if lane == Lane::Online { stats.online } else { stats.offline };
                prop_assert_eq!(stats.granted, stats.settled + of_lane);
            }
        }
    }
}

#[test]
fn each_part_makes_room_when_it_ends() {
    let gate = Gate::new(Options::new(3).reserve(0)).unwrap();
    let mut guard = gate.try_acquire_many(Lane::Offline, 3).unwrap();
    let waits = [(); 3].map(|()| gate.acquire(Lane::Online).enqueue());
    let one = guard.split(1).unwrap();
    assert_eq!(gate.active(Lane::Online), 0, "no slot was free in between");
    drop(one);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 2));
    drop(guard);
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (3, 0));
    drop(waits);
    assert_eq!(gate.try_acquire_many(Lane::Online, 3).unwrap().split_all().len(), 3);
}

#[test]
fn all_slots_are_taken_or_none() {
    let gate = Gate::new(Options::new(4).reserve(0)).unwrap();
    let one = gate.try_acquire(Lane::Online).unwrap();
    assert!(gate.try_acquire_many(Lane::Online, 4).is_none());
    let first = gate.acquire_many(Lane::Online, 4).enqueue();
    let second = gate.acquire_many(Lane::Online, 4).enqueue();
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 2));
    drop(one);
    drop(pollster::block_on(first).unwrap());
    drop(pollster::block_on(second).unwrap());
    let refused = pollster::block_on(gate.acquire_many(Lane::Online, 5)).unwrap_err();
    let weight = Refused::Weight { given: 5, lane: Lane::Online, most: 4 };
    assert_eq!(refused, NotAcquired::Refused(weight));
}

#[test]
fn a_unit_whose_slots_are_lent_or_asked_for_stays_whole() {
    let heavy = Request::new(Lane::Online).weight(2);
    for inner in [Request::inside, Request::borrowing] {
        let mut arbiter = Arbiter::new(Options::new(3).reserve(0)).unwrap();
        let outer = arbiter.try_enqueue(heavy).unwrap();
        let other = arbiter.try_enqueue(Lane::Online).unwrap();
        let request = inner(Request::new(Lane::Online), outer);
        let slots: Vec<_> = match arbiter.enqueue(request) {
            Enqueued::Granted(slot) => vec![slot],
            Enqueued::Queued(_) => vec![],
            Enqueued::Refused(refused) => panic!("{refused}"),
        };
        assert_eq!(arbiter.split(outer, 1), None);
        for slot in slots.into_iter().chain([outer, other]) {
            arbiter.settle(slot, Outcome::Fulfilled);
        }
    }
}

#[test]
fn a_batch_costs_as_much_as_its_units() {
    let clock = FakeClock::default();
    let rate = Rate::new(1, Duration::from_secs(1)).burst(10);
    let gate = Gate::with_clock(Options::new(20).rate(rate), clock).unwrap();
    let guard = gate.try_acquire_many(Request::new(Lane::Online).cost(2), 4).unwrap();
    assert_eq!(gate.stats().rate.unwrap().available, 2.0);
    drop(guard.split_all());
    assert_eq!(gate.stats().rate.unwrap().available, 2.0);
}
