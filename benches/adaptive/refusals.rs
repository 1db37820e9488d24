//! What the algorithms make of services that refuse calls, as Markdown.

use crate::POLICIES;
use crate::simulator::scenarios::{SERVICE, Scenario, Spread, bimodal, overloads, strays};
use crate::simulator::{Policy, Run, run};

/// Service times: within 20 %, exponential, and of two kinds.
type Times = (&'static str, fn(Scenario) -> Scenario);
const TIMES: [Times; 3] = [
    ("within 20 %", |scenario| scenario),
    ("exponential", |scenario| scenario.spread(Spread::Exponential)),
    ("bimodal", bimodal),
];
/// How long a service takes for 4,000 calls, in seconds.
const SHORT: f64 = 5.0;

pub fn all(runs: u64) {
    println!("\nStray errors: the worst of {runs} runs, beside a fixed limit of {}\n", SERVICE + 1);
    head(&["stray", "load", "service times"], &["latency", "gradient", "aimd"]);
    for ratio in [0.0, 0.005, 0.01, 0.02, 0.05] {
        for (load, scenario) in strays(ratio) {
            for (name, times) in TIMES {
                stray_row(&[&percent(ratio), load, name], &times(scenario.clone()), runs);
            }
        }
    }
    println!("\nThe same in the first 4,000 calls\n");
    head(&["stray", "load", "service times"], &["latency", "gradient", "aimd"]);
    for ratio in [0.0, 0.005, 0.01, 0.02] {
        let [.., (load, scenario)] = strays(ratio);
        let scenario = Scenario { seconds: SHORT, ..scenario };
        for (name, times) in TIMES {
            stray_row(&[&percent(ratio), load, name], &times(scenario.clone()), runs);
        }
    }
    println!(
        "\nOverloads: the worst throughput of {runs} runs beside an oracle, the mean of what was refused\n"
    );
    head(
        &["scenario", "service times"],
        &["latency", "refused", "gradient", "refused", "aimd", "refused"],
    );
    for scenario in overloads() {
        for (name, times) in TIMES {
            let scenario = times(scenario.clone());
            let beside = runs_of(&scenario, Policy::Oracle, runs);
            let cells = POLICIES[..3].iter().map(|&(_, policy)| {
                let tried = runs_of(&scenario, policy, runs);
                format!("{:.2} | {}", worst(&tried, &beside), percent(refused(&tried)))
            });
            println!("| {} | {name} | {} |", scenario.name, join(cells));
        }
    }
}

fn stray_row(names: &[&str], scenario: &Scenario, runs: u64) {
    let beside = runs_of(scenario, Policy::Fixed(SERVICE + 1), runs);
    let cells = POLICIES[..3]
        .iter()
        .map(|&(_, policy)| format!("{:.2}", worst(&runs_of(scenario, policy, runs), &beside)));
    println!("| {} | {} |", names.join(" | "), join(cells));
}

fn head(names: &[&str], figures: &[&str]) {
    println!("| {} | {} |", names.join(" | "), figures.join(" | "));
    println!("|{}{}", "---|".repeat(names.len()), "--:|".repeat(figures.len()));
}

fn runs_of(scenario: &Scenario, policy: Policy, runs: u64) -> Vec<Run> {
    (1..=runs).map(|seed| run(scenario, policy, seed)).collect()
}

fn worst(tried: &[Run], beside: &[Run]) -> f64 {
    let of = |(tried, beside): (&Run, &Run)| tried.throughput() / beside.throughput();
    tried.iter().zip(beside).map(of).fold(f64::INFINITY, f64::min)
}

fn refused(runs: &[Run]) -> f64 {
    runs.iter().map(Run::refused_part).sum::<f64>() / runs.len() as f64
}

fn percent(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

fn join(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(" | ")
}
