//! Messages to a handle, the mailbox that holds them, and the wake-ups that they cause.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::limiter::types::{Lane, Slot};
use crate::wake::Wake;

/// What a handle is told about the actions of other handles and of the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// A unit of a ticket has got this slot.
    Granted {
        /// The handle's number of the ticket.
        ticket: u32,
        /// The slot, which the handle must settle.
        slot: Slot,
    },
    /// The unit in this slot may make its next [attempt](super::GateHandle::attempt).
    Attempt {
        /// The slot, which the handle holds.
        slot: Slot,
    },
    /// Another handle has cleared this ticket.
    Dropped {
        /// The handle's number of the ticket.
        ticket: u32,
    },
    /// This ticket was dropped, because its lane was full and another call was let in instead; see
    /// [`Overflow`](crate::limiter::Overflow).
    Displaced {
        /// The handle's number of the ticket.
        ticket: u32,
        /// The lane.
        lane: Lane,
    },
    /// Something has changed. A handle that [watches](super::GateHandle::watch) gets it after any
    /// change. Another handle gets it when the message that it
    /// [expects](super::GateHandle::expects_messages) would otherwise not come.
    Changed,
    /// The gate takes no more calls.
    Closed,
}

impl Message {
    pub(super) fn ticket(&self) -> Option<u32> {
        match *self {
            Self::Granted { ticket, .. }
            | Self::Dropped { ticket }
            | Self::Displaced { ticket, .. } => Some(ticket),
            Self::Attempt { .. } | Self::Changed | Self::Closed => None,
        }
    }

    /// The slot that it grants.
    pub(super) fn slot(&self) -> Option<Slot> {
        match *self {
            Self::Granted { slot, .. } => Some(slot),
            _ => None,
        }
    }

    /// Whether a unit or an attempt begins when it is read.
    pub(super) fn starts_work(&self) -> bool {
        matches!(self, Self::Granted { .. } | Self::Attempt { .. })
    }
}

pub(super) struct HandleState {
    pub(super) waker: Arc<dyn Wake>,
    pub(super) messages: VecDeque<Message>,
    /// The tickets that the messages taken last have named. Their numbers are not reused before
    /// more messages are taken.
    pub(super) taken: Vec<u32>,
    pub(super) watches: bool,
    /// What the handle was last told: whether a message will come.
    pub(super) expects: bool,
}

/// The owners to wake after the lock is released.
#[must_use]
#[derive(Default)]
pub(super) struct Wakeups(Vec<Arc<dyn Wake>>);

impl Wakeups {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cold]
    pub(super) fn wake_all(self) {
        for waker in self.0 {
            waker.wake();
        }
    }
}

impl HandleState {
    pub(super) fn new(waker: Arc<dyn Wake>) -> Self {
        Self { waker, messages: VecDeque::new(), taken: Vec::new(), watches: false, expects: false }
    }

    /// Whether the handle still has to be told about some tickets. Later events are then told
    /// behind these: a handle begins its calls in the order in which they got their slots.
    pub(super) fn has_ticket_messages(&self) -> bool {
        self.messages.iter().any(|message| message.ticket().is_some())
    }

    pub(super) fn deliver(&mut self, message: Message, wakeups: &mut Wakeups) {
        if self.messages.is_empty() {
            wakeups.0.push(Arc::clone(&self.waker));
        }
        self.messages.push_back(message);
    }
}
