//! What one thread can do at a shared gate.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::gate::{Bells, Letter, Next, SharedGate, State};
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::arbiter::Outcome;
use crate::limiter::error::{Error, Refused};
use crate::limiter::lane::Lane;
use crate::limiter::rate::Rate;
use crate::limiter::request::Request;
use crate::limiter::slots::Slot;
use crate::limiter::stats::LimitStats;

/// One thread's end of a [`SharedGate`]. Dropping it takes its tickets out of the lanes and gives its slots to who is
/// next.
///
/// Calls work as the [`Arbiter`](crate::limiter::Arbiter)'s of the same names, with tickets as this end numbers them;
/// what concerns another end goes there by a [`Letter`].
pub struct End<C: Clock = MonotonicClock> {
    pub(super) gate: SharedGate<C>,
    pub(super) key: usize,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// The slot that it runs in now, or else the ticket that it waits under.
    pub place: Result<Slot, u32>,
    /// Whether [`End::next`] is to be called until it gives nothing.
    pub more: bool,
    /// As [`End::awaits_letters`] tells.
    pub awaits_letters: bool,
    /// Whether there are letters now: a slot that comes after one that is still to be told of is told of in its turn.
    pub has_letters: bool,
}

/// What settling a slot came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The ticket of this end that has the slot now. None where another end's has it, or nobody's.
    pub next: Option<u32>,
    /// Whether nothing of this end runs or waits any more.
    pub is_idle: bool,
    /// As in [`Entered`].
    pub more: bool,
    /// As [`End::awaits_letters`] tells.
    pub awaits_letters: bool,
    /// Whether there are letters now: a slot that comes after one that is still to be told of is told of in its turn.
    pub has_letters: bool,
}

impl<C: Clock> End<C> {
    /// Works on the state under the lock, and wakes others when it is released.
    #[inline]
    fn with<R>(&self, work: impl FnOnce(&mut State<C>, &mut Bells) -> R) -> R {
        let mut bells = Bells::default();
        let done = work(&mut self.gate.state.lock(), &mut bells);
        if !bells.is_empty() {
            bells.ring();
        }
        done
    }

    /// The same where it may be of interest to those who watch.
    #[inline]
    fn change<R>(&self, work: impl FnOnce(&mut State<C>, &mut Bells) -> R) -> R {
        self.with(|state, bells| {
            let done = work(state, bells);
            state.changed(Some(self.key), bells);
            done
        })
    }

    /// Adds a call to its lane.
    ///
    /// # Errors
    /// It was not let in.
    pub fn enter(&self, request: impl Into<Request>) -> Result<Entered, Refused> {
        let request = request.into();
        self.change(|state, bells| {
            let (place, more) = state.arbiter.enter(request)?;
            let place = match place {
                Ok(slot) => state.entered(self.key, slot, bells),
                Err(ticket) => Err(state.file(self.key, ticket, 1)),
            };
            Ok(Entered {
                place,
                more,
                awaits_letters: state.tell_awaits(self.key),
                has_letters: state.has_letters(self.key),
            })
        })
    }

    /// Adds a batch; call [`End::next`] then until it gives nothing.
    ///
    /// # Errors
    /// It was not let in.
    pub fn enter_batch(&self, request: impl Into<Request>, units: u32) -> Result<u32, Refused> {
        self.change(|state, _| {
            let ticket = state.arbiter.enqueue_batch(request, units)?;
            Ok(state.file(self.key, ticket, u64::from(units)))
        })
    }

    /// Ends the unit that runs in a slot of this end.
    ///
    /// # Panics
    /// If this end does not hold the slot.
    pub fn settle(&self, slot: Slot, outcome: Outcome) -> Settled {
        self.change(|state, bells| {
            assert!(state.is_held_by(self.key, slot), "this end does not hold {slot:?}");
            let next = state.settle(Some(self.key), slot, outcome, bells);
            Settled {
                next,
                is_idle: state.is_idle(self.key),
                more: state.arbiter.has_more_after_settle(),
                awaits_letters: state.tell_awaits(self.key),
                has_letters: state.has_letters(self.key),
            }
        })
    }

    /// An attempt of the unit in a slot of this end has failed, and it will be tried again in it.
    ///
    /// # Panics
    /// If this end does not hold the slot.
    pub fn attempt_failed(&self, slot: Slot, outcome: Outcome) {
        self.change(|state, _| {
            assert!(state.is_held_by(self.key, slot), "this end does not hold {slot:?}");
            state.arbiter.attempt_failed(slot, outcome);
        });
    }

