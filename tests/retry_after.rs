//! A server that asks a batch to wait pauses the batch, and nobody who is online: simulated, so the
//! figures are the same in every run.

mod simulator;

use p_lanes::limiter::{PauseScope, Reserve};
use simulator::two_lanes::{Run, Scenario, run, scenarios};

/// Online calls of 18 ms, 60 a second, beside a batch of which 0.2 % of the runs are answered with
/// "429, try again in a second".
fn run_with(part: f64, scope: Option<PauseScope>, seed: u64) -> Run {
    let scenario = scenarios().into_iter().find(|scenario| scenario.name == "steady 60");
    let scenario = Scenario { asked_to_wait: (part, scope), ..scenario.expect("there is one") };
    run(&scenario, Reserve::Slots(1), seed)
}

#[test]
fn a_batch_that_is_asked_to_wait_does_not_delay_online_calls() {
    for seed in 1..=4 {
        let without = run_with(0.0, None, seed);
        let with = run_with(0.002, None, seed);
        assert!(with.asked >= 5, "{}", with.asked);
        assert!(with.beside_pause > 0, "online calls start while the batch is paused");
        let (with, without) = (with.wait(0.99), without.wait(0.99));
        assert!(with <= 1.2 * without, "{seed}: {with} ms instead of {without}");
    }
}

#[test]
fn a_pause_of_the_whole_limit_does() {
    for seed in 1..=4 {
        let with = run_with(0.002, Some(PauseScope::Limit), seed);
        assert_eq!(with.beside_pause, 0);
        assert!(with.wait(0.99) > 500.0, "{seed}: {}", with.wait(0.99));
    }
}

#[test]
#[ignore = "prints the figures of the docs"]
fn figures() {
    let scopes = [
        ("none asked", 0.0, None),
        ("by default: the offline lane", 0.002, None),
        ("scope: 'limit'", 0.002, Some(PauseScope::Limit)),
        ("scope: 'call'", 0.002, Some(PauseScope::Call)),
    ];
    for (name, part, scope) in scopes {
        let runs: Vec<Run> = (1..=4).map(|seed| run_with(part, scope, seed)).collect();
        let mean = |of: fn(&Run) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
        println!(
            "{name}: online wait p50 {:.1} ms, p99 {:.1} ms; {:.0} offline runs, {:.0} asked to wait",
            mean(|run| run.wait(0.5)),
            mean(|run| run.wait(0.99)),
            mean(|run| run.batch as f64),
            mean(|run| run.asked as f64),
        );
    }
}
