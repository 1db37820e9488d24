//! What the limit is tried on.

use std::ops::Range;

use super::random::Random;

/// How the service times of one server vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Evenly, by up to a fifth.
    Even,
    /// Exponentially: most are short, some are long.
    Exponential,
}

/// Who wants to be served.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// Always more than may run.
    Saturating,
    /// So many calls a second at a moment, at random.
    Open(fn(f64) -> f64),
}

/// A server, and who wants to be served by it. Times are seconds, service times milliseconds.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    pub seconds: f64,
    pub initial: u64,
    /// How many units are served at once.
    pub places: fn(f64) -> u64,
    /// The mean service time.
    pub service: fn(f64, &mut Random) -> f64,
    pub spread: Spread,
    /// Whether units beyond its places are refused at once, instead of queued.
    pub refuses: bool,
    pub load: Load,
    /// When nothing changes any more.
    pub steady: Range<f64>,
    /// Whether there is a knee to be found.
    pub knee: bool,
}

/// What the server takes at most, in all scenarios.
pub const PLACES: u64 = 24;

fn constant(_: f64) -> u64 {
    PLACES
}

fn ten(_: f64, _: &mut Random) -> f64 {
    10.0
}

impl Scenario {
    fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            seconds: 40.0,
            initial: 4,
            places: constant,
            service: ten,
            spread: Spread::Even,
            refuses: false,
            load: Load::Saturating,
            steady: 15.0..40.0,
            knee: true,
        }
    }

    pub fn spread(self, spread: Spread) -> Self {
        Self { spread, ..self }
    }
}

/// All scenarios.
pub fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("knee", "24 places of 10 ms, and a queue"),
        Scenario {
            initial: 100,
            ..Scenario::new("knee from above", "the same, beginning at 100 slots")
        },
        Scenario {
            places: |at| if (20.0..40.0).contains(&at) { PLACES / 3 } else { PLACES },
            seconds: 60.0,
            steady: 50.0..60.0,
            ..Scenario::new("capacity drops", "24 places, 8 from 20 s to 40 s, and 24 again")
        },
        Scenario {
            service: |at, _| if at < 20.0 { 10.0 } else { 20.0 },
            seconds: 60.0,
            steady: 40.0..60.0,
            ..Scenario::new("latency step", "24 places of 10 ms, of 20 ms from 20 s on")
        },
        Scenario {
            service: |_, random| if random.fraction() < 0.9 { 5.0 } else { 55.0 },
            ..Scenario::new("bimodal", "24 places of 5 ms in 9 of 10 cases, else of 55 ms")
        },
        Scenario {
            refuses: true,
            ..Scenario::new("fast 429s", "24 places of 10 ms; more are refused within 1 ms")
        },
        Scenario {
            initial: 20,
            load: Load::Open(|at| if (at % 10.0) < 0.3 { 3_000.0 } else { 400.0 }),
            knee: false,
            ..Scenario::new("rarely in use", "400 calls a second, 3,000 for 0.3 s of 10 s")
        },
        Scenario {
            places: |at| PLACES - ((at - 10.0).clamp(0.0, 40.0) / 40.0 * 16.0) as u64,
            seconds: 60.0,
            steady: 50.0..60.0,
            ..Scenario::new("slow leak", "24 places, 8 by and by from 10 s to 50 s")
        },
        Scenario {
            places: |_| 3,
            initial: 20,
            ..Scenario::new("few places", "3 places of 10 ms, beginning at 20 slots")
        },
        Scenario {
            service: |_, _| 300.0,
            seconds: 180.0,
            steady: 90.0..180.0,
            initial: 20,
            ..Scenario::new("slow units", "24 places of 300 ms, beginning at 20 slots")
        },
    ]
}
