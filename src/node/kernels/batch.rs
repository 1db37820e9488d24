//! One call's work: items that are worked on alike, on any number of threads.

use std::any::Any;
use std::cell::RefCell;
use std::io;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::super::callback::said;
use super::piece::{self, Piece};
use crate::pool::kernels::compress::{self, Format};
use crate::pool::kernels::files::hash_file;
use crate::pool::kernels::hash::{self, Algorithm, Digest};

/// What is done to every item.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Hash(Algorithm),
    /// The items are paths.
    HashFile(Algorithm),
    Compress(Format, i32),
    Decompress(Format, u64),
}

/// Why an item failed, as JS is told.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
    /// The operating system's number, where it refused.
    pub(super) errno: Option<i32>,
}

/// What an item has come to.
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

/// A file is read by so many bytes at a time, into memory that each thread keeps.
const FILE_BUFFER: usize = 256 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self { code: "EIO".into(), message: error.to_string(), errno: error.raw_os_error() }
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
    /// How long every output is, where all are as long.
    pub(super) const fn output_len(self) -> Option<usize> {
        match self {
            Self::Hash(algorithm) | Self::HashFile(algorithm) => Some(algorithm.output_len()),
            Self::Compress(..) | Self::Decompress(..) => None,
        }
    }

    /// The work that an item is, as that of hashing so many bytes. A path says nothing of what is behind it.
    pub(super) fn weight(self, item: &[u8]) -> usize {
        match self {
            Self::Hash(_) => item.len() + 64,
            Self::HashFile(_) => piece::FULL,
            // Most of the work on a small item is to begin it.
            Self::Compress(..) | Self::Decompress(..) => item.len() + piece::FULL / 8,
        }
    }

    fn run(self, item: &[u8]) -> Outcome {
        match self {
            Self::Hash(algorithm) => Ok(Output::Digest(hash::digest(algorithm, item))),
            Self::HashFile(algorithm) => BUFFER.with_borrow_mut(|buffer| {
                buffer.resize(FILE_BUFFER, 0);
                let path = std::str::from_utf8(item).expect("V8 writes valid UTF-8");
                Ok(Output::Digest(hash_file(algorithm, path, buffer)?))
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

/// A call's results, and how many are still to come.
pub(super) struct Batch {
    operation: Operation,
    cancelled: Arc<AtomicBool>,
    outcomes: Mutex<Vec<Option<Outcome>>>,
    /// Pieces that have not ended, and one for who makes them.
    pieces: AtomicUsize,
    finish: Box<dyn Fn(Vec<Outcome>) + Send + Sync>,
}

impl Batch {
    /// `finish` is called once, on the thread that ends the last piece; with nothing if nobody wants it.
    pub(super) fn new(
        operation: Operation,
        items: usize,
        cancelled: Arc<AtomicBool>,
        finish: impl Fn(Vec<Outcome>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            operation,
            cancelled,
            outcomes: Mutex::new((0..items).map(|_| None).collect()),
            pieces: AtomicUsize::new(1),
            finish: Box::new(finish),
        })
    }

    /// A job that works on some items, the first of which has that index.
    pub(super) fn piece(
        self: &Arc<Self>,
        first: usize,
        piece: Piece,
    ) -> impl FnOnce() + Send + use<> {
        self.pieces.fetch_add(1, Ordering::Relaxed);
        let batch = Arc::clone(self);
        move || {
            let wanted = |_: &_| !batch.cancelled.load(Ordering::Relaxed);
            let outcomes: Vec<_> = piece
                .items()
                .take_while(wanted)
                .map(|item| {
                    let run = AssertUnwindSafe(|| batch.operation.run(item));
                    catch_unwind(run).unwrap_or_else(|panic| Err(panic.into()))
                })
                .collect();
            drop(piece);
            for (slot, outcome) in batch.outcomes.lock()[first..].iter_mut().zip(outcomes) {
                *slot = Some(outcome);
            }
            batch.end_piece();
        }
    }

    /// One piece has ended, or all have been made.
    pub(super) fn end_piece(&self) {
        // AcqRel: who ends the last sees what all others have written.
        if self.pieces.fetch_sub(1, Ordering::AcqRel) == 1 {
            let outcomes = std::mem::take(&mut *self.outcomes.lock());
            let done: Option<_> = outcomes.into_iter().collect();
            (self.finish)(done.unwrap_or_default());
        }
    }
}
