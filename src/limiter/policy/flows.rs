//! The tickets of a fair limit, by the flow that they belong to. Which flow is next is up to
//! `round_robin.rs`; inside a flow, tickets start by priority, then by arrival.

use std::collections::BTreeMap;

use slab::Slab;

use super::queue::{Entry, Queue};
use super::round_robin::RoundRobin;
use crate::limiter::types::{Flow, Lane, Request, SPARE, Ticket};

/// The tickets of all flows.
#[derive(Debug)]
pub(super) struct Flows {
    lanes: [FlowLane; 2],
    /// By ticket number; valid for tickets that wait. It is not kept with the tickets, because it
    /// would make the tickets of all limits larger.
    members: Vec<Member>,
    /// By quota: the size of a cost of 1. Empty if the limit has no rate.
    pub(super) scales: Vec<u64>,
    /// By lane: whether its head is there because it is offered the slots of another unit.
    pub(super) is_lent: [bool; 2],
}

/// The flows of which tickets wait in one lane.
#[derive(Debug, Default)]
struct FlowLane {
    robin: RoundRobin<FlowQueue>,
    /// By the number of a flow.
    keys: BTreeMap<u64, usize>,
}

#[derive(Debug)]
struct FlowQueue {
    number: u64,
    queue: Queue,
}

/// What is known of a ticket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    flow: Flow,
    /// The key of the flow in its lane.
    key: usize,
    /// Of each unit.
    size: u64,
}

/// Tickets that wait elsewhere: of no flow.
const NO_MEMBER: Member = Member { flow: Flow::NONE, key: usize::MAX, size: Flow::ONE };

impl Flows {
    pub(super) fn new(scales: Vec<u64>) -> Self {
        Self { lanes: Default::default(), members: Vec::new(), scales, is_lent: [false; 2] }
    }

    /// The size of a unit: its weight or its cost, whichever is larger. What takes nothing of the
    /// rate still takes its slots. Of several quotas, the one counts that it takes the greatest part
    /// of, by their [scales](super::rated::Rated::scales): its dominant resource, as in A. Ghodsi et
    /// al., "Dominant Resource Fairness", NSDI 2011. Without a rate the cost does not count.
    fn size_of(&self, request: &Request) -> u64 {
        let of_quota = |(place, &scale)| u64::from(request.cost_of(place)).saturating_mul(scale);
        let costs = self.scales.iter().enumerate().map(of_quota);
        costs.max().unwrap_or(0).max(u64::from(request.weight) * Flow::ONE)
    }

    /// A ticket has come. [`Flows::link`] must follow.
    pub(super) fn arrived(&mut self, ticket: Ticket, request: &Request) {
        let member = Member { flow: request.flow, key: usize::MAX, size: self.size_of(request) };
        self.put(ticket, member);
    }

    /// The same for a ticket that has waited before the limit was made fair.
    pub(super) fn adopted(&mut self, ticket: Ticket, weight: u32) {
        let size = u64::from(weight) * Flow::ONE;
        self.put(ticket, Member { size, ..NO_MEMBER });
    }

    /// What is known of a ticket that waits, for [`Flows::put`] before it is linked again.
    pub(super) fn member(&self, ticket: Ticket) -> Member {
        self.members[ticket.key()]
    }

    /// Whether a ticket that waits belongs to a flow.
    pub(super) fn is_of(&self, ticket: Ticket, flow: Flow) -> bool {
        self.member(ticket).flow.number() == flow.number()
    }

    pub(super) fn put(&mut self, ticket: Ticket, member: Member) {
        if ticket.key() >= self.members.len() {
            self.members.resize(ticket.key() + 1, NO_MEMBER);
        }
        self.members[ticket.key()] = member;
    }

    /// The ticket that is first in a lane.
    pub(super) fn first(&self, lane: Lane) -> Option<Ticket> {
        let robin = &self.lanes[lane.index()].robin;
        robin.first().and_then(|key| robin.kept(key).queue.first())
    }

