//! What an automatic reserve makes of simulated loads. The figures are the same in every run, so these are bounds on them
//! and not on the machine; `npm run bench:reserve` prints all of them.

mod simulator;

use std::time::Duration;

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{
    Arbiter, Enqueued, Lane, Options, Outcome, Request, Reserve, ReserveReason, Slot, Ticket,
};
use proptest::prelude::*;
use simulator::two_lanes::{Run, Scenario, run, scenarios};

const PROMISE: Reserve = Reserve::Wait(Duration::from_millis(5));
const SEEDS: [u64; 4] = [1, 2, 3, 4];

fn scenario(name: &str) -> Scenario {
    scenarios().into_iter().find(|scenario| scenario.name == name).expect("there is one")
}

/// The smallest reserve that keeps the promise with every seed, and its runs.
fn best_fixed(scenario: &Scenario) -> Option<Vec<Run>> {
    (0..scenario.slots)
        .map(|slots| SEEDS.map(|seed| run(scenario, slots.into(), seed)).to_vec())
        .find(|runs| runs.iter().all(|run| run.wait(0.99) <= 5.0))
}

#[test]
fn where_a_fixed_reserve_keeps_the_promise_the_automatic_one_does_and_costs_no_more() {
    for scenario in scenarios().into_iter().filter(|scenario| scenario.steady) {
        let fixed = best_fixed(&scenario).expect("a fixed reserve can do it");
        for (seed, fixed) in SEEDS.into_iter().zip(fixed) {
            let found = run(&scenario, PROMISE, seed);
            assert!(found.wait(0.99) <= 5.0, "{}: {}", scenario.name, found.wait(0.99));
            let part = found.batch as f64 / fixed.batch as f64;
            assert!(part >= 0.95, "{}: {part}", scenario.name);
        }
    }
}

#[test]
fn a_second_after_a_step_the_promise_is_kept_again() {
    for seed in SEEDS {
        let found = run(&scenario("step"), PROMISE, seed);
        assert!(found.wait(0.99) <= 5.0, "{}", found.wait(0.99));
    }
}

#[test]
fn a_daily_curve_costs_less_than_its_peak() {
    let scenario = scenario("daily curve");
    let fixed = best_fixed(&scenario).expect("a fixed reserve can do it");
    for (seed, fixed) in SEEDS.into_iter().zip(fixed) {
        let found = run(&scenario, PROMISE, seed);
        assert!(found.wait(0.99) <= 5.0, "{}", found.wait(0.99));
        assert!(found.batch > fixed.batch);
    }
}

#[test]
fn nobody_online_costs_nothing() {
    let scenario = scenario("nobody online");
    let found = run(&scenario, Reserve::Auto, 1);
    assert!(found.reserve.iter().all(|&(_, slots)| slots == 0));
    assert_eq!(found.batch, run(&scenario, 0.into(), 1).batch);
}

#[test]
fn by_default_half_of_the_slots_are_left_to_the_batch() {
    let scenario = scenario("bursts of 20");
    let most = |reserve| run(&scenario, reserve, 1).reserve.iter().map(|it| it.1).max().unwrap();
    assert_eq!(most(Reserve::Auto), 8);
    assert!((9..=15).contains(&most(PROMISE)));
}

/// A limit of four slots, and its clock.
fn limit(reserve: Reserve) -> (Arbiter<FakeClock>, FakeClock) {
    let clock = FakeClock::default();
    let options = Options::new(4).reserve(reserve);
    (Arbiter::with_clock(options, clock.clone()).unwrap(), clock)
}

fn grants(arbiter: &mut Arbiter<FakeClock>) -> Vec<Slot> {
    std::iter::from_fn(|| arbiter.grant_next()).map(|(slot, _)| slot).collect()
}

#[test]
fn one_slot_is_kept_from_the_first_online_unit_until_none_has_come_for_a_while() {
    let (mut arbiter, clock) = limit(Reserve::Auto);
    arbiter.enqueue_batch(Lane::Offline, 100).unwrap();
    let running = grants(&mut arbiter);
    assert_eq!(running.len(), 4, "nobody is online");
    assert_eq!(arbiter.stats().reserve.reason, ReserveReason::NoOnlineWork);
    clock.advance(Duration::from_secs(1));
    let Enqueued::Queued(_) = arbiter.enqueue(Lane::Online) else { panic!("all slots are held") };
    assert_eq!(arbiter.reserve(), 1);
    assert!(arbiter.settle(running[0], Outcome::Fulfilled).is_some());
    clock.advance(Duration::from_millis(10));
    assert_eq!(arbiter.settle(running[0], Outcome::Fulfilled), None, "the slot is kept");
    assert_eq!(arbiter.stats().reserve.reason, ReserveReason::OnlineWork);
    for _ in 0..29 {
        clock.advance(Duration::from_secs(1));
        for slot in &running[1..] {
            assert!(arbiter.settle(*slot, Outcome::Fulfilled).is_some());
        }
        assert!(grants(&mut arbiter).is_empty());
    }
    clock.advance(Duration::from_secs(2));
    assert_eq!(grants(&mut arbiter).len(), 1);
    assert_eq!(arbiter.reserve(), 0);
}

