//! Fairness between flows: rule 12 of the lane policy.

use super::Arbiter;
use crate::clock::Clock;

impl<C: Clock> Arbiter<C> {
    /// Makes the limit [fair](crate::limiter::Options::fair), at any time and for good. Tickets that
    /// wait already are those of flow 0. Without an effect if it is fair.
    pub fn make_fair(&mut self) {
        if !self.is_fair() {
            self.observed = true;
            self.tickets.make_fair(self.pacing.scales(|| self.clock.now()));
            if self.lending.is_on() {
                self.offer_slots();
            }
        }
    }

    /// After a change of the rates, by which the costs of units are compared.
    pub(super) fn rates_have_changed(&mut self) {
        if self.is_fair() {
            self.tickets.set_scales(self.pacing.scales(|| self.clock.now()));
        }
        self.note();
    }

    /// Whether the flows of a lane take turns.
    pub fn is_fair(&self) -> bool {
        self.tickets.is_fair()
    }
}
