//! A batch of prompts within a quota of requests and one of tokens.
//!
//!     cargo run --features tokio --example llm_quotas
//!
//! A call takes from both quotas together or from none. It estimates its tokens before, and says
//! afterwards what it has really used; the difference is given back or taken.

use std::error::Error;
use std::time::Duration;

use p_lanes::limiter::{Gate, Lane, Options, Rate, Request};
use tokio::task::JoinSet;

/// Tokens of a prompt, as the client guesses them.
fn estimate(prompt: &str) -> u32 {
    prompt.len() as u32 / 2
}

/// Answers, and says how many tokens that took.
async fn answer(prompt: &str) -> (String, u32) {
    tokio::task::yield_now().await;
    (prompt.to_uppercase(), prompt.len() as u32 / 4)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let minute = Duration::from_secs(60);
    let options = Options::new(16)
        .quota("requests", Rate::sliding(500, minute))
        .quota("tokens", Rate::sliding(90_000, minute));
    let gate = Gate::new(options)?;

    let prompt = "Say it in other words, and keep it short, please.".repeat(4);
    let mut answers = JoinSet::new();
    for _ in 0..100 {
        let costs = gate.costs([("tokens", estimate(&prompt))])?;
        // The loop waits here while a quota or all slots are used up, so no task waits.
        let guard = gate.acquire(Request::new(Lane::Offline).costs(costs)).await?;
        let (gate, prompt) = (gate.clone(), prompt.clone());
        answers.spawn(async move {
            let (text, used) = answer(&prompt).await;
            guard.spent(gate.costs([("tokens", used)])?);
            Ok::<_, p_lanes::limiter::Error>(text)
        });
    }
    let mut count = 0;
    while let Some(answer) = answers.join_next().await {
        assert_eq!(answer??.len(), prompt.len());
        count += 1;
    }
    assert_eq!(count, 100);

    for quota in gate.stats().quotas {
        println!("{}: {} are left", quota.name, quota.rate.available);
        let used = if quota.name == "requests" { 100.0 } else { 100.0 * 49.0 };
        let limit = if quota.name == "requests" { 500.0 } else { 90_000.0 };
        assert_eq!(quota.rate.available, limit - used);
    }
    Ok(())
}
