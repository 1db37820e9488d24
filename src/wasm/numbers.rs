//! Lists of numbers for JavaScript, and the numbers of a limit as such a list. `lib/binding/wasm/stats.js` reads them in
//! this order.

use std::cell::RefCell;
use std::time::Duration;

use crate::limiter::{
    Buckets, LaneHistograms, LaneStats, LimitStats, Quantiles, Rate, RateStats, Window,
};
use crate::port::wire::{interval_of, real};

thread_local! {
    /// The list that was given last.
    static LIST: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

#[unsafe(export_name = "list")]
extern "C" fn list_pointer() -> *const f64 {
    LIST.with_borrow(|list| list.as_ptr())
}

/// Keeps a list until the next one, and returns its length.
pub(super) fn give(numbers: Vec<f64>) -> usize {
    let length = numbers.len();
    LIST.set(numbers);
    length
}

/// The same for tickets or slots.
pub(super) fn list(numbers: Vec<u32>) -> usize {
    give(numbers.into_iter().map(f64::from).collect())
}

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

/// In place of what there is not.
const NONE: f64 = f64::NAN;

/// A text that lives for ever: its address and its length.
fn text(text: &'static str) -> [f64; 2] {
    [text.as_ptr() as usize as f64, text.len() as f64]
}

fn quantiles(list: &mut Vec<f64>, Quantiles { count, p50, p90, p99, max, .. }: &Quantiles) {
    list.extend([*count as f64, *p50, *p90, *p99, *max]);
}

fn lane(list: &mut Vec<f64>, stats: &LaneStats) {
    list.extend(
        [
            stats.active,
            stats.pending,
            stats.granted,
            stats.settled,
            stats.rejected,
            stats.refused,
            stats.cleared,
            stats.dropped,
            stats.aborted,
            stats.queue_timeouts,
            stats.timeouts,
            stats.retries,
        ]
        .map(|count| count as f64),
    );
    list.push(stats.pause_ends_in);
    list.extend(match stats.oldest {
        Some(oldest) => [millis(oldest.age), f64::from(oldest.slot.number())],
        None => [NONE, NONE],
    });
    for of in [&stats.wait, &stats.run, &stats.rate_wait] {
        quantiles(list, of);
    }
}

/// Whether a rate has a burst of its own.
pub(super) fn has_burst(interval: Duration, window: Window) -> bool {
    window == Window::Bucket && interval != Rate::NEVER
}

/// What is left of a rate. The window is 0 for none, 1 for a sliding one, 2 for fixed ones.
fn rate(rate: &RateStats) -> [f64; 5] {
    let RateStats { available, limit, interval, burst, window, .. } = *rate;
    let window = match window {
        Window::Sliding => 1.0,
        Window::Fixed { .. } => 2.0,
        _ => 0.0,
    };
    [available, limit as f64, interval_of(interval), burst as f64, window]
}

/// The numbers of a limit.
pub(super) fn stats(stats: &LimitStats) -> Vec<f64> {
    let mut list = vec![real(stats.concurrency)];
    lane(&mut list, &stats.online);
    lane(&mut list, &stats.offline);

    let reserve = &stats.reserve;
    list.push(reserve.slots as f64);
    list.extend(text(reserve.reason.as_str()));
    list.extend([reserve.wait.map_or(NONE, millis), reserve.load, reserve.peakedness]);

    list.extend(stats.rate.as_ref().map_or([NONE; 5], rate));
    list.push(stats.quotas.len() as f64);
    list.extend(stats.quotas.iter().flat_map(|quota| rate(&quota.rate)));

    list.extend(stats.adaptive.map_or([NONE; 11], |adaptive| {
        let [reason, length] = text(adaptive.reason.as_str());
        [
            adaptive.samples as f64,
            adaptive.baseline,
            adaptive.recent,
            adaptive.in_flight as f64,
            adaptive.queue,
            adaptive.overloads as f64,
            adaptive.stray,
            reason,
            length,
            adaptive.raises as f64,
            adaptive.reductions as f64,
        ]
    }));
    list
}

fn histogram(list: &mut Vec<f64>, Buckets { count, sum, counts, .. }: &Buckets) {
    list.extend([*count as f64, *sum, counts.len() as f64]);
    list.extend(counts.iter().map(|&count| count as f64));
}

/// The same, and the histograms of both lanes.
pub(super) fn snapshot(of: &LimitStats, histograms: &[LaneHistograms; 2]) -> Vec<f64> {
    let mut list = stats(of);
    for LaneHistograms { wait, run, rate_wait, .. } in histograms {
        for of in [wait, run, rate_wait] {
            histogram(&mut list, of);
        }
    }
    list
}
