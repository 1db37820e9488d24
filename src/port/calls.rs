//! The calls that are made now and then, with the numbers that JavaScript gives.

use std::time::Duration;

use super::errors::Thrown;
use super::gate::PortGate;
use super::gates::Gates;
use super::wire::{
    cause, given, lane, number_of_overflow, real, real_of_reserve, reserve_of, whole,
};
use crate::limiter::{
    Costs, LaneHistograms, LimitStats, ListedCall, Outcome, PartialOptions, PauseScope, Rate,
    Reading, Sent, Slot,
};

/// Servers may say any time. This is some thirty years.
const LONGEST_MILLIS: f64 = 1e12;

fn millis(millis: f64) -> Duration {
    Duration::from_secs_f64(millis / 1e3)
}

impl Gates {
    /// Makes a gate of this environment alone.
    pub(crate) fn create_local(&self, given: &PartialOptions) -> Result<i32, Thrown> {
        Ok(self.add(|_| PortGate::local_from(given, &self.times))?)
    }

    /// Drops what waits in a lane and returns the dropped tickets, in the lane's order. With
    /// `everywhere` the tickets of other environments are dropped, too, and these are told.
    pub(crate) fn clear(&self, gate: i32, of_lane: i32, everywhere: bool) -> Vec<u32> {
        self.with(gate, |gate| gate.clear(lane(of_lane), everywhere))
    }

    /// Takes a ticket out of its lane, for a [cause].
    pub(crate) fn cancel(&self, gate: i32, ticket: u32, number: u32) {
        self.with(gate, |gate| gate.cancel(ticket, cause(number)));
    }

    /// The work in a slot, which still runs, is given up, for a [cause].
    pub(crate) fn given_up(&self, gate: i32, slot: u32, number: u32) {
        self.with(gate, |gate| gate.given_up(Slot::from_number(slot), cause(number)));
    }

    /// Takes a slot back from work that never began. It counts neither as granted nor as settled.
    pub(crate) fn take_back(&self, gate: i32, slot: u32) {
        self.with(gate, |gate| gate.take_back(Slot::from_number(slot)));
    }

    /// Adds to the counts of a lane what Rust was not asked.
    pub(crate) fn correct(&self, gate: i32, of_lane: i32, refused: i32, aborted: u32) {
        self.with(gate, |gate| gate.correct(lane(of_lane), refused, aborted));
    }

    /// The work in a slot has failed, and will be tried again in it.
    pub(crate) fn attempt_failed(&self, gate: i32, slot: u32, is_overload: bool) {
        let outcome = if is_overload { Outcome::Overloaded } else { Outcome::Rejected };
        self.with(gate, |gate| gate.attempt_failed(Slot::from_number(slot), outcome));
    }

    /// Whether the work in a slot, which has failed, may be tried again now.
    pub(crate) fn attempt(&self, gate: i32, slot: u32) -> bool {
        self.with(gate, |gate| gate.attempt(Slot::from_number(slot)))
    }

    /// Takes back one `attempt` of the work in a slot that waits.
    pub(crate) fn cancel_attempt(&self, gate: i32, slot: u32) {
        self.with(gate, |gate| gate.cancel_attempt(Slot::from_number(slot)));
    }

    /// A server asked the work in a slot to wait for this many milliseconds. Pauses the call (0),
    /// its lane (1) or the limit (2); without a scope, the offline lane or the limit, by the lane
    /// of the work.
    pub(crate) fn retry_after(&self, gate: i32, slot: u32, duration: f64, scope: Option<u32>) {
        let scope = scope.map(|scope| match scope {
            0 => PauseScope::Call,
            1 => PauseScope::Lane,
            _ => PauseScope::Limit,
        });
        self.with(gate, |gate| gate.retry_after(Slot::from_number(slot), millis(duration), scope));
    }

    /// Moves a ticket to a lane and priority, if it then starts earlier.
    pub(crate) fn raise(&self, gate: i32, ticket: u32, of_lane: i32, priority: i32) {
        self.with(gate, |gate| gate.raise(ticket, lane(of_lane), priority));
    }

    /// Moves a ticket to a lane and priority, also if it then starts later. Returns whether it still
    /// waited, in another place.
    pub(crate) fn reprioritise(
        &self,
        gate: i32,
        ticket: u32,
        of_lane: i32,
        priority: i32,
    ) -> Result<bool, Thrown> {
        Ok(self.with(gate, |gate| gate.reprioritise(ticket, lane(of_lane), priority))?)
    }

