//! The pool of the user's functions. Jobs are bytes owned by Rust until a worker takes them.
//!
//! Enters: encoded tasks, from the thread that made the pool. Leaves: tasks for workers, and
//! results for that thread.
//! [`parent`] is the side of the thread that made the pool, and [`worker`] the side of each worker
//! thread. [`shared`] is the state between them, and a [`payload`] is a value on its way.

mod libuv_threads;
mod parent;
mod payload;
mod shared;
mod worker;
