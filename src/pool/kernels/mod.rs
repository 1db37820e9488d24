//! Kernels: the native jobs that ship with the package.
//!
//! Each is a plain function of bytes, which knows of no thread, lane or pool: whoever calls one decides
//! where it runs.

pub mod files;
pub mod hash;
