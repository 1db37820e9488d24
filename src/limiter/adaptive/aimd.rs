//! Additive increase, multiplicative decrease: by overload alone.

use super::stats::Reason;
use super::window::Measure;

/// Adds a slot for every window without an overload; the controller does the rest.
///
/// D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in
/// Computer Networks" (1989), show that of the linear rules this one alone converges to a fair share.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aimd;

impl Aimd {
    pub(super) fn measured(self, limit: f64, measure: &Measure) -> (f64, Reason) {
        if measure.full { (limit + 1.0, Reason::NoOverload) } else { (limit, Reason::NotInUse) }
    }
}
