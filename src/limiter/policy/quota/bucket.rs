//! The token bucket of a rate: how much may start in a time, spread over that time.
//!
//! This is the generic cell rate algorithm, as in ITU-T I.371 (annex A, virtual scheduling) and in
//! the governor crate. Its state is one number: the time at which the bucket is full again. A unit
//! that starts moves that time forward by its cost. A unit that would move it too far must wait.
//!
//! The arithmetic is exact. A nanosecond is `limit` parts, and a unit of cost needs as many parts
//! to come back as the interval has nanoseconds. All of these are whole numbers, so nothing drifts.
//! With `limit` and `burst` of at most 2^53 and times of at most 2^64 nanoseconds, no sum comes
//! near 2^128.

//!
//! # Costs that are given back
//!
//! A unit that cost less than it took gives the rest back. The bucket must then be as if the unit had
//! never taken it, and not fuller: if the bucket has been full meanwhile, the tokens that came then
//! were lost because of the room that it lacked, and nothing is to be given back. In general the unit
//! may give back as much as the least room that there has been since. (Both levels, with and without
//! what the unit took, rise alike until the higher one meets the rim.) [`Rooms`] remembers these.

use std::collections::VecDeque;

use super::Given;
use crate::limiter::stats::RateStats;
use crate::limiter::types::Rate;

/// The bucket that the rate fills and that starting units empty. It is full at first.
#[derive(Clone, Debug)]
pub(in crate::limiter::policy) struct TokenBucket {
    rate: Rate,
    /// Nanoseconds in the interval: the parts that a unit of cost needs to come back.
    interval: u128,
    /// When the bucket is full again, in parts since the clock's origin.
    full_at: u128,
    rooms: Rooms,
}

/// The least room, in parts, that there was since each of the last changes of the bucket.
#[derive(Clone, Debug, Default)]
struct Rooms {
    /// How many changes there were.
    changes: u64,
    /// The number of a change, and the room before it, if there was no less room later. So the rooms
    /// grow from front to back.
    least: VecDeque<(u64, u128)>,
}

impl Rooms {
    /// So many changes are told apart. Of earlier ones too little is given back rather than too much.
    const KEPT: usize = 128;

    /// There is this room, and it changes now.
    fn change(&mut self, room: u128) {
        self.changes += 1;
        while self.least.back().is_some_and(|&(_, before)| before >= room) {
            self.least.pop_back();
        }
        self.least.push_back((self.changes, room));
        if self.least.len() > Self::KEPT {
            let first = self.least.pop_front();
            if let Some(((_, room), second)) = first.zip(self.least.front_mut()) {
                second.1 = room;
            }
        }
    }

    /// The least room before all changes after this one.
    fn least_after(&self, change: u64) -> Option<u128> {
        let from = self.least.partition_point(|&(number, _)| number <= change);
        self.least.get(from).map(|&(_, room)| room)
    }

    /// What a change took was not taken after all. Returns how much of it the bucket would have more
    /// just after the last change.
    fn undo(&mut self, change: u64, worth: u128) -> u128 {
        // Without it there was as much less room, until the bucket was full.
        let Some(least) = self.least_after(change) else { return worth };
        let more = worth.min(least);
        for (number, room) in &mut self.least {
            *room = if *number > change { *room - more } else { (*room).min(least - more) };
        }
        more
    }
}

