//! A gate as one environment has it: a local limit, or a handle of a limit that it shares.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::clock::PortClock;
use super::ready_gates::{GateWaker, ReadyGates};
use crate::clock::Clock;
use crate::limiter::{
    Arbiter, Cause, Entered, EnteredLine, Error, GateHandle, Lane, LaneHistograms, Lease,
    LimitStats, Message, NotOpened, Options, Outcome, PartialOptions, PauseScope, Rate, Refused,
    Registry, Request, Settled, SharedGate, Slot, Ticket,
};

/// The limits of the process that have a name.
static SHARED: LazyLock<Registry<PortClock>> = LazyLock::new(Registry::default);

/// What starts next.
pub(super) enum Next {
    /// A unit of a ticket, in a slot.
    Ticket(Slot, u32),
    /// Another attempt of the unit in a slot.
    Attempt(Slot),
}

/// Either kind of gate, with the methods of a [`GateHandle`]. A local gate has no messages.
pub(super) enum PortGate {
    Local(Box<Arbiter<PortClock>>),
    Shared(GateHandle<PortClock>),
}

impl PortGate {
    pub(super) fn local(options: Options) -> Result<Self, Error> {
        Ok(Self::Local(Box::new(Arbiter::with_clock(options, PortClock::default())?)))
    }

    /// A gate that only this environment has.
    pub(super) fn local_from(given: &PartialOptions) -> Result<Self, NotOpened> {
        Ok(Self::local(given.options("")?)?)
    }

    /// A new handle, for the gate of that number. With a name it is a handle of the limit of that
    /// name, which is made if there is none. Without a name, no other environment can reach the
    /// limit.
    pub(super) fn shared(
        name: Option<&str>,
        given: &PartialOptions,
        gate: i32,
        ready_gates: &Arc<ReadyGates>,
    ) -> Result<Self, NotOpened> {
        let shared = match name {
            Some(name) => SHARED.open(name, given, Default::default)?,
            None => SharedGate::with_clock(given.options("")?, PortClock::default())?,
        };
        let ready_gates = Arc::clone(ready_gates);
        Ok(Self::Shared(shared.handle(Arc::new(GateWaker { gate, ready_gates }))))
    }

    /// Checks that a shared gate agrees with the given options.
    pub(super) fn check(&self, name: &str, given: &PartialOptions) -> Result<(), NotOpened> {
        match self {
            Self::Local(_) => Ok(()),
            Self::Shared(handle) => handle.gate().agrees_with(name, given),
        }
    }

    /// Enters a plain online call. The last value is whether its ticket is the line.
    #[inline(always)]
    pub(super) fn enter_line(&mut self) -> Result<(Entered, bool), Refused> {
        let Self::Local(arbiter) = self else {
            return self.enter(Lane::Online.into()).map(|entered| (entered, false));
        };
        let had_heavy_head = arbiter.has_heavy_head();
        let (place, in_line) = match arbiter.enter_line()? {
            EnteredLine::Granted(slot) => (Ok(slot), false),
            EnteredLine::InLine(ticket) => (Err(ticket.number()), true),
            EnteredLine::Queued(ticket) => (Err(ticket.number()), false),
        };
        let more = arbiter.has_more_after_enter(had_heavy_head);
        Ok((Entered { place, more, expects_messages: false, has_messages: false }, in_line))
    }

