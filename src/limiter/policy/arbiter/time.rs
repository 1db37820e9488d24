//! How time affects turns: pauses, the rate, and when to ask again.

use std::time::Duration;

use super::super::pacing::told;
use super::Arbiter;
use super::turn::Turn;
use crate::clock::Clock;
use crate::limiter::types::{Lane, Request, Slot, Ticket};

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
        self.next_if_time_passes(turn_at, |lane| self.head_ready_at(lane)).map(|(_, at)| at)
    }

    /// The clock of this arbiter.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// One unit of the head of a lane is about to start. Called only if the limit is observed.
    #[cold]
    pub(super) fn head_starts(&mut self, lane: Lane) {
        let Some(head) = self.tickets.head(lane) else { return };
        self.head_leaves(head.ticket, lane);
        if lane == Lane::Online {
            self.no_longer_waits(head.ticket, true);
        }
    }

    /// A unit of the ticket that was the head of a lane has started in a slot. Called only if the
    /// limit is observed.
    #[cold]
    pub(super) fn head_has_started(&mut self, lane: Lane, ticket: Ticket, slot: Slot) {
        self.pacing.head_has_started(lane, ticket, slot, || self.clock.now());
        self.has_started(slot);
    }

    /// A ticket waits, and each of its units will take its cost of the rate. Called only if the
    /// limit is observed.
    #[cold]
    pub(super) fn arrived(&mut self, ticket: Ticket, request: Request, units: u32) {
        self.newcomer_waits(ticket, request, units);
        self.pacing.arrived(ticket, request);
        self.note();
    }

    /// After a change, tells the rate which head waits for it alone.
    #[cold]
    pub(super) fn note(&mut self) {
        if self.pacing.is_rated() {
            let heads = Lane::ALL.map(|lane| self.tickets.head(lane));
            let next = match self.next_in_turn() {
                Some(Turn::Head(lane)) => Some(lane),
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
            Turn::Head(lane) => self.is_past(self.head_ready_at(lane)).then_some(lane),
            Turn::Attempt(..) => None,
        }
    }

    /// The attempt that starts now, before all tickets, if there is one.
    pub(super) fn attempt_in_time(&self) -> Option<(Lane, Slot)> {
        match self.next_in_turn()? {
            Turn::Attempt(lane, slot) => {
                self.is_past(self.pacing.attempt_ready_at(slot)).then_some((lane, slot))
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
            && self.is_past(self.pacing.newcomer_ready_at(request))
    }

    /// What starts next if only time passes, and from when, if `turn_at` says what is next at a time
    /// and `head_ready_at` from when the rate lets a head start. The time may be in the past.
    pub(super) fn next_if_time_passes(
        &self,
        turn_at: impl Fn(u64) -> Option<Turn>,
        head_ready_at: impl Fn(Lane) -> u64,
    ) -> Option<(Turn, u64)> {
        let mut openings = self.pacing.openings();
        while let Some(opening) = openings.next() {
            let Some(turn) = turn_at(opening) else { continue };
            let ready_at = match turn {
                Turn::Head(lane) => head_ready_at(lane),
                Turn::Attempt(_, slot) => self.pacing.attempt_ready_at(slot),
            };
            let at = ready_at.max(opening);
            // From the next opening on, something else may be next.
            if openings.clone().next().is_none_or(|next| at < next) {
                return told(at).map(|at| (turn, at));
            }
        }
        None
    }

    /// From when the rate lets a unit of the head of a lane start.
    pub(super) fn head_ready_at(&self, lane: Lane) -> u64 {
        self.tickets.head(lane).map_or(0, |head| self.pacing.ticket_ready_at(head.ticket))
    }

    /// Whether that time has come.
    pub(super) fn is_past(&self, ready_at: u64) -> bool {
        ready_at == 0 || ready_at <= self.clock.now()
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
