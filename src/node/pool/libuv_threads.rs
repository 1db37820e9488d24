//! Starts the threads of libuv, which run file operations and the like for the whole process.
//!
//! libuv starts them from the thread that first needs one, and on Linux a new thread has the nice
//! value of the thread that starts it. A worker that runs an offline job must not be the first.

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

pub struct Nothing;

impl Task for Nothing {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<()> {
        Ok(())
    }

    fn resolve(&mut self, _: Env, (): ()) -> napi::Result<()> {
        Ok(())
    }
}

/// Starts the threads of libuv from the calling thread, unless they have been started. The promise
/// says nothing.
#[napi(catch_unwind)]
pub fn start_libuv_threads() -> AsyncTask<Nothing> {
    AsyncTask::new(Nothing)
}
