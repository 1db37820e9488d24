//! What units take of the quotas of a limit: those that wait, those that run, and how long they have
//! waited for the rate alone.
//!
//! A unit takes its costs from all quotas at once, when it starts. So no unit holds a part of one
//! while it waits for another.

use super::learning::{LONGEST_NANOS, Learning};
use super::quota::{Given, NO_STAMP, Quota, check};
use super::tickets::Head;
use crate::limiter::stats::{Buckets, Durations, Quantiles, QuotaStats, RateStats};
use crate::limiter::types::{
    Costs, Error, Flow, Lane, MOST_QUOTAS, Rate, Reading, Request, SPARE, Sent, Slot, Ticket,
    Window,
};

/// The quotas, and how long units have waited for them.
#[derive(Debug)]
pub(super) struct Rated {
    /// At least one.
    quotas: Vec<Quota>,
    /// By quota. Empty if the only one has no name.
    names: Vec<String>,
    head_waits: [HeadWait; 2],
    waits: [Durations; 2],
    /// By ticket number, what each unit costs of each quota; valid for tickets that wait. It is not
    /// kept with the tickets, because it would make the tickets of all limits larger.
    costs: Vec<u32>,
    /// By slot number, what the unit there has taken of each quota. Valid for slots that are held.
    taken: Vec<Taken>,
    /// What servers have said. None before their first answer.
    learning: Option<Box<Learning>>,
}

/// What the unit in a slot costs of one quota.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    /// What each attempt costs.
    estimate: u32,
    /// What the running attempt took as it started, less what it has given back, with the stamp of
    /// that time.
    first: (u32, u64),
    /// What it took later, because it costs more, with the stamp of that time.
    more: (u32, u64),
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

/// The interval of a quota in nanoseconds, and whether it counts in fixed windows.
fn span_of(quota: &Quota) -> (u64, bool) {
    let Rate { interval, window, .. } = quota.rate(|| 0);
    let interval = u64::try_from(interval.as_nanos()).unwrap_or(LONGEST_NANOS);
    (interval, matches!(window, Window::Fixed { .. }))
}

/// Checks the numbers and the names of the quotas of a new limit.
fn checked(rate: Option<Rate>, named: &[(String, Rate)]) -> Result<(), Error> {
    if named.len() > MOST_QUOTAS {
        return Err(Error::Quotas { given: named.len() });
    }
    if rate.is_some() && !named.is_empty() {
        return Err(Error::RateAndQuotas);
    }
    for (index, (name, _)) in named.iter().enumerate() {
        if named[..index].iter().any(|(other, _)| other == name) {
            return Err(Error::QuotaTwice { name: name.clone() });
        }
    }
    rate.iter().chain(named.iter().map(|(_, rate)| rate)).try_for_each(|&rate| check(rate))
}

impl Rated {
    /// None without a rate and without quotas.
    pub(super) fn new(
        rate: Option<Rate>,
        named: Vec<(String, Rate)>,
        now: impl Fn() -> u64,
    ) -> Result<Option<Box<Self>>, Error> {
        checked(rate, &named)?;
        let quota = |rate| Quota::new(rate, &now);
        let quotas: Vec<_> =
            rate.into_iter().chain(named.iter().map(|&(_, rate)| rate)).map(quota).collect();
        if quotas.is_empty() {
            return Ok(None);
        }
        Ok(Some(Box::new(Self {
            quotas,
            names: named.into_iter().map(|(name, _)| name).collect(),
            head_waits: Default::default(),
            waits: Default::default(),
            costs: Vec::new(),
            taken: Vec::new(),
            learning: None,
        })))
    }

    /// The rate without a name, if that is what there is.
    pub(super) fn rate(&self, now: impl FnOnce() -> u64) -> Option<Rate> {
        self.names.is_empty().then(|| self.quotas[0].rate(now))
    }

    /// The quotas, by name.
    pub(super) fn rates(&self, now: u64) -> Vec<(String, Rate)> {
        let rates = self.quotas.iter().map(|quota| quota.rate(|| now));
        self.names.iter().cloned().zip(rates).collect()
    }

