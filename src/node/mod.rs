//! The Node.js binding: the only place that knows napi.
//!
//! [`port`] holds the gates of one Node environment ([`gate`]) and what is called now and then, as ordinary
//! napi-rs exports; [`raw`] holds the calls made for every task, as bare Node-API callbacks, which
//! [`callback`] makes. [`pool`] holds the pool of worker threads; a [`doorbell`] is how another thread
//! reaches an environment's event loop, and a [`lookout`] is why that need not wake up for it.

mod callback;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod clock;
mod doorbell;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod gate;
mod input;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod kernels;
mod lookout;
#[cfg_attr(test, allow(dead_code, reason = "napi registers exports outside of tests only"))]
mod pool;
mod port;
mod raw;
mod stats;

use napi_derive::napi;

/// Names the sources that this binary was built from, so that an install can tell a stale one.
#[napi]
#[cfg_attr(test, expect(dead_code, reason = "napi registers exports outside of tests only"))]
pub const FINGERPRINT: &str = match option_env!("P_LANES_FINGERPRINT") {
    Some(fingerprint) => fingerprint,
    None => "",
};
