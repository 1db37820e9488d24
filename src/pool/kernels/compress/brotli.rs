//! Brotli: Google's encoder, which is up to three times as fast as the one in Rust. Data from
//! anywhere is decoded in Rust, as fast as by Google's decoder.

use std::io::Write;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use brotlic::{BrotliEncoderOptions, CompressorWriter, Quality, WindowSize};

use super::output::{self, Output};
use super::{Error, Format};

/// The window of `node:zlib`, 4 MiB.
const WINDOW_BITS: u8 = 22;
/// Text rarely compresses to less than one part in this many.
const USUAL_RATIO: usize = 4;

pub(super) fn compress(level: i32, data: &[u8]) -> Result<Vec<u8>, Error> {
    let encoder = BrotliEncoderOptions::new()
        .quality(Quality::new(level as u8).expect("0 to 11 are qualities of brotli"))
        .window_size(WindowSize::new(WINDOW_BITS).expect("10 to 24 are window sizes of brotli"))
        .size_hint(u32::try_from(data.len()).unwrap_or(u32::MAX))
        .build()
        .expect("these options go together");
    let output = output::with_capacity(data.len() / USUAL_RATIO)?;
    let mut writer = CompressorWriter::with_encoder(encoder, output);
    writer.write_all(data).expect("a vector takes all");
    let mut output = writer.into_inner().expect("a vector takes all");
    output.shrink_to_fit();
    Ok(output)
}

pub(super) fn decompress(data: &[u8], max_output: u64) -> Result<Vec<u8>, Error> {
    let mut output = Output::new(max_output);
    output.room(data.len().saturating_mul(USUAL_RATIO))?;
    // Strict: with the large-window extension, a few bytes could ask for a window of a gigabyte.
    let mut state = BrotliState::new_strict(
        StandardAlloc::default(),
        StandardAlloc::default(),
        StandardAlloc::default(),
    );
    let (mut input_left, mut read) = (data.len(), 0);
    loop {
        let room = output.spare().len();
        let bytes = output.bytes_mut();
        let start = bytes.len();
        bytes.resize(start + room, 0);
        let (mut room_left, mut written) = (room, 0);
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut read,
            data,
            &mut room_left,
            &mut written,
            &mut bytes[start..],
            &mut 0,
            &mut state,
        );
        bytes.truncate(start + written);
        match result {
            BrotliResult::NeedsMoreOutput => output.grow()?,
            BrotliResult::ResultSuccess if read == data.len() => return Ok(output.into_bytes()),
            BrotliResult::ResultSuccess => {
                let reason = "there is something else behind its end";
                return Err(Error::invalid(Format::Brotli, reason));
            }
            BrotliResult::NeedsMoreInput => {
                return Err(Error::invalid(Format::Brotli, "it is cut off"));
            }
            BrotliResult::ResultFailure => {
                return Err(Error::invalid(Format::Brotli, "it is corrupt"));
            }
        }
    }
}
