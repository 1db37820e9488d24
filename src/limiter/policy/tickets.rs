//! The tickets that wait at one limit: a slab of tickets, linked to a FIFO for each lane and
//! priority; in a fair limit also for each flow (`flows.rs`).

use slab::Slab;

use super::flows::Flows;
use super::queue::{Entry, Queue};
use crate::limiter::stats::Arrival;
use crate::limiter::types::{Lane, Request, Ticket, give_spare_back, number_of};

/// The first ticket of a lane, with the properties that are needed all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) ticket: Ticket,
    /// Newcomers of a higher priority are before it.
    pub(crate) priority: i32,
    /// How many slots each of its units asks for.
    pub(crate) weight: u32,
}

/// The tickets of one lane.
#[derive(Debug, Default)]
struct Line {
    head: Option<Head>,
    /// Empty in a fair limit.
    queue: Queue,
    /// The units of all tickets in this lane.
    units: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Tickets {
    entries: Slab<Entry>,
    lines: [Line; 2],
    /// None unless the limit is fair.
    flows: Option<Box<Flows>>,
}

impl Tickets {
    /// Shares the turns of each lane between the flows, from now on. Tickets that wait already
    /// belong to no flow, and are one together.
    pub(crate) fn make_fair(&mut self, scales: Vec<u64>) {
        let mut flows = Flows::new(scales);
        for lane in Lane::ALL {
            let line = &mut self.lines[lane.index()];
            for ticket in std::mem::take(&mut line.queue).in_order(&self.entries) {
                flows.adopted(ticket, self.entries[ticket.key()].weight);
                flows.link(&mut self.entries, ticket);
            }
        }
        self.flows = Some(Box::new(flows));
        for lane in Lane::ALL {
            self.put_first(lane, None);
        }
    }

    /// Sets by how much the costs of tickets count that come from now on.
    pub(crate) fn set_scales(&mut self, scales: Vec<u64>) {
        if let Some(flows) = &mut self.flows {
            flows.scales = scales;
        }
    }

    pub(crate) fn is_fair(&self) -> bool {
        self.flows.is_some()
    }

    /// How many units wait in a lane.
    pub(crate) fn pending(&self, lane: Lane) -> u64 {
        self.lines[lane.index()].units
    }

    /// The first ticket of a lane; none if the lane is empty.
    pub(crate) fn head(&self, lane: Lane) -> Option<Head> {
        self.lines[lane.index()].head
    }

    /// The lane in which a ticket waits, if it waits.
    pub(crate) fn lane_of(&self, ticket: Ticket) -> Option<Lane> {
        self.entries.get(ticket.key()).map(|entry| entry.lane)
    }

    /// How many units wait under a ticket.
    pub(crate) fn units(&self, ticket: Ticket) -> u64 {
        self.entries.get(ticket.key()).map_or(0, |entry| u64::from(entry.units))
    }

    /// The tickets of a lane, in the order in which they start.
    pub(crate) fn in_order(&self, lane: Lane) -> Vec<Ticket> {
        match &self.flows {
            Some(flows) => flows.in_order(&self.entries, lane),
            None => self.lines[lane.index()].queue.in_order(&self.entries),
        }
    }

    /// When a ticket arrived, if it waits.
    pub(crate) fn arrival(&self, ticket: Ticket) -> Option<Arrival> {
        self.entries.get(ticket.key()).map(|entry| entry.arrival)
    }

    /// The tickets of a lane, beginning with the one that starts last by its place.
    pub(crate) fn in_reverse(&self, lane: Lane) -> Box<dyn Iterator<Item = Ticket> + '_> {
        match &self.flows {
            Some(flows) => Box::new(flows.in_order(&self.entries, lane).into_iter().rev()),
            None => Box::new(self.lines[lane.index()].queue.in_reverse(&self.entries)),
        }
    }

