//! The hot calls: bare Node-API callbacks that take and give their numbers in shared memory.
//!
//! Every argument or result that crosses as a JS value costs about half a crossing again, and every
//! task makes two calls, so these take nothing and return nothing: JS writes the arguments into the
//! *wire*, memory of its own that Rust knows the address of, and reads the answer from there.
//!
//! | call | `ints` before | `ints` after |
//! |---|---|---|
//! | `enqueue` | gate, lane | the slot if granted at once, the ticket's complement (negative) if queued; 1 if `next` is to be asked for others, else 0 |
//! | `enqueueRequest` | gate, lane, priority, weight, the slot it is made in or [`NOBODY`] | the same |
//! | `enqueueBatch` | as before, and units | the batch's ticket |
//! | `fulfil`, `reject` | gate, slot | the ticket to start in that slot, or [`NOBODY`], or [`IDLE`]; 1 if `next` gives more, else 0 |
//! | `next` | gate | the ticket to start, or [`NOBODY`]; its slot |
//! | `active`, `pending` | gate, lane | a count, at most 2^31 - 1 |
//! | `createGate` | `reals`: concurrency, reserve, offline share, most to wait online and offline, 1 if more are let in; NaN is the default | the gate |
//! | `dropGate` | gate | |
//! | `setConcurrency` | gate; `reals`: the concurrency | |

use std::mem::offset_of;
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, JsObjectValue, Object};
use napi::sys;

use super::callback::{SharedMemory, Thrown, called, define, guarded};
use super::port::Gates;
use crate::limiter::{
    DEFAULT_OFFLINE_SHARE, Error, Lane, Options, Outcome, Refused, Request, Slot, Ticket, UNLIMITED,
};

/// In place of a ticket: there is none.
const NOBODY: i32 = -1;
/// The same, and nothing runs either.
const IDLE: i32 = -2;

const INTS: usize = 6;
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

fn ticket_or_nobody(ticket: Option<Ticket>) -> i32 {
    ticket.map_or(NOBODY, |ticket| ticket.number() as i32)
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
    let [_, of_lane, priority, weight, outer, _] = *ints;
    let request = Request::new(lane(of_lane)).priority(priority).weight(weight as u32);
    if outer >= 0 { request.inside(slot(outer)) } else { request }
}

fn enter(gates: &Gates, ints: &mut [i32; INTS], request: Request) -> Answered {
    gates.with(ints[0], |arbiter| {
        let had_heavy_head = arbiter.has_heavy_head();
        ints[0] = match arbiter.try_enqueue(request) {
            Some(slot) => slot.number() as i32,
            None => !(arbiter.enqueue_waiting(request).map_err(thrown)?.number() as i32),
        };
        ints[1] = i32::from(arbiter.is_paused() || had_heavy_head && arbiter.may_grant());
        Ok(())
    })
}

fn enqueue(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    enter(gates, ints, lane(ints[1]).into())
}

fn enqueue_request(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    enter(gates, ints, request(ints))
}

fn enqueue_batch(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let units = ints[5] as u32;
    let batch = gates.with(ints[0], |arbiter| arbiter.enqueue_batch(request(ints), units));
    ints[0] = batch.map_err(thrown)?.number() as i32;
    Ok(())
}

fn settle(gates: &Gates, ints: &mut [i32; INTS], outcome: Outcome) {
    gates.with(ints[0], |arbiter| {
        ints[0] = match arbiter.settle(slot(ints[1]), outcome) {
            None if arbiter.is_idle() => IDLE,
            next => ticket_or_nobody(next),
        };
        ints[1] = i32::from(arbiter.settle_left_room());
    });
}

fn fulfil(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Fulfilled);
    Ok(())
}

fn reject(gates: &Gates, wire: &mut Wire) -> Answered {
    settle(gates, &mut wire.ints, Outcome::Rejected);
    Ok(())
}

fn next(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    let granted = gates.with(ints[0], |arbiter| arbiter.grant_next());
    ints[0] = ticket_or_nobody(granted.map(|(_, ticket)| ticket));
    ints[1] = granted.map_or(NOBODY, |(slot, _)| slot.number() as i32);
    Ok(())
}

fn active(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |arbiter| arbiter.active(lane(ints[1]))));
    Ok(())
}

fn pending(gates: &Gates, Wire { ints, .. }: &mut Wire) -> Answered {
    ints[0] = count(gates.with(ints[0], |arbiter| arbiter.pending(lane(ints[1]))));
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

fn set_concurrency(gates: &Gates, Wire { ints, reals }: &mut Wire) -> Answered {
    Ok(gates.with(ints[0], |arbiter| arbiter.set_concurrency(whole(reals[0])))?)
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

const HOT_CALLS: [(&str, sys::napi_callback); 11] = [
    ("enqueue", Some(callback!(enqueue))),
    ("enqueueRequest", Some(callback!(enqueue_request))),
    ("enqueueBatch", Some(callback!(enqueue_batch))),
    ("fulfil", Some(callback!(fulfil))),
    ("reject", Some(callback!(reject))),
    ("next", Some(callback!(next))),
    ("active", Some(callback!(active))),
    ("pending", Some(callback!(pending))),
    ("createGate", Some(callback!(create_gate))),
    ("dropGate", Some(callback!(drop_gate))),
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
