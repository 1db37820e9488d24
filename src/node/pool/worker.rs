//! The pool, as a worker thread sees it.
//!
//! | hot call | `ints` before | argument | `ints` after | result |
//! |---|---|---|---|---|
//! | `end` | job, kind, [`JobEvent`], how many of its tasks were run | the result, encoded | | |
//! | `take` | | | job, [`NOTHING`], [`LEAVE`] or [`LATER`]; kind (for `LATER`: milliseconds), function, flags | the task, encoded |
//! | `interrupted` | | | a job whose signal must be aborted, or [`NOTHING`] | |

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object};
use napi::sys;
use napi_derive::napi;

use super::parent::{INTS, NOTHING};
use super::payload::Payload;
use super::shared::{
    self, Assigned, JobEvent, Message, QueuedJob, Running, SharedPool, WorkerState,
};
use crate::limiter::Lane;
use crate::node::event_loop::doorbell::Doorbell;
use crate::node::node_api::callback::{SharedMemory, called, define, guarded};
use crate::node::node_api::env_hook::EnvHook;
use crate::pool::priority::ThreadPriority;
use crate::pool::{Seat, Serves, Take};
use crate::port::Thrown;

/// In place of a job: there will be none any more.
const LEAVE: i32 = -2;
/// In place of a job: a less busy worker was told of it. Take again after [`PATIENCE`].
const LATER: i32 = -3;

/// How long a worker leaves a job to a less busy one. Waking a thread takes a tenth of a millisecond
/// on an idle machine. If it takes longer than this, the other thread is busy with something else.
const PATIENCE: Duration = Duration::from_millis(5);

type Ints = [i32; INTS];

struct Bound {
    pool: Arc<SharedPool>,
    state: Arc<WorkerState>,
    /// None once the worker has left.
    seat: RefCell<Option<Seat<QueuedJob>>>,
    has_left: Cell<bool>,
    priority: RefCell<ThreadPriority>,
    /// Since when it has left its next job to a less busy worker.
    patient_since: Cell<Option<Instant>>,
    /// Leaves the pool when the environment ends.
    ends: RefCell<Option<EnvHook>>,
    ints: *mut Ints,
}

impl Bound {
    /// Tells of a job that begins here, and is one of the `running` already.
    fn begin(&self, job: QueuedJob, running: &[Running], ints: &mut Ints) -> Payload {
        let QueuedJob { number, lane, function, flags, payload, .. } = job;
        self.priority.borrow_mut().begin(lane, || {
            running.iter().any(|other| other.lane == Lane::Online && other.number != number)
        });
        (ints[0], ints[1], ints[2], ints[3]) =
            (number as i32, payload.kind, function as i32, flags);
        payload
    }

    fn next(&self, ints: &mut Ints) -> Payload {
        ints[0] = LEAVE;
        let mut seat = self.seat.borrow_mut();
        let Some(seated) = seat.as_mut() else { return Payload::default() };
        let patient_since = self.patient_since.take();
        // The lock is held from reading `retired` until the job is in the list. A parent that
        // retires this worker and then finds the list empty may end the thread.
        let mut running = self.state.running.lock();
        let retired = self.state.retired.load(Ordering::SeqCst);
        let mut assigned = self.state.assigned.lock();
        if let Some(next) = assigned.front_mut() {
            let lane = next.job.lane;
            if next.behind > 0 && !retired && self.pool.scheduler.pending(lane) > 0 {
                next.behind -= 1;
                if let Take::Job(_, job) = seated.take_regardless() {
                    self.pool.started(self.state.id, &mut running, &job);
                    return self.begin(job, &running, ints);
                }
            }
            seated.accept(lane);
            let Some(Assigned { job, .. }) = assigned.pop_front() else {
                return Payload::default();
            };
            return self.begin(job, &running, ints);
        }
        drop(assigned);
        if retired {
            // Other workers get the jobs in its queue at once, although it may still run something.
            seat.take();
            return Payload::default();
        }
        let taken = match patient_since {
            Some(since) if since.elapsed() >= PATIENCE => seated.take_regardless(),
            _ => seated.take(),
        };
        match taken {
            Take::Job(_, job) => {
                self.pool.started(self.state.id, &mut running, &job);
                return self.begin(job, &running, ints);
            }
            Take::Sleep => ints[0] = NOTHING,
            Take::Later => {
                let since = patient_since.unwrap_or_else(Instant::now);
                self.patient_since.set(Some(since));
                let millis = PATIENCE.saturating_sub(since.elapsed()).as_millis() + 1;
                (ints[0], ints[1]) = (LATER, millis as i32);
            }
            Take::Leave => {}
        }
        Payload::default()
    }

