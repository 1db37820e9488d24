//! An environment's access to the kernels.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::bindgen_prelude::{Array, BufferSlice, Env, Function, JsValue, Unknown};
use napi::sys;
use napi_derive::napi;
use parking_lot::Mutex;

use super::batch::{Batch, CallState, Failure, Operation, Outcome};
use super::chunk::Chunk;
use super::threads::{self, Configuration};
use crate::node::event_loop::doorbell::Doorbell;
use crate::node::node_api::input::{bytes_of, read_text};
use crate::pool::kernels::compress::Format;
use crate::pool::kernels::hash::Algorithm;
use crate::pool::kernels::memory;
use crate::port::wire::lane;

/// What a kernel must do.
#[napi(object)]
pub struct KernelCall {
    /// `hash`, `files`, `compress` or `decompress`.
    pub kernel: String,
    /// The name of the algorithm or the format.
    pub of: String,
    /// The level of compression, or the largest output in bytes.
    pub parameter: Option<f64>,
    /// 0 is online, 1 offline.
    pub lane: i32,
}

/// Why an item failed.
#[napi(object)]
pub struct KernelFailure {
    pub index: u32,
    pub code: String,
    pub message: String,
    pub errno: Option<i32>,
}

/// A call's results.
#[napi(object)]
pub struct KernelResults<'env> {
    pub call: u32,
    /// The outputs of a kernel whose outputs have the same length, one after another. For an item
    /// that failed they are zeros.
    pub joined: Option<BufferSlice<'env>>,
    /// The outputs of any other kernel. For an item that failed it is empty.
    pub outputs: Option<Vec<BufferSlice<'env>>>,
    pub failures: Vec<KernelFailure>,
}

struct Message {
    call: u32,
    operation: Operation,
    outcomes: Vec<Outcome>,
}

/// An environment's access to the kernels.
#[napi]
pub struct KernelPort {
    doorbell: Arc<Doorbell>,
    messages: Arc<Mutex<Vec<Message>>>,
    /// The calls under way, by number.
    calls: RefCell<HashMap<u32, Arc<CallState>>>,
    held: Cell<bool>,
}

fn refused(message: impl ToString) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, message.to_string())
}

impl KernelCall {
    fn operation(&self) -> napi::Result<Operation> {
        let algorithm = || Algorithm::from_str(&self.of).map_err(refused);
        let format = || Format::from_str(&self.of).map_err(refused);
        match &*self.kernel {
            "hash" => Ok(Operation::Hash(algorithm()?)),
            "files" => Ok(Operation::HashFile(algorithm()?)),
            "compress" => {
                let format = format()?;
                let level = self.parameter.map_or(format.default_level(), |level| level as i32);
                Ok(Operation::Compress(format, level))
            }
            "decompress" => {
                let most = self.parameter.map_or(u64::MAX, |most| most as u64);
                Ok(Operation::Decompress(format()?, most))
            }
            kernel => Err(refused(format!("there is no kernel {kernel:?}"))),
        }
    }
}

/// Collected with its shim, it has nobody to call any more.
impl Drop for KernelPort {
    fn drop(&mut self) {
        self.doorbell.close();
    }
}

