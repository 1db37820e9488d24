//! `offlineShare`: the part of the grants that offline work gets even under an online flood.

use crate::limiter::types::{Error, Lane};

/// One grant in fixed point. Any number of grants adds up without drift.
const ONE: u64 = 1 << 32;

/// A credit that grows by the share with every grant while offline work waits. A whole credit pays
/// for one offline grant. The credit stays between 0 and 1: offline work gets no debt from grants
/// that took nothing from online work, and saves nothing up for a burst. In any run of `n` grants
/// that are made while offline work waits and may run, at least `floor(n * share)` go to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OfflineShare {
    share: f64,
    per_grant: u64,
    credit: u64,
}

impl OfflineShare {
    /// `share` is a fraction of all grants, from 0 (strict priority) to 1 (offline first).
    pub(crate) fn new(share: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::OfflineShare { given: share });
        }
        Ok(Self { share, per_grant: (share * ONE as f64).ceil() as u64, credit: 0 })
    }

    /// The fraction of all grants.
    pub(crate) fn share(&self) -> f64 {
        self.share
    }

    /// The same share, with what another one owes already.
    pub(crate) fn with_credit_of(self, other: &Self) -> Self {
        Self { credit: other.credit, ..self }
    }

    /// Whether the next grant must go to offline work.
    pub(crate) fn is_due(&self) -> bool {
        self.per_grant > 0 && self.credit + self.per_grant >= ONE
    }

    /// Counts one grant to a lane.
    pub(crate) fn granted(&mut self, lane: Lane, offline_still_waits: bool) {
        let credit = self.credit + self.per_grant;
        self.credit = match (lane, offline_still_waits) {
            (_, false) => 0,
            (Lane::Online, true) => credit.min(ONE),
            (Lane::Offline, true) => credit.saturating_sub(ONE),
        };
    }

    /// Resets the credit: nothing is due to work that does not wait.
    pub(crate) fn offline_no_longer_waits(&mut self) {
        self.credit = 0;
    }
}
