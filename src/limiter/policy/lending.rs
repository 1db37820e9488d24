//! Slots that running units lend to the calls that they make and wait for.
//!
//! A unit that waits for its inner calls does not work, but it must find its slots when it goes on.
//! So it keeps them, and lends them to one of its inner calls at a time: for as long as that call
//! runs, the lender does not count as working. The other inner calls queue as all calls do, and get
//! free slots in their turn.
//!
//! Nobody outside of a unit can see when it waits. Its slots can be lent from the moment at which
//! it has an inner call that has not ended, until it ends itself. Code that it runs beside an inner
//! call is not counted.
//!
//! # No deadlock
//!
//! Say that no running unit works: each has an inner call that has not ended. Follow them inwards,
//! from a unit to an inner call of it that runs. As long as no call waits for itself, this ends at
//! a unit of which no inner call runs. It lends its slots to nobody, and one of its inner calls
//! waits: that one [is offered](Lending::offer) these slots.
//!
//! This also holds if a call is waited for by several units, which the limiter knows if they
//! [join](Lending::join) it.
//!
//! # Heavy calls
//!
//! An inner call that asks for more slots than are lent to it takes the others from the free ones.
//! If they are missing and nothing works, it runs all the same. More slots are held then than there
//! are, and until they are given back inner calls run one at a time. So what works still has no
//! more slots than there are, with one exception: two units that go on at the same time, because
//! the call that both had joined ended, or because an inner call of one was cancelled.
//!
//! # Elsewhere
//!
//! In GNU make's jobserver a make that waits for its children passes its own job slot on to one of
//! them, and asks the jobserver for the others. Gradle's workers give their lease up while they
//! block. Java's `ForkJoinPool` starts another thread in place of one that waits (`managedBlock`):
//! there more threads may run than are wanted, when those that waited go on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::slots::Slots;
use crate::limiter::types::{Lane, Slot, Ticket};

/// The order in which a lender's inner calls get its slots: lane, priority, arrival.
type Key = (usize, Reverse<i32>, u64);

#[derive(Debug, Default)]
pub(crate) struct Lending {
    /// The running units that have made or joined calls.
    lenders: BTreeMap<Slot, Lender>,
    /// The inner calls that wait.
    waiting: BTreeMap<Ticket, Waiting>,
    /// By the slot number of an inner unit that runs: the units that wait for it.
    outers: BTreeMap<Slot, Vec<Slot>>,
    /// The units that run in lent slots.
    borrowers: BTreeMap<Slot, Borrower>,
    /// The lenders that lend nothing and have an inner call that waits.
    ready: BTreeSet<(Key, Slot)>,
    /// How many lenders have an inner call that has not ended.
    idle: u64,
    arrivals: u64,
}

#[derive(Debug)]
struct Lender {
    /// How many slots it works with.
    weight: u32,
    queue: BTreeMap<Key, Ticket>,
    running: BTreeSet<Slot>,
    lent_to: Option<Slot>,
}

impl Lender {
    fn is_idle(&self) -> bool {
        !(self.queue.is_empty() && self.running.is_empty())
    }

    /// The first inner call that waits, if the slots can be lent.
    fn offers(&self) -> Option<Key> {
        if self.lent_to.is_some() {
            return None;
        }
        self.queue.first_key_value().map(|(&key, _)| key)
    }
}

#[derive(Debug)]
struct Waiting {
    key: Key,
    weight: u32,
    outers: Vec<Slot>,
}

#[derive(Debug)]
struct Borrower {
    lender: Slot,
    /// How many slots it works with. The lender has some of them, or all.
    weight: u32,
}

/// Slots that are lent to the first of a lane's inner calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) ticket: Ticket,
    pub(crate) lender: Slot,
    /// How many slots a unit of the ticket works with.
    pub(crate) weight: u32,
    /// How many slots are missing.
    pub(crate) extra: u32,
}