    /// The tickets that have left a full lane, and the lane of each.
    pub(crate) fn take_dropped(&self, gate: i32) -> Vec<u32> {
        let dropped = self.with(gate, PortGate::take_dropped).into_iter();
        dropped.flat_map(|it| [it.ticket.number(), it.lane as u32]).collect()
    }

    /// What runs and waits, with so many numbers for each: 1 if it runs; its slot or ticket, or -1 if
    /// it is another environment's; its lane, priority (NaN if it runs), weight and units; its age in
    /// milliseconds (NaN if that is not known).
    pub(crate) fn calls(&self, gate: i32) -> Vec<f64> {
        let row = |(call, number): (ListedCall, Option<u32>)| {
            [
                f64::from(u8::from(call.place.is_ok())),
                number.map_or(-1.0, f64::from),
                f64::from(call.lane as u8),
                call.priority.map_or(f64::NAN, f64::from),
                f64::from(call.weight),
                call.units as f64,
                call.age.map_or(f64::NAN, |age| age.as_nanos() as f64 / 1e6),
            ]
        };
        self.with(gate, PortGate::calls).into_iter().flat_map(row).collect()
    }

    /// How many calls may wait in a lane.
    pub(crate) fn max_queue(&self, gate: i32, of_lane: i32) -> f64 {
        real(self.with(gate, |gate| gate.max_queue(lane(of_lane))))
    }

    pub(crate) fn set_max_queue(&self, gate: i32, of_lane: i32, most: f64) {
        self.with(gate, |gate| gate.set_max_queue(lane(of_lane), whole(most)));
    }

    /// The reserve as it was set; see [reserve_of].
    pub(crate) fn reserve(&self, gate: i32) -> f64 {
        real_of_reserve(self.with(gate, |gate| gate.reserve()))
    }

