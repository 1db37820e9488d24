//! The figures and what happened over time, as JSON for the report (`npm run bench`).

use std::path::Path;

use serde_json::{Value, json};

use crate::POLICIES;
use crate::simulator::figures::Figures;
use crate::simulator::scenarios::{Load, Scenario, Spread};
use crate::simulator::{Moment, Policy, Run, run};
use crate::table::medians;

/// Of the run whose moments are told.
const SEED: u64 = 1;
/// How many points a line may have: more are not to be told apart, and cost space.
const POINTS: usize = 400;

/// Writes a file with all scenarios.
pub fn write(scenarios: &[Scenario], seeds: &[u64], file: &Path) -> std::io::Result<()> {
    let scenarios: Vec<Value> =
        scenarios.iter().map(|scenario| of_scenario(scenario, seeds)).collect();
    std::fs::write(file, format!("{}\n", json!({"runs": seeds.len(), "scenarios": scenarios})))
}

fn of_scenario(scenario: &Scenario, seeds: &[u64]) -> Value {
    let figures = medians(&scenario.clone().spread(Spread::Even), seeds);
    let limits: Vec<Value> = POLICIES
        .iter()
        .zip(figures)
        .map(|(&(name, policy), figures)| of_limit(scenario, name, policy, figures))
        .collect();
    json!({
        "name": scenario.name,
        "about": scenario.about,
        "seconds": scenario.seconds,
        "hasKnee": scenario.knee,
        "isSaturated": matches!(scenario.load, Load::Saturating),
        "refuses": scenario.refuses(),
        "limits": limits,
    })
}

fn of_limit(scenario: &Scenario, name: &str, policy: Policy, figures: Figures) -> Value {
    let run = run(scenario, policy, SEED);
    // Infinity, for a limit that never converged, becomes `null`.
    json!({
        "name": name,
        "isAdaptive": matches!(policy, Policy::Adaptive(_)),
        "figures": {
            "throughput": figures.throughput,
            "p50": figures.p50,
            "p99": figures.p99,
            "converged": figures.converged,
            "lost": figures.lost,
            "swing": figures.swing,
            "refused": figures.refused,
        },
        "limit": thinned(&run, |moment| Some(moment.limit as f64)),
        "inFlight": thinned(&run, |moment| Some(moment.in_flight as f64)),
        "places": thinned(&run, |moment| Some(moment.places as f64)),
        "latency": thinned(&run, |moment| moment.latency),
    })
}

/// Of each stretch of moments the least and the most, in their order, so that no spike is lost.
fn thinned(run: &Run, of: impl Fn(&Moment) -> Option<f64>) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> =
        run.moments.iter().filter_map(|moment| Some((moment.at, of(moment)?))).collect();
    let stretch = points.len().div_ceil(POINTS / 2).max(1);
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(POINTS);
    for points in points.chunks(stretch) {
        let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let least = points.iter().min_by(by_value).expect("a chunk is not empty");
        let most = points.iter().max_by(by_value).expect("a chunk is not empty");
        let mut both = [*least, *most];
        both.sort_by(|a, b| a.0.total_cmp(&b.0));
        kept.extend(both.map(|(at, value)| (rounded(at), rounded(value))));
    }
    kept.dedup();
    kept
}

/// To hundredths: a chart shows no more.
fn rounded(value: f64) -> f64 {
    (100.0 * value).round() / 100.0
}
