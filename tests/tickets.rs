//! Tickets and slots are small numbers that are used again, and never two things' at once.

use std::collections::HashSet;

use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome, Slot, Ticket};

fn arbiter(concurrency: u64) -> Arbiter {
    Arbiter::new(Options::new(concurrency).reserve(u64::from(concurrency > 1))).unwrap()
}

fn granted(arbiter: &mut Arbiter, lane: Lane) -> Slot {
    match arbiter.enqueue(lane) {
        Enqueued::Granted(slot) => slot,
        other => panic!("{other:?}"),
    }
}

fn queued(arbiter: &mut Arbiter, lane: Lane) -> Ticket {
    match arbiter.enqueue(lane) {
        Enqueued::Queued(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers_are_dense() {
    let mut arbiter = arbiter(3);
    let slots: Vec<_> = (0..3).map(|_| granted(&mut arbiter, Lane::Online).number()).collect();
    let tickets: Vec<_> = (0..3).map(|_| queued(&mut arbiter, Lane::Offline).number()).collect();
    assert_eq!((slots, tickets), (vec![0, 1, 2], vec![0, 1, 2]));
    assert_eq!(Slot::from_number(2).number(), 2);
    assert_eq!(Ticket::from_number(2).number(), 2);
}

#[test]
fn numbers_stay_small_however_many_calls_go_by() {
    let mut arbiter = arbiter(2);
    let slot = granted(&mut arbiter, Lane::Online);
    let other = granted(&mut arbiter, Lane::Online);
    for _ in 0..10_000 {
        let ticket = queued(&mut arbiter, Lane::Online);
        assert_eq!(ticket.number(), 0);
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(ticket));
    }
    assert_eq!(arbiter.settle(other, Outcome::Fulfilled), None);
    assert_eq!(granted(&mut arbiter, Lane::Online), other);
}

#[test]
fn a_slot_keeps_its_number_when_it_is_handed_over() {
    let mut arbiter = arbiter(1);
    let slot = granted(&mut arbiter, Lane::Online);
    let ticket = queued(&mut arbiter, Lane::Online);
    assert_eq!(arbiter.settle(slot, Outcome::Rejected), Some(ticket));
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
}

#[test]
fn a_long_queue_leaves_no_trace() {
    let mut arbiter = arbiter(1);
    let slot = granted(&mut arbiter, Lane::Online);
    for round in 0..3 {
        let tickets: HashSet<_> = (0..5_000).map(|_| queued(&mut arbiter, Lane::Offline)).collect();
        assert_eq!(tickets.len(), 5_000, "all differ in round {round}");
        assert_eq!(tickets.iter().map(|ticket| ticket.number()).max(), Some(4_999));
        assert_eq!(arbiter.clear(Lane::Offline).len(), 5_000);
    }
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
}

#[test]
fn many_slots_leave_no_trace() {
    let mut arbiter = arbiter(5_000);
    for _ in 0..3 {
        let slots: HashSet<_> = (0..5_000).map(|_| granted(&mut arbiter, Lane::Online)).collect();
        assert_eq!(slots.len(), 5_000);
        for slot in slots {
            assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
        }
    }
}

#[test]
fn cancelling_works_at_the_head_in_the_middle_and_at_the_tail() {
    let mut arbiter = arbiter(1);
    let slot = granted(&mut arbiter, Lane::Online);
    let tickets: Vec<_> = (0..5).map(|_| queued(&mut arbiter, Lane::Online)).collect();
    for index in [0, 2, 4] {
        assert!(arbiter.cancel(tickets[index]));
        assert!(!arbiter.cancel(tickets[index]));
    }
    let last = queued(&mut arbiter, Lane::Online);
    for expected in [tickets[1], tickets[3], last] {
        assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(expected));
    }
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
}

#[test]
fn cancelling_a_batch_drops_the_units_it_had_left() {
    let mut arbiter = arbiter(3);
    let batch = arbiter.enqueue_batch(Lane::Online, 5).unwrap();
    let call = queued(&mut arbiter, Lane::Online);
    let slots: Vec<_> = std::iter::from_fn(|| arbiter.grant_next()).collect();
    assert!(slots.iter().all(|(_, ticket)| *ticket == batch));
    assert_eq!((slots.len(), arbiter.pending(Lane::Online)), (3, 3));

    assert!(arbiter.cancel(batch));
    assert_eq!(arbiter.pending(Lane::Online), 1);
    assert_eq!(arbiter.settle(slots[0].0, Outcome::Fulfilled), Some(call));
    assert_eq!(arbiter.settle(slots[1].0, Outcome::Fulfilled), None);
}

#[test]
fn clearing_gives_tickets_in_order_and_leaves_the_other_lane() {
    let mut arbiter = arbiter(1);
    let slot = granted(&mut arbiter, Lane::Online);
    let first = queued(&mut arbiter, Lane::Offline);
    let request = queued(&mut arbiter, Lane::Online);
    let batch = arbiter.enqueue_batch(Lane::Offline, u32::MAX).unwrap();
    let last = queued(&mut arbiter, Lane::Offline);
    assert_eq!(arbiter.clear(Lane::Offline), [first, batch, last]);
    assert_eq!(arbiter.clear(Lane::Offline), []);
    assert_eq!(arbiter.pending(Lane::Offline), 0);
    assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(request));
}

#[test]
fn pending_units_add_up_beyond_32_bits() {
    let mut arbiter = arbiter(2);
    for _ in 0..3 {
        arbiter.enqueue_batch(Lane::Offline, u32::MAX).unwrap();
    }
    assert_eq!(arbiter.pending(Lane::Offline), 3 * u64::from(u32::MAX));
}

#[test]
#[should_panic(expected = "a batch has at least one unit")]
fn a_batch_of_none_panics() {
    arbiter(1).enqueue_batch(Lane::Online, 0).unwrap();
}

#[test]
#[should_panic(expected = "nothing runs in Slot(0)")]
fn settling_twice_panics() {
    let mut arbiter = arbiter(1);
    let slot = granted(&mut arbiter, Lane::Online);
    arbiter.settle(slot, Outcome::Fulfilled);
    arbiter.settle(slot, Outcome::Fulfilled);
}