    /// Whether a newcomer has its place behind a ticket: in a fair limit, if both are of one flow.
    pub(crate) fn is_before(&self, ticket: Ticket, newcomer: &Request) -> bool {
        let rivals = self.flows.as_ref().is_none_or(|flows| flows.is_of(ticket, newcomer.flow));
        let entry = self.entries.get(ticket.key());
        rivals && entry.is_some_and(|entry| entry.priority >= newcomer.priority)
    }

    /// The lane and priority of a ticket, and how many slots each of its units asks for. None if it
    /// does not wait.
    pub(crate) fn asked_by(&self, ticket: Ticket) -> Option<(Lane, i32, u32)> {
        let entry = self.entries.get(ticket.key())?;
        Some((entry.lane, entry.priority, entry.weight))
    }

    /// Sets the ticket that is first in a lane whatever its place is, and how many slots it asks
    /// for now. None: the ticket that is first by its place.
    pub(crate) fn put_first(&mut self, lane: Lane, first: Option<(Ticket, u32)>) {
        if let Some(flows) = &mut self.flows {
            flows.is_lent[lane.index()] = first.is_some();
        }
        self.lines[lane.index()].head = match first {
            // No newcomer is before it.
            Some((ticket, weight)) => Some(Head { ticket, priority: i32::MAX, weight }),
            None => self.first_by_place(lane),
        };
    }

    fn first_by_place(&self, lane: Lane) -> Option<Head> {
        let (ticket, highest) = match &self.flows {
            // Between flows a priority does not count, so no newcomer is before it.
            Some(flows) => (flows.first(lane), Some(i32::MAX)),
            None => (self.lines[lane.index()].queue.first(), None),
        };
        let Entry { priority, weight, .. } = self.entries[ticket?.key()];
        Some(Head { ticket: ticket?, priority: highest.unwrap_or(priority), weight })
    }

    /// Adds a ticket behind the tickets of its lane and priority.
    #[inline(always)]
    pub(crate) fn push(&mut self, request: Request, units: u32, arrival: Arrival) -> Ticket {
        let Request { lane, priority, weight, .. } = request;
        let entry = Entry { lane, priority, weight, units, arrival, before: None, behind: None };
        let ticket = Ticket::from_number(number_of(self.entries.insert(entry)));
        if let Some(flows) = &mut self.flows {
            flows.arrived(ticket, &request);
        }
        self.link(ticket);
        ticket
    }

    /// Takes one unit off the head of a lane. The last value says whether the ticket has left with
    /// its last unit.
    ///
    /// # Panics
    /// If the lane is empty.
    #[inline(always)]
    pub(crate) fn take_unit(&mut self, lane: Lane) -> (Head, Arrival, bool) {
        let line = &mut self.lines[lane.index()];
        let head = line.head.expect("a lane with pending units has a head");
        if let Some(flows) = &mut self.flows {
            flows.starts(lane, head.ticket);
        }
        let entry = &mut self.entries[head.ticket.key()];
        let arrival = entry.arrival;
        let leaves = entry.units == 1;
        if leaves {
            self.remove(head.ticket);
        } else {
            entry.units -= 1;
            line.units -= 1;
            if self.flows.is_some() {
                self.stays(lane, head.ticket);
            }
        }
        (head, arrival, leaves)
    }

    /// Other units of a ticket of a flow still wait, maybe behind those of other flows.
    #[cold]
    fn stays(&mut self, lane: Lane, ticket: Ticket) {
        if let Some(flows) = &mut self.flows {
            flows.stays(lane, ticket);
        }
        self.put_first(lane, None);
    }

    /// Whether a ticket waits in a lane as the last one of priority 0.
    pub(crate) fn is_last(&self, ticket: Ticket, lane: Lane) -> bool {
        let Some(entry) = self.entries.get(ticket.key()) else { return false };
        entry.lane == lane && entry.priority == 0 && self.lines[lane.index()].queue.is_last(ticket)
    }

