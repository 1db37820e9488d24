//! The algorithm under a gate: which ticket gets the next slot.
//!
//! It is pure state: it starts nothing, wakes nothing and takes no lock.
//! [`Gate`](crate::limiter::Gate) wraps it for Rust tasks, and the Node binding wraps it for
//! JavaScript calls.

use super::drops::Drops;
use super::lending::Lending;
use super::line::Line;
use super::nesting::Nesting;
use super::offline_share::OfflineShare;
use super::pacing::Pacing;
use super::slots::{Running, Slots};
use super::tickets::Tickets;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::adaptive::Controller;
use crate::limiter::reserve;
use crate::limiter::stats::{Arrival, LaneRecorder};
use crate::limiter::types::{
    Error, Lane, Options, Outcome, Overflow, Refused, Request, Reserve, Slot, Ticket,
};

pub use leasing::EnteredLine;
pub use listing::ListedCall;

mod admission;
mod attempts;
mod concurrency;
mod fairness;
mod figures;
mod learning;
mod leasing;
mod lending;
mod listing;
mod overflow;
mod quotas;
mod removal;
mod reserving;
mod settings;
mod splitting;
mod time;
mod turn;

/// What [`Arbiter::enqueue`] did with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It runs now, in this slot.
    Granted(Slot),
    /// It waits in its lane under this ticket.
    Queued(Ticket),
    /// It was not let in.
    Refused(Refused),
}

/// The arbiter of one limit.
///
/// A caller enqueues its work and starts it once it has a slot. When the work ends, the caller
/// settles the slot. Settling returns the ticket whose work must now start in that slot.
///
/// ```
/// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
///
/// let mut arbiter = Arbiter::new(Options::new(1))?;
/// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
///
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(request));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
#[derive(Debug)]
pub struct Arbiter<C = MonotonicClock> {
    clock: C,
    slots: Slots,
    tickets: Tickets,
    nesting: Nesting,
    lending: Lending,
    share: OfflineShare,
    recorders: [LaneRecorder; 2],
    max_queue: [u64; 2],
    overflow: Overflow,
    /// None unless tickets may be dropped from full lanes.
    drops: Option<Box<Drops>>,
    pacing: Pacing,
    line: Line,
    closed: bool,
    adaptive: Option<Box<Controller>>,
    reserve: Reserve,
    /// Finds the reserve. None if it was set, or until both lanes are used.
    reserving: Option<Box<reserve::Controller>>,
    /// Whether starts and ends are reported to the controllers or the pacing: the limit is
    /// adaptive, has a rate, finds its reserve, drops tickets, is fair, or units lend their slots.
    observed: bool,
    /// Whether the last unit to end, or the unit that got its slot, weighed more than one slot, or
    /// the number of slots changed.
    slots_shifted: bool,
}

