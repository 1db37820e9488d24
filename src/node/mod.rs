//! The Node.js binding: the only code that knows napi.
//!
//! Enters: calls from JavaScript, through `lib/binding/`. Leaves: numbers, bytes and errors for
//! JavaScript, and rings of its event loops.
//!
//! | room | for |
//! |---|---|
//! | [`node_api`] | bare Node-API: callbacks, strings and bytes |
//! | [`event_loop`] | how another thread reaches an environment's event loop |
//! | [`limit`] | the limits of one environment, over [`port`](crate::port) |
//! | [`pool`] | the pool of worker threads, over [`pool`](crate::pool) |
//! | [`kernels`] | the native jobs, over [`pool::kernels`](crate::pool::kernels) |
//! | [`copies`] | other copies of the addon in the process |

#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod copies;
mod event_loop;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod kernels;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod limit;
mod node_api;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod pool;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod stats;

use napi_derive::napi;

/// Names the sources of this binary, so that an install can recognize a stale one.
#[napi]
pub const FINGERPRINT: &str = crate::FINGERPRINT;
