//! When units may start, apart from turns and free slots: pauses, the rate, and the attempts that
//! wait for these.

use std::time::Duration;

use super::attempts::Attempts;
use super::tickets::Head;
use super::token_bucket::TokenBucket;
use crate::limiter::stats::{Buckets, Durations, Quantiles, RateStats};
use crate::limiter::types::{Error, Lane, Rate, SPARE, Slot, Ticket};

#[derive(Debug)]
pub(super) struct Pacing {
    /// Whether there is no pause, no rate, and no attempt that waits. Most limits check only this.
    free: bool,
    held: bool,
    /// When the last pause for a time ends, by lane; 0 without one. A pause that is over stays here
    /// until [`expire_pauses`](Pacing::expire_pauses) removes it.
    until: [u64; 2],
    rated: Option<Box<Rated>>,
    /// None if no attempt waits.
    attempts: Option<Box<Attempts>>,
}

/// A rate, and how long units have waited for it.
#[derive(Debug)]
struct Rated {
    bucket: TokenBucket,
    head_waits: [HeadWait; 2],
    waits: [Durations; 2],
    /// By ticket number; valid for tickets that wait. It is not kept with the tickets, because it
    /// would make the tickets of all limits larger.
    costs: Vec<u32>,
    /// By slot number: what an attempt of the unit there costs. Valid for slots that are held.
    attempt_costs: Vec<u32>,
}

/// How long the head of a lane has waited for the rate alone.
#[derive(Clone, Copy, Debug, Default)]
struct HeadWait {
    ticket: Option<Ticket>,
    waited: u64,
    /// Since when it waits for the rate alone, if it does now.
    since: Option<u64>,
}

impl HeadWait {
    fn waited(&self, now: u64) -> u64 {
        self.waited + self.since.map_or(0, |since| now.saturating_sub(since))
    }
}

impl Pacing {
    pub(super) fn new(rate: Option<Rate>) -> Result<Self, Error> {
        let rated = |bucket| {
            Box::new(Rated {
                bucket,
                head_waits: Default::default(),
                waits: Default::default(),
                costs: Vec::new(),
                attempt_costs: Vec::new(),
            })
        };
        let rated = rate.map(TokenBucket::new).transpose()?.map(rated);
        Ok(Self { free: rated.is_none(), held: false, until: [0; 2], rated, attempts: None })
    }

    #[inline(always)]
    pub(super) fn is_free(&self) -> bool {
        self.free
    }

    pub(super) fn is_rated(&self) -> bool {
        self.rated.is_some()
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        self.rated.as_ref().map(|rated| rated.bucket.rate())
    }

    pub(super) fn charge(&mut self, cost: i32, now: impl FnOnce() -> u64) {
        if let Some(rated) = &mut self.rated {
            rated.bucket.charge(cost, now());
        }
    }

    pub(super) fn set_rate(&mut self, rate: Rate, now: u64) -> Result<(), Error> {
        let rated = self.rated.as_mut().ok_or(Error::Unrated)?;
        rated.bucket.change(rate, now)
    }

    /// Whether time alone may let a ticket or an attempt start.
    #[inline]
    pub(super) fn is_timed(&self) -> bool {
        !self.free && (self.has_timed_pause() || self.is_rated() || self.attempts.is_some())
    }

    fn has_timed_pause(&self) -> bool {
        self.until != [0; 2]
    }

    /// Whether tickets wait until the limit is resumed.
    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// Whether a lane is paused for a time at that time.
    pub(super) fn is_paused_at(&self, lane: Lane, at: u64) -> bool {
        at < self.until[lane.index()]
    }

    pub(super) fn is_paused(&self, now: impl FnOnce() -> u64) -> bool {
        let [online, offline] = self.until;
        let last_opens = online.min(offline);
        !self.free && (self.held || last_opens > 0 && now() < last_opens)
    }

    pub(super) fn pause_ends_at(&self, lane: Lane) -> Option<u64> {
        Some(self.until[lane.index()]).filter(|&until| until > 0)
    }

