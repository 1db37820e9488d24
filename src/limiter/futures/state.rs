//! The state behind a gate: the arbiter and the tasks that wait, under one lock.
//!
//! **No foreign code runs under the lock.** Wakers are cloned before the lock is taken, and woken
//! or dropped after it is released. Waking may run a task at once, and dropping the last waker of a
//! task may drop its future. Either may use this gate again. (The clock does run under the lock.)

use std::sync::{Arc, Weak};
use std::task::Waker;

use parking_lot::{Mutex, MutexGuard};

use super::waiters::Waiters;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::{Arbiter, DroppedTicket};
use crate::limiter::timer::{Alarm, Due};
use crate::limiter::types::{Cause, Dropped, Lane, Outcome, Slot, Ticket};

/// The state that a gate, its futures and its guards share. Clones share it, too.
pub(super) struct Core<C> {
    pub(super) state: Arc<Mutex<State<C>>>,
}

pub(super) struct State<C> {
    pub(super) arbiter: Arbiter<C>,
    pub(super) waiters: Waiters,
    /// Woken when nothing runs and nothing waits.
    pub(super) when_idle: Vec<Waker>,
    /// Due when time alone may let a task start. None if the clock is the caller's.
    alarm: Option<Alarm>,
}

impl Core<MonotonicClock> {
    /// A core with an alarm on the system's clock.
    pub(super) fn timed(arbiter: Arbiter) -> Self {
        let state = Arc::new_cyclic(|state: &Weak<Mutex<State<_>>>| {
            let alarm = Alarm::new(*arbiter.clock(), state.clone());
            Mutex::new(State::new(arbiter, Some(alarm)))
        });
        Self { state }
    }
}

impl<C: Clock> Core<C> {
    /// A core without an alarm. It does not notice that time passes.
    pub(super) fn untimed(arbiter: Arbiter<C>) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(arbiter, None))) }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock()
    }

    /// Lets a call in, and starts other tasks if the call makes room for them.
    pub(super) fn admit<R>(&self, enter: impl FnOnce(&mut State<C>) -> R) -> R {
        let (entered, granted, dropped) = {
            let mut state = self.lock();
            let had_heavy_head = state.arbiter.has_heavy_head();
            let entered = enter(&mut state);
            let dropped = state.displaced();
            let others = had_heavy_head || state.arbiter.is_timed() || !dropped.is_empty();
            (entered, if others { state.grant_all() } else { Vec::new() }, dropped)
        };
        wake_all(granted);
        wake_all(dropped);
        entered
    }

    /// Changes the arbiter, and starts the tasks for which that makes room.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Arbiter<C>) -> R) -> R {
        let (changed, granted) = {
            let mut state = self.lock();
            (change(&mut state.arbiter), state.grant_all())
        };
        wake_all(granted);
        changed
    }

    /// Ends the unit in a slot, and starts the tasks for which that makes room.
    pub(super) fn settle(&self, slot: Slot, outcome: Outcome) {
        let (next, others, idle) = {
            let mut state = self.lock();
            let State { arbiter, waiters, .. } = &mut *state;
            let next = arbiter.settle(slot, outcome).map(|ticket| waiters.grant(ticket, slot));
            let more = state.arbiter.has_more_after_settle();
            let others = if more { state.grant_all() } else { Vec::new() };
            (next, others, state.take_when_idle())
        };
        if let Some(next) = next {
            next.wake();
        }
        wake_all(others);
        wake_all(idle);
    }

    /// Drops all tasks that wait in a lane, and returns their number.
    pub(super) fn clear(&self, lane: Lane) -> usize {
        let (cleared, granted, idle) = {
            let mut state = self.lock();
            let State { arbiter, waiters, .. } = &mut *state;
            let cleared = arbiter.clear(lane).into_iter().map(|ticket| waiters.clear(ticket));
            (cleared.collect(), state.grant_all(), state.take_when_idle())
        };
        wake_all(granted);
        wake_all(idle);
        wake_all(cleared)
    }

    /// Takes a waiting ticket out of its lane, and starts the tasks for which that makes room.
    pub(super) fn cancel(mut state: MutexGuard<'_, State<C>>, ticket: Ticket, cause: Cause) {
        state.arbiter.cancel_for(ticket, cause);
        let (granted, idle) = (state.grant_all(), state.take_when_idle());
        drop(state);
        wake_all(granted);
        wake_all(idle);
    }

    /// Grants slots to the tasks that may have them by now, and returns how many got one.
    pub(super) fn grant_due(&self) -> usize {
        let granted = self.lock().grant_all();
        wake_all(granted)
    }
}

impl Due for Mutex<State<MonotonicClock>> {
    fn due(&self) {
        let granted = {
            let mut state = self.lock();
            if let Some(alarm) = &mut state.alarm {
                alarm.unset();
            }
            state.grant_all()
        };
        wake_all(granted);
    }
}

impl<C> State<C> {
    fn new(arbiter: Arbiter<C>, alarm: Option<Alarm>) -> Self {
        Self { arbiter, waiters: Waiters::default(), when_idle: Vec::new(), alarm }
    }
}

impl<C: Clock> State<C> {
    /// The tasks to wake if nothing runs and nothing waits now.
    #[must_use]
    fn take_when_idle(&mut self) -> Vec<Waker> {
        if self.when_idle.is_empty() || !self.arbiter.is_idle() {
            return Vec::new();
        }
        std::mem::take(&mut self.when_idle)
    }

    /// The tasks that a newcomer has displaced.
    #[must_use]
    fn displaced(&mut self) -> Vec<Waker> {
        if !self.arbiter.has_dropped() {
            return Vec::new();
        }
        let Self { arbiter, waiters, .. } = self;
        let tickets = arbiter.take_dropped().into_iter();
        let displaced = tickets.map(|DroppedTicket { ticket, lane, .. }| {
            waiters.displace(ticket, Dropped::new(lane, arbiter.max_queue(lane)))
        });
        displaced.collect()
    }

    /// Grants free slots to all tasks that may have them, and sets the alarm for those that may
    /// have one later.
    #[must_use]
    fn grant_all(&mut self) -> Vec<Waker> {
        let Self { arbiter, waiters, alarm, .. } = self;
        let grants = std::iter::from_fn(|| arbiter.grant_next());
        let granted = grants.map(|(slot, ticket)| waiters.grant(ticket, slot)).collect();
        if let Some((alarm, at)) = alarm.as_mut().zip(arbiter.wakes_at()) {
            alarm.set(at);
        }
        granted
    }
}

/// Wakes tasks, with no lock held, and returns their number.
fn wake_all(wakers: Vec<Waker>) -> usize {
    let woken = wakers.len();
    wakers.into_iter().for_each(Waker::wake);
    woken
}

impl<C> Clone for Core<C> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state) }
    }
}
