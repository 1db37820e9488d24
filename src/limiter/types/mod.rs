//! The plain data that all rooms of the limiter name: lanes, requests, slots, tickets, outcomes,
//! options and errors.
//!
//! This room holds no rules, no locks and no clock.
//! Enters: the values that a caller gives. It imports no other room.
//! Leaves: checked values, errors, and the small numbers by which JavaScript knows slots and
//! tickets.

pub use adaptive_options::{Adaptive, Algorithm, DEFAULT_INITIAL, PartialAdaptive};
pub use cause::Cause;
pub use costs::{Costs, MOST_QUOTAS};
pub use error::{Cleared, Error, NotAcquired, Refused};
pub use flow::Flow;
pub use lane::Lane;
pub use lease::{IDLE_SLOTS, LEASED_SLOTS, Lease};
pub(super) use lease::{bit_of, slots_in};
pub(super) use numbers::{MAX_SAFE_INTEGER, SPARE, give_spare_back, number_of};
pub use options::{DEFAULT_OFFLINE_SHARE, Options, UNLIMITED};
pub use outcome::Outcome;
pub use overflow::{Dropped, Overflow};
pub use pause_scope::PauseScope;
pub use rate::{Rate, Window};
pub use reading::{Reading, Sent};
pub use request::Request;
pub use reserve::{DEFAULT_WAIT, Reserve};
pub use slot::Slot;
pub use ticket::Ticket;

mod adaptive_options;
mod cause;
mod costs;
mod error;
mod flow;
mod lane;
mod lease;
mod numbers;
mod options;
mod outcome;
mod overflow;
mod pause_scope;
mod rate;
mod reading;
mod request;
mod reserve;
mod slot;
mod ticket;
