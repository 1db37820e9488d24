//! The algorithm under a gate: who gets the next slot.
//!
//! Pure state: it starts nothing, wakes nobody and takes no lock. [`Gate`](super::Gate) wraps it for
//! Rust tasks, the Node binding for JS calls.

use super::adaptive::{Controller, Unit};
use super::error::{Error, Refused};
use super::lane::Lane;
use super::nested::Nested;
use super::options::{Options, UNLIMITED};
use super::pace::Pace;
use super::record::{Came, LaneRecord};
use super::request::Request;
use super::share::OfflineShare;
use super::slots::{Running, Slot, Slots};
use super::stats::{LaneStats, LimitStats};
use super::tickets::{Head, Ticket, Tickets};
use crate::clock::{Clock, MonotonicClock};

mod time;

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

/// How a unit of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave a result.
    Fulfilled,
    /// It failed; counted apart, and otherwise the same.
    Rejected,
    /// It failed because what it uses has too much to do: an [`adaptive`](super::adaptive) limit is reduced.
    /// Otherwise as `Rejected`.
    Overloaded,
}

/// The arbiter of one limit.
///
/// A caller enqueues its work, starts it once it has a slot, and settles the slot when the work has
/// ended; settling names the ticket whose work is to start in that slot now.
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
    nested: Nested,
    share: OfflineShare,
    records: [LaneRecord; 2],
    max_queue: [u64; 2],
    overflows: bool,
    pace: Pace,
    closed: bool,
    adaptive: Option<Box<Controller>>,
    /// Whether starts and ends are to be told to someone: it is adaptive, or has a rate.
    watched: bool,
    /// The last unit to end, or the one that got its slot, weighed more than one slot, or the number of slots changed.
    slots_shifted: bool,
}

