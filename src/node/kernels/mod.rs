//! The kernels: native jobs on Rust threads that the whole process shares.
//!
//! [`threads`] are those threads, [`batch`] is a call's work on them in
//! [`piece`]s, whose memory is used again, and [`port`] an environment's end.

mod batch;
mod piece;
mod port;
mod threads;
