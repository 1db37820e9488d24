//! An environment's end of the kernels.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
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
use super::batch::{Batch, Operation, Outcome};
use super::piece::Piece;
use super::threads::{self, Configuration};
use crate::pool::kernels::compress::Format;
use crate::pool::kernels::hash::Algorithm;

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
    /// The outputs, one behind the other.
    pub output: BufferSlice<'env>,
    /// How long each output is; that of an item that failed is 0.
    pub lengths: Vec<u32>,
    pub failures: Vec<KernelFailure>,
}

struct Letter {
    call: u32,
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
            letters.lock().push(Letter { call, outcomes });
            bell.ring();
        };
        let number = items.len() as usize;
        let batch = Batch::new(operation, number, Arc::clone(&cancelled), finish);
        self.calls.borrow_mut().insert(call, Arc::clone(&cancelled));
        if !self.held.replace(true) {
            self.bell.hold(&env);
        }

        let lane = lane(what.lane);
        let (mut piece, mut first) = (Piece::new(), 0);
        for index in 0..number {
            let item: Unknown = items
                .get(index as u32)?
                .ok_or_else(|| refused("the shim gives no list with holes"))?;
            // SAFETY: the item was just given by this environment, in whose thread this runs; the shim
            // gives no memory that threads share.
            unsafe {
                with_bytes(env.raw(), item.raw(), |item| match operation {
                    // A path says nothing of what is behind it.
                    Operation::HashFile(_) => piece.push_heavy(item),
                    _ => piece.push(item),
                })?;
            }
            if piece.is_full() {
                let full = std::mem::replace(&mut piece, Piece::new());
                let next = first + full.len();
                pool.spawn(lane, batch.piece(first, full)).map_err(refused)?;
                first = next;
            }
        }
        if piece.len() > 0 {
            pool.spawn(lane, batch.piece(first, piece)).map_err(refused)?;
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

fn results(env: &Env, Letter { call, outcomes }: Letter) -> napi::Result<KernelResults<'_>> {
    let mut failures = Vec::new();
    let mut output = Vec::new();
    let mut lengths = Vec::with_capacity(outcomes.len());
    for (index, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(bytes) => {
                lengths.push(bytes.len() as u32);
                output.extend_from_slice(&bytes);
            }
            Err(failure) => {
                lengths.push(0);
                failures.push(KernelFailure {
                    index: index as u32,
                    code: failure.code,
                    message: failure.message,
                    errno: failure.errno,
                });
            }
        }
    }
    Ok(KernelResults { call, output: BufferSlice::copy_from(env, output)?, lengths, failures })
}

/// Shows the bytes of an item to `see`.
///
/// # Safety
/// The handles are of the running call, and no other thread writes to the memory.
unsafe fn with_bytes(
    env: sys::napi_env,
    item: sys::napi_value,
    see: impl FnOnce(&[u8]),
) -> napi::Result<()> {
    let mut is = 0;
    // SAFETY: by this function's contract.
    let read = unsafe {
        sys::napi_typeof(env, item, &mut is);
        match is {
            sys::ValueType::napi_string => read_text(env, item).map(|text| see(&text)),
            _ => bytes_of(env, item).map(see),
        }
    };
    read.map_err(|(_, message)| refused(message))
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
