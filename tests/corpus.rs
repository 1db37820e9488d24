//! The committed corpus of the fuzz targets, and changes to it, as ordinary tests.
//!
//! `npm run test:fuzz` looks for new inputs; what it finds is put into `fuzz/corpus`, and is tried here from then on.

#![cfg(feature = "kernels")]

#[path = "../fuzz/checks.rs"]
mod checks;
#[path = "simulator/random.rs"]
#[allow(dead_code, reason = "the simulator draws from more distributions")]
mod random;

use std::fs;
use std::path::Path;

use p_lanes::pool::kernels::compress::Format;
use random::Random;

/// Changed copies of each input. The seed stands still: a failure is one for everybody.
const CHANGES: usize = 200;
const SEED: u64 = 7;

/// A whole number from 0 to below `limit`.
fn below(limit: usize, random: &mut Random) -> usize {
    (random.fraction() * limit as f64) as usize
}

/// Tries each input of a target, and copies of it with bytes changed, taken away and repeated.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the target has a corpus")
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds inputs", folder.display());
    let mut random = Random::new(SEED);
    for file in files {
        let input = fs::read(&file).expect("it can be read");
        check(&input);
        for _ in 0..CHANGES {
            let mut changed = input.clone();
            for _ in 0..=below(3, &mut random) {
                change(&mut changed, &mut random);
            }
            check(&changed);
        }
    }
}

fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    let byte = below(256, random) as u8;
    let len = bytes.len();
    if len == 0 {
        bytes.push(byte);
        return;
    }
    // Half of them near the start, where headers are.
    let reach = if below(2, random) == 0 { len } else { len.min(16) };
    let place = below(reach, random);
    match below(5, random) {
        0 => bytes[place] ^= 1 << (byte & 7),
        1 => bytes[place] = byte,
        2 => bytes.truncate(place),
        3 => {
            bytes.remove(place);
        }
        _ => {
            let end = place + below(len - place + 1, random);
            bytes.extend_from_within(place..end);
        }
    }
}

#[test]
fn gzip() {
    replay("gzip", |data| checks::decompression(Format::Gzip, data));
}

#[test]
fn brotli() {
    replay("brotli", |data| checks::decompression(Format::Brotli, data));
}

#[test]
fn zstd() {
    replay("zstd", |data| checks::decompression(Format::Zstd, data));
}

#[test]
fn roundtrip() {
    replay("roundtrip", checks::roundtrip);
}

#[test]
fn hash() {
    replay("hash", checks::hashes);
}
