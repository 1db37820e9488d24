//! What servers have said of the quotas, and what may start by that.
//!
//! A server's word is a bound, beside the limit's own rate: until the server's window ends, no more
//! may start than it said remained, less what has started since that request was sent. Then a new
//! window begins, in which as much may start as the server's limit says. The limit's own rate stays
//! what it is: servers seldom say how long their windows are, and what they count per day looks like
//! what they count per minute. If no answer comes from the new window, the next one begins later by
//! the longest time that the server has said so far, or by the quota's interval if that is shorter.
//!
//! When a window ends is known up to the time that the answer was on its way: a server that said
//! "in 10 seconds" said it at some time between the request and the answer. So it ends not before
//! `earliest`, and it has ended at `latest`.
//!
//! How the quota counts says what that end means. Of fixed windows it is a moment, which each
//! further answer narrows down. What starts close to it may count in either window, so it counts in
//! both: between `earliest` and `latest`, and as long before as a request may be on its way. A
//! bucket, or a sliding window, has no end. There the time is when it would be full again if nothing
//! had started after that answer. So what has started since counts in the new window, too.
//!
//! Answers may come in another order than their requests were sent. Only the latest request counts:
//! an answer to an earlier one, or to one that was sent before the window began, changes nothing.
//!
//! All that a server can do with broken numbers is to delay units: by an hour, or by an interval of
//! the quota if that is longer.

use std::time::Duration;

use crate::limiter::types::{Reading, Slot};

/// A server is believed that its window ends within this time, or within the quota's interval.
pub(super) const LONGEST_NANOS: u64 = 3_600_000_000_000;

/// The quotas of a limit, from its first answer on.
#[derive(Debug)]
pub(super) struct Learning {
    quotas: Vec<Heard>,
    /// By slot number. Kept when the unit there has ended, until another one starts there.
    starts: Vec<Start>,
    /// By slot number, and by quota: [`Heard::started`] just after that start.
    marks: Vec<u64>,
    /// How many attempts have started.
    count: u64,
}

/// When an attempt started.
#[derive(Clone, Copy, Debug, Default)]
struct Start {
    /// Its place in the order of all starts, from 1.
    number: u64,
    at: u64,
}

/// What was heard of one quota.
#[derive(Clone, Copy, Debug)]
struct Heard {
    /// The cost that has started in all, since the first answer. What was given back later counts: a
    /// server may have counted it.
    started: u64,
    bound: Option<Bound>,
    /// What may start in a window, as far as the server has said it.
    limit: Option<u64>,
    /// The start whose answer counts.
    latest_start: u64,
    /// Not before that time the present window began. 0 for the first one.
    opened_at: u64,
    /// The quota's.
    interval: u64,
    /// Whether the quota counts in fixed windows.
    is_fixed: bool,
    /// How long the server's windows are, if it has said so.
    window: Option<u64>,
    /// The longest time to the end of a window that the server has said of late. 0 if it has not.
    longest_left: u64,
    /// Whether the server has answered from two windows.
    knows_two: bool,
    /// The shortest time from a start to its answer: no request is on its way for longer, as far as
    /// is known.
    shortest_way: u64,
}

/// How much may start until a time.
#[derive(Clone, Copy, Debug)]
struct Bound {
    /// As far as [`Heard::started`] may come.
    ceiling: u64,
    /// When the window ends, as early as is possible and as late as is possible.
    earliest: u64,
    latest: u64,
    /// Where [`Heard::started`] is counted from in the next window: in fixed windows, once something
    /// has started close to the end.
    next_from: Option<u64>,
    /// [`Heard::started`] as this window began; none if the server has said this bound.
    assumed_from: Option<u64>,
}

impl Bound {
    fn allows(&self, started: u64, cost: u64) -> bool {
        started.saturating_add(cost) <= self.ceiling || self.assumed_from == Some(started)
    }
}

impl Heard {
    fn new((interval, is_fixed): (u64, bool)) -> Self {
        Self {
            started: 0,
            bound: None,
            limit: None,
            latest_start: 0,
            opened_at: 0,
            interval,
            is_fixed,
            window: None,
            longest_left: 0,
            knows_two: false,
            shortest_way: u64::MAX,
        }
    }

    /// The time from one window to the next one, if no answer tells it. It is not 0.
    fn window(&self) -> u64 {
        let seen = if self.knows_two { self.longest_left } else { 0 };
        let unsaid = if seen > 0 { seen } else { self.longest_left.max(self.interval) };
        self.window.unwrap_or(unsaid)
    }