impl Lending {
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        !self.lenders.is_empty()
    }

    /// Whether no unit works, if so many run: each waits for inner calls.
    pub(crate) fn all_wait(&self, active: u64) -> bool {
        self.idle == active
    }

    /// Whether a unit has made or joined calls.
    pub(crate) fn has_lent(&self, slot: Slot) -> bool {
        self.lenders.contains_key(&slot)
    }

    /// Whether the unit in a slot lends slots, borrows some, or is waited for by one that lends.
    pub(crate) fn has(&self, slot: Slot) -> bool {
        self.lenders.contains_key(&slot)
            || self.borrowers.contains_key(&slot)
            || self.outers.contains_key(&slot)
    }

    /// Whether a new inner call of a unit is the first to get its slots.
    pub(crate) fn may_lend(&self, slot: Slot) -> bool {
        let is_free = |lender: &Lender| lender.lent_to.is_none() && lender.queue.is_empty();
        self.ready.is_empty() && self.lenders.get(&slot).is_none_or(is_free)
    }

    /// How many slots the unit in a slot works with.
    pub(crate) fn weight_of(&self, slot: Slot, slots: &Slots) -> u32 {
        let own = || slots.running(slot).expect("an outer call runs").weight;
        self.borrowers.get(&slot).map_or_else(own, |borrower| borrower.weight)
    }

    /// The next inner call of a lane that can have its outer call's slots.
    pub(crate) fn offer(&self, lane: Lane, slots: &Slots) -> Option<Offer> {
        let start = |lane| ((lane, Reverse(i32::MAX), 0), Slot::from_number(0));
        let range = start(lane.index())..start(lane.index() + 1);
        let &(key, lender) = self.ready.range(range).next()?;
        let Lender { weight: lent, queue, .. } = &self.lenders[&lender];
        let ticket = queue[&key];
        let weight = slots.need(lane, self.waiting[&ticket].weight);
        Some(Offer { ticket, lender, weight, extra: weight.saturating_sub(*lent) })
    }

    fn lender(&mut self, slot: Slot, slots: &Slots) {
        let weight = self.weight_of(slot, slots);
        self.lenders.entry(slot).or_insert_with(|| Lender {
            weight,
            queue: BTreeMap::new(),
            running: BTreeSet::new(),
            lent_to: None,
        });
    }

    fn change(&mut self, slot: Slot, change: impl FnOnce(&mut Lender)) {
        let Some(lender) = self.lenders.get_mut(&slot) else { return };
        let (was_idle, offered) = (lender.is_idle(), lender.offers());
        change(lender);
        let (is_idle, offers) = (lender.is_idle(), lender.offers());
        self.idle = self.idle + u64::from(is_idle) - u64::from(was_idle);
        if offered != offers {
            if let Some(key) = offered {
                self.ready.remove(&(key, slot));
            }
            if let Some(key) = offers {
                self.ready.insert((key, slot));
            }
        }
    }

    /// The unit in slot `outer` waits for a ticket.
    pub(crate) fn join(
        &mut self,
        outer: Slot,
        ticket: Ticket,
        (lane, priority, weight): (Lane, i32, u32),
        slots: &Slots,
    ) {
        self.lender(outer, slots);
        self.arrivals += 1;
        let key = (lane.index(), Reverse(priority), self.arrivals);
        let waiting =
            self.waiting.entry(ticket).or_insert(Waiting { key, weight, outers: Vec::new() });
        let key = waiting.key;
        if !waiting.outers.contains(&outer) {
            waiting.outers.push(outer);
            self.change(outer, |lender| {
                lender.queue.insert(key, ticket);
            });
        }
    }

    /// The unit in slot `outer` waits for the unit that runs in `slot`.
    pub(crate) fn join_running(&mut self, outer: Slot, slot: Slot, slots: &Slots) {
        self.lender(outer, slots);
        let outers = self.outers.entry(slot).or_default();
        if !outers.contains(&outer) {
            outers.push(outer);
            self.change(outer, |lender| {
                lender.running.insert(slot);
            });
        }
    }

    /// A unit runs in the slots of `lender`, working with so many.
    pub(crate) fn borrow(&mut self, slot: Slot, lender: Slot, weight: u32) {
        self.borrowers.insert(slot, Borrower { lender, weight });
        self.change(lender, |lender| lender.lent_to = Some(slot));
    }

    /// A unit of a ticket has started in a slot.
    pub(crate) fn started(&mut self, ticket: Ticket, slot: Slot, still_waits: bool, slots: &Slots) {
        let Some(waiting) = self.waiting.get(&ticket) else { return };
        let outers = waiting.outers.clone();
        if !still_waits {
            self.left(ticket);
        }
        for outer in outers {
            self.join_running(outer, slot, slots);
        }
    }

    /// A ticket has left its lane.
    pub(crate) fn left(&mut self, ticket: Ticket) {
        if let Some(Waiting { key, outers, .. }) = self.waiting.remove(&ticket) {
            for outer in outers {
                self.change(outer, |lender| {
                    lender.queue.remove(&key);
                });
            }
        }
    }

    /// A ticket has moved to another place.
    pub(crate) fn moved(&mut self, ticket: Ticket, place: (Lane, i32, u32), slots: &Slots) {
        if let Some(Waiting { outers, .. }) = self.waiting.get(&ticket) {
            let outers = outers.clone();
            self.left(ticket);
            for outer in outers {
                self.join(outer, ticket, place, slots);
            }
        }
    }

    /// The unit in a slot has ended, and no longer holds slots. An inner call that runs in its
    /// slots takes its place.
    pub(crate) fn ended(&mut self, slot: Slot, slots: &mut Slots) {
        for outer in self.outers.remove(&slot).unwrap_or_default() {
            self.change(outer, |lender| {
                lender.running.remove(&slot);
            });
        }
        let lent_to = self.retire(slot);
        let borrowed_from = self.borrowers.remove(&slot).map(|borrower| borrower.lender);
        if let Some(heir) = lent_to {
            let weight = self.borrowers[&heir].weight;
            let lent = match borrowed_from {
                Some(lender) => {
                    self.borrowers.insert(heir, Borrower { lender, weight });
                    self.lenders[&lender].weight
                }
                None => {
                    self.borrowers.remove(&heir);
                    0
                }
            };
            slots.hold(heir, weight.saturating_sub(lent));
        }
        if let Some(lender) = borrowed_from {
            self.change(lender, |lender| lender.lent_to = lent_to);
        }
    }

    /// Removes a lender that has ended. Returns the unit that its slots are lent to.
    fn retire(&mut self, slot: Slot) -> Option<Slot> {
        let Lender { queue, running, .. } = self.lenders.get(&slot)?;
        let (tickets, running): (Vec<_>, Vec<_>) =
            (queue.values().copied().collect(), running.iter().copied().collect());
        for ticket in tickets {
            if let Some(waiting) = self.waiting.get_mut(&ticket) {
                waiting.outers.retain(|&outer| outer != slot);
                if waiting.outers.is_empty() {
                    self.waiting.remove(&ticket);
                }
            }
        }
        for inner in running {
            if let Some(outers) = self.outers.get_mut(&inner) {
                outers.retain(|&outer| outer != slot);
                if outers.is_empty() {
                    self.outers.remove(&inner);
                }
            }
        }
        self.change(slot, |lender| {
            lender.queue.clear();
            lender.running.clear();
        });
        self.lenders.remove(&slot)?.lent_to
    }
}
