//! Options that may be changed while the limit runs, apart from its concurrency and its rate.

use super::super::offline_share::OfflineShare;
use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Error, Lane, Reserve};

impl<C: Clock> Arbiter<C> {
    /// How many calls may wait in a lane; [`UNLIMITED`](crate::limiter::UNLIMITED) is any number.
    pub fn max_queue(&self, lane: Lane) -> u64 {
        self.max_queue[lane.index()]
    }

    /// Changes how many calls may wait in a lane. A lower number drops no call that waits: it counts
    /// when the next call comes, which may then [displace](crate::limiter::Overflow) several.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options, Refused};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(1).max_queue(Lane::Online, 0))?;
    /// arbiter.try_enqueue(Lane::Online).expect("a slot is free");
    /// let refused = Refused::Full { lane: Lane::Online, most: 0 };
    /// assert_eq!(arbiter.enqueue(Lane::Online), Enqueued::Refused(refused));
    /// arbiter.set_max_queue(Lane::Online, 1);
    /// assert!(matches!(arbiter.enqueue(Lane::Online), Enqueued::Queued(_)));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn set_max_queue(&mut self, lane: Lane, most: u64) {
        self.max_queue[lane.index()] = most;
    }

    /// The smallest part of all grants that goes to offline work while it waits.
    pub fn offline_share(&self) -> f64 {
        self.share.share()
    }

    /// Changes the smallest part of all grants that goes to offline work. What is due to it already
    /// stays due. [`Arbiter::grant_next`] starts the tickets that may now start before others.
    ///
    /// # Errors
    /// If it is not from 0 to 1. Nothing has changed.
    pub fn set_offline_share(&mut self, share: f64) -> Result<(), Error> {
        self.share = OfflineShare::new(share)?.with_credit_of(&self.share);
        Ok(())
    }

    /// The reserve as it was set. [`Arbiter::reserve`] is the number of slots.
    pub fn reserve_setting(&self) -> Reserve {
        self.reserve
    }

    /// Changes the slots that offline work never takes. A larger number interrupts nothing: offline
    /// units that run keep their slots. A reserve that is found from now on is found anew.
    /// [`Arbiter::grant_next`] hands out the slots that a smaller number leaves to offline work.
    ///
    /// # Errors
    /// A number that is not below the concurrency, or in an
    /// [`adaptive`](crate::limiter::adaptive) limit not below its fewest slots; or a wait of zero.
    /// Nothing has changed.
    ///
    /// ```
    /// use p_lanes::limiter::{Arbiter, Enqueued, Lane, Options};
    ///
    /// let mut arbiter = Arbiter::new(Options::new(2).reserve(1))?;
    /// arbiter.try_enqueue(Lane::Offline).expect("a slot is free");
    /// let Enqueued::Queued(ticket) = arbiter.enqueue(Lane::Offline) else { unreachable!() };
    /// assert!(arbiter.set_reserve(2).is_err());
    /// arbiter.set_reserve(0)?;
    /// assert_eq!(arbiter.grant_next().map(|(_, granted)| granted), Some(ticket));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn set_reserve(&mut self, reserve: impl Into<Reserve>) -> Result<(), Error> {
        let reserve = reserve.into().checked()?;
        if let Some(given) = reserve.slots()
            && let Some(min) = self.adaptive.as_ref().filter(|it| it.is_on()).map(|it| it.min())
            && given >= min
        {
            return Err(Error::ReserveAboveMin { given, min });
        }
        if self.observed {
            self.time_passes();
        }
        self.slots.set_reserve(reserve.slots())?;
        self.reserve = reserve;
        self.reserving = None;
        if Lane::ALL.iter().all(|&lane| self.begins_to_measure(lane)) {
            self.begin_to_measure();
        }
        Ok(())
    }
}