    /// The times from which other lanes may start something: any time, and the ends of pauses.
    pub(super) fn openings(&self) -> impl Iterator<Item = u64> + Clone {
        let [online, offline] = self.until;
        let ends = [online.min(offline), online.max(offline)];
        [0].into_iter().chain(ends.into_iter().filter(|&end| end > 0))
    }

    /// The present time if it matters to pauses; otherwise any time.
    pub(super) fn now_for_pauses(&self, now: impl FnOnce() -> u64) -> u64 {
        if self.has_timed_pause() { now() } else { 0 }
    }

    pub(super) fn pause(&mut self) {
        self.held = true;
        self.update();
    }

    pub(super) fn end_pause(&mut self) {
        self.held = false;
        self.update();
    }

    pub(super) fn pause_for(&mut self, lane: Lane, duration: Duration, now: u64) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if nanos > 0 {
            let until = &mut self.until[lane.index()];
            *until = (*until).max(now.saturating_add(nanos));
        }
        self.update();
    }

    pub(super) fn end_pauses_for(&mut self) {
        self.until = [0; 2];
        self.update();
    }

    /// Removes pauses that are over, so that they cost nothing from now on.
    #[cold]
    pub(super) fn expire_pauses(&mut self, now: impl FnOnce() -> u64) {
        if self.has_timed_pause() {
            let now = now();
            for until in &mut self.until {
                if *until <= now {
                    *until = 0;
                }
            }
            self.update();
        }
    }

    fn update(&mut self) {
        self.free = !self.held
            && !self.has_timed_pause()
            && self.rated.is_none()
            && self.attempts.is_none();
    }

    /// The time from which the rate lets a unit of this cost start.
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        self.rated.as_ref().map_or(0, |rated| rated.bucket.ready_at(cost))
    }

    /// The attempt that is first in a lane.
    pub(super) fn first_attempt(&self, lane: Lane) -> Option<Slot> {
        self.attempts.as_ref()?.first(lane)
    }

    /// The slots whose units wait for another attempt. A slot may be there several times.
    pub(super) fn attempts(&self) -> impl Iterator<Item = Slot> {
        self.attempts.iter().flat_map(|attempts| attempts.all())
    }

    /// What an attempt of the unit in a slot costs; 0 without a rate.
    pub(super) fn attempt_cost(&self, slot: Slot) -> u32 {
        self.rated.as_ref().map_or(0, |rated| rated.attempt_costs[slot.number() as usize])
    }

    /// An attempt waits behind those of its lane.
    pub(super) fn attempt_waits(&mut self, lane: Lane, slot: Slot) {
        self.attempts.get_or_insert_default().add(lane, slot);
        self.update();
    }

    /// The first attempt of a lane starts.
    pub(super) fn attempt_starts(&mut self, lane: Lane, slot: Slot, now: impl FnOnce() -> u64) {
        let cost = self.attempt_cost(slot);
        self.newcomer_starts(cost, now);
        self.change_attempts(|attempts| attempts.take_first(lane));
    }

    /// One attempt of the unit in a slot will not be made.
    pub(super) fn attempt_is_cancelled(&mut self, slot: Slot) {
        self.change_attempts(|attempts| attempts.remove_one(slot));
    }

    /// The unit in a slot has ended, and makes no more attempts.
    pub(super) fn ended(&mut self, slot: Slot) {
        self.change_attempts(|attempts| attempts.remove_all(slot));
    }

    #[cold]
    fn change_attempts(&mut self, change: impl FnOnce(&mut Attempts)) {
        if let Some(attempts) = &mut self.attempts {
            change(attempts);
            if attempts.is_empty() {
                self.attempts = None;
            }
        }
        self.update();
    }

    /// A unit that took this cost has started in a slot.
    pub(super) fn has_started(&mut self, slot: Slot, cost: u32) {
        if let Some(rated) = &mut self.rated {
            put(&mut rated.attempt_costs, slot.number(), cost);
        }
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: impl FnOnce() -> u64) -> u64 {
        self.rated.as_ref().map_or(u64::MAX, |rated| rated.bucket.ready(cost, now()))
    }

    /// A ticket waits, and each of its units will take this cost.
    pub(super) fn arrived(&mut self, ticket: Ticket, cost: u32) {
        if let Some(rated) = &mut self.rated {
            put(&mut rated.costs, ticket.number(), cost);
        }
    }

    /// The cost of each unit of a waiting ticket; 0 without a rate.
    pub(super) fn cost_of(&self, ticket: Ticket) -> u32 {
        self.rated.as_ref().map_or(0, |rated| rated.costs[ticket.number() as usize])
    }

    /// A call starts without having waited.
    pub(super) fn newcomer_starts(&mut self, cost: u32, now: impl FnOnce() -> u64) {
        if let Some(rated) = &mut self.rated {
            rated.bucket.take(cost, now());
        }
    }

    /// A unit of the head of a lane starts.
    pub(super) fn head_starts(
        &mut self,
        lane: Lane,
        ticket: Ticket,
        cost: u32,
        now: impl FnOnce() -> u64,
    ) {
        let Some(rated) = &mut self.rated else { return };
        let now = now();
        rated.bucket.take(cost, now);
        let head_wait = std::mem::take(&mut rated.head_waits[lane.index()]);
        let waited = if head_wait.ticket == Some(ticket) { head_wait.waited(now) } else { 0 };
        if waited > 0 {
            rated.waits[lane.index()].record(waited, 1);
        }
    }

    /// A ticket has left its lane. Its number may belong to another ticket from now on.
    pub(super) fn left(&mut self, ticket: Ticket) {
        if let Some(rated) = &mut self.rated {
            for head_wait in &mut rated.head_waits {
                if head_wait.ticket == Some(ticket) {
                    *head_wait = HeadWait::default();
                }
            }
        }
    }

    /// Records which ticket waits for the rate alone from now on. `heads` are the heads of the
    /// lanes. `next` is the lane whose head is next by turns, slots and pauses, with the cost of
    /// that head.
    pub(super) fn note(&mut self, heads: [Option<Head>; 2], next: Option<(Lane, u32)>, now: u64) {
        let Some(rated) = &mut self.rated else { return };
        if heads == [None; 2] && rated.costs.len() > SPARE {
            rated.costs = Vec::new();
        }
        let waits = |&(_, cost): &(Lane, u32)| rated.bucket.ready_at(cost) > now;
        let waiting = next.filter(waits).map(|(lane, _)| lane);
        for lane in Lane::ALL {
            let head_wait = &mut rated.head_waits[lane.index()];
            let ticket = heads[lane.index()].map(|head| head.ticket);
            if head_wait.ticket != ticket {
                *head_wait = HeadWait { ticket, ..HeadWait::default() };
            }
            if waiting == Some(lane) {
                head_wait.since.get_or_insert(now);
            } else {
                head_wait.waited = head_wait.waited(now);
                head_wait.since = None;
            }
        }
    }

    pub(super) fn rate_wait(&self, lane: Lane) -> Quantiles {
        let of_lane = |rated: &Rated| rated.waits[lane.index()].quantiles(0);
        self.rated.as_deref().map(of_lane).unwrap_or_default()
    }

    pub(super) fn rate_wait_buckets(&self, lane: Lane) -> Buckets {
        let of_lane = |rated: &Rated| rated.waits[lane.index()].buckets(0);
        self.rated.as_deref().map(of_lane).unwrap_or_default()
    }

    pub(super) fn stats(&self, now: impl FnOnce() -> u64) -> Option<RateStats> {
        self.rated.as_ref().map(|rated| rated.bucket.stats(now()))
    }
}

/// Sets an element, and extends the list as far as needed.
fn put(costs: &mut Vec<u32>, number: u32, cost: u32) {
    let index = number as usize;
    if index >= costs.len() {
        costs.resize(index + 1, 0);
    }
    costs[index] = cost;
}
