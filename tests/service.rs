//! The layer for tower's services.

#![cfg(feature = "tower")]

use std::future::{Future, Ready, pending, ready};
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

use p_lanes::limiter::service::{BoxError, LimitLayer};
use p_lanes::limiter::{Gate, Lane, NotAcquired, Options, Outcome, Refused, Request};
use tower::layer::Layer;
use tower::{Service, ServiceExt, service_fn};

fn gate(options: Options) -> Gate {
    Gate::new(options.reserve(0)).unwrap()
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn answer<T: std::fmt::Debug>(turn: Poll<Result<T, BoxError>>) -> T {
    match turn {
        Poll::Ready(answer) => answer.unwrap(),
        Poll::Pending => panic!("it is pending"),
    }
}

/// Is ready when it is told to be, and answers with what it was asked.
#[derive(Clone)]
struct Echo {
    /// How many calls it is ready for.
    ready: Arc<AtomicU32>,
    is_ready: bool,
}

impl Echo {
    fn new(ready: u32) -> Self {
        Self { ready: Arc::new(AtomicU32::new(ready)), is_ready: false }
    }
}

impl Service<u32> for Echo {
    type Response = u32;
    type Error = io::Error;
    type Future = Ready<Result<u32, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        match self.ready.load(Ordering::SeqCst) {
            0 => Poll::Pending,
            u32::MAX => Poll::Ready(Err(io::Error::other("it is broken"))),
            _ => {
                self.is_ready = true;
                Poll::Ready(Ok(()))
            }
        }
    }

    fn call(&mut self, call: u32) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "it is called only when it was ready");
        self.ready.fetch_sub(1, Ordering::SeqCst);
        ready(if call == 500 { Err(io::Error::other("it failed")) } else { Ok(call) })
    }
}

#[test]
fn requests_go_to_their_lanes_and_online_first() {
    let gate = gate(Options::new(1));
    let by_call = |call: &u32| if *call > 100 { Lane::Offline } else { Lane::Online };
    let mut service = LimitLayer::new(&gate, by_call).layer(Echo::new(9));
    let busy = gate.try_acquire(Lane::Online).unwrap();
    let (mut batch, mut request) = (pin!(service.call(200)), pin!(service.call(1)));
    assert!(poll(batch.as_mut()).is_pending() && poll(request.as_mut()).is_pending());
    assert_eq!((gate.pending(Lane::Online), gate.pending(Lane::Offline)), (1, 1));
    drop(busy);
    assert!(poll(batch.as_mut()).is_pending());
    assert_eq!(answer(poll(request)), 1);
    assert_eq!(answer(poll(batch)), 200);
    let stats = gate.stats();
    assert_eq!((stats.online.settled, stats.offline.settled), (2, 1));
}

#[test]
fn a_slot_is_held_from_before_the_service_is_ready_until_the_response() {
    let gate = gate(Options::new(1));
    let echo = Echo::new(0);
    let ready = echo.ready.clone();
    let mut service = LimitLayer::new(&gate, Request::new(Lane::Online)).layer(echo);
    assert!(service.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready());
    let mut call = pin!(service.call(7));
    assert_eq!(gate.active(Lane::Online), 0, "it was not polled");
    assert!(poll(call.as_mut()).is_pending());
    assert_eq!(gate.active(Lane::Online), 1);
    ready.store(1, Ordering::SeqCst);
    assert_eq!(answer(poll(call)), 7);
    assert_eq!(gate.active(Lane::Online), 0);
}

#[test]
fn a_call_that_is_dropped_gives_back_its_place_or_its_slot() {
    let gate = gate(Options::new(1));
    let stuck = service_fn(|_: u32| pending::<Result<u32, io::Error>>());
    let mut service = LimitLayer::new(&gate, Lane::Online).layer(stuck);
    {
        let (mut runs, mut waits) = (pin!(service.call(1)), pin!(service.call(2)));
        assert!(poll(runs.as_mut()).is_pending() && poll(waits.as_mut()).is_pending());
        assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (1, 1));
    }
    assert_eq!((gate.active(Lane::Online), gate.pending(Lane::Online)), (0, 0));
    let online = gate.stats().online;
    assert_eq!((online.settled, online.granted), (online.rejected, online.settled));
}

#[test]
fn errors_are_told_apart_and_counted() {
    let gate = gate(Options::new(1).max_queue(Lane::Online, 0));
    let mut service = LimitLayer::new(&gate, Lane::Online).layer(Echo::new(9));
    let error = pollster::block_on(service.call(500)).unwrap_err();
    assert!(error.is::<io::Error>());

    let busy = gate.try_acquire(Lane::Online).unwrap();
    let error = pollster::block_on(service.call(1)).unwrap_err();
    assert!(matches!(
        error.downcast_ref::<NotAcquired>(),
        Some(NotAcquired::Refused(Refused::Full { most: 0, .. }))
    ));
    drop(busy);

    let mut broken = LimitLayer::new(&gate, Lane::Online).layer(Echo::new(u32::MAX));
    assert_eq!(pollster::block_on(broken.call(1)).unwrap_err().to_string(), "it is broken");
    let online = gate.stats().online;
    assert_eq!((online.settled, online.rejected, online.refused, online.active), (3, 2, 1, 0));
}

#[test]
fn an_outcome_may_be_read_from_the_response() {
    let gate = gate(Options::new(2));
    let outcome = |result: &io::Result<u32>| match result {
        Ok(status) if *status < 400 => Outcome::Fulfilled,
        _ => Outcome::Rejected,
    };
    let layer = LimitLayer::new(&gate, Lane::Online).outcome_by(outcome);
    for status in [200, 404, 500] {
        let _ = pollster::block_on(layer.layer(Echo::new(1)).oneshot(status));
    }
    let online = gate.stats().online;
    assert_eq!((online.settled, online.rejected), (3, 2));
}

#[test]
fn a_panic_in_the_service_gives_back_the_slot() {
    let gate = gate(Options::new(1));
    let panics = service_fn(|call: u32| async move {
        assert_eq!(call, 0, "a panic on purpose");
        Ok::<u32, io::Error>(call)
    });
    let layer = LimitLayer::new(&gate, Lane::Online);
    let call = layer.layer(panics).oneshot(1);
    let panicked =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pollster::block_on(call)));
    assert!(panicked.is_err());
    let online = gate.stats().online;
    assert_eq!((online.active, online.rejected), (0, 1));
}

/// A service that is shared by the threads of a server must be `Send`, and so must its futures.
#[test]
fn it_is_sent_and_cloned() {
    fn is_for_servers<S: Service<u32, Future: Send> + Clone + Send + Sync + 'static>(_: S) {}
    let layer = LimitLayer::new(&gate(Options::new(1)), Lane::Online);
    is_for_servers(layer.clone().layer(Echo::new(1)));
}
