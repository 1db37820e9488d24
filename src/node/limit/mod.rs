//! The limits of one Node environment.
//!
//! Enters: numbers, from the shim in `lib/`. Leaves: tickets to start, slots and refusals, as
//! numbers.
//! [`port`] has the calls that are made now and then, as ordinary napi-rs exports. [`hot_calls`]
//! has the calls that every task makes. Both work on [`gates`]. The rules are in `src/limiter/`.

mod clock;
mod errors;
mod gate;
mod gates;
mod hot_calls;
mod options;
mod port;
mod ready_gates;
