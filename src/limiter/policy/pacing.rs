//! When units may start, apart from turns and free slots: pauses, the rate, and the attempts that
//! wait for these.

use std::time::Duration;

use super::attempts::Attempts;
use super::quota::NEVER;
use super::rated::Rated;
use super::tickets::Head;
use crate::limiter::stats::{Buckets, Quantiles, QuotaStats, RateStats};
use crate::limiter::types::{Costs, Error, Lane, Rate, Request, Slot, Ticket};

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

impl Pacing {
    pub(super) fn new(
        rate: Option<Rate>,
        quotas: Vec<(String, Rate)>,
        now: impl Fn() -> u64,
    ) -> Result<Self, Error> {
        let rated = Rated::new(rate, quotas, now)?;
        Ok(Self { free: rated.is_none(), held: false, until: [0; 2], rated, attempts: None })
    }

    #[inline(always)]
    pub(super) fn is_free(&self) -> bool {
        self.free
    }

    /// How much the costs of each quota count; see [`Rated::scales`].
    pub(super) fn scales(&self, now: impl FnOnce() -> u64) -> Vec<u64> {
        self.rated.as_ref().map_or_else(Vec::new, |rated| rated.scales(now()))
    }

    pub(super) fn is_rated(&self) -> bool {
        self.rated.is_some()
    }

    pub(super) fn rate(&self, now: impl FnOnce() -> u64) -> Option<Rate> {
        self.rated.as_ref()?.rate(now)
    }

    /// The quotas, by name.
    pub(super) fn rates(&self, now: impl FnOnce() -> u64) -> Vec<(String, Rate)> {
        self.rated.as_ref().map(|rated| rated.rates(now())).unwrap_or_default()
    }

    /// The quotas; an error if there are none.
    pub(super) fn rated(&self) -> Result<&Rated, Error> {
        self.rated.as_deref().ok_or(Error::Unrated)
    }

    /// The same, to change them.
    pub(super) fn rated_mut(&mut self) -> Result<&mut Rated, Error> {
        self.rated.as_deref_mut().ok_or(Error::Unrated)
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

    /// The time from which the rate lets a call start that has not waited. [`NEVER`] if time does
    /// not allow it.
    pub(super) fn newcomer_ready_at(&self, request: Request) -> u64 {
        self.rated.as_ref().map_or(0, |rated| rated.newcomer_ready_at(request))
    }

    /// The same for a unit of a ticket that waits.
    pub(super) fn ticket_ready_at(&self, ticket: Ticket) -> u64 {
        self.rated.as_ref().map_or(0, |rated| rated.ticket_ready_at(ticket))
    }

    /// The same for the next attempt of the unit in a slot.
    pub(super) fn attempt_ready_at(&self, slot: Slot) -> u64 {
        self.rated.as_ref().map_or(0, |rated| rated.attempt_ready_at(slot))
    }

    /// The attempt that is first in a lane.
    pub(super) fn first_attempt(&self, lane: Lane) -> Option<Slot> {
        self.attempts.as_ref()?.first(lane)
    }

    /// The slots whose units wait for another attempt. A slot may be there several times.
    pub(super) fn attempts(&self) -> impl Iterator<Item = Slot> {
        self.attempts.iter().flat_map(|attempts| attempts.all())
    }

    /// An attempt waits behind those of its lane.
    pub(super) fn attempt_waits(&mut self, lane: Lane, slot: Slot) {
        self.attempts.get_or_insert_default().add(lane, slot);
        self.update();
    }

    /// The first attempt of a lane starts.
    pub(super) fn attempt_starts(&mut self, lane: Lane, slot: Slot, now: impl FnOnce() -> u64) {
        if let Some(rated) = &mut self.rated {
            rated.attempt_has_started(slot, now());
        }
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

    /// How many units of a request may start now in a row.
    pub(super) fn ready(&self, request: Request, now: impl FnOnce() -> u64) -> u64 {
        self.rated.as_ref().map_or(u64::MAX, |rated| rated.ready(request, now()))
    }

    /// A ticket waits, and each of its units will take the costs of this request.
    pub(super) fn arrived(&mut self, ticket: Ticket, request: Request) {
        if let Some(rated) = &mut self.rated {
            rated.arrived(ticket, request);
        }
    }

    /// A call that has not waited has started in a slot.
    pub(super) fn newcomer_has_started(
        &mut self,
        slot: Slot,
        request: Request,
        now: impl FnOnce() -> u64,
    ) {
        if let Some(rated) = &mut self.rated {
            rated.newcomer_has_started(slot, request, now());
        }
    }

    /// A unit of the ticket that was first in a lane has started in a slot.
    pub(super) fn head_has_started(
        &mut self,
        lane: Lane,
        ticket: Ticket,
        slot: Slot,
        now: impl FnOnce() -> u64,
    ) {
        if let Some(rated) = &mut self.rated {
            rated.head_has_started(lane, ticket, slot, now());
        }
    }

    /// A unit is two now, of these weights: what it took is shared by them.
    pub(super) fn has_split(&mut self, slot: Slot, other: Slot, weights: [u32; 2]) {
        if let Some(rated) = &mut self.rated {
            rated.has_split(slot, other, weights);
        }
    }

    /// The attempt that runs in a slot has cost this of those quotas that are given.
    pub(super) fn spent(&mut self, slot: Slot, costs: Costs, now: impl FnOnce() -> u64) {
        if let Some(rated) = &mut self.rated {
            rated.spent(slot, |place| costs.get(place), now());
        }
    }

    /// The same, of each quota.
    pub(super) fn spent_each(&mut self, slot: Slot, cost: u32, now: impl FnOnce() -> u64) {
        if let Some(rated) = &mut self.rated {
            rated.spent(slot, |_| Some(cost), now());
        }
    }

    /// A ticket has left its lane. Its number may belong to another ticket from now on.
    pub(super) fn left(&mut self, ticket: Ticket) {
        if let Some(rated) = &mut self.rated {
            rated.left(ticket);
        }
    }

    /// Records which ticket waits for the rate alone from now on; see [`Rated::note`].
    pub(super) fn note(&mut self, heads: [Option<Head>; 2], next: Option<Lane>, now: u64) {
        if let Some(rated) = &mut self.rated {
            rated.note(heads, next, now);
        }
    }

    pub(super) fn rate_wait(&self, lane: Lane) -> Quantiles {
        self.rated.as_ref().map(|rated| rated.wait(lane)).unwrap_or_default()
    }

    pub(super) fn rate_wait_buckets(&self, lane: Lane) -> Buckets {
        self.rated.as_ref().map(|rated| rated.wait_buckets(lane)).unwrap_or_default()
    }

    pub(super) fn stats(&self, now: impl FnOnce() -> u64) -> (Option<RateStats>, Vec<QuotaStats>) {
        let Some(rated) = &self.rated else { return (None, Vec::new()) };
        let now = now();
        (rated.rate_stats(now), rated.quota_stats(now))
    }
}

/// A time that can be told.
pub(super) fn told(at: u64) -> Option<u64> {
    (at != NEVER).then_some(at)
}
