//! The limiter: how many units may run at once, and whose turn it is.
//!
//! # The lane policy
//!
//! 1. **Online before offline.** A slot goes to the online lane if a ticket waits there. It goes to
//!    the offline lane only if no ticket waits online, or by rule 4. (`next_lane_if` in
//!    `arbiter/turn.rs`)
//! 2. **FIFO in a lane**, among tickets of the same priority; higher priorities start first. A
//!    batch ticket keeps its place until its last unit has started. (`tickets.rs`)
//! 3. **Reserve.** Offline work gets no slot while it holds `concurrency - reserve` slots. Unless
//!    it is set, the reserve follows the online load. (`slots.rs`, [`reserve`])
//! 4. **Offline share.** Online work cannot starve offline work. In any run of `n` grants that are
//!    made while offline work waits and may run, at least `floor(n * share)` go to it. While online
//!    work waits, offline work gets at most one grant more than `n * share`. The default share is
//!    1/16. A share of 0 is strict priority. (`offline_share.rs`)
//! 5. **Direct hand-over.** When the work in a slot ends, the slot goes to the next ticket in the
//!    same step. It is never free for another call in between. ([`Arbiter::settle`])
//! 6. **No barging.** A newcomer gets a slot at once only if it would be next by rules 1 to 4,
//!    counting all tickets that wait. (`may_start_at_once` in `arbiter/turn.rs`)
//! 7. **A heavy unit gets its slots.** If a unit needs more slots than are free, no other ticket of
//!    its lane overtakes it, and the other lane gets none of the slots that it needs.
//!    (`next_lane_if`, `fit` in `slots.rs`)
//! 8. **Bounds and pauses.** A call is refused if its lane is full, if the limit is closed, or if
//!    the call could never run ([`Refused`], `nesting.rs`). In a full lane another ticket may be
//!    dropped instead: the one that came first, or the one that would start last ([`Overflow`],
//!    `drops.rs`). A paused limit grants nothing. A pause
//!    lasts until it is ended, or for a given time. Both kinds may be active together. A pause for a
//!    time may be of one lane. That lane then has no turn, keeps no slots free, and its share does
//!    not grow; the other lane goes on. (`pacing.rs`)
//! 9. **Nothing is interrupted.** A lower concurrency takes slots away as their work ends. Until
//!    then more units may run than it says, and no new unit starts.
//! 10. **Rate.** If a limit has a rate, the next ticket by these rules starts when there are tokens
//!     for its cost. No other ticket starts before it. So scarce tokens go to online work first,
//!     offline work gets its share of them, and a unit with a high cost is not starved. If a lane
//!     has tokens but no free slot, the other lane may use the tokens, as far as rule 7 lets it
//!     have slots. A cost of 0 takes no tokens, but the unit waits its turn like any other.
//!     While no time lets offline work start, because a budget is used up, no share is due to it.
//!     Of several quotas, all are taken together or none: the ticket starts when the last of them has
//!     its cost. What a unit did not spend may be given back. ([`Rate`], `quota/`, `rated.rs`)
//! 11. **Attempts.** A unit that has failed may be tried again in its slot. Each attempt takes the
//!     cost of the unit from the rate again, and waits for the end of its lane's pause for a time. In
//!     its lane, an attempt comes before all tickets, and behind attempts that asked earlier.
//!     Between the lanes it counts as the head of its lane, by rules 1 and 4. It waits for no slot:
//!     if the head of the other lane lacks slots, the attempt starts before it.
//!     ([`Arbiter::attempt`], `turn_at` in `arbiter/turn.rs`)
//!
//! 12. **Fairness.** In a fair limit the tickets of a lane belong to flows, and the flows that wait
//!     take turns by deficit round robin. A turn counts the weight or the cost of a unit, whichever
//!     is larger. Inside a flow rule 2 holds; between flows priorities do not count. A call that
//!     finds its lane empty starts by rule 6, and is not counted. ([`Options::fair`], [`Flow`],
//!     `flows.rs`, `round_robin.rs`)
//!
//! `slots.rs` counts slots and knows nothing of tickets. `arbiter/`, `tickets.rs` and
//! `offline_share.rs` decide which ticket is next, and ask `slots.rs` only whether a slot is free
//! for a lane.
//!
//! # The statistics
//!
//! Counts are exact. Times are kept in histograms for each lane, in microseconds, to within 1 %:
//! from the call to its slot (wait) and from the slot to the end of the work (run). Each lane
//! samples its arrivals and its starts separately (`sampler.rs`):
//!
//! - Events that are 4 microseconds or more apart are all timed.
//! - Of denser events the first 8 are all timed. As the burst goes on, fewer are, down to about 1
//!   in 32, drawn at random. A skipped event counts as one that took as long as the timed event
//!   before it. So the count of a histogram is the number of events, once one has been timed, and no
//!   count of it ever falls.
//! - A skipped event is never timed later: after a long burst up to 63 events may go untimed.
//! - A call that is cancelled or cleared takes its time with it.
//! - The wait for the rate is kept separately and not sampled. It is measured at the calls on the
//!   limit. A unit waits for the rate alone from the first call at which it is next, has its slots
//!   free, no pause holds it, and it lacks tokens. That wait ends at the first call at which one of
//!   these has changed, or when the unit starts.
//!
//! # Leases
//!
//! While only plain calls of the online lane come, and at most one ticket waits there, rules 1 to 7
//! come down to two: the first unit that waits gets the next slot, and a call that comes starts if a
//! slot is free. An arbiter may then say in advance how many calls and ends its owner may follow up
//! by itself: it gives a [`Lease`] ([`Arbiter::give_lease`]). It allows nothing that would be timed,
//! counted as an error, or refused. Before anything else is asked, the lease ends and what was done
//! under it is counted ([`Arbiter::end_lease`]). So no rule is written down twice: what a lease
//! allows is decided in one place (`arbiter/leasing.rs`), as a lock that nobody else wants is taken
//! without the system. `tests/leases.rs` holds a limit with leases against one that is asked each
//! time; order, counts and statistics are the same. For leases, plain calls that wait share one
//! ticket, the line (`line.rs`).
//!
//! # Time
//!
//! All changes but two are caused by calls. The two are that a pause for a time ends, and that
//! there are tokens again. An arbiter says when that will be ([`Arbiter::wakes_at`]), and its owner
//! has to call it then. Gates have a timer for it, one thread for all of them (`timer.rs`).
//!
//! # Adaptive concurrency
//!
//! The number of slots may be found instead of given: [`Options::adaptive`]. The rules are in
//! [`adaptive`].
//!
//! # Rooms
//!
//! A room imports only rooms above it in this table. `tests/layout.rs` checks that.
//!
//! | room | for |
//! |---|---|
//! | `types/` | the plain data that all rooms name |
//! | `timer.rs` | one thread that calls gates when their time comes |
//! | `adaptive/` | the number of slots, found from latency and overload |
//! | `reserve/` | the slots kept for online work, found from its load |
//! | `stats/` | counts and times |
//! | `policy/` | the algorithm: whose turn it is ([`Arbiter`]) |
//! | `futures/` | the API for Rust tasks ([`Gate`]) |
//! | `shared/` | one gate for several threads ([`SharedGate`]) |
//! | `tasks/` | tasks, sets and streams under tokio (feature `tokio`) |
//! | `service/` | a layer of tower's services (feature `tower`) |
//!
//! The API and the algorithm are apart, as a semaphore and its queue often are. `src/node/` is the
//! API for JavaScript over the same algorithm.

