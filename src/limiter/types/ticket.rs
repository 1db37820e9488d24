//! A ticket, by its number.

/// A queued call, or a batch of calls. Tickets are small, dense numbers. A number is reused once
/// its ticket has been granted, cancelled or cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u32);

impl Ticket {
    /// The ticket's number, below 2^31.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The ticket with a number that [`Ticket::number`] returned.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    pub(crate) fn key(self) -> usize {
        self.0 as usize
    }
}
