//! The algorithm under a gate: who gets the next slot.
//!
//! Pure state: it starts nothing, wakes nobody and takes no lock. [`Gate`](super::Gate) wraps it for
//! Rust tasks, the Node binding for JS calls.

use super::error::Error;
use super::lane::Lane;
use super::record::{Came, LaneRecord};
use super::share::OfflineShare;
use super::slots::{Running, Slot, Slots};
use super::stats::LimitStats;
use super::tickets::{Ticket, Tickets};
use crate::clock::{Clock, MonotonicClock};

/// As many slots as anyone may ask for: no limit.
pub const UNLIMITED: u64 = u64::MAX;

/// The part of the grants that waiting offline work gets unless it is told otherwise.
pub const DEFAULT_OFFLINE_SHARE: f64 = 1.0 / 16.0;

/// What a limit is made with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many units may run at once: 1 or more, [`UNLIMITED`] for any number.
    pub concurrency: u64,
    /// Slots that offline work never takes, below `concurrency`. By default 1 where `concurrency`
    /// is above 1, else 0, following every change of `concurrency`.
    pub reserve: Option<u64>,
    /// The part of all grants, from 0 to 1, that goes to offline at the least while it waits.
    /// 0 is strict priority for online. Default: [`DEFAULT_OFFLINE_SHARE`].
    pub offline_share: f64,
}

impl Options {
    /// The defaults for this many slots.
    pub fn new(concurrency: u64) -> Self {
        Self { concurrency, reserve: None, offline_share: DEFAULT_OFFLINE_SHARE }
    }

    /// Sets the slots that offline work never takes.
    pub fn reserve(mut self, reserve: u64) -> Self {
        self.reserve = Some(reserve);
        self
    }

    /// Sets the part of the grants that goes to offline at the least while it waits.
    pub fn offline_share(mut self, share: f64) -> Self {
        self.offline_share = share;
        self
    }
}

/// What [`Arbiter::enqueue`] did with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It runs now, in this slot.
    Granted(Slot),
    /// It waits in its lane under this ticket.
    Queued(Ticket),
}

/// How a unit of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave a result.
    Fulfilled,
    /// It failed; counted apart, and otherwise the same.
    Rejected,
}

/// The arbiter of one limit.
///
/// A caller enqueues its work, starts it once it has a slot, and settles the slot when the work has
/// ended; settling names the ticket whose work is to start in that slot now.
///
/// ```
/// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
///
/// let mut arbiter = Arbiter::new(Options::new(1))?;
/// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
///
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(request));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), Some(batch));
/// assert_eq!(arbiter.settle(slot, Outcome::Fulfilled), None);
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
#[derive(Debug)]
pub struct Arbiter<C = MonotonicClock> {
    clock: C,
    slots: Slots,
    tickets: Tickets,
    share: OfflineShare,
    records: [LaneRecord; 2],
}

