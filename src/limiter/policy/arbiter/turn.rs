//! Whose turn it is: rules 1, 4, 6, 7 and 11 of the lane policy.

use super::super::pacing::told;
use super::super::slots::Running;
use super::super::tickets::Head;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Lane, Request, Slot, Ticket};

/// What starts next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The head of a lane, or a newcomer in its place.
    Head(Lane),
    /// Another attempt of the unit in a slot.
    Attempt(Lane, Slot),
}

impl<C: Clock> Arbiter<C> {
    /// The lane whose head gets the next slot now, if there is a slot and the head may have it.
    #[inline(always)]
    pub(super) fn next_lane(&self) -> Option<Lane> {
        if !self.pacing.is_free() {
            return self.next_lane_in_time();
        }
        self.next_lane_if(self.weights_of_heads())
    }

    /// How many slots the heads of the lanes ask for; 0 for an empty lane.
    #[inline(always)]
    pub(super) fn weights_of_heads(&self) -> [u32; 2] {
        Lane::ALL.map(|lane| self.tickets.head(lane).map_or(0, |head| head.weight))
    }

    /// The lane policy: which lane is next if the heads of the lanes ask for these many slots. If a
    /// head needs more slots than are free, the other lane cannot take the slots that it needs.
    /// Time plays no part here: the next head waits for the rate, and the other lane waits behind
    /// it.
    #[inline(always)]
    pub(super) fn next_lane_if(&self, weights: [u32; 2]) -> Option<Lane> {
        let first = self.first_lane(weights.map(|weight| weight > 0))?;
        let weight = weights[first.index()];
        if self.slots.fit(first, weight, 0) {
            return Some(first);
        }
        let second = first.other();
        let kept = u64::from(self.slots.need(first, weight));
        let weight = weights[second.index()];
        (weight > 0 && self.slots.fit(second, weight, kept)).then_some(second)
    }

    /// The lane that is first, of those in which tickets wait.
    #[inline(always)]
    pub(super) fn first_lane(&self, waits: [bool; 2]) -> Option<Lane> {
        match waits {
            [false, false] => None,
            [false, true] => Some(Lane::Offline),
            [true, false] => Some(Lane::Online),
            [true, true] if self.share.is_due() => Some(Lane::Offline),
            [true, true] => Some(Lane::Online),
        }
    }

    /// Like [`next_lane`](Arbiter::next_lane), also if heads have the slots of other units.
    pub(super) fn next_lane_now(&self) -> Option<Lane> {
        if self.lending.is_on() && self.pacing.is_free() {
            return self.next_lane_lending([true; 2]);
        }
        self.next_lane()
    }

    /// Whether [`Arbiter::grant_next`] would grant a slot.
    pub fn may_grant(&self) -> bool {
        self.next_lane_now().is_some()
    }

    /// The same with pauses and attempts: what is next at a time, apart from the rate. A lane that
    /// is paused at that time has no turn, and keeps no slots free.
    ///
    /// An attempt is, in its lane, before all tickets: its unit came earlier and holds a slot, which
    /// is idle until the attempt starts. Between the lanes it counts as the head of its lane, so an
    /// offline attempt does not take a token that an online call could use. It needs no slot. If the
    /// head of the other lane lacks slots, the attempt does not wait for it. So whatever holds all
    /// slots goes on.
    #[cold]
    pub(super) fn turn_at(&self, at: u64, weights: [u32; 2]) -> Option<Turn> {
        self.turn_among(at, weights.map(|weight| weight > 0), |open| {
            self.next_lane_if(Lane::ALL.map(|lane| {
                let index = lane.index();
                if open[index] { weights[index] } else { 0 }
            }))
        })
    }

    /// The same for the tickets that wait, also if some of them have the slots of other units.
    #[cold]
    pub(super) fn turn_of_heads_at(&self, at: u64) -> Option<Turn> {
        if self.lending.is_on() {
            let waits = Lane::ALL.map(|lane| self.tickets.head(lane).is_some());
            return self.turn_among(at, waits, |open| self.next_lane_lending(open));
        }
        self.turn_at(at, self.weights_of_heads())
    }

