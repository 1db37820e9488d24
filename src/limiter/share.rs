//! `offlineShare`: the part of the grants that offline work gets even under an online flood.

use super::error::Error;
use super::lane::Lane;

/// Fixed point, so that any number of grants adds up without drift: this many parts are one grant.
const ONE: u64 = 1 << 32;

/// A credit that grows by the share with every grant while offline waits, and pays for one offline
/// grant when it is whole. It is kept between none and one, so that offline neither runs into debt
/// by grants that cost online nothing nor saves up for a burst: in any run of `n` grants made while
/// offline waits and may run, at least `floor(n * share)` go to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfflineShare {
    per_grant: u64,
    credit: u64,
}

impl OfflineShare {
    /// `share` is a fraction of all grants, from 0 (strict priority) to 1 (offline first).
    pub(crate) fn new(share: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::OfflineShare { given: share });
        }
        Ok(Self { per_grant: (share * ONE as f64).ceil() as u64, credit: 0 })
    }

    /// Whether the next grant has to be an offline one.
    pub(crate) fn is_due(&self) -> bool {
        self.per_grant > 0 && self.credit + self.per_grant >= ONE
    }

    /// Accounts for one grant to a lane.
    pub(crate) fn granted(&mut self, lane: Lane, offline_still_waits: bool) {
        let credit = self.credit + self.per_grant;
        self.credit = match (lane, offline_still_waits) {
            (_, false) => 0,
            (Lane::Online, true) => credit.min(ONE),
            (Lane::Offline, true) => credit.saturating_sub(ONE),
        };
    }

    /// Nothing is due to work that does not wait.
    pub(crate) fn offline_no_longer_waits(&mut self) {
        self.credit = 0;
    }
}
