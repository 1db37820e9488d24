//! Slab keys as small numbers for JavaScript, and slabs that release their memory.

use slab::Slab;

/// The largest number up to which all whole numbers are exact as doubles, JavaScript's numbers.
pub(crate) const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// How many unused entries an empty slab, or a list beside it, may keep.
pub(crate) const SPARE: usize = 1_024;

/// A slab's key as a number that is also a non-negative 32-bit integer in JavaScript.
pub(crate) fn number_of(key: usize) -> u32 {
    match i32::try_from(key) {
        Ok(_) => key as u32,
        Err(_) => panic!("a limit holds at most 2^31 tickets and as many slots"),
    }
}

/// Frees the memory that a long queue has left in a slab, once the slab is empty.
pub(crate) fn give_spare_back<T>(slab: &mut Slab<T>) {
    if slab.is_empty() && slab.capacity() > SPARE {
        *slab = Slab::new();
    }
}