    /// By quota, the size of a cost of 1 where units are compared: the time in which the quota gives
    /// so much, beside that of the fastest quota, of which it is the size of a unit of weight 1. A
    /// budget gives nothing in any time, and counts as the fastest quota.
    pub(super) fn scales(&self, now: u64) -> Vec<u64> {
        let time_of = |quota: &Quota| {
            let Rate { limit, interval, .. } = quota.rate(|| now);
            (interval != Rate::NEVER).then(|| interval.as_secs_f64() / limit as f64)
        };
        let times: Vec<_> = self.quotas.iter().map(time_of).collect();
        let fastest = times.iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let scale = |time: Option<f64>| time.map_or(1.0, |time| time / fastest) * Flow::ONE as f64;
        times.into_iter().map(|time| scale(time) as u64).collect()
    }

    fn known(&self) -> String {
        let quoted: Vec<_> = self.names.iter().map(|name| format!("'{name}'")).collect();
        quoted.join(", ")
    }

    /// The place of a quota.
    pub(super) fn place_of(&self, name: &str) -> Result<usize, Error> {
        let place = self.names.iter().position(|known| known == name);
        place.ok_or_else(|| Error::UnknownQuota { name: name.to_owned(), known: self.known() })
    }

    /// An error if the quotas have names.
    pub(super) fn check_unnamed(&self) -> Result<(), Error> {
        if self.names.is_empty() { Ok(()) } else { Err(Error::NamedQuotas { known: self.known() }) }
    }

    pub(super) fn set_rate(&mut self, rate: Rate, now: u64) -> Result<(), Error> {
        self.check_unnamed()?;
        check(rate)?;
        self.change(0, rate, now);
        Ok(())
    }

    /// Changes some of the quotas, or none if one can't be changed so.
    pub(super) fn set_quotas(&mut self, rates: &[(&str, Rate)], now: u64) -> Result<(), Error> {
        let mut changes = Vec::new();
        for &(name, rate) in rates {
            check(rate)?;
            changes.push((self.place_of(name)?, rate));
        }
        for (place, rate) in changes {
            self.change(place, rate, now);
        }
        Ok(())
    }

    /// Changes the quota at a place.
    pub(super) fn set_at(&mut self, place: usize, rate: Rate, now: u64) -> Result<(), Error> {
        check(rate)?;
        self.change(place, rate, now);
        Ok(())
    }

    fn change(&mut self, place: usize, rate: Rate, now: u64) {
        if self.quotas[place].change(rate, now) {
            for taken in self.taken.iter_mut().skip(place).step_by(self.quotas.len()) {
                (taken.first.1, taken.more.1) = (NO_STAMP, NO_STAMP);
            }
        }
        if let Some(learning) = &mut self.learning {
            learning.forget(place, span_of(&self.quotas[place]));
        }
    }

    /// Takes a cost from each quota without a unit.
    pub(super) fn charge_each(&mut self, cost: i32, now: u64) {
        for place in 0..self.quotas.len() {
            self.charge(place, cost, now);
        }
    }

    /// The same, from one of them.
    pub(super) fn charge(&mut self, place: usize, cost: i32, now: u64) {
        if let Some(quota) = self.quotas.get_mut(place) {
            quota.charge(cost, now);
            self.takes_more(place, cost.max(0).unsigned_abs(), now);
        }
    }

    /// A cost was taken of a quota although no attempt has started.
    fn takes_more(&mut self, place: usize, cost: u32, now: u64) {
        if let Some(learning) = &mut self.learning {
            learning.takes(place, cost, now);
        }
    }

    /// The latest of the times from which each quota lets a unit of these costs start, and what
    /// servers have said of it.
    fn ready_at(&self, costs: impl Iterator<Item = u32> + Clone) -> u64 {
        let ready = self.quotas.iter().zip(costs.clone()).map(|(quota, cost)| quota.ready_at(cost));
        let ready = ready.max().unwrap_or(0);
        match &self.learning {
            None => ready,
            Some(learning) => {
                let each = costs.enumerate().map(|(place, cost)| learning.ready_at(place, cost));
                each.fold(ready, u64::max)
            }
        }
    }

    fn costs_of(&self, request: Request) -> impl Iterator<Item = u32> + Clone {
        (0..self.quotas.len()).map(move |place| request.cost_of(place))
    }

    fn range_of(&self, number: u32) -> std::ops::Range<usize> {
        let from = number as usize * self.quotas.len();
        from..from + self.quotas.len()
    }

    pub(super) fn newcomer_ready_at(&self, request: Request) -> u64 {
        self.ready_at(self.costs_of(request))
    }

    pub(super) fn ticket_ready_at(&self, ticket: Ticket) -> u64 {
        self.ready_at(self.costs[self.range_of(ticket.number())].iter().copied())
    }

    pub(super) fn attempt_ready_at(&self, slot: Slot) -> u64 {
        self.ready_at(self.taken[self.range_of(slot.number())].iter().map(|it| it.estimate))
    }

