//! The hot calls: those that every task makes. They pass their numbers in memory.
//!
//! With Node-API, every argument or result that crosses as a JavaScript value costs about half a
//! crossing again, and every task makes two calls. So these calls take nothing and return nothing.
//! JavaScript writes the arguments to the *wire*, memory whose address Rust knows, and reads the
//! answer from there.
//!
//! | call | `ints` before | `ints` after |
//! |---|---|---|
//! | `enqueue` | gate, lane | the slot if granted at once, the complement of the ticket (negative) if queued; what to do [next](follow_up): bit 0 if `next` must be called for other tickets, bit 1 if messages will come, bit 2 if there are messages |
//! | `enterLine` | gate | as `enqueue`; in `ints[2]`, if it is queued, 1 if the ticket is that of the gate's line |
//! | `enqueueRequest` | gate, lane, priority, weight, cost ([`WEIGHT`] is the weight), the slot in which it is made or [`NOBODY`]; in `ints[7]`, bit 0 if that slot is lent to it, and bit 1 if it is of a flow: then in `reals` the flow's number, a whole one below 2^53, and its share; if the cost is [`BY_QUOTA`], from `ints[8]` on the cost of each quota, or [`WEIGHT`]; in `ints[7]`, bit 2 if it enters only if it gets a slot at once | the same; with bit 2 the slot, or [`NOBODY`] |
//! | `enqueueBatch` | as before, and units | the batch's ticket |
//! | `roomIn` | as `enqueueRequest` | `reals`: in how many milliseconds a call would start at once, or could wait in its lane, if nothing else happens |
//! | `fulfil`, `reject`, `overload` | gate, slot | the ticket to start in that slot, or [`NOBODY`], or [`IDLE`]; what to do next, as above |
//! | `next` | gate | the ticket to start, or [`ATTEMPT`], and the slot; or [`DROPPED_SOME`], if `takeDropped` must be called; or [`NOBODY`], and 1 if time alone may let a ticket start, else 0 |
//! | `gateWithMessages` | | a shared gate that has got messages, which must be taken until there is none, or [`NOBODY`] |
//! | `takeMessage` | gate | the kind of the oldest message: 0 granted, 1 dropped, 2 changed, 3 closed, 4 attempt, 5 displaced, or [`NOBODY`] if there is none; the ticket, or without a message 1 if messages will come; the slot, or the lane of a displaced ticket |
//! | `expectsMessages` | gate | unchanged; 1 if messages will come |
//! | `active`, `pending` | gate, lane | a count, at most 2^31 - 1 |
//! | `createGate` | `reals`: concurrency, reserve, offline share, the most that may wait online and offline, what happens to more calls (`overflow_of`); NaN is the default | the gate |
//! | `dropGate` | gate | |
//! | `concurrency` | gate | `reals`: the concurrency |
//! | `setConcurrency` | gate; `reals`: the concurrency | |

use super::errors::Thrown;
use super::gate::Next;
use super::gates::Gates;
use super::wire::{
    count, flow_of, given, lane, overflow_of, real, request_of, reserve_of, slot, whole,
};
use crate::limiter::{
    Costs, DEFAULT_OFFLINE_SHARE, Entered, Lane, MOST_QUOTAS, Message, Options, Outcome, Request,
    Reserve, Settled, TryEntered, UNLIMITED,
};

/// In place of a ticket: none.
const NOBODY: i32 = -1;
/// In place of a ticket: none, and nothing runs either.
const IDLE: i32 = -2;
/// In place of a ticket: the unit in the slot makes its next attempt.
const ATTEMPT: i32 = -3;
/// In place of a ticket: tickets have left a full lane.
const DROPPED_SOME: i32 = -4;

/// In place of a cost: the weight.
const WEIGHT: i32 = -1;
/// In place of a cost: there is one for each quota.
const BY_QUOTA: i32 = -2;
/// Where the costs of the quotas begin.
const COSTS: usize = 8;

