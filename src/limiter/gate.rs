//! A limit for Rust tasks: the arbiter behind a lock, and the tasks that wait at it.
//!
//! **Nothing foreign runs under the lock.** Wakers are cloned before it is taken, and woken or dropped
//! after it is released: waking may run a task at once, and dropping the last waker of a task may
//! drop its future, either of which may well come back to this gate. (The clock does run under it.)

use std::fmt;
use std::sync::{Arc, Weak};
use std::task::Waker;
use std::time::Duration;

use parking_lot::Mutex;

use super::acquire::{Acquire, Guard};
use super::arbiter::{Arbiter, Outcome};
use super::error::Error;
use super::lane::Lane;
use super::options::Options;
use super::rate::Rate;
use super::request::Request;
use super::slots::Slot;
use super::stats::LimitStats;
use super::timer::{Alarm, Due};
use super::waiters::Waiters;
use crate::clock::{Clock, MonotonicClock};

/// A limit that tasks of both lanes share.
///
/// At most [`concurrency`](Gate::concurrency) [`Guard`]s exist at once; who has to wait for one waits
/// in the lane it named, by the [rules](super) of the lanes. Clones are the same gate, and cost as much
/// as those of an [`Arc`]. It works under any async runtime, several of them, or none.
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
/// A guard owns its share of the gate, so it moves into the task that does the work:
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
/// Where all work is alike and nobody needs the statistics, a plain semaphore (`tokio::sync::Semaphore`)
/// does. Where the work is driven from elsewhere than Rust futures, [`Arbiter`] is this gate without
/// lock and tasks, and has batches besides.
///
/// A task that holds a guard and acquires another from the same gate can wait for itself: with all
/// slots held by such tasks none of them goes on.
pub struct Gate<C = MonotonicClock> {
    pub(super) shared: Arc<Mutex<Shared<C>>>,
}

pub(super) struct Shared<C> {
    pub(super) arbiter: Arbiter<C>,
    pub(super) waiters: Waiters,
    /// Rings when time alone may let somebody in; none where the clock is the caller's.
    alarm: Option<Alarm>,
}

impl Gate {
    /// A gate on the system's clock.
    ///
    /// # Errors
    /// An option out of its range.
    ///
    /// ```
    /// use p_lanes::limiter::{Error, Gate, Options};
    ///
    /// assert!(Gate::new(Options::new(8).reserve(2)).is_ok());
    /// assert_eq!(Gate::new(Options::new(0)).unwrap_err(), Error::Concurrency { given: 0 });
    /// ```
    pub fn new(options: Options) -> Result<Self, Error> {
        let arbiter = Arbiter::new(options)?;
        let shared = Arc::new_cyclic(|shared: &Weak<Mutex<Shared<_>>>| {
            let alarm = Alarm::new(*arbiter.clock(), shared.clone());
            Mutex::new(Shared { arbiter, waiters: Waiters::default(), alarm: Some(alarm) })
        });
        Ok(Self { shared })
    }
}

impl Due for Mutex<Shared<MonotonicClock>> {
    fn due(&self) {
        let granted = {
            let mut shared = self.lock();
            if let Some(alarm) = &mut shared.alarm {
                alarm.unset();
            }
            shared.grant_all()
        };
        wake_all(granted);
    }
}

