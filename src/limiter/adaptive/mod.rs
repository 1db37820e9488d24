//! Adaptive limits: finding the number of slots from how long units take and how they end.
//!
//! Enters: starts and ends of units, with their times, from the arbiter. Leaves: the number of
//! slots, and [`AdaptiveStats`]. The options are in `types/`, because the options of a limit
//! include them. `controller.rs` is what the arbiter calls.
//!
//! ```
//! use p_lanes::limiter::{Adaptive, Gate, Lane, Options, Outcome, Reason};
//!
//! // Where it is adaptive, the number that the options are made with is not used.
//! let gate = Gate::new(Options::new(1).adaptive(Adaptive::default().min(2).max(64).initial(10)))?;
//! assert_eq!(gate.concurrency(), 10);
//!
//! let overload = || {
//!     let guard = gate.try_acquire(Lane::Online).expect("slots are free");
//!     guard.settle(Outcome::Overloaded); // a 429 or 503, a timeout, a refused connection
//! };
//! overload();
//! assert_eq!(gate.concurrency(), 10, "one says nothing");
//! (0..7).for_each(|_| overload());
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
//! 1. The latency of a unit is the time from its slot to its end. Units are timed as for the
//!    statistics: all of them, except in bursts, which are sampled. So an adaptive limit does not
//!    read the clock more often than any other.
//! 2. Only units that end with [`Fulfilled`](super::Outcome::Fulfilled) have a latency that counts.
//!    A refusal is fast because nothing was done, and a timeout is as slow as its setting. Let
//!    timeouts end with [`Overloaded`](super::Outcome::Overloaded): if they are only `Rejected`,
//!    the limit never learns of the slowest units. A unit with a [failed
//!    attempt](super::Arbiter::attempt_failed) has no latency, because its time is that of several
//!    attempts and of the waits between them. Each attempt is reported as `Overloaded`, or not,
//!    when it fails.
//! 3. Latencies below a microsecond are the resolution of the clock and do not count.
//! 4. The number in flight is the number of slots held, so a unit of weight 3 counts as three. A
//!    unit counts if the limit was in use when it started: at least three quarters of what its lane
//!    may hold were held, or another unit of its size would not have fitted. Other units change
//!    nothing, because a load that does not fill the limit does not show what it can take.
//! 5. Latencies are collected in windows (`window.rs`) of at least two round trips and 50 ms,
//!    longer ones while the conclusion is not clear. After a change of the limit one round trip is
//!    skipped.
//! 6. Only a window in which the limit was reached can raise it.
//! 7. A ratio of `Overloaded` attempts that is too high takes a tenth of the limit, under every
//!    algorithm and at any load, once for a burst (see below). Attempts that began before the last
//!    reduction, or ended within a round trip of it, do not count, nor do those that were not timed.
//!    The limit is then not raised for one second and ten round trips.
//!
//! # Overloads
//!
//! Services fail now and then whatever the load. A lower limit avoids no such *stray* error, so a
//! limit that went down by each would go down to its minimum. What counts is the ratio of
//! overloaded attempts, and whether it follows the limit (`overloads.rs`).
//!
//! The limit is reduced if it is ten thousand times likelier that the ratio is five points above the
//! stray ratio than that it is the stray ratio, by E. S. Page's test (1954). If every attempt fails,
//! that takes eight attempts at first, and four once the service is known to have no stray errors.
//!
//! The stray ratio is 2 % at first, which is the loss that BBRv2 tolerates. It falls with the ratio
//! of every thousand attempts. It rises only by experiment: to what is left of the overloads under a
//! limit that was reduced for them. If the ratio is too high there, too, the limit is reduced
//! again. A reduction of a tenth avoids all overloads of a ratio up to a tenth. So if the ratio is
//! no higher than that in two reductions after each other, and still too high, the rest is stray,
//! and the limit returns to where it was. A higher ratio than a tenth is never taken for stray.
//!
//! Where several reductions followed each other, as in an outage, the limit returns fast, by a half
//! for each window, to a tenth below where it was.
//!
//! # The algorithms
//!
//! **Latency** (`latency.rs`, the default) estimates how many units queue where they run, as TCP
//! Vegas does (Brakmo and Peterson, 1995). If `n` units in flight take `recent` and would take
//! `baseline` alone, `n * (1 - baseline / recent)` of them queue. It steers that queue to 0.75
//! times the square root of the limit, half of the way at a time. Between 0.5 and 1 times it leaves
//! the limit alone. Until it sees a queue, it raises the limit by a half.
//!
//! Everything depends on the baseline (`baseline.rs`). The lowest latency ever seen is an accident,
//! and an average rises under load. Failsafe-go's adaptive limiter guards its average by the
//! correlation of the number in flight with latency and throughput. This limiter makes an
//! experiment instead (`probe.rs`). A *probe* lowers the limit, by up to a quarter at a time, while
//! latency falls with it (with an elasticity above a half; 1 is a full server, 0 one with free
//! capacity). When latency no longer falls, it is the baseline. To confirm a known baseline, a
//! probe lowers the limit once, by at most a fifth, so that the limit does not swing. A probe is
//! made at the start; when reductions do not help; when the number in flight and latency have risen
//! together although nothing seems to queue (`trend.rs`); and from time to time, more rarely while
//! it finds nothing new. So a server that is slower for everybody is told from a full one, the
//! baseline does not drift during an incident of any length, and a limit that starts far too high
//! comes down.
//!
//! **Gradient** (`gradient.rs`) compares with a long-term average, like Gradient2 of Netflix's
//! concurrency-limits. Under a load that always fills the limit the average rises slowly, and so
//! does the limit.
//!
//! **Aimd** (`aimd.rs`) adds one slot for each window and reacts to overload only (Chiu and Jain,
//! 1989).
//!
//! # What drives it
//!
//! [`Arbiter::settle`](super::Arbiter::settle) drives it, on the arbiter's clock. There is no
//! timer, and nothing is allocated after the limit is made. A reduction interrupts nothing.
//! [`grant_next`](super::Arbiter::grant_next) hands out the slots of a raise and must be called
//! after every settle ([`Gate`](super::Gate) does that). The reserve follows the limit, unless it
//! was set. `docs/how/adaptive.md` has measured figures.

pub use crate::limiter::types::{Adaptive, Algorithm, DEFAULT_INITIAL, PartialAdaptive};
pub(super) use controller::{Controller, Unit};
pub use stats::{AdaptiveStats, Reason};

mod aimd;
mod baseline;
mod controller;
mod gradient;
mod latency;
mod overloads;
mod probe;
mod stats;
mod trend;
mod window;
