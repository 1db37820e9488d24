//! The automatic reserve: how many slots are kept free for online work, found from its load.
//!
//! Enters: arrivals, starts and ends of units with their times, from the arbiter. Leaves: the number of slots to keep,
//! and [`ReserveStats`]. `controller.rs` is what the arbiter calls, `demand.rs` measures the load, and `waiting.rs` says
//! how many online units of such a load would be late.
//!
//! # The rule
//!
//! 1. Nothing is kept before the first online unit, and when none has come for 30 seconds, and for
//!    four times as long as offline units run. Otherwise at least one slot is
//!    kept, if there are two.
//! 2. As many slots are kept as the load needs: so that by a model at most one online unit of a hundred waits for longer
//!    than the promise. The model is Erlang's (units come at random, as many as of late, and wait if no slot is free), with
//!    two additions: a unit that waits also gets the slots of offline units that end, and arrivals in bursts count more
//!    (Hayward's approximation). It needs the rate of arrivals and the run times of both lanes, over about the last ten
//!    seconds. If suddenly many more units come, only the last second counts.
//! 3. The model is corrected by what happens. If online units are late although offline work held no more than it may, one
//!    slot more is kept; if they are not, it is given back, later each time.
//! 4. [`Reserve::Auto`](super::Reserve) keeps at most half of the slots, and [`Reserve::Wait`](super::Reserve) leaves one
//!    to offline work.
//!
//! A limit of which only one lane was ever used measures nothing.
//!
//! # What was taken from elsewhere
//!
//! Systems that let latency-critical and batch work share a machine do the same with cores. Heracles (Lo et al., ISCA 2015)
//! watches the latency itself and takes cores from the batch fast and gives them back slowly; rule 3 is its controller.
//! PerfIso (Iorgulescu et al., USENIX ATC 2018) keeps a number of cores idle at all times, as rule 2 does with slots, because
//! a reaction to a burst comes too late for its first requests. Caladan (Fried et al., OSDI 2020) reacts within microseconds
//! to a queue; a limit cannot, because it does not interrupt what runs.

pub(crate) use controller::Controller;
pub use stats::{ReserveReason, ReserveStats};

mod controller;
mod demand;
mod stats;
mod waiting;
