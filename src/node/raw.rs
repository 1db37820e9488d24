//! The hot calls: bare Node-API callbacks that take and give their numbers in shared memory.
//!
//! Every argument or result that crosses as a JS value costs about half a crossing again, and every
//! task makes two calls, so these take nothing and return nothing: JS writes the arguments into the
//! *wire*, memory of its own that Rust knows the address of, and reads the answer from there.
//!
//! | call | `ints` before | `ints` after |
//! |---|---|---|
//! | `enqueue` | gate, lane | the slot if granted at once, the ticket's complement (negative) if queued; what is to be [done next](follow_up): bit 0 if `next` is to be asked for others, bit 1 if letters will come, bit 2 if there are some |
//! | `enqueueRequest` | gate, lane, priority, weight, cost (negative is the weight), the slot it is made in or [`NOBODY`] | the same |
//! | `enqueueBatch` | as before, and units | the batch's ticket |
//! | `fulfil`, `reject`, `overload` | gate, slot | the ticket to start in that slot, or [`NOBODY`], or [`IDLE`]; as above |
//! | `next` | gate | the ticket to start and its slot; or [`NOBODY`], and 1 if time alone may let somebody start, else 0 |
//! | `gateWithLetters` | | a shared gate that has got letters and is to be asked for them until there is none, or [`NOBODY`] |
//! | `letter` | gate | what the oldest letter tells: 0 granted, 1 dropped, 2 changed, 3 closed, or [`NOBODY`] where there is none; the ticket, or then 1 if letters will come; the slot |
//! | `awaitsLetters` | gate | as it was; 1 if letters will come |
//! | `active`, `pending` | gate, lane | a count, at most 2^31 - 1 |
//! | `createGate` | `reals`: concurrency, reserve, offline share, most to wait online and offline, 1 if more are let in; NaN is the default | the gate |
//! | `dropGate` | gate | |
//! | `concurrency` | gate | `reals`: the concurrency |
//! | `setConcurrency` | gate; `reals`: the concurrency | |

use std::mem::offset_of;
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, JsObjectValue, Object};
use napi::sys;

use super::callback::{SharedMemory, Thrown, called, define, guarded};
use super::port::Gates;
use crate::limiter::{
    DEFAULT_OFFLINE_SHARE, Entered, Error, Lane, Letter, Options, Outcome, Refused, Request,
    Settled, Slot, UNLIMITED,
};

/// In place of a ticket: there is none.
const NOBODY: i32 = -1;
/// The same, and nothing runs either.
const IDLE: i32 = -2;

/// The kinds of letters.
const GRANTED: i32 = 0;
const DROPPED: i32 = 1;
const CHANGED: i32 = 2;
const CLOSED: i32 = 3;

const INTS: usize = 7;
const REALS: usize = 6;

/// The memory that JS and Rust pass numbers in.
#[repr(C)]
struct Wire {
    ints: [i32; INTS],
    reals: [f64; REALS],
}

/// What every hot call is bound to.
struct Bound {
    gates: Rc<Gates>,
    wire: *mut Wire,
}

type Answered = Result<(), Thrown>;

/// A lane by its number in JS.
pub(super) fn lane(number: i32) -> Lane {
    Lane::ALL[number as usize & 1]
}

fn slot(number: i32) -> Slot {
    Slot::from_number(number as u32)
}

fn count(units: u64) -> i32 {
    i32::try_from(units).unwrap_or(i32::MAX)
}

/// Whole numbers come from JS as doubles; `Infinity`, and all beyond 2^64, is [`UNLIMITED`].
fn whole(real: f64) -> u64 {
    real as u64
}

/// The double of a whole number.
pub(super) fn real(whole: u64) -> f64 {
    if whole == UNLIMITED { f64::INFINITY } else { whole as f64 }
}

fn given(real: f64) -> Option<f64> {
    Some(real).filter(|real| !real.is_nan())
}

