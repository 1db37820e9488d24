//! A limit that finds its concurrency by itself, from how long units take and how they end.
//!
//! ```
//! use p_lanes::limiter::{Adaptive, Gate, Lane, Options, Outcome, Reason};
//!
//! // Where it is adaptive, the number that the options are made with is not used.
//! let gate = Gate::new(Options::new(1).adaptive(Adaptive::default().min(2).max(64).initial(10)))?;
//! assert_eq!(gate.concurrency(), 10);
//!
//! let guard = gate.try_acquire(Lane::Online).expect("slots are free");
//! guard.settle(Outcome::Overloaded); // a 429 or 503, a timeout, a refused connection
//! assert_eq!(gate.concurrency(), 9);
//! assert_eq!(gate.stats().adaptive.unwrap().reason, Reason::Overload);
//!
//! gate.set_concurrency(20)?; // by hand: from now on it stays
//! assert_eq!(gate.stats().adaptive.unwrap().reason.as_str(), "fixed by hand");
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # What counts
//!
//! 1. The latency of a unit is the time from its slot to its end. Units are timed as for the statistics: all
//!    but those of bursts, which are sampled; so an adaptive limit reads the clock no more often than another.
//! 2. Only units that end with [`Fulfilled`](super::Outcome::Fulfilled) have a latency that counts. A refusal is
//!    fast because nothing was done, and a timeout as slow as somebody's patience. Have timeouts end with
//!    [`Overloaded`](super::Outcome::Overloaded): where they are only `Rejected`, nobody hears of the slowest.
//!    A unit of which an [attempt has failed](super::Arbiter::attempt_failed) has none, as its time is that of several
//!    attempts and of the waits between them; each attempt is told of as `Overloaded`, or not, when it fails.
//! 3. Latencies below a microsecond are the clock's own and do not count.
//! 4. In flight is slots held, so a unit of weight 3 is three. A unit counts if the limit was in use when it
//!    started: at least three quarters of what its lane may hold were held, or one more like it would not have
//!    fitted. Others change nothing: what does not fill the limit does not show what it is good for.
//! 5. Latencies are gathered in windows (`window.rs`) of two round trips and 50 ms at the least, longer ones
//!    where it is not clear yet what follows from them. After a change of the limit one round trip is left out.
//! 6. A limit is only raised by a window in which it was reached.
//! 7. `Overloaded` takes a tenth of the limit, under every algorithm and however full it is, and once for a
//!    burst: not for units or attempts that started before the last reduction, and not within a round trip of it.
//!    For one second and ten round trips the limit is not raised then.
//!
//! # The algorithms
//!
//! **Latency** (`latency.rs`, the default) estimates how many units queue where they run, as TCP Vegas does
//! (Brakmo and Peterson, 1995): of `n` in flight that take `recent` where they would take `baseline` alone,
//! `n * (1 - baseline / recent)`. It steers that queue to 0.75 times the square root of the limit, half of the
//! way at a time, and leaves it alone between 0.5 and 1 times. Until it sees a queue it grows by a half.
//!
//! All depends on the baseline (`baseline.rs`). The lowest latency ever seen is one that happened to be low, and
//! an average rises under load. Failsafe-go's adaptive limiter guards its average by the correlation of what is
//! in flight with latency and throughput; here the same is asked by experiment (`probe.rs`). A *probe* lowers
//! the limit by up to a quarter at a time while latency goes down with it (an elasticity above a half, where 1 is
//! a server that is full and 0 one that is not); where it no longer does, that latency is the baseline. To confirm
//! one that is known it lowers the limit once, by a fifth at the most, so that the limit does not swing. One is
//! made at the start; where reductions do not help; where in flight and latency have risen together though
//! nothing seems to queue (`trend.rs`); and now and then, more rarely as it finds nothing new. So a server that
//! is slower for everybody is told from one that is full, the baseline does not drift however long an incident is,
//! and a limit that begins far too high finds down.
//!
//! **Gradient** (`gradient.rs`) compares with a long-term average, as Gradient2 of Netflix's concurrency-limits.
//! Under a load that always fills the limit the average creeps up, and the limit with it.
//!
//! **Aimd** (`aimd.rs`) adds one a window and knows overload only (Chiu and Jain, 1989).
//!
//! # What drives it
//!
//! [`Arbiter::settle`](super::Arbiter::settle) does, on the arbiter's clock: there is no timer, and nothing is
//! allocated after the limit is made. A reduction interrupts nothing. A raise takes effect by
//! [`grant_next`](super::Arbiter::grant_next), to be called after every settle ([`Gate`](super::Gate) does); the
//! reserve follows, unless one was asked for. `docs/adaptive.md` has measured figures.

pub(super) use controller::{Controller, Unit};
pub use options::{Adaptive, Algorithm, DEFAULT_INITIAL, GivenAdaptive};
pub use stats::{AdaptiveStats, Reason};

mod aimd;
mod baseline;
mod controller;
mod gradient;
mod latency;
mod options;
mod probe;
mod stats;
mod trend;
mod window;
