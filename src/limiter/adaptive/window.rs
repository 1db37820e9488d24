//! A window: recent latencies, and how well they tell the mean.

/// A latency counts at most as this many times the usual one. A unit that hung for a minute says
/// nothing about a queue.
const OUTLIER: f64 = 10.0;
/// A window needs at least this many latencies.
const FEWEST: u32 = 30;
/// A window is at least this many latencies long, so that units of all lengths end in it.
const ROUNDS: f64 = 2.0;
/// A window is closed after this many latencies even if the conclusion is not clear.
const MOST_ROUNDS: f64 = 50.0;
/// The assumed variation of latencies, as a part of them, until they are known to vary less. A few
/// similar latencies may still be of two kinds.
const VARIES: f64 = 1.0;
/// Whether a window may be closed is checked after every this many latencies. A power of 2.
const EVERY: u32 = 8;
/// No window is shorter than this, in nanoseconds. A shorter one would measure the other work of
/// the machine.
const SHORTEST: f64 = 50e6;
/// A window that is not closed by then is dropped, because its first samples are too old. In
/// latencies, and in nanoseconds.
const STALE: (f64, f64) = (100.0, 10e9);

/// The result of a window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// When it was closed, in nanoseconds.
    pub(crate) at: u64,
    /// Mean latency, in nanoseconds.
    pub(crate) latency: f64,
    /// The standard error of the latency, as a part of the latency.
    pub(crate) error: f64,
    /// Slots held when its units started, on average.
    pub(crate) in_flight: f64,
    /// Whether the limit was reached. A load that does not reach it needs no higher one.
    pub(crate) full: bool,
}

/// A unit that has ended with a result, in a limit that was in use when it started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) nanos: u64,
    /// How many units it stands for.
    pub(crate) weight: u32,
    pub(crate) in_flight: u64,
    pub(crate) full: bool,
}

/// The units that have ended since the window was opened.
///
/// Units count when they end. If they counted when they start, every window would lack the long
/// ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    opened: Option<u64>,
    readings: u32,
    weight: f64,
    sum: f64,
    squares: f64,
    in_flight: f64,
    full: bool,
    /// The mean of the previous window.
    usual: Option<f64>,
}

impl Window {
    pub(crate) fn is_empty(&self) -> bool {
        self.readings == 0
    }

    /// Drops the content. The window opens again when the next unit ends.
    pub(crate) fn reopen(&mut self) {
        *self = Self { usual: self.usual, ..Self::default() };
    }

    pub(crate) fn add(&mut self, now: u64, unit: Latency) {
        self.opened.get_or_insert(now);
        let weight = f64::from(unit.weight);
        let most = self.usual.map_or(f64::INFINITY, |usual| usual * OUTLIER);
        let nanos = (unit.nanos as f64).min(most);
        self.readings += 1;
        self.weight += weight;
        self.sum += weight * nanos;
        self.squares += weight * nanos * nanos;
        self.in_flight += weight * unit.in_flight as f64;
        self.full |= unit.full;
    }

    /// Closes the window if it is long enough and the conclusion is clear.
    pub(crate) fn close(
        &mut self,
        now: u64,
        is_clear: impl FnOnce(&Measure) -> bool,
    ) -> Option<Measure> {
        let open = now.saturating_sub(self.opened?) as f64;
        if open < SHORTEST || self.readings < FEWEST || !self.readings.is_multiple_of(EVERY) {
            return self.drop_stale(open);
        }
        let measure = self.measure(now);
        let rounds = open / measure.latency;
        if rounds < ROUNDS || (rounds < MOST_ROUNDS && !is_clear(&measure)) {
            return None;
        }
        self.usual = Some(measure.latency);
        self.reopen();
        Some(measure)
    }

    fn measure(&self, at: u64) -> Measure {
        let latency = self.sum / self.weight;
        let variance = (self.squares / self.weight / (latency * latency) - 1.0).max(0.0);
        Measure {
            at,
            latency,
            error: variance.sqrt().max(VARIES) / f64::from(self.readings).sqrt(),
            in_flight: self.in_flight / self.weight,
            full: self.full,
        }
    }

    fn drop_stale(&mut self, open: f64) -> Option<Measure> {
        let (rounds, nanos) = STALE;
        if open > nanos && open > rounds * self.sum / self.weight {
            self.reopen();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: u64 = 1_000_000;

    fn add(window: &mut Window, now: u64, millis: u64) {
        let unit = Latency { nanos: millis * MILLI, weight: 1, in_flight: 10, full: millis > 20 };
        window.add(now, unit);
    }

    /// Units that end a millisecond apart, until the window closes.
    fn closed(window: &mut Window, from: u64, latencies: &[u64]) -> Option<Measure> {
        latencies.iter().zip(from..).find_map(|(&millis, at)| {
            add(window, at * MILLI, millis);
            window.close(at * MILLI, |_| true)
        })
    }

    #[test]
    fn a_window_is_two_latencies_long_at_the_least() {
        let of = |millis| closed(&mut Window::default(), 0, &[millis; 1_000]).unwrap();
        assert_eq!(of(5).at, 55 * MILLI, "50 ms, and the eighth reading after that");
        assert_eq!(of(100).at, 207 * MILLI);
        let Measure { latency, in_flight, full, .. } = of(100);
        assert_eq!((latency, in_flight, full), (100e6, 10.0, true));
        assert!(!of(5).full);
    }

    #[test]
    fn a_window_stays_open_while_things_are_unclear() {
        let mut window = Window::default();
        for at in 0..40 {
            add(&mut window, at * 2 * MILLI, 10);
            assert!(window.close(at * 2 * MILLI, |_| false).is_none());
        }
        assert!(closed(&mut window, 100, &[10; 8]).is_some());
        assert!(window.is_empty());
    }

    #[test]
    fn one_that_hung_is_a_long_one_and_no_more() {
        let mut window = Window::default();
        closed(&mut window, 0, &[10; 100]).unwrap();
        let hung = [[60_000].as_slice(), &[10; 99]].concat();
        let Measure { latency, .. } = closed(&mut window, 1_000, &hung).unwrap();
        assert!(latency < 12e6, "{latency}");
    }

    #[test]
    fn old_news_are_dropped() {
        let mut window = Window::default();
        add(&mut window, 0, 10);
        add(&mut window, 11_000 * MILLI, 10);
        assert!(window.close(11_000 * MILLI, |_| true).is_none());
        assert!(window.is_empty());
    }
}
