//! The pool's end in the thread that made it.
//!
//! | hot call | `ints` before | argument | `ints` after | result |
//! |---|---|---|---|---|
//! | `submit` | job, kind, function, lane, flags, how many tasks it is | the task, encoded | | |
//! | `flush` | lane | | | |
//! | `take` | | | job or [`NOTHING`], kind, [`News`], worker, microseconds it ran | the result, encoded |

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object};
use napi::sys;
use napi_derive::napi;

use super::super::callback::{SharedMemory, Thrown, called, define, guarded};
use super::super::doorbell::Doorbell;
use super::super::raw::lane;
use super::super::stats::LaneStats;
use super::payload::Payload;
use super::shared::{self, Letter, QueuedJob, SharedPool};
use crate::limiter::Lane;
use crate::pool::Options;

/// In place of a job: there is none.
pub(super) const NOTHING: i32 = -1;
pub(super) const INTS: usize = 6;

type Ints = [i32; INTS];

/// How a pool is made; see `PoolOptions` in `index.d.ts`.
#[napi(object)]
pub struct NativePoolOptions {
    pub threads: u32,
    pub reserve: Option<u32>,
    pub offline_share: Option<f64>,
    pub jobs_per_thread: u32,
}

/// Both lanes' numbers.
#[napi(object)]
pub struct NativePoolStats {
    pub online: LaneStats,
    pub offline: LaneStats,
}

/// A worker that runs nothing.
#[napi(object)]
pub struct IdleWorker {
    pub worker: u32,
    /// For so long, in milliseconds.
    pub idle: f64,
}

/// The pool's end in the thread that made it.
#[napi]
pub struct NativePool {
    id: u32,
    shared: Arc<SharedPool>,
    bell: Arc<Doorbell>,
    held: Cell<bool>,
    /// What the hot calls are bound to; emptied when the pool is forgotten.
    bound: Rc<RefCell<Option<Arc<SharedPool>>>>,
}

struct Bound {
    shared: Rc<RefCell<Option<Arc<SharedPool>>>>,
    /// Submitted, and queued by the next `flush`: jobs that come together wake the workers once.
    outbox: RefCell<Vec<QueuedJob>>,
    /// Taken from the letter box, and not yet by JS.
    letters: RefCell<VecDeque<Letter>>,
    ints: *mut Ints,
}

fn refused(error: impl std::fmt::Display) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, error.to_string())
}

#[napi]
impl NativePool {
    /// Makes a pool. `on_letters` is called when there may be something to `take`.
    #[napi(constructor)]
    pub fn new(
        env: Env,
        options: NativePoolOptions,
        on_letters: Function<'_, (), ()>,
    ) -> napi::Result<Self> {
        let mut given = Options::new(options.threads as usize)
            .jobs_per_thread(options.jobs_per_thread as usize)
            // Next to a crossing to JS a batch gains nothing, and users count on the order.
            .in_order(true);
        given.reserve = options.reserve.map(|reserve| reserve as usize);
        if let Some(offline_share) = options.offline_share {
            given = given.offline_share(offline_share);
        }
        let bell = Doorbell::new(&env, &on_letters)?;
        let (id, shared) = SharedPool::create(given, Arc::clone(&bell)).map_err(|error| {
            bell.silence();
            refused(error)
        })?;
        let bound = Rc::new(RefCell::new(Some(Arc::clone(&shared))));
        Ok(Self { id, shared, bell, held: Cell::new(false), bound })
    }

