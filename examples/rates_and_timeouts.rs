//! A service that allows so much in a time, called by tasks that do not wait forever.
//!
//!     cargo run --features tokio --example rates_and_timeouts

use std::error::Error;
use std::time::Duration;

use p_lanes::limiter::{Gate, Lane, NotAcquired, Options, Rate, Request};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // 200 units a second, 20 of them at once; at most ten calls run at a time.
    let rate = Rate::new(200, Duration::from_secs(1)).burst(20);
    let gate = Gate::new(Options::new(10).rate(rate))?;

    // A call that costs more takes more of the rate.
    let upload = Request::new(Lane::Online).cost(20);
    drop(gate.acquire(upload).await?);

    // The burst is used up. This one needs 100 ms of the rate, and its caller has less time.
    let hasty = gate.acquire_timeout(upload, Duration::from_millis(10)).await;
    assert_eq!(hasty.unwrap_err(), NotAcquired::TimedOut);

    // A shutdown cancels all that wait. What runs goes on.
    let shutdown = CancellationToken::new();
    let waits: Vec<_> = (0..5)
        .map(|_| {
            let (gate, shutdown) = (gate.clone(), shutdown.clone());
            tokio::spawn(async move {
                gate.acquire(Request::new(Lane::Offline).cost(1_000))
                    .unless(shutdown.cancelled())
                    .await
                    .map(drop)
            })
        })
        .collect();
    while gate.pending(Lane::Offline) < 5 {
        tokio::task::yield_now().await;
    }
    shutdown.cancel();
    let mut cancelled = 0;
    for wait in waits {
        cancelled += u32::from(wait.await? == Err(NotAcquired::Cancelled));
    }
    assert_eq!((cancelled, gate.pending(Lane::Offline)), (5, 0));

    let stats = gate.stats();
    assert_eq!((stats.online.queue_timeouts, stats.offline.aborted), (1, 5));
    println!("one call timed out, and {cancelled} were cancelled; nothing of the rate was lost");
    Ok(())
}
