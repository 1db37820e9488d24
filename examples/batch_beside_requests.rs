//! A batch of reports and the requests of users, through one limit of a database's connections.
//!
//!     cargo run --features tokio --example batch_beside_requests
//!
//! The batch takes every connection that no request needs. A request never waits behind the batch.

use std::error::Error;
use std::time::Duration;

use p_lanes::limiter::tasks::{LimitIteratorExt, LimitedSet};
use p_lanes::limiter::{Gate, Lane, Options};
use tokio::time::{Instant, sleep};

/// What the database takes for a query.
const QUERY: Duration = Duration::from_millis(5);

async fn query(number: u32) -> u32 {
    sleep(QUERY).await;
    number
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Eight connections. The reserve follows the load: none while there are no requests.
    let gate = Gate::new(Options::new(8))?;

    // The batch is a stream, so it is never in memory as a whole.
    let batch = tokio::spawn({
        let gate = gate.clone();
        async move {
            let mut reports = (0..2_000).map_limited_unordered(&gate, Lane::Offline, query);
            let mut sum = 0_u64;
            while let Some(report) = reports.next().await {
                sum += u64::from(report?);
            }
            Ok::<_, p_lanes::limiter::tasks::TaskError>(sum)
        }
    });

    // Meanwhile users come. Each page needs three queries, and fails or succeeds as a whole.
    let mut slowest = Duration::ZERO;
    for page in 0..50 {
        sleep(Duration::from_millis(10)).await;
        let begun = Instant::now();
        let mut queries = LimitedSet::new(&gate);
        for number in 0..3 {
            queries.spawn(Lane::Online, query(page * 3 + number));
        }
        assert_eq!(queries.try_join_all().await?.len(), 3);
        slowest = slowest.max(begun.elapsed());
    }

    assert_eq!(batch.await??, (0..2_000).sum::<u64>());
    let stats = gate.stats();
    assert_eq!((stats.online.settled, stats.offline.settled), (150, 2_000));
    println!("150 queries of users beside 2,000 of a batch, over 8 connections");
    println!("the slowest page took {slowest:?}; its queries alone take {QUERY:?}");
    let waits = |lane: &p_lanes::limiter::LaneStats| (lane.wait.p50, lane.wait.p99);
    println!("waits in ms, p50 and p99: online {:?}", waits(&stats.online));
    println!("                          offline {:?}", waits(&stats.offline));
    Ok(())
}
