//! The options that a caller gives when it opens a gate by name, and whether an existing gate
//! agrees with them.

use std::fmt::{self, Display};

use super::gate::SharedGate;
use super::state::State;
use crate::clock::Clock;
use crate::limiter::types::{
    Adaptive, Error, Lane, Options, Overflow, PartialAdaptive, Rate, Reserve, UNLIMITED, Window,
};

/// The options that a caller gives when it opens a gate by name. An option that is left out matches
/// any value of an existing gate. For a new gate it takes its default.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PartialOptions {
    /// See [`Options::concurrency`]. Required for a new gate.
    pub concurrency: Option<u64>,
    /// See [`Options::adaptive`]. `concurrency` is not required then.
    pub adaptive: Option<PartialAdaptive>,
    /// See [`Options::reserve`].
    pub reserve: Option<Reserve>,
    /// See [`Options::offline_share`].
    pub offline_share: Option<f64>,
    /// See [`Options::max_queue`].
    pub max_queue: [Option<u64>; 2],
    /// See [`Options::overflow`].
    pub overflow: Option<Overflow>,
    /// See [`Options::rate`].
    pub rate: Option<Rate>,
    /// See [`Options::quotas`]. All of them, or none to match any.
    pub quotas: Vec<(String, Rate)>,
}

/// Why a gate cannot be opened by its name. Nothing has changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotOpened {
    /// There is no such gate, and no number of slots was given for a new one.
    #[error("`concurrency` must be given by who names a limit first, got none for '{name}'")]
    NoConcurrency {
        /// The name.
        name: String,
    },
    /// An option of the existing gate has another value than the given one.
    #[error("`{option}` of the limit '{name}' is {is}, got {given}")]
    Conflict {
        /// The name.
        name: String,
        /// The option.
        option: &'static str,
        /// Its value in the existing gate.
        is: String,
        /// The given value.
        given: String,
    },
    /// An option is out of its range.
    #[error(transparent)]
    Option(#[from] Error),
}

impl<C: Clock> SharedGate<C> {
    /// Checks that the gate agrees with the given options. `name` is for the error.
    ///
    /// # Errors
    /// [`NotOpened::Conflict`]
    pub fn agrees_with(&self, name: &str, given: &PartialOptions) -> Result<(), NotOpened> {
        given.agrees_with(name, &self.state.lock())
    }
}

impl PartialOptions {
    /// The options of a new gate. `name` is for the error.
    pub(crate) fn options(&self, name: &str) -> Result<Options, NotOpened> {
        let concurrency = match (self.concurrency, self.adaptive) {
            (Some(concurrency), _) => concurrency,
            (None, Some(_)) => UNLIMITED, // it starts where `adaptive` says
            (None, None) => return Err(NotOpened::NoConcurrency { name: name.to_owned() }),
        };
        let mut options = Options::new(concurrency);
        options.adaptive = self.adaptive.map(|given| Adaptive::default().with(given));
        options.rate = self.rate;
        options.quotas = self.quotas.clone();
        options.reserve = self.reserve.unwrap_or_default();
        options.offline_share = self.offline_share.unwrap_or(options.offline_share);
        options.overflow = self.overflow.unwrap_or(options.overflow);
        for lane in Lane::ALL {
            if let Some(most) = self.max_queue[lane.index()] {
                options = options.max_queue(lane, most);
            }
        }
        Ok(options)
    }

    /// Checks all given options. What may be changed while the gate runs may be the present value, or
    /// the one with which the gate was made.
    fn agrees_with<C: Clock>(&self, name: &str, state: &State<C>) -> Result<(), NotOpened> {
        let options = &state.options;
        let check = Check { name };
        let count = |given: Option<u64>| given.map(Count);
        let present = Count(state.arbiter.concurrency());
        // An adaptive gate was made without a number.
        let made_with = options.adaptive.is_none().then_some(options.concurrency);
        let is = options.adaptive.map_or_else(|| present.to_string(), adaptive);
        if self.concurrency != made_with {
            check.same("concurrency", count(self.concurrency), present)?;
        }
        let own = options.adaptive.unwrap_or_default();
        check.same("concurrency", self.adaptive.map(|given| adaptive(own.with(given))), is)?;
        let made_with = rates(options.rate, &options.quotas);
        let given = rates(self.rate, &self.quotas);
        if given != made_with {
            let present = rates(state.arbiter.rate(), &state.arbiter.quotas());
            check.same("rate", given, present.unwrap_or_else(|| "none".to_owned()))?;
        }
        if self.reserve != Some(options.reserve) {
            let present = reserve(state.arbiter.reserve_setting());
            check.same("reserve", self.reserve.map(reserve), present)?;
        }
        if self.offline_share != Some(options.offline_share) {
            check.same("offlineShare", self.offline_share, state.arbiter.offline_share())?;
        }
        check.same("overflow", self.overflow.map(overflow), overflow(options.overflow))?;
        for (lane, option) in Lane::ALL.into_iter().zip(["maxQueue.online", "maxQueue.offline"]) {
            let given = self.max_queue[lane.index()];
            if given != Some(options.max_queue[lane.index()]) {
                check.same(option, count(given), Count(state.arbiter.max_queue(lane)))?;
            }
        }
        Ok(())
    }
}

fn adaptive(options: Adaptive) -> String {
    let (Adaptive { min, max, algorithm, .. }, initial) = (options, options.begins_with());
    let algorithm = format!("{algorithm:?}").to_lowercase();
    format!("adaptive from {min} to {max}, at first {initial}, by '{algorithm}'")
}

/// One rate, or quotas by name in any order, as an error shows them. None if there are none.
fn rates(one: Option<Rate>, named: &[(String, Rate)]) -> Option<String> {
    let mut named: Vec<_> =
        named.iter().map(|(name, of)| format!("'{name}' {}", rate(*of))).collect();
    named.sort();
    one.map(rate).or_else(|| (!named.is_empty()).then(|| named.join(", ")))
}

/// Without what depends on the present time: equal texts are equal rates.
fn rate(Rate { limit, interval, burst, window, .. }: Rate) -> String {
    match window {
        _ if interval == Rate::NEVER => format!("{limit} in all"),
        Window::Bucket => format!("{limit} in {interval:?} with a burst of {burst}"),
        Window::Sliding => format!("{limit} in any {interval:?}"),
        Window::Fixed { offset, .. } => {
            format!("{limit} in each {interval:?} from {offset:?} on")
        }
    }
}

fn reserve(reserve: Reserve) -> String {
    match reserve {
        Reserve::Auto => "'auto'".to_owned(),
        Reserve::Wait(wait) => format!("for a wait of {wait:?}"),
        Reserve::Slots(slots) => slots.to_string(),
    }
}

fn overflow(overflow: Overflow) -> String {
    format!("'{}'", overflow.as_str())
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
