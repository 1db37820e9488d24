//! What a call asks for.

use super::lane::Lane;
use super::slots::Slot;

/// What a call asks for. A [`Lane`] alone is one of priority 0 and weight 1.
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
    /// What each unit takes of the rate.
    pub(crate) cost: u32,
    /// Whether that was asked for and does not follow the weight.
    has_own_cost: bool,
    pub(crate) outer: Option<Slot>,
}

impl Request {
    /// One slot, in turn.
    pub const fn new(lane: Lane) -> Self {
        Self { lane, priority: 0, weight: 1, cost: 1, has_own_cost: false, outer: None }
    }

    /// Within its lane a higher one starts first, and equals in the order they came in. Default: 0.
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// How many slots it holds, from 1 to the most that its lane may hold. Default: 1.
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

    /// What each unit takes of the limit's [`Rate`](super::Rate), if it has one: any number, 0 is free of it.
    /// Default: the weight.
    pub const fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self.has_own_cost = true;
        self
    }

    /// It is made by what runs in that slot, which keeps it until this has ended. Where nothing could then
    /// ever run it, it is refused ([`Refused::Deadlock`](super::Refused::Deadlock)).
    pub const fn inside(mut self, outer: Slot) -> Self {
        self.outer = Some(outer);
        self
    }
}

impl From<Lane> for Request {
    fn from(lane: Lane) -> Self {
        Self::new(lane)
    }
}
