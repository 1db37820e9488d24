//! The hot calls as bare Node-API callbacks. What they do is in [`port::hot_calls`](crate::port::hot_calls).

use std::mem::offset_of;
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, JsObjectValue, Object};
use napi::sys;

use crate::node::node_api::callback::{SharedMemory, called, define, guarded};
use crate::port::Gates;
use crate::port::hot_calls::{
    Answered, INTS, REALS, Wire, active, concurrency, create_gate, drop_gate, enqueue,
    enqueue_batch, enqueue_request, enter_line, expects_messages, fulfil, gate_with_messages, next,
    overload, pending, reject, room_in, set_concurrency, take_message,
};

/// The data of every hot call.
struct Bound {
    gates: Rc<Gates>,
    wire: *mut Wire,
}

/// The Node-API callback of a hot call. `$then(env, gates)` follows the call.
macro_rules! callback {
    ($call:expr) => {
        callback!($call, |_, _| ())
    };
    ($call:expr, $then:expr) => {{
        unsafe extern "C" fn callback(
            env: sys::napi_env,
            info: sys::napi_callback_info,
        ) -> sys::napi_value {
            // SAFETY: Node calls this with the environment and the info of this call, and
            // `hot_calls` gave every callback a `Bound` for its data.
            unsafe { run(env, info, $call, $then) };
            ptr::null_mut()
        }
        callback
    }};
}

/// Tells the engine what the gates take, if that has changed by much.
fn tell_of_memory(env: sys::napi_env, gates: &Gates) {
    if let Some(change) = gates.memory_to_tell() {
        // SAFETY: the environment is that of the running callback.
        unsafe { sys::napi_adjust_external_memory(env, change, &mut 0) };
    }
}

const HOT_CALLS: [(&str, sys::napi_callback); 18] = [
    ("enqueue", Some(callback!(enqueue))),
    ("enterLine", Some(callback!(enter_line))),
    ("enqueueRequest", Some(callback!(enqueue_request))),
    ("enqueueBatch", Some(callback!(enqueue_batch))),
    ("roomIn", Some(callback!(room_in))),
    ("fulfil", Some(callback!(fulfil))),
    ("reject", Some(callback!(reject))),
    ("overload", Some(callback!(overload))),
    ("next", Some(callback!(next))),
    ("gateWithMessages", Some(callback!(gate_with_messages))),
    ("takeMessage", Some(callback!(take_message))),
    ("expectsMessages", Some(callback!(expects_messages))),
    ("active", Some(callback!(active))),
    ("pending", Some(callback!(pending))),
    ("createGate", Some(callback!(create_gate, tell_of_memory))),
    ("dropGate", Some(callback!(drop_gate, tell_of_memory))),
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
    let bound = Rc::new(Bound { gates: Rc::clone(gates), wire: wire.memory });
    define(env, &mut calls, &HOT_CALLS, bound, &wire)?;
    Ok(calls)
}

/// Runs `call` on the gates and the wire, and then `then`.
///
/// # Safety
/// `env` and `info` belong to the running callback, whose data is a live [`Bound`].
unsafe fn run(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    call: impl FnOnce(&Gates, &mut Wire) -> Answered,
    then: impl FnOnce(sys::napi_env, &Gates),
) {
    // SAFETY: by this function's contract. Nothing else uses the wire while JavaScript waits for
    // this call.
    unsafe {
        let (Bound { gates, wire }, []) = called(env, info);
        guarded(env, || call(gates, &mut **wire).map(|()| ptr::null_mut()));
        then(env, gates);
    }
}
