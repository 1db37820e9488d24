//! tuning
#[path = "../tests/simulator/mod.rs"]
mod simulator;

use p_lanes::limiter::Algorithm;
use simulator::scenarios::{Spread, scenarios};
use simulator::{Policy, run};

fn main() {
    let arg = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    for spread in [Spread::Even, Spread::Exponential] {
        println!("{spread:?}");
        let base = scenarios().remove(0);
        let more = vec![
            simulator::scenarios::Scenario { name: "1 place", places: |_| 1, ..base.clone() },
            simulator::scenarios::Scenario {
                name: "3 places",
                places: |_| 3,
                initial: 20,
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "150 places",
                places: |_| 150,
                initial: 20,
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "300 ms",
                service: |_, _| 300.0,
                seconds: 300.0,
                steady: 150.0..300.0,
                initial: 20,
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "1 ms",
                service: |_, _| 1.0,
                seconds: 20.0,
                steady: 10.0..20.0,
                initial: 20,
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "creep",
                service: |at, _| 10.0 + at / 3.0,
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "halves",
                service: |at, _| if at < 20.0 { 20.0 } else { 10.0 },
                ..base.clone()
            },
            simulator::scenarios::Scenario {
                name: "429s drop",
                refuses: true,
                places: |at| if (20.0..40.0).contains(&at) { 8 } else { 24 },
                ..base.clone()
            },
        ];
        for scenario in if std::env::var("MORE").is_ok() { more } else { scenarios() } {
            let scenario = scenario.spread(spread);
            for (name, policy) in [
                ("latency", Policy::Adaptive(Algorithm::Latency)),
                ("gradient", Policy::Adaptive(Algorithm::Gradient)),
                ("aimd", Policy::Adaptive(Algorithm::Aimd)),
                ("fixed", Policy::Fixed(24)),
            ] {
                if let Some(arg) = &arg {
                    if arg != name {
                        continue;
                    }
                }
                let mut worst = [9.0_f64, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
                for seed in 1..=16 {
                    let oracle = run(&scenario, Policy::Oracle, seed);
                    let r = run(&scenario, policy, seed);
                    let f = r.beside(&oracle, &scenario);
                    if std::env::var("EACH").is_ok() {
                        println!("      {seed} {f:.2?}");
                    }
                    worst[0] = worst[0].min(f.throughput);
                    worst[1] = worst[1].max(f.throughput);
                    for (i, v) in
                        [f.p50, f.p99, f.converged.unwrap_or(999.0), f.lost, f.swing, f.refused]
                            .into_iter()
                            .enumerate()
                    {
                        worst[i + 2] = worst[i + 2].max(v);
                    }
                    if std::env::var("TRACE").is_ok_and(|t| t == scenario.name)
                        && std::env::var("SEED").is_ok_and(|s| s == seed.to_string())
                    {
                        let mut last = 0;
                        for m in &r.moments {
                            if m.limit != last {
                                println!(
                                    "   {:.2} limit {} in {} lat {:.2?}",
                                    m.at, m.limit, m.in_flight, m.latency
                                );
                                last = m.limit;
                            }
                        }
                        println!("{:?}", r.stats.adaptive);
                    }
                }
                println!(
                    "{:16} {name:9} thr {:.3}..{:.3} p50 {:.2} p99 {:.2} conv {:.2} lost {:.2} swing {:.2} refused {:.4}",
                    scenario.name,
                    worst[0],
                    worst[1],
                    worst[2],
                    worst[3],
                    worst[4],
                    worst[5],
                    worst[6],
                    worst[7]
                );
            }
        }
    }
}
