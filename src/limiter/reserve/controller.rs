//! The controller of one automatic reserve: how many slots are kept, as units come, start and end.

use std::time::Duration;

use super::demand::Demand;
use super::stats::{ReserveReason, ReserveStats};
use super::waiting::Load;
use crate::limiter::types::{DEFAULT_WAIT, Lane, Reserve, Ticket};

/// Nothing is kept when no online unit has come for this time, in nanoseconds, and for so many run times of offline units.
const IDLE: u64 = 30_000_000_000;
const IDLE_RUNS: f64 = 4.0;
/// One unit of a hundred may be late.
const ALLOWED: f64 = 0.01;

/// The sums of late units that change the correction. A cumulative sum (Page, "Continuous inspection schemes",
/// Biometrika 41, 1954) ignores what chance brings, and adds up what persists.
const UP_PER_UNIT: f64 = 0.02;
const UP: f64 = 8.0;
const DOWN_PER_UNIT: f64 = 0.006;
const DOWN: f64 = 2.0;
/// Each slot that is added makes it harder to take one back, up to this factor.
const MOST_PATIENCE: f64 = 16.0;

/// An online unit that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    since: u64,
    /// Whether a larger reserve could have given it a slot at once, and offline work did not hold more than it may.
    counts: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Controller {
    promise: Duration,
    /// Whether half of the slots are left to offline work.
    leaves_half: bool,
    demand: Demand,
    /// When online work was last there.
    online_at: Option<u64>,
    kept: u64,
    /// What the load alone asks for.
    by_load: u64,
    /// Slots beyond that, for units that were late.
    correction: u64,
    up: f64,
    down: f64,
    patience: f64,
    /// By ticket.
    waiting: Vec<Option<Waiting>>,
    slots: u64,
}

impl Controller {
    /// None if the reserve is a number. `online_was_there` tells whether there was online work before now.
    pub(crate) fn new(reserve: Reserve, now: u64, online_was_there: bool) -> Option<Self> {
        let (promise, leaves_half) = match reserve {
            Reserve::Auto => (DEFAULT_WAIT, true),
            Reserve::Wait(wait) => (wait, false),
            Reserve::Slots(_) => return None,
        };
        Some(Self {
            promise,
            leaves_half,
            demand: Demand::new(promise.as_secs_f64(), now),
            online_at: online_was_there.then_some(now),
            kept: 0,
            by_load: 0,
            correction: 0,
            up: 0.0,
            down: 0.0,
            patience: 1.0,
            waiting: Vec::new(),
            slots: 0,
        })
    }

    /// The slots that may be kept at most, of this many.
    fn most(&self, slots: u64) -> u64 {
        if self.leaves_half { slots / 2 } else { slots.saturating_sub(1) }
    }

    /// Time has passed in which `held` slots were held, by lane, of this many slots. `online` tells whether online
    /// work is there. Returns the slots to keep from now on.
    pub(crate) fn pass(&mut self, now: u64, held: [u64; 2], slots: u64, online: bool) -> u64 {
        let moves = self.demand.pass(now, held);
        if online {
            self.online_at = Some(now);
        }
        if moves || slots != self.slots {
            self.slots = slots;
            self.decide(now);
        }
        self.kept
    }

    /// Online units come. Returns the slots to keep from now on.
    pub(crate) fn arrived(&mut self, now: u64, units: u64) -> u64 {
        let was_idle = self.online_at.is_none();
        self.online_at = Some(now);
        self.demand.arrived(units.min(self.slots));
        if was_idle {
            self.decide(now);
        }
        self.kept
    }

    /// The online units of a ticket wait. `ahead` is how many slots online work holds or waits for already, and
    /// `slots_decide` tells whether more kept slots would let them start sooner: offline work holds no more than it may,
    /// and the lane is not paused.
    pub(crate) fn waits(&mut self, ticket: Ticket, now: u64, ahead: u64, slots_decide: bool) {
        let index = ticket.number() as usize;
        if index >= self.waiting.len() {
            self.waiting.resize(index + 1, None);
        }
        let counts = slots_decide && ahead < self.most(self.slots);
        self.waiting[index] = Some(Waiting { since: now, counts });
    }

