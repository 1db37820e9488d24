//! Waits for a slot that end without one: after a time, or when something else has happened.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use crate::clock::Clock;
use crate::limiter::futures::{Acquire, Gate, Guard};
use crate::limiter::types::{Cause, NotAcquired, Request};

/// A wait for a slot that can be given up: an [`Acquire`], or one that has an [`Unless`] already.
pub trait GiveUp:
    Future<Output = Result<Guard<Self::Clock>, NotAcquired>> + sealed::Sealed
{
    /// The clock of the gate.
    type Clock: Clock;

    #[doc(hidden)]
    fn give_up_for(self: Pin<&mut Self>, cause: Cause);
}

mod sealed {
    pub trait Sealed {}
}

impl<C: Clock> sealed::Sealed for Acquire<C> {}

impl<C: Clock> GiveUp for Acquire<C> {
    type Clock = C;

    fn give_up_for(self: Pin<&mut Self>, cause: Cause) {
        self.get_mut().give_up(cause);
    }
}

pin_project! {
    /// A wait for a slot that ends without one if another future is ready first. See
    /// [`Acquire::unless`] and [`Acquire::timeout`].
    #[must_use = "a future does nothing unless it is polled"]
    #[derive(Debug)]
    pub struct Unless<A, F> {
        #[pin]
        acquire: A,
        #[pin]
        stop: F,
        cause: Cause,
    }
}

impl<A, F> Unless<A, F> {
    /// Also ends the wait if another future is ready first, as [`Acquire::unless`] does.
    pub fn unless<G: Future<Output = ()>>(self, cancelled: G) -> Unless<Self, G> {
        Unless { acquire: self, stop: cancelled, cause: Cause::Aborted }
    }

    /// Also ends the wait after a time, as [`Acquire::timeout`] does.
    pub fn timeout(self, after: Duration) -> Unless<Self, Expired> {
        Unless { acquire: self, stop: Expired { after, sleep: None }, cause: Cause::TimedOut }
    }
}

impl<C: Clock> Acquire<C> {
    /// Ends the wait with [`NotAcquired::Cancelled`] if another future is ready first, or before the
    /// wait begins. The place in the lane is then given up. The future may be that of a
    /// `CancellationToken` of tokio-util, the receiver of a channel, or any other. It does not need
    /// tokio's runtime.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::{Gate, Lane, NotAcquired, Options};
    /// use std::time::Duration;
    /// use tokio_util::sync::CancellationToken;
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let token = CancellationToken::new();
    /// let guard = gate.acquire(Lane::Online).unless(token.cancelled()).await?;
    ///
    /// token.cancel();
    /// let wait = gate.acquire(Lane::Online).unless(token.cancelled()).timeout(Duration::from_secs(60));
    /// assert_eq!(wait.await.unwrap_err(), NotAcquired::Cancelled);
    /// # drop(guard);
    /// # Ok(())
    /// # }
    /// ```
    pub fn unless<F: Future<Output = ()>>(self, cancelled: F) -> Unless<Self, F> {
        Unless { acquire: self, stop: cancelled, cause: Cause::Aborted }
    }

    /// Ends the wait with [`NotAcquired::TimedOut`] if it takes longer than `after`. The place in the
    /// lane is then given up. The time begins with the first poll. With a time of zero the call gets
    /// a slot only if one is free.
    ///
    /// # Panics
    /// The future panics outside of a tokio runtime that has its timer enabled.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::{Gate, Lane, NotAcquired, Options};
    /// use std::time::Duration;
    ///
    /// let gate = Gate::new(Options::new(1))?;
    /// let guard = gate.acquire(Lane::Online).timeout(Duration::from_secs(1)).await?;
    /// let late = gate.acquire(Lane::Online).timeout(Duration::from_secs(1)).await;
    /// assert_eq!(late.unwrap_err(), NotAcquired::TimedOut);
    /// # drop(guard);
    /// # Ok(())
    /// # }
    /// ```
    pub fn timeout(self, after: Duration) -> Unless<Self, Expired> {
        Unless { acquire: self, stop: Expired { after, sleep: None }, cause: Cause::TimedOut }
    }
}

impl<C: Clock> Gate<C> {
    /// Waits for a slot, but no longer than `after`: [`Acquire::timeout`].
    ///
    /// # Errors
    /// [`NotAcquired::TimedOut`], and as [`Gate::acquire`].
    ///
    /// # Panics
    /// As [`Acquire::timeout`].
    pub async fn acquire_timeout(
        &self,
        request: impl Into<Request>,
        after: Duration,
    ) -> Result<Guard<C>, NotAcquired> {
        self.acquire(request).timeout(after).await
    }

    /// Waits for a slot until another future is ready: [`Acquire::unless`].
    ///
    /// # Errors
    /// [`NotAcquired::Cancelled`], and as [`Gate::acquire`].
    pub async fn acquire_unless(
        &self,
        request: impl Into<Request>,
        cancelled: impl Future<Output = ()>,
    ) -> Result<Guard<C>, NotAcquired> {
        self.acquire(request).unless(cancelled).await
    }
}

impl<A: GiveUp, F: Future<Output = ()>> Future for Unless<A, F> {
    type Output = A::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if *this.cause == Cause::TimedOut {
            // A slot that is there is taken, even if it is late.
            if let Poll::Ready(turn) = this.acquire.as_mut().poll(cx) {
                return Poll::Ready(turn);
            }
            ready!(this.stop.poll(cx));
            this.acquire.give_up_for(Cause::TimedOut);
            return Poll::Ready(Err(NotAcquired::TimedOut));
        }
        // A call that was cancelled before does not come at all.
        if this.stop.poll(cx).is_ready() {
            this.acquire.give_up_for(*this.cause);
            return Poll::Ready(Err(NotAcquired::Cancelled));
        }
        this.acquire.poll(cx)
    }
}

impl<A: GiveUp, F> sealed::Sealed for Unless<A, F> {}

impl<A: GiveUp, F: Future<Output = ()>> GiveUp for Unless<A, F> {
    type Clock = A::Clock;

    fn give_up_for(self: Pin<&mut Self>, cause: Cause) {
        self.project().acquire.give_up_for(cause);
    }
}

pin_project! {
    /// A future that is ready after a time. The time begins with the first poll.
    #[derive(Debug)]
    pub struct Expired {
        after: Duration,
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl Future for Expired {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.sleep.is_none() {
            this.sleep.set(Some(sleep(*this.after)));
        }
        ready!(this.sleep.as_pin_mut().expect("it was set").poll(cx));
        Poll::Ready(())
    }
}
