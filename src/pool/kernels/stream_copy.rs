//! Copies into memory that another core reads next.
//!
//! The memory is used again and again, so the core that read the last copy has it in its caches. To
//! overwrite it, an ordinary copy first fetches it from there, which takes longer than all else. A
//! copy past the caches does not read what it overwrites.

/// Shorter items are copied as usual: the set-up is not worth it.
#[cfg(target_arch = "x86_64")]
const LEAST: usize = 1024;

/// Appends bytes to a vector.
pub(crate) fn append(bytes: &mut Vec<u8>, item: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    if item.len() >= LEAST {
        x86_64::append(bytes, item);
        return;
    }
    bytes.extend_from_slice(item);
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_sfence, _mm_stream_si128};
    use std::mem::MaybeUninit;

    /// A line of the caches.
    const LINE: usize = 64;

    pub(super) fn append(bytes: &mut Vec<u8>, item: &[u8]) {
        bytes.reserve(item.len());
        let room = &mut bytes.spare_capacity_mut()[..item.len()];
        let head = room.as_ptr().align_offset(LINE).min(item.len());
        let (room_of_head, room) = room.split_at_mut(head);
        let (head, item) = item.split_at(head);
        copy(room_of_head, head);
        let (rooms, room_of_rest) = room.as_chunks_mut::<LINE>();
        let (lines, rest) = item.as_chunks::<LINE>();
        for (room, line) in rooms.iter_mut().zip(lines) {
            for (to, from) in room.as_chunks_mut::<16>().0.iter_mut().zip(line.as_chunks::<16>().0)
            {
                // SAFETY: both have 16 bytes, and `to` is aligned to 16: the first line begins at a
                // multiple of 64, and each is as long.
                unsafe {
                    let vector = _mm_loadu_si128(from.as_ptr().cast());
                    _mm_stream_si128(to.as_mut_ptr().cast::<__m128i>(), vector);
                }
            }
        }
        copy(room_of_rest, rest);
        // Such stores are not ordered with others, such as those that give the memory to a thread.
        // SAFETY: each processor of x86-64 has this instruction.
        unsafe { _mm_sfence() };
        let length = bytes.len() + head.len() + item.len();
        // SAFETY: there was room, and all of it was written.
        unsafe { bytes.set_len(length) };
    }

    fn copy(room: &mut [MaybeUninit<u8>], bytes: &[u8]) {
        for (to, &byte) in room.iter_mut().zip(bytes) {
            to.write(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn any_length_is_appended_at_any_place() {
        let data: Vec<u8> = (0..9_000_u32).map(|i| (i * 7_919 % 251) as u8).collect();
        for begin in [0, 1, 15, 16, 63, 64, 65, 100] {
            for len in [0, 1, 1_023, 1_024, 1_025, 1_087, 1_088, 4_096, 8_000] {
                let mut bytes = data[..begin].to_vec();
                append(&mut bytes, &data[begin..][..len]);
                assert_eq!(bytes, data[..begin + len], "{begin} and {len}");
                append(&mut bytes, &data[begin + len..]);
                assert_eq!(bytes, data, "{begin} and {len}");
            }
        }
    }
}