    /// Online units wait for the end of a pause. That they are late says nothing of the reserve.
    pub(crate) fn paused(&mut self) {
        for waiting in self.waiting.iter_mut().flatten() {
            waiting.counts = false;
        }
    }

    /// An online unit that did not wait has started.
    pub(crate) fn started_at_once(&mut self) {
        self.was_late(false);
    }

    /// The first unit of a ticket starts, or the ticket leaves.
    pub(crate) fn waited(&mut self, ticket: Ticket, now: u64, starts: bool) {
        let waiting = self.waiting.get_mut(ticket.number() as usize).and_then(Option::take);
        let Some(Waiting { since, counts: true }) = waiting else { return };
        let late = u128::from(now.saturating_sub(since)) > self.promise.as_nanos();
        // A unit that leaves early says nothing.
        if late || starts {
            self.was_late(late);
        }
    }

    pub(crate) fn ended(&mut self, lane: Lane, slots: u64) {
        self.demand.ended(lane, slots);
    }

    fn was_late(&mut self, late: bool) {
        if late {
            self.up += 1.0;
            self.down = (self.down - 1.0).max(0.0);
        } else {
            self.up = (self.up - UP_PER_UNIT).max(0.0);
            self.down += DOWN_PER_UNIT;
        }
        if self.up >= UP {
            self.up = 0.0;
            self.down = 0.0;
            if self.kept < self.most(self.slots) {
                self.correction += 1;
                self.kept += 1;
                self.patience = (self.patience * 2.0).min(MOST_PATIENCE);
            }
        } else if self.down >= DOWN * self.patience {
            self.down = 0.0;
            self.correction = self.correction.saturating_sub(1);
        }
    }

    /// The longer offline units run, the longer an online unit waits that comes when nothing is kept.
    fn idle_after(Load { offline_ends, .. }: &Load) -> u64 {
        if *offline_ends > 0.0 { IDLE.max((IDLE_RUNS / offline_ends * 1e9) as u64) } else { IDLE }
    }

    fn decide(&mut self, now: u64) {
        let load = self.demand.load(self.slots);
        let idle = Self::idle_after(&load);
        if self.online_at.is_some_and(|at| now.saturating_sub(at) >= idle) {
            self.online_at = None;
            (self.correction, self.up, self.down, self.patience) = (0, 0.0, 0.0, 1.0);
        }
        if self.online_at.is_none() || self.slots == u64::MAX {
            (self.kept, self.by_load) = (0, 0);
            return;
        }
        let most = self.most(self.slots);
        self.by_load = load.fewest(most, ALLOWED / load.peakedness);
        self.correction = self.correction.min(most.saturating_sub(self.by_load));
        self.kept = (self.by_load + self.correction).min(most);
    }

    pub(crate) fn stats(&self) -> ReserveStats {
        let load = self.demand.load(self.slots);
        ReserveStats {
            slots: self.kept,
            reason: match self {
                Self { online_at: None, .. } => ReserveReason::NoOnlineWork,
                Self { correction: 1.., .. } => ReserveReason::LateUnits,
                Self { by_load: 2.., .. } => ReserveReason::OnlineLoad,
                _ => ReserveReason::OnlineWork,
            },
            wait: Some(self.promise),
            load: load.offered,
            peakedness: load.peakedness,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why so many slots are kept after twenty units that were late, in a pause or not.
    fn reason_after(in_pause: bool) -> ReserveReason {
        let mut controller = Controller::new(Reserve::Auto, 0, true).expect("it finds the reserve");
        controller.pass(0, [0, 8], 8, true);
        let ticket = Ticket::from_number(0);
        for number in 0..20 {
            let now = number * 200_000_000;
            controller.waits(ticket, now, 0, true);
            if in_pause {
                controller.paused();
            }
            controller.waited(ticket, now + 100_000_000, true);
        }
        controller.stats().reason
    }

    #[test]
    fn a_unit_that_waits_already_when_a_pause_begins_does_not_raise_the_reserve() {
        assert_eq!(reason_after(false), ReserveReason::LateUnits);
        assert_eq!(reason_after(true), ReserveReason::OnlineWork);
    }
}