#[napi]
impl KernelPort {
    /// `on_messages` is called when there may be results to `take`.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, on_messages: Function<'_, (), ()>) -> napi::Result<Self> {
        Ok(Self {
            doorbell: Doorbell::new(&env, &on_messages)?,
            messages: Arc::default(),
            calls: RefCell::default(),
            held: Cell::new(false),
        })
    }

    /// Works on all items: strings and `Uint8Array`s, which are copied before this returns.
    #[napi(catch_unwind)]
    pub fn run(&self, env: Env, call: u32, what: KernelCall, items: Array<'_>) -> napi::Result<()> {
        let operation = what.operation()?;
        let pool = threads::pool().map_err(refused)?;
        let state = Arc::new(CallState::default());
        let (messages, doorbell) = (Arc::clone(&self.messages), Arc::clone(&self.doorbell));
        let finish = move |outcomes| {
            messages.lock().push(Message { call, operation, outcomes });
            doorbell.ring();
        };
        let number = items.len() as usize;
        let batch = Batch::new(operation, number, Arc::clone(&state), finish);
        self.calls.borrow_mut().insert(call, state);
        if !self.held.replace(true) {
            self.doorbell.ref_(&env);
        }

        let lane = lane(what.lane);
        let (mut chunk, mut first) = (Chunk::default(), 0);
        let mut spawn = |chunk: &mut Chunk| {
            let full = std::mem::take(chunk);
            let next = first + full.len();
            let spawned = pool.spawn(lane, batch.chunk(first, full));
            first = next;
            spawned.map_err(refused)
        };
        for index in 0..number {
            let item: Unknown = items
                .get(index as u32)?
                .ok_or_else(|| refused("the shim gives no list with holes"))?;
            // SAFETY: this environment has just given the item, and this is its thread. The shim
            // gives no memory that threads share.
            unsafe {
                with_bytes(env.raw(), item.raw(), |item| {
                    let weight = operation.weight(item);
                    if chunk.is_full(weight) {
                        spawn(&mut chunk)?;
                    }
                    chunk.push(item, weight);
                    Ok(())
                })?;
            }
        }
        if chunk.len() > 0 {
            spawn(&mut chunk)?;
        }
        batch.end_chunk();
        Ok(())
    }

    /// Stops a call as early as possible. Its results are of no use.
    #[napi(catch_unwind)]
    pub fn cancel(&self, env: Env, call: u32) {
        if let Some(state) = self.calls.borrow_mut().remove(&call) {
            state.cancelled.store(true, Ordering::Relaxed);
        }
        self.unref_when_idle(&env);
    }

    /// How many items of a call have ended, and how many of those have failed. It may be a little less
    /// than that.
    #[napi(catch_unwind)]
    pub fn progress(&self, call: u32) -> Vec<u32> {
        let calls = self.calls.borrow();
        let read = |state: &Arc<CallState>| {
            // In this order: what has failed is done.
            let failed = state.failed.load(Ordering::Relaxed);
            vec![state.done.load(Ordering::Relaxed).max(failed), failed]
        };
        calls.get(&call).map_or_else(|| vec![0, 0], read)
    }

    fn unref_when_idle(&self, env: &Env) {
        if self.calls.borrow().is_empty() && self.held.replace(false) {
            self.doorbell.unref(env);
        }
    }

    /// Frees the memory that is kept for later calls.
    #[napi(catch_unwind)]
    pub fn release(&self) {
        memory::release();
    }

    /// Takes the results of the calls that have ended.
    #[napi(catch_unwind)]
    pub fn take<'env>(&self, env: &'env Env) -> napi::Result<Vec<KernelResults<'env>>> {
        let mut messages = std::mem::take(&mut *self.messages.lock());
        let mut calls = self.calls.borrow_mut();
        messages.retain(|message| calls.remove(&message.call).is_some()); // others were cancelled
        drop(calls);
        self.unref_when_idle(env);
        messages.into_iter().map(|message| results(env, message)).collect()
    }
}

fn results(env: &Env, message: Message) -> napi::Result<KernelResults<'_>> {
    let Message { call, operation, outcomes } = message;
    let mut failures = Vec::new();
    let mut failed = |index, failure: Failure| {
        failures.push(KernelFailure {
            index: index as u32,
            code: failure.code,
            message: failure.message,
            errno: failure.errno,
        });
    };
    let (joined, outputs) = match operation.output_len() {
        Some(length) => {
            let mut joined = vec![0; length * outcomes.len()];
            for (index, (slot, outcome)) in
                joined.chunks_exact_mut(length).zip(outcomes).enumerate()
            {
                match outcome {
                    Ok(output) => slot.copy_from_slice(&output),
                    Err(failure) => failed(index, failure),
                }
            }
            (Some(BufferSlice::copy_from(env, joined)?), None)
        }
        None => {
            let give = |(index, outcome): (usize, Outcome)| {
                let given = outcome.and_then(|output| buffer(env, &output));
                given.or_else(|failure| {
                    failed(index, failure);
                    BufferSlice::copy_from(env, [])
                })
            };
            let outputs: napi::Result<_> = outcomes.into_iter().enumerate().map(give).collect();
            (None, Some(outputs?))
        }
    };
    Ok(KernelResults { call, joined, outputs, failures })
}

/// A `Buffer` of these bytes, if JavaScript can have one of that size.
fn buffer<'env>(env: &'env Env, bytes: &[u8]) -> Result<BufferSlice<'env>, Failure> {
    BufferSlice::copy_from(env, bytes).map_err(|_| {
        let mut thrown = ptr::null_mut();
        // SAFETY: this is the environment's thread. The failure may have left an error to be
        // thrown.
        unsafe { sys::napi_get_and_clear_last_exception(env.raw(), &mut thrown) };
        Failure {
            code: "ERR_OUT_OF_MEMORY".into(),
            message: format!("there is no memory for a Buffer of {} bytes", bytes.len()),
            errno: None,
        }
    })
}

/// Calls `see` with the bytes of an item.
///
/// # Safety
/// The handles belong to the running call, and no other thread writes to the memory.
unsafe fn with_bytes(
    env: sys::napi_env,
    item: sys::napi_value,
    see: impl FnOnce(&[u8]) -> napi::Result<()>,
) -> napi::Result<()> {
    let mut is = 0;
    // SAFETY: by this function's contract.
    unsafe {
        sys::napi_typeof(env, item, &mut is);
        match is {
            sys::ValueType::napi_string => {
                see(&read_text(env, item).map_err(|(_, message)| refused(message))?)
            }
            _ => see(bytes_of(env, item).map_err(|(_, message)| refused(message))?),
        }
    }
}

/// Sets how many threads the kernels have, and how many of them offline work never takes. Must be
/// called before the first kernel.
#[napi(catch_unwind)]
pub fn configure_kernels(threads: Option<u32>, reserve: Option<u32>) -> napi::Result<()> {
    threads::configure(Configuration {
        threads: threads.map(|threads| threads as usize),
        reserve: reserve.map(|reserve| reserve as usize),
    })
    .map_err(refused)
}
