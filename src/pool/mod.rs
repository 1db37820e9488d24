//! Work for many threads: a scheduler of two lanes, whose workers steal from each other.
//!
//! - [`Scheduler`] decides which worker runs which job next. It is generic over the [`Job`] and
//!   knows no threads. A worker takes a [`Seat`], asks it for jobs, and sleeps in its own way when
//!   there are none.
//! - [`ThreadPool`] runs closures on Rust threads, over a scheduler.
//! - `kernels` are the native jobs that ship with the package. They have the feature `kernels`, and
//!   need a C compiler.
//!
//! # The rules
//!
//! 1. Jobs wait in an *injector* for each lane. A worker whose own deque is empty takes a batch
//!    from there. If the injector is empty, too, it takes half of what a sibling has.
//! 2. A worker checks all of these for online jobs before it takes an offline job. But while
//!    offline jobs wait and may run, at least `offline_share` of all jobs taken are offline jobs.
//! 3. `reserve` further workers take online jobs only. An online job wakes one of these first.
//! 4. A job wakes a worker unless another worker is searching. A worker that found a job while more
//!    are left wakes the next worker. No worker searches again and again.
//!    `scheduler/sleep/README.md` shows that no wake-up is lost.
//!
//! # The whole loop
//!
//! ```
//! use p_lanes::limiter::Lane;
//! use p_lanes::pool::{Job, Options, Scheduler, Serves, Take, Wake};
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
//! let mut seat = scheduler.sit(Serves::BothLanes, Arc::new(Nobody)).expect("a seat is free");
//! let mut done = Vec::new();
//! loop {
//!     match seat.take() {
//!         Take::Job(lane, Print(what)) => {
//!             done.push(what);
//!             seat.finish(lane);
//!         }
//!         Take::Sleep | Take::Later => unreachable!("all jobs are there already"),
//!         Take::Leave => break,
//!     }
//! }
//! assert_eq!(done, ["a request", "a file"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::wake::Wake;
pub use error::{Closed, Error};
pub use scheduler::{Job, Options, Scheduler, Seat, Serves, Take};
#[cfg(not(p_lanes_loom))]
pub use threads::{CancelHandle, JobFuture, ThreadPool, Work};

#[cfg(feature = "kernels")]
pub mod kernels;

mod error;
#[cfg(not(p_lanes_loom))]
pub(crate) mod priority;
#[cfg(feature = "node")]
pub(crate) mod recorder;
mod scheduler;
#[cfg(not(p_lanes_loom))]
mod threads;
