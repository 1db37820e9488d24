//! The limiter: at most so many at once, and whose turn it is.
pub use arbiter::{Arbiter, DEFAULT_OFFLINE_SHARE, Enqueued, Options, Outcome, UNLIMITED};
pub use error::Error;
pub use lane::Lane;
pub use slots::Slot;
pub use stats::{LaneStats, LimitStats, Quantiles};
pub use tickets::Ticket;

mod arbiter;
mod error;
mod lane;
mod numbers;
mod record;
mod sampler;
mod share;
mod slots;
mod stats;
mod tickets;
