//! p-limit with lanes: a limit on how many units of work run at once. It keeps batch work out of
//! the way of work that somebody waits for.
//!
//! A *limit* owns a number of *slots*, its concurrency. A slot is the right to run one unit of
//! work. Work comes in one of two *lanes*: [`Online`](limiter::Lane::Online), where somebody waits
//! for the answer, and [`Offline`](limiter::Lane::Offline), batch work that should be done sooner
//! rather than later. Offline work may take every slot that online work leaves free, except for a
//! *reserve*. The reserve lets a request find a slot at once. A slot that becomes free goes to a
//! request first. The rules are listed in [`limiter`].
//!
//! # A limit and its guards
//!
//! A [`Gate`](limiter::Gate) is a limit for Rust tasks. [`acquire`](limiter::Gate::acquire) waits
//! for a slot and returns a [`Guard`](limiter::Guard). Dropping the guard hands the slot to the
//! next task.
//!
//! ```
//! # pollster::block_on(async {
//! use p_lanes::limiter::{Gate, Lane, Options};
//!
//! let gate = Gate::new(Options::new(4))?;
//!
//! let request = gate.acquire(Lane::Online).await?;
//! let file = gate.acquire(Lane::Offline).await?;
//! assert_eq!((gate.active(Lane::Online), gate.active(Lane::Offline)), (1, 1));
//!
//! drop(request);
//! drop(file);
//! assert_eq!((gate.active(Lane::Online), gate.active(Lane::Offline)), (0, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Two lanes
//!
//! When all slots are taken, a request is served before files that came earlier. The files keep
//! their order:
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! use p_lanes::limiter::{Gate, Lane, Options};
//! use std::sync::{Arc, Mutex};
//!
//! let gate = Gate::new(Options::new(1))?;
//! let served = Arc::new(Mutex::new(Vec::new()));
//! let serve = |name, lane| {
//!     let (gate, served) = (gate.clone(), served.clone());
//!     tokio::spawn(async move {
//!         let _guard = gate.acquire(lane).await?;
//!         served.lock().unwrap().push(name);
//!         Ok::<(), p_lanes::limiter::NotAcquired>(())
//!     })
//! };
//!
//! let busy = gate.acquire(Lane::Offline).await?;
//! let waiting = [
//!     serve("file 1", Lane::Offline),
//!     serve("file 2", Lane::Offline),
//!     serve("request", Lane::Online),
//! ];
//! tokio::task::yield_now().await;
//! assert_eq!((gate.pending(Lane::Online), gate.pending(Lane::Offline)), (1, 2));
//!
//! drop(busy);
//! for task in waiting {
//!     task.await??;
//! }
//! assert_eq!(*served.lock().unwrap(), ["request", "file 1", "file 2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The reserve keeps slots free for requests while a batch runs. The default reserve is one slot:
//!
//! ```
//! use p_lanes::limiter::{Gate, Lane, Options};
//!
//! let gate = Gate::new(Options::new(8).reserve(3))?;
//! let batch: Vec<_> = std::iter::from_fn(|| gate.try_acquire(Lane::Offline)).collect();
//! assert_eq!(batch.len(), 5);
//!
//! let requests: Vec<_> = std::iter::from_fn(|| gate.try_acquire(Lane::Online)).collect();
//! assert_eq!(requests.len(), 3);
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # The arbiter below
//!
//! A gate is a lock, a list of tasks to wake, and an [`Arbiter`](limiter::Arbiter). The arbiter is
//! the algorithm alone: plain state that starts nothing and wakes nothing. Use it directly to drive
//! work that is not a Rust future (this package does so for JavaScript). A queued call is a
//! *ticket*, a small number under which the caller files the work. Settling a slot returns the
//! ticket that starts in it:
//!
//! ```
//! use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
//!
//! let mut arbiter = Arbiter::new(Options::new(1))?;
//! let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { panic!("a slot is free") };
//! let Enqueued::Queued(ticket) = arbiter.enqueue(Lane::Online) else { panic!("no slot is free") };
//!
//! assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(ticket));
//! assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # Batch tickets
//!
//! A million items that are all processed alike do not need a million tickets. A *batch ticket*
//! stands for any number of units. It keeps its place in the lane until its last unit is granted.
//! Tickets before it start first, and tickets behind it wait for all of its units:
//!
//! ```
//! use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
//!
//! let mut arbiter = Arbiter::new(Options::new(3).reserve(1))?;
//! let items = arbiter.enqueue_batch(Lane::Offline, 4)?;
//! let Enqueued::Queued(call) = arbiter.enqueue(Lane::Offline) else { panic!("the batch is first") };
//! assert_eq!(arbiter.pending(Lane::Offline), 5);
//!
//! // After a batch came, and after a raise of the concurrency, slots are given out until none is.
//! let mut running = Vec::new();
//! while let Some((slot, ticket)) = arbiter.grant_next() {
//!     assert_eq!(ticket, items);
//!     running.push(slot);
//! }
//! assert_eq!(running.len(), 2, "one of three slots is the reserve");
//!
//! assert_eq!(arbiter.settle(running[0], Outcome::Fulfilled), Some(items));
//! assert_eq!(arbiter.settle(running[1], Outcome::Rejected), Some(items));
//! assert_eq!(arbiter.settle(running[0], Outcome::Fulfilled), Some(call));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Statistics
//!
//! Every limit counts what it does, and measures how long work waits and runs. It samples only
//! where work is so short that reading the clock would cost noticeable time.
//!
//! ```
//! use p_lanes::clock::FakeClock;
//! use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
//! use std::time::Duration;
//!
//! let clock = FakeClock::default();
//! let mut arbiter = Arbiter::with_clock(Options::new(1), clock.clone())?;
//! let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Online) else { panic!("a slot is free") };
//! clock.advance(Duration::from_millis(2));
//! arbiter.enqueue(Lane::Online);
//! clock.advance(Duration::from_millis(3));
//! arbiter.settle(slot, Outcome::Fulfilled);
//!
//! let online = arbiter.stats().online;
//! assert_eq!((online.granted, online.settled, online.active), (2, 1, 1));
//! assert!((online.run.max - 5.0).abs() < 0.05, "milliseconds, to within 1 %");
//! assert!((online.wait.max - 3.0).abs() < 0.03);
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # Adaptive concurrency
//!
//! A limit can find its number of slots from how long work takes and from what ends overloaded; see
//! [`limiter::adaptive`]. In this example a server processes one unit after the other, however many
//! it is sent:
//!
//! ```
//! use p_lanes::clock::FakeClock;
//! use p_lanes::limiter::{Adaptive, Arbiter, Lane, Options, Outcome};
//! use std::collections::VecDeque;
//! use std::time::Duration;
//!
//! let clock = FakeClock::default();
//! let options = Options::new(1).adaptive(Adaptive::default().initial(20));
//! let mut arbiter = Arbiter::with_clock(options, clock.clone())?;
//! arbiter.enqueue_batch(Lane::Online, 1_000_000).expect("any number may wait");
//!
//! let mut at_server = VecDeque::new();
//! for _ in 0..10_000 {
//!     while let Some((slot, _)) = arbiter.grant_next() {
//!         at_server.push_back(slot);
//!     }
//!     clock.advance(Duration::from_millis(5));
//!     let slot = at_server.pop_front().expect("there is always more to do");
//!     if arbiter.settle(slot, Outcome::Fulfilled).is_some() {
//!         at_server.push_back(slot);
//!     }
//! }
//! assert!((1..=4).contains(&arbiter.concurrency()), "enough to keep it busy");
//! let adaptive = arbiter.stats().adaptive.expect("it is adaptive");
//! assert!((4.9..5.1).contains(&adaptive.baseline), "milliseconds, with no queue");
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # Rate
//!
//! A limit may also bound how much *starts* in a time. A [`Rate`](limiter::Rate) allows an amount
//! per interval, for every interval of that length, spread evenly except for a burst. The amount
//! that a call takes is its [cost](limiter::Request::cost). A gate wakes its tasks when their time
//! comes. The owner of an arbiter asks it for that time:
//!
//! ```
//! use p_lanes::clock::{Clock, FakeClock};
//! use p_lanes::limiter::{Arbiter, Lane, Options, Rate, Request};
//! use std::time::Duration;
//!
//! let clock = FakeClock::default();
//! let rate = Rate::new(100, Duration::from_secs(1)).burst(5);
//! let mut arbiter = Arbiter::with_clock(Options::new(50).rate(rate), clock.clone())?;
//! arbiter.enqueue_batch(Lane::Offline, 20).expect("any number may wait");
//! while arbiter.grant_next().is_some() {}
//! assert_eq!(arbiter.active(Lane::Offline), 5, "a burst; then one every 10 ms");
//!
//! arbiter.enqueue(Request::new(Lane::Online).cost(3)); // first in line for the tokens that come
//! assert_eq!(arbiter.wakes_at(), Some(30_000_000), "nanoseconds");
//! clock.advance(Duration::from_millis(30));
//! while arbiter.grant_next().is_some() {}
//! assert_eq!((arbiter.active(Lane::Online), arbiter.active(Lane::Offline)), (1, 5));
//! # Ok::<(), p_lanes::limiter::Error>(())
//! ```
//!
//! # Tasks, streams and services
//!
//! With the feature `tokio`, [`limiter::tasks`] has limited tasks, sets that are joined or dropped as
//! a whole, streams with back pressure, and waits that time out or are cancelled. With the feature
//! `tower`, [`limiter::service`] has a layer that chooses the lane of each request.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | none (default) | [`limiter`] and [`pool`]; for WebAssembly the limiter alone |
//! | `tokio` | [`limiter::tasks`] |
//! | `tower` | [`limiter::service`] |
//! | `kernels` | [`pool::kernels`], which need a C compiler |
//! | `node`, `wasm` | the binaries of the npm package; nothing for Rust programs |
//!
//! The minimum Rust is 1.88.

