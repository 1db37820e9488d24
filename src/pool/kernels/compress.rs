//! Compression and decompression of bytes in memory, in formats that `node:zlib` reads and writes.
//!
//! # Libraries
//!
//! Each direction of each format has the library that was measured to be the fastest that handles it:
//!
//! | | compress | decompress |
//! |---|---|---|
//! | gzip | libdeflate | libdeflate |
//! | brotli | Google's encoder (`brotlic`) | `brotli-decompressor` |
//! | zstd | libzstd | libzstd |
//!
//! # Untrusted input
//!
//! A few bytes may decompress to gigabytes. [`decompress`] takes the most that may come out, and gives up
//! as soon as more would. No more than that is ever allocated for it, whatever sizes the input claims (for
//! a moment twice, where the system cannot enlarge a block without moving it). Next to it a decoder has its
//! own state, which is a few hundred kilobytes, and for brotli up to 32 MiB: the window of 16 MiB that the
//! format allows, and half of it again while it grows.

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
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Gzip, Format::Brotli, Format::Zstd];

    /// The name that [`from_str`](FromStr::from_str) reads: lower case, as in `gzip`.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Gzip => "gzip",
            Format::Brotli => "brotli",
            Format::Zstd => "zstd",
        }
    }

    /// The levels there are, from the fastest to the smallest output: 0 (stored as it is) to 9 for gzip,
    /// 0 to 11 for brotli, 1 to 22 for zstd. A level's output is about as large as that of `node:zlib`.
    ///
    /// Levels of zstd from 20 on take hundreds of megabytes of memory for large data.
    pub const fn levels(self) -> RangeInclusive<i32> {
        match self {
            Format::Gzip => 0..=9,
            Format::Brotli => 0..=11,
            Format::Zstd => 1..=22,
        }
    }

    /// The level where none is given, which is that of `node:zlib`: 6 for gzip, 11 for brotli, 3 for zstd.
    ///
    /// Brotli's is its slowest, some eighty times slower than its level 4: for what is compressed once
    /// and served often.
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
/// `level` is one of [`Format::levels`], [`Format::default_level`] if `None`. The output holds no time and no
/// name: the same data gives the same bytes, with the same version of this package on the same platform.
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

/// Decompresses `data`, of which no more than `max_output` bytes may come out.
///
/// All of `data` has to be compressed data of this format. Several gzip members, and several zstd frames,
/// one behind another are decompressed to one output, as by `gunzip` and `zstd -d`; brotli has no such
/// thing. Zeros behind the last gzip member are padding, as for `gunzip` and `node:zlib`. Any other bytes
/// at the end are an error, even where `node:zlib` drops them in silence.
///
/// # Errors
///
/// [`Error::TooLarge`] where more than `max_output` bytes would come out, [`Error::Invalid`] where the
/// data is empty, cut off, corrupt, or followed by something else, [`Error::OutOfMemory`].
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
