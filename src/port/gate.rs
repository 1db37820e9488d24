//! A gate as one environment has it: a local limit, or a handle of a limit that it shares.

#[cfg(not(target_family = "wasm"))]
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::clock::{PortClock, Times};
#[cfg(not(target_family = "wasm"))]
use super::ready_gates::{GateWaker, ReadyGates};
use crate::clock::Clock;
use crate::limiter::{
    Arbiter, Cause, Costs, DroppedTicket, Entered, EnteredLine, Error, GateHandle, Lane,
    LaneHistograms, Lease, LimitStats, ListedCall, Message, NotOpened, Options, Outcome, Overflow,
    PartialOptions, PauseScope, Rate, Reading, Refused, Request, Reserve, Sent, Settled, Slot,
    Ticket, TryEntered,
};
#[cfg(not(target_family = "wasm"))]
use crate::limiter::{Registry, SharedGate};

/// The limits of the process that have a name.
#[cfg(not(target_family = "wasm"))]
static SHARED: LazyLock<Registry<PortClock>> = LazyLock::new(Registry::default);

/// What starts next.
pub(crate) enum Next {
    /// A unit of a ticket, in a slot.
    Ticket(Slot, u32),
    /// Another attempt of the unit in a slot.
    Attempt(Slot),
    /// Nothing yet: tickets have left a full lane, and their callers must be told first.
    Dropped,
}

#[cfg(not(target_family = "wasm"))]
type Handle = GateHandle<PortClock>;

/// WebAssembly has one thread, so there is nobody to share a limit with: no such handle exists, and nothing that
/// is done with one is built.
#[cfg(target_family = "wasm")]
pub(crate) enum Handle {}

#[cfg(target_family = "wasm")]
impl std::ops::Deref for Handle {
    type Target = GateHandle<PortClock>;

    fn deref(&self) -> &Self::Target {
        match *self {}
    }
}

/// Either kind of gate, with the methods of a [`GateHandle`]. A local gate has no messages.
pub(crate) enum PortGate {
    Local(Box<Arbiter<PortClock>>),
    Shared(Handle),
}

/// Does something with either kind of gate: the same, or something else with each.
macro_rules! either {
    ($gate:expr, $either:ident => $does:expr) => {
        either!($gate, $either => $does, $either => $does)
    };
    ($gate:expr, $arbiter:pat => $local:expr, $handle:pat => $shared:expr) => {
        match $gate {
            Self::Local($arbiter) => $local,
            Self::Shared($handle) => $shared,
        }
    };
}

impl PortGate {
    pub(crate) fn local(options: Options, times: &Times) -> Result<Self, Error> {
        Ok(Self::Local(Box::new(Arbiter::with_clock(options, times.clock())?)))
    }

    /// A gate that only this environment has.
    pub(crate) fn local_from(given: &PartialOptions, times: &Times) -> Result<Self, NotOpened> {
        Ok(Self::local(given.options("")?, times)?)
    }

