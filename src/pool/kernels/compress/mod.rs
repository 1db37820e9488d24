//! Compression and decompression of bytes in memory, in formats that `node:zlib` reads and writes.
//!
//! # Libraries
//!
//! Each direction of each format uses the fastest library by measurement:
//!
//! | | compress | decompress |
//! |---|---|---|
//! | gzip | libdeflate | libdeflate |
//! | brotli | Google's encoder (`brotlic`) | `brotli-decompressor` |
//! | zstd | libzstd | libzstd |
//!
//! # Untrusted input
//!
//! A few bytes may decompress to gigabytes. [`decompress`] takes the largest allowed output and
//! gives up as soon as there would be more. It never allocates more than that, whatever sizes the
//! input claims (for a moment twice as much, if the system cannot enlarge a block without moving
//! it). A decoder also has its own state of a few hundred kilobytes. For brotli that is up to 32
//! MiB: the window of 16 MiB that the format allows, and half of it again while it grows.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

pub use error::Error;

mod brotli;
mod error;
mod gzip;
mod output;
mod zstd;

/// A compressed format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// gzip (RFC 1952).
    Gzip,
    /// Brotli (RFC 7932), without the large-window extension.
    Brotli,
    /// Zstandard (RFC 8878), without dictionaries.
    Zstd,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Format::Gzip, Format::Brotli, Format::Zstd];

    /// The lower-case name that [`from_str`](FromStr::from_str) reads, such as `gzip`.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Gzip => "gzip",
            Format::Brotli => "brotli",
            Format::Zstd => "zstd",
        }
    }

    /// The levels, from the fastest to the smallest output: 0 (stored uncompressed) to 9 for gzip,
    /// 0 to 11 for brotli, 1 to 22 for zstd. The output of a level is about as large as that of
    /// `node:zlib`.
    ///
    /// Levels of zstd from 20 take hundreds of megabytes of memory for large data.
    pub const fn levels(self) -> RangeInclusive<i32> {
        match self {
            Format::Gzip => 0..=9,
            Format::Brotli => 0..=11,
            Format::Zstd => 1..=22,
        }
    }

    /// The default level, as in `node:zlib`: 6 for gzip, 11 for brotli, 3 for zstd.
    ///
    /// For brotli it is the slowest, about eighty times slower than its level 4. It suits data that
    /// is compressed once and served often.
    pub const fn default_level(self) -> i32 {
        match self {
            Format::Gzip => 6,
            Format::Brotli => 11,
            Format::Zstd => 3,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| Error::UnknownFormat { given: name.to_owned() })
    }
}

/// Compresses `data`, which may be empty, to one gzip member, brotli stream or zstd frame.
///
/// `level` is one of [`Format::levels`]; `None` is [`Format::default_level`]. The output contains
/// no time and no name: the same data gives the same bytes, with the same version of this package
/// on the same platform.
///
/// # Errors
///
/// [`Error::Level`] for a level that the format does not have, [`Error::OutOfMemory`].
pub fn compress(format: Format, level: Option<i32>, data: &[u8]) -> Result<Vec<u8>, Error> {
    let level = level.unwrap_or(format.default_level());
    if !format.levels().contains(&level) {
        return Err(Error::Level { format, given: level });
    }
    match format {
        Format::Gzip => gzip::compress(level, data),
        Format::Brotli => brotli::compress(level, data),
        Format::Zstd => zstd::compress(level, data),
    }
}

/// Decompresses `data` to at most `max_output` bytes.
///
/// All of `data` must be compressed data of this format. Several gzip members or zstd frames in a
/// row decompress to one output, as in `gunzip` and `zstd -d`. Brotli has no such sequences. Zeros
/// after the last gzip member are padding, as in `gunzip` and `node:zlib`. Other bytes at the end
/// are an error, even where `node:zlib` ignores them.
///
/// # Errors
///
/// [`Error::TooLarge`] if the output would exceed `max_output` bytes, [`Error::Invalid`] if the
/// data is empty, incomplete, corrupt, or followed by other data, [`Error::OutOfMemory`].
pub fn decompress(format: Format, data: &[u8], max_output: u64) -> Result<Vec<u8>, Error> {
    if data.is_empty() {
        return Err(Error::invalid(format, "there are no bytes"));
    }
    match format {
        Format::Gzip => gzip::decompress(data, max_output),
        Format::Brotli => brotli::decompress(data, max_output),
        Format::Zstd => zstd::decompress(data, max_output),
    }
}
