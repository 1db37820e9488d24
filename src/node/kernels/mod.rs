//! The kernels: native jobs on Rust threads that the whole process shares.
//!
//! Enters: calls with their items, through an environment's [`port`]. Leaves: outputs and failures,
//! in messages to that port.
//! A call is a [`batch`], which travels to the [`threads`] in [`chunk`]s, whose memory is reused.

mod batch;
mod chunk;
mod port;
mod system_error;
mod threads;
