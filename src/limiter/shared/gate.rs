//! A gate that threads share, before they have handles of it.

use std::fmt;
use std::sync::{Arc, Weak};

use super::state::State;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::Arbiter;
use crate::limiter::timer::Alarm;
use crate::limiter::types::{Error, Options};
use crate::sync::Mutex;

/// A gate for several threads; each has its own [`GateHandle`](super::GateHandle). Clones are the
/// same gate.
///
/// ```
/// use p_lanes::limiter::{Lane, Message, Options, Outcome, SharedGate};
/// use p_lanes::pool::Wake;
/// use std::sync::Arc;
///
/// struct Owner;
/// impl Wake for Owner {
///     fn wake(&self) {} // would have its thread look for messages
/// }
///
/// let gate = SharedGate::new(Options::new(1))?;
/// let (mine, yours) = (gate.handle(Arc::new(Owner)), gate.handle(Arc::new(Owner)));
///
/// let slot = mine.enter(Lane::Online)?.place.unwrap();
/// let ticket = yours.enter(Lane::Online)?.place.unwrap_err();
/// assert_eq!(mine.settle(slot, Outcome::Fulfilled).next, None, "it is not of this handle");
/// assert_eq!(yours.take_messages(), [Message::Granted { ticket, slot }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SharedGate<C = MonotonicClock> {
    pub(super) state: Arc<Mutex<State<C>>>,
}

impl SharedGate {
    /// A gate on the system's clock.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock + Send + 'static> SharedGate<C> {
    /// A gate on a clock of the caller's. The gate reads the clock under its lock, so the clock
    /// must not use the gate. If it is not the system's clock, time wakes no thread: call
    /// [`GateHandle::next`](super::GateHandle::next) after the clock has moved.
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let (system, time) = (clock.system(), clock.time());
        let arbiter = Arbiter::with_clock(options.clone(), clock)?;
        let state = Arc::new_cyclic(|state: &Weak<Mutex<State<C>>>| {
            let alarm = system.map(|clock| Alarm::new(clock, state.clone()).following(time));
            Mutex::new(State::new(arbiter, options, alarm))
        });
        Ok(Self { state })
    }
}

impl<C> Clone for SharedGate<C> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state) }
    }
}

impl<C> fmt::Debug for SharedGate<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGate").finish_non_exhaustive()
    }
}
