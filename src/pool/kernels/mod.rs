//! Kernels: the native jobs that ship with the package.
//!
//! Enters: bytes, paths and options. Leaves: bytes, digests and errors.
//! Each kernel is a plain function of bytes. It knows no thread, lane or pool; its caller decides
//! where it runs. No kernel holds a lock. Some keep working memory for each thread, but never data.
//!
//! ```
//! use p_lanes::pool::kernels::compress::{self, Format};
//! use p_lanes::pool::kernels::hash::{self, Algorithm};
//!
//! let text = b"the quick brown fox ".repeat(100);
//! let packed = compress::compress(Format::Zstd, None, &text)?;
//! assert!(packed.len() < 100);
//! let unpacked = compress::decompress(Format::Zstd, &packed, 1 << 20)?;
//!
//! let digest = hash::digest(Algorithm::Sha256, &unpacked);
//! assert_eq!(digest, hash::digest(Algorithm::Sha256, &text));
//! # Ok::<(), compress::Error>(())
//! ```

pub mod compress;
pub mod files;
pub mod hash;
#[cfg(any(feature = "node", test))]
pub(crate) mod memory;
