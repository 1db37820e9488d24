//! Whom a server's "Retry-After" pauses.

/// Whom it pauses that a server asked a unit to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseScope {
    /// No other unit.
    Call,
    /// The unit's lane.
    Lane,
    /// The limit: both lanes.
    Limit,
}