/// Bits of a request.
const LENDS: i32 = 1;
const OF_FLOW: i32 = 2;
const TRY: i32 = 4;

/// The kinds of messages.
const GRANTED: i32 = 0;
const DROPPED: i32 = 1;
const CHANGED: i32 = 2;
const CLOSED: i32 = 3;
/// No ticket; the slot.
const ATTEMPT_STARTS: i32 = 4;
/// The ticket, and its lane in place of the slot.
const DISPLACED: i32 = 5;

pub(crate) const INTS: usize = COSTS + MOST_QUOTAS;
pub(crate) const REALS: usize = 6;

/// The memory in which JavaScript and Rust pass numbers.
#[repr(C)]
pub(crate) struct Wire {
    pub(crate) ints: [i32; INTS],
    pub(crate) reals: [f64; REALS],
}

pub(crate) type Answered = Result<(), Thrown>;

fn request(Wire { ints, reals }: &Wire) -> Request {
    let [_, of_lane, priority, weight, cost, outer, _, bits, ..] = *ints;
    let mut request = request_of(of_lane, priority, weight, cost);
    if cost == BY_QUOTA {
        let given = ints[COSTS..].iter().enumerate().filter(|&(_, &cost)| cost != WEIGHT);
        let mut costs = Costs::default();
        given.for_each(|(place, &cost)| costs.set(place, cost as u32));
        request = request.costs(costs);
    }
    if bits & OF_FLOW != 0 {
        request = request.flow(flow_of(reals[0], reals[1]));
    }
    match (outer >= 0, bits & LENDS != 0) {
        (false, _) => request,
        (true, false) => request.inside(slot(outer)),
        (true, true) => request.borrowing(slot(outer)),
    }
}

/// What the shim must do after a call.
fn follow_up(more: bool, expects_messages: bool, has_messages: bool) -> i32 {
    i32::from(more) | i32::from(expects_messages) << 1 | i32::from(has_messages) << 2
}

fn answer(ints: &mut [i32; INTS], entered: Entered) {
    let Entered { place, more, expects_messages, has_messages } = entered;
    ints[0] = match place {
        Ok(slot) => slot.number() as i32,
        Err(ticket) => !(ticket as i32),
    };
    ints[1] = follow_up(more, expects_messages, has_messages);
}

pub(crate) fn enter_line(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let (entered, in_line) = gates.with_lease(ints[0], |gate| gate.enter_line())?;
    answer(ints, entered);
    ints[2] = i32::from(in_line);
    Ok(())
}

pub(crate) fn enqueue(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let request = lane(ints[1]).into();
    answer(ints, gates.with_lease(ints[0], |gate| gate.enter(request))?);
    Ok(())
}

pub(crate) fn enqueue_request(gates: &Gates, wire: &mut Wire) -> Answered {
    let request = request(wire);
    let ints = &mut wire.ints;
    if ints[7] & TRY != 0 {
        let TryEntered { slot, more, has_messages } =
            gates.with(ints[0], |gate| gate.try_enter(request))?;
        ints[0] = slot.map_or(NOBODY, |slot| slot.number() as i32);
        ints[1] = follow_up(more, false, has_messages);
        return Ok(());
    }
    answer(ints, gates.with(ints[0], |gate| gate.enter(request))?);
    Ok(())
}

pub(crate) fn enqueue_batch(gates: &Gates, wire: &mut Wire) -> Answered {
    let request = request(wire);
    let ints = &mut wire.ints;
    let units = ints[6] as u32;
    let batch = gates.with(ints[0], |gate| gate.enter_batch(request, units));
    ints[0] = batch? as i32;
    Ok(())
}

pub(crate) fn room_in(gates: &Gates, wire: &mut Wire) -> Answered {
    let request = request(wire);
    let room_in = gates.with(wire.ints[0], |gate| gate.room_in(request));
    wire.reals[0] = room_in.unwrap_or(f64::INFINITY);
    Ok(())
}

