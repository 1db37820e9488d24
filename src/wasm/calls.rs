//! The calls that are made now and then; see [`port::calls`](crate::port::Gates).

use std::cell::RefCell;

use super::entry::{enter, fail, finish};
use super::numbers;
use crate::limiter::{Lease, PartialAdaptive, PartialOptions, Rate, Window};
use crate::port::wire::{
    algorithm_of, given, interval_of, overflow_of, rate_of, reserve_of, whole,
};
use crate::port::{LEASES, Leases};

/// Exports calls of the gates that have numbers alone.
macro_rules! export {
    ($($name:literal $call:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        $(
            #[unsafe(export_name = $name)]
            extern "C" fn $call($($argument: $type),*) $(-> $result)? {
                enter(|gates| gates.$call($($argument),*))
            }
        )*
    };
}

export! {
    "cancel" cancel(gate: i32, ticket: u32, cause: u32);
    "givenUp" given_up(gate: i32, slot: u32, cause: u32);
    "takeBack" take_back(gate: i32, slot: u32);
    "correct" correct(gate: i32, lane: i32, refused: i32, aborted: u32);
    "attemptFailed" attempt_failed(gate: i32, slot: u32, is_overload: bool);
    "attempt" attempt(gate: i32, slot: u32) -> bool;
    "cancelAttempt" cancel_attempt(gate: i32, slot: u32);
    "raise" raise(gate: i32, ticket: u32, lane: i32, priority: i32);
    "lend" lend(gate: i32, ticket: u32, outer: u32);
    "awaitRunning" await_running(gate: i32, slot: u32, outer: u32);
    "pause" pause(gate: i32);
    "pauseFor" pause_for(gate: i32, millis: f64);
    "resume" resume(gate: i32, only_held: bool);
    "isPaused" is_paused(gate: i32) -> bool;
    "wakesIn" wakes_in(gate: i32) -> f64;
    "charge" charge(gate: i32, cost: i32);
    "chargeQuota" charge_quota(gate: i32, place: u32, cost: i32);
    "spent" spent(gate: i32, slot: u32, place: i32, cost: u32);
    "makeFair" make_fair(gate: i32);
    "close" close(gate: i32);
    "isClosed" is_closed(gate: i32) -> bool;
    "isOver" is_over(gate: i32) -> bool;
    "overflow" overflow(gate: i32) -> u32;
    "maxQueue" max_queue(gate: i32, lane: i32) -> f64;
    "setMaxQueue" set_max_queue(gate: i32, lane: i32, most: f64);
    "reserve" reserve(gate: i32) -> f64;
    "offlineShare" offline_share(gate: i32) -> f64;
}

/// NaN is what is not said; a slot that is not known is negative.
#[unsafe(export_name = "learn")]
extern "C" fn learn(
    gate: i32,
    place: u32,
    slot: i32,
    ago: f64,
    limit: f64,
    remaining: f64,
    resets_in: f64,
    window: f64,
) -> bool {
    let said = [limit, remaining, resets_in, window];
    enter(|gates| gates.learn(gate, place, (slot, ago), said))
}

/// A negative scope is none.
#[unsafe(export_name = "retryAfter")]
extern "C" fn retry_after(gate: i32, slot: u32, millis: f64, scope: i32) {
    enter(|gates| gates.retry_after(gate, slot, millis, u32::try_from(scope).ok()));
}

#[unsafe(export_name = "join")]
extern "C" fn join(gate: i32, ticket: u32, slot: u32, lane: i32) -> i32 {
    enter(|gates| finish(gates.join(gate, ticket, slot, lane)))
}

#[unsafe(export_name = "checkWeight")]
extern "C" fn check_weight(gate: i32, lane: i32, weight: u32) -> i32 {
    enter(|gates| finish(gates.check_weight(gate, lane, weight)))
}

#[unsafe(export_name = "setReserve")]
extern "C" fn set_reserve(gate: i32, reserve: f64) -> i32 {
    enter(|gates| finish(gates.set_reserve(gate, reserve)))
}

#[unsafe(export_name = "setOfflineShare")]
extern "C" fn set_offline_share(gate: i32, share: f64) -> i32 {
    enter(|gates| finish(gates.set_offline_share(gate, share)))
}

/// Returns 1 if the ticket has moved, 0 if not, and -1 if there is an error.
#[unsafe(export_name = "reprioritise")]
extern "C" fn reprioritise(gate: i32, ticket: u32, lane: i32, priority: i32) -> i32 {
    enter(|gates| match gates.reprioritise(gate, ticket, lane, priority) {
        Ok(moved) => i32::from(moved),
        Err(thrown) => {
            fail(thrown);
            -1
        }
    })
}

thread_local! {
    /// The rates that were given for the next call that takes some.
    static RATES: RefCell<Vec<Rate>> = const { RefCell::new(Vec::new()) };
}

/// Gives a rate for the next call that takes rates. NaN is what was not given. The window is 0 for
/// none, 1 for a sliding one, 2 for fixed ones.
#[unsafe(export_name = "giveRate")]
extern "C" fn give_rate(
    limit: f64,
    interval: f64,
    burst: f64,
    window: i32,
    offset: f64,
    ends_in: f64,
) {
    let fixed = (window == 2).then_some((offset, ends_in));
    let rate = rate_of(limit, interval, given(burst), window == 1, fixed);
    RATES.with_borrow_mut(|rates| rates.push(rate));
}

/// The one rate that was given.
fn given_rate() -> Rate {
    RATES.take().pop().expect("a rate was given")
}

#[unsafe(export_name = "setRate")]
extern "C" fn set_rate(gate: i32) -> i32 {
    enter(|gates| finish(gates.set_rate(gate, given_rate())))
}

#[unsafe(export_name = "setQuota")]
extern "C" fn set_quota(gate: i32, place: u32) -> i32 {
    enter(|gates| finish(gates.set_quota(gate, place, given_rate())))
}

/// Makes a gate with all options; NaN is what was not given. The rates were given before; with names
/// they are quotas, and JavaScript keeps the names. Returns its number, or -1 if there is an error.
#[unsafe(export_name = "createLocal")]
extern "C" fn create_local(
    concurrency: f64,
    reserve: f64,
    offline_share: f64,
    max_online: f64,
    max_offline: f64,
    overflow: u32,
    is_adaptive: bool,
    min: f64,
    max: f64,
    initial: f64,
    algorithm: i32,
    has_names: bool,
) -> i32 {
    let rates = RATES.take();
    let names = (0..).map(|place: usize| place.to_string());
    let number = |real| given(real).map(whole);
    let options = PartialOptions {
        concurrency: number(concurrency),
        adaptive: is_adaptive.then(|| PartialAdaptive {
            min: number(min),
            max: number(max),
            initial: number(initial),
            algorithm: u32::try_from(algorithm).ok().map(algorithm_of),
        }),
        reserve: given(reserve).map(reserve_of),
        offline_share: given(offline_share),
        max_queue: [number(max_online), number(max_offline)],
        overflow: Some(overflow_of(overflow)),
        rate: if has_names { None } else { rates.first().copied() },
        quotas: if has_names { names.zip(rates).collect() } else { Vec::new() },
    };
    enter(|gates| {
        gates.create_local(&options).unwrap_or_else(|thrown| {
            fail(thrown);
            -1
        })
    })
}

/// Returns the address of the leases of the next 64 gates.
#[unsafe(export_name = "addLeases")]
extern "C" fn add_leases() -> *mut Leases {
    enter(|gates| {
        let leases: &mut Leases = Box::leak(Box::new([Lease::default(); LEASES]));
        gates.add_leases(leases);
        leases
    })
}

/// The following return the length of a list of [`numbers`].
#[unsafe(export_name = "clear")]
extern "C" fn clear(gate: i32, lane: i32) -> usize {
    numbers::list(enter(|gates| gates.clear(gate, lane, false)))
}

#[unsafe(export_name = "takeDropped")]
extern "C" fn take_dropped(gate: i32) -> usize {
    numbers::list(enter(|gates| gates.take_dropped(gate)))
}

#[unsafe(export_name = "calls")]
extern "C" fn calls(gate: i32) -> usize {
    numbers::give(enter(|gates| gates.calls(gate)))
}

#[unsafe(export_name = "slotsOf")]
extern "C" fn slots_of(gate: i32, lane: i32) -> usize {
    numbers::list(enter(|gates| gates.slots_of(gate, lane)))
}

/// Of each gate that holds calls its number, and how many run and wait.
#[unsafe(export_name = "heldGates")]
extern "C" fn held_gates() -> usize {
    let held = enter(|gates| gates.held());
    let each = |(gate, runs, waits)| [f64::from(gate), runs as f64, waits as f64];
    numbers::give(held.into_iter().flat_map(each).collect())
}

/// The numbers of a rate, in the order of [`give_rate`].
fn numbers_of(rate: Rate) -> [f64; 6] {
    let Rate { limit, interval, burst, window, .. } = rate;
    let burst = if numbers::has_burst(interval, window) { burst as f64 } else { f64::NAN };
    let (window, offset, ends_in) = match window {
        Window::Sliding => (1.0, f64::NAN, f64::NAN),
        Window::Fixed { offset, ends_in } => {
            (2.0, numbers::millis(offset), numbers::millis(ends_in))
        }
        _ => (0.0, f64::NAN, f64::NAN),
    };
    [limit as f64, interval_of(interval), burst, window, offset, ends_in]
}

/// The numbers of the rate without a name, or nothing.
#[unsafe(export_name = "rate")]
extern "C" fn rate(gate: i32) -> usize {
    let rate = enter(|gates| gates.rate(gate));
    numbers::give(rate.into_iter().flat_map(numbers_of).collect())
}

/// The same of each quota.
#[unsafe(export_name = "quotas")]
extern "C" fn quotas(gate: i32) -> usize {
    let quotas = enter(|gates| gates.quotas(gate));
    numbers::give(quotas.into_iter().flat_map(|(_, rate)| numbers_of(rate)).collect())
}

#[unsafe(export_name = "stats")]
extern "C" fn stats(gate: i32) -> usize {
    enter(|gates| gates.stats(gate, |stats, _| numbers::give(numbers::stats(&stats))))
}

/// Histograms follow the numbers of `stats`.
#[unsafe(export_name = "snapshot")]
extern "C" fn snapshot(gate: i32) -> usize {
    enter(|gates| {
        gates.snapshot(gate, |stats, histograms, _| {
            numbers::give(numbers::snapshot(&stats, &histograms))
        })
    })
}

#[unsafe(export_name = "bucketBounds")]
extern "C" fn bucket_bounds() -> usize {
    numbers::give(crate::limiter::Buckets::bounds().collect())
}
