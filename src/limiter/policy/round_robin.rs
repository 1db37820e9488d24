//! Deficit round robin: which of several flows that wait is next.
//!
//! M. Shreedhar and G. Varghese, "Efficient Fair Queuing Using Deficit Round-Robin", IEEE/ACM
//! Transactions on Networking 4 (3), 1996. All flows that wait are visited in turn. A visit adds the
//! flow's quantum to what it may use, its *deficit*. The flow then starts units as long as its
//! deficit covers the size of the next one. What is left stays for the next visit. A flow that has
//! nothing waiting any more loses it.
//!
//! # Rounds are numbered
//!
//! The paper wants a quantum of at least the largest size, because a visit to a flow that can start
//! nothing costs time. Here no flow is visited in vain: the number of the round in which a flow can
//! start its next unit is computed, and the flow with the lowest number is next. So a quantum may
//! be small, which makes turns short, and sizes may differ as much as they like. A step takes
//! logarithmic time.
//!
//! # The bound
//!
//! Say that two flows wait all the time from one moment to another. In a round each of them has one
//! visit, so the numbers of their visits differ by at most two. (By one in the paper, where the
//! order is the same in all rounds. Here a flow that could start nothing in some rounds comes
//! earlier in the next one.) The deficit that a flow keeps is smaller than its largest unit. So
//! what the flows have started, each divided by its share, differs by at most
//!
//! 2 quanta of share 1 + the largest unit of the one / its share + that of the other / its share.
//!
//! A quantum of share 1 is half a unit of weight 1 ([`Flow::quantum`](crate::limiter::types::Flow)), so the first term is 1.

use std::collections::BTreeSet;

use slab::Slab;

use crate::limiter::types::give_spare_back;

/// Flows that wait, in a round robin. With each of them `T` is kept.
#[derive(Clone, Debug)]
pub(super) struct RoundRobin<T> {
    flows: Slab<Flow<T>>,
    /// The flows in the order of their turns; see [`Flow::turn`].
    turns: BTreeSet<(u128, u64, usize)>,
    /// The round of the last turn.
    round: u128,
    /// How many turns there were, or flows that have come.
    visits: u64,
}

#[derive(Clone, Debug)]
struct Flow<T> {
    /// What a visit adds.
    quantum: u64,
    /// What may be used since the visit of the round `visited`. It is negative after the flow has
    /// [taken](RoundRobin::take) more than its due.
    deficit: i128,
    visited: u128,
    /// The round in which the next unit can start.
    due: u128,
    /// Orders the flows in a round: by their last visit.
    visit: u64,
    /// Whether it has had a turn, and [`RoundRobin::requeue`] must follow.
    had_turn: bool,
    kept: T,
}

impl<T> Flow<T> {
    fn turn(&self, key: usize) -> (u128, u64, usize) {
        (self.due, self.visit, key)
    }

    /// Sets the round in which a unit of this size can start.
    fn wait_for(&mut self, size: u64) {
        let missing = (i128::from(size) - self.deficit).max(0).unsigned_abs();
        self.due = self.visited + missing.div_ceil(self.quantum.into());
    }
}

impl<T> Default for RoundRobin<T> {
    fn default() -> Self {
        Self { flows: Slab::new(), turns: BTreeSet::new(), round: 0, visits: 0 }
    }
}

impl<T> RoundRobin<T> {
    /// The flow that is next, by its key.
    pub(super) fn first(&self) -> Option<usize> {
        self.turns.first().map(|&(_, _, key)| key)
    }

    /// What is kept with a flow.
    pub(super) fn kept(&self, key: usize) -> &T {
        &self.flows[key].kept
    }

    pub(super) fn kept_mut(&mut self, key: usize) -> &mut T {
        &mut self.flows[key].kept
    }

    fn next_visit(&mut self) -> u64 {
        self.visits += 1;
        self.visits
    }

    /// A flow waits from now on, behind all others of this round. `size` is that of its first unit.
    pub(super) fn enter(&mut self, quantum: u64, size: u64, kept: T) -> usize {
        let visit = self.next_visit();
        let (visited, due) = (self.round, self.round);
        let mut flow = Flow { quantum, deficit: 0, visited, due, visit, had_turn: false, kept };
        flow.wait_for(size);
        let key = self.flows.vacant_key();
        self.turns.insert(flow.turn(key));
        self.flows.insert(flow)
    }

    /// A flow has nothing more to start.
    pub(super) fn leave(&mut self, key: usize) -> T {
        let flow = self.flows.remove(key);
        self.turns.remove(&flow.turn(key));
        if self.flows.is_empty() {
            (self.round, self.visits) = (0, 0);
            give_spare_back(&mut self.flows);
        }
        flow.kept
    }

    /// The flow that is next starts a unit of this size. [`leave`](Self::leave) or
    /// [`requeue`](Self::requeue) must follow.
    pub(super) fn start(&mut self, key: usize, size: u64) {
        debug_assert_eq!(self.first(), Some(key));
        let flow = &mut self.flows[key];
        self.round = self.round.max(flow.due);
        let visits = (flow.due - flow.visited).cast_signed();
        flow.deficit += visits * i128::from(flow.quantum) - i128::from(size);
        flow.visited = flow.due;
        flow.had_turn = true;
    }

    /// A flow starts a unit of this size out of its turn. [`leave`](Self::leave) or
    /// [`requeue`](Self::requeue) must follow.
    pub(super) fn take(&mut self, key: usize, size: u64) {
        self.flows[key].deficit -= i128::from(size);
    }

    /// The first unit of a flow has this size now.
    pub(super) fn requeue(&mut self, key: usize, size: u64) {
        let visit = self.next_visit();
        let flow = &mut self.flows[key];
        self.turns.remove(&flow.turn(key));
        flow.wait_for(size);
        if flow.had_turn && flow.due > flow.visited {
            flow.visit = visit; // its visit is over
        }
        flow.had_turn = false;
        self.turns.insert(flow.turn(key));
    }

    /// Sets the quantum of a flow, whose first unit has this size.
    pub(super) fn set_quantum(&mut self, key: usize, quantum: u64, size: u64) {
        let passed = self.round.saturating_sub(1);
        let flow = &mut self.flows[key];
        if flow.quantum != quantum {
            let visits = passed.saturating_sub(flow.visited); // with the quantum of before
            flow.deficit += visits.cast_signed() * i128::from(flow.quantum);
            flow.visited += visits;
            flow.quantum = quantum;
            self.requeue(key, size);
        }
    }

    /// The same flows with something else kept with them.
    pub(super) fn map<U>(&self, keep: impl Fn(&T) -> U) -> RoundRobin<U> {
        let convert = |(key, flow): (usize, &Flow<T>)| {
            let Flow { quantum, deficit, visited, due, visit, had_turn, .. } = *flow;
            let kept = keep(&flow.kept);
            (key, Flow { quantum, deficit, visited, due, visit, had_turn, kept })
        };
        RoundRobin {
            flows: self.flows.iter().map(convert).collect(),
            turns: self.turns.clone(),
            round: self.round,
            visits: self.visits,
        }
    }
}
