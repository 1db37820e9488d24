//! Which gates of an environment have messages, and how its event loop learns of it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::wake::Wake;

/// Gates that have got messages, oldest first. A gate is here at most once until it is taken, even
/// if its messages are read and it gets others meanwhile. An event loop that runs only microtasks
/// reads messages and takes no gates from here.
#[derive(Default)]
struct Ready {
    queue: VecDeque<i32>,
    queued: HashSet<i32>,
}

impl Ready {
    fn push(&mut self, gate: i32) {
        if self.queued.insert(gate) {
            self.queue.push_back(gate);
        }
    }

    fn pop(&mut self) -> Option<i32> {
        let gate = self.queue.pop_front()?;
        self.queued.remove(&gate);
        Some(gate)
    }
}

/// Tells an environment which of its gates have messages.
#[derive(Default)]
pub(crate) struct ReadyGates {
    ready: Mutex<Ready>,
    doorbell: Mutex<Option<Arc<dyn Wake>>>,
}

impl ReadyGates {
    /// Sets what is told that a gate has got messages.
    pub(crate) fn set_doorbell(&self, doorbell: Arc<dyn Wake>) {
        *self.doorbell.lock() = Some(doorbell);
    }

    fn doorbell(&self) -> Option<Arc<dyn Wake>> {
        self.doorbell.lock().clone()
    }

    /// Takes a gate that has got messages since it was last taken.
    pub(crate) fn take(&self) -> Option<i32> {
        self.ready.lock().pop()
    }
}

/// Wakes an environment for one of its gates.
pub(crate) struct GateWaker {
    pub(crate) gate: i32,
    pub(crate) ready_gates: Arc<ReadyGates>,
}

impl Wake for GateWaker {
    fn wake(&self) {
        self.ready_gates.ready.lock().push(self.gate);
        if let Some(doorbell) = self.ready_gates.doorbell() {
            doorbell.wake();
        }
    }
}
