//! The API of a shared gate: what one thread can do with its handle.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::gate::SharedGate;
use super::mailbox::{Message, Wakeups};
use super::state::{Next, State};
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::Arbiter;
use crate::limiter::policy::ListedCall;
use crate::limiter::stats::{LaneHistograms, LimitStats};
#[cfg(feature = "node")]
use crate::limiter::timer::Due;
use crate::limiter::types::{
    Cause, Costs, Error, Lane, Outcome, Overflow, PauseScope, Rate, Reading, Refused, Request,
    Reserve, Sent, Slot,
};
use crate::wake::Wake;

/// One thread's handle of a [`SharedGate`]. Dropping it takes its tickets out of the lanes and
/// gives its slots to the next tickets.
///
/// The methods work like those of the [`Arbiter`](crate::limiter::Arbiter) with the same names, but
/// each handle numbers its own tickets. If a call affects another handle, that handle gets a
/// [`Message`].
pub struct GateHandle<C: Clock = MonotonicClock> {
    pub(super) gate: SharedGate<C>,
    pub(super) key: usize,
}

/// The result of [`GateHandle::enter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The slot in which the call runs now, or the ticket under which it waits.
    pub place: Result<Slot, u32>,
    /// Whether to call [`GateHandle::next`] until it returns none.
    pub more: bool,
    /// The value of [`GateHandle::expects_messages`].
    pub expects_messages: bool,
    /// Whether there are messages now. A slot is announced by a message if messages about earlier
    /// slots have not been taken yet.
    pub has_messages: bool,
}

/// The result of [`GateHandle::try_enter`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TryEntered {
    /// The slot, if the call has got one.
    pub slot: Option<Slot>,
    /// As in [`Entered`].
    pub more: bool,
    /// As in [`Entered`].
    pub has_messages: bool,
}

/// The result of [`GateHandle::settle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The ticket of this handle that has the slot now. None if a ticket of another handle has it,
    /// or if it is free.
    pub next: Option<u32>,
    /// Whether nothing of this handle runs or waits.
    pub is_idle: bool,
    /// As in [`Entered`].
    pub more: bool,
    /// The value of [`GateHandle::expects_messages`].
    pub expects_messages: bool,
    /// As in [`Entered`].
    pub has_messages: bool,
}

impl<C: Clock> GateHandle<C> {
    /// Works on the state under the lock, and wakes other owners after it is released.
    #[inline]
    fn with<R>(&self, work: impl FnOnce(&mut State<C>, &mut Wakeups) -> R) -> R {
        let mut wakeups = Wakeups::default();
        let done = work(&mut self.gate.state.lock(), &mut wakeups);
        if !wakeups.is_empty() {
            wakeups.wake_all();
        }
        done
    }

    /// The same, for a change that watching handles are told about.
    #[inline]
    fn change<R>(&self, work: impl FnOnce(&mut State<C>, &mut Wakeups) -> R) -> R {
        self.with(|state, wakeups| {
            let done = work(state, wakeups);
            state.changed(Some(self.key), wakeups);
            done
        })
    }

    /// Adds a call to its lane.
    ///
    /// # Errors
    /// If the call is refused.
    pub fn enter(&self, request: impl Into<Request>) -> Result<Entered, Refused> {
        let request = request.into();
        self.change(|state, wakeups| {
            state.before_newcomer();
            let (place, more) = state.arbiter.enter(request)?;
            let place = match place {
                Ok(slot) => state.entered(self.key, slot, wakeups),
                Err(ticket) => Err(state.record_ticket(self.key, ticket, 1)),
            };
            state.tell_displaced(wakeups);
            Ok(Entered {
                place,
                more,
                expects_messages: state.update_expectation(self.key),
                has_messages: state.has_messages(self.key),
            })
        })
    }

    /// Adds a call if it gets a slot at once. Otherwise nothing has changed.
    ///
    /// If this handle has messages about tickets, they may be of slots that it holds and does not
    /// know of yet. Then the call does not enter, and `has_messages` is true: read them, and ask
    /// again.
    ///
    /// # Errors
    /// If the call would be refused whatever slots are free: the limit is closed, or its lane lets no
    /// calls of that weight in. It is not counted.
    pub fn try_enter(&self, request: impl Into<Request>) -> Result<TryEntered, Refused> {
        let request = request.into();
        self.with(|state, wakeups| state.try_enter(self.key, request, wakeups))
    }

