//! The pool of the user's functions: jobs are bytes owned by Rust until a worker takes them.
//!
//! [`parent`] is the end of the thread that made the pool, [`worker`] that of each worker thread;
//! [`shared`] is what lies between them, and [`payload`] a value on its way.

mod parent;
mod payload;
mod shared;
mod worker;