impl From<Error> for Thrown {
    fn from(error: Error) -> Self {
        ("ERR_INVALID_ARG", error.to_string())
    }
}

pub(super) fn thrown(refused: Refused) -> Thrown {
    let code = match refused {
        Refused::Closed => "ERR_LIMIT_CLOSED",
        Refused::Full { .. } => "ERR_QUEUE_FULL",
        Refused::Deadlock => "ERR_DEADLOCK",
        Refused::Weight { .. } => "ERR_INVALID_ARG",
    };
    (code, refused.to_string())
}

fn request(ints: &[i32; INTS]) -> Request {
    let [_, of_lane, priority, weight, cost, outer, _] = *ints;
    let request = request_of(of_lane, priority, weight, cost);
    if outer >= 0 { request.inside(slot(outer)) } else { request }
}

/// What a call asks for; a negative cost is the weight.
pub(super) fn request_of(of_lane: i32, priority: i32, weight: i32, cost: i32) -> Request {
    let request = Request::new(lane(of_lane)).priority(priority).weight(weight as u32);
    match u32::try_from(cost) {
        Ok(cost) => request.cost(cost),
        Err(_) => request,
    }
}

/// What else is to be done after a call, for the shim.
fn follow_up(more: bool, awaits_letters: bool, has_letters: bool) -> i32 {
    i32::from(more) | i32::from(awaits_letters) << 1 | i32::from(has_letters) << 2
}

fn enter(gates: &Gates, ints: &mut [i32; INTS], request: Request) -> Answered {
    let entered = gates.with(ints[0], |gate| gate.enter(request));
    let Entered { place, more, awaits_letters, has_letters } = entered.map_err(thrown)?;
    ints[0] = match place {
        Ok(slot) => slot.number() as i32,
        Err(ticket) => !(ticket as i32),
    };
    ints[1] = follow_up(more, awaits_letters, has_letters);
    Ok(())
}

fn enqueue(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    enter(gates, ints, lane(ints[1]).into())
}

fn enqueue_request(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    enter(gates, ints, request(ints))
}

fn enqueue_batch(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let (request, units) = (request(ints), ints[6] as u32);
    let batch = gates.with(ints[0], |gate| gate.enter_batch(request, units));
    ints[0] = batch.map_err(thrown)? as i32;
    Ok(())
}

fn settle(gates: &Gates, ints: &mut [i32; INTS], outcome: Outcome) {
    let settled = gates.with(ints[0], |gate| gate.settle(slot(ints[1]), outcome));
    let Settled { next, is_idle, more, awaits_letters, has_letters } = settled;
    ints[0] = match next {
        Some(ticket) => ticket as i32,
        None if is_idle => IDLE,
        None => NOBODY,
    };
    ints[1] = follow_up(more, awaits_letters, has_letters);
}

fn fulfil(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Fulfilled);
    Ok(())
}

fn reject(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Rejected);
    Ok(())
}

fn overload(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Overloaded);
    Ok(())
}

fn next(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    (ints[0], ints[1]) = gates.with(ints[0], |gate| match gate.next() {
        Some((slot, ticket)) => (ticket as i32, slot.number() as i32),
        None => (NOBODY, i32::from(gate.is_timed())),
    });
    Ok(())
}

fn gate_with_letters(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = gates.mailbox.take().unwrap_or(NOBODY);
    Ok(())
}

fn letter(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let [kind, ticket, told_slot, ..] = ints;
    match gates.letter(*kind) {
        Some(Letter::Granted { ticket: of, slot }) => {
            (*kind, *ticket, *told_slot) = (GRANTED, of as i32, slot.number() as i32);
        }
        Some(Letter::Dropped { ticket: of }) => (*kind, *ticket) = (DROPPED, of as i32),
        Some(Letter::Changed) => *kind = CHANGED,
        Some(Letter::Closed) => *kind = CLOSED,
        None => (*kind, *ticket) = (NOBODY, i32::from(gates.awaits_letters(*kind))),
    }
    Ok(())
}

