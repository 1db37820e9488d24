//! The policy: whose turn it is. It is state that starts nothing, wakes nothing and takes no lock.
//!
//! Enters: calls, ends of calls, and the time, all through [`Arbiter`].
//! Leaves: slots, tickets and refusals, and the time at which to ask again.
//! [`limiter`](super) lists the rules. `arbiter/` applies them, and each other file holds the state
//! of one rule.

pub use arbiter::{Arbiter, Enqueued, EnteredLine, ListedCall};
pub use drops::DroppedTicket;
#[cfg(not(target_family = "wasm"))]
pub(crate) use offline_share::OfflineShare;

mod arbiter;
mod attempts;
mod drops;
mod flows;
mod learning;
mod lending;
mod line;
mod nesting;
mod offline_share;
mod pacing;
mod queue;
mod quota;
mod rated;
mod round_robin;
mod slots;
mod tickets;