#[test]
fn what_is_kept_is_kept_longer_where_offline_units_run_long() {
    let (mut arbiter, clock) = limit(Reserve::Auto);
    arbiter.enqueue_batch(Lane::Offline, 100).unwrap();
    let running = grants(&mut arbiter);
    clock.advance(Duration::from_secs(60));
    for slot in &running {
        assert!(arbiter.settle(*slot, Outcome::Fulfilled).is_some());
    }
    assert!(matches!(arbiter.enqueue(Lane::Online), Enqueued::Queued(_)));
    clock.advance(Duration::from_secs(1));
    assert!(arbiter.settle(running[0], Outcome::Fulfilled).is_some());
    arbiter.settle(running[0], Outcome::Fulfilled);
    clock.advance(Duration::from_secs(45));
    assert!(grants(&mut arbiter).is_empty());
    assert_eq!(arbiter.reserve(), 1);
}

#[test]
fn a_limit_that_is_never_used_offline_measures_nothing() {
    let (mut arbiter, _) = limit(Reserve::Auto);
    arbiter.enqueue(Lane::Online);
    let reserve = arbiter.stats().reserve;
    assert_eq!((reserve.slots, reserve.reason), (0, ReserveReason::NoOfflineWork));
    assert_eq!(reserve.wait, Some(Duration::from_millis(5)));
}

#[test]
fn online_work_from_before_the_first_offline_unit_counts() {
    let (mut arbiter, clock) = limit(Reserve::Auto);
    let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    arbiter.settle(slot, Outcome::Fulfilled);
    clock.advance(Duration::from_secs(1));
    arbiter.enqueue_batch(Lane::Offline, 100).unwrap();
    assert_eq!(grants(&mut arbiter).len(), 3);
}

#[test]
fn a_reserve_that_was_set_stays() {
    let (mut arbiter, _) = limit(2.into());
    arbiter.enqueue_batch(Lane::Offline, 100).unwrap();
    assert_eq!(grants(&mut arbiter).len(), 2);
    let reserve = arbiter.stats().reserve;
    assert_eq!((reserve.slots, reserve.reason, reserve.wait), (2, ReserveReason::Fixed, None));
}

#[derive(Clone, Debug)]
enum Step {
    Arrives(Lane, u32, u32),
    Ends(usize),
    Cancels(usize),
    Concurrency(u64),
    Passes(u64),
}

fn steps() -> impl Strategy<Value = Step> {
    let lane = prop_oneof![Just(Lane::Online), Just(Lane::Offline)];
    prop_oneof![
        4 => (lane, 1..4_u32, 1..4_u32).prop_map(|(lane, weight, units)| Step::Arrives(lane, weight, units)),
        4 => any::<usize>().prop_map(Step::Ends),
        1 => any::<usize>().prop_map(Step::Cancels),
        1 => (3..12_u64).prop_map(Step::Concurrency),
        3 => (1..200_u64).prop_map(Step::Passes),
        1 => (10_000..60_000_u64).prop_map(Step::Passes),
    ]
}

proptest! {
    #[test]
    fn no_use_of_it_breaks_the_limit_or_leaves_work(
        wait in any::<bool>(),
        steps in prop::collection::vec(steps(), 1..200),
    ) {
        let reserve = if wait { PROMISE } else { Reserve::Auto };
        let (mut arbiter, clock) = limit(reserve);
        let (mut running, mut waiting) = (Vec::<Slot>::new(), Vec::new());
        let mut left = 0_u64;
        for step in steps {
            match step {
                Step::Arrives(lane, weight, units) => {
                    let request = Request::new(lane).weight(weight);
                    left += u64::from(units);
                    if units > 1 {
                        waiting.push((arbiter.enqueue_batch(request, units).unwrap(), units));
                    } else {
                        match arbiter.enqueue(request) {
                            Enqueued::Granted(slot) => running.push(slot),
                            Enqueued::Queued(ticket) => waiting.push((ticket, 1)),
                            Enqueued::Refused(refused) => panic!("{refused:?}"),
                        }
                    }
                }
                Step::Ends(which) if !running.is_empty() => {
                    let slot = running.swap_remove(which % running.len());
                    left -= 1;
                    if let Some(ticket) = arbiter.settle(slot, Outcome::Fulfilled) {
                        running.push(slot);
                        took(&mut waiting, ticket);
                    }
                }
                Step::Cancels(which) if !waiting.is_empty() => {
                    let (ticket, units) = waiting.swap_remove(which % waiting.len());
                    prop_assert!(arbiter.cancel(ticket));
                    left -= u64::from(units);
                }
                Step::Concurrency(slots) => arbiter.set_concurrency(slots).unwrap(),
                Step::Passes(millis) => clock.advance(Duration::from_millis(millis)),
                _ => {}
            }
            while let Some((slot, ticket)) = arbiter.grant_next() {
                running.push(slot);
                took(&mut waiting, ticket);
            }
            let (slots, kept) = (arbiter.concurrency(), arbiter.reserve());
            let most = if wait { slots - 1 } else { (slots / 2).max(1) };
            prop_assert!(kept <= most);
            prop_assert_eq!(running.len() as u64 + waiting.iter().map(|it| u64::from(it.1)).sum::<u64>(), left);
        }
        while let Some(slot) = running.pop() {
            clock.advance(Duration::from_millis(10));
            if let Some(ticket) = arbiter.settle(slot, Outcome::Fulfilled) {
                running.push(slot);
                took(&mut waiting, ticket);
            }
            while let Some((slot, ticket)) = arbiter.grant_next() {
                running.push(slot);
                took(&mut waiting, ticket);
            }
        }
        prop_assert!(waiting.is_empty(), "{waiting:?}");
        prop_assert!(arbiter.is_idle());
    }
}

fn took(waiting: &mut Vec<(Ticket, u32)>, ticket: Ticket) {
    let place = waiting.iter().position(|it| it.0 == ticket).expect("it waits");
    waiting[place].1 -= 1;
    if waiting[place].1 == 0 {
        waiting.swap_remove(place);
    }
}
