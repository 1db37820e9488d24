//! What must hold for any bytes. The fuzz targets and `tests/corpus.rs` share it.

use p_lanes::pool::kernels::compress::{Error, Format, compress, decompress};
use p_lanes::pool::kernels::files::hash_reader;
use p_lanes::pool::kernels::hash::{Algorithm, Hasher, digest};

/// The most that may come out: small, so that a bomb costs little time.
const MOST: u64 = 1 << 20;

/// Decompression of anything: it gives what fits or says why not, and the limit decides nothing else.
pub fn decompression(format: Format, data: &[u8]) {
    match decompress(format, data, MOST) {
        Ok(output) => {
            let len = output.len() as u64;
            assert!(len <= MOST, "{len} bytes came out, of {MOST} at most");
            assert_eq!(decompress(format, data, len).as_ref(), Ok(&output), "just enough room");
            if len > 0 {
                let limit = len - 1;
                assert_eq!(decompress(format, data, limit), Err(Error::TooLarge { limit }));
            }
            let level = Some(*format.levels().start());
            let again = compress(format, level, &output).expect("a level that there is");
            assert_eq!(decompress(format, &again, len).as_ref(), Ok(&output), "and back");
        }
        Err(Error::TooLarge { limit }) => assert_eq!(limit, MOST),
        Err(Error::Invalid { format: named, reason }) => {
            assert_eq!(named, format);
            assert!(!reason.is_empty());
        }
        Err(error) => panic!("{error}"),
    }
}

/// What was compressed comes back. The first byte is the level.
pub fn roundtrip(data: &[u8]) {
    let Some((&level, data)) = data.split_first() else { return };
    for format in Format::ALL {
        // The highest take seconds, or hundreds of megabytes.
        let (first, last) = (*format.levels().start(), (*format.levels().end()).min(9));
        let level = first + i32::from(level) % (last - first + 1);
        let packed = compress(format, Some(level), data).expect("a level that there is");
        let back = decompress(format, &packed, data.len() as u64);
        assert_eq!(back.as_deref(), Ok(data), "{format} at level {level}");
    }
}

/// A hash of pieces is that of the whole. The first two bytes say where it is cut.
pub fn hashes(data: &[u8]) {
    let Some((&[first, second], data)) = data.split_first_chunk() else { return };
    let cut = |byte: u8| data.len() * usize::from(byte) / 255;
    let (from, to) = (cut(first.min(second)), cut(first.max(second)));
    for algorithm in Algorithm::ALL {
        let whole = digest(algorithm, data);
        assert_eq!(whole.len(), algorithm.output_len());
        let mut hasher = Hasher::new(algorithm);
        for piece in [&data[..from], &data[from..to], &data[to..]] {
            hasher.update(piece);
        }
        assert_eq!(hasher.finish(), whole, "{algorithm} of pieces");
        let mut buffer = vec![0; usize::from(first) + 1];
        let read = hash_reader(algorithm, data, &mut buffer, || true).expect("a slice can be read");
        assert_eq!(read, whole, "{algorithm} of a reader");
    }
}
