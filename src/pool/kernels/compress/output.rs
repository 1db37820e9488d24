//! Output that grows towards a limit and never past it.

use std::mem::{self, MaybeUninit};

use super::Error;

/// What a decoder is given at first where nothing says how much will come out, and at least from then on.
const CHUNK: usize = 64 * 1024;
/// By how much the room grows for a decoder that starts over with each try: so little is decoded in vain
/// that all failed tries together come to a third of the last one.
const GROWTH: usize = 4;

/// Decompressed bytes. Only `room` and `grow` allocate, and they know the limit; between them a decoder
/// writes to [`spare`](Self::spare).
pub(super) struct Output {
    bytes: Vec<u8>,
    limit: u64,
    /// The limit as a length; no vector is longer.
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

    /// What may still come out.
    pub(super) fn left(&self) -> usize {
        self.max_len - self.bytes.len()
    }

    /// Room for what a decoder has yet to write.
    pub(super) fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        let left = self.left();
        let spare = self.bytes.spare_capacity_mut();
        // The allocator may have given more than it was asked for.
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
            // There is nothing to take along, so the old memory goes first.
            self.bytes = Vec::new();
        }
        // Doubled where it has grown before, so that many small members are not copied again and again.
        let capacity =
            (len + wanted).max(self.bytes.capacity().saturating_mul(2)).min(self.max_len);
        self.bytes
            .try_reserve_exact(capacity - len)
            .map_err(|_| Error::OutOfMemory { bytes: capacity })
    }

    /// More room than before, for a decoder that found it too small.
    pub(super) fn grow(&mut self) -> Result<(), Error> {
        let spare = self.spare().len();
        if spare == self.left() {
            return Err(self.too_large());
        }
        self.room(spare.saturating_mul(GROWTH).max(CHUNK))
    }

    /// The vector itself, for a decoder that appends to it no more than [`spare`](Self::spare) has room for.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        // Shrinking costs a copy of what is small and next to nothing for what is large.
        if self.bytes.capacity() - self.bytes.len() > self.bytes.len() / 4 {
            self.bytes.shrink_to_fit();
        }
        mem::take(&mut self.bytes)
    }
}

/// A vector with this capacity, for compressed data of which that is the most.
pub(super) fn with_capacity(bytes: usize) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    output.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory { bytes })?;
    Ok(output)
}
