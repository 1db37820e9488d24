//! What happens to a call that comes to a full lane, and the error of a call that was dropped there.

use super::lane::Lane;

/// What happens to a call that would wait in a lane in which as many calls wait as
/// [may](crate::limiter::Options::max_queue).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// The call is refused ([`Refused::Full`](crate::limiter::Refused::Full)).
    #[default]
    Reject,
    /// The call is let in, because its caller checks
    /// [`Arbiter::has_room`](crate::limiter::Arbiter::has_room) first.
    Wait,
    /// The call is let in, and the tickets of its lane that came first are dropped, as many as have
    /// to leave.
    DropOldest,
    /// The tickets of its lane that would start last are dropped, as many as have to leave. If the
    /// call would itself start after one of them, it is refused
    /// ([`Refused::Dropped`](crate::limiter::Refused::Dropped)). In a
    /// [fair](crate::limiter::Options::fair) limit it is refused only if a ticket of its own flow
    /// would be the first to leave.
    DropLowest,
}

impl Overflow {
    /// The name in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Wait => "wait",
            Self::DropOldest => "drop-oldest",
            Self::DropLowest => "drop-lowest",
        }
    }

    /// Whether tickets that wait may be dropped.
    pub(crate) const fn drops(self) -> bool {
        matches!(self, Self::DropOldest | Self::DropLowest)
    }
}

/// A call was dropped from a full lane, by [`Overflow`]. It has not run and will not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the {lane} lane is full: `maxQueue` lets {most} wait in it, and `overflow` dropped this call"
)]
#[non_exhaustive]
pub struct Dropped {
    /// The lane.
    pub lane: Lane,
    /// How many calls may wait in it.
    pub most: u64,
}

impl Dropped {
    pub(crate) const fn new(lane: Lane, most: u64) -> Self {
        Self { lane, most }
    }
}
