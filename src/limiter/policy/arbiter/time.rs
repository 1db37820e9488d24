//! How time affects turns: pauses, the rate, and when to ask again.

use std::time::Duration;

use super::super::tickets::Head;
use super::Arbiter;
use super::turn::Turn;
use crate::clock::Clock;
use crate::limiter::types::{Error, Lane, Rate, Request, Slot, Ticket};

impl<C: Clock> Arbiter<C> {
    /// Grants nothing until [`Arbiter::resume`]. Units that run go on, and new calls may wait.
    pub fn pause(&mut self) {
        self.pacing.pause();
        self.online_is_paused();
        self.note();
    }

    /// Grants nothing for a time. Of several such pauses, the one that ends last counts. A zero
    /// duration is no pause. A [`pause`](Arbiter::pause) is independent of it. When the time is
    /// over, [`Arbiter::grant_next`] starts the tickets that wait; [`Arbiter::wakes_at`] says when.
    pub fn pause_for(&mut self, duration: Duration) {
        for lane in Lane::ALL {
            self.pause_lane_for(lane, duration);
        }
    }

    /// Grants nothing to the tickets of one lane for a time. The other lane has all turns meanwhile,
    /// and the [`offline_share`](crate::limiter::Options::offline_share) that is due does not grow. Otherwise as [`Arbiter::pause_for`].
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options};
    /// use std::time::Duration;
    ///
    /// let mut arbiter = Arbiter::with_clock(Options::new(2), FakeClock::default())?;
    /// arbiter.pause_lane_for(Lane::Offline, Duration::from_secs(1));
    /// assert!(arbiter.try_enqueue(Lane::Offline).is_none());
    /// assert!(arbiter.try_enqueue(Lane::Online).is_some());
    /// assert!(!arbiter.is_paused(), "one lane is");
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn pause_lane_for(&mut self, lane: Lane, duration: Duration) {
        self.pacing.pause_for(lane, duration, self.clock.now());
        if lane == Lane::Online {
            self.online_is_paused();
        }
        self.note();
    }

    /// Ends all pauses, of both kinds and of both lanes. [`Arbiter::grant_next`] then starts tickets.
    pub fn resume(&mut self) {
        self.pacing.end_pauses_for();
        self.resume_held();
    }

    /// Ends a [`pause`](Arbiter::pause), but not one [for a time](Arbiter::pause_for).
    /// [`Arbiter::grant_next`] then starts tickets.
    pub fn resume_held(&mut self) {
        self.pacing.end_pause();
        self.note();
    }

    /// Whether nothing is granted now, to either lane. Reads the clock if there is a pause for a
    /// time.
    pub fn is_paused(&self) -> bool {
        self.pacing.is_paused(|| self.clock.now())
    }

    /// When the last pause of a lane for a time ends, on the arbiter's clock. None if there is no
    /// such pause, or it is over.
    pub fn pause_ends_at(&self, lane: Lane) -> Option<u64> {
        self.pacing.pause_ends_at(lane).filter(|&end| end > self.clock.now())
    }

    /// The same in milliseconds from now; 0 without such a pause.
    pub(super) fn pause_ends_in(&self, lane: Lane) -> f64 {
        let left = |end: u64| end.saturating_sub(self.clock.now()) as f64 / 1e6;
        self.pacing.pause_ends_at(lane).map_or(0.0, left)
    }

    /// Whether time alone may let a ticket or an [attempt](Arbiter::attempt) start. Either the limit
    /// has a [rate](crate::limiter::Rate), or a [pause for a time](Arbiter::pause_for) has begun and
    /// [`Arbiter::grant_next`] has not yet found it over, or an attempt waits. [`Arbiter::wakes_at`]
    /// need only be called then.
    #[inline]
    pub fn is_timed(&self) -> bool {
        self.pacing.is_timed()
    }

    /// When [`Arbiter::grant_next`] will give a slot to a waiting ticket, or
    /// [`Arbiter::next_attempt`] will start an attempt, if nothing else happens, on the arbiter's
    /// clock: the end of a pause for a time, or the next token. It may be in the past. None if
    /// nothing waits, if slots are missing, or while the limit is [paused](Arbiter::pause) until it
    /// is resumed.
    ///
    /// Any call that changes the arbiter may change this time, except a newcomer that starts: that
    /// can only make it later. So if a limit [is timed](Arbiter::is_timed), ask again after such a
    /// call, once `grant_next` has returned none. Call `grant_next` at that time.
    ///
    /// ```
    /// use p_lanes::clock::{Clock, FakeClock};
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let clock = FakeClock::default();
    /// let options = Options::new(8).rate(Rate::new(10, Duration::from_secs(1)));
    /// let mut arbiter = Arbiter::with_clock(options, clock.clone())?;
    /// arbiter.enqueue_batch(Lane::Online, 3).expect("any number may wait");
    /// assert!(arbiter.grant_next().is_some());
    /// assert!(arbiter.grant_next().is_none(), "the rate is one every 100 ms");
    /// assert_eq!(arbiter.wakes_at(), Some(100_000_000));
    ///
    /// arbiter.pause_for(Duration::from_millis(150));
    /// assert_eq!(arbiter.wakes_at(), Some(150_000_000));
    /// clock.advance(Duration::from_millis(150));
    /// assert!(arbiter.grant_next().is_some());
    /// assert_eq!(arbiter.wakes_at(), Some(250_000_000));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn wakes_at(&self) -> Option<u64> {
        if !self.is_timed() {
            return None;
        }
        let turn_at = |at| self.turn_of_heads_at(at);
        self.next_if_time_passes(turn_at, |lane| self.cost_of_head(lane)).map(|(_, at)| at)
    }

    /// How much may start in a time, if the limit has a rate.
    pub fn rate(&self) -> Option<Rate> {
        self.pacing.rate()
    }

    /// Changes the rate. Tokens that are [available](crate::limiter::RateStats::available) stay, up
    /// to the new `burst`, and new ones arrive at the new rate. Ask [`Arbiter::wakes_at`] again
    /// then.
    ///
    /// # Errors
    /// If a number is out of its range, or if the limit was made without a rate. Nothing has
    /// changed.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let options = Options::new(8).rate(Rate::new(10, Duration::from_secs(1)));
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// arbiter.enqueue_batch(Lane::Online, 2).expect("any number may wait");
    /// assert!(arbiter.grant_next().is_some());
    /// assert_eq!(arbiter.wakes_at(), Some(100_000_000));
    /// arbiter.set_rate(Rate::new(100, Duration::from_secs(1)))?;
    /// assert_eq!(arbiter.wakes_at(), Some(10_000_000));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn set_rate(&mut self, rate: Rate) -> Result<(), Error> {
        self.pacing.set_rate(rate, self.clock.now())?;
        self.note();
        Ok(())
    }

    /// Takes a cost from the rate without a call, even if it is not available. A negative cost is
    /// given back. Use it for a unit that cost more than it was said to, and for what other
    /// processes use of the same allowance. A cost that is given back beyond a full `burst` is
    /// lost. A limit without a rate ignores this. [`Arbiter::grant_next`] starts the tickets that
    /// may then start. Ask [`Arbiter::wakes_at`] again then.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let rate = Rate::new(100, Duration::from_secs(60)).burst(20);
    /// let mut arbiter = Arbiter::with_clock(Options::new(8).rate(rate), FakeClock::default())?;
    /// arbiter.charge(25);
    /// assert_eq!(arbiter.stats().rate.map(|rate| rate.available), Some(-5.0));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn charge(&mut self, cost: i32) {
        self.pacing.charge(cost, || self.clock.now());
        self.note();
    }

    /// The clock of this arbiter.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// One unit of the head of a lane is about to start. Returns its cost. Called only if the limit
    /// is observed.
    #[cold]
    pub(super) fn head_starts(&mut self, lane: Lane) -> u32 {
        let Some(Head { ticket, .. }) = self.tickets.head(lane) else { return 0 };
        let cost = self.pacing.cost_of(ticket);
        self.head_leaves(ticket, lane);
        if lane == Lane::Online {
            self.no_longer_waits(ticket, true);
        }
        self.pacing.head_starts(lane, ticket, cost, || self.clock.now());
        cost
    }

    /// A ticket waits, and each of its units will take this cost of the rate. Called only if the
    /// limit is observed.
    #[cold]
    pub(super) fn arrived(&mut self, ticket: Ticket, request: Request, units: u32) {
        self.newcomer_waits(ticket, request, units);
        self.pacing.arrived(ticket, request.cost);
        self.note();
    }

    /// After a change, tells the rate which head waits for it alone.
    #[cold]
    pub(super) fn note(&mut self) {
        if self.pacing.is_rated() {
            let heads = Lane::ALL.map(|lane| self.tickets.head(lane));
            let next = match self.next_in_turn() {
                Some(Turn::Head(lane)) => Some((lane, self.cost_of_head(lane))),
                Some(Turn::Attempt(..)) | None => None,
            };
            self.pacing.note(heads, next, self.clock.now());
        }
    }

    #[cold]
    pub(super) fn expire_pauses(&mut self) {
        self.pacing.expire_pauses(|| self.clock.now());
        self.note();
    }

    /// What is next now, or when the rate allows it, if there is a slot.
    fn next_in_turn(&self) -> Option<Turn> {
        let now = self.pacing.now_for_pauses(|| self.clock.now());
        self.turn_of_heads_at(now)
    }

    #[cold]
    pub(super) fn next_lane_in_time(&self) -> Option<Lane> {
        match self.next_in_turn()? {
            Turn::Head(lane) => self.is_time_for(self.cost_of_head(lane)).then_some(lane),
            Turn::Attempt(..) => None,
        }
    }

    /// The attempt that starts now, before all tickets, if there is one.
    pub(super) fn attempt_in_time(&self) -> Option<(Lane, Slot)> {
        match self.next_in_turn()? {
            Turn::Attempt(lane, slot) => {
                self.is_time_for(self.pacing.attempt_cost(slot)).then_some((lane, slot))
            }
            Turn::Head(_) => None,
        }
    }

    /// Whether a newcomer starts now, if the heads of the lanes ask for these many slots and the
    /// newcomer is one of them.
    #[cold]
    pub(super) fn newcomer_is_in_time(&self, request: Request, weights: [u32; 2]) -> bool {
        let now = self.pacing.now_for_pauses(|| self.clock.now());
        self.turn_at(now, weights) == Some(Turn::Head(request.lane))
            && self.is_time_for(request.cost)
    }

    /// What starts next if only time passes, and from when, if `turn_at` says what is next at a time
    /// and heads have these costs. The time may be in the past.
    pub(super) fn next_if_time_passes(
        &self,
        turn_at: impl Fn(u64) -> Option<Turn>,
        cost_of_head: impl Fn(Lane) -> u32,
    ) -> Option<(Turn, u64)> {
        let mut openings = self.pacing.openings();
        while let Some(opening) = openings.next() {
            let Some(turn) = turn_at(opening) else { continue };
            let cost = match turn {
                Turn::Head(lane) => cost_of_head(lane),
                Turn::Attempt(_, slot) => self.pacing.attempt_cost(slot),
            };
            let at = self.pacing.ready_at(cost).max(opening);
            // From the next opening on, something else may be next.
            if openings.clone().next().is_none_or(|next| at < next) {
                return Some((turn, at));
            }
        }
        None
    }

    pub(super) fn cost_of_head(&self, lane: Lane) -> u32 {
        self.tickets.head(lane).map_or(0, |head| self.pacing.cost_of(head.ticket))
    }

    /// Whether the rate lets a unit of this cost start now.
    pub(super) fn is_time_for(&self, cost: u32) -> bool {
        let at = self.pacing.ready_at(cost);
        at == 0 || at <= self.clock.now()
    }

    /// Counts a turn of a lane for the offline share. While the offline lane is paused, nothing is
    /// added to what is due to it.
    #[inline(always)]
    pub(super) fn count_turn(&mut self, lane: Lane) {
        if self.pacing.is_free() {
            self.share.granted(lane, self.pending(Lane::Offline) > 0);
        } else {
            self.count_turn_in_time(lane);
        }
    }

    #[cold]
    fn count_turn_in_time(&mut self, lane: Lane) {
        let offline = Lane::Offline;
        let now = self.pacing.now_for_pauses(|| self.clock.now());
        if !self.pacing.is_paused_at(offline, now) {
            let waits = self.pending(offline) > 0 || self.pacing.first_attempt(offline).is_some();
            self.share.granted(lane, waits);
        }
    }
}
