//! A service of tower's behind one limit, with a lane for each request.
//!
//!     cargo run --features tower --example tower_service
//!
//! In axum, hyper or tonic the layer is used alike: their services are tower's.

use std::time::Duration;

use p_lanes::limiter::service::{BoxError, LimitLayer};
use p_lanes::limiter::{Gate, Lane, NotAcquired, Options};
use tower::{Layer, ServiceExt, service_fn};

struct Query {
    path: &'static str,
}

/// Reports are batch work; somebody waits for all others.
fn lane_of(query: &Query) -> Lane {
    if query.path.starts_with("/reports/") { Lane::Offline } else { Lane::Online }
}

async fn answer(query: Query) -> Result<usize, BoxError> {
    tokio::time::sleep(Duration::from_millis(2)).await;
    Ok(query.path.len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    // At most two reports wait. More of them are refused at once.
    let gate = Gate::new(Options::new(4).reserve(1).max_queue(Lane::Offline, 2))?;
    let service = LimitLayer::new(&gate, lane_of).layer(service_fn(answer));

    let call = |path| tokio::spawn(service.clone().oneshot(Query { path }));
    let reports: Vec<_> = (0..10).map(|_| call("/reports/2026")).collect();
    let pages: Vec<_> = (0..4).map(|_| call("/")).collect();

    let mut refused = 0;
    for report in reports {
        match report.await? {
            Ok(length) => assert_eq!(length, 13),
            Err(error) => {
                let error = error.downcast::<NotAcquired>().expect("the service does not fail");
                assert!(matches!(*error, NotAcquired::Refused(_)));
                refused += 1;
            }
        }
    }
    for page in pages {
        assert_eq!(page.await??, 1);
    }

    let stats = gate.stats();
    assert_eq!((stats.online.settled, stats.offline.settled, refused), (4, 5, 5));
    println!("4 pages and 5 reports were answered; {refused} reports were refused");
    Ok(())
}
