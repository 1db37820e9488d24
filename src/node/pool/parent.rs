//! The pool, as the thread that made it sees it.
//!
//! | hot call | `ints` before | argument | `ints` after | result |
//! |---|---|---|---|---|
//! | `submit` | job, kind, function, lane, flags, how many tasks it is | the task, encoded | the worker that got it at once, or [`NOTHING`] | |
//! | `flush` | lane | | | |
//! | `take` | | | job or [`NOTHING`], kind, [`JobEvent`](shared::JobEvent), worker, microseconds it ran | the result, encoded |

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object};
use napi::sys;
use napi_derive::napi;

use super::payload::Payload;
use super::shared::{self, BY_MESSAGE, Message, QueuedJob, SharedPool};
use crate::limiter::Lane;
use crate::node::event_loop::doorbell::Doorbell;
use crate::node::node_api::callback::{SharedMemory, called, define, guarded};
use crate::node::stats::{LaneHistograms, LaneStats};
use crate::pool::Options;
use crate::pool::recorder::Recorder;
use crate::port::Thrown;
use crate::port::wire::lane;

/// In place of a job: none.
pub(super) const NOTHING: i32 = -1;
pub(super) const INTS: usize = 6;

type Ints = [i32; INTS];

/// The options of a pool; see `PoolOptions` in `index.d.ts`.
#[napi(object)]
pub struct NativePoolOptions {
    pub threads: u32,
    pub reserve: u32,
    pub offline_share: Option<f64>,
    pub jobs_per_thread: u32,
    pub nice_increment: u32,
}

/// Both lanes' numbers.
#[napi(object)]
pub struct NativePoolStats {
    pub online: LaneStats,
    pub offline: LaneStats,
}

/// Both lanes' numbers and histograms.
#[napi(object)]
pub struct NativePoolSnapshot {
    pub stats: NativePoolStats,
    /// By lane.
    pub histograms: Vec<LaneHistograms>,
}

fn stats_of(recorder: &Recorder) -> NativePoolStats {
    NativePoolStats {
        online: recorder.stats(Lane::Online).into(),
        offline: recorder.stats(Lane::Offline).into(),
    }
}

/// A worker that runs nothing.
#[napi(object)]
pub struct IdleWorker {
    pub worker: u32,
    /// For how long, in milliseconds.
    pub idle: f64,
}

/// The worker that runs a job.
#[napi(object)]
pub struct WorkerOfJob {
    pub worker: u32,
    /// Whether the worker has been told to abort the job's signal, and has not done so.
    pub is_blocked: bool,
}

/// The pool, as the thread that made it sees it.
#[napi]
pub struct NativePool {
    id: u32,
    shared: Arc<SharedPool>,
    doorbell: Arc<Doorbell>,
    held: Cell<bool>,
    /// The state that the hot calls use. None once the pool is forgotten.
    bound: Rc<RefCell<Option<Arc<SharedPool>>>>,
}

struct Bound {
    shared: Rc<RefCell<Option<Arc<SharedPool>>>>,
    /// Jobs that were submitted and that the next `flush` queues: jobs that come together wake the
    /// workers once.
    outbox: RefCell<Vec<QueuedJob>>,
    /// Messages taken from the mailbox, but not yet by JavaScript.
    messages: RefCell<VecDeque<Message>>,
    ints: *mut Ints,
}

fn refused(error: impl std::fmt::Display) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, error.to_string())
}