    /// Adds units to a ticket, and takes others off. At least one stays.
    ///
    /// # Panics
    /// If the ticket does not wait, or if none or 2^32 units would be left.
    pub(crate) fn change_units(&mut self, ticket: Ticket, added: u64, taken: u64) {
        let entry = &mut self.entries[ticket.key()];
        let units = (u64::from(entry.units) + added).checked_sub(taken).filter(|&units| units > 0);
        entry.units = units.and_then(|units| u32::try_from(units).ok()).expect("units stay");
        let line = &mut self.lines[entry.lane.index()];
        line.units = line.units + added - taken;
    }

    /// Moves a ticket to another lane or priority, behind the tickets that are there.
    ///
    /// # Panics
    /// If the ticket does not wait.
    pub(crate) fn move_to(&mut self, ticket: Ticket, lane: Lane, priority: i32) {
        let own = self.entries[ticket.key()].lane;
        if let Some(flows) = self.flows.as_mut().filter(|_| lane == own) {
            flows.reorder(&mut self.entries, ticket, priority);
            return self.flows_changed(lane);
        }
        let member = self.flows.as_ref().map(|flows| flows.member(ticket));
        self.unlink(ticket);
        let entry = &mut self.entries[ticket.key()];
        (entry.lane, entry.priority) = (lane, priority);
        if let Some((flows, member)) = self.flows.as_mut().zip(member) {
            flows.put(ticket, member);
        }
        self.link(ticket);
    }

    /// Takes a ticket out of its lane, at any place in it.
    ///
    /// # Panics
    /// If the ticket does not wait.
    #[inline(always)]
    pub(crate) fn remove(&mut self, ticket: Ticket) {
        self.unlink(ticket);
        self.entries.remove(ticket.key());
        give_spare_back(&mut self.entries);
    }

    #[inline(always)]
    fn link(&mut self, ticket: Ticket) {
        let Entry { lane, priority, weight, units, .. } = self.entries[ticket.key()];
        let line = &mut self.lines[lane.index()];
        line.units += u64::from(units);
        if self.flows.is_some() {
            return self.link_to_flow(lane, ticket);
        }
        if line.head.is_none_or(|head| priority > head.priority) {
            line.head = Some(Head { ticket, priority, weight });
        }
        line.queue.push(&mut self.entries, ticket);
    }

    #[inline(always)]
    fn unlink(&mut self, ticket: Ticket) {
        let Entry { lane, units, before, behind, .. } = self.entries[ticket.key()];
        let line = &mut self.lines[lane.index()];
        line.units -= u64::from(units);
        if self.flows.is_some() {
            return self.unlink_from_flow(lane, ticket);
        }
        line.queue.remove(&mut self.entries, ticket);
        if before.is_none() && line.head.is_some_and(|head| head.ticket == ticket) {
            line.head = behind.or_else(|| line.queue.first()).map(|ticket| {
                let Entry { priority, weight, .. } = self.entries[ticket.key()];
                Head { ticket, priority, weight }
            });
        }
    }

    #[cold]
    fn link_to_flow(&mut self, lane: Lane, ticket: Ticket) {
        if let Some(flows) = &mut self.flows {
            flows.link(&mut self.entries, ticket);
            self.flows_changed(lane);
        }
    }

    /// Another flow may be next in a lane now.
    fn flows_changed(&mut self, lane: Lane) {
        if !self.flows.as_ref().is_some_and(|flows| flows.is_lent[lane.index()]) {
            self.put_first(lane, None);
        }
    }

    #[cold]
    fn unlink_from_flow(&mut self, lane: Lane, ticket: Ticket) {
        let Some(flows) = &mut self.flows else { return };
        flows.unlink(&mut self.entries, ticket);
        if self.head(lane).is_some_and(|head| head.ticket == ticket) {
            self.put_first(lane, None);
        } else {
            self.flows_changed(lane);
        }
    }
}