impl<C: Clock> Gate<C> {
    /// A gate on a clock of the caller's, which must not use the gate: it is read under its lock.
    ///
    /// Nothing tells such a gate how time goes on: where it has a [rate](super::Rate) or is paused for a time,
    /// [`Gate::look`] is to be called.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let arbiter = Arbiter::with_clock(options, clock)?;
        let shared = Shared { arbiter, waiters: Waiters::default(), alarm: None };
        Ok(Self { shared: Arc::new(Mutex::new(shared)) })
    }

    /// Waits for a slot.
    ///
    /// The place in the lane is taken by the first poll, not by this call. Dropping the future gives up
    /// the place, or the slot if it has one by then, which goes to who is next.
    ///
    /// # Errors
    /// [`Cleared`](super::Cleared) if the lane is [cleared](Gate::clear) meanwhile, [`Refused`](super::Refused) if this may
    /// not wait.
    ///
    /// # Panics
    /// The future does if 2^31 tasks wait already, or if it is polled after it was ready.
    pub fn acquire(&self, request: impl Into<Request>) -> Acquire<C> {
        Acquire::new(self.clone(), request.into())
    }

    /// A slot if one is free for this lane and nobody waits who may have it.
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(2))?;
    /// let batch = gate.try_acquire(Lane::Offline).expect("one of two slots");
    /// // The other one is the reserve, which offline work never takes.
    /// assert!(gate.try_acquire(Lane::Offline).is_none());
    /// assert!(gate.try_acquire(Lane::Online).is_some());
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn try_acquire(&self, request: impl Into<Request>) -> Option<Guard<C>> {
        let request = request.into();
        let slot = self.let_in(|shared| shared.arbiter.try_enqueue(request))?;
        Some(Guard::new(self.clone(), slot))
    }

    /// Drops everything that waits in a lane: those futures resolve to [`Cleared`](super::Cleared). Gives their
    /// number. Guards are not touched.
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
        let (cleared, granted) = {
            let mut shared = self.shared.lock();
            let Shared { arbiter, waiters, .. } = &mut *shared;
            let cleared = arbiter.clear(lane).into_iter().map(|ticket| waiters.clear(ticket));
            (cleared.collect(), shared.grant_all())
        };
        wake_all(granted);
        wake_all(cleared)
    }

    /// Gives no slot to anyone until [`Gate::resume`]. Guards are not touched.
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
        self.shared.lock().arbiter.pause();
    }

    /// Gives no slot to anyone for a time. Of several such pauses the one that ends last counts, and one of no
    /// time is none; a [`pause`](Gate::pause) beside it is one of its own. Guards are not touched.
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
        self.change(|arbiter| arbiter.pause_for(duration));
    }

    /// Ends all pauses, of both kinds.
    pub fn resume(&self) {
        self.change(Arbiter::resume);
    }

    /// Ends a [`pause`](Gate::pause), and not one [for a time](Gate::pause_for).
    pub fn resume_held(&self) {
        self.change(Arbiter::resume_held);
    }

    /// Whether no slot is given to anyone now.
    pub fn is_paused(&self) -> bool {
        self.shared.lock().arbiter.is_paused()
    }

    /// Gives slots to those who may have them by now. Gates of [`Gate::new`] do so by themselves, on a thread
    /// that they share; those [on a clock of the caller's](Gate::with_clock) are to be told. Gives how many
    /// have got one.
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
    /// assert_eq!(gate.look(), 0);
    ///
    /// clock.advance(Duration::from_secs(60));
    /// assert_eq!(gate.look(), 1);
    /// second.await??;
    /// # drop(first);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn look(&self) -> usize {
        let granted = self.shared.lock().grant_all();
        wake_all(granted)
    }

    /// Lets nobody in from now on ([`Refused::Closed`](super::Refused::Closed)). Who waits already has its
    /// turn.
    pub fn close(&self) {
        self.shared.lock().arbiter.close();
    }

    /// Changes the number of slots. More slots go to who waits at once; with fewer nothing is
    /// interrupted, and slots are withdrawn as guards are dropped.
    ///
    /// # Errors
    /// 0, or a number not above a reserve that was asked for; then nothing has changed.
    pub fn set_concurrency(&self, concurrency: u64) -> Result<(), Error> {
        self.change(|arbiter| arbiter.set_concurrency(concurrency))
    }

    /// Changes the rate. What is [available](super::RateStats::available) stays, up to the new `burst`, and more comes at
    /// the new pace.
    ///
    /// # Errors
    /// A number out of its range; a gate that was made without a rate. Then nothing has changed.
    pub fn set_rate(&self, rate: Rate) -> Result<(), Error> {
        self.change(|arbiter| arbiter.set_rate(rate))
    }

    /// Takes a cost from the rate without a call, or gives it back where it is negative, as
    /// [`Arbiter::charge`] does; whom that lets start has its slot at once.
    pub fn charge(&self, cost: i32) {
        self.change(|arbiter| arbiter.charge(cost));
    }

    /// How much may start in a time, where that is limited.
    pub fn rate(&self) -> Option<Rate> {
        self.shared.lock().arbiter.rate()
    }

    /// The number of slots; [`UNLIMITED`](super::UNLIMITED) is no limit.
    pub fn concurrency(&self) -> u64 {
        self.shared.lock().arbiter.concurrency()
    }

    /// The slots that offline work never takes.
    pub fn reserve(&self) -> u64 {
        self.shared.lock().arbiter.reserve()
    }

    /// How many slots a lane holds: its guards, and what was granted and has not been polled yet.
    pub fn active(&self, lane: Lane) -> u64 {
        self.shared.lock().arbiter.active(lane)
    }

    /// How many futures wait in a lane.
    pub fn pending(&self, lane: Lane) -> u64 {
        self.shared.lock().arbiter.pending(lane)
    }

    /// All numbers at once, as of one moment.
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
        self.shared.lock().arbiter.stats()
    }

    pub(super) fn settle(&self, slot: Slot, outcome: Outcome) {
        let (next, others) = {
            let mut shared = self.shared.lock();
            let Shared { arbiter, waiters, .. } = &mut *shared;
            let next = arbiter.settle(slot, outcome).map(|ticket| waiters.grant(ticket, slot));
            let more = shared.arbiter.has_more_after_settle();
            (next, if more { shared.grant_all() } else { Vec::new() })
        };
        if let Some(next) = next {
            next.wake();
        }
        wake_all(others);
    }
}