    /// How many units of a request may start now in a row.
    pub(super) fn ready(&self, request: Request, now: u64) -> u64 {
        let costs = || self.costs_of(request);
        let ready = self.quotas.iter().zip(costs()).map(|(quota, cost)| quota.ready(cost, now));
        let ready = ready.min().unwrap_or(u64::MAX);
        match &self.learning {
            None => ready,
            Some(learning) => {
                let each =
                    costs().enumerate().map(|(place, cost)| learning.ready(place, cost, now));
                each.fold(ready, u64::min)
            }
        }
    }

    /// A ticket waits, and each of its units will take the costs of this request.
    pub(super) fn arrived(&mut self, ticket: Ticket, request: Request) {
        let range = self.range_of(ticket.number());
        if range.end > self.costs.len() {
            self.costs.resize(range.end, 0);
        }
        for (place, cost) in self.costs[range].iter_mut().enumerate() {
            *cost = request.cost_of(place);
        }
    }

    /// The unit of a call that has not waited has started in a slot.
    pub(super) fn newcomer_has_started(&mut self, slot: Slot, request: Request, now: u64) {
        self.takes(slot, now, |_, place| request.cost_of(place));
    }

    /// A unit of the ticket that is first in a lane has started in a slot.
    pub(super) fn head_has_started(&mut self, lane: Lane, ticket: Ticket, slot: Slot, now: u64) {
        let range = self.range_of(ticket.number());
        self.takes(slot, now, |rated, place| rated.costs[range.start + place]);
        let head_wait = std::mem::take(&mut self.head_waits[lane.index()]);
        let waited = if head_wait.ticket == Some(ticket) { head_wait.waited(now) } else { 0 };
        if waited > 0 {
            self.waits[lane.index()].record(waited, 1);
        }
    }

    /// The unit in a slot makes another attempt.
    pub(super) fn attempt_has_started(&mut self, slot: Slot, now: u64) {
        let range = self.range_of(slot.number());
        self.takes(slot, now, |rated, place| rated.taken[range.start + place].estimate);
    }

    /// A unit is two now, of these weights: each has its part of what the unit took.
    pub(super) fn has_split(&mut self, slot: Slot, other: Slot, [rest, weight]: [u32; 2]) {
        let all = u64::from(rest) + u64::from(weight);
        // It is less than the number that it is a part of.
        let part_of = |cost: u32| (u64::from(cost) * u64::from(weight) / all) as u32;
        let (from, to) = (self.range_of(slot.number()), self.range_of(other.number()));
        if to.end > self.taken.len() {
            self.taken.resize(to.end, Taken::default());
        }
        for (from, to) in from.zip(to) {
            let Taken { estimate, first, more } = &mut self.taken[from];
            let split = |cost: &mut u32| {
                let part = part_of(*cost);
                *cost -= part;
                part
            };
            self.taken[to] = Taken {
                estimate: split(estimate),
                first: (split(&mut first.0), first.1),
                more: (split(&mut more.0), more.1),
            };
        }
        if let Some(learning) = &mut self.learning {
            learning.has_split(slot, other);
        }
    }

    fn takes(&mut self, slot: Slot, now: u64, cost_of: impl Fn(&Self, usize) -> u32) {
        let range = self.range_of(slot.number());
        if range.end > self.taken.len() {
            self.taken.resize(range.end, Taken::default());
        }
        for (place, index) in range.clone().enumerate() {
            let cost = cost_of(self, place);
            let stamp = self.quotas[place].take(cost, now);
            self.taken[index] = Taken { estimate: cost, first: (cost, stamp), more: (0, stamp) };
        }
        if let Some(learning) = &mut self.learning {
            learning.starts(slot, |place| self.taken[range.start + place].estimate, now);
        }
    }

    /// The attempt that runs in a slot has cost this of each quota. `None` is what is known already.
    pub(super) fn spent(&mut self, slot: Slot, cost_of: impl Fn(usize) -> Option<u32>, now: u64) {
        for (place, index) in self.range_of(slot.number()).enumerate() {
            let Some(cost) = cost_of(place) else { continue };
            let quota = &mut self.quotas[place];
            let Taken { first, more, .. } = &mut self.taken[index];
            let known = u64::from(first.0) + u64::from(more.0);
            let cost = u64::from(cost);
            if cost > known {
                // What was taken before counts as taken with the first part, which is earlier: then less
                // of it may be given back, never more. All of them are at most the cost that was given,
                // so they have 32 bits.
                first.0 += more.0;
                let added = (cost - known) as u32;
                *more = (added, quota.take(added, now));
                if let Some(learning) = &mut self.learning {
                    learning.takes(place, added, now);
                }
            }
            let mut back = known.saturating_sub(cost);
            for (part, stamp) in [more, first] {
                let of_part = back.min(u64::from(*part)) as u32;
                if of_part > 0 {
                    quota.give_back(of_part, Given::ByUnit(*stamp), now);
                    *part -= of_part;
                    back -= u64::from(of_part);
                }
            }
        }
    }

