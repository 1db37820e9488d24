//! One gate for several threads, each with an *end* of its own: whose tickets a thread has queued, which slots it
//! holds, and the letters that tell it what others have done for it.
//!
//! A thread that settles a slot hands it to who is next by the lane policy, of whatever thread. For a ticket of its
//! own it is told so by the answer to the call, as with a plain [`Arbiter`](super::Arbiter); for another end's it
//! leaves a *letter* there, and [wakes](crate::pool::Wake) its owner.
//!
//! # Numbers
//!
//! The arbiter gives a ticket's number to somebody else as soon as it is granted, which is before a letter is read.
//! So every end numbers its tickets by itself (`tickets.rs`), and a number is free when the last letter about it has
//! been read: when its end takes the letters after it, since what comes of the first of several may be a new call
//! while the last is not looked at yet. Slots have the arbiter's numbers: they are held until their holder settles them.
//!
//! # No lost wake-up
//!
//! All below happens under the one lock of the gate, but for the waking.
//!
//! 1. Who leaves a letter at an end whose box is empty wakes its owner, after the lock is released.
//! 2. The owner takes all letters at once ([`End::letters`]), or one after the other until there is none
//!    ([`End::letter`]); the box is empty then.
//! 3. So at any moment a box that is not empty has a wake-up under way that began after it was last emptied, and
//!    the owner's look for letters follows it: a letter is taken.
//!
//! What [`Wake`](crate::pool::Wake) has to do for that: a call of `wake` is followed by a look, whenever it comes;
//! several may share one.
//!
//! # Order
//!
//! What an end is told of its tickets comes in the order in which it happened: while a letter about a ticket lies there,
//! what would else be told by the answer to a call (a slot for a newcomer, who is next in a settled slot, what was
//! cleared) comes as a letter behind it. So the calls of one thread begin in the order in which they got their slots.
//! Letters may be taken one by one ([`End::letter`]): what comes of one may concern those behind it.
//!
//! # Slots taken back
//!
//! What is cancelled or cleared while letters lie that tell of slots for it never begins: the slots are taken back, and
//! such a grant is not counted ([`Arbiter::take_back`](super::Arbiter::take_back)). They are free then, and go to who is
//! next by [`End::next`] and not sooner: who clears one lane after the other has nothing started in between.
//!
//! # The end of an end
//!
//! When an end is dropped (its thread has ended, or nobody can use its limit any more), in one step: its tickets leave
//! the lanes, letters that nobody will read are void, and the slots that it held or was about to be told of go to who
//! is next, as do those that were free because it had not come to call [`End::next`] yet. What comes for it later finds
//! no end: it names no ticket and no slot that the arbiter knows. A pause that it began stays, and who waits is told that
//! it is gone.
//!
//! # Files
//!
//! `gate.rs` is the state behind the lock and what passes between ends, `end.rs` the calls that an end can make,
//! `books.rs` whose tickets and slots are, `tickets.rs` an end's numbers, `registry.rs` the gates of the process by name. `tests/shared_models.rs` has loom
//! models of hand-over, wake-up and the end of an end.

pub use end::{End, Entered, Settled};
pub use gate::{Letter, SharedGate};
pub use registry::{Given, NotOpened, Registry};

mod books;
mod end;
mod gate;
mod registry;
mod tickets;