    /// Adds a ticket to its flow.
    pub(super) fn link(&mut self, entries: &mut Slab<Entry>, ticket: Ticket) {
        let FlowLane { robin, keys } = &mut self.lanes[entries[ticket.key()].lane.index()];
        let Member { flow, size, .. } = self.members[ticket.key()];
        let (number, quantum) = (flow.number(), flow.quantum());
        let key = match keys.get(&number) {
            Some(&key) => key,
            None => {
                let key = robin.enter(quantum, size, FlowQueue { number, queue: Queue::default() });
                keys.insert(number, key);
                key
            }
        };
        self.members[ticket.key()].key = key;
        let queue = &mut robin.kept_mut(key).queue;
        let before = queue.first();
        queue.push(entries, ticket);
        let first = queue.first().expect("it is there");
        let size = self.members[first.key()].size;
        if Some(first) != before {
            robin.requeue(key, size);
        }
        robin.set_quantum(key, quantum, size);
    }

    /// Takes a ticket out of its flow.
    pub(super) fn unlink(&mut self, entries: &mut Slab<Entry>, ticket: Ticket) {
        let FlowLane { robin, keys } = &mut self.lanes[entries[ticket.key()].lane.index()];
        let Member { key, .. } = self.members[ticket.key()];
        let FlowQueue { number, queue } = robin.kept_mut(key);
        queue.remove(entries, ticket);
        match queue.first() {
            Some(first) => robin.requeue(key, self.members[first.key()].size),
            None => {
                keys.remove(number);
                robin.leave(key);
            }
        }
        if self.members.len() > SPARE && self.lanes.iter().all(|lane| lane.keys.is_empty()) {
            self.members = Vec::new();
        }
    }

    /// Moves a ticket behind those of a priority in its flow, which keeps its place.
    pub(super) fn reorder(&mut self, entries: &mut Slab<Entry>, ticket: Ticket, priority: i32) {
        let Member { key, .. } = self.members[ticket.key()];
        let robin = &mut self.lanes[entries[ticket.key()].lane.index()].robin;
        let queue = &mut robin.kept_mut(key).queue;
        queue.remove(entries, ticket);
        entries[ticket.key()].priority = priority;
        queue.push(entries, ticket);
        let first = queue.first().expect("it is there");
        robin.requeue(key, self.members[first.key()].size);
    }

    /// A unit of the head of a lane starts. [`Flows::unlink`] or [`Flows::stays`] must follow.
    ///
    /// What is lent to a unit is taken from nobody, so it does not count against the unit's flow.
    /// Its cost is taken from the rate, and counts.
    pub(super) fn starts(&mut self, lane: Lane, ticket: Ticket) {
        let Member { key, size, .. } = self.members[ticket.key()];
        let robin = &mut self.lanes[lane.index()].robin;
        if !self.is_lent[lane.index()] {
            robin.start(key, size);
        } else if !self.scales.is_empty() {
            robin.take(key, size);
        }
    }

    /// Other units of a ticket still wait.
    pub(super) fn stays(&mut self, lane: Lane, ticket: Ticket) {
        let Member { key, .. } = self.members[ticket.key()];
        let robin = &mut self.lanes[lane.index()].robin;
        let first = robin.kept(key).queue.first().expect("a ticket waits");
        robin.requeue(key, self.members[first.key()].size);
    }

    /// The tickets of a lane, in the order in which their first units start if nothing else comes.
    pub(super) fn in_order(&self, entries: &Slab<Entry>, lane: Lane) -> Vec<Ticket> {
        // Those of a flow in reverse, each with the units that it still has.
        let mut robin = self.lanes[lane.index()].robin.map(|FlowQueue { queue, .. }| {
            let tickets = queue.in_order(entries).into_iter().rev();
            tickets.map(|ticket| (ticket, entries[ticket.key()].units)).collect::<Vec<_>>()
        });
        let mut order = Vec::new();
        while let Some(key) = robin.first() {
            let &(ticket, units) = robin.kept(key).last().expect("no flow is empty");
            if units == entries[ticket.key()].units {
                order.push(ticket);
            }
            robin.start(key, self.members[ticket.key()].size);
            let left = robin.kept_mut(key);
            if units > 1 && left.len() > 1 {
                left.last_mut().expect("it is there").1 -= 1;
            } else {
                left.pop(); // the units that are left of a last ticket are before nothing
            }
            match left.last() {
                Some(&(next, _)) => robin.requeue(key, self.members[next.key()].size),
                None => drop(robin.leave(key)),
            }
        }
        order
    }
}
