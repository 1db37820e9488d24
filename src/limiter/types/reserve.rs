//! The slots that are kept free for online work.

use std::time::Duration;

use super::error::Error;

/// The promise of [`Reserve::Auto`].
pub const DEFAULT_WAIT: Duration = Duration::from_millis(5);

/// How many slots offline work never takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reserve {
    /// As many as online work needs for a wait of 5 ms, but at most half of the slots.
    /// See [`reserve`](crate::limiter::reserve).
    #[default]
    Auto,
    /// As many as are needed so that at most one of a hundred online units waits for a slot for
    /// longer than this, but not the last slot. Above 0.
    Wait(Duration),
    /// This many; below the number of slots.
    Slots(u64),
}

impl From<u64> for Reserve {
    fn from(slots: u64) -> Self {
        Self::Slots(slots)
    }
}

impl Reserve {
    /// # Errors
    /// A wait of zero.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        if self == Self::Wait(Duration::ZERO) { Err(Error::ReserveWait) } else { Ok(self) }
    }

    /// The number, if it is one.
    pub fn slots(self) -> Option<u64> {
        match self {
            Self::Slots(slots) => Some(slots),
            Self::Auto | Self::Wait(_) => None,
        }
    }
}
