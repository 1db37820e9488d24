//! What servers say of the quotas, and which request they have answered.

use super::Arbiter;
use crate::clock::Clock;
use crate::limiter::types::{Error, Lane, Reading, Sent, Slot};

impl<C: Clock> Arbiter<C> {
    /// A server has answered, and says how much may still start. Until its window ends, no more
    /// starts than that, less what has started since the request was sent. Then, if the server has
    /// said its [limit](Reading::limit), as much as that starts before the next answer. The rate of
    /// the limit bounds starts as before, and stays what it is.
    ///
    /// Returns whether the answer counts. One whose request was sent before that of an answer that
    /// counts changes nothing, nor does one whose request was sent before the server's window began.
    /// [`Arbiter::grant_next`] starts the tickets that may then start. Ask [`Arbiter::wakes_at`]
    /// again then. [`Arbiter::set_rate`] forgets what servers have said.
    ///
    /// A server is believed that its window ends within an hour, or within the interval of the rate
    /// if that is longer. Without [`Reading::resets_in`], the window ends an interval later.
    ///
    /// # Errors
    /// If the limit was made without a rate, or if it has quotas with names.
    ///
    /// # Panics
    /// If the answer is to a unit [in a slot](Sent::In) in which nothing runs.
    ///
    /// ```
    /// use p_lanes::clock::FakeClock;
    /// use p_lanes::limiter::{Arbiter, Lane, Options, Outcome, Rate, Reading, Sent};
    /// use std::time::Duration;
    ///
    /// let minute = Duration::from_secs(60);
    /// let options = Options::new(8).rate(Rate::sliding(100, minute));
    /// let mut arbiter = Arbiter::with_clock(options, FakeClock::default())?;
    /// arbiter.enqueue_batch(Lane::Online, 50).expect("any number may wait");
    /// let (slot, _) = arbiter.grant_next().expect("a slot is free");
    ///
    /// // Somebody else has used the server, too.
    /// let reading = Reading::remaining(3).resets_in(Duration::from_secs(7));
    /// assert!(arbiter.learn(Sent::In(slot), reading)?);
    /// arbiter.settle(slot, Outcome::Fulfilled);
    /// while arbiter.grant_next().is_some() {}
    /// assert_eq!(arbiter.active(Lane::Online), 3);
    /// assert_eq!(arbiter.wakes_at(), Some(7_000_000_000));
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn learn(&mut self, sent: Sent, reading: Reading) -> Result<bool, Error> {
        self.pacing.rated()?.check_unnamed()?;
        Ok(self.learn_at(0, sent, reading))
    }

    /// The same of one of the quotas.
    ///
    /// # Errors
    /// If the limit has no quota of that name.
    ///
    /// # Panics
    /// As [`Arbiter::learn`].
    pub fn learn_quota(&mut self, name: &str, sent: Sent, reading: Reading) -> Result<bool, Error> {
        let place = self.pacing.rated()?.place_of(name)?;
        Ok(self.learn_at(place, sent, reading))
    }

    /// The same, by its place. A limit without such a quota learns nothing.
    pub(crate) fn learn_at(&mut self, place: usize, sent: Sent, reading: Reading) -> bool {
        if let Sent::In(slot) = sent {
            self.lane_of(slot);
        }
        let now = self.clock.now();
        let running: Vec<_> = Lane::ALL.into_iter().flat_map(|lane| self.slots_of(lane)).collect();
        let start_of = |slot: Slot| self.slots.running(slot).map_or(now, |it| it.started.at);
        let running: Vec<_> = running.into_iter().map(|slot| (slot, start_of(slot))).collect();
        let learns = match self.pacing.rated_mut() {
            Ok(rated) => rated.learn(place, sent, reading, &running, now),
            Err(_) => false,
        };
        self.note();
        learns
    }
}
