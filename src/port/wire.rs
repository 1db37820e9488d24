//! Numbers and lanes, as they cross between JavaScript and Rust.

use std::time::Duration;

use crate::limiter::{
    Algorithm, Cause, Flow, Lane, Overflow, Rate, Request, Reserve, Slot, UNLIMITED, Window,
};

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

/// A rate, of times in milliseconds. `Infinity` is an interval that never ends. `ends_in` makes fixed
/// windows.
pub(crate) fn rate_of(
    limit: f64,
    interval: f64,
    burst: Option<f64>,
    is_sliding: bool,
    fixed: Option<(f64, f64)>,
) -> Rate {
    let millis = |millis: f64| Duration::from_secs_f64(millis / 1e3);
    let limit = whole(limit);
    if interval == f64::INFINITY {
        return Rate::budget(limit);
    }
    let mut rate = Rate::new(limit, millis(interval));
    if is_sliding {
        rate.window = Window::Sliding;
    } else if let Some((offset, ends_in)) = fixed {
        rate.window = Window::Fixed { offset: millis(offset), ends_in: millis(ends_in) };
    }
    rate.burst(burst.map_or(1, whole))
}

/// An interval in milliseconds; `Infinity` if it never ends.
pub(crate) fn interval_of(interval: Duration) -> f64 {
    if interval == Rate::NEVER { f64::INFINITY } else { interval.as_nanos() as f64 / 1e6 }
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
