//! The API of a limit for Rust tasks. `state.rs` holds the state behind it.

use std::fmt;
use std::time::Duration;

use super::acquire::{Acquire, Guard};
use super::state::Core;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::policy::Arbiter;
use crate::limiter::stats::LimitStats;
use crate::limiter::types::{Costs, Error, Lane, Options, Rate, Reading, Request, Reserve, Sent};

/// A limit that tasks of both lanes share.
///
/// At most [`concurrency`](Gate::concurrency) [`Guard`]s exist at once. A task that has to wait for
/// one waits in the lane that it named, by the [rules](crate::limiter) of the lanes. Clones are the
/// same gate, and cost as much as those of an [`Arc`](std::sync::Arc). A gate works under any async
/// runtime, under several, or under none.
///
/// ```
/// # pollster::block_on(async {
/// use p_lanes::limiter::{Gate, Lane, Options};
///
/// let gate = Gate::new(Options::new(8))?;
/// let guard = gate.acquire(Lane::Online).await?;
/// assert_eq!(gate.active(Lane::Online), 1);
///
/// drop(guard);
/// assert_eq!(gate.active(Lane::Online), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
///
/// A guard owns its share of the gate, so it can move into the task that does the work:
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use p_lanes::limiter::{Gate, Lane, Options, Outcome};
///
/// let gate = Gate::new(Options::new(2))?;
/// let mut sum = 0;
/// let mut tasks = Vec::new();
/// for number in 1..=100 {
///     let guard = gate.acquire(Lane::Offline).await?;
///     tasks.push(tokio::spawn(async move {
///         let doubled = number * 2;
///         guard.settle(Outcome::Fulfilled);
///         doubled
///     }));
/// }
/// for task in tasks {
///     sum += task.await?;
/// }
/// assert_eq!(sum, 10_100);
/// assert_eq!(gate.stats().offline.settled, 100);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # When not to use it
/// If all work is alike and nobody needs the statistics, a plain semaphore
/// (`tokio::sync::Semaphore`) is enough. If the work is not driven by Rust futures, use an
/// [`Arbiter`]: it has no lock and no tasks, and it has batches.
///
/// A task that holds a guard and acquires another one from the same gate can wait for itself. If
/// such tasks hold all slots, none of them goes on.
pub struct Gate<C = MonotonicClock> {
    core: Core<C>,
}

impl Gate {
    /// A gate on the system's clock.
    ///
    /// # Errors
    /// If an option is out of its range.
    ///
    /// ```
    /// use p_lanes::limiter::{Error, Gate, Options};
    ///
    /// assert!(Gate::new(Options::new(8).reserve(2)).is_ok());
    /// assert_eq!(Gate::new(Options::new(0)).unwrap_err(), Error::Concurrency { given: 0 });
    /// ```
    pub fn new(options: Options) -> Result<Self, Error> {
        Ok(Self { core: Core::timed(Arbiter::new(options)?) })
    }
}