impl Arbiter {
    /// An arbiter on the system's clock.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock> Arbiter<C> {
    /// An arbiter on a clock of the caller's.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let Options { concurrency, reserve, offline_share } = options;
        Ok(Self {
            clock,
            slots: Slots::new(concurrency, reserve)?,
            tickets: Tickets::default(),
            share: OfflineShare::new(offline_share)?,
            records: Default::default(),
        })
    }

    /// Adds a call to the end of its lane; it has its slot at once where one is free for it.
    ///
    /// # Panics
    /// If 2^31 tickets wait already.
    pub fn enqueue(&mut self, lane: Lane) -> Enqueued {
        if let Some(slot) = self.try_enqueue(lane) {
            return Enqueued::Granted(slot);
        }
        let came = self.records[lane.index()].call_came(&self.clock);
        Enqueued::Queued(self.tickets.push(lane, 1, came))
    }

    /// The slot that a call would have at once, or none; then nothing has changed.
    pub fn try_enqueue(&mut self, lane: Lane) -> Option<Slot> {
        if !self.may_start_at_once(lane) {
            return None;
        }
        self.share.granted(lane, self.pending(Lane::Offline) > 0);
        let started = self.records[lane.index()].call_came_and_started(&self.clock);
        Some(self.slots.take(Running { lane, started }))
    }

    /// Adds `units` calls as one ticket, which keeps its place in the lane until its last unit is
    /// granted; every grant of it, by [`Arbiter::grant_next`] and [`Arbiter::settle`], is one unit's.
    ///
    /// # Panics
    /// If `units` is 0, or 2^31 tickets wait already.
    pub fn enqueue_batch(&mut self, lane: Lane, units: u32) -> Ticket {
        assert!(units > 0, "a batch has at least one unit");
        self.tickets.push(lane, units, Came::Batch(self.clock.now()))
    }

    /// Gives a free slot to who is next, if there is a slot and someone who may have it. Call it
    /// until it gives nothing after [`Arbiter::enqueue_batch`] and [`Arbiter::set_concurrency`];
    /// all else hands a slot over by itself.
    pub fn grant_next(&mut self) -> Option<(Slot, Ticket)> {
        let (ticket, running) = self.start_head(self.next_lane()?);
        Some((self.slots.take(running), ticket))
    }

    /// Ends the unit that ran in a slot and hands the slot to who is next, whose ticket is returned.
    /// Where nobody is, the slot is free.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    pub fn settle(&mut self, slot: Slot, outcome: Outcome) -> Option<Ticket> {
        let Some(Running { lane, started }) = self.slots.end(slot) else {
            panic!("nothing runs in {slot:?}");
        };
        self.records[lane.index()].settled(started, outcome, &self.clock);

        let Some(lane) = self.next_lane() else {
            self.slots.free(slot);
            return None;
        };
        let (ticket, running) = self.start_head(lane);
        self.slots.hand_over(slot, running);
        Some(ticket)
    }

    /// Takes what still waits of a ticket out of its lane. Gives `false`, and does nothing, where
    /// it does not wait (any more).
    ///
    /// Numbers are reused: a ticket that was granted, cancelled or cleared may be another call's by
    /// now, so forget it when you are told.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let Some(lane) = self.tickets.lane_of(ticket) else {
            return false;
        };
        self.drop_waiting(lane, ticket);
        true
    }

    /// Takes everything that waits out of a lane and gives its tickets in the lane's order: calls,
    /// and batches with the units they had left. What runs goes on.
    pub fn clear(&mut self, lane: Lane) -> Vec<Ticket> {
        let mut dropped = Vec::new();
        while let Some(ticket) = self.tickets.head(lane) {
            self.drop_waiting(lane, ticket);
            dropped.push(ticket);
        }
        dropped
    }

    /// Changes the number of slots. A raise takes effect by [`Arbiter::grant_next`]; a lower number
    /// interrupts nothing and holds as running work ends.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was asked for.
    pub fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        self.slots.set_concurrency(concurrency)
    }

    /// The number of slots; [`UNLIMITED`] is no limit.
    pub fn concurrency(&self) -> u64 {
        self.slots.concurrency()
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.slots.reserve()
    }

    /// How many units of a lane hold a slot.
    pub fn active(&self, lane: Lane) -> u64 {
        self.slots.active(lane)
    }

    /// How many units of a lane wait for a slot.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.tickets.pending(lane)
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_idle(&self) -> bool {
        Lane::ALL.iter().all(|&lane| self.active(lane) + self.pending(lane) == 0)
    }

    /// All numbers at once.
    pub fn stats(&self) -> LimitStats {
        let of =
            |lane: Lane| self.records[lane.index()].stats(self.active(lane), self.pending(lane));
        LimitStats {
            concurrency: self.concurrency(),
            online: of(Lane::Online),
            offline: of(Lane::Offline),
        }
    }

    /// The lane whose head gets the next slot, if there is a slot and one who may have it.
    fn next_lane(&self) -> Option<Lane> {
        self.next_lane_if(self.pending(Lane::Online) > 0, self.pending(Lane::Offline) > 0)
    }

    /// The lane policy: who would be next if someone waited in these lanes.
    fn next_lane_if(&self, online_waits: bool, offline_waits: bool) -> Option<Lane> {
        let online = online_waits && self.slots.is_free_for(Lane::Online);
        let offline = offline_waits && self.slots.is_free_for(Lane::Offline);
        match (online, offline) {
            (true, true) if self.share.is_due() => Some(Lane::Offline),
            (true, _) => Some(Lane::Online),
            (false, true) => Some(Lane::Offline),
            (false, false) => None,
        }
    }

    /// Whether a newcomer to a lane is next. Between a raise of the concurrency and the grants that
    /// follow it slots are free while others wait, and a newcomer does not barge past those.
    fn may_start_at_once(&self, lane: Lane) -> bool {
        let waits = |other| lane == other || self.pending(other) > 0;
        self.pending(lane) == 0
            && self.next_lane_if(waits(Lane::Online), waits(Lane::Offline)) == Some(lane)
    }

    /// Starts one unit of the head of a lane.
    fn start_head(&mut self, lane: Lane) -> (Ticket, Running) {
        let (ticket, came) = self.tickets.take_unit(lane);
        self.share.granted(lane, self.pending(Lane::Offline) > 0);
        let started = self.records[lane.index()].started(came, &self.clock);
        (ticket, Running { lane, started })
    }

    fn drop_waiting(&mut self, lane: Lane, ticket: Ticket) {
        self.tickets.remove(ticket);
        if lane == Lane::Offline && self.pending(lane) == 0 {
            self.share.offline_no_longer_waits();
        }
    }
}
