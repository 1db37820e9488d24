//! An environment's end of the kernels.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{Array, BufferSlice, Env, Function, JsValue, Unknown};
use napi::sys;
use napi_derive::napi;
use parking_lot::Mutex;

use super::super::doorbell::Doorbell;
use super::super::input::{bytes_of, read_text};
use super::super::raw::lane;
use super::batch::{Batch, Failure, Operation, Outcome};
use super::piece::Piece;
use super::threads::{self, Configuration};
use crate::pool::kernels::compress::Format;
use crate::pool::kernels::hash::Algorithm;
use crate::pool::kernels::memory;

/// What a kernel is to do.
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
    /// The outputs of a kernel whose outputs are all as long, one behind the other; of an item that failed
    /// it is zeros.
    pub joined: Option<BufferSlice<'env>>,
    /// The outputs of any other kernel; of an item that failed it is empty.
    pub outputs: Option<Vec<BufferSlice<'env>>>,
    pub failures: Vec<KernelFailure>,
}

struct Letter {
    call: u32,
    operation: Operation,
    outcomes: Vec<Outcome>,
}

/// An environment's end of the kernels.
#[napi]
pub struct KernelPort {
    bell: Arc<Doorbell>,
    letters: Arc<Mutex<Vec<Letter>>>,
    /// What is under way, by the number of the call.
    calls: RefCell<HashMap<u32, Arc<AtomicBool>>>,
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

#[napi]
impl KernelPort {
    /// `on_letters` is called when there may be something to `take`.
    #[napi(constructor)]
    pub fn new(env: Env, on_letters: Function<'_, (), ()>) -> napi::Result<Self> {
        Ok(Self {
            bell: Doorbell::new(&env, &on_letters)?,
            letters: Arc::default(),
            calls: RefCell::default(),
            held: Cell::new(false),
        })
    }

    /// Works on all items: strings and `Uint8Array`s, which are copied before this returns.
    #[napi]
    pub fn run(&self, env: Env, call: u32, what: KernelCall, items: Array<'_>) -> napi::Result<()> {
        let operation = what.operation()?;
        let pool = threads::pool().map_err(refused)?;
        let cancelled = Arc::new(AtomicBool::new(false));
        let (letters, bell) = (Arc::clone(&self.letters), Arc::clone(&self.bell));
        let finish = move |outcomes| {
            letters.lock().push(Letter { call, operation, outcomes });
            bell.ring();
        };
        let number = items.len() as usize;
        let batch = Batch::new(operation, number, Arc::clone(&cancelled), finish);
        self.calls.borrow_mut().insert(call, Arc::clone(&cancelled));
        if !self.held.replace(true) {
            self.bell.hold(&env);
        }

        let lane = lane(what.lane);
        let (mut piece, mut first) = (Piece::default(), 0);
        let mut spawn = |piece: &mut Piece| {
            let full = std::mem::take(piece);
            let next = first + full.len();
            let spawned = pool.spawn(lane, batch.piece(first, full));
            first = next;
            spawned.map_err(refused)
        };
        for index in 0..number {
            let item: Unknown = items
                .get(index as u32)?
                .ok_or_else(|| refused("the shim gives no list with holes"))?;
            // SAFETY: the item was just given by this environment, in whose thread this runs; the shim
            // gives no memory that threads share.
            unsafe {
                with_bytes(env.raw(), item.raw(), |item| {
                    let weight = operation.weight(item);
                    if piece.is_full(weight) {
                        spawn(&mut piece)?;
                    }
                    piece.push(item, weight);
                    Ok(())
                })?;
            }
        }
        if piece.len() > 0 {
            spawn(&mut piece)?;
        }
        batch.end_piece();
        Ok(())
    }

    /// Has a call do no more than it must. Its results are not worth taking.
    #[napi]
    pub fn cancel(&self, call: u32) {
        if let Some(cancelled) = self.calls.borrow().get(&call) {
            cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Gives back the memory that is kept for the next calls.
    #[napi]
    pub fn release(&self) {
        memory::release();
    }

    /// The results of calls that have ended.
    #[napi]
    pub fn take<'env>(&self, env: &'env Env) -> napi::Result<Vec<KernelResults<'env>>> {
        let letters = std::mem::take(&mut *self.letters.lock());
        let mut calls = self.calls.borrow_mut();
        for letter in &letters {
            calls.remove(&letter.call);
        }
        if calls.is_empty() && self.held.replace(false) {
            self.bell.let_go(env);
        }
        letters.into_iter().map(|letter| results(env, letter)).collect()
    }
}

fn results(env: &Env, letter: Letter) -> napi::Result<KernelResults<'_>> {
    let Letter { call, operation, outcomes } = letter;
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

/// A `Buffer` of these bytes, if JS can have one as large.
fn buffer<'env>(env: &'env Env, bytes: &[u8]) -> Result<BufferSlice<'env>, Failure> {
    BufferSlice::copy_from(env, bytes).map_err(|_| {
        let mut thrown = ptr::null_mut();
        // SAFETY: this is the environment's thread; a failure may have left an error to be thrown.
        unsafe { sys::napi_get_and_clear_last_exception(env.raw(), &mut thrown) };
        Failure {
            code: "ERR_OUT_OF_MEMORY".into(),
            message: format!("there is no memory for a Buffer of {} bytes", bytes.len()),
            errno: None,
        }
    })
}

/// Shows the bytes of an item to `see`.
///
/// # Safety
/// The handles are of the running call, and no other thread writes to the memory.
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

/// Sets how many threads the kernels have, and how many of them offline work never takes; before the
/// first of them is started.
#[napi]
pub fn configure_kernels(threads: Option<u32>, reserve: Option<u32>) -> napi::Result<()> {
    threads::configure(Configuration {
        threads: threads.map(|threads| threads as usize),
        reserve: reserve.map(|reserve| reserve as usize),
    })
    .map_err(refused)
}
