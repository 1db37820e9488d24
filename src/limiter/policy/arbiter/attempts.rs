//! Units that have failed and are tried again in their slot: when the next attempt may start
//! (rule 11), and whom a server's "Retry-After" pauses.

use std::time::Duration;

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Lane, PauseScope, Slot};

impl<C: Clock> Arbiter<C> {
    /// Asks to try the unit in a slot again. Returns whether the attempt starts now. It then has
    /// taken the cost of the unit from the [rate](crate::limiter::Rate) once more. Otherwise it
    /// waits for the end of the lane's pause [for a time](Arbiter::pause_for), and for tokens, and
    /// [`Arbiter::next_attempt`] starts it. Call that at the time that [`Arbiter::wakes_at`] says.
    ///
    /// The unit keeps its slot. A unit may ask several times; each answer is for one attempt.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let clock = FakeClock::default();
    /// let options = Options::new(8).rate(Rate::new(10, Duration::from_secs(1)));
    /// let mut arbiter = Arbiter::with_clock(options, clock.clone())?;
    /// let slot = arbiter.try_enqueue(Lane::Online).expect("a token is there");
    /// assert!(!arbiter.attempt(slot), "the next token comes in 100 ms");
    /// assert_eq!(arbiter.wakes_at(), Some(100_000_000));
    /// clock.advance(Duration::from_millis(100));
    /// assert_eq!(arbiter.next_attempt(), Some(slot));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn attempt(&mut self, slot: Slot) -> bool {
        let lane = self.lane_of(slot);
        if self.pacing.is_free() {
            self.recorders[lane.index()].retried();
            return true;
        }
        self.expire_pauses();
        self.pacing.attempt_waits(lane, slot);
        let starts = self.attempt_in_time() == Some((lane, slot));
        if starts {
            self.start_attempt(lane, slot);
        }
        self.note();
        starts
    }

    /// Starts the attempt that is next, if there is one before all tickets, and returns its slot.
    /// Call it until it returns none, wherever [`Arbiter::grant_next`] is called, and before each
    /// call of that.
    pub fn next_attempt(&mut self) -> Option<Slot> {
        if self.pacing.is_free() {
            return None;
        }
        self.expire_pauses();
        let (lane, slot) = self.attempt_in_time()?;
        self.start_attempt(lane, slot);
        self.note();
        Some(slot)
    }

    /// Takes back one [`attempt`](Arbiter::attempt) of the unit in a slot, if it waits. The end of
    /// the unit takes back all of them.
    pub fn cancel_attempt(&mut self, slot: Slot) {
        self.pacing.attempt_is_cancelled(slot);
        self.note();
    }

    /// Whether a unit waits for a slot, or for another attempt.
    #[inline]
    pub(crate) fn has_work_that_waits(&self) -> bool {
        let waits = |&lane: &Lane| self.pending(lane) > 0;
        Lane::ALL.iter().any(waits) || self.attempts().next().is_some()
    }

    /// The slots whose units wait for another attempt.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = Slot> {
        self.pacing.attempts()
    }

    /// A server asked the unit in a slot to wait. Pauses the units that this concerns: by default
    /// the offline lane if the unit is offline, and the whole limit if it is online.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options};
    /// use std::time::Duration;
    ///
    /// let mut arbiter = Arbiter::with_clock(Options::new(4), FakeClock::default())?;
    /// let offline = arbiter.try_enqueue(Lane::Offline).expect("a slot is free");
    /// let online = arbiter.try_enqueue(Lane::Online).expect("a slot is free");
    /// let second = Duration::from_secs(1);
    /// arbiter.retry_after(offline, second, None);
    /// assert_eq!(arbiter.pause_ends_at(Lane::Online), None);
    /// arbiter.retry_after(online, second, None);
    /// assert!(arbiter.is_paused());
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn retry_after(&mut self, slot: Slot, duration: Duration, scope: Option<PauseScope>) {
        let lane = self.lane_of(slot);
        let by_lane = match lane {
            Lane::Online => PauseScope::Limit,
            Lane::Offline => PauseScope::Lane,
        };
        match scope.unwrap_or(by_lane) {
            PauseScope::Call => {}
            PauseScope::Lane => self.pause_lane_for(lane, duration),
            PauseScope::Limit => self.pause_for(duration),
        }
    }

    fn start_attempt(&mut self, lane: Lane, slot: Slot) {
        self.recorders[lane.index()].retried();
        self.pacing.attempt_starts(lane, slot, || self.clock.now());
        self.count_turn(lane);
    }

    pub(super) fn lane_of(&self, slot: Slot) -> Lane {
        let Some(running) = self.slots.running(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        running.lane
    }
}