pub use adaptive::{AdaptiveStats, Reason};
pub use futures::{Acquire, Gate, Guard, Idle};
#[cfg(not(target_family = "wasm"))]
pub(crate) use policy::OfflineShare;
pub use policy::{Arbiter, DroppedTicket, Enqueued, EnteredLine, ListedCall};
pub use reserve::{ReserveReason, ReserveStats};
pub use shared::{
    Entered, GateHandle, Message, NotOpened, PartialOptions, Registry, Settled, SharedGate,
    TryEntered,
};
#[cfg(feature = "node")]
pub(crate) use stats::Durations;
pub use stats::{
    Buckets, LaneHistograms, LaneStats, LimitStats, Oldest, Quantiles, QuotaStats, RateStats,
};
#[cfg(feature = "node")]
pub(crate) use timer::hand;
pub use types::{
    Adaptive, Algorithm, Cause, Cleared, Costs, DEFAULT_OFFLINE_SHARE, Dropped, Error, Flow,
    IDLE_SLOTS, LEASED_SLOTS, Lane, Lease, MOST_QUOTAS, NotAcquired, Options, Outcome, Overflow,
    PartialAdaptive, PauseScope, Rate, Reading, Refused, Request, Reserve, Sent, Slot, Ticket,
    UNLIMITED, Window,
};

pub mod adaptive;
mod futures;
mod policy;
pub mod reserve;
#[cfg(feature = "tower")]
pub mod service;
mod shared;
mod stats;
#[cfg(feature = "tokio")]
pub mod tasks;
mod timer;
mod types;
