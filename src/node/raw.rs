//! The hot calls: bare Node-API callbacks with the port's gates as their bound data.
//!
//! A `#[napi]` function costs two to ten times as much as these, a `#[napi]` method more, and every
//! task makes two such calls. All arguments and results are 32-bit integers:
//!
//! | call | gives |
//! |---|---|
//! | `enqueue(gate, lane)` | the ticket if granted at once, its bitwise complement (negative) if queued |
//! | `enqueueBatch(gate, lane, units)` | the batch's ticket |
//! | `fulfil(gate, ticket)`, `reject(gate, ticket)` | the ticket to start now, or [`NOBODY`] |
//! | `next(gate)` | the same |
//! | `batchOf(gate, unit)` | the unit's batch, or [`NOBODY`] |
//! | `active(gate, lane)`, `pending(gate, lane)` | a count, at most 2^31 - 1 |

use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, FromNapiValue, JsObjectValue, Object};
use napi::{check_status, sys};

use super::port::Gates;
use crate::limiter::{Enqueued, Lane, Outcome, Ticket};

/// In place of a ticket: there is none.
const NOBODY: i32 = -1;

/// A lane by its number in JS.
pub(super) fn lane(number: u32) -> Lane {
    Lane::ALL[number as usize & 1]
}

fn ticket(number: i32) -> Ticket {
    Ticket::from_number(number as u32)
}

fn number(ticket: Option<Ticket>) -> i32 {
    ticket.map_or(NOBODY, |ticket| ticket.number() as i32)
}

fn count(units: u64) -> i32 {
    i32::try_from(units).unwrap_or(i32::MAX)
}

/// A hot call by its name in JS.
macro_rules! hot_call {
    ($function:ident, |$gates:ident, [$($argument:ident),*]| $body:expr) => {
        extern "C" fn $function(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
            // SAFETY: Node calls this with the environment and the info of this call, and every
            // hot call was made with the gates as its data by `hot_calls`.
            unsafe { answer(env, info, |$gates: &Gates, [$($argument),*]| $body) }
        }
    };
}

hot_call!(enqueue, |gates, [gate, on]| {
    match gates.with(gate as u32, |arbiter| arbiter.enqueue(lane(on as u32))) {
        Enqueued::Granted(ticket) => ticket.number() as i32,
        Enqueued::Queued(ticket) => !(ticket.number() as i32),
    }
});

hot_call!(enqueue_batch, |gates, [gate, on, units]| {
    let batch = gates
        .with(gate as u32, |arbiter| arbiter.enqueue_batch(lane(on as u32), units as u32));
    batch.number() as i32
});

hot_call!(fulfil, |gates, [gate, ended]| {
    number(gates.with(gate as u32, |arbiter| arbiter.settle(ticket(ended), Outcome::Fulfilled)))
});

hot_call!(reject, |gates, [gate, ended]| {
    number(gates.with(gate as u32, |arbiter| arbiter.settle(ticket(ended), Outcome::Rejected)))
});

hot_call!(next, |gates, [gate]| number(gates.with(gate as u32, |arbiter| arbiter.grant_next())));

hot_call!(batch_of, |gates, [gate, unit]| {
    number(gates.with(gate as u32, |arbiter| arbiter.batch_of(ticket(unit))))
});

hot_call!(active, |gates, [gate, of]| {
    count(gates.with(gate as u32, |arbiter| arbiter.active(lane(of as u32))))
});

hot_call!(pending, |gates, [gate, of]| {
    count(gates.with(gate as u32, |arbiter| arbiter.pending(lane(of as u32))))
});

const HOT_CALLS: [(&CStr, sys::napi_callback); 8] = [
    (c"enqueue", Some(enqueue)),
    (c"enqueueBatch", Some(enqueue_batch)),
    (c"fulfil", Some(fulfil)),
    (c"reject", Some(reject)),
    (c"next", Some(next)),
    (c"batchOf", Some(batch_of)),
    (c"active", Some(active)),
    (c"pending", Some(pending)),
];

/// An object with all hot calls, bound to these gates.
pub(super) fn hot_calls<'env>(env: &'env Env, gates: &Rc<Gates>) -> napi::Result<Object<'env>> {
    // The functions may be called as long as the environment runs JS, so they own their gates until
    // its cleanup.
    let data = Rc::into_raw(Rc::clone(gates));
    // SAFETY: `data` came from `Rc::into_raw` and the hook runs once.
    env.add_env_cleanup_hook(data, |data| drop(unsafe { Rc::from_raw(data) }))?;

    let mut calls = Object::new(env)?;
    for (name, callback) in HOT_CALLS {
        let mut function = ptr::null_mut();
        // SAFETY: the name ends with a nul, and `data` lives until no JS runs any more.
        check_status!(unsafe {
            sys::napi_create_function(
                env.raw(),
                name.as_ptr(),
                name.count_bytes() as isize,
                callback,
                data.cast_mut().cast(),
                &mut function,
            )
        })?;
        // SAFETY: Node has just made this function in this environment.
        let function = unsafe { Object::from_napi_value(env.raw(), function) }?;
        calls.set_named_property(name.to_str().expect("a name is ASCII"), function)?;
    }
    Ok(calls)
}

/// Reads `N` integers, lets `call` work and gives its integer to JS. A panic becomes a JS error.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is a live [`Gates`].
unsafe fn answer<const N: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    call: impl FnOnce(&Gates, [i32; N]) -> i32,
) -> sys::napi_value {
    let mut count = N;
    let mut values = [ptr::null_mut(); N];
    let mut data: *mut c_void = ptr::null_mut();
    let mut arguments = [0; N];
    // SAFETY: the arrays have room for `N`; missing arguments are filled with `undefined`, which
    // leaves its integer at 0.
    let gates = unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            &mut data,
        );
        for (value, argument) in values.iter().zip(&mut arguments) {
            sys::napi_get_value_int32(env, *value, argument);
        }
        &*data.cast::<Gates>()
    };
    match catch_unwind(AssertUnwindSafe(|| call(gates, arguments))) {
        Ok(answer) => {
            let mut value = ptr::null_mut();
            // SAFETY: plain Node-API call on the callback's environment.
            unsafe { sys::napi_create_int32(env, answer, &mut value) };
            value
        }
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map_or("a bug in p-lanes", String::as_str);
            // SAFETY: code and message are given with their lengths or end with a nul.
            unsafe { throw(env, message) };
            ptr::null_mut()
        }
    }
}

/// # Safety
/// `env` is that of the running callback.
unsafe fn throw(env: sys::napi_env, message: &str) {
    let (mut code, mut text, mut error) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let name = "ERR_INTERNAL";
    // SAFETY: both strings come with their lengths.
    unsafe {
        sys::napi_create_string_utf8(env, name.as_ptr().cast(), name.len() as isize, &mut code);
        sys::napi_create_string_utf8(env, message.as_ptr().cast(), message.len() as isize, &mut text);
        sys::napi_create_error(env, code, text, &mut error);
        sys::napi_throw(env, error);
    }
}
