//! Hashes of files, in bounded memory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::hash::{self, Algorithm, Digest, Hasher};

/// Bytes of a file to read at a time: a good size for the buffer of [`hash_file`].
pub const BUFFER_SIZE: usize = 256 * 1024;

/// Hashes a file's content, reading `buffer.len()` bytes at a time. What the buffer held is lost.
///
/// 64 KiB to 1 MiB is a good size for the buffer: larger gains nothing, and a file that fits is
/// hashed at once. The file may grow or shrink meanwhile; the hash is that of the bytes that were read.
///
/// `wanted` is asked before every read. When it says no, the rest of the file is not read.
///
/// # Errors
///
/// - The operating system's own error, as Node would give it: `ENOENT` if there is no such file, `EISDIR`
///   for a directory (`ERROR_INVALID_FUNCTION` on Windows), `EACCES` if it may not be read. A call that a signal
///   interrupts is repeated.
/// - [`Unsupported`](io::ErrorKind::Unsupported) if it is neither a regular file nor a directory. Pipes, sockets and
///   devices are not opened: they may block, or never end.
/// - [`InvalidInput`](io::ErrorKind::InvalidInput) if the buffer is empty.
/// - [`Other`](io::ErrorKind::Other) if it is not wanted any more.
pub fn hash_file(
    algorithm: Algorithm,
    path: impl AsRef<Path>,
    buffer: &mut [u8],
    wanted: impl Fn() -> bool,
) -> io::Result<Digest> {
    refuse_empty(buffer)?;
    hash_reader(algorithm, open_regular(path.as_ref())?, buffer, wanted)
}

/// Opens a file that is a regular one, without ever waiting for a writer of a pipe.
fn open_regular(path: &Path) -> io::Result<File> {
    // Before it is opened, since to open a device may do something.
    refuse_special(&fs::metadata(path)?)?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    #[cfg(windows)]
    {
        use std::os::windows::fs::OpenOptionsExt;
        // So a directory is opened, as elsewhere, and the read is what the system refuses.
        const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
        options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    }
    let file = options.open(path)?;
    // Once more: another file may have its name by now.
    refuse_special(&file.metadata()?)?;
    Ok(file)
}

fn refuse_special(metadata: &fs::Metadata) -> io::Result<()> {
    // Reading a directory gives the system's own error.
    if metadata.is_file() || metadata.is_dir() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::Unsupported, "not a regular file"))
}

/// Hashes all that a reader gives. As [`hash_file`], and its errors are the reader's.
pub fn hash_reader(
    algorithm: Algorithm,
    mut reader: impl Read,
    buffer: &mut [u8],
    wanted: impl Fn() -> bool,
) -> io::Result<Digest> {
    refuse_empty(buffer)?;
    let mut next = |buffer: &mut [u8]| {
        if wanted() {
            fill(&mut reader, buffer)
        } else {
            Err(io::Error::other("not wanted any more"))
        }
    };
    let first = next(buffer)?;
    if first < buffer.len() {
        return Ok(hash::digest(algorithm, &buffer[..first]));
    }
    let mut hasher = Hasher::new(algorithm);
    hasher.update(buffer);
    loop {
        match next(buffer)? {
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

/// Fills the buffer as far as the reader goes, and returns how far.
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
