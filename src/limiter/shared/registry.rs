//! The gates of the process by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use super::gate::SharedGate;
use super::partial_options::{NotOpened, PartialOptions};
use super::state::State;
use crate::clock::{Clock, MonotonicClock};
use crate::sync::Mutex;

/// Gates by name. A gate stays here as long as something holds it, but no longer than until it is
/// [over](super::GateHandle::is_over). Opening the name then makes a new gate, and the old one
/// keeps refusing calls. A closed gate that still has work is joined: two gates of one name would
/// run more than either may.
pub struct Registry<C = MonotonicClock> {
    gates: Mutex<HashMap<String, Weak<Mutex<State<C>>>>>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Self { gates: Mutex::new(HashMap::new()) }
    }
}

impl<C: Clock + Send + 'static> Registry<C> {
    /// Returns the gate of a name: the existing one, or a new one on the clock that `clock`
    /// returns.
    ///
    /// # Errors
    /// [`NotOpened`]
    pub fn open(
        &self,
        name: &str,
        given: &PartialOptions,
        clock: impl FnOnce() -> C,
    ) -> Result<SharedGate<C>, NotOpened> {
        let mut gates = self.gates.lock();
        let known = gates.get(name).and_then(Weak::upgrade).map(|state| SharedGate { state });
        if let Some(gate) = known.filter(|gate| !gate.state.lock().arbiter.is_over()) {
            gate.agrees_with(name, given)?;
            return Ok(gate);
        }
        let gate = SharedGate::with_clock(given.options(name)?, clock())?;
        // Removes names whose gates are gone, only when the map would have to grow.
        if gates.len() == gates.capacity() {
            gates.retain(|_, state| state.strong_count() > 0);
        }
        gates.insert(name.to_owned(), Arc::downgrade(&gate.state));
        Ok(gate)
    }
}

impl<C> fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
