//! What an automatic reserve makes of simulated loads, beside fixed reserves.
//!
//! `npm run bench:reserve` prints the figures as Markdown. With `-- -- --json FILE` it writes them there instead, and what
//! happened over time, for the charts of `npm run bench`. With `-- -- --test` it tries one scenario. The figures depend
//! on nothing but the code.

mod json;
#[path = "../../tests/simulator/mod.rs"]
mod simulator;

use std::time::Duration;

use p_lanes::limiter::Reserve;
use simulator::two_lanes::{Run, Scenario, run, scenarios};

const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// The promise, in milliseconds.
const PROMISE: f64 = 5.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().position(|argument| argument == name);
    let all = scenarios();
    let some = if after("--test").is_some() { &all[..1] } else { &all[..] };
    if let Some(at) = after("--json") {
        let file = arguments.get(at + 1).expect("`--json` needs a file");
        json::write(some, file.as_ref()).expect("the file can be written");
    } else {
        table(some);
    }
}

fn promise() -> Reserve {
    Reserve::Wait(Duration::from_secs_f64(PROMISE / 1e3))
}

fn runs(scenario: &Scenario, reserve: Reserve) -> Vec<Run> {
    SEEDS.map(|seed| run(scenario, reserve, seed)).into()
}

/// The longest wait of 99 of 100 online calls, of all seeds.
fn wait(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.wait(0.99)).fold(0.0, f64::max)
}

fn batch(runs: &[Run]) -> f64 {
    runs.iter().map(|run| run.batch as f64).sum()
}

fn mean_reserve(runs: &[Run]) -> f64 {
    let all: Vec<f64> =
        runs.iter().flat_map(|run| &run.reserve).map(|&(_, slots)| slots as f64).collect();
    all.iter().sum::<f64>() / all.len() as f64
}

/// The smallest fixed reserve that keeps the promise in all runs, and the runs with it.
fn best_fixed(scenario: &Scenario) -> Option<(u64, Vec<Run>)> {
    let most = if scenario.adaptive { 8 } else { scenario.slots };
    let fixed = |slots: u64| (slots, runs(scenario, slots.into()));
    (0..most).map(fixed).find(|(_, runs)| wait(runs) <= PROMISE)
}

fn table(scenarios: &[Scenario]) {
    println!(
        "Online wait p99 in milliseconds, the worst of {} runs, and the batch as a part of what it does \
         with the best fixed reserve: the smallest that keeps {PROMISE} ms in all runs\n",
        SEEDS.len()
    );
    println!("| scenario | | best fixed | `reserve: 1` | `'auto'` | `{{wait: {PROMISE}}}` |");
    println!("|---|---|--:|--:|--:|--:|");
    for scenario in scenarios {
        let best = best_fixed(scenario);
        let beside = best.as_ref().map_or(f64::NAN, |(_, runs)| batch(runs));
        let cell = |runs: &[Run]| {
            let (wait, batch) = (wait(runs), batch(runs) / beside);
            let batch = if batch.is_nan() { "-".to_owned() } else { format!("{batch:.2}") };
            format!("{wait:.1} ms, {batch}, {:.1} slots", mean_reserve(runs))
        };
        let best = best
            .map_or("none".to_owned(), |(slots, runs)| format!("{slots}: {:.1} ms", wait(&runs)));
        let [one, auto, promised] =
            [1.into(), Reserve::Auto, promise()].map(|reserve| cell(&runs(scenario, reserve)));
        println!(
            "| {} | {} | {best} | {one} | {auto} | {promised} |",
            scenario.name, scenario.about
        );
    }
}
