//! Limited work under tokio: tasks, sets of tasks, waits that end, and streams. (Feature `tokio`.)
//!
//! | you have | use |
//! |---|---|
//! | one future to run in the background | [`Gate::spawn`], [`Gate::spawn_blocking`] |
//! | several that belong together | [`LimitedSet`]: joined or dropped as a whole |
//! | a stream or an iterator of items | [`map_limited`](LimitStreamExt::map_limited), in the items' order or not |
//! | a wait that must not take too long | [`Acquire::timeout`], [`Acquire::unless`] |
//!
//! All of these take their places in the lane in the order of the calls. A task that ends gives its
//! slot back however it ends: with a result, by a panic, aborted, or dropped with its runtime.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use p_lanes::limiter::tasks::LimitIteratorExt;
//! use p_lanes::limiter::{Gate, Lane, Options};
//!
//! let gate = Gate::new(Options::new(8))?;
//! let request = gate.spawn(Lane::Online, async { "an answer" });
//!
//! let files = ["a", "b", "c"].map_limited(&gate, Lane::Offline, |name| async move { name.len() });
//! assert_eq!(files.try_collect().await?, [1, 1, 1]);
//! assert_eq!(request.await?, "an answer");
//! # Ok(())
//! # }
//! ```
//!
//! [`Acquire::timeout`]: crate::limiter::Acquire::timeout
//! [`Acquire::unless`]: crate::limiter::Acquire::unless
//! [`Gate::spawn`]: crate::limiter::Gate::spawn
//! [`Gate::spawn_blocking`]: crate::limiter::Gate::spawn_blocking

pub use error::TaskError;
pub use map::{Iter, LimitIteratorExt, LimitStreamExt, MapLimited};
pub use set::LimitedSet;
pub use spawn::Spawned;
pub use unless::{Expired, GiveUp, Unless};

mod error;
mod map;
mod set;
mod spawn;
mod unless;