    #[inline(always)]
    pub(super) fn is_leased(&self) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.is_leased(),
            Self::Shared(_) => false,
        }
    }

    pub(super) fn end_lease(&mut self, lease: &mut Lease) {
        if let Self::Local(arbiter) = self {
            arbiter.end_lease(lease);
        }
    }

    pub(super) fn give_lease(&mut self, lease: &mut Lease) {
        if let Self::Local(arbiter) = self {
            arbiter.give_lease(lease);
        }
    }

    #[inline(always)]
    pub(super) fn enter(&mut self, request: Request) -> Result<Entered, Refused> {
        match self {
            Self::Local(arbiter) => {
                let (place, more) = arbiter.enter(request)?;
                let place = place.map_err(Ticket::number);
                Ok(Entered { place, more, expects_messages: false, has_messages: false })
            }
            Self::Shared(handle) => handle.enter(request),
        }
    }

    pub(super) fn enter_batch(&mut self, request: Request, units: u32) -> Result<u32, Refused> {
        match self {
            Self::Local(arbiter) => arbiter.enqueue_batch(request, units).map(Ticket::number),
            Self::Shared(handle) => handle.enter_batch(request, units),
        }
    }

    #[inline(always)]
    pub(super) fn settle(&mut self, slot: Slot, outcome: Outcome) -> Settled {
        match self {
            Self::Local(arbiter) => {
                let next = arbiter.settle(slot, outcome).map(Ticket::number);
                Settled {
                    next,
                    is_idle: next.is_none() && arbiter.is_idle(),
                    more: arbiter.has_more_after_settle(),
                    expects_messages: false,
                    has_messages: false,
                }
            }
            Self::Shared(handle) => handle.settle(slot, outcome),
        }
    }

    pub(super) fn attempt_failed(&mut self, slot: Slot, outcome: Outcome) {
        match self {
            Self::Local(arbiter) => arbiter.attempt_failed(slot, outcome),
            Self::Shared(handle) => handle.attempt_failed(slot, outcome),
        }
    }

    /// A shared gate announces attempts by messages.
    pub(super) fn next(&mut self) -> Option<Next> {
        match self {
            Self::Local(arbiter) => {
                if let Some(slot) = arbiter.next_attempt() {
                    return Some(Next::Attempt(slot));
                }
                arbiter.grant_next().map(|(slot, ticket)| Next::Ticket(slot, ticket.number()))
            }
            Self::Shared(handle) => handle.next().map(|(slot, ticket)| Next::Ticket(slot, ticket)),
        }
    }

    /// Whether the next attempt in a slot starts now.
    pub(super) fn attempt(&mut self, slot: Slot) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.attempt(slot),
            Self::Shared(handle) => handle.attempt(slot),
        }
    }

    pub(super) fn cancel_attempt(&mut self, slot: Slot) {
        match self {
            Self::Local(arbiter) => arbiter.cancel_attempt(slot),
            Self::Shared(handle) => handle.cancel_attempt(slot),
        }
    }

    pub(super) fn retry_after(
        &mut self,
        slot: Slot,
        duration: Duration,
        scope: Option<PauseScope>,
    ) {
        match self {
            Self::Local(arbiter) => arbiter.retry_after(slot, duration, scope),
            Self::Shared(handle) => handle.retry_after(slot, duration, scope),
        }
    }

    pub(super) fn active(&self, lane: Lane) -> u64 {
        match self {
            Self::Local(arbiter) => arbiter.active(lane),
            Self::Shared(handle) => handle.active(lane),
        }
    }

    pub(super) fn pending(&self, lane: Lane) -> u64 {
        match self {
            Self::Local(arbiter) => arbiter.pending(lane),
            Self::Shared(handle) => handle.pending(lane),
        }
    }

    /// How many units of this environment run, and how many wait.
    pub(super) fn held(&self) -> (u64, u64) {
        match self {
            Self::Local(arbiter) => arbiter.totals(),
            Self::Shared(handle) => handle.held(),
        }
    }

    pub(super) fn concurrency(&self) -> u64 {
        match self {
            Self::Local(arbiter) => arbiter.concurrency(),
            Self::Shared(handle) => handle.concurrency(),
        }
    }

    pub(super) fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        match self {
            Self::Local(arbiter) => arbiter.set_concurrency(concurrency),
            Self::Shared(handle) => handle.set_concurrency(concurrency),
        }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        match self {
            Self::Local(arbiter) => arbiter.rate(),
            Self::Shared(handle) => handle.rate(),
        }
    }

    pub(super) fn set_rate(&mut self, rate: Rate) -> Result<(), Error> {
        match self {
            Self::Local(arbiter) => arbiter.set_rate(rate),
            Self::Shared(handle) => handle.set_rate(rate),
        }
    }

    pub(super) fn charge(&mut self, cost: i32) {
        match self {
            Self::Local(arbiter) => arbiter.charge(cost),
            Self::Shared(handle) => handle.charge(cost),
        }
    }

    /// `everywhere` also clears what other environments have waiting at a shared gate.
    pub(super) fn clear(&mut self, lane: Lane, everywhere: bool) -> Vec<u32> {
        match self {
            Self::Local(arbiter) => arbiter.clear(lane).into_iter().map(Ticket::number).collect(),
            Self::Shared(handle) => handle.clear(lane, everywhere),
        }
    }

    pub(super) fn cancel(&mut self, ticket: u32, cause: Cause) {
        match self {
            Self::Local(arbiter) => {
                arbiter.cancel_for(Ticket::from_number(ticket), cause);
            }
            Self::Shared(handle) => handle.cancel_for(ticket, cause),
        }
    }

    pub(super) fn given_up(&mut self, slot: Slot, cause: Cause) {
        match self {
            Self::Local(arbiter) => arbiter.given_up(slot, cause),
            Self::Shared(handle) => handle.given_up(slot, cause),
        }
    }

    pub(super) fn correct(&mut self, lane: Lane, refused: i32, aborted: u32) {
        match self {
            Self::Local(arbiter) => arbiter.correct(lane, refused, aborted),
            Self::Shared(handle) => handle.correct(lane, refused, aborted),
        }
    }

    pub(super) fn raise(&mut self, ticket: u32, lane: Lane, priority: i32) {
        match self {
            Self::Local(arbiter) => {
                arbiter.raise(Ticket::from_number(ticket), lane, priority);
            }
            Self::Shared(handle) => handle.raise(ticket, lane, priority),
        }
    }

    pub(super) fn lend(&mut self, ticket: u32, outer: Slot) {
        match self {
            Self::Local(arbiter) => arbiter.lend(Ticket::from_number(ticket), outer),
            Self::Shared(handle) => handle.lend(ticket, outer),
        }
    }

    pub(super) fn await_running(&mut self, slot: Slot, outer: Slot) {
        match self {
            Self::Local(arbiter) => arbiter.await_running(slot, outer),
            Self::Shared(handle) => handle.await_running(slot, outer),
        }
    }

    pub(super) fn join(&mut self, ticket: u32, slot: Slot, lane: Lane) -> Result<(), Refused> {
        match self {
            Self::Local(arbiter) => arbiter.join(Ticket::from_number(ticket), slot, lane),
            Self::Shared(handle) => handle.join(ticket, slot, lane),
        }
    }

    pub(super) fn check_weight(&self, lane: Lane, weight: u32) -> Result<(), Refused> {
        match self {
            Self::Local(arbiter) => arbiter.check_weight(lane, weight),
            Self::Shared(handle) => handle.check_weight(lane, weight),
        }
    }

    pub(super) fn pause(&mut self) {
        match self {
            Self::Local(arbiter) => arbiter.pause(),
            Self::Shared(handle) => handle.pause(),
        }
    }

    pub(super) fn pause_for(&mut self, duration: Duration) {
        match self {
            Self::Local(arbiter) => arbiter.pause_for(duration),
            Self::Shared(handle) => handle.pause_for(duration),
        }
    }

    /// Ends all pauses, or only the one that `pause` has begun.
    pub(super) fn resume(&mut self, only_held: bool) {
        match (self, only_held) {
            (Self::Local(arbiter), false) => arbiter.resume(),
            (Self::Local(arbiter), true) => arbiter.resume_held(),
            (Self::Shared(handle), false) => handle.resume(),
            (Self::Shared(handle), true) => handle.resume_held(),
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.is_paused(),
            Self::Shared(handle) => handle.is_paused(),
        }
    }

    /// Whether time alone may let a ticket start, and this environment has to watch the time for
    /// that.
    pub(super) fn is_timed(&self) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.is_timed(),
            Self::Shared(_) => false,
        }
    }

    /// In how many milliseconds time lets a ticket start; 0 if it already does.
    pub(super) fn wakes_in(&self) -> Option<f64> {
        match self {
            Self::Local(arbiter) => {
                let nanos = arbiter.wakes_at()?.saturating_sub(arbiter.clock().now());
                Some(nanos as f64 / 1e6)
            }
            Self::Shared(_) => None,
        }
    }

    /// In how many milliseconds there is room for a call if nothing else happens; 0 if there is
    /// room now.
    pub(super) fn room_in(&self, request: Request) -> Option<f64> {
        let (at, now) = match self {
            Self::Local(arbiter) => (arbiter.room_at(request), arbiter.clock().now()),
            Self::Shared(handle) => handle.room_at(request),
        };
        Some(at?.saturating_sub(now) as f64 / 1e6)
    }

    pub(super) fn close(&mut self) {
        match self {
            Self::Local(arbiter) => arbiter.close(),
            Self::Shared(handle) => handle.close(),
        }
    }

    /// Whether a shared gate lets calls in beyond `maxQueue`, as the environment that made it has
    /// said.
    pub(super) fn overflows(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Shared(handle) => handle.overflows(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.is_closed(),
            Self::Shared(handle) => handle.is_closed(),
        }
    }

    /// Whether the gate is closed and nothing runs or waits.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Local(arbiter) => arbiter.is_over(),
            Self::Shared(handle) => handle.is_over(),
        }
    }

    pub(super) fn stats(&mut self) -> LimitStats {
        match self {
            Self::Local(arbiter) => arbiter.dated_stats(),
            Self::Shared(handle) => handle.stats(),
        }
    }

    pub(super) fn snapshot(&mut self) -> (LimitStats, [LaneHistograms; 2]) {
        match self {
            Self::Local(arbiter) => (arbiter.dated_stats(), arbiter.histograms()),
            Self::Shared(handle) => handle.snapshot(),
        }
    }

    /// The slots that work of this environment runs in, of one lane.
    pub(super) fn slots_of(&self, lane: Lane) -> Vec<u32> {
        match self {
            Self::Local(arbiter) => arbiter.slots_of(lane).map(Slot::number).collect(),
            Self::Shared(handle) => handle.slots_of(lane).into_iter().map(Slot::number).collect(),
        }
    }

    /// Whether work of this environment runs in a slot, if any does.
    pub(super) fn holds(&self, slot: Slot) -> bool {
        match self {
            Self::Local(_) => true,
            Self::Shared(handle) => handle.holds(slot),
        }
    }

    pub(super) fn take_message(&self) -> Option<Message> {
        match self {
            Self::Local(_) => None,
            Self::Shared(handle) => handle.take_message(),
        }
    }

    pub(super) fn expects_messages(&self) -> bool {
        match self {
            Self::Local(_) => false,
            Self::Shared(handle) => handle.expects_messages(),
        }
    }

    pub(super) fn watch(&self, watches: bool) {
        if let Self::Shared(handle) = self {
            handle.watch(watches);
        }
    }
}
