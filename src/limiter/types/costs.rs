//! What a unit takes of each of several quotas.

/// The most quotas that a limit may have.
pub const MOST_QUOTAS: usize = 8;

/// What a unit takes of some of the quotas of a limit, by their order. [`Arbiter::costs`] makes it
/// from their names.
///
/// It belongs to the limit that made it. Quotas that another limit does not have are ignored there.
///
/// [`Arbiter::costs`]: crate::limiter::Arbiter::costs
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// By quota: whether the cost is given.
    given: u8,
    values: [u32; MOST_QUOTAS],
}

impl Costs {
    pub(crate) const NONE: Self = Self { given: 0, values: [0; MOST_QUOTAS] };

    /// Gives the cost of a quota, by its place.
    pub(crate) const fn set(&mut self, quota: usize, cost: u32) {
        self.given |= 1 << quota;
        self.values[quota] = cost;
    }

    /// The same so many times; each ends at 2^32 - 1.
    pub(crate) const fn times(mut self, count: u32) -> Self {
        let mut quota = 0;
        while quota < MOST_QUOTAS {
            self.values[quota] = self.values[quota].saturating_mul(count);
            quota += 1;
        }
        self
    }

    /// The cost that is given for a quota.
    #[inline]
    pub(crate) const fn get(&self, quota: usize) -> Option<u32> {
        if self.given & (1 << quota) != 0 { Some(self.values[quota]) } else { None }
    }
}
