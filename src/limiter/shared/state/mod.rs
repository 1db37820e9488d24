//! The state behind the lock of a shared gate: its arbiter, its handles, and which of them has
//! which tickets and slots.

use std::sync::Arc;

use slab::Slab;

use super::mailbox::{HandleState, Message, Wakeups};
use super::ownership::Ownership;
use crate::clock::Clock;
use crate::limiter::policy::{Arbiter, ListedCall};
use crate::limiter::timer::{Alarm, Due};
use crate::limiter::types::{Cause, Options, Outcome, Slot, Ticket};
use crate::sync::Mutex;
use crate::wake::Wake;
pub(super) use grants::Next;

mod expectations;
mod grants;
mod messages;
mod removal;

pub(super) struct State<C> {
    pub(super) arbiter: Arbiter<C>,
    pub(super) options: Options,
    pub(super) handles: Slab<HandleState>,
    pub(super) ownership: Ownership,
    /// Handles that want to know of changes.
    watchers: usize,
    /// The handle that has paused the gate, if it still exists.
    paused_by: Option<usize>,
    /// Due when time alone may let a ticket start.
    alarm: Option<Alarm>,
}

impl<C: Clock + Send> Due for Mutex<State<C>> {
    fn due(&self) {
        let mut wakeups = Wakeups::default();
        {
            let mut state = self.lock();
            if let Some(alarm) = &mut state.alarm {
                alarm.unset();
            }
            if !state.all_interested_are_busy() {
                state.track_ownership();
                state.next(None, &mut wakeups);
                state.changed(None, &mut wakeups);
            }
        }
        wakeups.wake_all();
    }
}

impl<C> State<C> {
    pub(super) fn new(arbiter: Arbiter<C>, options: Options, alarm: Option<Alarm>) -> Self {
        Self {
            arbiter,
            options,
            handles: Slab::new(),
            ownership: Ownership::default(),
            watchers: 0,
            paused_by: None,
            alarm,
        }
    }
}

impl<C: Clock> State<C> {
    pub(super) fn add(&mut self, waker: Arc<dyn Wake>) -> usize {
        self.track_ownership();
        let key = self.handles.insert(HandleState::new(waker));
        if self.ownership.is_tracking() {
            self.ownership.add(key);
        }
        key
    }

    /// Called before a ticket or slot may belong to another handle than the only one.
    fn track_ownership(&mut self) {
        if let Some((alone, _)) = self.handles.iter().next() {
            self.ownership.start_tracking(alone, &self.arbiter);
        }
    }

    /// Called when nothing runs and nothing waits.
    fn tidy_ownership(&mut self) {
        let mut handles = self.handles.iter();
        let (handle, others) = (handles.next(), handles.next());
        let is_tidy = |(handle, _)| self.ownership.holdings(handle).tickets.is_empty();
        if others.is_none() && handle.is_none_or(is_tidy) {
            self.ownership.stop_tracking();
        } else {
            self.ownership.give_spare_back();
        }
    }

    /// Records a ticket that a handle has queued, and returns the handle's number for it.
    #[inline]
    pub(super) fn record_ticket(&mut self, handle: usize, ticket: Ticket, units: u64) -> u32 {
        if self.ownership.is_tracking() {
            self.ownership.record_ticket(handle, ticket, units)
        } else {
            ticket.number()
        }
    }

    /// Whether a handle holds a slot, if a unit runs there.
    #[inline]
    pub(super) fn is_held_by(&self, handle: usize, slot: Slot) -> bool {
        !self.ownership.is_tracking() || self.ownership.is_held_by(handle, slot)
    }

    /// Records that a slot is not held any more.
    #[inline]
    fn release_slot(&mut self, slot: Slot) {
        if self.ownership.is_tracking() {
            self.ownership.release_slot(slot);
        }
    }

    /// The arbiter's ticket that waits under a handle's number.
    pub(super) fn waiting_under(&self, handle: usize, number: u32) -> Option<Ticket> {
        if self.ownership.is_tracking() {
            return self.ownership.holdings(handle).tickets.waiting(number);
        }
        Some(Ticket::from_number(number)).filter(|&ticket| self.arbiter.waits(ticket))
    }

    /// All that runs and waits, with a handle's own numbers for what is its own.
    pub(super) fn calls(&mut self, handle: usize) -> Vec<(ListedCall, Option<u32>)> {
        let calls = self.arbiter.calls();
        let number_of = |call: &ListedCall| match call.place {
            Ok(slot) => self.is_held_by(handle, slot).then(|| slot.number()),
            Err(ticket) if self.ownership.is_tracking() => {
                let owner = self.ownership.owner(ticket);
                (owner.handle == handle).then_some(owner.ticket)
            }
            Err(ticket) => Some(ticket.number()),
        };
        calls.into_iter().map(|call| (call, number_of(&call))).collect()
    }

    /// Whether units of a handle wait, for a slot or for another attempt.
    #[inline]
    pub(super) fn is_waiting(&self, handle: usize) -> bool {
        if self.ownership.is_tracking() {
            return self.ownership.holdings(handle).waiting > 0
                || self.arbiter.attempts().any(|slot| self.ownership.is_held_by(handle, slot));
        }
        self.arbiter.has_work_that_waits()
    }

    /// How many units of a handle run, and how many wait.
    pub(super) fn held(&self, handle: usize) -> (u64, u64) {
        if self.ownership.is_tracking() {
            let holdings = self.ownership.holdings(handle);
            return (holdings.running, holdings.waiting);
        }
        self.arbiter.totals()
    }

    /// Whether nothing of a handle runs or waits.
    #[inline]
    pub(super) fn has_nothing(&self, handle: usize) -> bool {
        if !self.ownership.is_tracking() {
            return self.arbiter.is_idle();
        }
        let holdings = self.ownership.holdings(handle);
        holdings.waiting + holdings.running == 0
    }

    /// Removes a handle; see "Dropping a handle" in the documentation of `shared`.
    pub(super) fn remove(&mut self, handle: usize, wakeups: &mut Wakeups) -> HandleState {
        self.track_ownership();
        self.watch(handle, false);
        self.handles[handle].expects = false;
        self.paused_by = self.paused_by.filter(|&by| by != handle);
        for ticket in self.ownership.holdings(handle).tickets.all_waiting() {
            self.arbiter.cancel(ticket);
        }
        let unread = self.handles[handle].messages.iter().filter_map(Message::slot).collect();
        self.take_back(unread, Cause::Cleared);
        // The units in the slots that it knew of have failed, as far as anybody will ever know.
        let held: Vec<Slot> = self
            .arbiter
            .slots_held()
            .filter(|&slot| self.ownership.is_held_by(handle, slot))
            .collect();
        for slot in held {
            self.settle(None, slot, Outcome::Rejected, wakeups);
        }
        self.next(None, wakeups);
        self.changed(Some(handle), wakeups);
        let gone = self.handles.remove(handle);
        if self.arbiter.is_idle() {
            self.tidy_ownership();
        }
        gone
    }

    pub(super) fn pause(&mut self, by: usize) {
        self.arbiter.pause();
        self.paused_by = Some(by);
    }

    pub(super) fn resume(&mut self) {
        self.arbiter.resume();
        self.paused_by = None;
    }

    pub(super) fn resume_held(&mut self) {
        self.arbiter.resume_held();
        self.paused_by = None;
    }

    #[inline]
    pub(super) fn is_idle(&self, handle: usize) -> bool {
        // It still has to be told about cleared tickets.
        !self.has_messages(handle) && self.has_nothing(handle)
    }
}
