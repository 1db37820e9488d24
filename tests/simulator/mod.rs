//! A server, the work it is asked for, and the limit between them, on a clock of their own.
//!
//! The limit is the real arbiter. Everything is drawn from one seed, so a run gives the same figures
//! wherever and whenever it is run.

#![allow(dead_code)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use p_lanes::clock::{Clock, FakeClock};
use p_lanes::limiter::{
    Adaptive, Algorithm, Arbiter, Enqueued, Lane, LimitStats, Options, Outcome, Slot,
};

pub mod figures;
pub mod random;
pub mod scenarios;
pub mod two_lanes;

use random::Random;
use scenarios::{Load, Scenario, Spread, Stray};

const NANOS: f64 = 1e9;
/// How often the run is looked at, in seconds.
pub const LOOK: f64 = 0.05;

/// What the limit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    Adaptive(Algorithm),
    Fixed(u64),
    /// As many as the server has places for, at every moment.
    Oracle,
}

/// A moment of a run.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: f64,
    pub limit: u64,
    pub in_flight: u64,
    pub places: u64,
    /// Mean latency of the units that ended since the moment before, in milliseconds.
    pub latency: Option<f64>,
}

/// What a run has come to.
#[derive(Clone, Debug)]
pub struct Run {
    pub seconds: f64,
    /// Latencies of the units that ended well, in milliseconds, in order of size.
    pub latencies: Vec<f64>,
    pub refused: u64,
    pub moments: Vec<Moment>,
    pub stats: LimitStats,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Served(Slot),
    Refused(Slot),
    Arrives,
    Look,
}

struct Simulation<'a> {
    scenario: &'a Scenario,
    policy: Policy,
    random: Random,
    /// Stray refusals have a generator of their own, so that a run without any draws the same.
    strays: Random,
    clock: FakeClock,
    arbiter: Arbiter<FakeClock>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    /// When the unit of a slot started.
    started: Vec<u64>,
    busy: u64,
    /// Who waits in the server.
    queue: VecDeque<Slot>,
    run: Run,
    /// Latencies since the last look: their sum in milliseconds and their number.
    recent: (f64, u64),
}

fn adaptive(Scenario { bounds: (min, max), initial, .. }: &Scenario) -> Adaptive {
    Adaptive::default().min(*min).max(*max).initial(*initial)
}

/// Runs a scenario under a limit.
pub fn run(scenario: &Scenario, policy: Policy, seed: u64) -> Run {
    let clock = FakeClock::default();
    let options = match policy {
        Policy::Adaptive(algorithm) => {
            Options::new(1).adaptive(adaptive(scenario).algorithm(algorithm))
        }
        Policy::Fixed(slots) => Options::new(slots),
        Policy::Oracle => Options::new((scenario.places)(0.0)),
    };
    let mut simulation = Simulation {
        scenario,
        policy,
        random: Random::new(seed),
        strays: Random::new(!seed),
        arbiter: Arbiter::with_clock(options, clock.clone()).expect("valid options"),
        clock,
        events: BinaryHeap::new(),
        scheduled: 0,
        started: Vec::new(),
        busy: 0,
        queue: VecDeque::new(),
        run: Run {
            seconds: scenario.seconds,
            latencies: Vec::new(),
            refused: 0,
            moments: Vec::new(),
            stats: LimitStats::default(),
        },
        recent: (0.0, 0),
    };
    simulation.go();
    simulation.run.latencies.sort_by(f64::total_cmp);
    simulation.run.stats = simulation.arbiter.stats();
    simulation.run
}

impl Simulation<'_> {
    fn go(&mut self) {
        match self.scenario.load {
            // A batch that does not end within the run.
            Load::Saturating => drop(self.arbiter.enqueue_batch(Lane::Online, u32::MAX)),
            Load::Open(_) => self.schedule(0.0, Event::Arrives),
        }
        self.grant();
        self.schedule(0.0, Event::Look);
        let end = (self.scenario.seconds * NANOS) as u64;
        while let Some(Reverse((at, _, event))) = self.events.pop().filter(|it| it.0.0 <= end) {
            self.clock.advance(Duration::from_nanos(at - self.clock.now()));
            match event {
                Event::Served(slot) => {
                    self.busy -= 1;
                    self.settle(slot, Outcome::Fulfilled);
                }
                Event::Refused(slot) => self.settle(slot, Outcome::Overloaded),
                Event::Arrives => self.arrives(),
                Event::Look => self.look(),
            }
            self.serve();
        }
    }

    fn seconds(&self) -> f64 {
        self.clock.now() as f64 / NANOS
    }

    fn places(&self) -> u64 {
        (self.scenario.places)(self.seconds())
    }

    fn schedule(&mut self, seconds: f64, event: Event) {
        let at = self.clock.now() + (seconds * NANOS) as u64;
        self.scheduled += 1;
        self.events.push(Reverse((at, self.scheduled, event)));
    }

    fn arrives(&mut self) {
        let Load::Open(rate) = self.scenario.load else { return };
        let rate = rate(self.seconds());
        let next = self.random.exponential() / rate;
        self.schedule(next, Event::Arrives);
        if let Enqueued::Granted(slot) = self.arbiter.enqueue(Lane::Online) {
            self.start(slot);
        }
    }

    fn settle(&mut self, slot: Slot, outcome: Outcome) {
        let millis = (self.clock.now() - self.started[slot.number() as usize]) as f64 / 1e6;
        match outcome {
            Outcome::Fulfilled => {
                self.run.latencies.push(millis);
                self.recent.0 += millis;
                self.recent.1 += 1;
            }
            _ => self.run.refused += 1,
        }
        if self.arbiter.settle(slot, outcome).is_some() {
            self.start(slot);
        }
        self.grant();
    }

    fn grant(&mut self) {
        while let Some((slot, _)) = self.arbiter.grant_next() {
            self.start(slot);
        }
    }

    fn start(&mut self, slot: Slot) {
        let index = slot.number() as usize;
        self.started.resize(self.started.len().max(index + 1), 0);
        self.started[index] = self.clock.now();
        let in_server = self.busy + self.queue.len() as u64;
        let is_full = in_server >= self.places().saturating_add(self.scenario.queue);
        if self.is_stray() || is_full {
            self.schedule(self.scenario.refusal / 1e3, Event::Refused(slot));
        } else {
            self.queue.push_back(slot);
            self.serve();
        }
    }

    fn is_stray(&mut self) -> bool {
        match self.scenario.stray {
            Stray::Random(ratio) => self.strays.fraction() < ratio,
            Stray::Bursts { every, lasts } => self.seconds() % every < lasts,
        }
    }

    fn serve(&mut self) {
        while self.busy < self.places() {
            let Some(slot) = self.queue.pop_front() else { return };
            self.busy += 1;
            let mean = (self.scenario.service)(self.seconds(), &mut self.random) / 1e3;
            let spread = match self.scenario.spread {
                Spread::Even => self.random.about_one(0.2),
                Spread::Exponential => self.random.exponential(),
            };
            self.schedule(mean * spread, Event::Served(slot));
        }
    }

    fn look(&mut self) {
        if self.policy == Policy::Oracle {
            self.arbiter.set_concurrency(self.places()).expect("at least one");
            self.grant();
        }
        let (sum, count) = std::mem::take(&mut self.recent);
        self.run.moments.push(Moment {
            at: self.seconds(),
            limit: self.arbiter.concurrency(),
            in_flight: self.arbiter.active(Lane::Online),
            places: self.places(),
            latency: (count > 0).then(|| sum / count as f64),
        });
        self.schedule(LOOK, Event::Look);
    }
}
