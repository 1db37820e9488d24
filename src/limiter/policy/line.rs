//! The line: one ticket for all plain calls of the online lane that wait behind each other.
//!
//! Its owner knows which calls these are and begins them in their order. So a call that waits
//! costs nothing here but one more unit, and the owner may add units and start them by itself while
//! it has a [`Lease`](crate::limiter::Lease).

use std::collections::VecDeque;

use crate::limiter::stats::{Arrival, Sample};
use crate::limiter::types::{SPARE, Ticket};

/// What a lease in force has allowed; see [`Lease`](crate::limiter::Lease).
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) enters: i32,
    pub(super) passes: i32,
    pub(super) starts: i32,
    pub(super) ticket: Ticket,
}

/// The line of one limit.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// None if nothing waits in the line.
    ticket: Option<Ticket>,
    /// The units that were ever added.
    added: u64,
    /// The units that have left: the number of the unit that is first now.
    left: u64,
    /// The numbers of waiting units whose arrival was timed.
    timed: VecDeque<(u64, Sample)>,
    /// The lease that is in force.
    pub(super) given: Option<Given>,
}

impl Line {
    pub(super) fn ticket(&self) -> Option<Ticket> {
        self.ticket
    }

    pub(super) fn is(&self, ticket: Ticket) -> bool {
        self.ticket == Some(ticket)
    }

    /// The line waits under this ticket now.
    pub(super) fn begin(&mut self, ticket: Ticket) {
        self.ticket = Some(ticket);
    }

    /// A unit was added.
    pub(super) fn add(&mut self, arrived: Option<Sample>) {
        if let Some(sample) = arrived {
            self.timed.push_back((self.added, sample));
        }
        self.added += 1;
    }

    /// The first unit starts. Returns when it arrived.
    pub(super) fn take(&mut self, is_last: bool) -> Arrival {
        let first = self.left;
        self.left += 1;
        let is_timed = self.timed.front().is_some_and(|&(unit, _)| unit == first);
        let arrival = if is_timed { self.timed.pop_front().map(|(_, at)| at) } else { None };
        if is_last {
            self.drop_all();
        }
        Arrival::Call(arrival)
    }

    /// All that waits has left without starting.
    pub(super) fn drop_all(&mut self) {
        self.ticket = None;
        self.left = self.added;
        self.timed.clear();
        self.timed.shrink_to(SPARE);
    }

    /// Of each unit that waits, in order: when it arrived, if that was timed.
    pub(super) fn arrivals(&self) -> impl Iterator<Item = Option<Sample>> {
        let mut timed = self.timed.iter().peekable();
        (self.left..self.added)
            .map(move |unit| timed.next_if(|&&(number, _)| number == unit).map(|&(_, at)| at))
    }

    /// How many units are before the first one whose arrival was timed.
    pub(super) fn before_timed(&self) -> u64 {
        self.timed.front().map_or(u64::MAX, |&(unit, _)| unit - self.left)
    }

    /// Units were added and have started, none of which was timed.
    pub(super) fn pass(&mut self, added: u64, started: u64) {
        self.added += added;
        self.left += started;
    }
}