#[napi]
impl NativePool {
    /// Makes a pool. `on_messages` is called when there may be messages to `take`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        env: Env,
        options: NativePoolOptions,
        on_messages: Function<'_, (), ()>,
    ) -> napi::Result<Self> {
        let mut given = Options::new(options.threads as usize)
            .reserve(options.reserve as usize)
            // Beside a crossing to JavaScript a batch saves nothing, and users rely on the order.
            .in_order(true);
        if let Some(offline_share) = options.offline_share {
            given = given.offline_share(offline_share);
        }
        let doorbell = Doorbell::new(&env, &on_messages)?;
        let (id, shared) = SharedPool::create(
            given,
            options.jobs_per_thread as usize,
            options.nice_increment as i32,
            Arc::clone(&doorbell),
        )
        .map_err(|error| {
            doorbell.close();
            refused(error)
        })?;
        let bound = Rc::new(RefCell::new(Some(Arc::clone(&shared))));
        Ok(Self { id, shared, doorbell, held: Cell::new(false), bound })
    }

    /// The number by which a worker thread finds the pool.
    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The calls that every job makes, with the memory of their numbers.
    #[napi(ts_return_type = "PoolCalls", catch_unwind)]
    pub fn hot_calls<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let mut calls = Object::new(env)?;
        let ints = SharedMemory::<Ints>::new(env)?;
        let view = ints.view(env, sys::TypedarrayType::int32_array, INTS, 0)?;
        calls.set_named_property("ints", view)?;
        let bound = Rc::new(Bound {
            shared: Rc::clone(&self.bound),
            outbox: RefCell::default(),
            messages: RefCell::default(),
            ints: ints.memory,
        });
        let callbacks =
            [("submit", Some(submit as _)), ("flush", Some(flush as _)), ("take", Some(take as _))];
        define(env, &mut calls, &callbacks, bound, &ints)?;
        Ok(calls)
    }

    /// Gives a function a number. Workers get `description`.
    #[napi(catch_unwind)]
    pub fn define_function(&self, description: String) -> u32 {
        let mut functions = self.shared.functions.lock();
        functions.push(description);
        functions.len() as u32 - 1
    }

    /// Takes a job out of the queue. Returns false if it has begun.
    #[napi(catch_unwind)]
    pub fn cancel(&self, job: u32) -> bool {
        self.shared.cancel(job)
    }

    /// Aborts the signal of a running job. Returns the worker that runs it, if there is one.
    #[napi(catch_unwind)]
    pub fn interrupt(&self, job: u32) -> Option<u32> {
        let worker = self.shared.interrupt(job)?;
        worker.doorbell.ring();
        Some(worker.id)
    }

    /// The worker that runs a job, if there is one.
    #[napi(catch_unwind)]
    pub fn worker_of(&self, job: u32) -> Option<WorkerOfJob> {
        let (worker, is_blocked) = self.shared.worker_of(job)?;
        Some(WorkerOfJob { worker, is_blocked })
    }

    /// The jobs that a worker runs.
    #[napi(catch_unwind)]
    pub fn running(&self, worker: u32) -> Vec<u32> {
        let workers = self.shared.workers.lock();
        let running = workers.get(&worker).map(|worker| worker.running.lock());
        running.map_or_else(Vec::new, |running| running.iter().map(|job| job.number).collect())
    }

    /// Makes a worker take no more jobs, and leave when it has none.
    #[napi(catch_unwind)]
    pub fn retire(&self, worker: u32) {
        if let Some(worker) = self.shared.workers.lock().get(&worker) {
            worker.retired.store(true, Ordering::SeqCst);
            worker.doorbell.ring();
        }
    }

    /// The workers that run nothing.
    #[napi(catch_unwind)]
    pub fn idle(&self) -> Vec<IdleWorker> {
        let idle = self.shared.idle().into_iter();
        idle.map(|(worker, nanos)| IdleWorker { worker, idle: nanos as f64 / 1e6 }).collect()
    }

    /// Jobs that wait in both lanes.
    #[napi(catch_unwind)]
    pub fn pending(&self) -> f64 {
        let pending =
            |lane: Lane| self.shared.with_recorder(|recorder| recorder.pending(lane)) as f64;
        Lane::ALL.into_iter().map(pending).sum()
    }

    /// Both lanes' numbers.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> NativePoolStats {
        self.shared.with_recorder(stats_of)
    }

    /// The same, with histograms.
    #[napi(catch_unwind)]
    pub fn snapshot(&self) -> NativePoolSnapshot {
        let histograms = |recorder: &Recorder, lane| {
            let [wait, run] = recorder.buckets(lane).map(Into::into);
            LaneHistograms { wait, run, rate_wait: None }
        };
        self.shared.with_recorder(|recorder| NativePoolSnapshot {
            stats: stats_of(recorder),
            histograms: Lane::ALL.map(|lane| histograms(recorder, lane)).into(),
        })
    }

    /// The part of the workers' time in which they ran jobs.
    #[napi(getter, catch_unwind)]
    pub fn utilization(&self) -> f64 {
        self.shared.utilization()
    }

    /// Sets whether the process must wait for jobs to end.
    #[napi(catch_unwind)]
    pub fn hold(&self, env: Env, hold: bool) {
        if self.held.replace(hold) != hold {
            if hold { self.doorbell.ref_(&env) } else { self.doorbell.unref(&env) }
        }
    }

    /// Takes back all jobs that no worker has taken, and returns their numbers.
    #[napi(catch_unwind)]
    pub fn drain(&self) -> Vec<u32> {
        self.shared.drain()
    }

    /// Refuses jobs from now on.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.shared.scheduler.close();
    }

    /// Frees the pool. There must be no workers any more.
    #[napi(catch_unwind)]
    pub fn forget(&self) {
        shared::forget(self.id);
        self.bound.borrow_mut().take();
        self.doorbell.close();
    }
}

/// A pool that is dropped without being closed can give nothing to anyone.
impl Drop for NativePool {
    fn drop(&mut self) {
        self.forget();
    }
}

unsafe extern "C" fn submit(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node calls this with the handles of this call. `hot_calls` bound it to a `Bound`, and
    // nothing else uses its numbers while JavaScript waits for this call.
    unsafe {
        let (Bound { shared, outbox, ints, .. }, [task]) = called(env, info);
        guarded(env, || {
            let [job, kind, function, in_lane, flags, tasks] = **ints;
            let payload = Payload::read(env, kind, task)?;
            let shared = shared.borrow();
            let shared = shared.as_ref().ok_or_else(closed)?;
            let (job, function) = (job as u32, function as u32);
            let job = shared.prepare(job, lane(in_lane), function, flags, tasks as u32, payload);
            let mut outbox = outbox.borrow_mut();
            // Not before the jobs that were submitted first.
            let assigned = if flags & BY_MESSAGE != 0 && outbox.is_empty() {
                shared.assign(job)
            } else {
                Err(job)
            };
            (**ints)[0] = match assigned {
                Ok(worker) => worker as i32,
                Err(mut job) => {
                    job.flags &= !BY_MESSAGE;
                    outbox.push(job);
                    NOTHING
                }
            };
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
        let (Bound { shared, messages, ints, .. }, []) = called(env, info);
        guarded(env, || {
            let mut messages = messages.borrow_mut();
            if messages.is_empty()
                && let Some(shared) = &*shared.borrow()
            {
                messages.extend(std::mem::take(&mut *shared.messages.lock()));
            }
            let ints = &mut **ints;
            ints[0] = NOTHING;
            let Some(Message { job, event, worker, ran, payload }) = messages.pop_front() else {
                return Ok::<_, Thrown>(ptr::null_mut());
            };
            (ints[0], ints[1], ints[2], ints[3]) =
                (job as i32, payload.kind, event as i32, worker as i32);
            ints[4] = i32::try_from(ran / 1_000).unwrap_or(i32::MAX);
            payload.write(env)
        })
    }
}
