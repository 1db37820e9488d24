//! Sending and taking messages.

use super::super::mailbox::{HandleState, Message, Wakeups};
use super::State;
use crate::clock::Clock;

impl<C: Clock> State<C> {
    #[inline]
    pub(crate) fn has_messages(&self, handle: usize) -> bool {
        !self.handles[handle].messages.is_empty()
    }

    /// Takes all messages of a handle. Its mailbox is empty then.
    pub(crate) fn take_messages(&mut self, handle: usize) -> Vec<Message> {
        self.release_taken(handle);
        let HandleState { messages, taken, .. } = &mut self.handles[handle];
        taken.extend(messages.iter().filter_map(Message::ticket));
        messages.drain(..).collect()
    }

    /// Takes the oldest message of a handle.
    pub(crate) fn take_message(&mut self, handle: usize) -> Option<Message> {
        self.release_taken(handle);
        let HandleState { messages, taken, .. } = &mut self.handles[handle];
        let message = messages.pop_front()?;
        taken.extend(message.ticket());
        Some(message)
    }

    /// Frees the ticket numbers of the messages that a handle took before: it takes messages again.
    fn release_taken(&mut self, handle: usize) {
        for number in self.handles[handle].taken.drain(..) {
            self.ownership.holdings_mut(handle).tickets.message_is_gone(number);
        }
    }

    pub(crate) fn watch(&mut self, handle: usize, watches: bool) {
        let before = std::mem::replace(&mut self.handles[handle].watches, watches);
        self.watchers = self.watchers + usize::from(watches) - usize::from(before);
    }

    /// Tells all watching handles of a change, except the handle that made it.
    #[inline]
    pub(crate) fn changed(&mut self, by: Option<usize>, wakeups: &mut Wakeups) {
        if self.watchers == 0 {
            return;
        }
        for (key, handle) in &mut self.handles {
            if by != Some(key)
                && handle.watches
                && handle.messages.back() != Some(&Message::Changed)
            {
                handle.deliver(Message::Changed, wakeups);
            }
        }
    }

    pub(crate) fn tell_others(&mut self, by: usize, message: Message, wakeups: &mut Wakeups) {
        for (key, handle) in &mut self.handles {
            if key != by {
                handle.deliver(message, wakeups);
            }
        }
    }
}
