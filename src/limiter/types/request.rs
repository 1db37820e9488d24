//! What a call asks for.

use super::costs::Costs;
use super::flow::Flow;
use super::lane::Lane;
use super::slot::Slot;

/// What a call asks for. A [`Lane`] converts to a request of priority 0 and weight 1.
///
/// ```
/// use p_lanes::limiter::{Lane, Request};
///
/// let request = Request::new(Lane::Offline).priority(-1).weight(2);
/// assert_eq!(Request::from(Lane::Online), Request::new(Lane::Online));
/// # let _ = request;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub(crate) lane: Lane,
    pub(crate) priority: i32,
    pub(crate) weight: u32,
    /// What each unit takes of each quota that `costs` does not name.
    cost: u32,
    /// Whether the cost was set. Otherwise it follows the weight.
    has_own_cost: bool,
    costs: Costs,
    pub(crate) flow: Flow,
    pub(crate) outer: Option<Slot>,
    /// Whether the unit in slot `outer` lends its slots to this call.
    pub(crate) borrows: bool,
}

impl Request {
    /// One slot, at priority 0.
    pub const fn new(lane: Lane) -> Self {
        Self {
            lane,
            priority: 0,
            weight: 1,
            cost: 1,
            has_own_cost: false,
            costs: Costs::NONE,
            flow: Flow::NONE,
            outer: None,
            borrows: false,
        }
    }

    /// Sets the priority. Within a lane higher priorities start first, and equal ones in order of
    /// arrival. Default: 0.
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Sets how many slots each unit holds, from 1 to the most that its lane may hold. Default: 1.
    ///
    /// # Panics
    /// If it is 0.
    pub const fn weight(mut self, weight: u32) -> Self {
        assert!(weight > 0, "a call holds at least one slot");
        self.weight = weight;
        if !self.has_own_cost {
            self.cost = weight;
        }
        self
    }

    /// The same so many times: of the weight and of the costs, which end at 2^32 - 1.
    ///
    /// # Panics
    /// If there are no slots left, or more than 2^32 - 1.
    pub(crate) const fn times(mut self, count: u32) -> Self {
        let cost = self.cost.saturating_mul(count);
        let Some(weight) = self.weight.checked_mul(count) else {
            panic!("a call holds at most 2^32 - 1 slots");
        };
        self = self.weight(weight);
        self.cost = cost;
        self.costs = self.costs.times(count);
        self
    }

    /// Sets what each unit takes of the limit's [`Rate`](crate::limiter::Rate), or of each of its
    /// [quotas](crate::limiter::Options::quota), if it has any: any number; 0 takes nothing.
    /// Default: the weight.
    pub const fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self.has_own_cost = true;
        self
    }

    /// Sets what each unit takes of some of the [quotas](crate::limiter::Options::quota) of the
    /// limit. Of the others it takes its [`cost`](Request::cost).
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Rate, Request};
    /// use std::time::Duration;
    ///
    /// let minute = Duration::from_secs(60);
    /// let options = Options::new(8)
    ///     .quota("requests", Rate::sliding(500, minute))
    ///     .quota("tokens", Rate::sliding(90_000, minute));
    /// let mut arbiter = Arbiter::new(options)?;
    /// let costs = arbiter.costs([("tokens", 1_200)])?;
    /// arbiter.try_enqueue(Request::new(Lane::Online).costs(costs)).expect("all is there");
    /// let left = arbiter.stats().quotas.into_iter().map(|quota| quota.rate.available);
    /// assert_eq!(left.collect::<Vec<_>>(), [499.0, 88_800.0]);
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub const fn costs(mut self, costs: Costs) -> Self {
        self.costs = costs;
        self
    }

    /// What each unit takes of a quota, by its place.
    #[inline]
    pub(crate) fn cost_of(&self, quota: usize) -> u32 {
        self.costs.get(quota).unwrap_or(self.cost)
    }

    /// Says whose call it is. It counts in a [fair](crate::limiter::Options::fair) limit only. Default: flow 0.
    pub const fn flow(mut self, flow: Flow) -> Self {
        self.flow = flow;
        self
    }

    /// Says that the unit in slot `outer` makes this call, and keeps its slot until the call has
    /// ended. If the call could then never run, it is refused
    /// ([`Refused::Deadlock`](crate::limiter::Refused::Deadlock)).
    pub const fn inside(mut self, outer: Slot) -> Self {
        self.outer = Some(outer);
        self
    }

    /// Says that the unit in slot `outer` makes this call, and lends its slots while it waits for
    /// it: to one of its inner calls at a time. So the call can always run, and units that work
    /// never hold more slots than there are. A [closed](crate::limiter::Arbiter::close) limit takes
    /// such calls, too, because they are a part of what runs.
    ///
    /// Whether a unit waits at a moment can't be seen. Its slots are lent as long as an inner call
    /// that has got them runs.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Outcome, Request};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(1))?;
    /// let Enqueued::Granted(outer) = arbiter.enqueue(Lane::Online) else { unreachable!() };
    /// let inner = Request::new(Lane::Online).borrowing(outer);
    /// let Enqueued::Granted(first) = arbiter.enqueue(inner) else { unreachable!() };
    /// let Enqueued::Queued(second) = arbiter.enqueue(inner) else { unreachable!() };
    /// assert_eq!(arbiter.settle(first, Outcome::Fulfilled), Some(second));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub const fn borrowing(mut self, outer: Slot) -> Self {
        self.outer = Some(outer);
        self.borrows = true;
        self
    }

    /// The slot that is lent to the call, if it can be.
    pub(crate) fn lender(self) -> Option<Slot> {
        self.outer.filter(|_| self.borrows)
    }
}

impl From<Lane> for Request {
    fn from(lane: Lane) -> Self {
        Self::new(lane)
    }
}