impl Arbiter {
    /// An arbiter on the system's clock.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock> Arbiter<C> {
    /// An arbiter on a clock of the caller's.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let Options { concurrency, reserve, offline_share, max_queue, overflows, adaptive, rate } =
            options;
        let concurrency = match adaptive {
            Some(adaptive) => adaptive.checked_initial(reserve)?,
            None => concurrency,
        };
        Ok(Self {
            clock,
            slots: Slots::new(concurrency, reserve, adaptive.map(|options| options.max))?,
            tickets: Tickets::default(),
            nested: Nested::default(),
            share: OfflineShare::new(offline_share)?,
            records: Default::default(),
            max_queue,
            overflows,
            pace: Pace::new(rate)?,
            closed: false,
            watched: adaptive.is_some() || rate.is_some(),
            adaptive: adaptive.map(|options| Box::new(Controller::new(&options, concurrency))),
            slots_shifted: false,
        })
    }

    /// Adds a call to its lane; it has its slot at once where one is free for it.
    ///
    /// # Panics
    /// If 2^31 tickets wait already, or the call is made [inside](Request::inside) one that does not run.
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

    /// The other half of [`Arbiter::enqueue`], after [`Arbiter::try_enqueue`] gave nothing.
    pub(crate) fn enqueue_waiting(&mut self, request: Request) -> Result<Ticket, Refused> {
        if let Some(refused) = self.refusal(request, 1) {
            return Err(refused);
        }
        let came = self.records[request.lane.index()].call_came(&self.clock);
        let ticket = self.push(request, 1, came);
        if self.watched {
            self.has_come(ticket, request.cost);
        }
        Ok(ticket)
    }

    /// [`Arbiter::enqueue`], with whether [`Arbiter::grant_next`] has to be asked then.
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
        Ok((place, self.is_timed() || had_heavy_head && self.may_grant()))
    }

    /// The slot that a call would have at once, or none; then nothing has changed.
    pub fn try_enqueue(&mut self, request: impl Into<Request>) -> Option<Slot> {
        let request = request.into();
        if !self.may_start_at_once(request) {
            return None;
        }
        let Request { lane, weight, .. } = request;
        self.share.granted(lane, self.pending(Lane::Offline) > 0);
        let started = self.records[lane.index()].call_came_and_started(&self.clock);
        let weight = self.slots.need(lane, weight);
        let slot = self.slots.take(Running { lane, weight, started });
        if self.watched {
            self.pace.newcomer_starts(request.cost, || self.clock.now());
            self.has_started(slot);
        }
        Some(slot)
    }

    /// Adds `units` calls as one ticket, which keeps its place in the lane until its last unit is
    /// granted; every grant of it, by [`Arbiter::grant_next`] and [`Arbiter::settle`], is one unit's.
    ///
    /// # Errors
    /// All or none of the units are let in.
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
        if let Some(refused) = self.refusal(request, units) {
            return Err(refused);
        }
        let ticket = self.push(request, units, Came::Batch(self.clock.now()));
        if self.watched {
            self.has_come(ticket, request.cost);
        }
        Ok(ticket)
    }

    fn push(&mut self, request: Request, units: u32, came: Came) -> Ticket {
        let ticket = self.tickets.push(request, units, came);
        if let Some((slot, running)) = self.outer_of(request) {
            self.nested.waits(slot, running, ticket);
        }
        ticket
    }

    fn outer_of(&self, Request { outer, .. }: Request) -> Option<(Slot, Running)> {
        let slot = outer?;
        Some((slot, self.slots.running(slot).expect("an outer call runs")))
    }

    /// Why that many units can't wait, if they can't.
    fn refusal(&self, request: Request, units: u32) -> Option<Refused> {
        let Request { lane, weight, .. } = request;
        if self.closed {
            return Some(Refused::Closed);
        }
        let most = self.slots.heaviest_for(lane);
        if u64::from(weight) > most {
            return Some(Refused::Weight { given: weight, lane, most });
        }
        let most = self.max_queue[lane.index()];
        if most < UNLIMITED && !self.overflows {
            let waiting = u64::from(units) - u64::from(units).min(self.startable(request));
            if self.pending(lane).saturating_add(waiting) > most {
                return Some(Refused::Full { lane, most });
            }
        }
        let (slot, running) = self.outer_of(request)?;
        self.would_wait_for_itself(slot, running, lane, weight).then_some(Refused::Deadlock)
    }

    /// Whether what waits in a lane for so many slots could never run, if what runs in a slot waits for it.
    fn would_wait_for_itself(&self, slot: Slot, running: Running, lane: Lane, weight: u32) -> bool {
        let held = self.nested.held_with(slot, running);
        let head = self.tickets.head(lane).map(|head| head.weight);
        let mut needed = head.into_iter().chain([weight]);
        needed.any(|weight| !self.slots.fit_beside(lane, weight, held))
    }

    /// What runs in a slot waits, from now on, for a ticket that waits already: as one of this lane if that is the
    /// online one, which it is about to be [lifted](Arbiter::lift) to.
    ///
    /// # Errors
    /// [`Refused::Deadlock`] where the ticket could then never have a slot. Nothing has changed.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn join(&mut self, ticket: Ticket, slot: Slot, from: Lane) -> Result<(), Refused> {
        let Some((own, weight)) = self.tickets.asked_by(ticket) else {
            return Ok(());
        };
        let lane = if from == Lane::Online { from } else { own };
        let running = self.slots.running(slot).expect("who joins runs");
        if self.would_wait_for_itself(slot, running, lane, weight) {
            return Err(Refused::Deadlock);
        }
        self.nested.waits(slot, running, ticket);
        Ok(())
    }

    /// How many units of a newcomer would start at once, at the least: beside others who wait, one may be all.
    fn startable(&self, request: Request) -> u64 {
        if !self.may_start_at_once(request) {
            return 0;
        }
        if Lane::ALL.iter().any(|&lane| self.pending(lane) > 0) {
            return 1;
        }
        let by_slots = self.slots.free_for(request.lane) / u64::from(request.weight);
        by_slots.min(self.pace.ready(request.cost, || self.clock.now()))
    }

    /// Whether the head of a lane asks for several slots. Only then can a newcomer change what others get.
    #[inline(always)]
    pub(crate) fn has_heavy_head(&self) -> bool {
        self.weights_of_heads().iter().any(|&weight| weight > 1)
    }

    /// Whether [`Arbiter::grant_next`] has to be asked after a [`settle`](Arbiter::settle).
    #[inline(always)]
    pub(crate) fn has_more_after_settle(&self) -> bool {
        self.is_timed() || self.settle_left_room()
    }

    /// Gives a free slot to who is next, if there is a slot and someone who may have it. Call it
    /// until it gives nothing after everything that may make room for several, or for another lane:
    /// [`enqueue_batch`](Arbiter::enqueue_batch), [`set_concurrency`](Arbiter::set_concurrency),
    /// [`cancel`](Arbiter::cancel), [`clear`](Arbiter::clear), [`lift`](Arbiter::lift),
    /// [`resume`](Arbiter::resume), where something weighs more than 1 the settling of a slot and any newcomer,
    /// any settling in a limit that [is adaptive](Arbiter::is_adaptive), and where time goes on in one that
    /// [is timed](Arbiter::is_timed): with any settling, and when [`Arbiter::wakes_at`] says so. All else hands a
    /// slot over by itself.
    pub fn grant_next(&mut self) -> Option<(Slot, Ticket)> {
        if !self.pace.is_free() {
            self.look();
        }
        let lane = self.next_lane()?;
        if self.watched {
            self.head_starts(lane);
        }
        let (ticket, running) = self.start_head(lane);
        let slot = self.slots.take(running);
        if self.watched {
            self.has_started(slot);
        }
        Some((slot, ticket))
    }

    /// Whether [`Arbiter::grant_next`] would give a slot to someone.
    pub fn may_grant(&self) -> bool {
        self.next_lane().is_some()
    }

    /// Ends the unit that ran in a slot and hands the slot to who is next, whose ticket is returned.
    /// Where nobody is, the slot is free.
    ///
    /// Where the limit is [`adaptive`](super::adaptive), this may change the number of slots; those of a
    /// raise are given out by [`Arbiter::grant_next`].
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn settle(&mut self, slot: Slot, outcome: Outcome) -> Option<Ticket> {
        let Some(ended) = self.slots.end(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        if self.watched {
            return self.settle_watched(slot, ended, outcome);
        }
        self.records[ended.lane.index()].settled(ended.started, outcome, &self.clock);
        self.nested.ended(slot);
        let next = self.next_lane();
        self.pass_on(slot, ended.weight, next)
    }

    /// Hands a slot over to the head of the lane that is next, after a unit that held so many.
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
    fn settle_watched(&mut self, slot: Slot, ended: Running, outcome: Outcome) -> Option<Ticket> {
        let records = &mut self.records[ended.lane.index()];
        let now = records.settled(ended.started, outcome, &self.clock);
        self.nested.ended(slot);
        self.adapt(slot, ended, outcome, now);
        let next = self.next_lane();
        if let Some(lane) = next {
            self.head_starts(lane);
        }
        let ticket = self.pass_on(slot, ended.weight, next);
        if next.is_some() {
            self.has_started(slot);
        } else {
            self.note();
        }
        // The number of slots may be another one, and tokens may have come.
        self.slots_shifted = true;
        ticket
    }

    /// An attempt of the unit in a slot has failed, and the unit will be tried again in that slot, which it keeps.
    ///
    /// It is of use where the limit is [`adaptive`](super::adaptive): an attempt that is
    /// [overloaded](Outcome::Overloaded) reduces it at once, as a unit that ends so does, and the unit gives no
    /// latency when it ends. Nobody has room by it, and nothing is counted.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    #[cold]
    pub fn attempt_failed(&mut self, slot: Slot, outcome: Outcome) {
        let Some(Running { started, .. }) = self.slots.running(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        let Some(controller) = self.adaptive.as_mut().filter(|controller| controller.is_on())
        else {
            return;
        };
        let (started, now) = (started.map(|started| started.at), self.clock.now());
        let concurrency = controller.attempt_failed(slot, started, now, outcome);
        self.slots.set_concurrency(concurrency).expect("it is within its bounds");
    }

    /// Takes a slot back from a unit that was granted and never began, as if it had not been: it counts neither as
    /// granted nor as settled. The slot is free; call [`Arbiter::grant_next`] then until it gives nothing.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn take_back(&mut self, slot: Slot) {
        let Some(ended) = self.slots.end(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        self.records[ended.lane.index()].taken_back();
        self.nested.ended(slot);
        self.slots.free(slot);
    }

    /// Whether [`Arbiter::grant_next`] gives slots to others after the last [`Arbiter::settle`]: the same as
    /// [`Arbiter::may_grant`] then, and cheaper. A slot that goes from one unit to another leaves everything else
    /// as it was, where both weigh 1.
    pub fn settle_left_room(&self) -> bool {
        self.slots_shifted && self.may_grant()
    }

    /// Takes what still waits of a ticket out of its lane. Gives `false`, and does nothing, where
    /// it does not wait (any more).
    ///
    /// Numbers are reused: a ticket that was granted, cancelled or cleared may be another call's by
    /// now, so forget it when you are told.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let waits = self.tickets.lane_of(ticket).is_some();
        if waits {
            self.drop_waiting(ticket);
        }
        waits
    }

    /// Takes everything that waits out of a lane and gives its tickets in the lane's order: calls,
    /// and batches with the units they had left. What runs goes on.
    pub fn clear(&mut self, lane: Lane) -> Vec<Ticket> {
        let mut dropped = Vec::new();
        while let Some(Head { ticket, .. }) = self.tickets.head(lane) {
            self.drop_waiting(ticket);
            dropped.push(ticket);
        }
        dropped
    }

    /// Has a ticket of the offline lane wait in the online one, behind those of its priority. Gives `false`,
    /// and does nothing, where it does not wait (any more) in the offline lane.
    pub fn lift(&mut self, ticket: Ticket) -> bool {
        if self.tickets.lane_of(ticket) != Some(Lane::Offline) {
            return false;
        }
        self.tickets.move_to(ticket, Lane::Online);
        self.pace.left(ticket);
        self.offline_left();
        true
    }

    /// What waits in a lane, in the order in which it starts.
    pub(crate) fn waiting(&self, lane: Lane) -> Vec<Ticket> {
        self.tickets.in_order(lane).collect()
    }

    /// Whether a ticket waits (still).
    pub(crate) fn waits(&self, ticket: Ticket) -> bool {
        self.tickets.lane_of(ticket).is_some()
    }

    /// How many units wait under a ticket.
    pub(crate) fn units(&self, ticket: Ticket) -> u64 {
        self.tickets.units(ticket)
    }

    /// The slots that units run in.
    pub(crate) fn slots_held(&self) -> impl Iterator<Item = Slot> {
        self.slots.all_held()
    }

    /// Refuses all calls from now on. What waits is run.
    pub fn close(&mut self) {
        self.closed = true;
    }

    /// Whether a call would start at once, or wait in its lane without there being more than may. One that
    /// weighs more than its lane may hold has: it is refused for its weight, for which no wait helps.
    pub fn has_room(&self, request: impl Into<Request>) -> bool {
        self.room_at(request).is_some_and(|at| at == 0 || at <= self.clock.now())
    }

    /// Whether it is [closed](Arbiter::close) and nothing runs or waits any more: so it stays.
    pub fn is_over(&self) -> bool {
        self.closed && self.is_idle()
    }

    /// Whether [`Arbiter::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// How many calls may wait in a lane; [`UNLIMITED`] is any number.
    pub fn max_queue(&self, lane: Lane) -> u64 {
        self.max_queue[lane.index()]
    }

    /// Changes the number of slots. A raise takes effect by [`Arbiter::grant_next`]; a lower number
    /// interrupts nothing and holds as running work ends. An [`adaptive`](super::adaptive) limit stays at
    /// it from now on.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was asked for.
    pub fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        self.slots.set_concurrency(concurrency)?;
        if let Some(controller) = &mut self.adaptive {
            controller.fix();
            self.slots.fix();
        }
        Ok(())
    }

    /// Whether the limit finds its concurrency by itself, and none was set by hand.
    pub fn is_adaptive(&self) -> bool {
        self.adaptive.as_ref().is_some_and(|controller| controller.is_on())
    }

    /// A unit has started: of use where the limit is watched.
    #[cold]
    fn has_started(&mut self, slot: Slot) {
        if let Some(controller) = &mut self.adaptive {
            controller.started(slot, self.slots.in_flight());
        }
        self.note();
    }

    fn adapt(&mut self, slot: Slot, ended: Running, outcome: Outcome, now: Option<u64>) {
        let Some(controller) = self.adaptive.as_mut().filter(|controller| controller.is_on())
        else {
            return;
        };
        let Running { lane, weight, started } = ended;
        // An overload counts whether or not it was timed.
        let Some(now) = now.or_else(|| (outcome == Outcome::Overloaded).then(|| self.clock.now()))
        else {
            return;
        };
        let concurrency = controller.ended(Unit {
            started: started.map(|started| started.at),
            ended: now,
            weight: started.map_or(1, |started| started.weight.get()),
            slot,
            slots: u64::from(weight),
            most: self.slots.most_for(lane),
            outcome,
        });
        self.slots.set_concurrency(concurrency).expect("it is within its bounds");
    }

    /// The number of slots; [`UNLIMITED`] is no limit.
    pub fn concurrency(&self) -> u64 {
        self.slots.concurrency()
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.slots.reserve()
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

    /// All numbers at once.
    pub fn stats(&self) -> LimitStats {
        let of = |lane: Lane| LaneStats {
            rate_wait: self.pace.rate_wait(lane),
            ..self.records[lane.index()].stats(self.active(lane), self.pending(lane))
        };
        LimitStats {
            concurrency: self.concurrency(),
            online: of(Lane::Online),
            offline: of(Lane::Offline),
            adaptive: self.adaptive.as_ref().map(|it| it.stats(self.slots.in_flight())),
            rate: self.pace.stats(|| self.clock.now()),
        }
    }

    /// The lane whose head gets the next slot, if there is a slot and one who may have it now.
    #[inline(always)]
    fn next_lane(&self) -> Option<Lane> {
        if !self.pace.is_free() {
            return self.next_lane_in_time();
        }
        self.next_lane_if(self.weights_of_heads())
    }

    /// How many slots the heads of the lanes ask for; 0 where nothing waits.
    #[inline(always)]
    fn weights_of_heads(&self) -> [u32; 2] {
        Lane::ALL.map(|lane| self.tickets.head(lane).map_or(0, |head| head.weight))
    }

    /// The lane policy: who would be next if the heads of the lanes asked for so many slots. A head that
    /// needs more than are free is not overtaken by what would take them away from it. Time is no part of
    /// it: who is next waits for the end of a pause and for the rate, and the other lane does behind it.
    #[inline(always)]
    fn next_lane_if(&self, weights: [u32; 2]) -> Option<Lane> {
        let first = match weights {
            [0, 0] => return None,
            [0, _] => Lane::Offline,
            [_, 0] => Lane::Online,
            _ if self.share.is_due() => Lane::Offline,
            _ => Lane::Online,
        };
        let weight = weights[first.index()];
        if self.slots.fit(first, weight, 0) {
            return Some(first);
        }
        let second = first.other();
        let kept = u64::from(self.slots.need(first, weight));
        let weight = weights[second.index()];
        (weight > 0 && self.slots.fit(second, weight, kept)).then_some(second)
    }

    #[inline(always)]
    fn may_start_at_once(&self, request: Request) -> bool {
        self.would_be_next(request) && (self.pace.is_free() || self.is_time_for(request.cost))
    }

    /// Whether a newcomer to a lane is next. Between a raise of the concurrency and the grants that
    /// follow it slots are free while others wait, and a newcomer does not barge past those.
    #[inline(always)]
    fn would_be_next(&self, request: Request) -> bool {
        let Request { lane, priority, weight, .. } = request;
        let behind = self.tickets.head(lane).is_some_and(|head| head.priority >= priority);
        if behind || self.closed || u64::from(weight) > self.slots.heaviest_for(lane) {
            return false;
        }
        let mut weights = self.weights_of_heads();
        weights[lane.index()] = weight;
        self.next_lane_if(weights) == Some(lane)
    }

    /// Starts one unit of the head of a lane.
    #[inline(always)]
    fn start_head(&mut self, lane: Lane) -> (Ticket, Running) {
        let (Head { ticket, weight, .. }, came, leaves) = self.tickets.take_unit(lane);
        if leaves {
            self.nested.left(ticket);
        }
        self.share.granted(lane, self.pending(Lane::Offline) > 0);
        let started = self.records[lane.index()].started(came, &self.clock);
        (ticket, Running { lane, weight: self.slots.need(lane, weight), started })
    }

    fn drop_waiting(&mut self, ticket: Ticket) {
        self.tickets.remove(ticket);
        self.pace.left(ticket);
        self.nested.left(ticket);
        self.offline_left();
    }

    fn offline_left(&mut self) {
        if self.pending(Lane::Offline) == 0 {
            self.share.offline_no_longer_waits();
        }
    }
}