    /// Gives free slots to all that may have them, up to one that goes to this end.
    pub fn next(&self) -> Option<(Slot, u32)> {
        self.with(|state, bells| {
            let Next { own, granted_any } = state.next(Some(self.key), bells);
            // Two who watch each other, and call this at every change, would have no end of it.
            if granted_any {
                state.changed(Some(self.key), bells);
            }
            own
        })
    }

    /// Takes what waits under a ticket out of its lane, and the slots back that it was granted and this end was not
    /// told of; no letter names the ticket any more. Call [`End::next`] then until it gives nothing.
    pub fn cancel(&self, ticket: u32) {
        self.change(|state, _| state.cancel(self.key, ticket));
    }

    /// Drops what this end has waiting in a lane, or with `everywhere` what all ends have, with the slots that it was
    /// granted and its end was not told of; gives the tickets of this end, in the lane's order. An end that is still to
    /// be told of other tickets is told of these by letters behind those. Call [`End::next`] then until it gives
    /// nothing.
    pub fn clear(&self, lane: Lane, everywhere: bool) -> Vec<u32> {
        self.change(|state, bells| state.clear(self.key, lane, everywhere, bells))
    }

    /// Has a ticket of the offline lane wait in the online one; call [`End::next`] then until it gives nothing.
    pub fn lift(&self, ticket: u32) {
        self.change(|state, _| {
            if let Some(ticket) = state.waiting_under(self.key, ticket) {
                state.arbiter.lift(ticket);
            }
        });
    }

    /// What runs in a slot waits for a ticket, too, from a lane.
    ///
    /// # Errors
    /// [`Refused::Deadlock`] where the ticket could then never have a slot.
    pub fn join(&self, ticket: u32, slot: Slot, from: Lane) -> Result<(), Refused> {
        self.with(|state, _| match state.waiting_under(self.key, ticket) {
            Some(ticket) => state.arbiter.join(ticket, slot, from),
            None => Ok(()),
        })
    }

    /// Grants nothing at any end until [`End::resume`].
    pub fn pause(&self) {
        self.change(|state, _| state.pause(self.key));
    }

    /// Grants nothing at any end for a time.
    pub fn pause_for(&self, duration: Duration) {
        self.change(|state, _| state.arbiter.pause_for(duration));
    }

    /// When the last pause for a time ends, if one is under way, and the time now, on the gate's clock.
    pub fn pause_ends_at(&self) -> (Option<u64>, u64) {
        self.with(|state, _| (state.arbiter.pause_ends_at(), state.arbiter.clock().now()))
    }

    /// Ends all pauses; call [`End::next`] then until it gives nothing.
    pub fn resume(&self) {
        self.change(|state, _| state.resume());
    }

    /// Ends a [`pause`](End::pause) alone; the same about [`End::next`].
    pub fn resume_held(&self) {
        self.change(|state, _| state.resume_held());
    }

    /// Whether nothing is granted now.
    pub fn is_paused(&self) -> bool {
        self.with(|state, _| state.arbiter.is_paused())
    }

    /// Refuses all calls, of all ends, from now on.
    pub fn close(&self) {
        self.with(|state, bells| {
            if !state.arbiter.is_closed() {
                state.arbiter.close();
                state.tell_others(self.key, Letter::Closed, bells);
            }
        });
    }

    /// Whether calls beyond `max_queue` are let in; see [`Options::overflows`](crate::limiter::Options::overflows).
    pub fn overflows(&self) -> bool {
        self.with(|state, _| state.options.overflows)
    }

    /// Whether the gate takes no more calls.
    pub fn is_closed(&self) -> bool {
        self.with(|state, _| state.arbiter.is_closed())
    }

    /// Whether the gate takes no more calls, and nothing runs or waits at any end: so it stays, and its name is
    /// [free](crate::limiter::Registry).
    pub fn is_over(&self) -> bool {
        self.with(|state, _| state.arbiter.is_over())
    }

    /// Whether a call would start at once, or wait in its lane without there being more than may.
    pub fn has_room(&self, request: impl Into<Request>) -> bool {
        let request = request.into();
        self.with(|state, _| state.arbiter.has_room(request))
    }

    /// From when on there is room for a call if nothing else happens, if there is a time, and the time now, on the gate's
    /// clock; see [`Arbiter::room_at`](crate::limiter::Arbiter::room_at). No letter tells that it has come.
    pub fn room_at(&self, request: impl Into<Request>) -> (Option<u64>, u64) {
        let request = request.into();
        self.with(|state, _| (state.arbiter.room_at(request), state.arbiter.clock().now()))
    }

