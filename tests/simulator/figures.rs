//! What a run is judged by.

use super::scenarios::Scenario;
use super::{LOOK, Run};

/// A limit serves the server well from this part of its places on...
pub const ENOUGH: f64 = 0.85;
/// ...up to this multiple of them.
pub const TOO_MANY: f64 = 2.0;

/// A run beside the oracle's.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Units that ended well, as a part of the oracle's.
    pub throughput: f64,
    /// The median latency, in medians of the oracle's, which never queues.
    pub p50: f64,
    /// The 99th percentile of the latency, in medians of the oracle's.
    pub p99: f64,
    /// Seconds until the limit was first between [`ENOUGH`] and [`TOO_MANY`] for the places; none if never.
    pub converged: Option<f64>,
    /// The longest that it was out of these bounds after that, in seconds.
    pub lost: f64,
    /// The farthest that the limit was from its median while nothing changed, as a part of the median.
    pub swing: f64,
    /// Units that were refused, as a part of all that ended.
    pub refused: f64,
}

impl Run {
    pub fn percentile(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
    }

    /// Units that ended well, in a second.
    pub fn throughput(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }

    /// Units that were refused, as a part of all that ended.
    pub fn refused_part(&self) -> f64 {
        self.refused as f64 / (self.latencies.len() as f64 + self.refused as f64)
    }

    pub fn beside(&self, oracle: &Run, scenario: &Scenario) -> Figures {
        let unloaded = oracle.percentile(0.5);
        let (converged, lost) = self.bounds();
        Figures {
            throughput: self.throughput() / oracle.throughput(),
            p50: self.percentile(0.5) / unloaded,
            p99: self.percentile(0.99) / unloaded,
            converged,
            lost,
            swing: self.swing(scenario),
            refused: self.refused_part(),
        }
    }

    fn bounds(&self) -> (Option<f64>, f64) {
        let (mut converged, mut out, mut lost) = (None, 0.0, 0.0_f64);
        for moment in &self.moments {
            let part = moment.limit as f64 / moment.places as f64;
            if (ENOUGH..=TOO_MANY).contains(&part) {
                converged = converged.or(Some(moment.at));
                out = 0.0;
            } else if converged.is_some() {
                out += LOOK;
                lost = lost.max(out);
            }
        }
        (converged, lost)
    }

    fn swing(&self, scenario: &Scenario) -> f64 {
        let steady = self.moments.iter().filter(|moment| scenario.steady.contains(&moment.at));
        let mut limits: Vec<f64> = steady.map(|moment| moment.limit as f64).collect();
        limits.sort_by(f64::total_cmp);
        let median = limits[limits.len() / 2];
        let farthest = (limits[limits.len() - 1] - median).max(median - limits[0]);
        farthest / median
    }
}