impl Arbiter {
    /// An arbiter on the system's clock.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock> Arbiter<C> {
    /// An arbiter on a clock of the caller's.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let Options {
            concurrency,
            reserve,
            offline_share,
            max_queue,
            overflow,
            adaptive,
            rate,
            quotas,
            fair,
        } = options;
        let pacing = Pacing::new(rate, quotas, || clock.now())?;
        let concurrency = match adaptive {
            Some(adaptive) => adaptive.checked_initial(reserve.slots())?,
            None => concurrency,
        };
        let mut arbiter = Self {
            clock,
            slots: Slots::new(concurrency, reserve.slots(), adaptive.map(|options| options.max))?,
            tickets: Tickets::default(),
            nesting: Nesting::default(),
            lending: Lending::default(),
            share: OfflineShare::new(offline_share)?,
            recorders: Default::default(),
            max_queue,
            overflow,
            drops: Self::drops_of(overflow),
            line: Line::default(),
            closed: false,
            reserve: reserve.checked()?,
            reserving: None,
            observed: adaptive.is_some() || pacing.is_rated() || overflow.drops(),
            pacing,
            adaptive: adaptive.map(|options| Box::new(Controller::new(&options, concurrency))),
            slots_shifted: false,
        };
        if fair {
            arbiter.make_fair();
        }
        Ok(arbiter)
    }

    /// Adds a call to its lane. It gets a slot at once if one is free for it.
    ///
    /// # Panics
    /// If 2^31 tickets wait already, or if the call is made [inside](Request::inside) a slot in
    /// which nothing runs.
    pub fn enqueue(&mut self, request: impl Into<Request>) -> Enqueued {
        let request = request.into();
        if let Some(slot) = self.try_enqueue(request) {
            return Enqueued::Granted(slot);
        }
        match self.enqueue_waiting(request) {
            Ok(ticket) => Enqueued::Queued(ticket),
            Err(refused) => Enqueued::Refused(refused),
        }
    }

    /// The second half of [`Arbiter::enqueue`], after [`Arbiter::try_enqueue`] returned none.
    pub(crate) fn enqueue_waiting(&mut self, request: Request) -> Result<Ticket, Refused> {
        if let Some(refused) = self.refuse(request, 1) {
            return Err(refused);
        }
        let arrival = self.recorders[request.lane.index()].call_arrived(&self.clock);
        if self.observed {
            return Ok(self.push_observed(request, 1, arrival));
        }
        Ok(self.push(request, 1, arrival))
    }

    /// Like [`Arbiter::enqueue`]. Also returns whether the caller must then call
    /// [`Arbiter::grant_next`].
    #[inline(always)]
    pub(crate) fn enter(
        &mut self,
        request: Request,
    ) -> Result<(Result<Slot, Ticket>, bool), Refused> {
        let had_heavy_head = self.has_heavy_head();
        let place = match self.try_enqueue(request) {
            Some(slot) => Ok(slot),
            None => Err(self.enqueue_waiting(request)?),
        };
        Ok((place, self.has_more_after_enter(had_heavy_head)))
    }

    /// Like [`Arbiter::try_enqueue`]. Also returns whether the caller must then call
    /// [`Arbiter::grant_next`].
    ///
    /// # Errors
    /// If it would be refused whatever slots are free: the limit is closed, or its lane lets no
    /// calls of that weight in. It is not counted.
    pub(crate) fn try_enter(&mut self, request: Request) -> Result<Option<(Slot, bool)>, Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        self.check_weight(request.lane, request.weight)?;
        let had_heavy_head = self.has_heavy_head();
        let slot = self.try_enqueue(request);
        Ok(slot.map(|slot| (slot, self.has_more_after_enter(had_heavy_head))))
    }

    /// Whether the caller must call [`Arbiter::grant_next`] after a call has entered, before which
    /// there was a [heavy head](Arbiter::has_heavy_head) or not.
    #[inline(always)]
    pub(crate) fn has_more_after_enter(&self, had_heavy_head: bool) -> bool {
        self.is_timed()
            || (had_heavy_head || self.observed) && (self.may_grant() || self.has_dropped())
    }

    /// Adds a call if it gets a slot at once, and returns the slot. Otherwise nothing has changed.
    pub fn try_enqueue(&mut self, request: impl Into<Request>) -> Option<Slot> {
        let request = request.into();
        let Request { lane, weight, .. } = request;
        if self.begins_to_measure(lane) {
            self.begin_to_measure();
        }
        if self.observed {
            self.time_passes();
        }
        if let Some(outer) = request.lender() {
            return self.try_enqueue_inside(request, outer);
        }
        if !self.may_start_at_once(request) {
            return None;
        }
        let weight = self.slots.need(lane, weight);
        Some(self.start_newcomer(request, weight))
    }

    /// Starts a call that has not waited, in so many slots.
    #[inline(always)]
    fn start_newcomer(&mut self, request: Request, weight: u32) -> Slot {
        let Request { lane, .. } = request;
        self.count_turn(lane);
        let started = self.recorders[lane.index()].call_arrived_and_started(&self.clock);
        self.date_skipped(lane, started);
        let slot = self.slots.take(Running { lane, weight, started });
        if self.observed {
            self.pacing.newcomer_has_started(slot, request, || self.clock.now());
            self.newcomer_has_started(lane, weight);
            self.has_started(slot);
        }
        slot
    }

    /// Adds `units` calls as one ticket. The ticket keeps its place in the lane until its last unit
    /// is granted. Every grant of the ticket, by [`Arbiter::grant_next`] or [`Arbiter::settle`], is
    /// for one unit.
    ///
    /// # Errors
    /// If the units are refused. Either all units are let in or none.
    ///
    /// # Panics
    /// If `units` is 0, or as [`Arbiter::enqueue`] does.
    pub fn enqueue_batch(
        &mut self,
        request: impl Into<Request>,
        units: u32,
    ) -> Result<Ticket, Refused> {
        assert!(units > 0, "a batch has at least one unit");
        let request = request.into();
        if self.begins_to_measure(request.lane) {
            self.begin_to_measure();
        }
        if self.observed {
            self.time_passes();
        }
        if let Some(refused) = self.refuse(request, units) {
            return Err(refused);
        }
        let arrival = Arrival::Batch(self.clock.now());
        if self.observed {
            return Ok(self.push_observed(request, units, arrival));
        }
        Ok(self.push(request, units, arrival))
    }

    fn push(&mut self, request: Request, units: u32, arrival: Arrival) -> Ticket {
        let ticket = self.tickets.push(request, units, arrival);
        if let Some(outer) = request.lender() {
            self.lend(ticket, outer);
        } else if let Some((slot, running)) = self.outer_of(request) {
            self.nesting.waits(slot, running, ticket);
        }
        ticket
    }

    fn outer_of(&self, Request { outer, .. }: Request) -> Option<(Slot, Running)> {
        let slot = outer?;
        Some((slot, self.slots.running(slot).expect("an outer call runs")))
    }

    /// Whether the caller must call [`Arbiter::grant_next`] after a [`settle`](Arbiter::settle).
    #[inline(always)]
    pub(crate) fn has_more_after_settle(&self) -> bool {
        self.is_timed() || self.settle_left_room()
    }

    /// Gives a free slot to the next ticket, if there is a free slot and a ticket that may have it.
    ///
    /// Most calls hand slots over without it. Call it until it returns none after every change that
    /// may make room for several tickets, or for the other lane:
    ///
    /// - after [`enqueue_batch`](Arbiter::enqueue_batch),
    ///   [`set_concurrency`](Arbiter::set_concurrency), [`cancel`](Arbiter::cancel),
    ///   [`clear`](Arbiter::clear), [`raise`](Arbiter::raise),
    ///   [`reprioritise`](Arbiter::reprioritise), [`set_reserve`](Arbiter::set_reserve),
    ///   [`set_offline_share`](Arbiter::set_offline_share), [`lend`](Arbiter::lend) and [`resume`](Arbiter::resume);
    /// - after a call that has [displaced](Arbiter::take_dropped) others;
    /// - after settling a slot and after any new call, if a unit weighs more than 1;
    /// - after settling a slot, if the limit [is adaptive](Arbiter::is_adaptive);
    /// - after settling a slot and at the time that [`Arbiter::wakes_at`] says, if the limit [is
    ///   timed](Arbiter::is_timed).
    pub fn grant_next(&mut self) -> Option<(Slot, Ticket)> {
        if !self.pacing.is_free() {
            self.expire_pauses();
        }
        if self.observed {
            self.time_passes();
        }
        let lane = self.next_lane_now()?;
        let offer = self.offer_at(lane);
        if self.observed {
            self.head_starts(lane);
        }
        let (ticket, running) = self.start_head(lane);
        let slot = self.slots.take(running);
        if self.lending.is_on() {
            self.has_started_inside(ticket, slot, offer);
        }
        if self.observed {
            self.head_has_started(lane, ticket, slot);
        }
        Some((slot, ticket))
    }

    /// Ends the unit that ran in a slot, hands the slot to the next ticket and returns that ticket.
    /// If no ticket may have it, the slot is free.
    ///
    /// In an [`adaptive`](crate::limiter::adaptive) limit this may change the number of slots.
    /// [`Arbiter::grant_next`] hands out the slots of a raise.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn settle(&mut self, slot: Slot, outcome: Outcome) -> Option<Ticket> {
        if self.observed {
            self.time_passes();
        }
        let Some(ended) = self.slots.end(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        if !self.pacing.is_free() {
            self.pacing.ended(slot);
        }
        if self.observed {
            return self.settle_observed(slot, ended, outcome);
        }
        self.recorders[ended.lane.index()].settled(ended.started, outcome, &self.clock);
        self.nesting.ended(slot);
        let next = self.next_lane();
        self.pass_on(slot, ended.weight, next)
    }

    /// Hands a slot to the head of the lane that is next, after a unit that held `weight` slots.
    #[inline(always)]
    fn pass_on(&mut self, slot: Slot, weight: u32, next: Option<Lane>) -> Option<Ticket> {
        let Some(lane) = next else {
            self.slots.free(slot);
            self.slots_shifted = false;
            return None;
        };
        let (ticket, running) = self.start_head(lane);
        self.slots_shifted = (weight, running.weight) != (1, 1);
        self.slots.hand_over(slot, running);
        Some(ticket)
    }

    #[cold]
    fn settle_observed(&mut self, slot: Slot, ended: Running, outcome: Outcome) -> Option<Ticket> {
        let records = &mut self.recorders[ended.lane.index()];
        let now = records.settled(ended.started, outcome, &self.clock);
        self.nesting.ended(slot);
        self.adapt(slot, ended, outcome, now);
        if self.lending.is_on() {
            self.lending.ended(slot, &mut self.slots);
            self.offer_slots();
        }
        if let Some(reserving) = &mut self.reserving {
            reserving.ended(ended.lane, ended.weight.into());
        }
        let next = self.next_lane_now();
        let offer = next.and_then(|lane| self.offer_at(lane));
        if let Some(lane) = next {
            self.head_starts(lane);
        }
        let ticket = self.pass_on(slot, ended.weight, next);
        if let Some(ticket) = ticket.filter(|_| self.lending.is_on()) {
            self.has_started_inside(ticket, slot, offer);
        }
        match next.zip(ticket) {
            Some((lane, ticket)) => self.head_has_started(lane, ticket, slot),
            None => self.note(),
        }
        // The number of slots may have changed, and tokens may have arrived.
        self.slots_shifted = true;
        ticket
    }

    /// Whether [`Arbiter::grant_next`] gives out slots after the last [`Arbiter::settle`]. At that
    /// moment it is the same as [`Arbiter::may_grant`] and costs less: a slot that passes between
    /// two units of weight 1 makes no other room.
    pub fn settle_left_room(&self) -> bool {
        self.slots_shifted && self.may_grant()
    }

    /// The tickets that wait in a lane, in the order in which they start.
    pub(crate) fn waiting(&self, lane: Lane) -> Vec<Ticket> {
        self.tickets.in_order(lane)
    }

    /// Whether a ticket still waits.
    pub(crate) fn waits(&self, ticket: Ticket) -> bool {
        self.tickets.lane_of(ticket).is_some()
    }

    /// How many units wait under a ticket.
    pub(crate) fn units(&self, ticket: Ticket) -> u64 {
        self.tickets.units(ticket)
    }

    /// Refuses all calls from now on. Tickets that wait still run.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether the limit is [closed](Arbiter::close) and nothing runs or waits. It stays so.
    pub fn is_over(&self) -> bool {
        self.closed && self.is_idle()
    }

    /// Whether [`Arbiter::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// How many units of a lane hold a slot.
    pub fn active(&self, lane: Lane) -> u64 {
        self.slots.active(lane)
    }

    /// How many units of a lane wait for a slot.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.tickets.pending(lane)
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_idle(&self) -> bool {
        Lane::ALL.iter().all(|&lane| self.active(lane) + self.pending(lane) == 0)
    }
}
