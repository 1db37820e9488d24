//! The WebAssembly binding: the limits of one JavaScript environment, where no addon loads.
//!
//! Enters: calls of the exports, from `lib/binding/wasm/`. Leaves: numbers and texts in this
//! module's memory, and errors as texts. It is built for `wasm32-unknown-unknown`, which has no
//! threads, no clock and no timers: JavaScript gives the clock, and asks
//! [when to call again](crate::port::Gates::wakes_in). One module instance has one set of gates.
//!
//! | file | for |
//! |---|---|
//! | [`host`] | what JavaScript is called for |
//! | [`memory`] | the allocator, which tells JavaScript that the memory has grown |
//! | [`entry`] | how an export begins and ends: the gates, the wire, errors, panics |
//! | [`hot_calls`] | the calls that every task makes |
//! | [`calls`] | the calls that are made now and then |
//! | [`numbers`] | lists of numbers for JavaScript: statistics, tickets, slots |

mod calls;
mod entry;
mod host;
mod hot_calls;
mod memory;
mod numbers;
