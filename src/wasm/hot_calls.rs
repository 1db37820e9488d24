//! The calls that every task makes; see [`port::hot_calls`](crate::port::hot_calls). There are no shared gates here, and
//! so no messages.

use super::entry::enter_hot;
use crate::port::hot_calls;

/// Exports hot calls. Each returns 0, or 1 if there is an error.
macro_rules! export {
    ($($name:literal $call:ident),* $(,)?) => {
        $(
            #[unsafe(export_name = $name)]
            extern "C" fn $call() -> i32 {
                enter_hot(hot_calls::$call)
            }
        )*
    };
}

export! {
    "enqueue" enqueue,
    "enterLine" enter_line,
    "enqueueRequest" enqueue_request,
    "enqueueBatch" enqueue_batch,
    "roomIn" room_in,
    "fulfil" fulfil,
    "reject" reject,
    "overload" overload,
    "next" next,
    "active" active,
    "pending" pending,
    "createGate" create_gate,
    "dropGate" drop_gate,
    "concurrency" concurrency,
    "setConcurrency" set_concurrency,
}
