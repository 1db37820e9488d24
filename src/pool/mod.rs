//! Work for many threads: a scheduler of two lanes, whose workers steal from each other.
//!
//! - [`Scheduler`] decides who runs what next. It is generic over the [`Job`] and knows no threads: a
//!   worker takes a [`Seat`], asks it for jobs, and sleeps in its own way when there are none.
//! - [`ThreadPool`] are Rust threads over it, for closures.
//! - [`kernels`] are the native jobs that ship with the package.
//!
//! # The rules
//!
//! 1. Jobs wait in an *injector* per lane; a worker that finds its own deque empty takes a batch from
//!    there, and where that is empty half of what a sibling has.
//! 2. Online jobs are looked for in all of these before any offline one is taken. But while offline
//!    jobs wait and may run, at least `offline_share` of all jobs taken are offline ones.
//! 3. At most `threads - reserve` workers do offline work at a time.
//! 4. A job wakes a worker unless one is just looking; a worker that found a job while more is left
//!    wakes the next. Nobody looks again and again. `sleep/README.md` tells why no wake-up is lost.
//!
//! # The whole loop
//!
//! ```
//! use p_lanes::limiter::Lane;
//! use p_lanes::pool::{Job, Options, Scheduler, Take, Wake};
//! use std::sync::Arc;
//!
//! struct Print(&'static str);
//! impl Job for Print {}
//!
//! struct Nobody;
//! impl Wake for Nobody {
//!     fn wake(&self) {} // a thread would be unparked here
//! }
//!
//! let scheduler = Arc::new(Scheduler::new(Options::new(1))?);
//! scheduler.submit(Lane::Offline, Print("a file"))?;
//! scheduler.submit(Lane::Online, Print("a request"))?;
//! scheduler.close();
//!
//! let mut seat = scheduler.sit(Arc::new(Nobody)).expect("one seat is free");
//! let mut done = Vec::new();
//! loop {
//!     match seat.take() {
//!         Take::Job(lane, Print(what)) => {
//!             done.push(what);
//!             seat.finish(lane);
//!         }
//!         Take::Sleep => unreachable!("all jobs are there already"),
//!         Take::Leave => break,
//!     }
//! }
//! assert_eq!(done, ["a request", "a file"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::wake::Wake;
pub use error::{Closed, Error};
pub use scheduler::{Job, Options, Scheduler, Seat, Take};
#[cfg(not(p_lanes_loom))]
pub use threads::{CancelHandle, ThreadPool, Work};

pub mod kernels;

#[cfg(not(p_lanes_loom))]
mod bell;
mod error;
mod lanes;
mod queues;
#[cfg(feature = "node")]
pub(crate) mod record;
mod scheduler;
mod sleep;
#[cfg(not(p_lanes_loom))]
mod threads;
