//! Whose call it is, in a fair limit.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::LazyLock;

use super::error::Error;

/// Whose call it is, in a [fair](crate::limiter::Options::fair) limit: that of a tenant, of a user, of a
/// host. A flow is a number of the caller's choice. Its share says how much it gets beside other
/// flows that wait, too. It need not be made or removed: a limit knows only flows that wait.
///
/// ```
/// use p_lanes::limiter::{Flow, Lane, Request};
///
/// let tenant = Flow::new(17).share(2.0)?;
/// let request = Request::new(Lane::Online).flow(tenant);
/// # let _ = request;
/// # Ok::<(), p_lanes::limiter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    number: u64,
    quantum: u64,
}

impl Flow {
    /// The size of a unit of weight 1. The largest size is 2^32 of these.
    pub(crate) const ONE: u64 = 1 << 30;

    /// What a flow of share 1 may use in a round.
    const QUANTUM: u64 = Self::ONE / 2;

    /// The flow of all calls that name none.
    pub(crate) const NONE: Self = Self::new(0);

    /// A flow of share 1, with any number. Calls that name no flow are those of flow 0.
    pub const fn new(number: u64) -> Self {
        Self { number, quantum: Self::QUANTUM }
    }

    /// The flow of a key, of share 1: of the name of a tenant, or an address. Equal keys of a type are
    /// the same flow, in this process. Its number is a hash with a random seed, so nobody can choose a
    /// key that shares the turns of another one.
    ///
    /// ```
    /// use p_lanes::limiter::Flow;
    ///
    /// assert_eq!(Flow::of("a tenant"), Flow::of("a tenant"));
    /// assert_ne!(Flow::of("a tenant"), Flow::of("another one"));
    /// ```
    pub fn of<K: Hash + ?Sized>(key: &K) -> Self {
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self::new(SEED.hash_one(key))
    }

    /// Sets the share: a flow of share 2 may start twice as much as a flow of share 1, as long as
    /// both wait. Of several calls of a flow, the share of the last one to come counts. Default: 1.
    ///
    /// # Errors
    /// [`Error::Share`] if it is not a number from 0.000001 to 1,000,000.
    pub fn share(self, share: f64) -> Result<Self, Error> {
        if !(1e-6..=1e6).contains(&share) {
            return Err(Error::Share { given: share });
        }
        Ok(Self { quantum: (share * Self::QUANTUM as f64).round() as u64, ..self })
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.number
    }

    /// What a round adds to what it may use.
    pub(crate) const fn quantum(self) -> u64 {
        self.quantum
    }
}
