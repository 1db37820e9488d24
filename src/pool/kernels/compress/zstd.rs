//! zstd by its own library.
//!
//! A frame is decoded at once and not as a stream. The output then serves as the window. A stream
//! would have a window of its own, of up to 128 MiB if the frame asks for it. Most frames say how
//! large their content is. For other frames the decoder gets more room until the content fits.

use std::cell::Cell;
use std::io::Cursor;

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{CCtx, DCtx, ErrorCode};

use super::output::{self, Output};
use super::{Error, Format};

/// A block of at least 4 bytes (3 of header, 1 of content) expands to at most 128 KiB. A frame that
/// claims more content than its bytes could hold is not believed.
const MAX_RATIO: usize = 128 * 1024 / 4;
/// A context that has grown beyond this many bytes is not kept.
const MAX_KEPT: usize = 4 << 20;

thread_local! {
    // Making a context takes a sixth of the time for 64 KiB, and most of it for less data.
    static COMPRESSOR: Cell<Option<CCtx<'static>>> = const { Cell::new(None) };
    static DECOMPRESSOR: Cell<Option<DCtx<'static>>> = const { Cell::new(None) };
}

pub(super) fn compress(level: i32, data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut output = output::with_capacity(zstd_safe::compress_bound(data.len()))?;
    let mut context = match COMPRESSOR.take() {
        Some(context) => context,
        None => CCtx::try_create().ok_or(Error::OutOfMemory { bytes: 0 })?,
    };
    // With room for the largest output, only memory can be missing.
    context
        .compress(&mut output, data, level)
        .map_err(|_| Error::OutOfMemory { bytes: data.len() })?;
    if context.sizeof() <= MAX_KEPT {
        COMPRESSOR.set(Some(context));
    }
    output.shrink_to_fit();
    Ok(output)
}

pub(super) fn decompress(data: &[u8], max_output: u64) -> Result<Vec<u8>, Error> {
    let mut context = match DECOMPRESSOR.take() {
        Some(context) => context,
        None => DCtx::try_create().ok_or(Error::OutOfMemory { bytes: 0 })?,
    };
    let mut output = Output::new(max_output);
    let mut rest = data;
    while !rest.is_empty() {
        let len = zstd_safe::find_frame_compressed_size(rest)
            .map_err(|code| invalid(code, rest.len() == data.len()))?;
        let (frame, behind) = rest.split_at(len);
        decode(&mut context, frame, &mut output)?;
        rest = behind;
    }
    DECOMPRESSOR.set(Some(context));
    Ok(output.into_bytes())
}

fn decode(context: &mut DCtx<'_>, frame: &[u8], output: &mut Output) -> Result<(), Error> {
    let claimed = zstd_safe::get_frame_content_size(frame)
        .map_err(|_| Error::invalid(Format::Zstd, "a frame's header is corrupt"))?;
    if let Some(size) = claimed {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > output.left() {
            return Err(output.too_large());
        }
        output.room(size.min(frame.len().saturating_mul(MAX_RATIO)))?;
    }
    loop {
        let left = output.left();
        let start = output.bytes_mut().len();
        let mut end = Cursor::new(output.bytes_mut());
        end.set_position(start as u64);
        match context.decompress(&mut end, frame) {
            // The allocator may have given more room than the limit allows.
            Ok(written) if written > left => return Err(output.too_large()),
            Ok(_) => return Ok(()),
            Err(code) if is_no_room(code) && claimed.is_none() => output.grow()?,
            Err(code) => return Err(invalid(code, true)),
        }
    }
}

fn is_no_room(code: ErrorCode) -> bool {
    zstd_safe::is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_dstSize_tooSmall)
}

fn invalid(code: ErrorCode, is_first: bool) -> Error {
    let reason = if zstd_safe::is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_srcSize_wrong) {
        "it is cut off".to_owned()
    } else if zstd_safe::is_error_kind(code, ZSTD_ErrorCode::ZSTD_error_prefix_unknown) {
        if is_first {
            "it does not begin with the bytes 28 b5 2f fd".to_owned()
        } else {
            "there is something else behind its end".to_owned()
        }
    } else {
        let name = zstd_safe::get_error_name(code);
        format!("it is corrupt ({})", name.to_lowercase())
    };
    Error::invalid(Format::Zstd, reason)
}
