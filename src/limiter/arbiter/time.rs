//! What time has to do with a turn: pauses, the rate, and when to ask again.

use std::time::Duration;

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::error::Error;
use crate::limiter::lane::Lane;
use crate::limiter::rate::Rate;
use crate::limiter::request::Request;
use crate::limiter::tickets::{Head, Ticket};

impl<C: Clock> Arbiter<C> {
    /// Grants nothing until [`Arbiter::resume`]. What runs goes on, and calls may come.
    pub fn pause(&mut self) {
        self.pace.hold();
        self.note();
    }

    /// Grants nothing for a time. Of several such pauses the one that ends last counts, and one of no time is none;
    /// a [`pause`](Arbiter::pause) beside it is one of its own. What waits when the time is over starts by
    /// [`Arbiter::grant_next`]: [`Arbiter::wakes_at`] says when.
    pub fn pause_for(&mut self, duration: Duration) {
        self.pace.pause_for(duration, self.clock.now());
        self.note();
    }

    /// Ends all pauses, of both kinds; what may start does by [`Arbiter::grant_next`].
    pub fn resume(&mut self) {
        self.pace.end_pause_for();
        self.resume_held();
    }

    /// Ends a [`pause`](Arbiter::pause), and not one [for a time](Arbiter::pause_for); what may start does by
    /// [`Arbiter::grant_next`].
    pub fn resume_held(&mut self) {
        self.pace.let_go();
        self.note();
    }

    /// Whether nothing is granted now. It reads the clock where there is a pause for a time.
    pub fn is_paused(&self) -> bool {
        self.pace.is_paused(|| self.clock.now())
    }

    /// When the last pause for a time ends, on the arbiter's clock; none where there is none, or it is over.
    pub fn pause_ends_at(&self) -> Option<u64> {
        self.pace.pause_ends_at().filter(|&end| end > self.clock.now())
    }

    /// Whether time alone may let somebody start: there is a [rate](crate::limiter::Rate), or a [pause for a
    /// time](Arbiter::pause_for) of which [`Arbiter::grant_next`] has not found yet that it is over. Only then
    /// [`Arbiter::wakes_at`] has to be asked.
    #[inline]
    pub fn is_timed(&self) -> bool {
        self.pace.is_timed()
    }

    /// When, on the arbiter's clock, [`Arbiter::grant_next`] will give a slot to someone who waits if nothing else
    /// happens: the end of a pause for a time, or the next token. That may be past already. None where nobody
    /// waits, where slots are missing, and where it is [paused](Arbiter::pause) until someone ends that.
    ///
    /// Every call that changes the arbiter may change it, but for a newcomer that starts, which makes it
    /// later at the most. So where a limit [is timed](Arbiter::is_timed), ask once such a call was made and
    /// `grant_next` gives nothing (any more); and call `grant_next` at the time it says.
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
        let (_, cost) = self.next_in_turn()?;
        self.pace.opens_at(cost)
    }

    /// From when on, on the arbiter's clock, there [is room](Arbiter::has_room) for a call if nothing else happens,
    /// which may be past already. None where time alone does not make it: slots are missing, others are before it, or
    /// it is [paused](Arbiter::pause) until someone ends that. Unlike [`Arbiter::wakes_at`], which this does not
    /// change, it is for those who have not come yet.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let rate = Rate::new(10, Duration::from_secs(1));
    /// let options = Options::new(8).rate(rate).max_queue(Lane::Online, 0);
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// arbiter.try_enqueue(Lane::Online).expect("a token is there");
    /// assert_eq!(arbiter.room_at(Lane::Online), Some(100_000_000));
    /// assert_eq!(arbiter.wakes_at(), None, "nobody waits");
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn room_at(&self, request: impl Into<Request>) -> Option<u64> {
        let request = request.into();
        let Request { lane, weight, cost, .. } = request;
        let is_too_heavy = u64::from(weight) > self.slots.heaviest_for(lane);
        if is_too_heavy || self.pending(lane) < self.max_queue(lane) {
            return Some(0);
        }
        self.would_be_next(request).then(|| self.pace.opens_at(cost))?
    }

    /// How much may start in a time, where that is limited.
    pub fn rate(&self) -> Option<Rate> {
        self.pace.rate()
    }

    /// Changes the rate. What is [available](crate::limiter::RateStats::available) stays, up to the new `burst`, and more
    /// comes at the new pace. Ask [`Arbiter::wakes_at`] again then.
    ///
    /// # Errors
    /// A number out of its range; a limit that was made without a rate. Then nothing has changed.
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
        self.pace.set_rate(rate, self.clock.now())?;
        self.note();
        Ok(())
    }

    /// Takes a cost from the rate without a call, whether or not it is there, and gives it back where it is negative: for
    /// what a unit has cost beyond what it was said to, and for what others have used of the same allowance. What is
    /// given back beyond a full `burst` is lost, and a limit without a rate takes no notice. Whom it lets start does by
    /// [`Arbiter::grant_next`], and [`Arbiter::wakes_at`] has to be asked again.
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
        self.pace.charge(cost, || self.clock.now());
        self.note();
    }

    /// The clock that it was made with.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// One unit of the head of a lane is about to start: of use where the limit is watched.
    #[cold]
    pub(super) fn head_starts(&mut self, lane: Lane) {
        if let Some(Head { ticket, .. }) = self.tickets.head(lane) {
            let cost = self.pace.cost_of(ticket);
            self.pace.head_starts(lane, ticket, cost, || self.clock.now());
        }
    }

    /// A ticket waits, and each of its units will take so much of the rate: of use where the limit is watched.
    #[cold]
    pub(super) fn has_come(&mut self, ticket: Ticket, cost: u32) {
        self.pace.came(ticket, cost);
        self.note();
    }

    /// Tells a rate who waits for it alone, after a change.
    #[cold]
    pub(super) fn note(&mut self) {
        if self.pace.is_rated() {
            let heads = Lane::ALL.map(|lane| self.tickets.head(lane));
            self.pace.note(heads, self.next_in_turn(), self.clock.now());
        }
    }

    #[cold]
    pub(super) fn look(&mut self) {
        self.pace.look(|| self.clock.now());
        self.note();
    }

    /// The lane whose head gets the next slot, if there is a slot, now or in time; and its cost.
    fn next_in_turn(&self) -> Option<(Lane, u32)> {
        let lane = self.next_lane_if(self.weights_of_heads())?;
        Some((lane, self.pace.cost_of(self.tickets.head(lane)?.ticket)))
    }

    #[cold]
    pub(super) fn next_lane_in_time(&self) -> Option<Lane> {
        let (lane, cost) = self.next_in_turn()?;
        self.is_time_for(cost).then_some(lane)
    }

    #[cold]
    pub(super) fn is_time_for(&self, cost: u32) -> bool {
        self.pace.opens_at(cost).is_some_and(|at| at == 0 || at <= self.clock.now())
    }
}