    /// The time from which a cost may start, if nothing else starts. It may be past.
    fn ready_at(&self, cost: u32) -> u64 {
        let cost = u64::from(cost);
        match self.bound {
            Some(bound) if !bound.allows(self.started, cost) => {
                match self.after(bound, bound.latest) {
                    Some(next) if !next.allows(self.started, cost) => next.latest,
                    _ => bound.latest,
                }
            }
            _ => 0,
        }
    }

    /// The bound of the window of that time, which is not before the end of another window.
    fn after(&self, bound: Bound, now: u64) -> Option<Bound> {
        let limit = self.limit?;
        let window = self.window();
        let passed = (now - bound.latest) / window;
        let from = bound.next_from.filter(|_| passed == 0).unwrap_or(self.started);
        let later = |time: u64| time.saturating_add(window.saturating_mul(passed + 1));
        Some(Bound {
            ceiling: from.saturating_add(limit),
            earliest: later(bound.earliest),
            latest: later(bound.latest),
            next_from: None,
            assumed_from: Some(from),
        })
    }

    /// Time has passed: another window may have begun.
    fn catch_up(&mut self, now: u64) {
        let Some(bound) = self.bound.filter(|bound| now >= bound.latest) else { return };
        self.bound = self.after(bound, now);
        let next = self.bound.map_or(bound.earliest, |next| next.earliest - self.window());
        self.opened_at = next.max(self.opened_at);
    }

    fn starts(&mut self, cost: u64, now: u64) {
        self.catch_up(now);
        if let Some(bound) = &mut self.bound
            && now.saturating_add(self.shortest_way) >= bound.earliest
        {
            bound.next_from.get_or_insert(self.started);
        }
        self.started = self.started.saturating_add(cost);
    }

    /// An answer has come to the request of that start. `mark` is what had started then.
    fn learn(&mut self, start: Start, mark: u64, reading: Reading, now: u64) -> bool {
        self.catch_up(now);
        if start.number < self.latest_start || start.at < self.opened_at {
            return false;
        }
        self.latest_start = start.number;
        self.limit = reading.limit.or(self.limit);
        let Some(remaining) = reading.remaining else { return reading.limit.is_some() };
        self.limit = self.limit.map(|limit| limit.max(remaining));
        let longest = self.interval.max(LONGEST_NANOS);
        let nanos =
            |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).min(longest);
        self.window = reading.window.map(nanos).filter(|&window| window > 0).or(self.window);
        let left = reading.resets_in.map(nanos);
        let is_next = self.bound.is_some_and(|bound| bound.assumed_from.is_some());
        // A time that was too long is forgotten some windows later.
        let before = if is_next { self.longest_left / 2 } else { self.longest_left };
        self.longest_left = before.max(left.unwrap_or(0));
        self.knows_two |= is_next;
        let mut earliest = start.at.saturating_add(left.unwrap_or(0));
        let mut latest = now.saturating_add(left.unwrap_or(self.interval.min(longest)));
        self.shortest_way = self.shortest_way.min(now.saturating_sub(start.at));
        let is_close = now.saturating_add(self.shortest_way) >= earliest;
        let mut next_from = (is_close || !self.is_fixed).then_some(mark);
        if self.is_fixed
            && let Some(bound) = self.bound
            && bound.assumed_from.is_none()
            && earliest <= bound.latest
            && bound.earliest <= latest
        {
            (earliest, latest) = (earliest.max(bound.earliest), latest.min(bound.latest));
            next_from = bound.next_from;
        }
        self.bound = Some(Bound {
            ceiling: mark.saturating_add(remaining),
            earliest,
            latest,
            next_from,
            assumed_from: None,
        });
        true
    }
}

impl Learning {
    /// `running` are the units that run, with the time of their start and what they cost of each
    /// quota. `quotas` have their interval, in nanoseconds, and whether they count in fixed windows.
    pub(super) fn new(
        quotas: impl Iterator<Item = (u64, bool)>,
        mut running: Vec<(Slot, u64, Vec<u32>)>,
    ) -> Self {
        let quotas = quotas.map(Heard::new).collect();
        let mut learning = Self { quotas, starts: Vec::new(), marks: Vec::new(), count: 0 };
        running.sort_by_key(|&(slot, at, _)| (at, slot.number()));
        for (slot, at, costs) in running {
            learning.starts(slot, |place| costs[place], at);
        }
        learning
    }

