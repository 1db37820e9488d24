//! What an adaptive limit makes of a server, by simulated scenarios. The figures are the same in every
//! run, so these are bounds on them and not on the machine; `npm run bench:adaptive` prints all of them.

mod simulator;

use p_lanes::limiter::{Algorithm, Reason};
use simulator::figures::Figures;
use simulator::scenarios::{
    PLACES, SERVICE, Scenario, Spread, bimodal, overloads, scenarios, strays,
};
use simulator::{Policy, Run, run};

const LATENCY: Policy = Policy::Adaptive(Algorithm::Latency);
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Latency, Algorithm::Gradient, Algorithm::Aimd];

fn scenario(name: &str) -> Scenario {
    let mut all = scenarios().into_iter().chain(overloads());
    all.find(|scenario| scenario.name == name).expect("there is one")
}

/// Figures and runs of a few seeds.
fn tried(scenario: &Scenario, policy: Policy) -> Vec<(Figures, Run)> {
    let seeds = [1, 7, 23];
    let one = |seed| {
        let tried = run(scenario, policy, seed);
        (tried.beside(&run(scenario, Policy::Oracle, seed), scenario), tried)
    };
    seeds.map(one).into()
}

/// What is asked of the default algorithm wherever there is a knee.
fn serves_well(scenario: &Scenario) -> Vec<(Figures, Run)> {
    let runs = tried(scenario, LATENCY);
    for (figures, _) in &runs {
        assert!(figures.throughput >= 0.85, "{figures:?}");
        assert!(figures.p50 <= 2.0, "{figures:?}");
        assert!(figures.converged.is_some_and(|at| at <= 10.0), "{figures:?}");
    }
    runs
}

#[test]
fn a_knee_is_found_from_below() {
    serves_well(&scenario("knee"));
}

#[test]
fn a_knee_is_found_from_below_though_service_times_are_exponential() {
    serves_well(&scenario("knee").spread(Spread::Exponential));
}

/// Probes included. Not with bimodal times that are exponential too, nor with few places or units.
#[test]
fn a_limit_that_is_found_swings_by_a_quarter_at_the_most() {
    let everywhere =
        ["knee", "knee from above", "capacity drops", "latency step", "fast 429s", "slow leak"];
    let exponential = everywhere.map(|name| scenario(name).spread(Spread::Exponential));
    let even = everywhere.into_iter().chain(["bimodal"]).map(scenario);
    for scenario in even.chain(exponential) {
        for (figures, _) in tried(&scenario, LATENCY) {
            assert!(figures.swing <= 0.25, "{}: {figures:?}", scenario.name);
        }
    }
}

#[test]
fn a_knee_is_found_from_far_above() {
    for (_, run) in serves_well(&scenario("knee from above")) {
        let baseline = run.stats.adaptive.unwrap().baseline;
        assert!(
            (9.5..10.5).contains(&baseline),
            "the first latency that it saw was 42 ms, {baseline}"
        );
    }
}

#[test]
fn a_capacity_that_drops_and_comes_back_is_followed() {
    for (figures, run) in serves_well(&scenario("capacity drops")) {
        assert!(figures.lost <= 5.0, "out of bounds for {} s", figures.lost);
        let baseline = run.stats.adaptive.unwrap().baseline;
        assert!((9.5..10.5).contains(&baseline), "three times the latency was a queue: {baseline}");
    }
}

#[test]
fn a_latency_step_is_not_taken_for_load() {
    for (_, run) in serves_well(&scenario("latency step")) {
        let baseline = run.stats.adaptive.unwrap().baseline;
        assert!((19.0..21.0).contains(&baseline), "{baseline}");
    }
}

#[test]
fn two_kinds_of_units_are_no_queue() {
    serves_well(&scenario("bimodal"));
}

#[test]
fn fast_refusals_are_no_fast_successes() {
    for (figures, run) in serves_well(&scenario("fast 429s")) {
        assert!(figures.refused <= 0.01, "{figures:?}");
        let highest = run.moments.iter().map(|moment| moment.limit).max();
        assert!(highest <= Some(PLACES * 3 / 2), "{highest:?}");
    }
}

#[test]
fn a_slow_leak_is_followed() {
    for (figures, run) in serves_well(&scenario("slow leak")) {
        assert!(figures.lost <= 2.0, "out of bounds for {} s", figures.lost);
        let baseline = run.stats.adaptive.unwrap().baseline;
        // A confirming probe does not go below eight places by much, and so may leave it a little high.
        assert!((9.5..11.5).contains(&baseline), "{baseline}");
    }
}

#[test]
fn a_limit_that_is_rarely_in_use_is_neither_raised_nor_in_the_way() {
    for (figures, run) in tried(&scenario("rarely in use"), LATENCY) {
        assert!((0.99..1.01).contains(&figures.throughput), "{figures:?}");
        let highest = run.moments.iter().map(|moment| moment.limit).max().unwrap();
        assert!(highest <= 2 * PLACES, "{highest}");
    }
}

