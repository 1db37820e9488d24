//! A lease: what the owner of the work may do without asking, in memory that both sides see.

use std::iter;

/// The slots that a lease can tell apart. Ends in others are always asked for.
pub const LEASED_SLOTS: usize = 128;
/// The most slots that may be idle in a lease.
pub const IDLE_SLOTS: usize = 16;

const WORDS: usize = LEASED_SLOTS / 32;

/// What the owner of the work may do without asking, and what it has done.
///
/// A lease is in force from [`Arbiter::give_lease`](crate::limiter::Arbiter::give_lease) to
/// [`Arbiter::end_lease`](crate::limiter::Arbiter::end_lease). It says what the arbiter would answer:
/// as long as nothing but plain calls of the online lane comes, the answers follow from a few
/// numbers. Either a ticket waits, and slots pass from unit to unit of it, or none does, and slots
/// become idle and are taken again. The owner counts down what it does, and asks when a number is 0.
/// Numbers of what is not allowed are 0, so all of an empty lease is asked for.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lease {
    /// How many calls may be added to [`ticket`](Lease::ticket), as units of it. The owner counts
    /// them down.
    pub enters: i32,
    /// How many units may end without an error and leave their slots to the next unit of
    /// [`ticket`](Lease::ticket). The owner counts them down.
    pub passes: i32,
    /// The ticket that waits, if the two numbers above are not 0.
    pub ticket: i32,
    /// How many calls may start in an idle slot. The owner counts them down.
    pub starts: i32,
    /// How many more slots may become idle because a unit has ended there without an error.
    pub room: i32,
    /// How many slots are idle: the first ones of [`slots`](Lease::slots).
    pub idle: i32,
    /// The slots that the owner has made idle.
    pub slots: [i32; IDLE_SLOTS],
    /// By slot, a bit: whether the end of the unit there must be asked for, because it is timed.
    pub asks: [u32; WORDS],
    /// By slot, a bit that the owner sets: whether another unit has started there.
    pub changed: [u32; WORDS],
    /// It fills up a cache line.
    pub(crate) unused: [i32; 2],
}

/// The word and the bit of a slot in the fields of bits, if there is one.
pub(crate) fn bit_of(slot: usize) -> Option<(usize, u32)> {
    (slot < LEASED_SLOTS).then_some((slot / 32, 1 << (slot % 32)))
}

/// The slots whose bits are set.
pub(crate) fn slots_in(words: [u32; WORDS]) -> impl Iterator<Item = usize> {
    words.into_iter().enumerate().flat_map(|(index, mut word)| {
        iter::from_fn(move || {
            let bit = word.trailing_zeros() as usize;
            word &= word.wrapping_sub(1); // the lowest bit goes
            (bit < 32).then_some(index * 32 + bit)
        })
    })
}