    /// By which a worker thread finds the pool.
    #[napi(getter)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The calls that every job makes, with the numbers they pass.
    #[napi(ts_return_type = "PoolCalls")]
    pub fn hot_calls<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mut calls = Object::new(env)?;
        let ints = SharedMemory::<Ints>::new(env)?;
        let view = ints.view(env, sys::TypedarrayType::int32_array, INTS, 0)?;
        calls.set_named_property("ints", view)?;
        let bound = Bound {
            shared: Rc::clone(&self.bound),
            outbox: RefCell::default(),
            letters: RefCell::default(),
            ints: ints.memory,
        };
        let callbacks =
            [("submit", Some(submit as _)), ("flush", Some(flush as _)), ("take", Some(take as _))];
        define(env, &mut calls, &callbacks, bound)?;
        Ok(calls)
    }

    /// Gives a function to call a number; `description` is what a worker is told.
    #[napi]
    pub fn define_function(&self, description: String) -> u32 {
        let mut functions = self.shared.functions.lock();
        functions.push(description);
        functions.len() as u32 - 1
    }

    /// Takes a job out of the queue; false if it has begun.
    #[napi]
    pub fn cancel(&self, job: u32) -> bool {
        self.shared.cancel(job)
    }

    /// Has the signal of a running job aborted; gives the worker that runs it, if one does.
    #[napi]
    pub fn interrupt(&self, job: u32) -> Option<u32> {
        let worker = self.shared.interrupt(job)?;
        worker.bell.ring();
        Some(worker.id)
    }

    /// The jobs that a worker runs.
    #[napi]
    pub fn running(&self, worker: u32) -> Vec<u32> {
        let workers = self.shared.workers.lock();
        let running = workers.get(&worker).map(|worker| worker.running.lock());
        running.map_or_else(Vec::new, |running| running.iter().map(|job| job.number).collect())
    }

    /// Has a worker take no more jobs, and leave when it has none.
    #[napi]
    pub fn retire(&self, worker: u32) {
        if let Some(worker) = self.shared.workers.lock().get(&worker) {
            worker.retired.store(true, Ordering::SeqCst);
            worker.bell.ring();
        }
    }

    /// The workers that run nothing.
    #[napi]
    pub fn idle(&self) -> Vec<IdleWorker> {
        let idle = self.shared.idle().into_iter();
        idle.map(|(worker, nanos)| IdleWorker { worker, idle: nanos as f64 / 1e6 }).collect()
    }

    /// Jobs that wait in both lanes.
    #[napi]
    pub fn pending(&self) -> f64 {
        let pending = |lane: Lane| self.shared.with_record(|record| record.pending(lane)) as f64;
        Lane::ALL.into_iter().map(pending).sum()
    }

    /// Both lanes' numbers.
    #[napi]
    pub fn stats(&self) -> NativePoolStats {
        self.shared.with_record(|record| NativePoolStats {
            online: record.stats(Lane::Online).into(),
            offline: record.stats(Lane::Offline).into(),
        })
    }

    /// The part of the workers' time that they ran jobs.
    #[napi(getter)]
    pub fn utilization(&self) -> f64 {
        self.shared.utilization()
    }

    /// Whether there are jobs whose end the process has to wait for.
    #[napi]
    pub fn hold(&self, env: Env, hold: bool) {
        if self.held.replace(hold) != hold {
            if hold { self.bell.hold(&env) } else { self.bell.let_go(&env) }
        }
    }

    /// Takes all jobs back that no worker has taken, and gives their numbers.
    #[napi]
    pub fn drain(&self) -> Vec<u32> {
        self.shared.drain()
    }

    /// Takes no more jobs.
    #[napi]
    pub fn close(&self) {
        self.shared.scheduler.close();
    }

    /// Ends it all, once there are no workers any more.
    #[napi]
    pub fn forget(&self) {
        shared::forget(self.id);
        self.bound.borrow_mut().take();
        self.bell.silence();
    }
}

/// Forgotten without being closed, it can give nobody anything any more.
impl Drop for NativePool {
    fn drop(&mut self) {
        shared::forget(self.id);
    }
}

unsafe extern "C" fn submit(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node calls this with this call's handles; `hot_calls` bound it to a `Bound`, and nothing
    // else touches its numbers while JS waits for this call.
    unsafe {
        let (Bound { shared, outbox, ints, .. }, [task]) = called(env, info);
        guarded(env, || {
            let [job, kind, function, in_lane, flags, tasks] = **ints;
            let payload = Payload::read(env, kind, task)?;
            let shared = shared.borrow();
            let shared = shared.as_ref().ok_or_else(closed)?;
            let (job, function) = (job as u32, function as u32);
            let job = shared.prepare(job, lane(in_lane), function, flags, tasks as u32, payload);
            outbox.borrow_mut().push(job);
            Ok(ptr::null_mut())
        })
    }
}

unsafe extern "C" fn flush(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `submit`.
    unsafe {
        let (Bound { shared, outbox, ints, .. }, []) = called(env, info);
        guarded(env, || {
            let shared = shared.borrow();
            let shared = shared.as_ref().ok_or_else(closed)?;
            let jobs = outbox.take();
            shared.scheduler.submit_all(lane((**ints)[3]), jobs).map_err(|_| closed())?;
            Ok(ptr::null_mut())
        })
    }
}

fn closed() -> Thrown {
    ("ERR_POOL_CLOSED", "the pool is closed".to_owned())
}

unsafe extern "C" fn take(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `submit`.
    unsafe {
        let (Bound { shared, letters, ints, .. }, []) = called(env, info);
        guarded(env, || {
            let mut letters = letters.borrow_mut();
            if letters.is_empty()
                && let Some(shared) = &*shared.borrow()
            {
                letters.extend(std::mem::take(&mut *shared.letters.lock()));
            }
            let ints = &mut **ints;
            ints[0] = NOTHING;
            let Some(Letter { job, news, worker, ran, payload }) = letters.pop_front() else {
                return Ok::<_, Thrown>(ptr::null_mut());
            };
            (ints[0], ints[1], ints[2], ints[3]) =
                (job as i32, payload.kind, news as i32, worker as i32);
            ints[4] = i32::try_from(ran / 1_000).unwrap_or(i32::MAX);
            payload.write(env)
        })
    }
}
