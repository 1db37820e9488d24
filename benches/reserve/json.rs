//! The figures and the slots that are kept over time, as JSON for the report (`npm run bench`).

use std::path::Path;

use p_lanes::limiter::Reserve;
use serde_json::{Value, json};

use crate::simulator::two_lanes::{Scenario, run};
use crate::{batch, best_fixed, mean_reserve, promise, runs, wait};

/// Writes a file with all scenarios.
pub fn write(scenarios: &[Scenario], file: &Path) -> std::io::Result<()> {
    let scenarios: Vec<Value> = scenarios.iter().map(of_scenario).collect();
    std::fs::write(
        file,
        format!("{}\n", json!({"promise": crate::PROMISE, "scenarios": scenarios})),
    )
}

fn of_scenario(scenario: &Scenario) -> Value {
    let best = best_fixed(scenario);
    let beside = best.as_ref().map(|(_, runs)| batch(runs));
    let of = |name: &str, runs: &[crate::Run]| {
        json!({
            "name": name,
            "wait": wait(runs),
            "batch": beside.map(|beside| batch(runs) / beside),
            "slots": mean_reserve(runs),
        })
    };
    let mut reserves: Vec<Value> =
        best.iter().map(|(slots, runs)| of(&format!("best fixed: {slots}"), runs)).collect();
    for (name, reserve) in
        [("reserve: 1", 1.into()), ("auto", Reserve::Auto), ("{wait: 5}", promise())]
    {
        reserves.push(of(name, &runs(scenario, reserve)));
    }
    let drawn = run(scenario, promise(), 1);
    let calls = |at: f64| (scenario.arrivals)(at) * scenario.together as f64;
    let kept: Vec<(f64, u64, f64)> =
        drawn.reserve.iter().map(|&(at, slots)| (at, slots, calls(at))).collect();
    json!({
        "name": scenario.name,
        "about": scenario.about,
        "seconds": scenario.seconds,
        "slots": scenario.slots,
        "wait": drawn.wait(0.99),
        "reserves": reserves,
        "kept": kept,
    })
}
