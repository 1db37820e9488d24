//! The gates of one environment, by number.

use std::cell::{Cell, RefCell};
#[cfg(not(target_family = "wasm"))]
use std::sync::Arc;

use slab::Slab;

use super::clock::Times;
use super::gate::PortGate;
#[cfg(not(target_family = "wasm"))]
use super::ready_gates::ReadyGates;
use crate::limiter::{Error, Lease, Message, NotOpened, Options};

/// The leases of so many gates are in one array buffer.
pub(crate) const LEASES: usize = 64;

/// The leases of a range of gates, by number.
pub(crate) type Leases = [Lease; LEASES];

/// About what a gate takes that was used a little.
#[cfg(not(target_family = "wasm"))]
const GATE_BYTES: i64 = 2048;
/// The engine is told of so many gates at a time.
#[cfg(not(target_family = "wasm"))]
const TOLD_OF: i64 = 64;

/// The gates of one environment, by number.
#[derive(Default)]
pub(crate) struct Gates {
    #[cfg(not(target_family = "wasm"))]
    pub(crate) ready_gates: Arc<ReadyGates>,
    /// What the clocks of the gates follow.
    pub(crate) times: Times,
    slab: RefCell<Slab<PortGate>>,
    /// Those of the gates up to some number. The shim holds the memory for as long as it can call.
    leases: RefCell<Vec<*mut Leases>>,
    /// Gates that the engine was not told of, or, if negative, that it does not know to be gone. (It knows the
    /// memory of WebAssembly as a whole.)
    untold: Cell<i64>,
}

fn number_of(key: usize) -> i32 {
    i32::try_from(key).expect("memory ends long before 2^31 gates")
}

impl Gates {
    pub(crate) fn create(&self, options: Options) -> Result<i32, Error> {
        let gate = PortGate::local(options, &self.times)?;
        self.untold.set(self.untold.get() + 1);
        Ok(number_of(self.slab.borrow_mut().insert(gate)))
    }

    pub(crate) fn add(
        &self,
        create: impl FnOnce(i32) -> Result<PortGate, NotOpened>,
    ) -> Result<i32, NotOpened> {
        let mut slab = self.slab.borrow_mut();
        let entry = slab.vacant_entry();
        let gate = number_of(entry.key());
        entry.insert(create(gate)?);
        self.untold.set(self.untold.get() + 1);
        Ok(gate)
    }

    /// The change of the memory in use that the engine has to be told of now, in bytes. The gates of
    /// limits that nobody uses are dropped when the engine collects them, and it does so too rarely
    /// for a program that makes a limit for every few calls, unless it knows what they take.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn memory_to_tell(&self) -> Option<i64> {
        let untold = self.untold.get();
        if untold.abs() < TOLD_OF {
            return None;
        }
        self.untold.set(0);
        Some(untold * GATE_BYTES)
    }

    pub(crate) fn forget(&self, gate: i32) {
        self.untold.set(self.untold.get() - 1);
        if self.slab.borrow_mut().try_remove(gate as usize).is_some_and(|gate| gate.is_leased()) {
            self.on_lease(gate, |lease| *lease = Lease::default());
        }
    }

    /// Calls `work` with a gate.
    ///
    /// # Panics
    /// If there is no such gate.
    #[inline(always)]
    pub(crate) fn with<R>(&self, gate: i32, work: impl FnOnce(&mut PortGate) -> R) -> R {
        let mut slab = self.slab.borrow_mut();
        let found = slab.get_mut(gate as usize).unwrap_or_else(|| panic!("no gate {gate}"));
        if found.is_leased() {
            self.on_lease(gate, |lease| found.end_lease(lease));
        }
        work(found)
    }

    /// Does the same, and lets the shim go on by itself from there.
    #[inline(always)]
    pub(crate) fn with_lease<R>(&self, gate: i32, work: impl FnOnce(&mut PortGate) -> R) -> R {
        self.with(gate, |found| {
            let result = work(found);
            self.on_lease(gate, |lease| found.give_lease(lease));
            result
        })
    }

    /// The shim has made the leases of the next gates.
    pub(crate) fn add_leases(&self, leases: *mut Leases) {
        self.leases.borrow_mut().push(leases);
    }

    #[inline(always)]
    fn on_lease(&self, gate: i32, work: impl FnOnce(&mut Lease)) {
        let (chunk, index) = (gate as usize / LEASES, gate as usize % LEASES);
        if let Some(&leases) = self.leases.borrow().get(chunk) {
            // SAFETY: the shim keeps the memory, and does not run now.
            work(unsafe { &mut (*leases)[index] });
        }
    }

    /// The gates that hold units of this environment, with [how many](PortGate::held) run and wait.
    pub(crate) fn held(&self) -> Vec<(i32, u64, u64)> {
        let gates: Vec<_> = self.slab.borrow().iter().map(|(key, _)| number_of(key)).collect();
        let held = gates.into_iter().map(|gate| (gate, self.with(gate, |gate| gate.held())));
        held.filter(|(_, (runs, waits))| runs + waits > 0)
            .map(|(gate, (runs, waits))| (gate, runs, waits))
            .collect()
    }

    /// Has all shared gates look at a time that has begun or ceased to be set by hand.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn look_at_time(&self) {
        self.slab.borrow().iter().for_each(|(_, gate)| gate.look_at_time());
    }

    /// Drops all gates.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn drop_all(&self) {
        self.slab.borrow_mut().clear();
    }

    /// Whether a gate will get messages. `false` if it was dropped.
    pub(crate) fn expects_messages(&self, gate: i32) -> bool {
        self.slab.borrow().get(gate as usize).is_some_and(PortGate::expects_messages)
    }

    /// Takes the oldest message of a gate. None if the gate was dropped meanwhile.
    pub(crate) fn take_message(&self, gate: i32) -> Option<Message> {
        self.slab.borrow().get(gate as usize).and_then(PortGate::take_message)
    }
}