    /// A new handle, for the gate of that number. With a name it is a handle of the limit of that
    /// name, which is made if there is none. Without a name, no other environment can reach the
    /// limit.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn shared(
        name: Option<&str>,
        given: &PartialOptions,
        gate: i32,
        ready_gates: &Arc<ReadyGates>,
        times: &Times,
    ) -> Result<Self, NotOpened> {
        let shared = match name {
            Some(name) => {
                let clock = times.shared_clock(); // also for a gate that is there already
                SHARED.open(name, given, || clock)?
            }
            None => SharedGate::with_clock(given.options("")?, times.clock())?,
        };
        let ready_gates = Arc::clone(ready_gates);
        Ok(Self::Shared(shared.handle(Arc::new(GateWaker { gate, ready_gates }))))
    }

    /// Checks that a shared gate agrees with the given options.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn check(&self, name: &str, given: &PartialOptions) -> Result<(), NotOpened> {
        either!(self, _ => Ok(()), handle => handle.gate().agrees_with(name, given))
    }

    /// Enters a plain online call. The last value is whether its ticket is the line.
    #[inline(always)]
    pub(crate) fn enter_line(&mut self) -> Result<(Entered, bool), Refused> {
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
    pub(crate) fn is_leased(&self) -> bool {
        either!(self, arbiter => arbiter.is_leased(), _ => false)
    }

    pub(crate) fn end_lease(&mut self, lease: &mut Lease) {
        if let Self::Local(arbiter) = self {
            arbiter.end_lease(lease);
        }
    }

    pub(crate) fn give_lease(&mut self, lease: &mut Lease) {
        if let Self::Local(arbiter) = self {
            arbiter.give_lease(lease);
        }
    }

    #[inline(always)]
    pub(crate) fn enter(&mut self, request: Request) -> Result<Entered, Refused> {
        match self {
            Self::Local(arbiter) => {
                let (place, more) = arbiter.enter(request)?;
                let place = place.map_err(Ticket::number);
                Ok(Entered { place, more, expects_messages: false, has_messages: false })
            }
            Self::Shared(handle) => handle.enter(request),
        }
    }

    /// Enters a call if it gets a slot at once. Returns the slot, whether `next` must be called, and
    /// whether messages must be read: without a slot, before the call is made again.
    pub(crate) fn try_enter(&mut self, request: Request) -> Result<TryEntered, Refused> {
        match self {
            Self::Local(arbiter) => Ok(match arbiter.try_enter(request)? {
                Some((slot, more)) => TryEntered { slot: Some(slot), more, has_messages: false },
                None => TryEntered::default(),
            }),
            Self::Shared(handle) => handle.try_enter(request),
        }
    }

    /// Takes a slot back from a call that never began.
    pub(crate) fn take_back(&mut self, slot: Slot) {
        either!(self, gate => gate.take_back(slot));
    }

    pub(crate) fn enter_batch(&mut self, request: Request, units: u32) -> Result<u32, Refused> {
        either!(
            self,
            arbiter => arbiter.enqueue_batch(request, units).map(Ticket::number),
            handle => handle.enter_batch(request, units)
        )
    }

    #[inline(always)]
    pub(crate) fn settle(&mut self, slot: Slot, outcome: Outcome) -> Settled {
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

    pub(crate) fn attempt_failed(&mut self, slot: Slot, outcome: Outcome) {
        either!(self, gate => gate.attempt_failed(slot, outcome));
    }

    /// A shared gate announces attempts by messages.
    pub(crate) fn next(&mut self) -> Option<Next> {
        match self {
            Self::Local(arbiter) => {
                if arbiter.has_dropped() {
                    return Some(Next::Dropped);
                }
                if let Some(slot) = arbiter.next_attempt() {
                    return Some(Next::Attempt(slot));
                }
                arbiter.grant_next().map(|(slot, ticket)| Next::Ticket(slot, ticket.number()))
            }
            Self::Shared(handle) => handle.next().map(|(slot, ticket)| Next::Ticket(slot, ticket)),
        }
    }

    /// Whether the next attempt in a slot starts now.
    pub(crate) fn attempt(&mut self, slot: Slot) -> bool {
        either!(self, gate => gate.attempt(slot))
    }

    pub(crate) fn cancel_attempt(&mut self, slot: Slot) {
        either!(self, gate => gate.cancel_attempt(slot));
    }

    pub(crate) fn retry_after(
        &mut self,
        slot: Slot,
        duration: Duration,
        scope: Option<PauseScope>,
    ) {
        either!(self, gate => gate.retry_after(slot, duration, scope));
    }

    pub(crate) fn active(&self, lane: Lane) -> u64 {
        either!(self, gate => gate.active(lane))
    }

    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        either!(self, gate => gate.pending(lane))
    }

    /// How many units of this environment run, and how many wait.
    pub(crate) fn held(&self) -> (u64, u64) {
        either!(self, arbiter => arbiter.totals(), handle => handle.held())
    }

    pub(crate) fn concurrency(&self) -> u64 {
        either!(self, gate => gate.concurrency())
    }

    pub(crate) fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        either!(self, gate => gate.set_concurrency(concurrency))
    }

    pub(crate) fn rate(&self) -> Option<Rate> {
        either!(self, gate => gate.rate())
    }

    pub(crate) fn set_rate(&mut self, rate: Rate) -> Result<(), Error> {
        either!(self, gate => gate.set_rate(rate))
    }

    pub(crate) fn charge(&mut self, cost: i32) {
        either!(self, gate => gate.charge(cost));
    }

    pub(crate) fn quotas(&self) -> Vec<(String, Rate)> {
        either!(self, gate => gate.quotas())
    }

    pub(crate) fn set_quota_at(&mut self, place: usize, rate: Rate) -> Result<(), Error> {
        either!(self, gate => gate.set_quota_at(place, rate))
    }

    pub(crate) fn charge_quota_at(&mut self, place: usize, cost: i32) {
        either!(self, gate => gate.charge_quota_at(place, cost));
    }

    pub(crate) fn learn_at(&mut self, place: usize, sent: Sent, reading: Reading) -> bool {
        either!(self, gate => gate.learn_at(place, sent, reading))
    }

    pub(crate) fn spent(&mut self, slot: Slot, costs: Costs) {
        either!(self, gate => gate.spent(slot, costs));
    }

    pub(crate) fn spent_each(&mut self, slot: Slot, cost: u32) {
        either!(self, gate => gate.spent_each(slot, cost));
    }

    pub(crate) fn make_fair(&mut self) {
        either!(self, gate => gate.make_fair());
    }

    /// `everywhere` also clears what other environments have waiting at a shared gate.
    pub(crate) fn clear(&mut self, lane: Lane, everywhere: bool) -> Vec<u32> {
        either!(
            self,
            arbiter => arbiter.clear(lane).into_iter().map(Ticket::number).collect(),
            handle => handle.clear(lane, everywhere)
        )
    }

    pub(crate) fn cancel(&mut self, ticket: u32, cause: Cause) {
        match self {
            Self::Local(arbiter) => {
                arbiter.cancel_for(Ticket::from_number(ticket), cause);
            }
            Self::Shared(handle) => handle.cancel_for(ticket, cause),
        }
    }

    pub(crate) fn given_up(&mut self, slot: Slot, cause: Cause) {
        either!(self, gate => gate.given_up(slot, cause));
    }

    pub(crate) fn correct(&mut self, lane: Lane, refused: i32, aborted: u32) {
        either!(self, gate => gate.correct(lane, refused, aborted));
    }

    pub(crate) fn raise(&mut self, ticket: u32, lane: Lane, priority: i32) {
        match self {
            Self::Local(arbiter) => {
                arbiter.raise(Ticket::from_number(ticket), lane, priority);
            }
            Self::Shared(handle) => handle.raise(ticket, lane, priority),
        }
    }

    pub(crate) fn reprioritise(
        &mut self,
        ticket: u32,
        lane: Lane,
        priority: i32,
    ) -> Result<bool, Refused> {
        either!(
            self,
            arbiter => arbiter.reprioritise(Ticket::from_number(ticket), lane, priority),
            handle => handle.reprioritise(ticket, lane, priority)
        )
    }

    /// The tickets that have left a full lane. A shared gate announces them by messages.
    pub(crate) fn take_dropped(&mut self) -> Vec<DroppedTicket> {
        either!(self, arbiter => arbiter.take_dropped(), _ => Vec::new())
    }

    /// What runs and waits; with the number of its slot or ticket, if it is of this environment.
    pub(crate) fn calls(&mut self) -> Vec<(ListedCall, Option<u32>)> {
        let number_of = |place| match place {
            Ok(slot) => Slot::number(slot),
            Err(ticket) => Ticket::number(ticket),
        };
        either!(
            self,
            arbiter => {
                let calls = arbiter.calls().into_iter();
                calls.map(|call| (call, Some(number_of(call.place)))).collect()
            },
            handle => handle.calls()
        )
    }

    pub(crate) fn max_queue(&self, lane: Lane) -> u64 {
        either!(self, gate => gate.max_queue(lane))
    }

    pub(crate) fn set_max_queue(&mut self, lane: Lane, most: u64) {
        either!(self, gate => gate.set_max_queue(lane, most));
    }

    pub(crate) fn reserve(&self) -> Reserve {
        either!(self, gate => gate.reserve_setting())
    }

    pub(crate) fn set_reserve(&mut self, reserve: Reserve) -> Result<(), Error> {
        either!(self, gate => gate.set_reserve(reserve))
    }

    pub(crate) fn offline_share(&self) -> f64 {
        either!(self, gate => gate.offline_share())
    }

    pub(crate) fn set_offline_share(&mut self, share: f64) -> Result<(), Error> {
        either!(self, gate => gate.set_offline_share(share))
    }

    pub(crate) fn lend(&mut self, ticket: u32, outer: Slot) {
        either!(
            self,
            arbiter => arbiter.lend(Ticket::from_number(ticket), outer),
            handle => handle.lend(ticket, outer)
        );
    }

    pub(crate) fn await_running(&mut self, slot: Slot, outer: Slot) {
        either!(self, gate => gate.await_running(slot, outer));
    }

    pub(crate) fn join(&mut self, ticket: u32, slot: Slot, lane: Lane) -> Result<(), Refused> {
        either!(
            self,
            arbiter => arbiter.join(Ticket::from_number(ticket), slot, lane),
            handle => handle.join(ticket, slot, lane)
        )
    }

    pub(crate) fn check_weight(&self, lane: Lane, weight: u32) -> Result<(), Refused> {
        either!(self, gate => gate.check_weight(lane, weight))
    }

    pub(crate) fn pause(&mut self) {
        either!(self, gate => gate.pause());
    }

    pub(crate) fn pause_for(&mut self, duration: Duration) {
        either!(self, gate => gate.pause_for(duration));
    }

    /// Ends all pauses, or only the one that `pause` has begun.
    pub(crate) fn resume(&mut self, only_held: bool) {
        match (self, only_held) {
            (Self::Local(arbiter), false) => arbiter.resume(),
            (Self::Local(arbiter), true) => arbiter.resume_held(),
            (Self::Shared(handle), false) => handle.resume(),
            (Self::Shared(handle), true) => handle.resume_held(),
        }
    }

    pub(crate) fn is_paused(&self) -> bool {
        either!(self, gate => gate.is_paused())
    }

    /// Whether time alone may let a ticket start, and this environment has to watch the time for
    /// that.
    pub(crate) fn is_timed(&self) -> bool {
        either!(self, arbiter => arbiter.is_timed(), _ => false)
    }

    /// In how many milliseconds time lets a ticket start; 0 if it already does.
    pub(crate) fn wakes_in(&self) -> Option<f64> {
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
    pub(crate) fn room_in(&self, request: Request) -> Option<f64> {
        let (at, now) = match self {
            Self::Local(arbiter) => (arbiter.room_at(request), arbiter.clock().now()),
            Self::Shared(handle) => handle.room_at(request),
        };
        Some(at?.saturating_sub(now) as f64 / 1e6)
    }

    /// Does what a shared gate's time lets it do by now, and has it called at its next time. The
    /// shim does the same for a local gate.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn look_at_time(&self) {
        if let Self::Shared(handle) = self {
            handle.look_at_time();
        }
    }

    pub(crate) fn close(&mut self) {
        either!(self, gate => gate.close());
    }

    /// What happens to a call that comes to a full lane, as the environment that made the gate has
    /// said.
    pub(crate) fn overflow(&self) -> Overflow {
        either!(self, gate => gate.overflow())
    }

    pub(crate) fn is_closed(&self) -> bool {
        either!(self, gate => gate.is_closed())
    }

    /// Whether the gate is closed and nothing runs or waits.
    pub(crate) fn is_over(&self) -> bool {
        either!(self, gate => gate.is_over())
    }

    pub(crate) fn stats(&mut self) -> LimitStats {
        either!(self, arbiter => arbiter.dated_stats(), handle => handle.stats())
    }

    pub(crate) fn snapshot(&mut self) -> (LimitStats, [LaneHistograms; 2]) {
        either!(
            self,
            arbiter => (arbiter.dated_stats(), arbiter.histograms()),
            handle => handle.snapshot()
        )
    }

    /// The slots that work of this environment runs in, of one lane.
    pub(crate) fn slots_of(&self, lane: Lane) -> Vec<u32> {
        either!(
            self,
            arbiter => arbiter.slots_of(lane).map(Slot::number).collect(),
            handle => handle.slots_of(lane).into_iter().map(Slot::number).collect()
        )
    }

    /// Whether work of this environment runs in a slot, if any does.
    pub(crate) fn holds(&self, slot: Slot) -> bool {
        either!(self, _ => true, handle => handle.holds(slot))
    }

    pub(crate) fn take_message(&self) -> Option<Message> {
        either!(self, _ => None, handle => handle.take_message())
    }

    pub(crate) fn expects_messages(&self) -> bool {
        either!(self, _ => false, handle => handle.expects_messages())
    }

    pub(crate) fn watch(&self, watches: bool) {
        if let Self::Shared(handle) = self {
            handle.watch(watches);
        }
    }
}
