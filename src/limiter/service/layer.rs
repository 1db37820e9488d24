//! The layer, and the service that it makes.

use std::fmt;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::BoxError;
use super::future::ResponseFuture;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::futures::Gate;
use crate::limiter::types::{Lane, Outcome, Request};

/// What a call of a service asks of the limit: a [`Lane`] or a [`Request`], the same for all, or a
/// function of the call.
pub trait RequestOf<Call> {
    /// The request of a call.
    fn request_of(&self, call: &Call) -> Request;
}

impl<Call> RequestOf<Call> for Lane {
    fn request_of(&self, _: &Call) -> Request {
        (*self).into()
    }
}

impl<Call> RequestOf<Call> for Request {
    fn request_of(&self, _: &Call) -> Request {
        *self
    }
}

impl<Call, F: Fn(&Call) -> R, R: Into<Request>> RequestOf<Call> for F {
    fn request_of(&self, call: &Call) -> Request {
        self(call).into()
    }
}

/// How a call counts in the statistics, and for an [`adaptive`](crate::limiter::adaptive) limit:
/// [`ByResult`], or a function of the result.
pub trait OutcomeOf<Response, Error> {
    /// How a call with this result counts.
    fn outcome_of(&self, result: &Result<Response, Error>) -> Outcome;
}

/// Every response counts as [`Outcome::Fulfilled`], and every error as [`Outcome::Rejected`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ByResult;

impl<Response, Error> OutcomeOf<Response, Error> for ByResult {
    fn outcome_of(&self, result: &Result<Response, Error>) -> Outcome {
        if result.is_ok() { Outcome::Fulfilled } else { Outcome::Rejected }
    }
}

impl<Response, Error, F> OutcomeOf<Response, Error> for F
where
    F: Fn(&Result<Response, Error>) -> Outcome,
{
    fn outcome_of(&self, result: &Result<Response, Error>) -> Outcome {
        self(result)
    }
}

/// A layer that limits services by a [`Gate`]. All services that it makes share the gate.
#[derive(Clone)]
pub struct LimitLayer<R, O = ByResult, C = MonotonicClock> {
    gate: Gate<C>,
    request: R,
    outcome: O,
}

impl<R, C> LimitLayer<R, ByResult, C> {
    /// A layer whose calls take their slots from this gate. `request` is a [`Lane`], a [`Request`],
    /// or a function of the call that returns one.
    pub fn new(gate: &Gate<C>, request: R) -> Self {
        Self { gate: gate.clone(), request, outcome: ByResult }
    }
}

impl<R, O, C> LimitLayer<R, O, C> {
    /// Sets how a call counts: a function of its result. Default: [`ByResult`].
    ///
    /// ```
    /// use p_lanes::limiter::service::LimitLayer;
    /// use p_lanes::limiter::{Adaptive, Gate, Lane, Options, Outcome};
    ///
    /// // A response says by its status that the server is overloaded.
    /// let outcome = |result: &Result<u16, std::io::Error>| match result {
    ///     Ok(429 | 503) => Outcome::Overloaded,
    ///     Ok(status) if *status < 500 => Outcome::Fulfilled,
    ///     _ => Outcome::Rejected,
    /// };
    /// let gate = Gate::new(Options::new(1).adaptive(Adaptive::default()))?;
    /// let layer = LimitLayer::new(&gate, Lane::Online).outcome_by(outcome);
    /// # let _ = layer;
    /// # Ok::<(), p_lanes::limiter::Error>(())
    /// ```
    pub fn outcome_by<P>(self, outcome: P) -> LimitLayer<R, P, C> {
        LimitLayer { gate: self.gate, request: self.request, outcome }
    }
}

impl<R, O, C: Clock> fmt::Debug for LimitLayer<R, O, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitLayer").field("gate", &self.gate).finish_non_exhaustive()
    }
}

impl<S, R: Clone, O: Clone, C> Layer<S> for LimitLayer<R, O, C> {
    type Service = Limit<S, R, O, C>;

    fn layer(&self, inner: S) -> Self::Service {
        let Self { gate, request, outcome } = self;
        Limit { inner, gate: gate.clone(), request: request.clone(), outcome: outcome.clone() }
    }
}

/// A service whose calls each take a slot of a gate. See [`service`](crate::limiter::service).
#[derive(Clone)]
pub struct Limit<S, R, O = ByResult, C = MonotonicClock> {
    inner: S,
    gate: Gate<C>,
    request: R,
    outcome: O,
}

impl<S, R, O, C> Limit<S, R, O, C> {
    /// The service that is limited.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service that is limited, to change it.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service without its limit.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, R, O, C, Call> Service<Call> for Limit<S, R, O, C>
where
    S: Service<Call> + Clone,
    S::Error: Into<BoxError>,
    R: RequestOf<Call>,
    O: OutcomeOf<S::Response, S::Error> + Clone,
    C: Clock,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ResponseFuture<S, Call, O, C>;

    /// It is always ready; see [`service`](crate::limiter::service#readiness).
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Call) -> Self::Future {
        let acquire = self.gate.acquire(self.request.request_of(&call));
        ResponseFuture::new(acquire, self.inner.clone(), call, self.outcome.clone())
    }
}

impl<S: fmt::Debug, R, O, C: Clock> fmt::Debug for Limit<S, R, O, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inner, gate, .. } = self;
        f.debug_struct("Limit").field("inner", inner).field("gate", gate).finish_non_exhaustive()
    }
}
