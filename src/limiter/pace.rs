//! When units may start, whoever is next and whatever slots are free: pauses, and the rate.

use std::time::Duration;

use super::error::Error;
use super::lane::Lane;
use super::numbers::SPARE;
use super::rate::{Bucket, Rate, RateStats};
use super::stats::{Durations, Quantiles};
use super::tickets::{Head, Ticket};

#[derive(Debug)]
pub(super) struct Pace {
    /// Whether there is neither a pause nor a rate: all that most limits ever ask.
    free: bool,
    held: bool,
    /// When the last of the pauses for a time ends; 0 where there is none. One that has ended stays until it is
    /// [found](Pace::look) to have.
    until: u64,
    rated: Option<Box<Rated>>,
}

/// A rate, and how long it has kept units waiting.
#[derive(Debug)]
struct Rated {
    bucket: Bucket,
    standing: [Standing; 2],
    waits: [Durations; 2],
    /// By ticket number; right for those that wait. It is here and not with the tickets, for it would make those
    /// of all limits longer.
    costs: Vec<u32>,
}

/// How long the head of a lane has waited for the rate alone.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    ticket: Option<Ticket>,
    waited: u64,
    /// Since when it does, if it does now.
    since: Option<u64>,
}

impl Standing {
    fn waited(&self, now: u64) -> u64 {
        self.waited + self.since.map_or(0, |since| now.saturating_sub(since))
    }
}

impl Pace {
    pub(super) fn new(rate: Option<Rate>) -> Result<Self, Error> {
        let rated = |bucket| {
            Box::new(Rated {
                bucket,
                standing: Default::default(),
                waits: Default::default(),
                costs: Vec::new(),
            })
        };
        let rated = rate.map(Bucket::new).transpose()?.map(rated);
        Ok(Self { free: rated.is_none(), held: false, until: 0, rated })
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

    /// Whether time alone may let somebody start.
    #[inline]
    pub(super) fn is_timed(&self) -> bool {
        !self.free && (self.until > 0 || self.is_rated())
    }

    pub(super) fn is_paused(&self, now: impl FnOnce() -> u64) -> bool {
        !self.free && (self.held || self.until > 0 && now() < self.until)
    }

    pub(super) fn pause_ends_at(&self) -> Option<u64> {
        Some(self.until).filter(|&until| until > 0)
    }

    pub(super) fn hold(&mut self) {
        self.held = true;
        self.update();
    }

    pub(super) fn let_go(&mut self) {
        self.held = false;
        self.update();
    }

    pub(super) fn pause_for(&mut self, duration: Duration, now: u64) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if nanos > 0 {
            self.until = self.until.max(now.saturating_add(nanos));
        }
        self.update();
    }

    pub(super) fn end_pause_for(&mut self) {
        self.until = 0;
        self.update();
    }

    /// Forgets a pause that has ended, so that it costs nothing any more.
    #[cold]
    pub(super) fn look(&mut self, now: impl FnOnce() -> u64) {
        if self.until > 0 && now() >= self.until {
            self.end_pause_for();
        }
    }

    fn update(&mut self) {
        self.free = !self.held && self.until == 0 && self.rated.is_none();
    }

    /// From when on a unit of this cost may start; none where time alone does not get it there.
    pub(super) fn opens_at(&self, cost: u32) -> Option<u64> {
        let ready_at = self.rated.as_ref().map_or(0, |rated| rated.bucket.ready_at(cost));
        (!self.held).then(|| ready_at.max(self.until))
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: impl FnOnce() -> u64) -> u64 {
        self.rated.as_ref().map_or(u64::MAX, |rated| rated.bucket.ready(cost, now()))
    }

    /// A ticket waits, and each of its units will take so much.
    pub(super) fn came(&mut self, ticket: Ticket, cost: u32) {
        if let Some(rated) = &mut self.rated {
            let index = ticket.number() as usize;
            if index >= rated.costs.len() {
                rated.costs.resize(index + 1, 0);
            }
            rated.costs[index] = cost;
        }
    }

    /// What each unit of a ticket that waits takes, where there is a rate.
    pub(super) fn cost_of(&self, ticket: Ticket) -> u32 {
        self.rated.as_ref().map_or(0, |rated| rated.costs[ticket.number() as usize])
    }

    /// A newcomer starts.
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
        let standing = std::mem::take(&mut rated.standing[lane.index()]);
        let waited = if standing.ticket == Some(ticket) { standing.waited(now) } else { 0 };
        if waited > 0 {
            rated.waits[lane.index()].record(waited, 1);
        }
    }

    /// A ticket waits no more where it did; its number may be another's from now on.
    pub(super) fn left(&mut self, ticket: Ticket) {
        if let Some(rated) = &mut self.rated {
            for standing in &mut rated.standing {
                if standing.ticket == Some(ticket) {
                    *standing = Standing::default();
                }
            }
        }
    }

    /// Notes who waits for the rate alone, from now on, given the heads of the lanes; and which of them is next,
    /// by turns and slots, with its cost.
    pub(super) fn note(&mut self, heads: [Option<Head>; 2], next: Option<(Lane, u32)>, now: u64) {
        let paused = self.is_paused(|| now);
        let Some(rated) = &mut self.rated else { return };
        if heads == [None; 2] && rated.costs.len() > SPARE {
            rated.costs = Vec::new();
        }
        let waits = |&(_, cost): &(Lane, u32)| !paused && rated.bucket.ready_at(cost) > now;
        let waiting = next.filter(waits).map(|(lane, _)| lane);
        for lane in Lane::ALL {
            let standing = &mut rated.standing[lane.index()];
            let ticket = heads[lane.index()].map(|head| head.ticket);
            if standing.ticket != ticket {
                *standing = Standing { ticket, ..Standing::default() };
            }
            if waiting == Some(lane) {
                standing.since.get_or_insert(now);
            } else {
                standing.waited = standing.waited(now);
                standing.since = None;
            }
        }
    }

    pub(super) fn rate_wait(&self, lane: Lane) -> Quantiles {
        let of_lane = |rated: &Rated| rated.waits[lane.index()].quantiles();
        self.rated.as_deref().map(of_lane).unwrap_or_default()
    }

    pub(super) fn stats(&self, now: impl FnOnce() -> u64) -> Option<RateStats> {
        self.rated.as_ref().map(|rated| rated.bucket.stats(now()))
    }
}
