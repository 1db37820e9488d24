//! The gates of the process by name.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::{Arc, Weak};

use super::gate::{SharedGate, State};
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::adaptive::{Adaptive, GivenAdaptive};
use crate::limiter::error::Error;
use crate::limiter::lane::Lane;
use crate::limiter::options::{Options, UNLIMITED};
use crate::limiter::rate::Rate;
use crate::sync::Mutex;

/// Gates by name. A gate is here as long as anybody has it, but no longer than until it is
/// [over](super::End::is_over): who opens the name then gets a new one, and who has the old one is refused there as
/// before. While a closed one has still to do, it is joined: two of one name would run more than either may.
pub struct Registry<C = MonotonicClock> {
    gates: Mutex<HashMap<String, Weak<Mutex<State<C>>>>>,
}

impl<C> Default for Registry<C> {
    fn default() -> Self {
        Self { gates: Mutex::new(HashMap::new()) }
    }
}

/// What somebody says of a gate that he wants to have by its name. What he leaves out is as it is, or by default where
/// he is the first.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Given {
    /// See [`Options::concurrency`]; the first has to say it.
    pub concurrency: Option<u64>,
    /// See [`Options::adaptive`]; then no `concurrency` is needed.
    pub adaptive: Option<GivenAdaptive>,
    /// See [`Options::reserve`].
    pub reserve: Option<u64>,
    /// See [`Options::offline_share`].
    pub offline_share: Option<f64>,
    /// See [`Options::max_queue`].
    pub max_queue: [Option<u64>; 2],
    /// See [`Options::overflows`].
    pub overflows: Option<bool>,
    /// See [`Options::rate`].
    pub rate: Option<Rate>,
}

/// Why a gate can't be had by its name. Nothing has changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotOpened {
    /// There is no such gate, and nobody has said how many slots it is to have.
    #[error("`concurrency` must be given by who names a limit first, got none for '{name}'")]
    NoConcurrency {
        /// The name.
        name: String,
    },
    /// The gate has another value of an option than the one given.
    #[error("`{option}` of the limit '{name}' is {is}, got {given}")]
    Conflict {
        /// The name.
        name: String,
        /// The option.
        option: &'static str,
        /// Its value.
        is: String,
        /// What was given.
        given: String,
    },
    /// An option is out of its range.
    #[error(transparent)]
    Option(#[from] Error),
}

impl<C: Clock + Send + 'static> Registry<C> {
    /// The gate of a name: the one that is there, or a new one on the clock that `clock` gives.
    ///
    /// # Errors
    /// [`NotOpened`]
    pub fn open(
        &self,
        name: &str,
        given: &Given,
        clock: impl FnOnce() -> C,
    ) -> Result<SharedGate<C>, NotOpened> {
        let mut gates = self.gates.lock();
        let known = gates.get(name).and_then(Weak::upgrade).map(|state| SharedGate { state });
        if let Some(gate) = known.filter(|gate| !gate.state.lock().arbiter.is_over()) {
            gate.agrees_with(name, given)?;
            return Ok(gate);
        }
        let gate = SharedGate::with_clock(given.options(name)?, clock())?;
        // Names whose gates are gone, looked for only where there would be need of more room.
        if gates.len() == gates.capacity() {
            gates.retain(|_, state| state.strong_count() > 0);
        }
        gates.insert(name.to_owned(), Arc::downgrade(&gate.state));
        Ok(gate)
    }
}

impl<C: Clock> SharedGate<C> {
    /// Whether the gate is as given, for errors of that name.
    ///
    /// # Errors
    /// [`NotOpened::Conflict`]
    pub fn agrees_with(&self, name: &str, given: &Given) -> Result<(), NotOpened> {
        given.agrees_with(name, &self.state.lock())
    }
}

impl Given {
    /// The options of the gate that it makes, for errors of that name.
    pub(crate) fn options(&self, name: &str) -> Result<Options, NotOpened> {
        let concurrency = match (self.concurrency, self.adaptive) {
            (Some(concurrency), _) => concurrency,
            (None, Some(_)) => UNLIMITED, // it begins where `adaptive` says
            (None, None) => return Err(NotOpened::NoConcurrency { name: name.to_owned() }),
        };
        let mut options = Options::new(concurrency);
        options.adaptive = self.adaptive.map(|given| Adaptive::default().with(given));
        options.rate = self.rate;
        options.reserve = self.reserve;
        options.offline_share = self.offline_share.unwrap_or(options.offline_share);
        options.overflows = self.overflows.unwrap_or(options.overflows);
        for lane in Lane::ALL {
            if let Some(most) = self.max_queue[lane.index()] {
                options = options.max_queue(lane, most);
            }
        }
        Ok(options)
    }

    /// Whether all that is given is so. A concurrency or a rate may be the present one, or the one that the gate was
    /// made with.
    fn agrees_with<C: Clock>(&self, name: &str, state: &State<C>) -> Result<(), NotOpened> {
        let options = &state.options;
        let check = Check { name };
        let count = |given: Option<u64>| given.map(Count);
        let present = Count(state.arbiter.concurrency());
        // An adaptive one was made with no number.
        let made_with = options.adaptive.is_none().then_some(options.concurrency);
        let is = options.adaptive.map_or_else(|| present.to_string(), adaptive);
        if self.concurrency != made_with {
            check.same("concurrency", count(self.concurrency), present)?;
        }
        let own = options.adaptive.unwrap_or_default();
        check.same("concurrency", self.adaptive.map(|given| adaptive(own.with(given))), is)?;
        if self.rate != options.rate {
            let present = state.arbiter.rate().map_or_else(|| "none".to_owned(), rate);
            check.same("rate", self.rate.map(rate), present)?;
        }
        let reserve = Count(options.reserve.unwrap_or(state.arbiter.reserve()));
        check.same("reserve", count(self.reserve), reserve)?;
        check.same("offlineShare", self.offline_share, options.offline_share)?;
        check.same("overflow", self.overflows.map(overflow), overflow(options.overflows))?;
        for (lane, option) in Lane::ALL.into_iter().zip(["maxQueue.online", "maxQueue.offline"]) {
            let index = lane.index();
            let is = Count(options.max_queue[index]);
            check.same(option, count(self.max_queue[index]), is)?;
        }
        Ok(())
    }
}

fn adaptive(options: Adaptive) -> String {
    let (Adaptive { min, max, algorithm, .. }, initial) = (options, options.begins_with());
    let algorithm = format!("{algorithm:?}").to_lowercase();
    format!("adaptive from {min} to {max}, at first {initial}, by '{algorithm}'")
}

fn rate(Rate { limit, interval, burst, .. }: Rate) -> String {
    format!("{limit} in {interval:?} with a burst of {burst}")
}

fn overflow(overflows: bool) -> &'static str {
    if overflows { "'wait'" } else { "'reject'" }
}

/// A number as an error shows it.
#[derive(PartialEq)]
struct Count(u64);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            UNLIMITED => f.write_str("Infinity"),
            number => number.fmt(f),
        }
    }
}

struct Check<'a> {
    name: &'a str,
}

impl Check<'_> {
    fn same<T: PartialEq + Display>(
        &self,
        option: &'static str,
        given: Option<T>,
        is: T,
    ) -> Result<(), NotOpened> {
        match given {
            Some(given) if given != is => Err(NotOpened::Conflict {
                name: self.name.to_owned(),
                option,
                is: is.to_string(),
                given: given.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

impl<C> fmt::Debug for Registry<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
