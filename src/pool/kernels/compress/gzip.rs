//! gzip by libdeflate. It takes half to two thirds of zlib's time to compress and a third to
//! decompress.
//!
//! libdeflate has no streams: it needs room for a whole member at once, or fails. The last four
//! bytes of a member are its size. So the first try fits if there is one member and its size is
//! honest.

use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use libdeflate_sys as sys;
use libdeflater::{CompressionLvl, Compressor};

use super::output::{self, Output};
use super::{Error, Format};

const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// Deflate never expands one byte to more. Larger claims are not believed.
const MAX_RATIO: usize = 1032;

thread_local! {
    /// The last compressor and its level. Making one takes a fifth of the time for 64 KiB. Its size
    /// is a few hundred kilobytes for any data.
    static COMPRESSOR: Cell<Option<(i32, Compressor)>> = const { Cell::new(None) };
}

pub(super) fn compress(level: i32, data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut compressor = match COMPRESSOR.take() {
        Some((of, compressor)) if of == level => compressor,
        _ => Compressor::new(CompressionLvl::new(level).expect("0 to 9 are levels of libdeflate")),
    };
    let bound = compressor.gzip_compress_bound(data.len());
    let mut output = output::with_capacity(bound)?;
    output.resize(bound, 0);
    let len = compressor.gzip_compress(data, &mut output).expect("the bound is enough");
    output.truncate(len);
    output.shrink_to_fit();
    COMPRESSOR.set(Some((level, compressor)));
    Ok(output)
}

pub(super) fn decompress(data: &[u8], max_output: u64) -> Result<Vec<u8>, Error> {
    let decompressor = Decompressor::new()?;
    let mut output = Output::new(max_output);
    output.room(claimed_size(data).min(data.len().saturating_mul(MAX_RATIO)))?;
    let mut rest = data;
    // Zeros are padding only after a member.
    let mut is_first = true;
    while is_first || !rest.iter().all(|&byte| byte == 0) {
        if !rest.starts_with(&MAGIC) {
            let reason = if is_first {
                "it does not begin with the bytes 1f 8b"
            } else {
                "there is something else behind its end"
            };
            return Err(Error::invalid(Format::Gzip, reason));
        }
        match decompressor.member(rest, output.spare()) {
            Member::Whole { read, written } => {
                let bytes = output.bytes_mut();
                // SAFETY: the decoder has written this many bytes to the spare capacity.
                unsafe { bytes.set_len(bytes.len() + written) };
                rest = &rest[read..];
                is_first = false;
            }
            Member::NoRoom => output.grow()?,
            Member::Invalid => {
                return Err(Error::invalid(Format::Gzip, "it is corrupt or cut off"));
            }
        }
    }
    Ok(output.into_bytes())
}

/// The size of the last member's content modulo 2^32, if that member ends where the data ends.
fn claimed_size(data: &[u8]) -> usize {
    data.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize)
}

enum Member {
    Whole { read: usize, written: usize },
    NoRoom,
    Invalid,
}

/// libdeflate's decompressor. `libdeflater` has a safe one that does not say where a member ended,
/// so it cannot decode a second one.
struct Decompressor(NonNull<sys::libdeflate_decompressor>);

impl Decompressor {
    fn new() -> Result<Self, Error> {
        // SAFETY: there are no conditions; it returns null if there is no memory.
        let state = unsafe { sys::libdeflate_alloc_decompressor() };
        // The decompressor takes a little over 10 KiB, which is not the output's memory. The number
        // does not matter.
        NonNull::new(state).map(Self).ok_or(Error::OutOfMemory { bytes: 0 })
    }

    /// Decodes the first member of `data`.
    fn member(&self, data: &[u8], output: &mut [MaybeUninit<u8>]) -> Member {
        let (mut read, mut written) = (0, 0);
        // SAFETY: the state is live, and only one thread uses it because `self` is not `Sync`. Both
        // slices are valid for their lengths, and the output is only written to.
        let result = unsafe {
            sys::libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                data.as_ptr().cast(),
                data.len(),
                output.as_mut_ptr().cast(),
                output.len(),
                &raw mut read,
                &raw mut written,
            )
        };
        match result {
            sys::libdeflate_result_LIBDEFLATE_SUCCESS => Member::Whole { read, written },
            sys::libdeflate_result_LIBDEFLATE_INSUFFICIENT_SPACE => Member::NoRoom,
            _ => Member::Invalid,
        }
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: allocated by `new`, and freed once.
        unsafe { sys::libdeflate_free_decompressor(self.0.as_ptr()) };
    }
}
