//! Items on their way to a thread, one behind the other in one piece of memory.

use parking_lot::Mutex;

/// Items are given to a thread together until they are so many bytes: a piece has to be worth a thread's
/// while, and small enough for all threads to get some.
const FULL: usize = 64 * 1024;
/// Memory of pieces that have ended is kept for the next ones, at most so many of at most so many bytes:
/// fresh memory costs more than the copy into it.
const KEPT: usize = 64;
const KEPT_BYTES: usize = 2 * FULL;

static SPARE: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Copies of items.
#[derive(Debug)]
pub(super) struct Piece {
    bytes: Vec<u8>,
    /// Where each item ends.
    ends: Vec<usize>,
    /// How much more than their bytes the items weigh.
    weight: usize,
}

impl Piece {
    pub(super) fn new() -> Self {
        let spare = SPARE.lock().pop();
        Self {
            bytes: spare.unwrap_or_else(|| Vec::with_capacity(FULL)),
            ends: Vec::new(),
            weight: 0,
        }
    }

    pub(super) fn push(&mut self, item: &[u8]) {
        self.bytes.extend_from_slice(item);
        self.ends.push(self.bytes.len());
    }

    /// Adds an item that says nothing of the work behind it: it fills the piece.
    pub(super) fn push_heavy(&mut self, item: &[u8]) {
        self.push(item);
        self.weight = FULL;
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() + self.weight >= FULL
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| &self.bytes[begin..end])
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        if bytes.capacity() <= KEPT_BYTES {
            bytes.clear();
            let mut spare = SPARE.lock();
            if spare.len() < KEPT {
                spare.push(bytes);
            }
        }
    }
}
