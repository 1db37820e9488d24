//! A limit that a batch fills in its offline lane, while online calls come.
//!
//! The limit is the real arbiter on a clock of its own. A run draws the arrivals and the run times of each lane from
//! generators of their own, so they are the same whatever the reserve is.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Adaptive, Arbiter, Enqueued, Lane, Options, Outcome, PauseScope, Reserve, Slot, Ticket,
};

use super::random::Random;

const NANOS: f64 = 1e9;
/// How often the run is looked at, in seconds.
pub const LOOK: f64 = 0.1;

/// How run times vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Runs {
    Exponential,
    /// The logarithm varies by this.
    Lognormal(f64),
    /// A heavy tail with this index: below 2 the variance has no bound. No run is longer than 100 times the mean.
    Pareto(f64),
}

impl Runs {
    /// A run time with a mean of 1.
    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Exponential => random.exponential(),
            Self::Lognormal(sigma) => (sigma * random.normal() - sigma * sigma / 2.0).exp(),
            Self::Pareto(index) => {
                let least = (index - 1.0) / index;
                (least / (1.0 - random.fraction()).powf(1.0 / index)).min(100.0)
            }
        }
    }
}

/// Times are seconds, run times milliseconds.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub about: &'static str,
    pub seconds: f64,
    pub slots: u64,
    /// Online calls a second at a moment, at random, if they come one by one.
    pub arrivals: fn(f64) -> f64,
    /// How many come at once each time.
    pub together: u64,
    pub online: (f64, Runs),
    pub offline: (f64, Runs),
    /// Whether the limit finds its slots.
    pub adaptive: bool,
    /// What is judged: the rest is the beginning, or follows a change.
    pub judged: fn(f64) -> bool,
    /// Whether a fixed reserve keeps the promise.
    pub steady: bool,
    /// The part of the offline runs that a server answers with "try again in a second", and whom
    /// that pauses.
    pub asked_to_wait: (f64, Option<PauseScope>),
}

impl Scenario {
    pub fn new(name: &'static str, about: &'static str, arrivals: fn(f64) -> f64) -> Self {
        Self {
            name,
            about,
            seconds: 120.0,
            slots: 16,
            arrivals,
            together: 1,
            online: (18.0, Runs::Lognormal(0.5)),
            offline: (300.0, Runs::Lognormal(1.0)),
            adaptive: false,
            judged: |at| at >= 5.0,
            steady: true,
            asked_to_wait: (0.0, None),
        }
    }

    fn batch_of(self, millis: f64, runs: Runs) -> Self {
        Self { offline: (millis, runs), ..self }
    }
}

/// All scenarios.
pub fn scenarios() -> Vec<Scenario> {
    let twenty = || Scenario::new("steady 20", "20 online calls a second", |_| 20.0);
    let sixty = || Scenario::new("steady 60", "60 online calls a second", |_| 60.0);
    let many = || Scenario::new("steady 150", "150 online calls a second", |_| 150.0);
    let step: fn(f64) -> f64 = |at| if (40.0..80.0).contains(&at) { 150.0 } else { 0.0 };
    vec![
        twenty(),
        sixty(),
        many(),
        Scenario { name: "batch of 5 ms", ..sixty() }.batch_of(5.0, Runs::Lognormal(1.0)),
        Scenario { name: "batch of 50 ms", ..sixty() }.batch_of(50.0, Runs::Lognormal(1.0)),
        Scenario { name: "batch of 5 s", ..sixty() }.batch_of(5_000.0, Runs::Lognormal(1.0)),
        Scenario { name: "heavy tail", ..sixty() }.batch_of(300.0, Runs::Pareto(1.5)),
        Scenario { name: "heavy tail online", online: (18.0, Runs::Pareto(1.5)), ..sixty() },
        Scenario { name: "exponential", online: (18.0, Runs::Exponential), ..many() }
            .batch_of(300.0, Runs::Exponential),
        Scenario {
            together: 20,
            judged: |at| at >= 20.0,
            steady: false,
            ..Scenario::new("bursts of 20", "20 online calls at once, once a second", |_| 1.0)
        },
        Scenario {
            judged: |at| (41.0..80.0).contains(&at),
            steady: false,
            ..Scenario::new("step", "none, 150 a second from 40 s to 80 s, and none again", step)
        },
        Scenario {
            seconds: 240.0,
            steady: false,
            ..Scenario::new("daily curve", "from 0 to 150 a second and back, in 240 s", |at| {
                75.0 * (1.0 - (at / 240.0 * std::f64::consts::TAU).cos())
            })
        },
        Scenario { name: "adaptive", adaptive: true, steady: false, ..sixty() },
        Scenario {
            slots: 2,
            steady: false,
            ..Scenario::new("nobody online", "a batch alone, on two slots", |_| 0.0)
        },
    ]
}