impl<C: Clock> Gate<C> {
    /// Changes the arbiter, and starts those for whom that makes room.
    fn change<R>(&self, change: impl FnOnce(&mut Arbiter<C>) -> R) -> R {
        let (changed, granted) = {
            let mut shared = self.shared.lock();
            (change(&mut shared.arbiter), shared.grant_all())
        };
        wake_all(granted);
        changed
    }

    /// Lets someone in, and starts those for whom this makes room.
    pub(super) fn let_in<R>(&self, enter: impl FnOnce(&mut Shared<C>) -> R) -> R {
        let (entered, granted) = {
            let mut shared = self.shared.lock();
            let had_heavy_head = shared.arbiter.has_heavy_head();
            let entered = enter(&mut shared);
            let others = had_heavy_head || shared.arbiter.is_timed();
            (entered, if others { shared.grant_all() } else { Vec::new() })
        };
        wake_all(granted);
        entered
    }
}

impl<C: Clock> Shared<C> {
    /// Gives free slots to all that may have them, and sets the alarm for those who may later.
    #[must_use]
    pub(super) fn grant_all(&mut self) -> Vec<Waker> {
        let Self { arbiter, waiters, alarm } = self;
        let grants = std::iter::from_fn(|| arbiter.grant_next());
        let granted = grants.map(|(slot, ticket)| waiters.grant(ticket, slot)).collect();
        if let Some((alarm, at)) = alarm.as_mut().zip(arbiter.wakes_at()) {
            alarm.set(at);
        }
        granted
    }
}

pub(super) fn wake_all(wakers: Vec<Waker>) -> usize {
    let woken = wakers.len();
    wakers.into_iter().for_each(Waker::wake);
    woken
}

impl<C> Clone for Gate<C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<C: Clock> fmt::Debug for Gate<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = self.shared.lock();
        let both = |of: &dyn Fn(Lane) -> u64| of(Lane::Online).saturating_add(of(Lane::Offline));
        f.debug_struct("Gate")
            .field("concurrency", &shared.arbiter.concurrency())
            .field("active", &both(&|lane| shared.arbiter.active(lane)))
            .field("pending", &both(&|lane| shared.arbiter.pending(lane)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::Pin;
    use std::task::Context;

    use crate::limiter::Rate;

    #[test]
    fn a_gate_is_not_kept_by_its_alarm() {
        let hourly = Rate::new(1, Duration::from_secs(3_600));
        let gate = Gate::new(Options::new(1).rate(hourly)).unwrap();
        drop(gate.try_acquire(Lane::Online).unwrap());
        let mut waits = gate.acquire(Lane::Online);
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut waits).poll(&mut context).is_pending());

        let shared = Arc::downgrade(&gate.shared);
        drop((gate, waits));
        assert!(shared.upgrade().is_none());
    }
}
