//! A chunk: items on their way to a thread, one after another in one block of memory.

use crate::pool::kernels::memory;

/// Items are collected into a chunk until they weigh as much as hashing this many bytes. A chunk
/// must be worth a thread's time, and small enough for all threads to get some.
pub(super) const FULL: usize = memory::LEAST;

/// Copies of items.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    bytes: Vec<u8>,
    /// Where each item ends.
    ends: Vec<usize>,
    weight: usize,
}

impl Chunk {
    /// Whether this chunk is full without another item of that weight.
    pub(super) fn is_full(&self, weight: usize) -> bool {
        !self.ends.is_empty() && self.weight + weight > FULL
    }

    pub(super) fn push(&mut self, item: &[u8], weight: usize) {
        if self.ends.is_empty() {
            self.bytes = memory::take(item.len());
        }
        self.bytes.extend_from_slice(item);
        self.ends.push(self.bytes.len());
        self.weight += weight;
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, &end)| &self.bytes[begin..end])
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        memory::give(std::mem::take(&mut self.bytes));
    }
}
