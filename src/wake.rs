//! How one thread has another one look for what there is for it.

/// How somebody who waits is told that there is something for him: a worker's seat has jobs
/// ([`Seat::take`](crate::pool::Seat::take)), an end of a shared gate has letters
/// ([`End::letters`](crate::limiter::End::letters)).
pub trait Wake: Send + Sync {
    /// Has him look soon. May be called more often than he waits, and from any thread; must not block, nor come
    /// back to where it was called from.
    fn wake(&self);
}
