//! One gate for several threads. Each thread has a *handle* of it, which has its own tickets, its
//! slots and a mailbox.
//!
//! Enters: calls on handles, from their threads, and the timer. Leaves: slots and tickets, as
//! results of these calls, and *messages* that tell a handle what others have done for it.
//!
//! A thread that settles a slot hands it to the next ticket by the lane policy, whichever handle
//! has that ticket. If it is the thread's own handle, the result of the call says so, as with a
//! plain [`Arbiter`](super::Arbiter). If it is another handle, that one gets a message, and its
//! owner is [woken](crate::pool::Wake).
//!
//! # Numbers
//!
//! The arbiter reuses a ticket's number as soon as the ticket is granted. That is before the
//! message about it is read. So every handle numbers its own tickets (`tickets.rs`). It reuses a
//! number only after the last message about it has been read, which is when the handle takes
//! messages again: what the first of several messages causes may be a new call while the last one
//! has not been looked at. Slots keep the arbiter's numbers, because a slot is held until its
//! holder settles it.
//!
//! # No lost wake-up
//!
//! Everything below happens under the one lock of the gate, except for the waking.
//!
//! 1. A thread that puts a message into an empty mailbox wakes its owner, after the lock is
//!    released.
//! 2. The owner takes all messages at once ([`GateHandle::take_messages`]), or one after another
//!    until there is none ([`GateHandle::take_message`]). The mailbox is empty then.
//! 3. So if a mailbox is not empty, a wake-up is under way that began after the mailbox was last
//!    emptied. The owner checks for messages after that wake-up, and takes them.
//!
//! A [`Wake`](crate::pool::Wake) must guarantee that a check follows every call of `wake`. Several
//! calls may share one check.
//!
//! # Order
//!
//! A handle learns about its tickets in the order of events. While its mailbox holds a message
//! about a ticket, everything that the result of a call would say about other tickets comes as a
//! message behind it: a slot for a new call, the ticket that got a settled slot, cleared tickets.
//! So the calls of one thread begin in the order in which they got their slots. Messages may be
//! taken one by one ([`GateHandle::take_message`]), because acting on one may affect those behind
//! it.
//!
//! # Slots taken back
//!
//! A ticket may be cancelled or cleared while the mailbox holds messages about slots for it. Such
//! units never begin: their slots are taken back, and the grants are not counted
//! ([`Arbiter::take_back`](super::Arbiter::take_back)). The slots are free then, and the next call
//! of [`GateHandle::next`] hands them out, not earlier. So nothing starts between two calls that
//! clear one lane each.
//!
//! # Dropping a handle
//!
//! A handle is dropped when its thread ends, or when its limit is not used any more. All of this is
//! one step. Its tickets leave the lanes. Messages that nobody will read are void. The slots that
//! it held, or was about to be told of, go to the next tickets. So do the slots that were free
//! because it had not called [`GateHandle::next`] yet. Nothing arrives for it later, because the
//! arbiter knows no ticket and no slot of it any more. A pause that it began stays, and waiting
//! handles are told that its owner is gone.
//!
//! # Files
//!
//! `gate.rs` and `handle.rs` are the API, and `state/` is the state behind the lock. `mailbox.rs`
//! has the messages and mailboxes, `ownership.rs` says which handle has which tickets and slots,
//! and `tickets.rs` numbers the tickets of one handle. `registry.rs` finds the gates of the process
//! by name, and `partial_options.rs` checks the options that are given with a name.
//! `tests/shared_models.rs` has loom models of hand-over, wake-up and the dropping of a handle.

pub use gate::SharedGate;
pub use handle::{Entered, GateHandle, Settled, TryEntered};
pub use mailbox::Message;
pub use partial_options::{NotOpened, PartialOptions};
pub use registry::Registry;

mod gate;
mod handle;
mod mailbox;
mod ownership;
mod partial_options;
mod registry;
mod state;
mod tickets;
