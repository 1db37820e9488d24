//! Memory of copies that are not needed any more, kept for the next copies. The first access to a
//! new page costs the system several times as much as the copy into it. Nothing is kept between
//! [`release`] and the next [`take`].

use parking_lot::Mutex;

/// The smallest size that is asked of the system.
pub(crate) const LEAST: usize = 64 * 1024;
/// Sizes are powers of two, up to 64 MiB. That is also the most that is kept in total.
const SIZES: usize = 11;
pub(crate) const MOST: usize = LEAST << (SIZES - 1);

static KEPT: Mutex<Kept> =
    Mutex::new(Kept { bytes: 0, in_use: false, stacks: [const { Vec::new() }; SIZES] });

struct Kept {
    bytes: usize,
    /// Whether there was a `take` since the last `release`. Memory that comes back later is freed.
    in_use: bool,
    /// The memory that is kept, by size. The last one in is the first out, because a processor may
    /// still have it in its caches.
    stacks: [Vec<Vec<u8>>; SIZES],
}

/// The index of the smallest size with room for `len` bytes.
fn size_for(len: usize) -> usize {
    len.div_ceil(LEAST).next_power_of_two().ilog2() as usize
}

/// An empty vector with room for `len` bytes.
pub(crate) fn take(len: usize) -> Vec<u8> {
    let size = size_for(len);
    if size >= SIZES {
        return Vec::with_capacity(len);
    }
    let mut kept = KEPT.lock();
    kept.in_use = true;
    if let Some(memory) = kept.stacks[size].pop() {
        kept.bytes -= memory.capacity();
        return memory;
    }
    drop(kept);
    Vec::with_capacity(LEAST << size)
}

/// Takes back memory from `take`.
pub(crate) fn give(mut memory: Vec<u8>) {
    let capacity = memory.capacity();
    let size = size_for(capacity);
    if size >= SIZES || capacity != LEAST << size {
        return;
    }
    memory.clear();
    let mut kept = KEPT.lock();
    if kept.in_use && kept.bytes + capacity <= MOST {
        kept.bytes += capacity;
        kept.stacks[size].push(memory);
    }
}

/// Returns all memory that is kept to the system.
pub(crate) fn release() {
    let stacks = {
        let mut kept = KEPT.lock();
        kept.bytes = 0;
        kept.in_use = false;
        std::mem::take(&mut kept.stacks)
    };
    drop(stacks);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (len, size) in
            [(0, 0), (1, 0), (LEAST, 0), (LEAST + 1, 1), (2 * LEAST, 1), (MOST, 10), (MOST + 1, 11)]
        {
            assert_eq!(size_for(len), size, "{len}");
        }
    }

    #[test]
    fn what_was_given_back_is_taken_again_and_no_more_than_the_most_is_kept() {
        release();
        let mut memory = take(LEAST + 1);
        memory.push(1);
        let address = memory.as_ptr();
        give(memory);
        let memory = take(2 * LEAST);
        assert_eq!((memory.as_ptr(), memory.len()), (address, 0));

        give(take(MOST + 1));
        assert_eq!(KEPT.lock().bytes, 0);
        give(Vec::with_capacity(MOST));
        give(memory);
        assert_eq!(KEPT.lock().bytes, MOST);
        let late = take(LEAST);
        release();
        assert_eq!(KEPT.lock().bytes, 0);
        give(late);
        assert_eq!(KEPT.lock().bytes, 0, "what comes back after the release is freed");
    }
}
