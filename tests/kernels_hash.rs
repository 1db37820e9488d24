//! Hashes: the published vectors, pieces against the whole, and files.

#![cfg(feature = "kernels")]

use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use p_lanes::pool::kernels::files::{hash_file, hash_reader};
use p_lanes::pool::kernels::hash::{Algorithm, Digest, Hasher, UnknownAlgorithm, digest};
use proptest::prelude::*;

fn hex(algorithm: Algorithm, data: &[u8]) -> String {
    digest(algorithm, data).to_string()
}

/// The digest of data taken in pieces of this size.
fn in_pieces_of(size: usize, algorithm: Algorithm, data: &[u8]) -> Digest {
    let mut hasher = Hasher::new(algorithm);
    data.chunks(size).for_each(|piece| hasher.update(piece));
    hasher.finish()
}

#[test]
fn sha_gives_the_values_of_fips_180() {
    let two_blocks: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let two_long_blocks: &[u8] = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn\
        hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    let million = vec![b'a'; 1_000_000];
    for (algorithm, data, expected) in [
        (Algorithm::Sha1, &b""[..], "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (Algorithm::Sha1, b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Algorithm::Sha1, two_blocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        (Algorithm::Sha1, &million, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        (
            Algorithm::Sha256,
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            Algorithm::Sha256,
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            Algorithm::Sha256,
            two_blocks,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            Algorithm::Sha256,
            &million,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
        (
            Algorithm::Sha512,
            b"",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce\
             47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        ),
        (
            Algorithm::Sha512,
            b"abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
        (
            Algorithm::Sha512,
            two_long_blocks,
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018\
             501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
        ),
        (
            Algorithm::Sha512,
            &million,
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb\
             de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
        ),
    ] {
        assert_eq!(hex(algorithm, data), expected, "{algorithm} of {} bytes", data.len());
        assert_eq!(in_pieces_of(61, algorithm, data).to_string(), expected);
    }
}

/// The first 32 bytes of each `hash` in BLAKE3's `test_vectors.json`.
#[test]
fn blake3_gives_the_values_of_its_authors() {
    let input: Vec<u8> = (0..=250).cycle().take(102_400).collect();
    for (len, expected) in [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
        (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
        (2048, "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a"),
        (2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"),
        (3072, "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2"),
        (3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"),
        (4096, "015094013f57a5277b59d8475c0501042c0b642e531b0a1c8f58d2163229e969"),
        (4097, "9b4052b38f1c5fc8b1f9ff7ac7b27cd242487b3d890d15c96a1c25b8aa0fb995"),
        (8192, "aae792484c8efe4f19e2ca7d371d8c467ffb10748d8a5a1ae579948f718a2a63"),
        (8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"),
        (16_384, "f875d6646de28985646f34ee13be9a576fd515f76b5b0a26bb324735041ddde4"),
        (31_744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"),
        (102_400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"),
    ] {
        assert_eq!(hex(Algorithm::Blake3, &input[..len]), expected, "{len} bytes");
        assert_eq!(in_pieces_of(777, Algorithm::Blake3, &input[..len]).to_string(), expected);
    }
}

/// What xxHash's own sanity check hashes: the top bytes of a sequence of products.
fn xxhash_input() -> Vec<u8> {
    const PRIME32: u64 = 2_654_435_761;
    const PRIME64: u64 = 11_400_714_785_074_694_797;
    std::iter::successors(Some(PRIME32), |product| Some(product.wrapping_mul(PRIME64)))
        .map(|product| (product >> 56) as u8)
        .take(2_367)
        .collect()
}

#[test]
fn xxh3_gives_the_values_of_its_author() {
    let input = xxhash_input();
    for (len, expected) in [
        (0, "2d06800538d394c2"),
        (1, "c44bdff4074eecdb"),
        (6, "27b56a84cd2d7325"),
        (12, "a713daf0dfbb77e7"),
        (24, "a3fe70bf9d3510eb"),
        (48, "397da259ecba1f11"),
        (80, "bcdefbbb2c47c90a"),
        (195, "cd94217ee362ec3a"),
        (403, "cdeb804d65c6dea4"),
        (512, "617e49599013cb6b"),
        (2048, "dd59e2c3a5f038e0"),
        (2240, "6e73a90539cf2948"),
        (2367, "cb37aeb9e5d361ed"),
    ] {
        assert_eq!(hex(Algorithm::Xxh3_64, &input[..len]), expected, "{len} bytes");
        assert_eq!(in_pieces_of(37, Algorithm::Xxh3_64, &input[..len]).to_string(), expected);
    }
    for (len, expected) in [
        (0, "99aa06d3014798d86001c324468d497f"),
        (1, "a6cd5e9392000f6ac44bdff4074eecdb"),
        (6, "082afe0b8162d12a3e7039bdda43cfc6"),
        (12, "6e3efd8fc7802b18061a192713f69ad9"),
        (24, "0ce966e4678d37611e7044d28b1b901d"),
        (48, "a002ac4e5478227ef942219aed80f67b"),
        (81, "4952f58181ab00425e8bafb9f95fb803"),
        (222, "337e09641b948717f1aebd597cec6b3a"),
        (403, "1b6de21e332dd73dcdeb804d65c6dea4"),
        (512, "18d2d110dcc9bca1617e49599013cb6b"),
        (2048, "f736557fd47073a5dd59e2c3a5f038e0"),
        (2240, "ccb134fbfa7ce49d6e73a90539cf2948"),
        (2367, "e89c0f6ff369b427cb37aeb9e5d361ed"),
    ] {
        assert_eq!(hex(Algorithm::Xxh3_128, &input[..len]), expected, "{len} bytes");
        assert_eq!(in_pieces_of(37, Algorithm::Xxh3_128, &input[..len]).to_string(), expected);
    }
}

#[test]
fn crc32_gives_its_check_value() {
    assert_eq!(hex(Algorithm::Crc32, b"123456789"), "cbf43926");
    assert_eq!(hex(Algorithm::Crc32, b""), "00000000");
    let fox = b"The quick brown fox jumps over the lazy dog";
    assert_eq!(hex(Algorithm::Crc32, fox), "414fa339");
}

#[test]
fn algorithms_have_names_and_lengths() {
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
        assert_eq!(algorithm.to_string(), algorithm.name());
        assert_eq!(digest(algorithm, b"abc").len(), algorithm.output_len());
        assert_eq!(Hasher::new(algorithm).finish(), digest(algorithm, b""));
    }
    for given in ["", "SHA256", "sha-256", "md5", "sha256 "] {
        let error: UnknownAlgorithm = given.parse::<Algorithm>().unwrap_err();
        assert_eq!(error.given, given);
    }
    assert_eq!(
        "md5".parse::<Algorithm>().unwrap_err().to_string(),
        r#"`algorithm` must be one of "sha1", "sha256", "sha512", "blake3", "xxh3-64", "xxh3-128", "crc32", got "md5""#
    );
}

#[test]
fn digests_are_values() {
    let (one, other) = (digest(Algorithm::Crc32, b"1"), digest(Algorithm::Crc32, b"2"));
    let copy = one;
    assert_eq!(copy, one);
    assert_ne!(one, other);
    assert_eq!(one.as_ref(), &one[..]);
    assert_eq!(format!("{one:?}"), format!("Digest({one})"));
}

proptest! {
    #[test]
    fn pieces_give_what_the_whole_gives(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3_000), 0..12)
    ) {
        let whole = pieces.concat();
        for algorithm in Algorithm::ALL {
            let mut hasher = Hasher::new(algorithm);
            for piece in &pieces {
                hasher.update(piece);
            }
            prop_assert_eq!(hasher.clone().finish(), digest(algorithm, &whole), "{}", algorithm);
            prop_assert_eq!(hasher.finish(), digest(algorithm, &whole), "a clone has moved it");
        }
    }
}

/// A file that is removed again.
struct Temporary(PathBuf);

impl Temporary {
    fn with(name: &str, content: &[u8]) -> Self {
        let file = format!("p-lanes-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(file);
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_file_is_hashed_as_its_content_whatever_the_buffer() {
    let content: Vec<u8> = xxhash_input().repeat(5);
    let file = Temporary::with("content", &content);
    let empty = Temporary::with("empty", b"");
    let sizes = [1, 4_096, content.len() - 1, content.len(), content.len() + 1];
    for algorithm in Algorithm::ALL {
        for size in sizes {
            // Not clean: what was in the buffer does not matter.
            let mut buffer = vec![0xa5; size];
            let hashed = hash_file(algorithm, &file.0, &mut buffer, || true).unwrap();
            assert_eq!(hashed, digest(algorithm, &content), "{algorithm} by {size}");
            let hashed = hash_file(algorithm, &empty.0, &mut buffer, || true).unwrap();
            assert_eq!(hashed, digest(algorithm, b""), "{algorithm} of nothing by {size}");
        }
    }
}

#[test]
fn errors_of_files_are_those_of_the_system() {
    let mut buffer = [0; 16];
    let missing = std::env::temp_dir().join("p-lanes-there-is-no-such-file");
    let error = hash_file(Algorithm::Crc32, missing, &mut buffer, || true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.raw_os_error().is_some());

    let error =
        hash_file(Algorithm::Crc32, std::env::temp_dir(), &mut buffer, || true).unwrap_err();
    assert!(error.raw_os_error().is_some(), "{error:?}");
    #[cfg(unix)]
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);

    let error = hash_file(Algorithm::Crc32, std::env::temp_dir(), &mut [], || true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

/// Gives one byte at a time and is interrupted before each; fails in the end, if it is to.
struct Halting<'a> {
    data: &'a [u8],
    interrupt: bool,
    fails: bool,
}

impl Read for Halting<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupt = !self.interrupt;
        if self.interrupt {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.data.is_empty() && self.fails {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let len = buffer.len().min(1);
        self.data.read(&mut buffer[..len])
    }
}

#[test]
fn a_reader_may_give_little_and_be_interrupted() {
    let data = b"123456789";
    for size in 1..=data.len() + 1 {
        let read = |fails| {
            let reader = Halting { data, interrupt: false, fails };
            hash_reader(Algorithm::Crc32, reader, &mut vec![0; size], || true)
        };
        assert_eq!(read(false).unwrap().to_string(), "cbf43926");
        assert_eq!(read(true).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}

#[test]
fn nothing_more_is_read_when_the_hash_is_not_wanted_any_more() {
    let reads = std::cell::Cell::new(0);
    let endless = io::repeat(7);
    let wanted = || {
        reads.set(reads.get() + 1);
        reads.get() <= 3
    };
    let error = hash_reader(Algorithm::Sha256, endless, &mut [0; 16], wanted).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other);
    assert_eq!(reads.get(), 4);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let pipe = std::env::temp_dir().join(format!("p-lanes-pipe-{}", std::process::id()));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let socket = std::env::temp_dir().join(format!("p-lanes-socket-{}", std::process::id()));
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let link = std::env::temp_dir().join(format!("p-lanes-link-{}", std::process::id()));
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    let special =
        [pipe.clone(), link.clone(), socket.clone(), "/dev/zero".into(), "/dev/null".into()];
    for path in special {
        let error = hash_file(Algorithm::Crc32, &path, &mut [0; 16], || true).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{path:?}");
    }
    for path in [pipe, link, socket] {
        fs::remove_file(path).unwrap();
    }
}
