//! The clock that tests set by hand.

use napi_derive::napi;

/// For tests: gates that are made from now on have a clock that stands still at this time, in
/// milliseconds, until this is called again. JavaScript is not told that the clock has moved: ask
/// `wakesIn`, and call `next`.
#[napi(catch_unwind)]
pub fn set_clock_by_hand(millis: f64) {
    crate::port::set_clock_by_hand(millis);
}