#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The links of the documentation lead to all features. It is built with all of them.
#![cfg_attr(
    not(all(feature = "kernels", feature = "tokio", feature = "tower")),
    allow(rustdoc::broken_intra_doc_links)
)]

pub mod clock;
pub mod limiter;
#[cfg(feature = "node")]
mod node;
#[cfg(not(target_family = "wasm"))]
pub mod pool;
#[cfg(any(feature = "node", all(feature = "wasm", target_family = "wasm")))]
#[cfg_attr(target_family = "wasm", expect(dead_code, reason = "some of it is for other threads"))]
mod port;
#[cfg(any(feature = "node", test))]
mod spin_policy;
mod sync;
mod wake;
#[cfg(all(feature = "wasm", target_family = "wasm"))]
mod wasm;

/// Names the sources of this binary, so that an install can recognize a stale one.
#[cfg(any(feature = "node", all(feature = "wasm", target_family = "wasm")))]
const FINGERPRINT: &str = match option_env!("P_LANES_FINGERPRINT") {
    Some(fingerprint) => fingerprint,
    None => "",
};

/// The guide for Rust, whose examples are tests.
#[cfg(all(doctest, feature = "tokio", feature = "tower"))]
#[doc = include_str!("../docs/guide/rust.md")]
struct Guide;
