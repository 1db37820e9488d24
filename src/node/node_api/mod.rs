//! Bare Node-API: callbacks without napi-rs around them, and copies of values from JavaScript.
//!
//! It is for the calls that every task makes, for which a `#[napi]` function costs too much.
//! Enters: handles of a running call. Leaves: Rust values, and errors that are thrown in
//! JavaScript.
//! It knows nothing of limits, pools or kernels.

pub(super) mod callback;
pub(super) mod env_hook;
pub(super) mod external_text;
pub(super) mod input;
