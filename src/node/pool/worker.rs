//! The pool's end in a worker thread.
//!
//! | hot call | `ints` before | argument | `ints` after | result |
//! |---|---|---|---|---|
//! | `end` | job, kind, [`News`], how many of its tasks were run | the result, encoded | | |
//! | `take` | | | job, [`NOTHING`] or [`LEAVE`], kind, function, flags | the task, encoded |
//! | `interrupted` | | | a job whose signal is to be aborted, or [`NOTHING`] | |

use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::bindgen_prelude::{Env, Function, JsObjectValue, Object};
use napi::sys;
use napi_derive::napi;

use super::super::callback::{SharedMemory, Thrown, called, define, guarded};
use super::super::doorbell::Doorbell;
use super::parent::{INTS, NOTHING};
use super::payload::Payload;
use super::shared::{self, Letter, News, QueuedJob, SharedPool, WorkerState};
use crate::pool::{Seat, Take};

/// In place of a job: there will be none any more.
const LEAVE: i32 = -2;

type Ints = [i32; INTS];

struct Bound {
    pool: Arc<SharedPool>,
    state: Arc<WorkerState>,
    /// None once the worker has left.
    seat: RefCell<Option<Seat<QueuedJob>>>,
    ints: *mut Ints,
}

impl Bound {
    fn next(&self, ints: &mut Ints) -> Payload {
        ints[0] = LEAVE;
        let mut seat = self.seat.borrow_mut();
        let Some(seated) = seat.as_mut() else { return Payload::default() };
        // Kept from the look at `retired` until the job is in it: who retires this worker and then finds
        // nothing here may end the thread.
        let mut running = self.state.running.lock();
        if self.state.retired.load(Ordering::SeqCst) {
            // Its queue is left to the others at once, though it may still run something.
            seat.take();
            return Payload::default();
        }
        match seated.take() {
            Take::Job(_, job) => {
                self.pool.started(self.state.id, &mut running, &job);
                let QueuedJob { number, function, flags, payload, .. } = job;
                (ints[0], ints[1], ints[2], ints[3]) =
                    (number as i32, payload.kind, function as i32, flags);
                payload
            }
            Take::Sleep => {
                ints[0] = NOTHING;
                Payload::default()
            }
            Take::Leave => Payload::default(),
        }
    }

    /// A job has ended, having run that many of its tasks.
    fn end(&self, job: u32, done: u32, news: News, payload: Payload) {
        let ended = {
            let mut running = self.state.running.lock();
            let Some(place) = running.iter().position(|running| running.number == job) else {
                return;
            };
            // Its number is soon another job's, which nobody wants to interrupt.
            self.state.interrupts.lock().retain(|&interrupted| interrupted != job);
            running.swap_remove(place)
        };
        let ran = self.pool.ended(&self.state, &ended, done, news == News::Fulfilled);
        if let Some(seat) = &mut *self.seat.borrow_mut() {
            seat.finish(ended.lane);
        }
        self.pool.post(Letter { job, news, worker: self.state.id, ran, payload });
    }
}

/// The thread ends, well or badly: what it was running has crashed, what it had queued is the others'.
impl Drop for Bound {
    fn drop(&mut self) {
        let running: Vec<u32> = self.state.running.lock().iter().map(|job| job.number).collect();
        for job in running {
            self.end(job, 1, News::Crashed, Payload::default());
        }
        self.seat.borrow_mut().take();
        self.pool.leave(&self.state);
    }
}

/// Takes a seat in a pool for this thread, under the worker's number. `on_ring` is called when there
/// may be something to `take` or `interrupted`. Null if the pool is gone or has no seat free.
#[napi(ts_return_type = "WorkerCalls | null")]
pub fn enter_pool<'env>(
    env: &'env Env,
    pool: u32,
    worker: u32,
    on_ring: Function<'_, (), ()>,
) -> napi::Result<Option<Object<'env>>> {
    let Some(pool) = shared::pool(pool) else { return Ok(None) };
    let bell = Doorbell::new(env, &on_ring)?;
    bell.hold(env);
    let Some(seat) = pool.scheduler.sit(bell.clone()) else {
        bell.silence();
        return Ok(None);
    };
    let mut calls = Object::new(env)?;
    let ints = SharedMemory::<Ints>::new(env)?;
    calls.set_named_property("ints", ints.view(env, sys::TypedarrayType::int32_array, INTS, 0)?)?;
    let state = pool.enter(worker, bell);
    let bound = Bound { pool, state, seat: RefCell::new(Some(seat)), ints: ints.memory };
    let callbacks = [
        ("end", Some(end as _)),
        ("take", Some(take as _)),
        ("interrupted", Some(interrupted as _)),
    ];
    define(env, &mut calls, &callbacks, bound)?;
    Ok(Some(calls))
}

/// What the parent told of a function.
#[napi]
pub fn describe_function(pool: u32, number: u32) -> Option<String> {
    shared::pool(pool)?.functions.lock().get(number as usize).cloned()
}

unsafe extern "C" fn take(env: sys::napi_env, info: sys::napi_callback_info) -> sys::napi_value {
    // SAFETY: Node calls this with this call's handles; `enter_pool` bound it to a `Bound`, and nothing
    // else touches its numbers while JS waits for this call.
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
            let [job, kind, news, done, ..] = *bound.ints;
            let payload = Payload::read(env, kind, result)?;
            bound.end(job as u32, done as u32, News::of_outcome(news), payload);
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
