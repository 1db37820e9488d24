//! What online work has asked for of late, and how long units run, from events and the time between them.

use super::waiting::Load;
use crate::limiter::types::Lane;

const NANOS: f64 = 1e9;

/// Sums are folded into the windows so often, in nanoseconds.
const STEP: u64 = 50_000_000;
/// How far the windows reach back, in seconds.
const LONG: f64 = 10.0;
const SHORT: f64 = 1.0;
/// More arrivals in the short window than this many standard deviations above the long one are a new load.
const SURPRISE: f64 = 4.0;
/// Less than this part of the arrivals of the long window in the short one, and a load has ended: nothing has come for
/// about eight seconds.
const ENDED: f64 = 0.0005;
/// Fewer arrivals than this say nothing about bursts.
const FEW_ARRIVALS: f64 = 10.0;

/// Sums over some time, of which older parts count less.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    seconds: f64,
    arrivals: f64,
    /// By lane: units that ended.
    ended: [f64; 2],
    /// By lane: slots held times seconds.
    held: [f64; 2],
    /// The shot noise of the arrivals and its square, times seconds.
    shots: f64,
    shots_squared: f64,
}

impl Sums {
    fn fade(&mut self, part: f64) {
        let fields =
            [&mut self.seconds, &mut self.arrivals, &mut self.shots, &mut self.shots_squared];
        for field in fields.into_iter().chain(&mut self.ended).chain(&mut self.held) {
            *field *= part;
        }
    }

    fn add(&mut self, other: &Self) {
        self.seconds += other.seconds;
        self.arrivals += other.arrivals;
        self.shots += other.shots;
        self.shots_squared += other.shots_squared;
        for lane in 0..2 {
            self.ended[lane] += other.ended[lane];
            self.held[lane] += other.held[lane];
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    promise: f64,
    /// The time up to which everything is summed up.
    at: u64,
    /// When `now` was last folded.
    folded: u64,
    now: Sums,
    long: Sums,
    short: Sums,
    /// Each arrival adds 1, which fades as units end: what would be in flight if nobody waited.
    shot: f64,
}

impl Demand {
    pub(super) fn new(promise: f64, now: u64) -> Self {
        let (sums, shot) = (Sums::default(), 0.0);
        Self { promise, at: now, folded: now, now: sums, long: sums, short: sums, shot }
    }

    /// Time has passed in which `held` slots were held, by lane. Returns whether the windows have moved.
    pub(super) fn pass(&mut self, now: u64, held: [u64; 2]) -> bool {
        let seconds = now.saturating_sub(self.at) as f64 / NANOS;
        if seconds > 0.0 {
            self.at = now;
            self.now.seconds += seconds;
            for (sum, held) in self.now.held.iter_mut().zip(held) {
                *sum += held as f64 * seconds;
            }
            // The integrals of a value that fades exponentially, and of its square.
            let rate = self.online_ends();
            let left = (-rate * seconds).exp();
            self.now.shots += self.shot * (1.0 - left) / rate;
            self.now.shots_squared += self.shot.powi(2) * (1.0 - left * left) / (2.0 * rate);
            self.shot *= left;
        }
        let moves = now.saturating_sub(self.folded) >= STEP;
        if moves {
            self.fold(now);
        }
        moves
    }

    fn fold(&mut self, now: u64) {
        let seconds = now.saturating_sub(self.folded) as f64 / NANOS;
        self.folded = now;
        for (window, reach) in [(&mut self.long, LONG), (&mut self.short, SHORT)] {
            window.fade((-seconds / reach).exp());
            window.add(&self.now);
        }
        self.now = Sums::default();
        if self.is_surprised() {
            self.long = self.short;
        }
    }

    /// Whether the short window has so many more arrivals that the long one is out of date.
    fn is_surprised(&self) -> bool {
        self.deviations() > SURPRISE
    }

    /// How many standard deviations more arrivals a second the short window has than the long one.
    fn deviations(&self) -> f64 {
        if self.long.seconds <= 2.0 * SHORT || self.short.seconds <= 0.0 {
            return 0.0;
        }
        let before = self.long.arrivals / self.long.seconds;
        let lately = self.short.arrivals / self.short.seconds;
        // An exponential window of length t has the variance of one of twice that length.
        let variance = before.max(1.0) / (2.0 * SHORT) * self.measured_peakedness();
        (lately - before) / variance.sqrt()
    }

    pub(super) fn arrived(&mut self, units: u64) {
        self.now.arrivals += units as f64;
        self.shot += units as f64;
    }

    pub(super) fn ended(&mut self, lane: Lane, slots: u64) {
        self.now.ended[lane.index()] += slots as f64;
    }

    fn sum(&self, of: impl Fn(&Sums) -> f64) -> f64 {
        of(&self.long) + of(&self.now)
    }

    /// Before any has ended, they are taken to last as long as the promise.
    fn online_ends(&self) -> f64 {
        let (ended, held) = (self.sum(|sums| sums.ended[0]), self.sum(|sums| sums.held[0]));
        (ended + 1.0) / (held + self.promise)
    }

    fn offline_ends(&self) -> f64 {
        let (ended, held) = (self.sum(|sums| sums.ended[1]), self.sum(|sums| sums.held[1]));
        if held > 0.0 { ended / held } else { 0.0 }
    }

    /// Arrivals a second.
    fn rate(&self) -> f64 {
        let seconds = self.sum(|sums| sums.seconds);
        if seconds > 0.0 { self.sum(|sums| sums.arrivals) / seconds } else { 0.0 }
    }

    /// Where arrivals have become much rarer, that is no burst, though the number in flight varies.
    fn peakedness(&self) -> f64 {
        let rate = |window: &Sums| window.arrivals / window.seconds.max(SHORT);
        let has_ended = rate(&self.short) < ENDED * rate(&self.long);
        if has_ended || self.deviations() < -SURPRISE { 1.0 } else { self.measured_peakedness() }
    }

    /// The variance of the shot noise over its mean, and a half, because for arrivals at random that ratio is 1/2.
    fn measured_peakedness(&self) -> f64 {
        let arrivals = self.long.arrivals;
        if arrivals < FEW_ARRIVALS || self.long.seconds <= 0.0 || self.long.shots <= 0.0 {
            return 1.0;
        }
        let mean = self.long.shots / self.long.seconds;
        let variance = self.long.shots_squared / self.long.seconds - mean * mean;
        let peakedness = 0.5 + variance / mean;
        // What arrivals at random may show by chance.
        if peakedness > 1.0 + 2.0 * (2.0 / arrivals).sqrt() { peakedness } else { 1.0 }
    }

    pub(super) fn load(&self, slots: u64) -> Load {
        let online_ends = self.online_ends();
        Load {
            slots: slots as f64,
            offered: self.rate() / online_ends,
            online_ends,
            offline_ends: self.offline_ends(),
            peakedness: self.peakedness(),
            promise: self.promise,
        }
    }
}