    /// A server has answered a request; see [`Learning`]. `running` are the slots of the units that
    /// run, with the time of their start. Returns whether the answer counts.
    #[cold]
    pub(super) fn learn(
        &mut self,
        place: usize,
        sent: Sent,
        reading: Reading,
        running: &[(Slot, u64)],
        now: u64,
    ) -> bool {
        if place >= self.quotas.len() {
            return false;
        }
        if self.learning.is_none() {
            let costs_of = |slot: Slot| self.taken[self.range_of(slot.number())].iter();
            let cost_of = |taken: &Taken| taken.first.0.saturating_add(taken.more.0);
            let with_costs = |&(slot, at)| (slot, at, costs_of(slot).map(cost_of).collect());
            let running = running.iter().map(with_costs).collect();
            let learning = Learning::new(self.quotas.iter().map(span_of), running);
            self.learning = Some(Box::new(learning));
        }
        let Some(learning) = &mut self.learning else { return false };
        let slot = match sent {
            Sent::In(slot) => Some(slot),
            Sent::Ago(ago) => {
                let ago = u64::try_from(ago.as_nanos()).unwrap_or(u64::MAX);
                learning.slot_of(now.saturating_sub(ago))
            }
            Sent::ByAny => learning.first_of(running.iter().map(|&(slot, _)| slot)),
        };
        learning.learn(place, slot, reading, now)
    }

    /// What is left of a quota, by itself and by what servers have said.
    fn stats_of(&self, place: usize, now: u64) -> RateStats {
        let stats = self.quotas[place].stats(now);
        let heard = self.learning.as_ref().and_then(|learning| learning.available(place, now));
        RateStats { available: stats.available.min(heard.unwrap_or(f64::INFINITY)), ..stats }
    }

    /// A ticket has left its lane. Its number may belong to another ticket from now on.
    pub(super) fn left(&mut self, ticket: Ticket) {
        for head_wait in &mut self.head_waits {
            if head_wait.ticket == Some(ticket) {
                *head_wait = HeadWait::default();
            }
        }
    }

    /// Records which ticket waits for the rate alone from now on. `heads` are the heads of the
    /// lanes. `next` is the lane whose head is next by turns, slots and pauses.
    pub(super) fn note(&mut self, heads: [Option<Head>; 2], next: Option<Lane>, now: u64) {
        if heads == [None; 2] && self.costs.len() > SPARE * self.quotas.len() {
            self.costs = Vec::new();
        }
        let waits = |lane: &Lane| {
            heads[lane.index()].is_some_and(|head| self.ticket_ready_at(head.ticket) > now)
        };
        let waiting = next.filter(waits);
        for lane in Lane::ALL {
            let head_wait = &mut self.head_waits[lane.index()];
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

    pub(super) fn wait(&self, lane: Lane) -> Quantiles {
        self.waits[lane.index()].quantiles(0)
    }

    pub(super) fn wait_buckets(&self, lane: Lane) -> Buckets {
        self.waits[lane.index()].buckets(0)
    }

    /// What is left of the rate without a name, if that is what there is.
    pub(super) fn rate_stats(&self, now: u64) -> Option<RateStats> {
        self.names.is_empty().then(|| self.stats_of(0, now))
    }

    /// What is left of each quota with a name.
    pub(super) fn quota_stats(&self, now: u64) -> Vec<QuotaStats> {
        let stats = (0..self.quotas.len()).map(|place| self.stats_of(place, now));
        let named = self.names.iter().cloned().zip(stats);
        named.map(|(name, rate)| QuotaStats { name, rate }).collect()
    }

    /// What is given for some quotas, by their names, as costs.
    pub(super) fn costs<'a>(
        &self,
        given: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Costs, Error> {
        let mut costs = Costs::default();
        for (name, cost) in given {
            costs.set(self.place_of(name)?, cost);
        }
        Ok(costs)
    }
}