    /// Takes a slot of this handle back from a unit that never began; see
    /// [`Arbiter::take_back`](crate::limiter::Arbiter::take_back). Call [`GateHandle::next`] then
    /// until it returns none.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn take_back(&self, slot: Slot) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.take_back_unused(slot);
        });
    }

    /// Adds a batch. Call [`GateHandle::next`] then until it returns none.
    ///
    /// # Errors
    /// If the batch is refused.
    pub fn enter_batch(&self, request: impl Into<Request>, units: u32) -> Result<u32, Refused> {
        self.change(|state, wakeups| {
            state.before_newcomer();
            let ticket = state.arbiter.enqueue_batch(request, units)?;
            let number = state.record_ticket(self.key, ticket, u64::from(units));
            state.tell_displaced(wakeups);
            Ok(number)
        })
    }

    /// Ends the unit that runs in a slot of this handle.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn settle(&self, slot: Slot, outcome: Outcome) -> Settled {
        self.change(|state, wakeups| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            let next = state.settle(Some(self.key), slot, outcome, wakeups);
            Settled {
                next,
                is_idle: state.is_idle(self.key),
                more: state.arbiter.has_more_after_settle(),
                expects_messages: state.update_expectation(self.key),
                has_messages: state.has_messages(self.key),
            }
        })
    }

    /// An attempt of the unit in a slot of this handle has failed. The unit will be tried again in
    /// that slot.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn attempt_failed(&self, slot: Slot, outcome: Outcome) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.attempt_failed(slot, outcome);
        });
    }

    /// Grants free slots to all tickets that may have them, up to one that goes to this handle.
    pub fn next(&self) -> Option<(Slot, u32)> {
        self.with(|state, wakeups| {
            let Next { own, granted_any } = state.next(Some(self.key), wakeups);
            // Otherwise two handles that watch each other, and call this at every change, would
            // never stop.
            if granted_any {
                state.changed(Some(self.key), wakeups);
            }
            own
        })
    }

    /// Takes a ticket out of its lane, and takes back the slots that it was granted and that this
    /// handle has not been told of. No message names the ticket from now on. Call
    /// [`GateHandle::next`] then until it returns none.
    pub fn cancel(&self, ticket: u32) {
        self.cancel_for(ticket, Cause::Cleared);
    }

    /// Like [`GateHandle::cancel`], for a cause that the statistics tell.
    pub fn cancel_for(&self, ticket: u32, cause: Cause) {
        self.change(|state, _| state.cancel(self.key, ticket, cause));
    }

    /// Records that the unit in a slot of this handle is given up; see
    /// [`Arbiter::given_up`](crate::limiter::Arbiter::given_up).
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn given_up(&self, slot: Slot, cause: Cause) {
        self.with(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.given_up(slot, cause);
        });
    }

    /// Adds to the counts of a lane what only the caller knows; see
    /// [`Arbiter::correct`](crate::limiter::Arbiter::correct).
    pub fn correct(&self, lane: Lane, refused: i32, aborted: u32) {
        self.with(|state, _| state.arbiter.correct(lane, refused, aborted));
    }

    /// Drops the tickets of this handle that wait in a lane, or with `everywhere` those of all
    /// handles. Slots that were granted to them, and that their handles have not been told of, are
    /// taken back. Returns the tickets of this handle, in the lane's order. A handle that still has
    /// messages about other tickets learns of these tickets by messages behind those. Call
    /// [`GateHandle::next`] then until it returns none.
    pub fn clear(&self, lane: Lane, everywhere: bool) -> Vec<u32> {
        self.change(|state, wakeups| state.clear(self.key, lane, everywhere, wakeups))
    }

    /// Moves a ticket to an earlier lane or priority; see
    /// [`Arbiter::raise`](crate::limiter::Arbiter::raise). Call [`GateHandle::next`] then until it
    /// returns none.
    pub fn raise(&self, ticket: u32, lane: Lane, priority: i32) {
        self.change(|state, _| {
            if let Some(ticket) = state.waiting_under(self.key, ticket) {
                state.arbiter.raise(ticket, lane, priority);
            }
        });
    }

    /// Moves a ticket to a lane and priority, also if it then starts later; see
    /// [`Arbiter::reprioritise`](crate::limiter::Arbiter::reprioritise). Call [`GateHandle::next`]
    /// then until it returns none. `false` also if the ticket was granted, and a message about it is
    /// under way.
    ///
    /// # Errors
    /// As [`Arbiter::reprioritise`](crate::limiter::Arbiter::reprioritise). Nothing has changed.
    pub fn reprioritise(&self, ticket: u32, lane: Lane, priority: i32) -> Result<bool, Refused> {
        self.change(|state, _| match state.waiting_under(self.key, ticket) {
            Some(ticket) => state.arbiter.reprioritise(ticket, lane, priority),
            None => Ok(false),
        })
    }

    /// The unit in slot `outer` of this handle lends its slots to a ticket, too; see
    /// [`Arbiter::lend`](crate::limiter::Arbiter::lend). Call [`GateHandle::next`] then until it
    /// returns none.
    pub fn lend(&self, ticket: u32, outer: Slot) {
        self.change(|state, _| {
            if let Some(ticket) = state.waiting_under(self.key, ticket) {
                state.arbiter.lend(ticket, outer);
            }
        });
    }

    /// The unit in slot `outer` waits for the unit in `slot`, both of this handle; see
    /// [`Arbiter::await_running`](crate::limiter::Arbiter::await_running).
    pub fn await_running(&self, slot: Slot, outer: Slot) {
        self.change(|state, _| state.arbiter.await_running(slot, outer));
    }

    /// The unit in a slot waits for a ticket, too; see
    /// [`Arbiter::join`](crate::limiter::Arbiter::join).
    ///
    /// # Errors
    /// [`Refused::Deadlock`] if the ticket could then never get a slot.
    pub fn join(&self, ticket: u32, slot: Slot, from: Lane) -> Result<(), Refused> {
        self.with(|state, _| match state.waiting_under(self.key, ticket) {
            Some(ticket) => state.arbiter.join(ticket, slot, from),
            None => Ok(()),
        })
    }

    /// Grants nothing to any handle until [`GateHandle::resume`].
    pub fn pause(&self) {
        self.change(|state, _| state.pause(self.key));
    }

    /// Grants nothing to any handle for a time.
    pub fn pause_for(&self, duration: Duration) {
        self.change(|state, _| state.arbiter.pause_for(duration));
    }

    /// Grants nothing to the tickets of one lane, of any handle, for a time.
    pub fn pause_lane_for(&self, lane: Lane, duration: Duration) {
        self.change(|state, _| state.arbiter.pause_lane_for(lane, duration));
    }

    /// A server asked the unit in a slot of this handle to wait; see
    /// [`Arbiter::retry_after`](crate::limiter::Arbiter::retry_after). It concerns all handles.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn retry_after(&self, slot: Slot, duration: Duration, scope: Option<PauseScope>) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.retry_after(slot, duration, scope);
        });
    }

    /// Asks to try the unit in a slot of this handle again; see
    /// [`Arbiter::attempt`](crate::limiter::Arbiter::attempt). Returns whether the attempt starts
    /// now. If not, [`Message::Attempt`] says when. Call [`GateHandle::next`] in any case.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn attempt(&self, slot: Slot) -> bool {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.attempt(slot)
        })
    }

    /// Takes back one attempt of the unit in a slot. No message announces it from now on, unless
    /// there is one already. Call [`GateHandle::next`] then.
    pub fn cancel_attempt(&self, slot: Slot) {
        self.change(|state, _| {
            if state.is_held_by(self.key, slot) {
                state.arbiter.cancel_attempt(slot);
            }
        });
    }

    /// Ends all pauses. Call [`GateHandle::next`] then until it returns none.
    pub fn resume(&self) {
        self.change(|state, _| state.resume());
    }

    /// Ends a [`pause`](GateHandle::pause) only. Call [`GateHandle::next`] then until it returns
    /// none.
    pub fn resume_held(&self) {
        self.change(|state, _| state.resume_held());
    }

    /// Whether nothing is granted now.
    pub fn is_paused(&self) -> bool {
        self.with(|state, _| state.arbiter.is_paused())
    }

    /// Refuses all calls of all handles from now on.
    pub fn close(&self) {
        self.with(|state, wakeups| {
            if !state.arbiter.is_closed() {
                state.arbiter.close();
                state.tell_others(self.key, Message::Closed, wakeups);
            }
        });
    }

    /// What happens to a call that comes to a full lane.
    pub fn overflow(&self) -> Overflow {
        self.with(|state, _| state.arbiter.overflow())
    }

    /// Whether the gate takes no more calls.
    pub fn is_closed(&self) -> bool {
        self.with(|state, _| state.arbiter.is_closed())
    }

    /// Whether the gate takes no more calls, and no unit of any handle runs or waits. It stays so,
    /// and its name is [free](crate::limiter::Registry).
    pub fn is_over(&self) -> bool {
        self.with(|state, _| state.arbiter.is_over())
    }

    /// Checks whether a lane lets in calls of that weight.
    ///
    /// # Errors
    /// As [`Arbiter::check_weight`](crate::limiter::Arbiter::check_weight).
    pub fn check_weight(&self, lane: Lane, weight: u32) -> Result<(), Refused> {
        self.with(|state, _| state.arbiter.check_weight(lane, weight))
    }

    /// Whether a call would start at once, or wait in its lane without there being more than may.
    pub fn has_room(&self, request: impl Into<Request>) -> bool {
        let request = request.into();
        self.with(|state, _| state.arbiter.has_room(request))
    }

    /// The time from which there is room for a call if nothing else happens, if there is one, and
    /// the present time, both on the gate's clock; see
    /// [`Arbiter::room_at`](crate::limiter::Arbiter::room_at). No message announces that time.
    pub fn room_at(&self, request: impl Into<Request>) -> (Option<u64>, u64) {
        let request = request.into();
        self.with(|state, _| (state.arbiter.room_at(request), state.arbiter.clock().now()))
    }

    /// Changes the number of slots. Call [`GateHandle::next`] then until it returns none.
    ///
    /// # Errors
    /// As [`Arbiter::set_concurrency`](crate::limiter::Arbiter::set_concurrency).
    pub fn set_concurrency(&self, concurrency: u64) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_concurrency(concurrency))
    }

    /// The reserve of all handles together, as it was set.
    pub fn reserve_setting(&self) -> Reserve {
        self.with(|state, _| state.arbiter.reserve_setting())
    }

    /// Changes the reserve of all handles together. Call [`GateHandle::next`] then until it returns
    /// none.
    ///
    /// # Errors
    /// As [`Arbiter::set_reserve`](crate::limiter::Arbiter::set_reserve).
    pub fn set_reserve(&self, reserve: impl Into<Reserve>) -> Result<(), Error> {
        let reserve = reserve.into();
        self.change(|state, _| state.arbiter.set_reserve(reserve))
    }

    /// The smallest part of the grants of all handles together that goes to offline work.
    pub fn offline_share(&self) -> f64 {
        self.with(|state, _| state.arbiter.offline_share())
    }

    /// Changes that part. Call [`GateHandle::next`] then until it returns none.
    ///
    /// # Errors
    /// If it is not from 0 to 1. Nothing has changed.
    pub fn set_offline_share(&self, share: f64) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_offline_share(share))
    }

    /// How many calls of all handles together may wait in a lane.
    pub fn max_queue(&self, lane: Lane) -> u64 {
        self.with(|state, _| state.arbiter.max_queue(lane))
    }

    /// Changes how many calls of all handles together may wait in a lane; see
    /// [`Arbiter::set_max_queue`](crate::limiter::Arbiter::set_max_queue).
    pub fn set_max_queue(&self, lane: Lane, most: u64) {
        self.change(|state, _| state.arbiter.set_max_queue(lane, most));
    }

    /// Lists what runs and waits, of all handles; see
    /// [`Arbiter::calls`](crate::limiter::Arbiter::calls). Beside each ticket is this handle's number
    /// for it, and beside each slot the slot's number; none if it is another handle's.
    pub fn calls(&self) -> Vec<(ListedCall, Option<u32>)> {
        self.with(|state, _| state.calls(self.key))
    }

    /// Makes the gate fair, for all handles; see
    /// [`Arbiter::make_fair`](crate::limiter::Arbiter::make_fair).
    pub fn make_fair(&self) {
        self.with(|state, _| state.arbiter.make_fair());
    }

    /// Changes the rate of all handles together. Call [`GateHandle::next`] then until it returns
    /// none.
    ///
    /// # Errors
    /// As [`Arbiter::set_rate`](crate::limiter::Arbiter::set_rate).
    pub fn set_rate(&self, rate: Rate) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_rate(rate))
    }

    /// Takes a cost from the rate of all handles together, as
    /// [`Arbiter::charge`](crate::limiter::Arbiter::charge) does. Call [`GateHandle::next`] then
    /// until it returns none.
    pub fn charge(&self, cost: i32) {
        self.change(|state, _| state.arbiter.charge(cost));
    }

    /// How much may start in a time, for all handles together, if the gate has a rate without a name.
    pub fn rate(&self) -> Option<Rate> {
        self.with(|state, _| state.arbiter.rate())
    }

    /// The quotas of all handles together; see [`Arbiter::quotas`](crate::limiter::Arbiter::quotas).
    pub fn quotas(&self) -> Vec<(String, Rate)> {
        self.with(|state, _| state.arbiter.quotas())
    }

    /// Changes some of the quotas of all handles together. Call [`GateHandle::next`] then until it
    /// returns none.
    ///
    /// # Errors
    /// As [`Arbiter::set_quotas`](crate::limiter::Arbiter::set_quotas).
    pub fn set_quotas<'a>(
        &self,
        rates: impl IntoIterator<Item = (&'a str, Rate)>,
    ) -> Result<(), Error> {
        let rates: Vec<_> = rates.into_iter().collect();
        self.change(|state, _| state.arbiter.set_quotas(rates))
    }

    /// The same for one of them, by its place.
    ///
    /// # Errors
    /// As [`Arbiter::set_quota_at`](crate::limiter::Arbiter::set_quota_at).
    ///
    /// # Panics
    /// If there is no such place.
    pub fn set_quota_at(&self, place: usize, rate: Rate) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_quota_at(place, rate))
    }

    /// Takes a cost from one of the quotas of all handles together. Call [`GateHandle::next`] then
    /// until it returns none.
    ///
    /// # Errors
    /// As [`Arbiter::charge_quota`](crate::limiter::Arbiter::charge_quota).
    pub fn charge_quota(&self, name: &str, cost: i32) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.charge_quota(name, cost))
    }

    /// The same, by its place.
    pub fn charge_quota_at(&self, place: usize, cost: i32) {
        self.change(|state, _| state.arbiter.charge_quota_at(place, cost));
    }

    /// Costs of some of the quotas.
    ///
    /// # Errors
    /// As [`Arbiter::costs`](crate::limiter::Arbiter::costs).
    pub fn costs<'a>(
        &self,
        given: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Costs, Error> {
        let given: Vec<_> = given.into_iter().collect();
        self.with(|state, _| state.arbiter.costs(given))
    }

    /// A server has answered and says this of the rate of all handles together; see
    /// [`Arbiter::learn`](crate::limiter::Arbiter::learn). Call [`GateHandle::next`] then until it
    /// returns none.
    ///
    /// # Errors
    /// As [`Arbiter::learn`](crate::limiter::Arbiter::learn).
    ///
    /// # Panics
    /// If the answer is to a unit in a slot that this handle does not hold.
    pub fn learn(&self, sent: Sent, reading: Reading) -> Result<bool, Error> {
        self.change_by(sent, |arbiter| arbiter.learn(sent, reading))
    }

    /// The same of one of the quotas.
    ///
    /// # Errors
    /// As [`Arbiter::learn_quota`](crate::limiter::Arbiter::learn_quota).
    ///
    /// # Panics
    /// As [`GateHandle::learn`].
    pub fn learn_quota(&self, name: &str, sent: Sent, reading: Reading) -> Result<bool, Error> {
        self.change_by(sent, |arbiter| arbiter.learn_quota(name, sent, reading))
    }

    /// The same, by its place. A gate without such a quota learns nothing.
    ///
    /// # Panics
    /// As [`GateHandle::learn`].
    pub fn learn_at(&self, place: usize, sent: Sent, reading: Reading) -> bool {
        self.change_by(sent, |arbiter| arbiter.learn_at(place, sent, reading))
    }

    fn change_by<R>(&self, sent: Sent, change: impl FnOnce(&mut Arbiter<C>) -> R) -> R {
        self.change(|state, _| {
            if let Sent::In(slot) = sent {
                assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            }
            change(&mut state.arbiter)
        })
    }

    /// What the running attempt of the unit in a slot of this handle has really cost; see
    /// [`Arbiter::spent`](crate::limiter::Arbiter::spent). Call [`GateHandle::next`] then until it
    /// returns none.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn spent(&self, slot: Slot, costs: Costs) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.spent(slot, costs);
        });
    }

    /// The same, where it has cost as much of the rate, or of each quota: 0 if it sent nothing.
    ///
    /// # Panics
    /// If this handle does not hold the slot.
    pub fn spent_each(&self, slot: Slot, cost: u32) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this handle does not hold {slot:?}");
            state.arbiter.spent_each(slot, cost);
        });
    }

    /// The number of slots of all handles together.
    pub fn concurrency(&self) -> u64 {
        self.with(|state, _| state.arbiter.concurrency())
    }

    /// How many units of a lane hold a slot, of all handles together.
    pub fn active(&self, lane: Lane) -> u64 {
        self.with(|state, _| state.arbiter.active(lane))
    }

    /// How many units of a lane wait, of all handles together.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.with(|state, _| state.arbiter.pending(lane))
    }

    /// The numbers of all handles together.
    pub fn stats(&self) -> LimitStats {
        self.with(|state, _| state.arbiter.dated_stats())
    }

    /// The same, and the histograms of the same moment.
    pub fn snapshot(&self) -> (LimitStats, [LaneHistograms; 2]) {
        self.with(|state, _| (state.arbiter.dated_stats(), state.arbiter.histograms()))
    }

    /// The slots that units of a lane run in, of this handle alone.
    pub fn slots_of(&self, lane: Lane) -> Vec<Slot> {
        self.with(|state, _| {
            let is_own = |&slot: &Slot| state.is_held_by(self.key, slot);
            state.arbiter.slots_of(lane).filter(is_own).collect()
        })
    }

    /// Whether this handle holds a slot, if a unit runs there.
    pub fn holds(&self, slot: Slot) -> bool {
        self.with(|state, _| state.is_held_by(self.key, slot))
    }

    /// Takes all messages, oldest first: what other handles and the timer have done for this
    /// handle. The ticket numbers that they name are not reused before the next call of this.
    pub fn take_messages(&self) -> Vec<Message> {
        self.with(|state, _| state.take_messages(self.key))
    }

    /// Takes the oldest message only, for a caller that acts on a message before it takes the next
    /// one. A caller that has taken one must go on until there is none: nothing wakes it for the
    /// rest.
    pub fn take_message(&self) -> Option<Message> {
        self.with(|state, _| state.take_message(self.key))
    }

    /// Sets whether this handle gets [`Message::Changed`] after any change by another handle.
    pub fn watch(&self, watches: bool) {
        self.with(|state, _| state.watch(self.key, watches));
    }

    /// Whether units of this handle wait.
    pub fn is_waiting(&self) -> bool {
        self.with(|state, _| state.is_waiting(self.key))
    }

    /// How many units of this handle run, and how many wait.
    pub fn held(&self) -> (u64, u64) {
        self.with(|state, _| state.held(self.key))
    }

    /// Whether a message will come to this handle, whatever it does. That is so if units of this
    /// handle wait, or it [watches](GateHandle::watch), and one of these holds: other handles hold
    /// slots or are about to hand them out, another handle has paused the gate, or time will let a
    /// ticket start. The message comes when something starts, or when only this handle can still
    /// bring that about.
    pub fn expects_messages(&self) -> bool {
        self.with(|state, _| state.update_expectation(self.key))
    }
}

