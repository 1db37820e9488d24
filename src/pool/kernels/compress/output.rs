//! Output that grows up to a limit and never beyond it.

use std::mem::{self, MaybeUninit};

use super::Error;

/// The first room of a decoder if the size of the output is unknown, and the least by which the
/// room grows.
const CHUNK: usize = 64 * 1024;
/// The factor by which the room grows for a decoder that starts over with each try. All failed
/// tries together then cost a third of the last one.
const GROWTH: usize = 4;

/// Decompressed bytes. Only `room` and `grow` allocate, and they keep the limit. Between those
/// calls a decoder writes to [`spare`](Self::spare).
pub(super) struct Output {
    bytes: Vec<u8>,
    limit: u64,
    /// The limit as a length. No vector is longer than this.
    max_len: usize,
}

impl Output {
    pub(super) fn new(limit: u64) -> Self {
        let max_len = usize::try_from(limit).unwrap_or(usize::MAX).min(isize::MAX as usize);
        Self { bytes: Vec::new(), limit, max_len }
    }

    pub(super) fn too_large(&self) -> Error {
        Error::TooLarge { limit: self.limit }
    }

    /// How many more bytes the output may get.
    pub(super) fn left(&self) -> usize {
        self.max_len - self.bytes.len()
    }

    /// Room for what a decoder still has to write.
    pub(super) fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        let left = self.left();
        let spare = self.bytes.spare_capacity_mut();
        // The allocator may have given more than was asked for.
        let len = spare.len().min(left);
        &mut spare[..len]
    }

    /// Makes room for at least `wanted` bytes, or for all that is left if that is less.
    pub(super) fn room(&mut self, wanted: usize) -> Result<(), Error> {
        let wanted = wanted.min(self.left());
        if self.spare().len() >= wanted {
            return Ok(());
        }
        let len = self.bytes.len();
        if len == 0 {
            // There is nothing to copy, so the old memory is freed first.
            self.bytes = Vec::new();
        }
        // It doubles if it has grown before, so that many small members are not copied again and
        // again.
        let capacity =
            (len + wanted).max(self.bytes.capacity().saturating_mul(2)).min(self.max_len);
        self.bytes
            .try_reserve_exact(capacity - len)
            .map_err(|_| Error::OutOfMemory { bytes: capacity })
    }

    /// Makes more room than before, for a decoder that had too little.
    pub(super) fn grow(&mut self) -> Result<(), Error> {
        let spare = self.spare().len();
        if spare == self.left() {
            return Err(self.too_large());
        }
        self.room(spare.saturating_mul(GROWTH).max(CHUNK))
    }

    /// The vector, for a decoder that appends at most as much as [`spare`](Self::spare) has room
    /// for.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        // Shrinking copies small data and costs almost nothing for large data.
        if self.bytes.capacity() - self.bytes.len() > self.bytes.len() / 4 {
            self.bytes.shrink_to_fit();
        }
        mem::take(&mut self.bytes)
    }
}

/// A vector with this capacity, for compressed data of at most this size.
pub(super) fn with_capacity(bytes: usize) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    output.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory { bytes })?;
    Ok(output)
}
