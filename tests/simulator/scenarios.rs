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

/// Which calls a server refuses though it has room for them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stray {
    /// Each call with this probability.
    Random(f64),
    /// All that come within the first `lasts` of every `every` seconds.
    Bursts { every: f64, lasts: f64 },
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
    /// How many units may queue in the server. It refuses those beyond.
    pub queue: u64,
    /// How long a refusal takes, in milliseconds.
    pub refusal: f64,
    /// What it refuses whatever the load.
    pub stray: Stray,
    /// The bounds of an adaptive limit.
    pub bounds: (u64, u64),
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
            queue: u64::MAX,
            refusal: 1.0,
            stray: Stray::Random(0.0),
            bounds: (1, 200),
            load: Load::Saturating,
            steady: 15.0..40.0,
            knee: true,
        }
    }

    pub fn spread(self, spread: Spread) -> Self {
        Self { spread, ..self }
    }

    /// Whether the server ever refuses a unit.
    pub fn refuses(&self) -> bool {
        self.queue < u64::MAX || self.stray != Stray::Random(0.0)
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
            queue: 0,
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

/// How many places a service of [`overloads`] has, for calls of 20 ms.
pub const SERVICE: u64 = 16;
/// What such a service takes, in calls a second.
const MOST: f64 = 800.0;

fn service(name: &'static str, about: &'static str) -> Scenario {
    Scenario {
        places: |_| SERVICE,
        service: |_, _| 20.0,
        bounds: (2, 64),
        initial: 20,
        ..Scenario::new(name, about)
    }
}

/// A service that refuses some calls at random: how its load is called, and the scenario.
pub fn strays(ratio: f64) -> [(&'static str, Scenario); 3] {
    let loads = [
        ("low", Load::Open(|_| 0.3 * MOST)),
        ("medium", Load::Open(|_| 0.7 * MOST)),
        ("full", Load::Saturating),
    ];
    loads.map(|(name, load)| {
        let stray = Stray::Random(ratio);
        let about = "16 places of 20 ms, and a queue; some calls are refused at random";
        (name, Scenario { stray, load, ..service("stray errors", about) })
    })
}

/// Services that refuse calls for reasons of their own, because they are too many, or for both.
pub fn overloads() -> Vec<Scenario> {
    let drops = |at| if (10.0..25.0).contains(&at) { 6 } else { SERVICE };
    let stray = Stray::Random(0.01);
    vec![
        Scenario {
            stray,
            load: Load::Open(|at| if at < 20.0 { 0.1 * MOST } else { 1.1 * MOST }),
            ..service(
                "load comes late",
                "16 places of 20 ms; 1 % stray; a tenth of the load until 20 s",
            )
        },
        Scenario {
            stray,
            places: drops,
            ..service("queue grows, strays", "16 places, 6 from 10 s to 25 s; 1 % stray")
        },
        Scenario {
            stray,
            queue: 0,
            places: drops,
            ..service("sheds more, strays", "the same, and no queue: more are refused in 1 ms")
        },
        Scenario {
            stray,
            queue: 0,
            ..service("fast 429s, strays", "16 places; more are refused in 1 ms; 1 % stray")
        },
        Scenario {
            queue: 0,
            refusal: 20.0,
            ..service("slow 503s", "16 places; more are refused in 20 ms")
        },
        Scenario {
            queue: 8,
            refusal: 5.0,
            ..service("short queue", "16 places and a queue of 8; more are refused in 5 ms")
        },
        Scenario {
            places: |_| 100,
            queue: 0,
            refusal: 20.0,
            bounds: (2, 200),
            ..service("slow 503s, 100 places", "100 places; more are refused in 20 ms")
        },
        Scenario {
            stray: Stray::Bursts { every: 5.0, lasts: 0.05 },
            ..service("bursts", "16 places; all are refused for 50 ms of every 5 s")
        },
        Scenario {
            stray: Stray::Bursts { every: 20.0, lasts: 2.0 },
            ..service("outages", "16 places; all are refused for 2 s of every 20 s")
        },
    ]
}

/// The same with service times of two kinds, as in "bimodal".
pub fn bimodal(scenario: Scenario) -> Scenario {
    Scenario { service: |_, random| if random.fraction() < 0.9 { 10.0 } else { 110.0 }, ..scenario }
}
