//! The limiter: at most so many at once, and whose turn it is.
//!
//! # The lane policy
//!
//! 1. **Online before offline.** A slot goes to who waits in the online lane; to the offline lane only
//!    where nobody waits there, or by rule 4. (`next_lane_if` in `arbiter.rs`)
//! 2. **FIFO in a lane**, among tickets of the same priority; higher ones start first. A batch ticket keeps
//!    its place until its last unit has started. (`tickets.rs`)
//! 3. **Reserve.** Offline work is never given a slot while it holds `concurrency - reserve` of them.
//!    The reserve is 1 where the concurrency is above 1, else 0, unless it is set. (`slots.rs`)
//! 4. **Offline share.** Online work cannot starve offline work: in any run of `n` grants made while
//!    offline waits and may run, at least `floor(n * share)` are its, 1 in 16 unless it is set; and it
//!    is given no more than one beyond `n * share` while online waits. A share of 0 is strict priority.
//!    (`share.rs`)
//! 5. **Direct hand-over.** A slot whose work has ended goes to who is next in the same step; at no
//!    moment is it free for someone else. ([`Arbiter::settle`])
//! 6. **No barging.** A newcomer has a slot at once only where it would be next by rules 1 to 4, all
//!    that wait considered. (`may_start_at_once` in `arbiter.rs`)
//! 7. **A heavy unit gets its slots.** One that needs more than are free is not overtaken in its lane, and
//!    the other lane is given no slot that it needs. (`next_lane_if`, `fit` in `slots.rs`)
//! 8. **Bounds and pauses.** A full lane, a closed limit and a call that could never run are refused
//!    ([`Refused`], `nested.rs`); a paused limit grants nothing. A pause is held until it is ended, or is one for
//!    a time; either may be there beside the other. (`pace.rs`)
//! 9. **Nothing is interrupted.** A lower concurrency takes slots away as their work ends; until then
//!    more may run than it says, and nothing new does.
//! 10. **Rate.** Where there is one, who is next by these rules starts when there are tokens for its cost, and
//!     nobody starts before it meanwhile: so scarce tokens go to online first, to offline its share, and one that
//!     costs much is not starved. Who lacks slots leaves the tokens to the other lane, as far as rule 7 lets it have
//!     slots. A cost of 0 takes no tokens, and its turn as any other. ([`Rate`], `rate.rs`)
//!
//! Where slots come from (`slots.rs`) knows nothing of who waits, and who is next (`arbiter.rs`,
//! `tickets.rs`, `share.rs`) asks it only whether a slot is free for a lane.
//!
//! # The statistics
//!
//! Counts are exact. Times are kept in histograms to within 1 %, in microseconds, per lane: from the
//! call to its slot (wait) and from the slot to its end (run). Each lane samples its arrivals and
//! its starts apart (`sampler.rs`):
//!
//! - Events 4 microseconds and more apart are all timed.
//! - Of denser ones the first 16 are all timed and, as the burst goes on, down to 1 in about 32, drawn
//!   at random. A timed event counts for those skipped before it too, so that a histogram's count follows
//!   the number of events to within 64.
//! - What is skipped is never timed later: after a long burst up to 63 events may go untimed.
//! - A call that is cancelled or cleared takes its time, and those it stood for, along.
//! - The wait for the rate is told apart, not sampled, and as of the calls that look: a unit waits for the rate
//!   alone from the first call on its limit at which it is next, has its slots free, is kept by no pause, and
//!   lacks tokens, until the first at which one of these has changed or it starts.
//!
//! # Time
//!
//! All changes but two come by calls: that a pause for a time ends, and that there are tokens again. An arbiter tells
//! when that will be ([`Arbiter::wakes_at`]), and whoever drives it has to be there then. Gates have a timer for it,
//! one thread for all of them (`timer.rs`).
//!
//! # Adaptive concurrency
//!
//! The number of slots may be found instead of given: [`Options::adaptive`]. The rules are in [`adaptive`].
//!
//! # Files
//!
//! `arbiter.rs` is the algorithm, `gate.rs` the API for Rust tasks over it (with `acquire.rs` and `waiters.rs`), as one
//! keeps a semaphore and its queue apart; `src/node/` is the API for JavaScript over the same.

pub use acquire::{Acquire, Guard};
pub use adaptive::{Adaptive, AdaptiveStats, Algorithm, GivenAdaptive, Reason};
pub use arbiter::{Arbiter, Enqueued, Outcome};
pub use error::{Cleared, Error, NotAcquired, Refused};
pub use gate::Gate;
pub use lane::Lane;
pub use options::{DEFAULT_OFFLINE_SHARE, Options, UNLIMITED};
pub use rate::{Rate, RateStats};
pub use request::Request;
pub(crate) use share::OfflineShare;
pub use shared::{End, Entered, Given, Letter, NotOpened, Registry, Settled, SharedGate};
pub use slots::Slot;
#[cfg(feature = "node")]
pub(crate) use stats::Durations;
pub use stats::{LaneStats, LimitStats, Quantiles};
pub use tickets::Ticket;

mod acquire;
pub mod adaptive;
mod arbiter;
mod error;
mod gate;
mod lane;
mod nested;
mod numbers;
mod options;
mod pace;
mod rate;
mod record;
mod request;
mod sampler;
mod share;
mod shared;
mod slots;
mod stats;
mod tickets;
mod timer;
mod waiters;
