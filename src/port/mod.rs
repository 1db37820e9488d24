//! The gates of one JavaScript environment, for a binding of any kind.
//!
//! Enters: numbers, from a binding. Leaves: tickets to start, slots and refusals, as numbers and
//! texts. It knows neither Node nor WebAssembly: `src/node/limit/` is the one way for JavaScript to
//! reach it, and `src/wasm/` the other.
//!
//! [`hot_calls`] has the calls that every task makes, over numbers in memory. [`calls`] has those
//! that are made now and then. Both work on [`gates`]. The rules are in `src/limiter/`.

mod calls;
mod clock;
mod errors;
mod gate;
mod gates;
pub(crate) mod hot_calls;
#[cfg(not(target_family = "wasm"))]
mod ready_gates;
pub(crate) mod wire;

#[cfg(not(target_family = "wasm"))]
pub(crate) use errors::PANICKED;
pub(crate) use errors::{Thrown, said};
#[cfg(not(target_family = "wasm"))]
pub(crate) use gate::PortGate;
#[cfg(target_family = "wasm")]
pub(crate) use gates::LEASES;
pub(crate) use gates::{Gates, Leases};
