//! How another thread reaches an environment's event loop.
//!
//! Enters: rings, from any thread. Leaves: a call of a JavaScript function in the event loop.
//! A [`doorbell`] is rung. With [`spin_before_park`] the event loop often notices the ring without
//! sleeping first.

pub(super) mod doorbell;
mod spin_before_park;
