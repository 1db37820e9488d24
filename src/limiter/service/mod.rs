//! A limit as a layer of tower's services. (Feature `tower`.)
//!
//! The layer chooses the lane of each request, by a fixed [`Lane`](crate::limiter::Lane) or by a
//! function of the request. So a service can let batch jobs in beside its users, through one limit:
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use p_lanes::limiter::service::LimitLayer;
//! use p_lanes::limiter::{Gate, Lane, Options};
//! use tower::{ServiceExt, layer::Layer, service_fn};
//!
//! struct Query {
//!     is_report: bool,
//! }
//!
//! let gate = Gate::new(Options::new(8))?;
//! let by_query = |query: &Query| if query.is_report { Lane::Offline } else { Lane::Online };
//! let database = service_fn(|query: Query| async move { Ok::<_, std::io::Error>(query.is_report) });
//! let limited = LimitLayer::new(&gate, by_query).layer(database);
//!
//! assert!(limited.oneshot(Query { is_report: true }).await?);
//! assert_eq!(gate.stats().offline.settled, 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Readiness
//!
//! A service is asked whether it is ready before it knows the request, and so before it knows the
//! lane. This one is always ready. The future of a call waits for the slot, then for the inner
//! service to be ready, and then for its response. A slot is held until the response is there or the
//! future is dropped; a body that is streamed after that is not counted.
//!
//! To bound how many requests wait, set [`Options::max_queue`]: a request beyond it fails at once
//! with [`Refused::Full`](crate::limiter::Refused::Full). Do not put a `Buffer` or another limit
//! outside of this layer, because it would let batch requests wait before requests of users.
//!
//! # Errors
//!
//! A call that gets no slot fails with a [`NotAcquired`](crate::limiter::NotAcquired), in a box as
//! is usual in tower: `error.downcast_ref::<NotAcquired>()` tells it from an error of the service.
//!
//! [`Options::max_queue`]: crate::limiter::Options::max_queue

pub use future::ResponseFuture;
pub use layer::{ByResult, Limit, LimitLayer, OutcomeOf, RequestOf};

mod future;
mod layer;

/// An error of a limited service: its own, or a [`NotAcquired`](crate::limiter::NotAcquired).
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
