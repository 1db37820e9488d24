//! What runs and waits in a limit, one by one.

use std::time::Duration;

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::stats::Arrival;
use crate::limiter::types::{Lane, Slot, Ticket};

/// A unit that runs, or a ticket that waits, in [`Arbiter::calls`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListedCall {
    /// The slot that it runs in, or the ticket that it waits under.
    pub place: Result<Slot, Ticket>,
    /// Its lane.
    pub lane: Lane,
    /// Its priority; none for a unit that runs, for which it does not matter any more.
    pub priority: Option<i32>,
    /// How many slots each of its units works with.
    pub weight: u32,
    /// How many units wait under the ticket; 1 for a unit that runs.
    pub units: u64,
    /// How long it has run ([`Oldest::age`](crate::limiter::Oldest::age)), or has waited. The arrivals
    /// of a burst are not all timed: a ticket whose arrival was not is as old as the one before it in
    /// its lane and priority that was timed, or else as the next one. None if no arrival was timed.
    pub age: Option<Duration>,
}

impl<C: Clock> Arbiter<C> {
    /// Lists the units that run, by the time of their start, and then the tickets that wait: those of
    /// the online lane and those of the offline lane, in the order in which they start if nothing
    /// else comes. Each of the calls that share a ticket ([`Arbiter::enter_line`]) is listed.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Request};
    /// use std::time::Duration;
    ///
    /// let clock = FakeClock::default();
    /// let mut arbiter = Arbiter::with_clock(Options::new(1), clock.clone())?;
    /// let Enqueued::Granted(slot) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
    /// let Enqueued::Queued(last) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
    /// let urgent = Request::new(Lane::Offline).priority(1);
    /// let Enqueued::Queued(first) = arbiter.enqueue(urgent) else { unreachable!() };
    /// clock.advance(Duration::from_millis(5));
    ///
    /// let calls = arbiter.calls();
    /// let places: Vec<_> = calls.iter().map(|call| call.place).collect();
    /// assert_eq!(places, [Ok(slot), Err(first), Err(last)]);
    /// assert!(calls.iter().all(|call| call.age == Some(Duration::from_millis(5))));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn calls(&mut self) -> Vec<ListedCall> {
        self.date_running();
        let now = self.clock.now();
        let mut calls = self.running_calls(now);
        for lane in Lane::ALL {
            self.list_waiting(lane, now, &mut calls);
        }
        calls
    }

    fn running_calls(&self, now: u64) -> Vec<ListedCall> {
        let mut running: Vec<_> = self
            .slots
            .all_held()
            .filter_map(|slot| Some((slot, self.slots.running(slot)?)))
            .map(|(slot, running)| (self.start_of(running, now), slot, running.lane))
            .collect();
        running.sort_unstable_by_key(|&(at, slot, _)| (at, slot));
        let listed = |(at, slot, lane): (u64, Slot, Lane)| ListedCall {
            place: Ok(slot),
            lane,
            priority: None,
            weight: self.lending.weight_of(slot, &self.slots),
            units: 1,
            age: Some(age(now, at)),
        };
        running.into_iter().map(listed).collect()
    }

    fn list_waiting(&self, lane: Lane, now: u64, calls: &mut Vec<ListedCall>) {
        let from = calls.len();
        for ticket in self.tickets.in_order(lane) {
            let Some((_, priority, weight)) = self.tickets.asked_by(ticket) else { continue };
            let call = ListedCall {
                place: Err(ticket),
                lane,
                priority: Some(priority),
                weight,
                units: self.tickets.units(ticket),
                age: None,
            };
            match self.tickets.arrival(ticket) {
                Some(Arrival::InLine) => {
                    let arrivals = self.line.arrivals();
                    calls.extend(arrivals.map(|sample| ListedCall {
                        units: 1,
                        age: sample.map(|sample| age(now, sample.at)),
                        ..call
                    }));
                }
                Some(Arrival::Call(sample)) => {
                    calls.push(ListedCall { age: sample.map(|it| age(now, it.at)), ..call });
                }
                Some(Arrival::Batch(at)) => {
                    calls.push(ListedCall { age: Some(age(now, at)), ..call });
                }
                None => {}
            }
        }
        fill_in(calls[from..].iter_mut());
        fill_in(calls[from..].iter_mut().rev());
    }
}

fn age(now: u64, at: u64) -> Duration {
    Duration::from_nanos(now.saturating_sub(at))
}

/// Gives tickets without an age that of the one before them, if it has the same priority.
fn fill_in<'a>(calls: impl Iterator<Item = &'a mut ListedCall>) {
    let mut last = None;
    for call in calls {
        match (call.age, last) {
            (None, Some((priority, age))) if priority == call.priority => call.age = Some(age),
            (None, _) => {}
            (Some(age), _) => last = Some((call.priority, age)),
        }
    }
}
