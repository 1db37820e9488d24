//! The pool.

pub mod kernels;
