//! Whether a message will come to a handle, whatever that handle does.

use super::super::mailbox::{HandleState, Message, Wakeups};
use super::State;
use crate::clock::Clock;
use crate::limiter::types::Lane;

impl<C: Clock> State<C> {
    /// Like [`expects_messages`](Self::expects_messages), and records the answer: the handle relies
    /// on it from now on.
    #[inline]
    pub(crate) fn update_expectation(&mut self, handle: usize) -> bool {
        let expects = self.expects_messages(handle);
        self.handles[handle].expects = expects;
        expects
    }

    #[inline]
    pub(crate) fn expects_messages(&self, handle: usize) -> bool {
        if self.has_messages(handle) {
            return true;
        }
        if !self.is_interested(handle) {
            return false;
        }
        self.others_may_act(handle)
    }

    /// Whether something may happen, without an action of this handle, that lets its tickets start
    /// or that it wants to know of.
    fn others_may_act(&self, handle: usize) -> bool {
        // If there is only one handle, other handles are not checked.
        let others_act = || {
            self.others_hold_slots(handle) || self.others_paused(handle) || self.arbiter.may_grant()
        };
        self.handles.len() > 1 && others_act() || self.waits_for_time()
    }
    /// Whether units of a handle wait, or it wants to know of changes.
    #[inline]
    pub(crate) fn is_interested(&self, handle: usize) -> bool {
        self.handles[handle].watches || self.is_waiting(handle)
    }

    /// Whether other handles than this one hold slots.
    pub(crate) fn others_hold_slots(&self, handle: usize) -> bool {
        let held = || Lane::ALL.map(|lane| self.arbiter.active(lane)).iter().sum::<u64>();
        self.ownership.is_tracking() && held() > self.ownership.holdings(handle).running
    }

    /// Whether another handle than this one has to end a pause.
    pub(crate) fn others_paused(&self, handle: usize) -> bool {
        self.paused_by.is_some_and(|by| by != handle)
    }

    /// Whether only time is missing for a ticket to start.
    pub(crate) fn waits_for_time(&self) -> bool {
        self.arbiter.wakes_at().is_some()
    }

    /// Sends [`Message::Changed`] to the handles that were told to expect a message, if now only
    /// their own actions could cause one.
    pub(super) fn correct_expectations(&mut self, wakeups: &mut Wakeups) {
        if !self.arbiter.has_work_that_waits() {
            return;
        }
        let is_wrong =
            |&(key, handle): &(usize, &HandleState)| handle.expects && !self.expects_messages(key);
        let keys: Vec<usize> = self.handles.iter().filter(is_wrong).map(|(key, _)| key).collect();
        for key in keys {
            self.handles[key].deliver(Message::Changed, wakeups);
        }
    }

    /// Whether every interested handle has been granted a slot or an attempt and has not taken that
    /// message yet.
    /// If time granted them more slots now, all of these units would begin at once when the handle
    /// takes its messages, and no rate allows that. Such a handle asks for slots itself after that.
    /// If another handle waits, it does not have to wait for a busy one.
    pub(super) fn all_interested_are_busy(&self) -> bool {
        let is_busy = |handle: &HandleState| handle.messages.iter().any(Message::starts_work);
        self.handles.iter().all(|(key, handle)| !self.is_interested(key) || is_busy(handle))
    }
}