#[test]
fn aimd_stays_where_nothing_is_refused() {
    for (figures, run) in tried(&scenario("fast 429s"), Policy::Adaptive(Algorithm::Aimd)) {
        assert!(figures.throughput >= 0.85 && figures.p50 <= 1.1, "{figures:?}");
        assert!(run.stats.adaptive.unwrap().baseline == 0.0);
    }
}

#[test]
fn gradient_uses_a_server_in_full() {
    for (figures, _) in tried(&scenario("knee"), Policy::Adaptive(Algorithm::Gradient)) {
        assert!(figures.throughput >= 0.85, "{figures:?}");
    }
}

#[test]
fn a_run_is_the_same_every_time() {
    let scenario = scenario("bimodal");
    let [one, two] = [3, 3].map(|seed| run(&scenario, LATENCY, seed));
    assert_eq!(one.stats, two.stats);
    assert_eq!(one.latencies, two.latencies);
    assert_ne!(one.latencies, run(&scenario, LATENCY, 4).latencies);
}

#[test]
fn stats_say_what_was_found() {
    for (_, run) in tried(&scenario("knee"), LATENCY) {
        let stats = run.stats.adaptive.unwrap();
        let steady = [Reason::QueueOnTarget, Reason::Probing, Reason::BaselineFound];
        assert!(steady.contains(&stats.reason), "{stats:?}");
        assert!((0.0..12.0).contains(&stats.queue) && stats.samples > 50_000, "{stats:?}");
        assert!(stats.raises > 3 && stats.reductions > 3, "{stats:?}");
        assert_eq!(stats.in_flight, run.stats.concurrency);
    }
}

/// The scenario with service times within a fifth, exponential, and of two kinds.
fn with_all_times(scenario: Scenario) -> [Scenario; 3] {
    [scenario.clone(), scenario.clone().spread(Spread::Exponential), bimodal(scenario)]
}

#[test]
fn stray_errors_cost_no_throughput_at_any_load() {
    for (ratio, least) in [(0.005, 0.95), (0.02, 0.9), (0.05, 0.85)] {
        for (load, scenario) in strays(ratio) {
            for scenario in with_all_times(scenario) {
                for seed in [1, 7] {
                    let beside = run(&scenario, Policy::Fixed(SERVICE + 1), seed).throughput();
                    for algorithm in ALGORITHMS {
                        let tried = run(&scenario, Policy::Adaptive(algorithm), seed);
                        let part = tried.throughput() / beside;
                        assert!(part >= least, "{ratio} at {load} load, {algorithm:?}: {part}");
                        let stray = tried.stats.adaptive.unwrap().stray;
                        assert!((ratio / 2.0..0.05 + ratio).contains(&stray), "{stray}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_limit_is_not_low_when_load_comes_though_there_were_stray_errors() {
    for algorithm in ALGORITHMS {
        for (figures, _) in tried(&scenario("load comes late"), Policy::Adaptive(algorithm)) {
            assert!(figures.throughput >= 0.95, "{algorithm:?}: {figures:?}");
        }
    }
}

#[test]
fn what_is_too_much_is_refused_rarely_though_there_are_stray_errors() {
    for algorithm in ALGORITHMS {
        let of = |name| tried(&scenario(name), Policy::Adaptive(algorithm));
        for (name, least, most) in [
            ("fast 429s, strays", 0.9, 0.025), // 1 % are stray
            ("slow 503s", 0.9, 0.01),
            ("short queue", 0.95, 0.01),
            ("slow 503s, 100 places", 0.85, 0.005),
            ("sheds more, strays", 0.85, 0.08), // most of it when 10 of 16 places have gone
        ] {
            for (figures, _) in of(name) {
                assert!(figures.throughput >= least, "{name}, {algorithm:?}: {figures:?}");
                assert!(figures.refused <= most, "{name}, {algorithm:?}: {figures:?}");
            }
        }
    }
}

#[test]
fn a_capacity_that_drops_is_followed_though_there_are_stray_errors() {
    for (figures, run) in tried(&scenario("queue grows, strays"), LATENCY) {
        assert!(figures.throughput >= 0.85, "{figures:?}");
        let low = run.moments.iter().filter(|it| (13.0..25.0).contains(&it.at));
        let highest = low.map(|it| it.limit).max();
        assert!(highest <= Some(SERVICE), "of 6 places: {highest:?}");
    }
}

#[test]
fn after_a_burst_of_errors_a_limit_is_soon_where_it_was() {
    for algorithm in ALGORITHMS {
        for (name, least) in [("bursts", 0.85), ("outages", 0.85)] {
            for (figures, run) in tried(&scenario(name), Policy::Adaptive(algorithm)) {
                assert!(figures.throughput >= least, "{name}, {algorithm:?}: {figures:?}");
                let lowest = run.moments.iter().map(|it| it.limit).min();
                assert!(lowest <= Some(SERVICE / 2), "it was answered: {lowest:?}");
            }
        }
    }
}
