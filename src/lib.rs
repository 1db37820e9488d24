pub mod clock;
pub mod limiter;
#[cfg(feature = "node")]
mod node;
