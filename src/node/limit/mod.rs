//! The limits of one Node environment.
//!
//! Enters: numbers, from the shim in `lib/`. Leaves: tickets to start, slots and refusals, as
//! numbers.
//! [`port`] has the calls that are made now and then, as ordinary napi-rs exports. [`hot_calls`]
//! has the calls that every task makes. What both do is in [`crate::port`]. The rules are in
//! `src/limiter/`.

mod clock;
mod hot_calls;
mod options;
mod port;
