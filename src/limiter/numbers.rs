//! Slab keys as the small numbers that go to JS, and slabs that give their memory back.

use slab::Slab;

/// How many spare places a slab, or a list beside it, may keep once it is empty.
pub(crate) const SPARE: usize = 1_024;

/// A slab's key as a number that is also a valid, non-negative 32-bit integer in JS.
pub(crate) fn number_of(key: usize) -> u32 {
    match i32::try_from(key) {
        Ok(_) => key as u32,
        Err(_) => panic!("a limit holds at most 2^31 tickets and as many slots"),
    }
}

/// Frees the places of a slab that a long queue has left behind.
pub(crate) fn give_spare_back<T>(slab: &mut Slab<T>) {
    if slab.is_empty() && slab.capacity() > SPARE {
        *slab = Slab::new();
    }
}
