//! Numbers and lanes, as they cross between JavaScript and Rust.

use std::time::Duration;

use crate::limiter::{Algorithm, Cause, Flow, Lane, Overflow, Request, Reserve, Slot, UNLIMITED};

/// The lane with this number in JavaScript.
pub(crate) fn lane(number: i32) -> Lane {
    Lane::ALL[number as usize & 1]
}

pub(crate) fn slot(number: i32) -> Slot {
    Slot::from_number(number as u32)
}

/// The cause with this number in JavaScript.
pub(crate) fn cause(number: u32) -> Cause {
    match number {
        0 => Cause::Cleared,
        1 => Cause::Aborted,
        _ => Cause::TimedOut,
    }
}

pub(crate) fn count(units: u64) -> i32 {
    i32::try_from(units).unwrap_or(i32::MAX)
}

/// Whole numbers come from JavaScript as doubles. `Infinity`, and everything above 2^64, is
/// [`UNLIMITED`].
pub(crate) fn whole(real: f64) -> u64 {
    real as u64
}

/// A whole number as a double.
pub(crate) fn real(whole: u64) -> f64 {
    if whole == UNLIMITED { f64::INFINITY } else { whole as f64 }
}

/// A reserve: a number of slots; below 0, the wait that is promised, in milliseconds; `Infinity` for
/// [`Reserve::Auto`].
pub(crate) fn reserve_of(real: f64) -> Reserve {
    if real == f64::INFINITY {
        Reserve::Auto
    } else if real < 0.0 {
        Reserve::Wait(Duration::from_secs_f64(-real / 1e3))
    } else {
        Reserve::Slots(whole(real))
    }
}

/// The same the other way round.
pub(crate) fn real_of_reserve(reserve: Reserve) -> f64 {
    match reserve {
        Reserve::Auto => f64::INFINITY,
        Reserve::Wait(wait) => -(wait.as_nanos() as f64 / 1e6),
        Reserve::Slots(slots) => slots as f64,
    }
}

/// What happens to calls that come to a full lane, by its number in JavaScript.
pub(crate) fn overflow_of(number: u32) -> Overflow {
    match number {
        1 => Overflow::Wait,
        2 => Overflow::DropOldest,
        3 => Overflow::DropLowest,
        _ => Overflow::Reject,
    }
}

/// The same the other way round.
pub(crate) fn number_of_overflow(overflow: Overflow) -> u32 {
    match overflow {
        Overflow::Reject => 0,
        Overflow::Wait => 1,
        Overflow::DropOldest => 2,
        Overflow::DropLowest => 3,
    }
}

pub(crate) fn given(real: f64) -> Option<f64> {
    Some(real).filter(|real| !real.is_nan())
}

/// A request. A negative cost is the weight.
pub(crate) fn request_of(of_lane: i32, priority: i32, weight: i32, cost: i32) -> Request {
    let request = Request::new(lane(of_lane)).priority(priority).weight(weight as u32);
    match u32::try_from(cost) {
        Ok(cost) => request.cost(cost),
        Err(_) => request,
    }
}

/// A flow. JavaScript has checked the share.
pub(crate) fn flow_of(number: f64, share: f64) -> Flow {
    let flow = Flow::new(whole(number));
    flow.share(share).unwrap_or(flow)
}

/// The way to find a concurrency, by its number in JavaScript.
pub(crate) fn algorithm_of(number: u32) -> Algorithm {
    match number {
        1 => Algorithm::Gradient,
        2 => Algorithm::Aimd,
        _ => Algorithm::Latency,
    }
}
