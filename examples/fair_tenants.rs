//! Tenants of an API share its slots fairly: a large one cannot make a small one wait.
//!
//!     cargo run --features tokio --example fair_tenants
//!
//! Tenants take turns while they wait. A tenant of share 2 gets two turns where the others get one.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use p_lanes::limiter::tasks::LimitedSet;
use p_lanes::limiter::{Flow, Gate, Lane, Options, Request};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let gate = Gate::new(Options::new(4).reserve(0).fair(true))?;

    let order = Arc::new(Mutex::new(Vec::new()));
    let mut calls = LimitedSet::new(&gate);
    gate.pause(); // until all of them are here
    for (tenant, share, count) in [("large", 1.0, 1_000), ("small", 1.0, 20), ("pays", 2.0, 200)] {
        let request = Request::new(Lane::Online).flow(Flow::of(tenant).share(share)?);
        for _ in 0..count {
            let order = order.clone();
            calls.spawn(request, async move {
                order.lock().expect("no call panics").push(tenant);
                tokio::task::yield_now().await;
            });
        }
    }
    gate.resume();
    calls.try_join_all().await?;

    // While all of them wait, a round has one call of `large`, one of `small` and two of `pays`.
    let order = order.lock().expect("no call panics");
    let mut started = HashMap::new();
    for tenant in &order[..60] {
        *started.entry(*tenant).or_insert(0) += 1;
    }
    println!("the first 60 starts: {started:?}");
    let small = order.iter().rposition(|tenant| *tenant == "small").expect("it was served");
    println!("the last call of `small` was number {} of {}", small + 1, order.len());
    assert!(small < 100, "it did not wait for the 1,000 of `large`");
    Ok(())
}
