//! The rate and the quotas of a limit: what they are, how they are changed, and what units have really
//! cost.

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Costs, Error, Rate, Slot};

impl<C: Clock> Arbiter<C> {
    /// How much may start in a time, if the limit has a rate without a name.
    pub fn rate(&self) -> Option<Rate> {
        self.pacing.rate(|| self.clock.now())
    }

    /// The [quotas](crate::limiter::Options::quota) of the limit, in their order. Empty if it has
    /// none with a name.
    pub fn quotas(&self) -> Vec<(String, Rate)> {
        self.pacing.rates(|| self.clock.now())
    }

    /// Changes the rate. Tokens that are [available](crate::limiter::RateStats::available) stay, up
    /// to the new `burst`, and new ones arrive at the new rate. What counts in a window goes on to
    /// count. Ask [`Arbiter::wakes_at`] again then.
    ///
    /// # Errors
    /// If a number is out of its range, if the limit was made without a rate, or if it has quotas
    /// with names. Nothing has changed.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let options = Options::new(8).rate(Rate::new(10, Duration::from_secs(1)));
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// arbiter.enqueue_batch(Lane::Online, 2).expect("any number may wait");
    /// assert!(arbiter.grant_next().is_some());
    /// assert_eq!(arbiter.wakes_at(), Some(100_000_000));
    /// arbiter.set_rate(Rate::new(100, Duration::from_secs(1)))?;
    /// assert_eq!(arbiter.wakes_at(), Some(10_000_000));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn set_rate(&mut self, rate: Rate) -> Result<(), Error> {
        let now = self.clock.now();
        self.pacing.rated_mut()?.set_rate(rate, now)?;
        self.rates_have_changed();
        Ok(())
    }

    /// Changes some of the quotas, by name, as [`set_rate`](Arbiter::set_rate) does.
    ///
    /// # Errors
    /// If a number is out of its range, or if the limit has no quota of a name. Nothing has changed.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let second = Duration::from_secs(1);
    /// let options = Options::new(8)
    ///     .quota("second", Rate::new(10, second))
    ///     .quota("hour", Rate::sliding(1_000, 3_600 * second));
    /// let mut arbiter = Arbiter::new(options)?;
    /// arbiter.set_quotas([("second", Rate::new(20, second))])?;
    /// let error = arbiter.set_quotas([("day", Rate::budget(5))]).unwrap_err();
    /// assert_eq!(error.to_string(), "`rate` has no quota 'day', only 'second', 'hour'");
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn set_quotas<'a>(
        &mut self,
        rates: impl IntoIterator<Item = (&'a str, Rate)>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let rates: Vec<_> = rates.into_iter().collect();
        self.pacing.rated_mut()?.set_quotas(&rates, now)?;
        self.rates_have_changed();
        Ok(())
    }

    /// The same for one of them, by its place in [`Arbiter::quotas`].
    ///
    /// # Errors
    /// If a number is out of its range, or if the limit has no quotas. Nothing has changed.
    ///
    /// # Panics
    /// If there is no such place.
    pub fn set_quota_at(&mut self, place: usize, rate: Rate) -> Result<(), Error> {
        let now = self.clock.now();
        self.pacing.rated_mut()?.set_at(place, rate, now)?;
        self.rates_have_changed();
        Ok(())
    }

    /// Costs of some of the quotas, for [`Request::costs`](crate::limiter::Request::costs) and
    /// [`Arbiter::spent`].
    ///
    /// # Errors
    /// If the limit has no quota of a name.
    pub fn costs<'a>(
        &self,
        given: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Costs, Error> {
        self.pacing.rated()?.costs(given)
    }

    /// Takes a cost from the rate, or from each quota, without a call, even if it is not available. A
    /// negative cost is given back. Use it for a unit that cost more than it was said to, and for what other
    /// processes use of the same allowance. A cost that is given back beyond a full `burst` is
    /// lost. A limit without a rate ignores this. [`Arbiter::grant_next`] starts the tickets that
    /// may then start. Ask [`Arbiter::wakes_at`] again then.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let rate = Rate::new(100, Duration::from_secs(60)).burst(20);
    /// let mut arbiter = Arbiter::with_clock(Options::new(8).rate(rate), FakeClock::default())?;
    /// arbiter.charge(25);
    /// assert_eq!(arbiter.stats().rate.map(|rate| rate.available), Some(-5.0));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn charge(&mut self, cost: i32) {
        let now = self.clock.now();
        if let Ok(rated) = self.pacing.rated_mut() {
            rated.charge_each(cost, now);
            self.note();
        }
    }

    /// The same, from one of the quotas.
    ///
    /// # Errors
    /// If the limit has no quota of that name. Nothing has changed.
    pub fn charge_quota(&mut self, name: &str, cost: i32) -> Result<(), Error> {
        let place = self.pacing.rated()?.place_of(name)?;
        self.charge_quota_at(place, cost);
        Ok(())
    }

    /// The same, by its place in [`Arbiter::quotas`]. Without an effect if there is no such place.
    pub fn charge_quota_at(&mut self, place: usize, cost: i32) {
        let now = self.clock.now();
        if let Ok(rated) = self.pacing.rated_mut() {
            rated.charge(place, cost, now);
            self.note();
        }
    }

    /// What the running attempt of the unit in a slot has really cost. The difference to what it took
    /// when it started is taken, or given back. Quotas that are left out keep what is known. It may
    /// be called again with a better figure. [`Arbiter::grant_next`] starts the tickets that may then
    /// start; ask [`Arbiter::wakes_at`] again then.
    ///
    /// What is given back makes nothing more available than if the unit had not taken it: tokens that
    /// were lost meanwhile because of a full bucket, and what counts no longer in a window, do not come
    /// back.
    ///
    /// # Panics
    /// If nothing runs in the slot.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate, Request};
    /// use std::time::Duration;
    ///
    /// let options = Options::new(8).quota("tokens", Rate::sliding(1_000, Duration::from_secs(60)));
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// let left = |arbiter: &Arbiter<FakeClock>| arbiter.stats().quotas[0].rate.available;
    /// let estimate = arbiter.costs([("tokens", 800)])?;
    /// let slot = arbiter.try_enqueue(Request::new(Lane::Online).costs(estimate)).expect("all is there");
    /// assert_eq!(left(&arbiter), 200.0);
    /// let used = arbiter.costs([("tokens", 650)])?;
    /// arbiter.spent(slot, used);
    /// assert_eq!(left(&arbiter), 350.0);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn spent(&mut self, slot: Slot, costs: Costs) {
        self.lane_of(slot);
        self.pacing.spent(slot, costs, || self.clock.now());
        self.note();
    }

    /// The same, where it has cost as much of the rate, or of each quota.
    ///
    /// # Panics
    /// As [`Arbiter::spent`].
    pub fn spent_each(&mut self, slot: Slot, cost: u32) {
        self.lane_of(slot);
        self.pacing.spent_each(slot, cost, || self.clock.now());
        self.note();
    }

    /// The running attempt of the unit in a slot sent nothing: it gives back all that it took.
    ///
    /// # Panics
    /// As [`Arbiter::spent`].
    pub fn unsent(&mut self, slot: Slot) {
        self.spent_each(slot, 0);
    }
}
