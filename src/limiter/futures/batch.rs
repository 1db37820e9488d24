//! Several slots at once, and guards that are split.

use super::acquire::{Acquire, Guard};
use super::gate::Gate;
use crate::clock::Clock;
use crate::limiter::types::Request;

impl<C: Clock> Gate<C> {
    /// Waits for `count` slots, and takes all of them at once or none. While the task waits it holds
    /// none, so two such tasks never wait for each other. [`Guard::split`] makes several guards of
    /// the one.
    ///
    /// This is a request of `count` times the weight and the cost.
    ///
    /// # Errors
    /// As [`Gate::acquire`]; [`Refused::Weight`](crate::limiter::Refused::Weight) if the lane may
    /// never hold so many slots.
    ///
    /// # Panics
    /// If `count` is 0, or the weight would exceed 2^32 - 1; and as [`Gate::acquire`].
    ///
    /// ```
    /// # pollster::block_on(async {
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(8))?;
    /// let mut guard = gate.acquire_many(Lane::Online, 3).await?;
    /// assert_eq!((guard.weight(), gate.active(Lane::Online)), (3, 1));
    ///
    /// let one = guard.split(1).expect("it has three slots");
    /// assert_eq!((guard.weight(), one.weight(), gate.active(Lane::Online)), (2, 1, 2));
    /// # drop((guard, one));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn acquire_many(&self, request: impl Into<Request>, count: u32) -> Acquire<C> {
        self.acquire(request.into().times(count))
    }

    /// Takes `count` slots if all of them are free for this lane, and no waiting task may have them.
    ///
    /// # Panics
    /// As [`Gate::acquire_many`].
    pub fn try_acquire_many(&self, request: impl Into<Request>, count: u32) -> Option<Guard<C>> {
        self.try_acquire(request.into().times(count))
    }
}

impl<C: Clock> Guard<C> {
    /// How many slots this guard holds.
    pub fn weight(&self) -> u32 {
        self.core().lock().arbiter.weight_of(self.slot())
    }

    /// Moves `weight` slots into a guard of their own. No slot becomes free and none is taken. None
    /// if this guard would keep no slot, or if `weight` is 0; and as
    /// [`Arbiter::split`](crate::limiter::Arbiter::split).
    pub fn split(&mut self, weight: u32) -> Option<Self> {
        let slot = self.core().lock().arbiter.split(self.slot(), weight)?;
        Some(Self::new(self.core().clone(), slot))
    }

    /// Splits this guard into guards of one slot each.
    ///
    /// ```
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(4))?;
    /// let guards = gate.try_acquire_many(Lane::Online, 3).expect("four are free").split_all();
    /// assert_eq!(guards.len(), 3);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn split_all(mut self) -> Vec<Self> {
        let mut guards: Vec<_> = std::iter::from_fn(|| self.split(1)).collect();
        guards.push(self);
        guards
    }
}
