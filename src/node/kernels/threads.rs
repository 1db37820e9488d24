//! The pool of Rust threads that the process has for kernels. It starts when it is first used.

use std::env;
use std::sync::OnceLock;
use std::thread::available_parallelism;

use napi::bindgen_prelude::retain_current_module_for_unload_safety;
use parking_lot::Mutex;

use crate::pool::{Error, Options, Scheduler, ThreadPool, Work};

/// The environment variable that sets the number of threads, unless `configure` does.
const THREADS: &str = "P_LANES_THREADS";
/// The largest number of threads, as for `configure`.
const MOST_THREADS: usize = 1024;

#[derive(Clone, Copy, Default)]
pub(super) struct Configuration {
    pub(super) threads: Option<usize>,
    pub(super) reserve: Option<usize>,
}

static CONFIGURATION: Mutex<Configuration> =
    Mutex::new(Configuration { threads: None, reserve: None });
static POOL: OnceLock<ThreadPool> = OnceLock::new();

fn threads_of_environment() -> Result<Option<usize>, String> {
    let Some(given) = env::var_os(THREADS).filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    let threads = given
        .to_str()
        .and_then(|given| given.parse().ok())
        .filter(|threads| (1..=MOST_THREADS).contains(threads));
    threads.map(Some).ok_or_else(|| {
        format!(
            "the environment variable {THREADS} must be a whole number from 1 to {MOST_THREADS}, \
             got {given:?}"
        )
    })
}

fn options(Configuration { threads, reserve }: Configuration) -> Result<Options, String> {
    let threads = match threads {
        Some(threads) => threads,
        None => threads_of_environment()?
            .unwrap_or_else(|| available_parallelism().map_or(1, usize::from)),
    };
    let mut options = Options::new(threads);
    if let Some(reserve) = reserve {
        options.reserve = reserve;
    }
    Ok(options)
}

/// Sets the number of threads and the reserve.
pub(super) fn configure(given: Configuration) -> Result<(), String> {
    let mut configuration = CONFIGURATION.lock();
    if POOL.get().is_some() {
        return Err(
            "`configure` must be called before the first kernel, got a call after it".into()
        );
    }
    // An option that would be refused at the start is refused here.
    Scheduler::<Work>::new(options(given)?).map_err(|error| error.to_string())?;
    *configuration = given;
    Ok(())
}

/// Returns the threads. The first call starts them.
pub(super) fn pool() -> Result<&'static ThreadPool, String> {
    if let Some(pool) = POOL.get() {
        return Ok(pool);
    }
    let configuration = CONFIGURATION.lock();
    // Another thread may have started them before this one got the lock.
    if POOL.get().is_none() {
        // The threads may run this code after the last environment that loaded it has ended.
        retain_current_module_for_unload_safety();
        let started = ThreadPool::new(options(*configuration)?);
        let _ = POOL.set(started.map_err(|error: Error| error.to_string())?);
    }
    Ok(POOL.get().expect("it was set just now"))
}