impl<C: Clock> SharedGate<C> {
    /// A new handle. Its owner's `waker` is called when there may be
    /// [messages](GateHandle::take_messages).
    pub fn handle(&self, waker: Arc<dyn Wake>) -> GateHandle<C> {
        let key = self.state.lock().add(waker);
        GateHandle { gate: self.clone(), key }
    }
}

impl<C: Clock> Drop for GateHandle<C> {
    fn drop(&mut self) {
        // Not dropped under the lock: it holds its owner's waker, which may own handles itself.
        let gone = self.with(|state, wakeups| state.remove(self.key, wakeups));
        drop(gone);
    }
}

impl<C: Clock> fmt::Debug for GateHandle<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GateHandle").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(feature = "node")]
impl<C: Clock + Send> GateHandle<C> {
    /// Does what the gate's time lets it do by now, and has it called at its next time.
    pub(crate) fn look_at_time(&self) {
        self.gate.state.due();
    }
}

impl<C: Clock> GateHandle<C> {
    /// The gate that this is a handle of.
    pub fn gate(&self) -> &SharedGate<C> {
        &self.gate
    }

    /// Whether this is a handle of that gate.
    pub fn is_of(&self, gate: &SharedGate<C>) -> bool {
        Arc::ptr_eq(&self.gate.state, &gate.state)
    }
}
