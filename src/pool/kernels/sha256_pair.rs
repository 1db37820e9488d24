//! SHA-256 of two messages at a time on one core, with the SHA instructions of x86-64.
//!
//! One message leaves half of a core's SHA unit idle, because each step waits for the one before it.
//! The steps of two messages that do not depend on each other fill the gaps. Where the processor has
//! no such instructions, [`digest_pair`] gives nothing, and the caller hashes one after the other.

/// The hash values of two messages of any lengths, or None if this processor can't do it.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn digest_pair(_messages: [&[u8]; 2]) -> Option<[[u8; 32]; 2]> {
    None
}

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::digest_pair;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x,
        _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
        _mm_shuffle_epi32, _mm_storeu_si128,
    };
    use std::array;
    use std::sync::LazyLock;

    use sha2::block_api::compress256;

    type State = [u32; 8];
    type Block = [u8; 64];

    /// FIPS 180-4, 5.3.3.
    const INITIAL: State = [
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
        0x5be0cd19,
    ];

    /// FIPS 180-4, 4.2.2.
    #[rustfmt::skip]
    static CONSTANTS: [u32; 64] = [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    static HAS_INSTRUCTIONS: LazyLock<bool> = LazyLock::new(|| {
        is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1")
    });

    /// The hash values of two messages of any lengths, or None if this processor can't do it.
    pub(in super::super) fn digest_pair(messages: [&[u8]; 2]) -> Option<[[u8; 32]; 2]> {
        if !*HAS_INSTRUCTIONS {
            return None;
        }
        let mut states = [INITIAL; 2];
        let parts = messages.map(|message| message.as_chunks::<64>());
        compress(&mut states, parts.map(|(blocks, _)| blocks));
        let ends: [End; 2] = array::from_fn(|at| End::new(parts[at].1, messages[at].len()));
        compress(&mut states, array::from_fn(|at| ends[at].blocks()));
        Some(states.map(|state| {
            let mut bytes = [0; 32];
            for (four, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
                *four = word.to_be_bytes();
            }
            bytes
        }))
    }

    /// The last blocks of a message: what is left of it, a one bit, zeros, and its length in bits.
    struct End {
        bytes: [u8; 128],
        len: usize,
    }

    impl End {
        fn new(rest: &[u8], message_len: usize) -> Self {
            let len = if rest.len() < 64 - 8 { 64 } else { 128 };
            let mut bytes = [0; 128];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes[rest.len()] = 0x80;
            bytes[len - 8..len].copy_from_slice(&(message_len as u64 * 8).to_be_bytes());
            Self { bytes, len }
        }

        fn blocks(&self) -> &[Block] {
            self.bytes[..self.len].as_chunks().0
        }
    }

    /// Takes in blocks of two messages: together as long as both have some, and then the others.
    fn compress(states: &mut [State; 2], blocks: [&[Block]; 2]) {
        let together = blocks[0].len().min(blocks[1].len());
        // SAFETY: `digest_pair` has checked that the processor has the instructions.
        unsafe { compress_pair(states, blocks.map(|blocks| &blocks[..together])) };
        for (state, blocks) in states.iter_mut().zip(blocks) {
            compress256(state, &blocks[together..]);
        }
    }

    /// Takes in equally many blocks of both messages.
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn compress_pair(states: &mut [State; 2], blocks: [&[Block]; 2]) {
        let [mut one, mut other] = [load(&states[0]), load(&states[1])];
        for (first, second) in blocks[0].iter().zip(blocks[1]) {
            let before = [one, other];
            let (mut words_of_one, mut words_of_other) = (words(first), words(second));
            // Written out, so that all words stay in registers.
            macro_rules! groups {
                ($($group:literal)*) => {$(
                    let constants = vector(&CONSTANTS, 4 * $group);
                    if $group >= 4 {
                        words_of_one[$group % 4] = next_words(&words_of_one, $group);
                        words_of_other[$group % 4] = next_words(&words_of_other, $group);
                    }
                    let sum_of_one = _mm_add_epi32(words_of_one[$group % 4], constants);
                    let sum_of_other = _mm_add_epi32(words_of_other[$group % 4], constants);
                    one[1] = _mm_sha256rnds2_epu32(one[1], one[0], sum_of_one);
                    other[1] = _mm_sha256rnds2_epu32(other[1], other[0], sum_of_other);
                    let sum_of_one = _mm_shuffle_epi32::<0x0E>(sum_of_one);
                    let sum_of_other = _mm_shuffle_epi32::<0x0E>(sum_of_other);
                    one[0] = _mm_sha256rnds2_epu32(one[0], one[1], sum_of_one);
                    other[0] = _mm_sha256rnds2_epu32(other[0], other[1], sum_of_other);
                )*};
            }
            groups!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
            one = array::from_fn(|half| _mm_add_epi32(one[half], before[0][half]));
            other = array::from_fn(|half| _mm_add_epi32(other[half], before[1][half]));
        }
        store(one, &mut states[0]);
        store(other, &mut states[1]);
    }

    /// The words of the message schedule for a group of four rounds, of those of the four groups
    /// before it.
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    #[inline]
    fn next_words(words: &[__m128i; 4], group: usize) -> __m128i {
        let [first, second, third, fourth] = array::from_fn(|at| words[(group + at) % 4]);
        let sum =
            _mm_add_epi32(_mm_sha256msg1_epu32(first, second), _mm_alignr_epi8::<4>(fourth, third));
        _mm_sha256msg2_epu32(sum, fourth)
    }

    /// The words of a block, which are big-endian.
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    #[inline]
    fn words(block: &Block) -> [__m128i; 4] {
        let swap = _mm_set_epi64x(0x0C0D_0E0F_0809_0A0B, 0x0405_0607_0001_0203);
        let (quarters, _) = block.as_chunks::<16>();
        array::from_fn(|at| {
            // SAFETY: a quarter has 16 bytes.
            _mm_shuffle_epi8(unsafe { _mm_loadu_si128(quarters[at].as_ptr().cast()) }, swap)
        })
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    #[inline]
    fn vector(words: &[u32], first: usize) -> __m128i {
        let words = &words[first..first + 4];
        // SAFETY: these are 16 bytes.
        unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
    }

    /// The words a, b, e, f of a state, and the words c, d, g, h, as the instructions take them.
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    #[inline]
    fn load(state: &State) -> [__m128i; 2] {
        let cdab = _mm_shuffle_epi32::<0xB1>(vector(state, 0));
        let efgh = _mm_shuffle_epi32::<0x1B>(vector(state, 4));
        [_mm_alignr_epi8::<8>(cdab, efgh), _mm_blend_epi16::<0xF0>(efgh, cdab)]
    }

    /// The reverse of [`load`].
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    #[inline]
    fn store([abef, cdgh]: [__m128i; 2], state: &mut State) {
        let feba = _mm_shuffle_epi32::<0x1B>(abef);
        let dchg = _mm_shuffle_epi32::<0xB1>(cdgh);
        let (low, high) = state.split_at_mut(4);
        // SAFETY: each half has 16 bytes.
        unsafe {
            _mm_storeu_si128(low.as_mut_ptr().cast(), _mm_blend_epi16::<0xF0>(feba, dchg));
            _mm_storeu_si128(high.as_mut_ptr().cast(), _mm_alignr_epi8::<8>(dchg, feba));
        }
    }
}
