//! What an adaptive limit makes of simulated servers, beside fixed limits and an oracle that knows the
//! server's capacity at every moment.
//!
//! `npm run bench:adaptive` prints all figures as Markdown. With `-- -- --json FILE` it writes them there instead, and
//! what happened over time, for the charts of `npm run bench`. With `-- -- --test` it tries one scenario, and with
//! `-- -- --seeds N` it runs the default algorithm alone, as often as that; `-- -- --overloads N` runs all algorithms at
//! services that refuse calls. The figures depend on nothing but the code.

mod json;
mod refusals;
#[path = "../../tests/simulator/mod.rs"]
mod simulator;
mod table;

use p_lanes::limiter::Algorithm;
use simulator::Policy;
use simulator::scenarios::{PLACES, Spread, scenarios};

/// The algorithms, and limits that are half, once and twice what the server takes at first.
const POLICIES: [(&str, Policy); 6] = [
    ("latency", Policy::Adaptive(Algorithm::Latency)),
    ("gradient", Policy::Adaptive(Algorithm::Gradient)),
    ("aimd", Policy::Adaptive(Algorithm::Aimd)),
    ("fixed, 12", Policy::Fixed(PLACES / 2)),
    ("fixed, 24", Policy::Fixed(PLACES)),
    ("fixed, 48", Policy::Fixed(PLACES * 2)),
];

/// Of the runs that medians are of.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().position(|argument| argument == name);
    let is_test = after("--test").is_some();
    if let Some(at) = after("--json") {
        let file = arguments.get(at + 1).expect("`--json` needs a file");
        let all = scenarios();
        let (some, seeds) = if is_test { (&all[..1], &SEEDS[..1]) } else { (&all[..], &SEEDS[..]) };
        json::write(some, seeds, file.as_ref()).expect("the file can be written");
    } else if is_test {
        let one = &scenarios()[..1];
        table::targets(one, Spread::Even, &[1]);
        table::all(one, Spread::Even, &[1]);
        refusals::all(1);
    } else if let Some(at) = after("--seeds") {
        let number = arguments.get(at + 1).and_then(|number| number.parse().ok());
        targets(number.expect("`--seeds` needs a number"));
    } else if let Some(at) = after("--overloads") {
        let number = arguments.get(at + 1).and_then(|number| number.parse().ok());
        refusals::all(number.expect("`--overloads` needs a number"));
    } else {
        targets(16);
        refusals::all(16);
        table::all(&scenarios(), Spread::Even, &SEEDS);
    }
}

fn targets(runs: u64) {
    let seeds: Vec<u64> = (1..=runs).collect();
    for spread in [Spread::Even, Spread::Exponential] {
        table::targets(&scenarios(), spread, &seeds);
    }
}
