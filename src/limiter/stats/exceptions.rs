//! The counts of what seldom happens.

use crate::limiter::types::Cause;

/// What happened to units of a lane beside that they started and ended. Most limits have none of
/// it, so it is made at the first event.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exceptions {
    pub(crate) refused: u64,
    pub(crate) cleared: u64,
    pub(crate) dropped: u64,
    pub(crate) aborted: u64,
    pub(crate) queue_timeouts: u64,
    pub(crate) timeouts: u64,
    pub(crate) retries: u64,
    /// Units that had a slot, and neither began nor count as granted.
    pub(crate) taken_back: u64,
}

impl Exceptions {
    /// Units were given up that waited.
    pub(super) fn left_queue(&mut self, cause: Cause, units: u64) {
        match cause {
            Cause::Cleared => self.cleared += units,
            Cause::Aborted => self.aborted += units,
            Cause::TimedOut => self.queue_timeouts += units,
            Cause::Dropped => self.dropped += units,
        }
    }

    /// A unit was given up that runs.
    pub(super) fn given_up(&mut self, cause: Cause) {
        match cause {
            Cause::Cleared | Cause::Dropped => {} // it settles as any other
            Cause::Aborted => self.aborted += 1,
            Cause::TimedOut => self.timeouts += 1,
        }
    }
}