/// What a run has come to.
#[derive(Clone, Debug)]
pub struct Run {
    /// Waits of the online calls that are judged, in milliseconds, in order of size.
    pub waits: Vec<f64>,
    /// Offline units that ended while it was judged.
    pub batch: u64,
    /// How often an offline unit was asked to wait.
    pub asked: u64,
    /// Online calls that started while the offline lane was paused.
    pub beside_pause: u64,
    /// The reserve by time.
    pub reserve: Vec<(f64, u64)>,
}

impl Run {
    pub fn wait(&self, part: f64) -> f64 {
        let last = self.waits.len().saturating_sub(1);
        self.waits.get((last as f64 * part).round() as usize).copied().unwrap_or(0.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ended(Slot),
    Arrives,
    Draw,
    Look,
    /// The unit in the slot has waited for as long as it was asked to.
    Again(Slot),
    /// Time alone lets something start.
    Wake,
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    arrivals: Random,
    online: Random,
    offline: Random,
    answers: Random,
    clock: FakeClock,
    arbiter: Arbiter<FakeClock>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    batch: Ticket,
    arrived: HashMap<u32, u64>,
    lanes: Vec<Lane>,
    run: Run,
}

/// Runs a scenario with a reserve.
pub fn run(scenario: &Scenario, reserve: Reserve, seed: u64) -> Run {
    let clock = FakeClock::default();
    let mut options = Options::new(scenario.slots).reserve(reserve);
    if scenario.adaptive {
        let adaptive = Adaptive::default().min(8).max(32).initial(scenario.slots);
        options = options.adaptive(adaptive);
    }
    let mut arbiter = Arbiter::with_clock(options, clock.clone()).expect("valid options");
    let batch = arbiter.enqueue_batch(Lane::Offline, u32::MAX).expect("any number may wait");
    let mut simulation = Simulation {
        scenario,
        arrivals: Random::new(seed),
        online: Random::new(seed ^ 0x5EED),
        offline: Random::new(seed ^ 0xBA7C4),
        answers: Random::new(seed ^ 0x429),
        clock,
        arbiter,
        events: BinaryHeap::new(),
        scheduled: 0,
        batch,
        arrived: HashMap::new(),
        lanes: Vec::new(),
        run: Run { waits: Vec::new(), batch: 0, asked: 0, beside_pause: 0, reserve: Vec::new() },
    };
    simulation.go();
    simulation.run.waits.sort_by(f64::total_cmp);
    simulation.run
}

impl Simulation<'_> {
    fn go(&mut self) {
        self.grant();
        self.next_arrival();
        self.schedule(0.0, Event::Look);
        let end = (self.scenario.seconds * NANOS) as u64;
        while let Some(Reverse((at, _, event))) = self.events.pop().filter(|it| it.0.0 <= end) {
            self.clock.advance(Duration::from_nanos(at - self.clock.now()));
            match event {
                Event::Ended(slot) => self.ended(slot),
                Event::Arrives => self.arrive(),
                Event::Draw => self.next_arrival(),
                Event::Look => self.look(),
                Event::Again(slot) => self.again(slot),
                Event::Wake => self.grant(),
            }
        }
    }

    fn seconds(&self) -> f64 {
        self.clock.now() as f64 / NANOS
    }

    fn is_judged(&self) -> bool {
        (self.scenario.judged)(self.seconds())
    }

    fn schedule(&mut self, seconds: f64, event: Event) {
        let at = self.clock.now() + (seconds * NANOS) as u64;
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, event)));
    }

    fn next_arrival(&mut self) {
        let rate = (self.scenario.arrivals)(self.seconds());
        let next = self.arrivals.exponential() / rate;
        // The rate may change: if none comes soon, the next one is drawn again.
        if next > LOOK {
            self.schedule(LOOK, Event::Draw);
        } else {
            self.schedule(next, Event::Arrives);
        }
    }

    fn arrive(&mut self) {
        for _ in 0..self.scenario.together {
            match self.arbiter.enqueue(Lane::Online) {
                Enqueued::Granted(slot) => self.start(Lane::Online, slot, self.clock.now()),
                Enqueued::Queued(ticket) => {
                    self.arrived.insert(ticket.number(), self.clock.now());
                }
                Enqueued::Refused(refused) => panic!("{refused:?}"),
            }
        }
        self.next_arrival();
        self.grant();
    }

    fn ended(&mut self, slot: Slot) {
        let (part, scope) = self.scenario.asked_to_wait;
        let is_offline = self.lanes[slot.number() as usize] == Lane::Offline;
        if part > 0.0 && is_offline && self.answers.fraction() < part {
            self.run.asked += 1;
            self.arbiter.retry_after(slot, Duration::from_secs(1), scope);
            self.schedule(1.0, Event::Again(slot));
            self.grant();
            return;
        }
        if self.lanes[slot.number() as usize] == Lane::Offline && self.is_judged() {
            self.run.batch += 1;
        }
        if let Some(ticket) = self.arbiter.settle(slot, Outcome::Fulfilled) {
            self.granted(slot, ticket);
        }
        self.grant();
    }

    fn again(&mut self, slot: Slot) {
        if self.arbiter.attempt(slot) {
            self.start_offline(slot);
        }
        self.grant();
    }

    fn grant(&mut self) {
        loop {
            if let Some(slot) = self.arbiter.next_attempt() {
                self.start_offline(slot);
            } else if let Some((slot, ticket)) = self.arbiter.grant_next() {
                self.granted(slot, ticket);
            } else {
                break;
            }
        }
        if let Some(at) = self.arbiter.wakes_at() {
            let left = at.saturating_sub(self.clock.now());
            self.schedule(left as f64 / NANOS, Event::Wake);
        }
    }

    fn granted(&mut self, slot: Slot, ticket: Ticket) {
        if ticket == self.batch {
            self.start(Lane::Offline, slot, 0);
        } else {
            let arrived = self.arrived.remove(&ticket.number()).expect("it waited");
            self.start(Lane::Online, slot, arrived);
        }
    }

    fn start(&mut self, lane: Lane, slot: Slot, arrived: u64) {
        let index = slot.number() as usize;
        self.lanes.resize(self.lanes.len().max(index + 1), lane);
        self.lanes[index] = lane;
        let seconds = match lane {
            Lane::Online => {
                if (self.scenario.judged)(arrived as f64 / NANOS) {
                    self.run.waits.push((self.clock.now() - arrived) as f64 / 1e6);
                }
                self.scenario.online.0 / 1e3 * self.scenario.online.1.draw(&mut self.online)
            }
            Lane::Offline => return self.start_offline(slot),
        };
        if self.arbiter.pause_ends_at(Lane::Offline).is_some() {
            self.run.beside_pause += 1;
        }
        self.schedule(seconds, Event::Ended(slot));
    }

    fn start_offline(&mut self, slot: Slot) {
        let (millis, runs) = self.scenario.offline;
        let seconds = millis / 1e3 * runs.draw(&mut self.offline);
        self.schedule(seconds, Event::Ended(slot));
    }

    fn look(&mut self) {
        self.run.reserve.push((self.seconds(), self.arbiter.reserve()));
        self.schedule(LOOK, Event::Look);
    }
}