    /// What is next, if `next_of` says which of these lanes is by turns and slots.
    fn turn_among(
        &self,
        at: u64,
        waits: [bool; 2],
        next_of: impl Fn([bool; 2]) -> Option<Lane>,
    ) -> Option<Turn> {
        let is_open = |lane| !self.pacing.is_paused_at(lane, at);
        let mut attempts =
            Lane::ALL.map(|lane| self.pacing.first_attempt(lane).filter(|_| is_open(lane)));
        let mut open =
            Lane::ALL.map(|lane| waits[lane.index()] && is_open(lane) && !self.pacing.is_held());
        let online_waits = attempts[0].is_some() || open[0];
        if online_waits && self.share.is_due() && self.is_stuck(Lane::Offline) {
            (attempts[1], open[1]) = (None, false);
        }
        let attempt = |lane: Lane| attempts[lane.index()].map(|slot| Turn::Attempt(lane, slot));
        let waits = |lane: Lane| attempts[lane.index()].is_some() || open[lane.index()];
        if attempts == [None, None] {
            return next_of(open).map(Turn::Head);
        }
        let offline_is_first = !waits(Lane::Online) || waits(Lane::Offline) && self.share.is_due();
        let first = if offline_is_first { Lane::Offline } else { Lane::Online };
        attempt(first).or_else(|| {
            let alone = Lane::ALL.map(|lane| lane == first && open[lane.index()]);
            next_of(alone).map(Turn::Head).or_else(|| attempt(first.other()))
        })
    }

    /// Whether no time lets the next attempt of a lane start, or else its head: there is too little of
    /// a budget. The offline share is not due to it then, or online work would wait with it for ever.
    fn is_stuck(&self, lane: Lane) -> bool {
        let ready_at = match self.pacing.first_attempt(lane) {
            Some(slot) => self.pacing.attempt_ready_at(slot),
            None => self.head_ready_at(lane),
        };
        told(ready_at).is_none()
    }

    #[inline(always)]
    pub(super) fn may_start_at_once(&self, request: Request) -> bool {
        self.weights_with(request).is_some_and(|weights| {
            if self.pacing.is_free() {
                self.next_lane_if(weights) == Some(request.lane)
            } else {
                self.newcomer_is_in_time(request, weights)
            }
        })
    }

    /// How many slots the heads of the lanes ask for if a newcomer is the head of its lane. None if
    /// it is not: between a raise of the concurrency and the grants that follow it, slots are free
    /// while tickets wait. A newcomer does not barge past those.
    #[inline(always)]
    pub(super) fn weights_with(&self, request: Request) -> Option<[u32; 2]> {
        let Request { lane, priority, weight, .. } = request;
        let behind = self.tickets.head(lane).is_some_and(|head| head.priority >= priority);
        if behind || self.closed || u64::from(weight) > self.slots.heaviest_for(lane) {
            return None;
        }
        let mut weights = self.weights_of_heads();
        weights[lane.index()] = weight;
        Some(weights)
    }

    /// Whether the head of a lane asks for several slots. Only then can a newcomer change what
    /// other tickets get.
    #[inline(always)]
    pub(crate) fn has_heavy_head(&self) -> bool {
        self.weights_of_heads().iter().any(|&weight| weight > 1)
    }

    /// Starts one unit of the head of a lane.
    #[inline(always)]
    pub(super) fn start_head(&mut self, lane: Lane) -> (Ticket, Running) {
        let (Head { ticket, weight, .. }, arrival, leaves) = self.tickets.take_unit(lane);
        let arrival = self.arrival_of(arrival, leaves);
        if leaves {
            self.nesting.left(ticket);
        }
        self.count_turn(lane);
        let started = self.recorders[lane.index()].started(arrival, &self.clock);
        self.date_skipped(lane, started);
        (ticket, Running { lane, weight: self.slots.need(lane, weight), started })
    }
}
