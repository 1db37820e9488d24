//! Additive increase, multiplicative decrease: by overload alone.

use super::stats::Reason;
use super::window::Measure;

/// Adds a slot for every window without an overload. The controller reduces the limit after an
/// overload.
///
/// D.-M. Chiu and R. Jain, "Analysis of the Increase and Decrease Algorithms for Congestion
/// Avoidance in Computer Networks" (1989), show that this is the only linear rule that converges to
/// a fair share.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Aimd;

impl Aimd {
    pub(super) fn measured(self, limit: f64, measure: &Measure) -> (f64, Reason) {
        if measure.full { (limit + 1.0, Reason::NoOverload) } else { (limit, Reason::NotInUse) }
    }
}
