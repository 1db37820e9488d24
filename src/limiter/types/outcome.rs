//! How a unit of work ended.

/// How a unit of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned a result.
    Fulfilled,
    /// It failed. This is counted separately and has no other effect.
    Rejected,
    /// It failed because the resource that it uses is overloaded. An
    /// [`adaptive`](crate::limiter::adaptive) limit is reduced. Otherwise like `Rejected`.
    Overloaded,
}
