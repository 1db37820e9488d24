//! How one thread makes another thread check for work or messages.

/// Tells the owner of a seat or a handle that there is something for it: a worker's seat has jobs
/// ([`Seat::take`](crate::pool::Seat::take)), or a handle of a shared gate has messages
/// ([`GateHandle::take_messages`](crate::limiter::GateHandle::take_messages)).
pub trait Wake: Send + Sync {
    /// Makes the owner check soon. It may be called from any thread, and more often than the owner
    /// waits. It must not block, and must not call back into the scheduler or the gate that calls
    /// it.
    fn wake(&self);
}