    /// A job has ended after this many of its tasks.
    fn end(&self, job: u32, done: u32, event: JobEvent, payload: Payload) {
        let ended = {
            let mut running = self.state.running.lock();
            let Some(place) = running.iter().position(|running| running.number == job) else {
                return;
            };
            // Its number soon belongs to another job, which must not be interrupted.
            self.state.interrupts.lock().retain(|&interrupted| interrupted != job);
            running.swap_remove(place)
        };
        let ran = self.pool.ended(&self.state, &ended, done, event == JobEvent::Fulfilled);
        if let Some(seat) = &mut *self.seat.borrow_mut() {
            seat.finish(ended.lane);
        }
        self.pool.post(Message { job, event, worker: self.state.id, ran, payload });
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Bound {
    /// The thread ends, well or badly: what it was running has crashed, what it had queued is the others'.
    fn leave(&self) {
        if self.has_left.replace(true) {
            return;
        }
        let running: Vec<u32> = {
            let running = self.state.running.lock();
            self.state.retired.store(true, Ordering::SeqCst);
            if let Some(seat) = &mut *self.seat.borrow_mut() {
                for assigned in self.state.assigned.lock().drain(..) {
                    seat.accept(assigned.job.lane);
                }
            }
            running.iter().map(|job| job.number).collect()
        };
        for job in running {
            self.end(job, 1, JobEvent::Crashed, Payload::default());
        }
        self.seat.borrow_mut().take();
        self.pool.leave(&self.state);
    }
}

/// Takes a seat in a pool for this thread, under the worker's number: one of the reserve, or one that
/// serves both lanes. `on_ring` is called when there may be something to `take` or `interrupted`.
/// Null if the pool is gone or has no such seat free.
#[napi(ts_return_type = "WorkerCalls | null", catch_unwind)]
pub fn enter_pool<'env>(
    env: &'env Env,
    pool: u32,
    worker: u32,
    online_only: bool,
    on_ring: Function<'_, (), ()>,
) -> napi::Result<Option<Object<'env>>> {
    let Some(pool) = shared::pool(pool) else { return Ok(None) };
    let doorbell = Doorbell::new(env, &on_ring)?;
    doorbell.ref_(env);
    let serves = if online_only { Serves::OnlineOnly } else { Serves::BothLanes };
    let Some(seat) = pool.scheduler.sit(serves, doorbell.clone()) else {
        doorbell.close();
        return Ok(None);
    };
    let mut calls = Object::new(env)?;
    let ints = SharedMemory::<Ints>::new(env)?;
    calls.set_named_property("ints", ints.view(env, sys::TypedarrayType::int32_array, INTS, 0)?)?;
    let state = pool.enter(worker, seat.index(), doorbell);
    let priority = RefCell::new(ThreadPriority::new(pool.nice_increment));
    let bound = Rc::new(Bound {
        pool,
        priority,
        state,
        seat: RefCell::new(Some(seat)),
        has_left: Cell::new(false),
        patient_since: Cell::default(),
        ends: RefCell::default(),
        ints: ints.memory,
    });
    let leaving = Rc::downgrade(&bound);
    let ends = EnvHook::new(env, move || {
        if let Some(bound) = leaving.upgrade() {
            bound.leave();
        }
    })?;
    bound.ends.replace(Some(ends));
    let callbacks = [
        ("end", Some(end as _)),
        ("take", Some(take as _)),
        ("interrupted", Some(interrupted as _)),
    ];
    define(env, &mut calls, &callbacks, bound, &ints)?;
    Ok(Some(calls))
}

/// What the parent told of a function.
#[napi(catch_unwind)]
pub fn describe_function(pool: u32, number: u32) -> Option<String> {
    shared::pool(pool)?.functions.lock().get(number as usize).cloned()
}

unsafe extern "C" fn take(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node calls this with the handles of this call. `enter_pool` bound it to a `Bound`,
    // and nothing else uses its numbers while JavaScript waits for this call.
    unsafe {
        let (bound, []) = called::<Bound, 0>(env, info);
        guarded(env, || bound.next(&mut *bound.ints).write(env))
    }
}

unsafe extern "C" fn end(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: as in `take`.
    unsafe {
        let (bound, [result]) = called::<Bound, 1>(env, info);
        guarded(env, || {
            let [job, kind, event, done, ..] = *bound.ints;
            let payload = Payload::read(env, kind, result)?;
            bound.end(job as u32, done as u32, JobEvent::of_outcome(event), payload);
            Ok(ptr::null_mut())
        })
    }
}

unsafe extern "C" fn interrupted(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    // SAFETY: as in `take`.
    unsafe {
        let (bound, []) = called::<Bound, 0>(env, info);
        guarded(env, || {
            let job = bound.state.interrupts.lock().pop();
            (*bound.ints)[0] = job.map_or(NOTHING, |job| job as i32);
            Ok::<_, Thrown>(ptr::null_mut())
        })
    }
}