impl<C: Clock> Gate<C> {
    /// A gate on a clock of the caller's. The gate reads the clock under its lock, so the clock
    /// must not use the gate.
    ///
    /// Such a gate does not notice that time passes. If it has a [rate](crate::limiter::Rate) or is
    /// paused for a time, the caller must call [`Gate::grant_due`].
    ///
    /// # Errors
    /// If an option is out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        Ok(Self { core: Core::untimed(Arbiter::with_clock(options, clock)?) })
    }

    /// Waits for a slot.
    ///
    /// The first poll takes the place in the lane, not this call. Dropping the future gives up that
    /// place, or the slot if it already has one. The slot then goes to the next task.
    ///
    /// # Errors
    /// [`Cleared`](crate::limiter::Cleared) if the lane is [cleared](Gate::clear) during the wait,
    /// [`Dropped`](crate::limiter::Dropped) if its lane was full and its
    /// [`Overflow`](crate::limiter::Overflow) gave its place to another task,
    /// [`Refused`](crate::limiter::Refused) if the call may not wait.
    ///
    /// # Panics
    /// The future panics if 2^31 tasks wait already, or if it is polled after it was ready.
    pub fn acquire(&self, request: impl Into<Request>) -> Acquire<C> {
        Acquire::new(self.core.clone(), request.into())
    }

    /// Returns a slot if one is free for this lane and no waiting task may have it.
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(2).reserve(1))?;
    /// let batch = gate.try_acquire(Lane::Offline).expect("one of two slots");
    /// // The other one is the reserve, which offline work never takes.
    /// assert!(gate.try_acquire(Lane::Offline).is_none());
    /// assert!(gate.try_acquire(Lane::Online).is_some());
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn try_acquire(&self, request: impl Into<Request>) -> Option<Guard<C>> {
        let request = request.into();
        let slot = self.core.admit(|state| state.arbiter.try_enqueue(request))?;
        Some(Guard::new(self.core.clone(), slot))
    }

    /// Whether a call would get a slot at once, or wait in its lane without exceeding
    /// [`Options::max_queue`]. By the time of the call another task may have taken the room.
    pub fn has_room(&self, request: impl Into<Request>) -> bool {
        self.core.lock().arbiter.has_room(request)
    }

    /// Drops all tasks that wait in a lane: their futures resolve to
    /// [`Cleared`](crate::limiter::Cleared). Returns their number. Guards are not affected.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let guard = gate.acquire(Lane::Offline).await?;
    /// let waiting = tokio::spawn(gate.acquire(Lane::Offline));
    /// tokio::task::yield_now().await;
    ///
    /// assert_eq!(gate.clear(Lane::Offline), 1);
    /// let cleared = waiting.await?.unwrap_err();
    /// assert_eq!(cleared.to_string(), "the offline lane was cleared while this call waited in it");
    /// # drop(guard);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clear(&self, lane: Lane) -> usize {
        self.core.clear(lane)
    }

    /// Grants no slots until [`Gate::resume`]. Guards are not affected.
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(2))?;
    /// gate.pause();
    /// assert!(gate.try_acquire(Lane::Online).is_none());
    /// gate.resume();
    /// assert!(gate.try_acquire(Lane::Online).is_some());
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn pause(&self) {
        self.core.lock().arbiter.pause();
    }

    /// Grants no slots for a time. Of several such pauses, the one that ends last counts. A zero
    /// duration is no pause. A [`pause`](Gate::pause) is independent of it. Guards are not
    /// affected.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    /// use std::time::{Duration, Instant};
    ///
    /// let gate = Gate::new(Options::new(2))?;
    /// let paused = Instant::now();
    /// gate.pause_for(Duration::from_millis(20)); // the server has said "Retry-After"
    /// let guard = gate.acquire(Lane::Online).await?;
    /// assert!(paused.elapsed() >= Duration::from_millis(20));
    /// # drop(guard);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn pause_for(&self, duration: Duration) {
        self.core.change(|arbiter| arbiter.pause_for(duration));
    }

    /// Ends all pauses, of both kinds.
    pub fn resume(&self) {
        self.core.change(Arbiter::resume);
    }

    /// Ends a [`pause`](Gate::pause), but not one [for a time](Gate::pause_for).
    pub fn resume_held(&self) {
        self.core.change(Arbiter::resume_held);
    }

    /// Whether no slots are granted now.
    pub fn is_paused(&self) -> bool {
        self.core.lock().arbiter.is_paused()
    }

    /// Grants slots to the tasks that may have them by now, and returns how many got one. Gates of
    /// [`Gate::new`] do this without a call, on a thread that they share. Call it for gates [on a
    /// clock of the caller's](Gate::with_clock).
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Gate, Lane, Options, Rate};
    /// use std::time::Duration;
    ///
    /// let clock = FakeClock::default();
    /// let options = Options::new(8).rate(Rate::new(1, Duration::from_secs(60)));
    /// let gate = Gate::with_clock(options, clock.clone())?;
    /// let first = gate.acquire(Lane::Online).await?;
    /// let second = tokio::spawn(gate.acquire(Lane::Online));
    /// tokio::task::yield_now().await;
    /// assert_eq!(gate.grant_due(), 0);
    ///
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(gate.grant_due(), 1);
    /// second.await??;
    /// # drop(first);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn grant_due(&self) -> usize {
        self.core.grant_due()
    }

    /// Refuses all calls from now on ([`Refused::Closed`](crate::limiter::Refused::Closed)). Tasks
    /// that wait still get their slots.
    pub fn close(&self) {
        self.core.lock().arbiter.close();
    }

    /// Changes the number of slots. Additional slots go to waiting tasks at once. A lower number
    /// interrupts nothing; slots are withdrawn as guards are dropped.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was set. Nothing has changed.
    pub fn set_concurrency(&self, concurrency: u64) -> Result<(), Error> {
        self.core.change(|arbiter| arbiter.set_concurrency(concurrency))
    }

    /// Changes the slots that offline work never takes; see [`Arbiter::set_reserve`]. Slots that are free then go to waiting tasks at once.
    ///
    /// # Errors
    /// As [`Arbiter::set_reserve`]. Nothing has changed.
    pub fn set_reserve(&self, reserve: impl Into<Reserve>) -> Result<(), Error> {
        let reserve = reserve.into();
        self.core.change(|arbiter| arbiter.set_reserve(reserve))
    }

    /// Changes the smallest part of all grants that goes to offline work while it waits.
    ///
    /// # Errors
    /// If it is not from 0 to 1. Nothing has changed.
    pub fn set_offline_share(&self, share: f64) -> Result<(), Error> {
        self.core.change(|arbiter| arbiter.set_offline_share(share))
    }

    /// Changes how many tasks may wait in a lane; see [`Arbiter::set_max_queue`].
    pub fn set_max_queue(&self, lane: Lane, most: u64) {
        self.core.lock().arbiter.set_max_queue(lane, most);
    }

    /// Makes the gate [fair](Options::fair), as [`Arbiter::make_fair`] does.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Flow, Gate, Lane, Options, Request};
    ///
    /// let gate = Gate::new(Options::new(8).fair(true))?;
    /// let tenant = Flow::new(17).share(2.0)?;
    /// let guard = gate.acquire(Request::new(Lane::Online).flow(tenant)).await?;
    /// # drop(guard);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn make_fair(&self) {
        self.core.lock().arbiter.make_fair();
    }

    /// Changes the rate. Tokens that are [available](crate::limiter::RateStats::available) stay, up
    /// to the new `burst`, and new ones arrive at the new rate.
    ///
    /// # Errors
    /// If a number is out of its range, or if the gate was made without a rate. Nothing has
    /// changed.
    pub fn set_rate(&self, rate: Rate) -> Result<(), Error> {
        self.core.change(|arbiter| arbiter.set_rate(rate))
    }

    /// Takes a cost from the rate without a call, as [`Arbiter::charge`] does. A negative cost is
    /// given back. Tasks that may then start get their slots at once.
    pub fn charge(&self, cost: i32) {
        self.core.change(|arbiter| arbiter.charge(cost));
    }

    /// How much may start in a time, if the gate has a rate without a name.
    pub fn rate(&self) -> Option<Rate> {
        self.core.lock().arbiter.rate()
    }

    /// The [quotas](Options::quota) of the gate, in their order. Empty if it has none with a name.
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options, Rate, Request};
    /// use std::time::Duration;
    ///
    /// let minute = Duration::from_secs(60);
    /// let options = Options::new(8)
    ///     .quota("requests", Rate::new(480, minute).burst(20))
    ///     .quota("tokens", Rate::sliding(90_000, minute));
    /// let gate = Gate::new(options)?;
    ///
    /// let estimate = gate.costs([("tokens", 1_200)])?;
    /// let guard = gate.acquire(Request::new(Lane::Offline).costs(estimate)).await?;
    /// // The answer says what it has cost.
    /// guard.spent(gate.costs([("tokens", 950)])?);
    /// assert_eq!(gate.stats().quotas[1].rate.available, 89_050.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn quotas(&self) -> Vec<(String, Rate)> {
        self.core.lock().arbiter.quotas()
    }

    /// Changes some of the quotas, by name, as [`set_rate`](Gate::set_rate) does.
    ///
    /// # Errors
    /// As [`Arbiter::set_quotas`].
    pub fn set_quotas<'a>(
        &self,
        rates: impl IntoIterator<Item = (&'a str, Rate)>,
    ) -> Result<(), Error> {
        let rates: Vec<_> = rates.into_iter().collect();
        self.core.change(|arbiter| arbiter.set_quotas(rates))
    }

    /// Takes a cost from one of the quotas without a call, as [`Arbiter::charge_quota`] does.
    ///
    /// # Errors
    /// If the gate has no quota of that name.
    pub fn charge_quota(&self, name: &str, cost: i32) -> Result<(), Error> {
        self.core.change(|arbiter| arbiter.charge_quota(name, cost))
    }

    /// A server has answered a request and says this of the rate; see [`Arbiter::learn`]. The guard
    /// of a request that still runs [knows more](Guard::learn).
    ///
    /// # Errors
    /// As [`Arbiter::learn`].
    ///
    /// # Panics
    /// As [`Arbiter::learn`].
    pub fn learn(&self, sent: Sent, reading: Reading) -> Result<bool, Error> {
        self.core.change(|arbiter| arbiter.learn(sent, reading))
    }

    /// The same of one of the quotas.
    ///
    /// # Errors
    /// If the gate has no quota of that name.
    ///
    /// # Panics
    /// As [`Arbiter::learn`].
    pub fn learn_quota(&self, name: &str, sent: Sent, reading: Reading) -> Result<bool, Error> {
        self.core.change(|arbiter| arbiter.learn_quota(name, sent, reading))
    }

    /// Costs of some of the quotas, for [`Request::costs`] and [`Guard::spent`].
    ///
    /// # Errors
    /// If the gate has no quota of a name.
    pub fn costs<'a>(
        &self,
        given: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Result<Costs, Error> {
        let given: Vec<_> = given.into_iter().collect();
        self.core.lock().arbiter.costs(given)
    }

    /// The number of slots; [`UNLIMITED`](crate::limiter::UNLIMITED) is no limit.
    pub fn concurrency(&self) -> u64 {
        self.core.lock().arbiter.concurrency()
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.core.lock().arbiter.reserve()
    }

    /// How many slots a lane holds: for its guards, and for futures that were granted a slot and
    /// not polled since.
    pub fn active(&self, lane: Lane) -> u64 {
        self.core.lock().arbiter.active(lane)
    }

    /// How many futures wait in a lane.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.core.lock().arbiter.pending(lane)
    }

    /// All numbers, as of one moment.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Gate, Lane, Options, Outcome};
    /// use std::time::Duration;
    ///
    /// let clock = FakeClock::default();
    /// let gate = Gate::with_clock(Options::new(8), clock.clone())?;
    /// let guard = gate.try_acquire(Lane::Online).expect("all slots are free");
    /// clock.advance(Duration::from_millis(100));
    /// guard.settle(Outcome::Rejected);
    ///
    /// let online = gate.stats().online;
    /// assert_eq!((online.granted, online.settled, online.rejected), (1, 1, 1));
    /// assert!((99.0..=101.0).contains(&online.run.p50));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn stats(&self) -> LimitStats {
        self.core.lock().arbiter.dated_stats()
    }
}

impl<C> Gate<C> {
    pub(super) fn core(&self) -> &Core<C> {
        &self.core
    }
}

impl<C> Clone for Gate<C> {
    fn clone(&self) -> Self {
        Self { core: self.core.clone() }
    }
}

impl<C: Clock> fmt::Debug for Gate<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.core.lock();
        let both = |of: &dyn Fn(Lane) -> u64| of(Lane::Online).saturating_add(of(Lane::Offline));
        f.debug_struct("Gate")
            .field("concurrency", &state.arbiter.concurrency())
            .field("active", &both(&|lane| state.arbiter.active(lane)))
            .field("pending", &both(&|lane| state.arbiter.pending(lane)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Waker};

    use crate::limiter::types::Rate;

    #[test]
    fn a_gate_is_not_kept_by_its_alarm() {
        let hourly = Rate::new(1, Duration::from_secs(3_600));
        let gate = Gate::new(Options::new(1).rate(hourly)).unwrap();
        drop(gate.try_acquire(Lane::Online).unwrap());
        let mut waits = gate.acquire(Lane::Online);
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut waits).poll(&mut context).is_pending());

        let shared = Arc::downgrade(&gate.core.state);
        drop((gate, waits));
        assert!(shared.upgrade().is_none());
    }
}
