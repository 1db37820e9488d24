//! Hashes of bytes, at once ([`digest`]) or in parts ([`Hasher`]).
//!
//! The instructions (SHA, AVX2, AVX-512, carry-less multiplication, NEON) are chosen at run time,
//! from what the processor has, so that one build is fast everywhere. Therefore xxHash comes from
//! `twox-hash`: `xxhash-rust` chooses at compile time, and has half the speed in a build for any
//! x86-64.
//!
//! ```
//! use p_lanes::pool::kernels::hash::{self, Algorithm, Hasher};
//!
//! let algorithm: Algorithm = "crc32".parse()?;
//! assert_eq!(hash::digest(algorithm, b"123456789").to_string(), "cbf43926");
//!
//! let mut hasher = Hasher::new(algorithm);
//! hasher.update(b"12345");
//! hasher.update(b"6789");
//! assert_eq!(*hasher.finish(), [0xcb, 0xf4, 0x39, 0x26]);
//! # Ok::<(), hash::UnknownAlgorithm>(())
//! ```

use std::fmt;
use std::hash::Hasher as _;
use std::ops::Deref;
use std::str::FromStr;

use sha2::Digest as _;

/// A hash function.
///
/// Only [`Sha256`](Self::Sha256), [`Sha512`](Self::Sha512) and [`Blake3`](Self::Blake3) resist an
/// attacker who searches for two inputs that collide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// SHA-1 (FIPS 180-4), 20 bytes. Broken for signatures; for formats that already use it.
    Sha1,
    /// SHA-256 (FIPS 180-4), 32 bytes.
    Sha256,
    /// SHA-512 (FIPS 180-4), 64 bytes.
    Sha512,
    /// BLAKE3 in its default mode (no key), 32 bytes. The fastest that resists collisions.
    Blake3,
    /// XXH3 of 64 bits, seed 0, 8 bytes.
    Xxh3_64,
    /// XXH3 of 128 bits, seed 0, 16 bytes.
    Xxh3_128,
    /// CRC-32 as in gzip, zip and PNG (IEEE 802.3, reflected), 4 bytes.
    Crc32,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: [Algorithm; 7] = [
        Algorithm::Sha1,
        Algorithm::Sha256,
        Algorithm::Sha512,
        Algorithm::Blake3,
        Algorithm::Xxh3_64,
        Algorithm::Xxh3_128,
        Algorithm::Crc32,
    ];

    /// The lower-case name that [`from_str`](FromStr::from_str) reads, such as `sha256` and
    /// `xxh3-64`.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
            Algorithm::Blake3 => "blake3",
            Algorithm::Xxh3_64 => "xxh3-64",
            Algorithm::Xxh3_128 => "xxh3-128",
            Algorithm::Crc32 => "crc32",
        }
    }

    /// The length of a digest in bytes, 4 to 64.
    pub const fn output_len(self) -> usize {
        match self {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 | Algorithm::Blake3 => 32,
            Algorithm::Sha512 => 64,
            Algorithm::Xxh3_64 => 8,
            Algorithm::Xxh3_128 => 16,
            Algorithm::Crc32 => 4,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
            .ok_or_else(|| UnknownAlgorithm { given: name.to_owned() })
    }
}

/// There is no such algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`algorithm` must be one of {}, got {given:?}",
    Algorithm::ALL.map(|algorithm| format!("{:?}", algorithm.name())).join(", ")
)]
#[non_exhaustive]
pub struct UnknownAlgorithm {
    /// The given value.
    pub given: String,
}

const LONGEST: usize = 64;

/// A hash value: bytes, in the order in which they are printed. The numbers of XXH3 and CRC-32 are
/// big-endian, which is xxHash's canonical form and what `xxhsum` and `crc32` print.
///
/// It is displayed as lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    /// Zero from `len` on, so that equality and hash can be derived.
    bytes: [u8; LONGEST],
    len: u8,
}

impl Digest {
    fn of(value: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        bytes[..value.len()].copy_from_slice(value);
        Self { bytes, len: value.len() as u8 }
    }
}

impl Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The hash of `data`. Allocates nothing.
pub fn digest(algorithm: Algorithm, data: &[u8]) -> Digest {
    match algorithm {
        Algorithm::Sha1 => Digest::of(&sha1::Sha1::digest(data)),
        Algorithm::Sha256 => Digest::of(&sha2::Sha256::digest(data)),
        Algorithm::Sha512 => Digest::of(&sha2::Sha512::digest(data)),
        Algorithm::Blake3 => Digest::of(blake3::hash(data).as_bytes()),
        Algorithm::Xxh3_64 => Digest::of(&twox_hash::XxHash3_64::oneshot(data).to_be_bytes()),
        Algorithm::Xxh3_128 => Digest::of(&twox_hash::XxHash3_128::oneshot(data).to_be_bytes()),
        Algorithm::Crc32 => Digest::of(&crc32fast::hash(data).to_be_bytes()),
    }
}

/// A hasher that takes its input in parts. The digest is that of the whole input, however it is
/// divided.
///
/// If all bytes are at hand, [`digest`] is faster: this allocates for BLAKE3 and XXH3.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha1(sha1::Sha1),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
    /// Boxed, because it is ten times the size of the others.
    Blake3(Box<blake3::Hasher>),
    Xxh3_64(twox_hash::XxHash3_64),
    Xxh3_128(twox_hash::XxHash3_128),
    Crc32(crc32fast::Hasher),
}

impl Hasher {
    /// A hasher without input.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(match algorithm {
            Algorithm::Sha1 => State::Sha1(sha1::Sha1::new()),
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
            Algorithm::Blake3 => State::Blake3(Box::new(blake3::Hasher::new())),
            Algorithm::Xxh3_64 => State::Xxh3_64(twox_hash::XxHash3_64::new()),
            Algorithm::Xxh3_128 => State::Xxh3_128(twox_hash::XxHash3_128::new()),
            Algorithm::Crc32 => State::Crc32(crc32fast::Hasher::new()),
        })
    }

    /// Adds the next bytes, any number of them.
    pub fn update(&mut self, data: &[u8]) {
        match &mut self.0 {
            State::Sha1(state) => state.update(data),
            State::Sha256(state) => state.update(data),
            State::Sha512(state) => state.update(data),
            State::Blake3(state) => {
                state.update(data);
            }
            State::Xxh3_64(state) => state.write(data),
            State::Xxh3_128(state) => state.write(data),
            State::Crc32(state) => state.update(data),
        }
    }

    /// The hash of all bytes that were added.
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha1(state) => Digest::of(&state.finalize()),
            State::Sha256(state) => Digest::of(&state.finalize()),
            State::Sha512(state) => Digest::of(&state.finalize()),
            State::Blake3(state) => Digest::of(state.finalize().as_bytes()),
            State::Xxh3_64(state) => Digest::of(&state.finish().to_be_bytes()),
            State::Xxh3_128(state) => Digest::of(&state.finish_128().to_be_bytes()),
            State::Crc32(state) => Digest::of(&state.finalize().to_be_bytes()),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}