    /// An attempt starts in a slot, at a cost of each quota.
    pub(super) fn starts(&mut self, slot: Slot, cost_of: impl Fn(usize) -> u32, now: u64) {
        let index = self.index_of(slot);
        self.count += 1;
        self.starts[index] = Start { number: self.count, at: now };
        let first = index * self.quotas.len();
        for (place, quota) in self.quotas.iter_mut().enumerate() {
            quota.starts(cost_of(place).into(), now);
            self.marks[first + place] = quota.started;
        }
    }

    /// The place of a slot, which there is from now on.
    fn index_of(&mut self, slot: Slot) -> usize {
        let index = slot.number() as usize;
        if index >= self.starts.len() {
            self.starts.resize(index + 1, Start::default());
            self.marks.resize((index + 1) * self.quotas.len(), 0);
        }
        index
    }

    /// A part of a unit, in a slot of its own now, started when the unit did.
    pub(super) fn has_split(&mut self, slot: Slot, other: Slot) {
        let (from, to) = (self.index_of(slot), self.index_of(other));
        self.starts[to] = self.starts[from];
        let quotas = self.quotas.len();
        self.marks.copy_within(from * quotas..(from + 1) * quotas, to * quotas);
    }

    /// A cost is taken of a quota otherwise.
    pub(super) fn takes(&mut self, place: usize, cost: u32, now: u64) {
        self.quotas[place].starts(cost.into(), now);
    }

    /// The time from which a cost may start, by what was heard of a quota.
    pub(super) fn ready_at(&self, place: usize, cost: u32) -> u64 {
        if cost == 0 { 0 } else { self.quotas[place].ready_at(cost) }
    }

    /// How many units of this cost may start now in a row, by what was heard of a quota.
    pub(super) fn ready(&self, place: usize, cost: u32, now: u64) -> u64 {
        let mut quota = self.quotas[place];
        quota.catch_up(now);
        match quota.bound {
            Some(bound) if cost > 0 => {
                let left = bound.ceiling.saturating_sub(quota.started);
                let one = bound.assumed_from == Some(quota.started);
                (left / u64::from(cost)).max(one.into())
            }
            _ => u64::MAX,
        }
    }

    /// How much may start now, by what was heard of a quota; below 0 if more has started.
    pub(super) fn available(&self, place: usize, now: u64) -> Option<f64> {
        let mut quota = self.quotas[place];
        quota.catch_up(now);
        quota.bound.map(|bound| bound.ceiling as f64 - quota.started as f64)
    }

    /// The answer to a request of the attempt in a slot says this of a quota. Returns whether it
    /// counts. Without a slot, nothing runs, and all that has started was answered.
    pub(super) fn learn(
        &mut self,
        place: usize,
        slot: Option<Slot>,
        reading: Reading,
        now: u64,
    ) -> bool {
        let index = slot.map(|slot| slot.number() as usize);
        let known = index.and_then(|index| Some((index, *self.starts.get(index)?)));
        let (start, mark) = match known {
            Some((index, start)) => (start, self.marks[index * self.quotas.len() + place]),
            None => (Start { number: self.count, at: now }, self.quotas[place].started),
        };
        self.quotas[place].learn(start, mark, reading, now)
    }

    /// A quota counts otherwise from now on. What the server has said is forgotten.
    pub(super) fn forget(&mut self, place: usize, quota: (u64, bool)) {
        let Heard { started, latest_start, .. } = self.quotas[place];
        self.quotas[place] = Heard { started, latest_start, ..Heard::new(quota) };
    }

    /// The slot whose last attempt started last before a time, or else the one that started first.
    pub(super) fn slot_of(&self, sent_at: u64) -> Option<Slot> {
        let known = || (0..).zip(&self.starts).filter(|(_, start)| start.number > 0);
        let before = known().filter(|(_, start)| start.at <= sent_at);
        let latest = before.max_by_key(|(_, start)| start.number);
        let (number, _) = latest.or_else(|| known().min_by_key(|(_, start)| start.number))?;
        Some(Slot::from_number(number))
    }

    /// Of these slots the one whose attempt started first; of all, the one that started last if there
    /// are none.
    pub(super) fn first_of(&self, slots: impl Iterator<Item = Slot>) -> Option<Slot> {
        let number_of = |slot: &Slot| self.starts.get(slot.number() as usize).map(|it| it.number);
        slots.min_by_key(number_of).or_else(|| self.slot_of(u64::MAX))
    }
}
