//! A call's way through the limit and the service.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tower_service::Service;

use super::BoxError;
use super::layer::OutcomeOf;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::futures::{Acquire, Guard};
use crate::limiter::types::Outcome;

pin_project! {
    /// The future of a [`Limit`](super::Limit)'s response.
    #[must_use = "a future does nothing unless it is polled"]
    pub struct ResponseFuture<S, Call, O, C = MonotonicClock>
    where
        S: Service<Call>,
        C: Clock,
    {
        #[pin]
        stage: Stage<S, Call, S::Future, C>,
        outcome: O,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<S, Call, F, C>
    where
        C: Clock,
    {
        /// It waits for a slot.
        Queued { acquire: Acquire<C>, service: Option<S>, call: Option<Call> },
        /// It waits for the service to be ready.
        Granted { guard: Option<Guard<C>>, service: Option<S>, call: Option<Call> },
        // When it is dropped, the call ends before its slot is free.
        Called { #[pin] response: F, guard: Option<Guard<C>> },
        Done,
    }
}

impl<S: Service<Call>, Call, O, C: Clock> ResponseFuture<S, Call, O, C> {
    pub(super) fn new(acquire: Acquire<C>, service: S, call: Call, outcome: O) -> Self {
        Self { stage: Stage::Queued { acquire, service: Some(service), call: Some(call) }, outcome }
    }
}

impl<S, Call, O, C> Future for ResponseFuture<S, Call, O, C>
where
    S: Service<Call>,
    S::Error: Into<BoxError>,
    O: OutcomeOf<S::Response, S::Error>,
    C: Clock,
{
    type Output = Result<S::Response, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.stage.as_mut().project() {
                StageProjection::Queued { acquire, service, call } => {
                    match ready!(Pin::new(acquire).poll(cx)) {
                        Ok(guard) => Stage::Granted {
                            guard: Some(guard.dropped_as(Outcome::Rejected)),
                            service: service.take(),
                            call: call.take(),
                        },
                        Err(error) => {
                            this.stage.set(Stage::Done);
                            return Poll::Ready(Err(error.into()));
                        }
                    }
                }
                StageProjection::Granted { guard, service, call } => {
                    let inner = service.as_mut().expect("it is called once");
                    if let Err(error) = ready!(inner.poll_ready(cx)) {
                        let result = Err(error);
                        settle(guard, this.outcome.outcome_of(&result));
                        this.stage.set(Stage::Done);
                        return Poll::Ready(result.map_err(Into::into));
                    }
                    let response = inner.call(call.take().expect("it is called once"));
                    Stage::Called { response, guard: guard.take() }
                }
                StageProjection::Called { response, guard } => {
                    let result = ready!(response.poll(cx));
                    settle(guard, this.outcome.outcome_of(&result));
                    this.stage.set(Stage::Done);
                    return Poll::Ready(result.map_err(Into::into));
                }
                StageProjection::Done => panic!("`ResponseFuture` was polled after it was ready"),
            };
            this.stage.set(next);
        }
    }
}

fn settle<C: Clock>(guard: &mut Option<Guard<C>>, outcome: Outcome) {
    guard.take().expect("the call has its slot until it ends").settle(outcome);
}