    pub(crate) fn set_reserve(&self, gate: i32, reserve: f64) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.set_reserve(reserve_of(reserve)))?)
    }

    pub(crate) fn offline_share(&self, gate: i32) -> f64 {
        self.with(gate, |gate| gate.offline_share())
    }

    pub(crate) fn set_offline_share(&self, gate: i32, share: f64) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.set_offline_share(share))?)
    }

    /// What happens to a call that comes to a full lane; see [overflow_of](super::wire::overflow_of).
    pub(crate) fn overflow(&self, gate: i32) -> u32 {
        number_of_overflow(self.with(gate, |gate| gate.overflow()))
    }

    /// The work in slot `outer` waits for a ticket, too, and lends its slot to it.
    pub(crate) fn lend(&self, gate: i32, ticket: u32, outer: u32) {
        self.with(gate, |gate| gate.lend(ticket, Slot::from_number(outer)));
    }

    /// The work in slot `outer` waits for the work in `slot`.
    pub(crate) fn await_running(&self, gate: i32, slot: u32, outer: u32) {
        self.with(gate, |gate| {
            gate.await_running(Slot::from_number(slot), Slot::from_number(outer));
        });
    }

    /// The work in a slot waits for a ticket, too.
    pub(crate) fn join(
        &self,
        gate: i32,
        ticket: u32,
        slot: u32,
        of_lane: i32,
    ) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.join(ticket, Slot::from_number(slot), lane(of_lane)))?)
    }

    /// Fails if a lane lets no calls of that weight in.
    pub(crate) fn check_weight(&self, gate: i32, of_lane: i32, weight: u32) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.check_weight(lane(of_lane), weight))?)
    }

    /// Grants nothing until `resume`.
    pub(crate) fn pause(&self, gate: i32) {
        self.with(gate, PortGate::pause);
    }

    /// Grants nothing for this many milliseconds.
    pub(crate) fn pause_for(&self, gate: i32, duration: f64) {
        self.with(gate, |gate| gate.pause_for(millis(duration)));
    }

    /// Ends all pauses, or only the one that `pause` has begun.
    pub(crate) fn resume(&self, gate: i32, only_held: bool) {
        self.with(gate, |gate| gate.resume(only_held));
    }

    pub(crate) fn is_paused(&self, gate: i32) -> bool {
        self.with(gate, |gate| gate.is_paused())
    }

    /// In how many milliseconds to call `next` again because time lets a ticket start then.
    pub(crate) fn wakes_in(&self, gate: i32) -> f64 {
        self.with(gate, |gate| gate.wakes_in()).unwrap_or(f64::INFINITY)
    }

    pub(crate) fn rate(&self, gate: i32) -> Option<Rate> {
        self.with(gate, |gate| gate.rate())
    }

    pub(crate) fn set_rate(&self, gate: i32, rate: Rate) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.set_rate(rate))?)
    }

    /// Takes a cost from the rate without a call. A negative cost is given back.
    pub(crate) fn charge(&self, gate: i32, cost: i32) {
        self.with(gate, |gate| gate.charge(cost));
    }

    /// The quotas of a gate, by name.
    pub(crate) fn quotas(&self, gate: i32) -> Vec<(String, Rate)> {
        self.with(gate, |gate| gate.quotas())
    }

    /// Changes the quota at a place.
    pub(crate) fn set_quota(&self, gate: i32, place: u32, rate: Rate) -> Result<(), Thrown> {
        Ok(self.with(gate, |gate| gate.set_quota_at(place as usize, rate))?)
    }

    /// Takes a cost from the quota at a place.
    pub(crate) fn charge_quota(&self, gate: i32, place: u32, cost: i32) {
        self.with(gate, |gate| gate.charge_quota_at(place as usize, cost));
    }

    /// A server has answered a request, and says this of the quota at a place. It is the request of
    /// the work in a slot; if that is negative, it was sent so long ago, or at a time that is not
    /// known. Times are milliseconds; NaN is what is not said. Returns whether the answer counts.
    pub(crate) fn learn(
        &self,
        gate: i32,
        place: u32,
        (slot, ago): (i32, f64),
        [limit, remaining, resets_in, window]: [f64; 4],
    ) -> bool {
        let time = |real| given(real).map(|real| millis(real.clamp(0.0, LONGEST_MILLIS)));
        let sent = match (u32::try_from(slot), time(ago)) {
            (Ok(slot), _) => Sent::In(Slot::from_number(slot)),
            (Err(_), Some(ago)) => Sent::Ago(ago),
            (Err(_), None) => Sent::ByAny,
        };
        let reading = Reading {
            limit: given(limit).map(whole),
            remaining: given(remaining).map(whole),
            resets_in: time(resets_in),
            window: time(window),
        };
        self.with(gate, |gate| gate.learn_at(place as usize, sent, reading))
    }

    /// The running attempt of the work in a slot has cost this of the quota at a place, or, if the
    /// place is negative, of each.
    pub(crate) fn spent(&self, gate: i32, slot: u32, place: i32, cost: u32) {
        let slot = Slot::from_number(slot);
        self.with(gate, |gate| match usize::try_from(place) {
            Ok(place) => {
                let mut costs = Costs::default();
                costs.set(place, cost);
                gate.spent(slot, costs);
            }
            Err(_) => gate.spent_each(slot, cost),
        });
    }

    /// Lets the flows of each lane take turns, from now on.
    pub(crate) fn make_fair(&self, gate: i32) {
        self.with(gate, PortGate::make_fair);
    }

    /// Refuses all calls from now on.
    pub(crate) fn close(&self, gate: i32) {
        self.with(gate, PortGate::close);
    }

    pub(crate) fn is_closed(&self, gate: i32) -> bool {
        self.with(gate, |gate| gate.is_closed())
    }

    /// Whether a gate takes no more calls, and nothing runs or waits in any environment.
    pub(crate) fn is_over(&self, gate: i32) -> bool {
        self.with(gate, |gate| gate.is_over())
    }

    /// The slots that work of this environment runs in, of one lane.
    pub(crate) fn slots_of(&self, gate: i32, of_lane: i32) -> Vec<u32> {
        self.with(gate, |gate| gate.slots_of(lane(of_lane)))
    }

    /// All of a gate's numbers. `read` is also told whether the work in a slot is that of this environment.
    pub(crate) fn stats<R>(
        &self,
        gate: i32,
        read: impl FnOnce(LimitStats, &dyn Fn(Slot) -> bool) -> R,
    ) -> R {
        self.with(gate, |gate| {
            let stats = gate.stats();
            read(stats, &|slot| gate.holds(slot))
        })
    }

    /// The same, with histograms.
    pub(crate) fn snapshot<R>(
        &self,
        gate: i32,
        read: impl FnOnce(LimitStats, [LaneHistograms; 2], &dyn Fn(Slot) -> bool) -> R,
    ) -> R {
        self.with(gate, |gate| {
            let (stats, histograms) = gate.snapshot();
            read(stats, histograms, &|slot| gate.holds(slot))
        })
    }
}
