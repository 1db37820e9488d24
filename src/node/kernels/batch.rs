//! The work of one call: the same operation on many items, on any number of threads.

use std::any::Any;
use std::cell::RefCell;
use std::io;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::chunk::{self, Chunk};
use super::system_error::libuv_number;
use crate::pool::kernels::compress::{self, Format};
use crate::pool::kernels::files::{BUFFER_SIZE, hash_file};
use crate::pool::kernels::hash::{self, Algorithm, Digest, Hasher};
use crate::port::said;

/// The operation on every item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Hash(Algorithm),
    /// The items are paths.
    HashFile(Algorithm),
    Compress(Format, i32),
    Decompress(Format, u64),
}

/// Why an item failed, as reported to JavaScript.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
    /// The number of the error in libuv, if the operating system refused.
    pub(super) errno: Option<i32>,
}

/// The result of an item.
#[derive(Debug)]
pub(super) enum Output {
    Digest(Digest),
    Bytes(Vec<u8>),
}

impl Deref for Output {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Digest(digest) => digest,
            Self::Bytes(bytes) => bytes,
        }
    }
}

pub(super) type Outcome = Result<Output, Failure>;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::Unsupported => "ERR_NOT_A_REGULAR_FILE",
            _ => "EIO",
        };
        Self { code: code.into(), message: error.to_string(), errno: libuv_number(&error) }
    }
}

impl From<compress::Error> for Failure {
    fn from(error: compress::Error) -> Self {
        let code = match error {
            compress::Error::TooLarge { .. } => "ERR_OUTPUT_TOO_LARGE",
            compress::Error::Level { .. } => "ERR_INVALID_ARG",
            compress::Error::OutOfMemory { .. } => "ERR_OUT_OF_MEMORY",
            _ => "ERR_INVALID_DATA",
        };
        Self { code: code.into(), message: error.to_string(), errno: None }
    }
}

impl From<Box<dyn Any + Send>> for Failure {
    fn from(panic: Box<dyn Any + Send>) -> Self {
        Self { code: "ERR_INTERNAL".into(), message: said(&*panic).into(), errno: None }
    }
}

impl Operation {
    /// The length of every output, if all outputs have the same length.
    pub(super) const fn output_len(self) -> Option<usize> {
        match self {
            Self::Hash(algorithm) | Self::HashFile(algorithm) => Some(algorithm.output_len()),
            Self::Compress(..) | Self::Decompress(..) => None,
        }
    }

    /// The work for an item, as the number of bytes that take as long to hash. A path says nothing
    /// about the size of its file.
    pub(super) fn weight(self, item: &[u8]) -> usize {
        match self {
            Self::Hash(_) => item.len() + 64,
            Self::HashFile(_) => chunk::FULL,
            // Most of the work on a small item is starting it.
            Self::Compress(..) | Self::Decompress(..) => item.len() + chunk::FULL / 8,
        }
    }

    /// Works on an item. `wanted` is asked now and then, and once it says no the result is of no use.
    fn run(self, item: &[u8], wanted: impl Fn() -> bool) -> Outcome {
        match self {
            Self::Hash(algorithm) if item.len() <= BUFFER_SIZE => {
                Ok(Output::Digest(hash::digest(algorithm, item)))
            }
            Self::Hash(algorithm) => Ok(Output::Digest(hash_while(algorithm, item, wanted))),
            Self::HashFile(algorithm) => BUFFER.with_borrow_mut(|buffer| {
                buffer.resize(BUFFER_SIZE, 0);
                let path = std::str::from_utf8(item).expect("V8 writes valid UTF-8");
                Ok(Output::Digest(hash_file(algorithm, path, buffer, wanted)?))
            }),
            Self::Compress(format, level) => {
                Ok(Output::Bytes(compress::compress(format, Some(level), item)?))
            }
            Self::Decompress(format, most) => {
                Ok(Output::Bytes(compress::decompress(format, item, most)?))
            }
        }
    }
}

/// Hashes bytes piece by piece. Those that are left when nobody wants the hash any more are passed over.
fn hash_while(algorithm: Algorithm, bytes: &[u8], wanted: impl Fn() -> bool) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    for piece in bytes.chunks(BUFFER_SIZE).take_while(|_| wanted()) {
        hasher.update(piece);
    }
    hasher.finish()
}

/// How far a call is, and whether its results are still wanted.
#[derive(Debug, Default)]
pub(super) struct CallState {
    pub(super) cancelled: AtomicBool,
    /// Items that have ended, of chunks that have ended.
    pub(super) done: AtomicU32,
    /// Those of them that have failed.
    pub(super) failed: AtomicU32,
}

/// A call's results, and how many are still to come.
pub(super) struct Batch {
    operation: Operation,
    state: Arc<CallState>,
    outcomes: Mutex<Vec<Option<Outcome>>>,
    /// Chunks that have not ended, and one for the thread that makes them.
    chunks: AtomicUsize,
    finish: Box<dyn Fn(Vec<Outcome>) + Send + Sync>,
}

impl Batch {
    /// `finish` is called once, on the thread that ends the last chunk. It gets no outcomes if the
    /// call was cancelled.
    pub(super) fn new(
        operation: Operation,
        items: usize,
        state: Arc<CallState>,
        finish: impl Fn(Vec<Outcome>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            operation,
            state,
            outcomes: Mutex::new((0..items).map(|_| None).collect()),
            chunks: AtomicUsize::new(1),
            finish: Box::new(finish),
        })
    }

    /// A job that works on a chunk, whose first item has the index `first`.
    pub(super) fn chunk(
        self: &Arc<Self>,
        first: usize,
        chunk: Chunk,
    ) -> impl FnOnce() + Send + use<> {
        self.chunks.fetch_add(1, Ordering::Relaxed);
        let batch = Arc::clone(self);
        move || {
            let wanted = || !batch.state.cancelled.load(Ordering::Relaxed);
            let outcomes: Vec<_> = chunk
                .items()
                .take_while(|_| wanted())
                .map(|item| {
                    let run = AssertUnwindSafe(|| batch.operation.run(item, wanted));
                    catch_unwind(run).unwrap_or_else(|panic| Err(panic.into()))
                })
                .collect();
            drop(chunk);
            let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
            batch.state.failed.fetch_add(failed as u32, Ordering::Relaxed);
            batch.state.done.fetch_add(outcomes.len() as u32, Ordering::Relaxed);
            for (slot, outcome) in batch.outcomes.lock()[first..].iter_mut().zip(outcomes) {
                *slot = Some(outcome);
            }
            batch.end_chunk();
        }
    }

    /// A chunk has ended, or all chunks have been made.
    pub(super) fn end_chunk(&self) {
        // AcqRel: the thread that ends the last chunk sees what all others have written.
        if self.chunks.fetch_sub(1, Ordering::AcqRel) == 1 {
            let outcomes = std::mem::take(&mut *self.outcomes.lock());
            let done: Option<_> = outcomes.into_iter().collect();
            (self.finish)(done.unwrap_or_default());
        }
    }
}