fn awaits_letters(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[1] = i32::from(gates.awaits_letters(ints[0]));
    Ok(())
}

fn active(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |gate| gate.active(lane(ints[1]))));
    Ok(())
}

fn pending(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |gate| gate.pending(lane(ints[1]))));
    Ok(())
}

fn create_gate(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    let [concurrency, reserve, offline_share, online, offline, overflows] = *reals;
    let mut options = Options::new(whole(concurrency))
        .offline_share(given(offline_share).unwrap_or(DEFAULT_OFFLINE_SHARE))
        .max_queue(Lane::Online, given(online).map_or(UNLIMITED, whole))
        .max_queue(Lane::Offline, given(offline).map_or(UNLIMITED, whole))
        .overflows(overflows == 1.0);
    options.reserve = given(reserve).map(whole);
    ints[0] = gates.create(options)?;
    Ok(())
}

fn drop_gate(gates: &Gates, wire: &mut Wire) -> Answered {
    gates.forget(wire.ints[0]);
    Ok(())
}

fn concurrency(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    reals[0] = real(gates.with(ints[0], |gate| gate.concurrency()));
    Ok(())
}

fn set_concurrency(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    Ok(gates.with(ints[0], |gate| gate.set_concurrency(whole(reals[0])))?)
}

/// The Node-API callback of a hot call.
macro_rules! callback {
    ($call:expr) => {{
        unsafe extern "C" fn callback(
            env: sys::napi_env,
            info: sys::napi_callback_info,
        ) -> sys::napi_value {
            // SAFETY: Node calls this with the environment and the info of this call, and
            // `hot_calls` gave every callback a `Bound` for its data.
            unsafe { run(env, info, $call) };
            ptr::null_mut()
        }
        callback
    }};
}

const HOT_CALLS: [(&str, sys::napi_callback); 16] = [
    ("enqueue", Some(callback!(enqueue))),
    ("enqueueRequest", Some(callback!(enqueue_request))),
    ("enqueueBatch", Some(callback!(enqueue_batch))),
    ("fulfil", Some(callback!(fulfil))),
    ("reject", Some(callback!(reject))),
    ("overload", Some(callback!(overload))),
    ("next", Some(callback!(next))),
    ("gateWithLetters", Some(callback!(gate_with_letters))),
    ("letter", Some(callback!(letter))),
    ("awaitsLetters", Some(callback!(awaits_letters))),
    ("active", Some(callback!(active))),
    ("pending", Some(callback!(pending))),
    ("createGate", Some(callback!(create_gate))),
    ("dropGate", Some(callback!(drop_gate))),
    ("concurrency", Some(callback!(concurrency))),
    ("setConcurrency", Some(callback!(set_concurrency))),
];

/// An object with the wire and all hot calls, bound to these gates.
pub(super) fn hot_calls<'env>(env: &'env Env, gates: &Rc<Gates>) -> napi::Result<Object<'env>> {
    let mut calls = Object::new(env)?;
    let wire = SharedMemory::<Wire>::new(env)?;
    for (name, kind, length, offset) in [
        ("ints", sys::TypedarrayType::int32_array, INTS, offset_of!(Wire, ints)),
        ("reals", sys::TypedarrayType::float64_array, REALS, offset_of!(Wire, reals)),
    ] {
        calls.set_named_property(name, wire.view(env, kind, length, offset)?)?;
    }
    let bound = Bound { gates: Rc::clone(gates), wire: wire.memory };
    define(env, &mut calls, &HOT_CALLS, bound)?;
    Ok(calls)
}

/// Lets `call` work on the gates and the wire.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is a live [`Bound`].
unsafe fn run(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    call: impl FnOnce(&Gates, &mut Wire) -> Answered,
) {
    // SAFETY: by this function's contract; nothing else touches the wire while JS waits for this call.
    unsafe {
        let (Bound { gates, wire }, []) = called(env, info);
        guarded(env, || call(gates, &mut **wire).map(|()| ptr::null_mut()));
    }
}
