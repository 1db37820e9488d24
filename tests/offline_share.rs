//! `offlineShare`: how the grants are shared out while both lanes always have work waiting.

use p_lanes::clock::FakeClock;
use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome, Slot};
use proptest::prelude::*;

/// A limit of one slot under a flood of both lanes.
struct Flood {
    arbiter: Arbiter<FakeClock>,
    slot: Slot,
}

impl Flood {
    fn new(share: f64) -> Self {
        let options = Options::new(1).offline_share(share);
        let mut arbiter = Arbiter::with_clock(options, FakeClock::default()).unwrap();
        let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { unreachable!() };
        Self { arbiter, slot }
    }

    fn next(&mut self) -> Lane {
        for lane in Lane::ALL {
            while self.arbiter.pending(lane) < 2 {
                self.arbiter.enqueue(lane);
            }
        }
        self.arbiter.settle(self.slot, Outcome::Fulfilled).expect("both lanes wait");
        if self.arbiter.active(Lane::Online) == 1 { Lane::Online } else { Lane::Offline }
    }

    fn take(&mut self, grants: usize) -> Vec<Lane> {
        (0..grants).map(|_| self.next()).collect()
    }
}

fn offline(grants: &[Lane]) -> usize {
    grants.iter().filter(|lane| **lane == Lane::Offline).count()
}

#[test]
fn by_default_every_sixteenth_grant_is_offline() {
    let options = Options::new(1);
    let mut flood = Flood::new(options.offline_share);
    for _ in 0..100 {
        assert_eq!(offline(&flood.take(16)), 1);
    }
}

#[test]
fn a_share_of_0_is_strict_priority_for_online() {
    assert_eq!(offline(&Flood::new(0.0).take(10_000)), 0);
}

#[test]
fn a_share_of_1_is_strict_priority_for_offline() {
    assert_eq!(offline(&Flood::new(1.0).take(10_000)), 10_000);
}

#[test]
fn the_smallest_share_above_0_is_no_panic() {
    assert_eq!(offline(&Flood::new(f64::MIN_POSITIVE).take(1_000)), 0);
}

#[test]
fn offline_work_does_not_save_up_while_it_may_not_run() {
    let options = Options::new(2).reserve(1).offline_share(0.5);
    let mut arbiter = Arbiter::with_clock(options, FakeClock::default()).unwrap();
    let Enqueued::Granted(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
    let Enqueued::Granted(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    arbiter.enqueue_batch(Lane::Offline, 1_000).unwrap();
    let request_wait = |arbiter: &mut Arbiter<_>| {
        arbiter.enqueue(Lane::Online);
        arbiter.enqueue(Lane::Online);
    };
    for _ in 0..100 {
        request_wait(&mut arbiter);
        arbiter.settle(request, Outcome::Fulfilled);
    }
    assert_eq!(arbiter.active(Lane::Offline), 1, "the reserve holds, however much is due");

    // Its one slot ends a hundred grants later: one grant is due at once, and every second one then.
    let mut to_offline = Vec::new();
    for _ in 0..6 {
        request_wait(&mut arbiter);
        arbiter.settle(batch, Outcome::Fulfilled);
        to_offline.push(arbiter.active(Lane::Offline) == 1);
    }
    assert_eq!(to_offline, [true, true, false, true, false, true]);
}

#[test]
fn a_share_is_not_saved_up_while_nothing_waits() {
    let mut flood = Flood::new(0.5);
    for _ in 0..100 {
        flood.arbiter.enqueue(Lane::Online);
        flood.arbiter.settle(flood.slot, Outcome::Fulfilled);
    }
    assert_eq!(flood.next(), Lane::Online);
    assert_eq!(flood.next(), Lane::Offline);
}

#[test]
fn a_share_is_not_carried_over_a_time_when_nothing_waits() {
    let options = Options::new(2).reserve(1).offline_share(0.5);
    let mut arbiter = Arbiter::with_clock(options, FakeClock::default()).unwrap();
    let Enqueued::Granted(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
    let Enqueued::Granted(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    arbiter.enqueue(Lane::Offline);
    for _ in 0..10 {
        arbiter.enqueue(Lane::Online);
        arbiter.settle(request, Outcome::Fulfilled);
    }
    // A grant and a half is due to offline work. It takes the one, and then it wants no more.
    arbiter.settle(batch, Outcome::Fulfilled);
    assert_eq!((arbiter.active(Lane::Offline), arbiter.pending(Lane::Offline)), (1, 0));

    arbiter.enqueue(Lane::Offline);
    arbiter.enqueue(Lane::Online);
    arbiter.settle(batch, Outcome::Fulfilled);
    assert_eq!((arbiter.active(Lane::Offline), arbiter.pending(Lane::Offline)), (0, 1));
}

#[test]
fn clearing_offline_forgets_what_was_due_to_it() {
    let mut flood = Flood::new(0.5);
    assert_eq!(flood.next(), Lane::Online);
    flood.arbiter.clear(Lane::Offline);
    assert_eq!(flood.next(), Lane::Online);
    assert_eq!(flood.next(), Lane::Offline);
}

proptest! {
    #[test]
    fn every_run_of_grants_has_its_share_and_hardly_more(share in 0.0..=1.0) {
        let grants = Flood::new(share).take(200);
        let offline_before: Vec<_> = (0..=grants.len()).map(|to| offline(&grants[..to])).collect();
        for from in 0..grants.len() {
            for to in from + 1..=grants.len() {
                let n = (to - from) as f64;
                let offline = (offline_before[to] - offline_before[from]) as f64;
                prop_assert!(offline >= (n * share).floor());
                prop_assert!(offline <= n * share + 1.000_001);
            }
        }
    }
}
