//! The figures as Markdown.

use crate::POLICIES;
use crate::simulator::figures::Figures;
use crate::simulator::scenarios::{Scenario, Spread};
use crate::simulator::{Policy, Run, run};

/// A limit that has been found is to swing by no more than this.
const QUARTER: f64 = 0.25;

/// The default algorithm, the worst of all seeds in every column; and in how many runs it swung too far.
pub fn targets(scenarios: &[Scenario], spread: Spread, seeds: &[u64]) {
    println!("\nThe default algorithm, {}: the worst of {} runs\n", service(spread), seeds.len());
    println!(
        "| scenario | throughput | p50 | p99 | converged | longest out of bounds | swing | refused | swing above a quarter |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for scenario in scenarios {
        let scenario = scenario.clone().spread(spread);
        let of = |seed: &u64| {
            let oracle = run(&scenario, Policy::Oracle, *seed);
            run(&scenario, POLICIES[0].1, *seed).beside(&oracle, &scenario)
        };
        let figures: Vec<Figures> = seeds.iter().map(of).collect();
        let most = |of: fn(&Figures) -> f64| figures.iter().map(of).fold(0.0, f64::max);
        let cells = Figures {
            throughput: figures.iter().map(|it| it.throughput).fold(f64::INFINITY, f64::min),
            p50: most(|it| it.p50),
            p99: most(|it| it.p99),
            converged: Some(most(|it| it.converged.unwrap_or(f64::INFINITY))),
            lost: most(|it| it.lost),
            swing: most(|it| it.swing),
            refused: most(|it| it.refused),
        };
        let too_far = figures.iter().filter(|it| it.swing > QUARTER).count();
        println!("| {} | {} | {too_far} |", scenario.name, row(cells, &scenario));
    }
}

/// All limits, the median of the seeds in every column.
pub fn all(scenarios: &[Scenario], spread: Spread, seeds: &[u64]) {
    println!("\nAll limits, {}: the median of {} runs\n", service(spread), seeds.len());
    println!(
        "| scenario | limit | throughput | p50 | p99 | converged | longest out of bounds | swing | refused |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|");
    for scenario in scenarios {
        let scenario = scenario.clone().spread(spread);
        for ((name, _), cells) in POLICIES.iter().zip(medians(&scenario, seeds)) {
            println!("| {} | {name} | {} |", scenario.name, row(cells, &scenario));
        }
    }
}

/// The figures of each limit, the median of the seeds in every one.
pub fn medians(scenario: &Scenario, seeds: &[u64]) -> Vec<Figures> {
    let oracles: Vec<Run> = seeds.iter().map(|&seed| run(scenario, Policy::Oracle, seed)).collect();
    let of_policy = |policy: Policy| {
        let beside =
            |(seed, oracle): (&u64, &Run)| run(scenario, policy, *seed).beside(oracle, scenario);
        let figures: Vec<Figures> = seeds.iter().zip(&oracles).map(beside).collect();
        let median = |of: fn(&Figures) -> f64| {
            let mut values: Vec<f64> = figures.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Figures {
            throughput: median(|it| it.throughput),
            p50: median(|it| it.p50),
            p99: median(|it| it.p99),
            converged: Some(median(|it| it.converged.unwrap_or(f64::INFINITY))),
            lost: median(|it| it.lost),
            swing: median(|it| it.swing),
            refused: median(|it| it.refused),
        }
    };
    POLICIES.iter().map(|&(_, policy)| of_policy(policy)).collect()
}

fn service(spread: Spread) -> &'static str {
    match spread {
        Spread::Even => "service times within 20 %",
        Spread::Exponential => "service times exponential",
    }
}

fn row(figures: Figures, scenario: &Scenario) -> String {
    let Figures { throughput, p50, p99, converged, lost, swing, refused } = figures;
    let seconds = |seconds: f64| match seconds {
        _ if !scenario.knee => "–".into(),
        _ if seconds.is_infinite() => "never".into(),
        _ => format!("{seconds:.1} s"),
    };
    let converged = converged.unwrap_or(f64::INFINITY);
    let lost = if converged.is_infinite() { f64::INFINITY } else { lost };
    let refused =
        if scenario.refuses() { format!("{:.1} %", 100.0 * refused) } else { "–".into() };
    [
        format!("{throughput:.2}"),
        format!("{p50:.2}"),
        format!("{p99:.2}"),
        seconds(converged),
        seconds(lost),
        format!("{swing:.2}"),
        refused,
    ]
    .join(" | ")
}