impl TokenBucket {
    /// A full bucket. The rate was checked.
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, interval: rate.interval.as_nanos(), full_at: 0, rooms: Rooms::default() }
    }

    /// A bucket that has this much, as far as there is room for it.
    pub(super) fn with(rate: Rate, available: i128, now: u64) -> Self {
        let mut bucket = Self::new(rate);
        let lacking = (i128::from(rate.burst) - available).max(0).unsigned_abs();
        bucket.full_at = bucket.parts(now) + lacking * bucket.interval;
        bucket
    }

    pub(super) fn rate(&self) -> Rate {
        self.rate
    }

    /// How much could start now, rounded down.
    pub(super) fn available(&self, now: u64) -> i128 {
        i128::from(self.rate.burst) - self.lacking(now).div_ceil(self.interval) as i128
    }

    /// Fills at another rate from now on. The content stays as far as there is room for it, with an
    /// error of less than one part.
    pub(super) fn change(&mut self, rate: Rate, now: u64) {
        let lacking = self.lacking(now);
        let mut changed = Self::new(rate);
        // Whole units of cost and the remainder separately: multiplying all parts at once could
        // overflow.
        let (units, rest) = (lacking / self.interval, lacking % self.interval);
        let lacking = units * changed.interval + (rest * changed.interval).div_ceil(self.interval);
        let (room, was) = (u128::from(rate.burst), u128::from(self.rate.burst));
        let lacking = (lacking + room * changed.interval).saturating_sub(was * changed.interval);
        changed.full_at = changed.parts(now) + lacking;
        // Who has taken something before may give it back, but no more than there is room for now.
        changed.rooms.changes = self.rooms.changes;
        let least = self.rooms.least_after(0).unwrap_or(0) / self.interval * changed.interval;
        changed.rooms.change(least.min(lacking));
        *self = changed;
    }

    /// The first nanosecond at which a unit of this cost may start. It may be long past.
    pub(super) fn ready_at(&self, cost: u32) -> u64 {
        if cost == 0 {
            return 0;
        }
        let ready = self.full_at.saturating_sub(self.spare(cost)).div_ceil(self.limit());
        u64::try_from(ready).unwrap_or(u64::MAX)
    }

    /// How many units of this cost, at least 1, may start now in a row.
    pub(super) fn ready(&self, cost: u32, now: u64) -> u64 {
        if cost == 0 {
            return u64::MAX;
        }
        let now = self.parts(now);
        let Some(room) = (now + self.spare(cost)).checked_sub(self.full_at.max(now)) else {
            return 0;
        };
        u64::try_from(room / self.worth(cost) + 1).unwrap_or(u64::MAX)
    }

    /// Takes a cost even if it is not there.
    pub(super) fn take(&mut self, cost: u32, now: u64) {
        self.rooms.change(self.lacking(now));
        self.full_at = self.full_at.max(self.parts(now)).saturating_add(self.worth(cost));
    }

    /// The number of the last change, by which a unit says later what it took.
    pub(super) fn stamp(&self) -> u64 {
        self.rooms.changes
    }

    /// Takes a cost back that a unit took, or nobody in particular. What exceeds the room is lost.
    pub(super) fn give_back(&mut self, cost: u32, given: Given, now: u64) {
        let lacking = self.lacking(now);
        let worth = match given {
            Given::ByUnit(stamp) => self.rooms.undo(stamp, self.worth(cost)),
            Given::ByNobody => self.worth(cost),
        };
        // The room only gets less until the next change, which notes it.
        self.full_at = self.parts(now) + lacking.saturating_sub(worth);
    }

    pub(super) fn stats(&self, now: u64) -> RateStats {
        let Rate { limit, interval, burst, window } = self.rate;
        let available = burst as f64 - self.lacking(now) as f64 / self.interval as f64;
        RateStats { available, limit, interval, burst, window }
    }

    /// How much is missing in the bucket, in parts.
    fn lacking(&self, now: u64) -> u128 {
        self.full_at.saturating_sub(self.parts(now))
    }

    /// How much may be missing in the bucket, in parts, when a unit of this cost starts. If the
    /// unit costs more than `burst`, nothing may be missing.
    fn spare(&self, cost: u32) -> u128 {
        u128::from(self.rate.burst.saturating_sub(u64::from(cost))) * self.interval
    }

    fn worth(&self, cost: u32) -> u128 {
        u128::from(cost) * self.interval
    }

    fn limit(&self) -> u128 {
        u128::from(self.rate.limit)
    }

    fn parts(&self, nanos: u64) -> u128 {
        u128::from(nanos) * self.limit()
    }
}
