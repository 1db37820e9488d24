//! What a server says of a quota.

use std::time::Duration;

use super::slot::Slot;

/// What a server's answer says of a quota. Servers say it in headers such as `RateLimit`.
///
/// Each part may be missing. See [`Arbiter::learn`](crate::limiter::Arbiter::learn) for what a limit
/// makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The cost that may start in all, in one of the server's windows.
    pub limit: Option<u64>,
    /// The cost that may still start. The request that was answered is counted.
    pub remaining: Option<u64>,
    /// When more may start, from now.
    pub resets_in: Option<Duration>,
    /// How long one of the server's windows is.
    pub window: Option<Duration>,
}

impl Reading {
    /// So much may still start, until the server's window ends.
    pub const fn remaining(remaining: u64) -> Self {
        Self { limit: None, remaining: Some(remaining), resets_in: None, window: None }
    }

    /// So much may start in one of the server's windows.
    pub const fn of(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The server's windows are that long.
    pub const fn every(mut self, window: Duration) -> Self {
        self.window = Some(window);
        self
    }

    /// The server's window ends in that time from now.
    pub const fn resets_in(mut self, left: Duration) -> Self {
        self.resets_in = Some(left);
        self
    }
}

/// When the request was sent that a server has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sent {
    /// By the attempt that runs in a slot. Nothing else is as exact.
    In(Slot),
    /// So long ago.
    Ago(Duration),
    /// By a unit that runs: the one that has run for the longest time counts.
    ByAny,
}
