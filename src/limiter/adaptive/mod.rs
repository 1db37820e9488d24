//! A limit that finds its concurrency by itself.

pub(super) use controller::{Controller, Unit};
pub use options::{Adaptive, Algorithm, DEFAULT_INITIAL};
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
