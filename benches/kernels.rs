//! What the kernels do in a second, on one thread.
//!
//! `cargo bench --features kernels --bench kernels`; the rows below a median are throughput, for
//! (de)compression in bytes of what is not compressed.

use divan::Bencher;
use divan::counter::BytesCount;
use p_lanes::pool::kernels::compress::{Format, compress, decompress};
use p_lanes::pool::kernels::hash::{Algorithm, Hasher, digest};

fn main() {
    divan::main();
}

/// Small as a request's body is, and large as a file's piece is.
const SIZES: [usize; 2] = [4 << 10, 1 << 20];

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7_919 % 251) as u8).collect()
}

#[divan::bench(args = Algorithm::ALL, consts = SIZES)]
fn hash<const SIZE: usize>(bencher: Bencher, algorithm: Algorithm) {
    let data = bytes(SIZE);
    bencher
        .counter(BytesCount::new(SIZE))
        .bench_local(|| digest(algorithm, divan::black_box(&data)));
}

/// As `hash`, but not told that these are all the bytes.
#[divan::bench(args = Algorithm::ALL, consts = SIZES)]
fn hash_incremental<const SIZE: usize>(bencher: Bencher, algorithm: Algorithm) {
    let data = bytes(SIZE);
    bencher.counter(BytesCount::new(SIZE)).bench_local(|| {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(divan::black_box(&data));
        hasher.finish()
    });
}

/// Real text, and enough of it that none is repeated: sources of this package.
const TEXT: &[u8] = concat!(
    include_str!("../src/limiter/policy/arbiter/mod.rs"),
    include_str!("../src/limiter/futures/gate.rs"),
    include_str!("../src/limiter/stats/sampler.rs"),
    include_str!("../src/limiter/stats/statistics.rs"),
    include_str!("../src/limiter/policy/tickets.rs"),
    include_str!("../src/pool/kernels/hash.rs"),
    include_str!("../src/lib.rs"),
    include_str!("gate.rs"),
    include_str!("../README.md"),
)
.as_bytes();

fn text() -> Vec<u8> {
    TEXT[..64 << 10].to_vec()
}

const LEVELS: [(Format, i32); 10] = [
    (Format::Gzip, 1),
    (Format::Gzip, 6),
    (Format::Gzip, 9),
    (Format::Brotli, 1),
    (Format::Brotli, 4),
    (Format::Brotli, 11),
    (Format::Zstd, 1),
    (Format::Zstd, 3),
    (Format::Zstd, 9),
    (Format::Zstd, 19),
];

#[divan::bench_group(sample_size = 1)]
mod of_64_kib {
    use super::*;

    #[divan::bench(args = LEVELS)]
    fn compressing(bencher: Bencher, (format, level): (Format, i32)) {
        let data = text();
        bencher
            .counter(BytesCount::of_slice(&data))
            .bench_local(|| compress(format, Some(level), divan::black_box(&data)));
    }

    #[divan::bench(args = Format::ALL)]
    fn decompressing(bencher: Bencher, format: Format) {
        let data = text();
        let packed = compress(format, None, &data).unwrap();
        bencher
            .counter(BytesCount::of_slice(&data))
            .bench_local(|| decompress(format, divan::black_box(&packed), 1 << 20));
    }
}
