//! The algorithm under a gate: slots, lanes and who gets the next slot.
//!
//! Pure state: it starts nothing, wakes nobody and takes no lock. [`Gate`](super::Gate) wraps it for
//! Rust tasks, the Node binding for JS calls.

use super::error::Error;
use super::lane::Lane;
use super::share::OfflineShare;
use super::stats::{Durations, LaneStats, LimitStats, Sample, Sampler};
use super::tickets::{State, Ticket, Tickets};
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

/// What [`Arbiter::enqueue`] did with a new ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It has its slot already.
    Granted(Ticket),
    /// It waits in its lane.
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

#[derive(Debug, Default)]
struct LaneState {
    active: u64,
    pending: u64,
    granted: u64,
    settled: u64,
    rejected: u64,
    wait: Durations,
    run: Durations,
}

/// The arbiter of one limit.
///
/// A caller enqueues a ticket, starts its work once the ticket is granted, and settles it when the
/// work has ended; settling names the ticket whose work is to start in the slot that came free.
///
/// ```
/// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome};
///
/// let mut arbiter = Arbiter::new(Options::new(1))?;
/// let Enqueued::Granted(first) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(batch) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
/// let Enqueued::Queued(request) = arbiter.enqueue(Lane::Online) else { unreachable!() };
///
/// assert_eq!(arbiter.settle(first, Outcome::Fulfilled), Some(request));
/// assert_eq!(arbiter.settle(request, Outcome::Fulfilled), Some(batch));
/// assert_eq!(arbiter.settle(batch, Outcome::Fulfilled), None);
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
#[derive(Debug)]
pub struct Arbiter<C = MonotonicClock> {
    clock: C,
    concurrency: u64,
    reserve: Option<u64>,
    share: OfflineShare,
    tickets: Tickets,
    lanes: [LaneState; 2],
    arrivals: Sampler,
    starts: Sampler,
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
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(given) = reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::Reserve { given, concurrency });
        }
        Ok(Self {
            clock,
            concurrency,
            reserve,
            share: OfflineShare::new(offline_share)?,
            tickets: Tickets::default(),
            lanes: Default::default(),
            arrivals: Sampler::default(),
            starts: Sampler::default(),
        })
    }

    /// Adds a call to the end of its lane; it has its slot at once where one is free for it.
    pub fn enqueue(&mut self, lane: Lane) -> Enqueued {
        let since = self.arrivals.event(&self.clock);
        let ticket = self.tickets.insert(lane, State::Queued, since);
        self.tickets.push(ticket);
        self.lanes[lane.index()].pending += 1;
        // Between a raise of the concurrency and the grants that follow it, slots are free while
        // others wait; a newcomer does not barge past those.
        if self.tickets.head(lane) == Some(ticket) && self.next_lane() == Some(lane) {
            self.grant(lane, None);
            return Enqueued::Granted(ticket);
        }
        Enqueued::Queued(ticket)
    }

    /// Adds `units` calls as one ticket, which keeps its place in the lane until its last unit is
    /// granted. Its units are granted by [`Arbiter::grant_next`] and [`Arbiter::settle`], each under
    /// a ticket of its own that [`Arbiter::batch_of`] leads back from.
    ///
    /// # Panics
    /// If `units` is 0.
    pub fn enqueue_batch(&mut self, lane: Lane, units: u32) -> Ticket {
        assert!(units > 0, "a batch has at least one unit");
        let since = self.arrivals.event(&self.clock);
        let batch = self.tickets.insert(lane, State::Batch { remaining: units }, since);
        self.tickets.push(batch);
        self.lanes[lane.index()].pending += u64::from(units);
        batch
    }

    /// The batch ticket that a running unit was granted from; none for a call's own ticket.
    pub fn batch_of(&self, unit: Ticket) -> Option<Ticket> {
        match self.tickets.get(unit)?.state {
            State::Running { batch } => batch,
            _ => None,
        }
    }

    /// Gives a free slot to who is next, if there is a slot and someone who may have it. Call it
    /// until it gives nothing after [`Arbiter::enqueue_batch`] and [`Arbiter::set_concurrency`];
    /// all else hands a slot over by itself.
    pub fn grant_next(&mut self) -> Option<Ticket> {
        let lane = self.next_lane()?;
        Some(self.grant(lane, None))
    }

    /// Ends a running unit and hands its slot to who is next, whose ticket is returned. Where that
    /// is a unit of the same batch, and only then, it goes on under the ticket that was settled.
    ///
    /// # Panics
    /// If the ticket is not running.
    pub fn settle(&mut self, ticket: Ticket, outcome: Outcome) -> Option<Ticket> {
        let Some(entry) = self.tickets.get(ticket) else { panic!("no ticket {ticket:?}") };
        let State::Running { .. } = entry.state else { panic!("{ticket:?} is not running") };
        let (lane, since) = (entry.lane, entry.since);
        let state = &mut self.lanes[lane.index()];
        if let Some(Sample { at, weight }) = since {
            state.run.record(self.clock.now().saturating_sub(at), weight);
        }
        state.active -= 1;
        state.settled += 1;
        state.rejected += u64::from(outcome == Outcome::Rejected);

        let next = self.next_lane().map(|lane| self.grant(lane, Some(ticket)));
        if next != Some(ticket) {
            self.tickets.remove(ticket);
        }
        next
    }

    /// Takes a waiting call out of its lane. Gives `false`, and does nothing, where the ticket does
    /// not wait (any more) or is a batch.
    pub fn cancel(&mut self, ticket: Ticket) -> bool {
        let Some(entry) = self.tickets.get(ticket) else { return false };
        let (State::Queued, lane) = (entry.state, entry.lane) else { return false };
        self.drop_waiting(ticket, lane, 1);
        true
    }

    /// Takes everything that waits out of a lane and gives its tickets in the lane's order: calls,
    /// and batches with the units they had left. What runs goes on.
    pub fn clear(&mut self, lane: Lane) -> Vec<Ticket> {
        let mut dropped = Vec::new();
        while let Some(ticket) = self.tickets.head(lane) {
            let units = match self.tickets.get(ticket).map(|entry| entry.state) {
                Some(State::Batch { remaining }) => remaining,
                _ => 1,
            };
            self.drop_waiting(ticket, lane, units);
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
        if concurrency == 0 {
            return Err(Error::Concurrency { given: concurrency });
        }
        if let Some(reserve) = self.reserve.filter(|&reserve| reserve >= concurrency) {
            return Err(Error::ConcurrencyWithinReserve { given: concurrency, reserve });
        }
        self.concurrency = concurrency;
        Ok(())
    }

    /// The number of slots; [`UNLIMITED`] is no limit.
    pub fn concurrency(&self) -> u64 {
        self.concurrency
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.reserve.unwrap_or(u64::from(self.concurrency > 1))
    }

    /// How many units of a lane hold a slot.
    pub fn active(&self, lane: Lane) -> u64 {
        self.lanes[lane.index()].active
    }

    /// How many units of a lane wait for a slot.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.lanes[lane.index()].pending
    }

    /// All numbers at once.
    pub fn stats(&self) -> LimitStats {
        let lane = |lane: Lane| {
            let state = &self.lanes[lane.index()];
            LaneStats {
                active: state.active,
                pending: state.pending,
                granted: state.granted,
                settled: state.settled,
                rejected: state.rejected,
                wait: state.wait.quantiles(),
                run: state.run.quantiles(),
            }
        };
        LimitStats {
            concurrency: self.concurrency,
            online: lane(Lane::Online),
            offline: lane(Lane::Offline),
        }
    }

    /// The lane policy: whose ticket gets the next slot, if there is a slot and one who may have it.
    fn next_lane(&self) -> Option<Lane> {
        let [online, offline] = &self.lanes;
        if online.active + offline.active >= self.concurrency {
            return None;
        }
        let offline_may_run =
            offline.pending > 0 && offline.active < self.concurrency - self.reserve();
        if online.pending > 0 && !(offline_may_run && self.share.is_due()) {
            return Some(Lane::Online);
        }
        offline_may_run.then_some(Lane::Offline)
    }

    /// Gives a slot to the head of a lane. A unit of the batch that `ended` was of takes over its
    /// ticket.
    fn grant(&mut self, lane: Lane, ended: Option<Ticket>) -> Ticket {
        let head = self.tickets.head(lane).expect("a lane with pending units has a head");
        let entry = self.tickets.get_mut(head).expect("the head of a lane is a ticket");
        let came = entry.since;
        let ticket = match &mut entry.state {
            State::Batch { remaining } => {
                *remaining -= 1;
                let was_last = *remaining == 0;
                let unit = match ended.filter(|&ended| self.batch_of(ended) == Some(head)) {
                    Some(ended) => ended,
                    None => self.tickets.insert(lane, State::Running { batch: Some(head) }, None),
                };
                if was_last {
                    self.tickets.unlink(head);
                    self.tickets.remove(head);
                }
                unit
            }
            state => {
                *state = State::Running { batch: None };
                self.tickets.unlink(head);
                head
            }
        };
        let state = &mut self.lanes[lane.index()];
        state.pending -= 1;
        state.active += 1;
        state.granted += 1;
        self.account_share(lane);
        self.time_start(ticket, lane, came);
        ticket
    }

    fn account_share(&mut self, granted: Lane) {
        let offline_waits = self.lanes[Lane::Offline.index()].pending > 0;
        match granted {
            Lane::Offline => self.share.offline_was_granted(),
            Lane::Online if offline_waits => self.share.online_was_granted_while_offline_waits(),
            Lane::Online => {}
        }
        if !offline_waits {
            self.share.offline_no_longer_waits();
        }
    }

    fn time_start(&mut self, ticket: Ticket, lane: Lane, came: Option<Sample>) {
        let start = self.starts.event(&self.clock);
        if let Some(Sample { at, weight }) = came {
            let now = start.map_or_else(|| self.clock.now(), |start| start.at);
            self.lanes[lane.index()].wait.record(now.saturating_sub(at), weight);
        }
        if let Some(entry) = self.tickets.get_mut(ticket) {
            entry.since = start;
        }
    }

    fn drop_waiting(&mut self, ticket: Ticket, lane: Lane, units: u32) {
        self.tickets.unlink(ticket);
        self.tickets.remove(ticket);
        let state = &mut self.lanes[lane.index()];
        state.pending -= u64::from(units);
        if lane == Lane::Offline && state.pending == 0 {
            self.share.offline_no_longer_waits();
        }
    }
}
