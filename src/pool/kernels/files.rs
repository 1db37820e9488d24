//! Hashes of files, in bounded memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::hash::{self, Algorithm, Digest, Hasher};

/// The hash of a file's content, read `buffer.len()` bytes at a time; what the buffer held is lost.
///
/// 64 KiB to 1 MiB is a good size for the buffer: larger gains nothing, and a file that fits is
/// hashed at once. The file may grow or shrink meanwhile; the hash is that of the bytes that were read.
/// A pipe is read to its end, so that this returns when its writer closes it.
///
/// # Errors
///
/// The operating system's own error, as Node would give it: `ENOENT` where there is no such file, `EISDIR`
/// for a directory (access denied on Windows), `EACCES` where it may not be read. A call that a signal interrupts
/// is repeated. An empty buffer is [`InvalidInput`](io::ErrorKind::InvalidInput).
pub fn hash_file(
    algorithm: Algorithm,
    path: impl AsRef<Path>,
    buffer: &mut [u8],
) -> io::Result<Digest> {
    // Not even opened: opening a pipe would wait for a writer, only to refuse.
    refuse_empty(buffer)?;
    hash_reader(algorithm, File::open(path)?, buffer)
}

/// The hash of all that a reader gives; as [`hash_file`], and its errors are the reader's.
pub fn hash_reader(
    algorithm: Algorithm,
    mut reader: impl Read,
    buffer: &mut [u8],
) -> io::Result<Digest> {
    refuse_empty(buffer)?;
    let first = fill(&mut reader, buffer)?;
    if first < buffer.len() {
        return Ok(hash::digest(algorithm, &buffer[..first]));
    }
    let mut hasher = Hasher::new(algorithm);
    hasher.update(buffer);
    loop {
        match fill(&mut reader, buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn refuse_empty(buffer: &[u8]) -> io::Result<()> {
    if buffer.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "`buffer` must hold at least one byte, got an empty one",
        ));
    }
    Ok(())
}

/// Fills the buffer as far as the reader goes; says how far.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