    /// Changes the number of slots; call [`End::next`] then until it gives nothing.
    ///
    /// # Errors
    /// As [`Arbiter::set_concurrency`](crate::limiter::Arbiter::set_concurrency).
    pub fn set_concurrency(&self, concurrency: u64) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_concurrency(concurrency))
    }

    /// Changes the rate of all ends together; call [`End::next`] then until it gives nothing.
    ///
    /// # Errors
    /// As [`Arbiter::set_rate`](crate::limiter::Arbiter::set_rate).
    pub fn set_rate(&self, rate: Rate) -> Result<(), Error> {
        self.change(|state, _| state.arbiter.set_rate(rate))
    }

    /// Takes a cost from the rate of all ends together, as [`Arbiter::charge`](crate::limiter::Arbiter::charge) does; call
    /// [`End::next`] then until it gives nothing.
    pub fn charge(&self, cost: i32) {
        self.change(|state, _| state.arbiter.charge(cost));
    }

    /// How much may start in a time, of all ends together, where that is limited.
    pub fn rate(&self) -> Option<Rate> {
        self.with(|state, _| state.arbiter.rate())
    }

    /// The number of slots of all ends together.
    pub fn concurrency(&self) -> u64 {
        self.with(|state, _| state.arbiter.concurrency())
    }

    /// How many units of a lane hold a slot, of all ends together.
    pub fn active(&self, lane: Lane) -> u64 {
        self.with(|state, _| state.arbiter.active(lane))
    }

    /// How many units of a lane wait, of all ends together.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.with(|state, _| state.arbiter.pending(lane))
    }

    /// The numbers of all ends together.
    pub fn stats(&self) -> LimitStats {
        self.with(|state, _| state.arbiter.stats())
    }

    /// All that others have done for this end since it last asked, oldest first. No other ticket has the number of
    /// one that they name before it asks again.
    pub fn letters(&self) -> Vec<Letter> {
        self.with(|state, _| state.take_letters(self.key))
    }

    /// The oldest of them alone, for who wants to do what it says before he takes the next one. Whoever has taken one
    /// goes on until there is none: nobody wakes him for the rest.
    pub fn letter(&self) -> Option<Letter> {
        self.with(|state, _| state.take_letter(self.key))
    }

    /// Says whether this end wants [`Letter::Changed`] when another one has changed anything.
    pub fn watch(&self, watches: bool) {
        self.with(|state, _| state.watch(self.key, watches));
    }

    /// Whether units of this end wait.
    pub fn is_waiting(&self) -> bool {
        self.with(|state, _| state.is_waiting(self.key))
    }

    /// Whether units of this end wait, or it [watches](End::watch), while others hold slots or are about to hand them
    /// out, or have paused the gate, or time will let somebody start. Then a letter will come, whatever this end does:
    /// when something starts, or when nobody but this end can bring that about any more.
    pub fn awaits_letters(&self) -> bool {
        self.with(|state, _| state.tell_awaits(self.key))
    }
}

impl<C: Clock> State<C> {
    #[inline]
    fn is_idle(&self, end: usize) -> bool {
        // What was cleared is still to be told.
        !self.has_letters(end) && self.has_nothing(end)
    }

    /// The same for the end, which relies on it from now on.
    #[inline]
    fn tell_awaits(&mut self, end: usize) -> bool {
        let awaits = self.awaits_letters(end);
        self.ends[end].awaits = awaits;
        awaits
    }

    #[inline]
    pub(super) fn awaits_letters(&self, end: usize) -> bool {
        if self.has_letters(end) {
            return true;
        }
        if !self.expects(end) {
            return false;
        }
        self.may_be_helped(end)
    }

    /// Whether something may happen that lets an end start, or that it wants to know of, without its doing anything.
    fn may_be_helped(&self, end: usize) -> bool {
        // One that is alone is not asked what others do.
        let others_act =
            || self.others_hold(end) || self.others_pause(end) || self.arbiter.may_grant();
        self.ends.len() > 1 && others_act() || self.awaits_time()
    }
}

impl<C: Clock> Drop for End<C> {
    fn drop(&mut self) {
        // Not dropped under the lock: the bell in it is its owner's, and may have ends of its own.
        let gone = self.with(|state, bells| state.remove(self.key, bells));
        drop(gone);
    }
}

impl<C: Clock> fmt::Debug for End<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End").field("key", &self.key).finish_non_exhaustive()
    }
}

impl<C: Clock> End<C> {
    /// The gate that this is an end of.
    pub fn gate(&self) -> &SharedGate<C> {
        &self.gate
    }

    /// Whether both are ends of one gate.
    pub fn is_of(&self, gate: &SharedGate<C>) -> bool {
        Arc::ptr_eq(&self.gate.state, &gate.state)
    }
}