fn settle(gates: &Gates, ints: &mut [i32; INTS], outcome: Outcome) {
    let settled = gates.with_lease(ints[0], |gate| gate.settle(slot(ints[1]), outcome));
    let Settled { next, is_idle, more, expects_messages, has_messages } = settled;
    ints[0] = match next {
        Some(ticket) => ticket as i32,
        None if is_idle => IDLE,
        None => NOBODY,
    };
    ints[1] = follow_up(more, expects_messages, has_messages);
}

pub(crate) fn fulfil(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Fulfilled);
    Ok(())
}

pub(crate) fn reject(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Rejected);
    Ok(())
}

pub(crate) fn overload(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Overloaded);
    Ok(())
}

pub(crate) fn next(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    (ints[0], ints[1]) = gates.with(ints[0], |gate| match gate.next() {
        Some(Next::Ticket(slot, ticket)) => (ticket as i32, slot.number() as i32),
        Some(Next::Attempt(slot)) => (ATTEMPT, slot.number() as i32),
        Some(Next::Dropped) => (DROPPED_SOME, 0),
        None => (NOBODY, i32::from(gate.is_timed())),
    });
    Ok(())
}

#[cfg(not(target_family = "wasm"))]
pub(crate) fn gate_with_messages(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = gates.ready_gates.take().unwrap_or(NOBODY);
    Ok(())
}

pub(crate) fn take_message(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let [kind, ticket, told_slot, ..] = ints;
    match gates.take_message(*kind) {
        Some(Message::Granted { ticket: of, slot }) => {
            (*kind, *ticket, *told_slot) = (GRANTED, of as i32, slot.number() as i32);
        }
        Some(Message::Dropped { ticket: of }) => (*kind, *ticket) = (DROPPED, of as i32),
        Some(Message::Displaced { ticket: of, lane }) => {
            (*kind, *ticket, *told_slot) = (DISPLACED, of as i32, lane as i32);
        }
        Some(Message::Attempt { slot }) => {
            (*kind, *told_slot) = (ATTEMPT_STARTS, slot.number() as i32);
        }
        Some(Message::Changed) => *kind = CHANGED,
        Some(Message::Closed) => *kind = CLOSED,
        None => (*kind, *ticket) = (NOBODY, i32::from(gates.expects_messages(*kind))),
    }
    Ok(())
}

pub(crate) fn expects_messages(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[1] = i32::from(gates.expects_messages(ints[0]));
    Ok(())
}

pub(crate) fn active(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |gate| gate.active(lane(ints[1]))));
    Ok(())
}

pub(crate) fn pending(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |gate| gate.pending(lane(ints[1]))));
    Ok(())
}

pub(crate) fn create_gate(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    let [concurrency, reserve, offline_share, online, offline, overflow] = *reals;
    let mut options = Options::new(whole(concurrency))
        .offline_share(given(offline_share).unwrap_or(DEFAULT_OFFLINE_SHARE))
        .max_queue(Lane::Online, given(online).map_or(UNLIMITED, whole))
        .max_queue(Lane::Offline, given(offline).map_or(UNLIMITED, whole))
        .overflow(overflow_of(overflow as u32));
    options.reserve = given(reserve).map_or(Reserve::Auto, reserve_of);
    ints[0] = gates.create(options)?;
    Ok(())
}

pub(crate) fn drop_gate(gates: &Gates, wire: &mut Wire) -> Answered {
    gates.forget(wire.ints[0]);
    Ok(())
}

pub(crate) fn concurrency(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    reals[0] = real(gates.with(ints[0], |gate| gate.concurrency()));
    Ok(())
}

pub(crate) fn set_concurrency(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    Ok(gates.with(ints[0], |gate| gate.set_concurrency(whole(reals[0])))?)
}
