//! Which calls may wait: bounds, weights, and calls inside other calls that could never run.

use super::super::slots::Running;
use super::Arbiter;
use super::turn::Turn;
use crate::clock::Clock;
use crate::limiter::types::{Lane, Overflow, Refused, Request, Slot, Ticket, UNLIMITED};

impl<C: Clock> Arbiter<C> {
    /// Why `units` units of this request cannot wait, if they cannot.
    pub(super) fn refusal(&self, request: Request, units: u32) -> Option<Refused> {
        let Request { lane, weight, .. } = request;
        if self.closed && request.lender().is_none() {
            return Some(Refused::Closed);
        }
        if let Err(refused) = self.check_weight(lane, weight) {
            return Some(refused);
        }
        if self.max_queue(lane) < UNLIMITED
            && self.overflow != Overflow::Wait
            && let Err(refused) = self.displaced_by(request, self.would_wait(request, units))
        {
            return Some(refused);
        }
        if request.lender().is_some() {
            return None;
        }
        let (slot, running) = self.outer_of(request)?;
        self.would_wait_for_itself(slot, running, lane, weight).then_some(Refused::Deadlock)
    }

    /// How many of these units would not start at once, at most.
    pub(super) fn would_wait(&self, request: Request, units: u32) -> u64 {
        u64::from(units) - u64::from(units).min(self.startable(request))
    }

    /// Checks whether a lane lets in calls of that weight. If the concurrency is adaptive, its highest value counts.
    ///
    /// # Errors
    /// [`Refused::Weight`] if the lane may never hold so many slots.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Refused};
    ///
    /// let arbiter = Arbiter::new(Options::new(4).reserve(1))?;
    /// assert_eq!(arbiter.check_weight(Lane::Online, 4), Ok(()));
    /// let refused = Refused::Weight { given: 4, lane: Lane::Offline, most: 3 };
    /// assert_eq!(arbiter.check_weight(Lane::Offline, 4), Err(refused), "one slot is reserved");
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn check_weight(&self, lane: Lane, weight: u32) -> Result<(), Refused> {
        let most = self.slots.heaviest_for(lane);
        if u64::from(weight) > most {
            return Err(Refused::Weight { given: weight, lane, most });
        }
        Ok(())
    }

    /// Whether what waits in a lane for so many slots could never run, if what runs in a slot waits for it.
    pub(super) fn would_wait_for_itself(
        &self,
        slot: Slot,
        running: Running,
        lane: Lane,
        weight: u32,
    ) -> bool {
        let held = self.nesting.held_with(slot, running);
        let head = self.tickets.head(lane).map(|head| head.weight);
        let mut needed = head.into_iter().chain([weight]);
        needed.any(|weight| !self.slots.fit_beside(lane, weight, held))
    }

    /// How many units of a newcomer would start at once, at least. If other tickets wait, the
    /// answer is at most 1, although more units might start.
    pub(super) fn startable(&self, request: Request) -> u64 {
        let borrows = request.lender().is_some_and(|outer| self.may_borrow(request, outer));
        if !self.may_start_at_once(request) {
            return borrows.into();
        }
        if Lane::ALL.iter().any(|&lane| self.pending(lane) > 0) {
            return 1;
        }
        let by_slots = self.slots.free_for(request.lane) / u64::from(request.weight);
        by_slots.min(self.pacing.ready(request, || self.clock.now()))
    }

    /// The unit in `slot` waits for a ticket from now on; the ticket waits already. If `from` is
    /// the online lane, the ticket counts as an online one, because the caller is about to
    /// [raise](Arbiter::raise) it there.
    ///
    /// # Errors
    /// [`Refused::Deadlock`] if the ticket could then never get a slot. Nothing has changed.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn join(&mut self, ticket: Ticket, slot: Slot, from: Lane) -> Result<(), Refused> {
        let Some((own, _, weight)) = self.tickets.asked_by(ticket) else {
            return Ok(());
        };
        let lane = if from == Lane::Online { from } else { own };
        let running = self.slots.running(slot).expect("who joins runs");
        if self.would_wait_for_itself(slot, running, lane, weight) {
            self.recorders[from.index()].refused(1);
            return Err(Refused::Deadlock);
        }
        self.nesting.waits(slot, running, ticket);
        Ok(())
    }

    /// Whether a call would start at once, or wait in its lane without exceeding the bound. A call
    /// that weighs more than its lane may hold has room: it is refused for its weight, and waiting
    /// does not help.
    pub fn has_room(&self, request: impl Into<Request>) -> bool {
        self.room_at(request).is_some_and(|at| at == 0 || at <= self.clock.now())
    }

    /// The time, on the arbiter's clock, from which there [is room](Arbiter::has_room) for a call
    /// if nothing else happens. It may be in the past. None if time alone makes no room: slots are
    /// missing, other tickets are before the call, or the limit is [paused](Arbiter::pause) until
    /// it is resumed. [`Arbiter::wakes_at`] is for tickets that wait, this is for calls that have
    /// not come yet. It does not change the other.
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
        let Request { lane, weight, .. } = request;
        let is_too_heavy = u64::from(weight) > self.slots.heaviest_for(lane);
        if is_too_heavy || self.pending(lane) < self.max_queue(lane) {
            return Some(0);
        }
        if request.lender().is_some_and(|outer| self.may_borrow(request, outer)) {
            return Some(0);
        }
        let weights = self.weights_with(request)?;
        let ready_at = |of: Lane| match of == lane {
            true => self.pacing.newcomer_ready_at(request),
            false => self.head_ready_at(of),
        };
        let (turn, at) = self.next_if_time_passes(|at| self.turn_at(at, weights), ready_at)?;
        (turn == Turn::Head(lane)).then_some(at)
    }
}
