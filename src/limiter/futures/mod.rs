//! Limits for Rust tasks: an arbiter behind a lock, and the futures that wait for it.
//!
//! Enters: tasks, through [`Gate::acquire`], and the timer, when time lets a task start.
//! Leaves: [`Guard`]s, and wake-ups of the tasks that got a slot.
//! The files are the API (`gate.rs`), the future and its guard (`acquire.rs`), the state behind
//! both (`state.rs`), and the tasks that wait (`waiters.rs`). `batch.rs` has guards of several slots, and
//! `run.rs` futures that run in a slot; `idle.rs` waits for the end of all work.

pub use acquire::{Acquire, Guard};
pub use gate::Gate;
pub use idle::Idle;

#[cfg(feature = "tokio")]
pub(crate) use run::run_in;

mod acquire;
mod batch;
mod gate;
mod idle;
mod run;
mod state;
mod waiters;
