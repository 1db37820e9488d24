//! The hot calls: bare Node-API callbacks that take and give their numbers in shared memory.
//!
//! A `#[napi]` function costs two to ten times as much as a bare callback, a `#[napi]` method more,
//! and every argument or result that crosses as a JS value costs about half a crossing again. Every
//! task makes two calls, so these take nothing and return nothing: JS writes the arguments into the
//! *wire*, an `Int32Array` of its own memory that Rust knows the address of, and reads the answer
//! from there.
//!
//! | call | `wire` before | `wire` after |
//! |---|---|---|
//! | `enqueue` | gate, lane | the slot if granted at once, the ticket's complement (negative) if queued |
//! | `enqueueBatch` | gate, lane, units | the batch's ticket |
//! | `fulfil`, `reject` | gate, slot | the ticket to start in that slot, or [`NOBODY`] |
//! | `next` | gate | the ticket to start, or [`NOBODY`]; its slot |
//! | `active`, `pending` | gate, lane | a count, at most 2^31 - 1 |

use std::any::Any;
use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, FromNapiValue, JsObjectValue, Object};
use napi::{check_status, sys};

use super::port::Gates;
use crate::limiter::{Arbiter, Enqueued, Lane, Outcome, Slot, Ticket};

/// In place of a ticket: there is none.
const NOBODY: i32 = -1;

/// Places on the wire.
const WIRE: usize = 3;
type Wire = [i32; WIRE];

/// What every hot call is bound to.
struct Bound {
    gates: Rc<Gates>,
    /// The memory of the `Int32Array` that `keep` keeps alive.
    wire: *mut Wire,
    /// Never released: the environment takes it along when it ends, after the last call.
    _keep: sys::napi_ref,
}

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

fn enqueue(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = match arbiter.enqueue(lane(wire[1])) {
        Enqueued::Granted(slot) => slot.number() as i32,
        Enqueued::Queued(ticket) => !(ticket.number() as i32),
    };
}

fn enqueue_batch(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = arbiter.enqueue_batch(lane(wire[1]), wire[2] as u32).number() as i32;
}

fn fulfil(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = ticket_or_nobody(arbiter.settle(slot(wire[1]), Outcome::Fulfilled));
}

fn reject(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = ticket_or_nobody(arbiter.settle(slot(wire[1]), Outcome::Rejected));
}

fn next(arbiter: &mut Arbiter, wire: &mut Wire) {
    let granted = arbiter.grant_next();
    wire[0] = ticket_or_nobody(granted.map(|(_, ticket)| ticket));
    wire[1] = granted.map_or(NOBODY, |(slot, _)| slot.number() as i32);
}

fn active(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = count(arbiter.active(lane(wire[1])));
}

fn pending(arbiter: &mut Arbiter, wire: &mut Wire) {
    wire[0] = count(arbiter.pending(lane(wire[1])));
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

const HOT_CALLS: [(&CStr, sys::napi_callback); 7] = [
    (c"enqueue", Some(callback!(enqueue))),
    (c"enqueueBatch", Some(callback!(enqueue_batch))),
    (c"fulfil", Some(callback!(fulfil))),
    (c"reject", Some(callback!(reject))),
    (c"next", Some(callback!(next))),
    (c"active", Some(callback!(active))),
    (c"pending", Some(callback!(pending))),
];

/// An object with the wire and all hot calls, bound to these gates.
pub(super) fn hot_calls<'env>(env: &'env Env, gates: &Rc<Gates>) -> napi::Result<Object<'env>> {
    let mut calls = Object::new(env)?;
    let raw = env.raw();

    let mut memory = ptr::null_mut();
    let mut buffer = ptr::null_mut();
    let mut wire = ptr::null_mut();
    let mut keep = ptr::null_mut();
    let kind = sys::TypedarrayType::int32_array;
    // SAFETY: plain Node-API calls; every out pointer is a local of its type.
    check_status!(unsafe {
        sys::napi_create_arraybuffer(raw, size_of::<Wire>(), &mut memory, &mut buffer)
    })?;
    check_status!(unsafe { sys::napi_create_typedarray(raw, kind, WIRE, buffer, 0, &mut wire) })?;
    check_status!(unsafe { sys::napi_create_reference(raw, wire, 1, &mut keep) })?;
    // SAFETY: Node has just made this object in this environment.
    calls.set_named_property("wire", unsafe { Object::from_napi_value(raw, wire) }?)?;

    let bound = Bound { gates: Rc::clone(gates), wire: memory.cast(), _keep: keep };
    // The functions may be called as long as the environment runs JS, so what they are bound to
    // lives until its cleanup.
    let bound = Box::into_raw(Box::new(bound));
    // SAFETY: `bound` came from `Box::into_raw` and the hook runs once.
    env.add_env_cleanup_hook(bound, |bound| drop(unsafe { Box::from_raw(bound) }))?;

    for (name, callback) in HOT_CALLS {
        let name = name.to_str().expect("a name is ASCII");
        let mut function = ptr::null_mut();
        // SAFETY: the name comes with its length, and `bound` lives until no JS runs any more.
        check_status!(unsafe {
            sys::napi_create_function(
                raw,
                name.as_ptr().cast(),
                name.len() as isize,
                callback,
                bound.cast(),
                &mut function,
            )
        })?;
        // SAFETY: Node has just made this function in this environment.
        calls.set_named_property(name, unsafe { Object::from_napi_value(raw, function) }?)?;
    }
    Ok(calls)
}

/// Lets `call` work at the gate that the wire names. A panic becomes a JS error.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is a live [`Bound`].
unsafe fn run(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    call: impl FnOnce(&mut Arbiter, &mut Wire),
) {
    let none = ptr::null_mut;
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: all but the data may be left out. `data` is a live `Bound` by this function's
    // contract; nothing else touches the wire while JS waits for this call.
    let (gates, wire) = unsafe {
        sys::napi_get_cb_info(env, info, ptr::null_mut(), none(), ptr::null_mut(), &mut data);
        let bound = &*data.cast::<Bound>();
        (&bound.gates, &mut *bound.wire)
    };
    let work = || gates.with(wire[0] as u32, |arbiter| call(arbiter, wire));
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        // SAFETY: `env` is that of the running callback.
        unsafe { throw(env, panic.as_ref()) };
    }
}

/// # Safety
/// `env` is that of the running callback.
#[cold]
unsafe fn throw(env: sys::napi_env, panic: &(dyn Any + Send)) {
    let text = panic.downcast_ref::<String>().map_or("a bug in p-lanes", String::as_str);
    let code = "ERR_INTERNAL";
    let (mut js_code, mut js_text, mut error) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: both strings come with their lengths.
    unsafe {
        sys::napi_create_string_utf8(env, code.as_ptr().cast(), code.len() as isize, &mut js_code);
        sys::napi_create_string_utf8(env, text.as_ptr().cast(), text.len() as isize, &mut js_text);
        sys::napi_create_error(env, js_code, js_text, &mut error);
        sys::napi_throw(env, error);
    }
}
