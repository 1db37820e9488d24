//! Streams and iterators whose items are mapped by limited tasks.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::error::TaskError;
use super::set::LimitedSet;
use super::spawn::Spawned;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::futures::Gate;
use crate::limiter::types::{Request, UNLIMITED};

/// How many items are taken ahead if the gate has no limit.
const MOST_AHEAD: u64 = 1_024;

/// `map_limited` for streams.
pub trait LimitStreamExt: Stream {
    /// Maps the items by tasks that each take a slot of a gate, and yields the results in the order
    /// of the items.
    ///
    /// `mapper` is called for each item when it is read, and the future that it returns runs in a
    /// task, in a slot. The stream is a bounded buffer. It reads an item only if fewer than
    /// [`buffer`](MapLimited::buffer) items wait, run, or have ended and were not taken. So a slow
    /// consumer slows the source down, and never keeps a slot. When the stream is dropped, its tasks
    /// are aborted.
    ///
    /// In a lane with a [`max_queue`](crate::limiter::Options::max_queue) the items wait for room. An
    /// item is refused only if none of the stream's own waits or runs and the lane is full of others.
    ///
    /// An item is an error if its task got no slot, panicked, or was aborted. The stream goes on
    /// after it; use [`try_collect`](MapLimited::try_collect), or drop the stream, to stop there.
    ///
    /// # Panics
    /// Polling panics outside of a tokio runtime.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::tasks::LimitStreamExt;
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(4))?;
    /// let (send, receive) = tokio::sync::mpsc::channel(1);
    /// tokio::spawn(async move {
    ///     for number in 0..10 {
    ///         send.send(number).await.expect("the stream reads on");
    ///     }
    /// });
    /// let numbers = tokio_stream::wrappers::ReceiverStream::new(receive);
    /// let mut doubled = numbers.map_limited(&gate, Lane::Offline, |number| async move { number * 2 });
    /// while let Some(number) = doubled.next().await {
    ///     assert_eq!(number? % 2, 0);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    fn map_limited<R, M, F, C>(
        self,
        gate: &Gate<C>,
        request: R,
        mapper: M,
    ) -> MapLimited<Self, M, F::Output, C>
    where
        Self: Sized,
        R: Into<Request>,
        M: FnMut(Self::Item) -> F,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        C: Clock + Send + 'static,
    {
        MapLimited::new(self, gate, request.into(), mapper, Tasks::Ordered(VecDeque::new()))
    }

    /// Like [`map_limited`](LimitStreamExt::map_limited), but yields the results in the order in
    /// which the tasks end. A slow item does not hold up the others.
    fn map_limited_unordered<R, M, F, C>(
        self,
        gate: &Gate<C>,
        request: R,
        mapper: M,
    ) -> MapLimited<Self, M, F::Output, C>
    where
        Self: Sized,
        R: Into<Request>,
        M: FnMut(Self::Item) -> F,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        C: Clock + Send + 'static,
    {
        MapLimited::new(self, gate, request.into(), mapper, Tasks::Unordered(LimitedSet::new(gate)))
    }
}

impl<S: Stream> LimitStreamExt for S {}

/// `map_limited` for iterators, and for all that can be iterated.
pub trait LimitIteratorExt: IntoIterator {
    /// Maps the items by tasks that each take a slot of a gate, and yields the results in the order
    /// of the items, as [`LimitStreamExt::map_limited`] does. The iterator is read as far as there
    /// is room, so it may be endless.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::tasks::LimitIteratorExt;
    /// use p_lanes::limiter::{Gate, Lane, Options};
    ///
    /// let gate = Gate::new(Options::new(4))?;
    /// let doubled = (0..5).map_limited(&gate, Lane::Offline, |number| async move { number * 2 });
    /// assert_eq!(doubled.try_collect().await?, [0, 2, 4, 6, 8]);
    /// # Ok(())
    /// # }
    /// ```
    fn map_limited<R, M, F, C>(
        self,
        gate: &Gate<C>,
        request: R,
        mapper: M,
    ) -> MapLimited<Iter<Self::IntoIter>, M, F::Output, C>
    where
        Self: Sized,
        R: Into<Request>,
        M: FnMut(Self::Item) -> F,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        C: Clock + Send + 'static,
    {
        Iter(self.into_iter()).map_limited(gate, request, mapper)
    }

    /// Like [`map_limited`](LimitIteratorExt::map_limited), but yields the results in the order in
    /// which the tasks end.
    fn map_limited_unordered<R, M, F, C>(
        self,
        gate: &Gate<C>,
        request: R,
        mapper: M,
    ) -> MapLimited<Iter<Self::IntoIter>, M, F::Output, C>
    where
        Self: Sized,
        R: Into<Request>,
        M: FnMut(Self::Item) -> F,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        C: Clock + Send + 'static,
    {
        Iter(self.into_iter()).map_limited_unordered(gate, request, mapper)
    }
}

impl<I: IntoIterator> LimitIteratorExt for I {}

/// A stream of an iterator's items.
#[derive(Clone, Debug)]
pub struct Iter<I>(I);

/// Nothing in it is pinned.
impl<I> Unpin for Iter<I> {}

impl<I: Iterator> Stream for Iter<I> {
    type Item = I::Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<I::Item>> {
        Poll::Ready(self.0.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// What a request is for each item, if that differs.
type RequestOf<T> = Box<dyn FnMut(&T) -> Request + Send>;

pin_project! {
    /// The stream of [`LimitStreamExt::map_limited`].
    #[must_use = "streams do nothing unless polled"]
    pub struct MapLimited<S, M, T, C = MonotonicClock>
    where
        S: Stream,
    {
        // None after its end.
        #[pin]
        source: Option<S>,
        // An item that was read and for which the lane has no room yet.
        next: Option<(Request, S::Item)>,
        gate: Gate<C>,
        request: Request,
        request_of: Option<RequestOf<S::Item>>,
        mapper: M,
        tasks: Tasks<T, C>,
        buffer: Option<usize>,
    }
}

impl<S: Stream, M, T, C: Clock + Send + 'static> MapLimited<S, M, T, C> {
    fn new(source: S, gate: &Gate<C>, request: Request, mapper: M, tasks: Tasks<T, C>) -> Self {
        let gate = gate.clone();
        let source = Some(source);
        Self { source, next: None, gate, request, request_of: None, mapper, tasks, buffer: None }
    }

    /// Sets how many items may wait, run, or have ended without being taken. With fewer than there
    /// are slots, not all slots are used. Default: twice the concurrency of the gate, or 1,024 if
    /// that is [unlimited](UNLIMITED).
    ///
    /// # Panics
    /// If it is 0.
    pub fn buffer(mut self, items: usize) -> Self {
        assert!(items > 0, "a stream that may hold no items does nothing");
        self.buffer = Some(items);
        self
    }

    /// Asks for each item in its own way: another lane, priority, weight, or cost. The request that
    /// was given before then counts no more.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use p_lanes::limiter::tasks::LimitIteratorExt;
    /// use p_lanes::limiter::{Gate, Lane, Options, Rate, Request};
    /// use std::time::Duration;
    ///
    /// let tokens = Rate::new(90_000, Duration::from_secs(60)).burst(10_000);
    /// let gate = Gate::new(Options::new(8).rate(tokens))?;
    /// let answers = ["a short prompt", "a prompt"]
    ///     .map_limited(&gate, Lane::Offline, |prompt| async move { prompt.len() })
    ///     .request_by(|prompt| Request::new(Lane::Offline).cost(prompt.len() as u32));
    /// assert_eq!(answers.try_collect().await?, [14, 8]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_by<R: Into<Request>>(
        mut self,
        mut request_of: impl FnMut(&S::Item) -> R + Send + 'static,
    ) -> Self {
        self.request_of = Some(Box::new(move |item| request_of(item).into()));
        self
    }
}

impl<S, M, F, T, C> MapLimited<S, M, T, C>
where
    S: Stream,
    M: FnMut(S::Item) -> F,
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
    C: Clock + Send + 'static,
{
    /// The next result; none after the last one. It is cancel safe: no result is lost if the future
    /// is dropped. `StreamExt::next` does the same.
    ///
    /// # Errors
    /// If the task of the item got no slot, panicked, or was aborted.
    pub async fn next(&mut self) -> Option<Result<T, TaskError>>
    where
        Self: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// All results.
    ///
    /// # Errors
    /// The first error. No further items are read then, and the other tasks are aborted.
    pub async fn try_collect(self) -> Result<Vec<T>, TaskError> {
        let mut this = std::pin::pin!(self);
        let mut outputs = Vec::new();
        while let Some(output) = poll_fn(|cx| this.as_mut().poll_next(cx)).await {
            outputs.push(output?);
        }
        Ok(outputs)
    }

    /// Reads items while there is room for them.
    fn fill(self: Pin<&mut Self>, cx: &mut Context<'_>) {
        let mut this = self.project();
        let room = this.buffer.unwrap_or_else(|| ahead(this.gate.concurrency()));
        while this.tasks.len() < room {
            if this.next.is_none() {
                let Some(source) = this.source.as_mut().as_pin_mut() else { return };
                match source.poll_next(cx) {
                    Poll::Pending => return,
                    Poll::Ready(None) => {
                        this.source.set(None);
                        return;
                    }
                    Poll::Ready(Some(item)) => {
                        let request_of = this.request_of.as_mut();
                        let request = request_of.map_or(*this.request, |of| of(&item));
                        *this.next = Some((request, item));
                    }
                }
            }
            let may_come = |(request, _): &mut (Request, _)| {
                this.tasks.len() == 0 || this.gate.has_room(*request)
            };
            // One of the own tasks will end, and this is polled again then.
            let Some((request, item)) = this.next.take_if(may_come) else { return };
            this.tasks.spawn(this.gate, request, (this.mapper)(item));
        }
    }
}

fn ahead(concurrency: u64) -> usize {
    let items = if concurrency == UNLIMITED { MOST_AHEAD } else { concurrency.saturating_mul(2) };
    usize::try_from(items).unwrap_or(usize::MAX)
}

impl<S, M, F, T, C> Stream for MapLimited<S, M, T, C>
where
    S: Stream,
    M: FnMut(S::Item) -> F,
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
    C: Clock + Send + 'static,
{
    type Item = Result<T, TaskError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.as_mut().fill(cx);
        let mut this = self.project();
        if this.tasks.len() > 0 {
            return this.tasks.poll_next(cx);
        }
        if this.source.as_mut().as_pin_mut().is_some() { Poll::Pending } else { Poll::Ready(None) }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let held = self.tasks.len() + usize::from(self.next.is_some());
        let (least, most) = self.source.as_ref().map_or((0, Some(0)), Stream::size_hint);
        (least.saturating_add(held), most.and_then(|most| most.checked_add(held)))
    }
}

impl<S: Stream, M, T, C> fmt::Debug for MapLimited<S, M, T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapLimited").field("held", &self.tasks.len()).finish_non_exhaustive()
    }
}

/// The items that wait, run, or have ended and were not taken.
enum Tasks<T, C> {
    Ordered(VecDeque<AbortOnDrop<T>>),
    Unordered(LimitedSet<T, C>),
}

struct AbortOnDrop<T>(Spawned<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T, C> Tasks<T, C> {
    fn len(&self) -> usize {
        match self {
            Self::Ordered(tasks) => tasks.len(),
            Self::Unordered(tasks) => tasks.len(),
        }
    }
}

impl<T: Send + 'static, C: Clock + Send + 'static> Tasks<T, C> {
    fn spawn<F>(&mut self, gate: &Gate<C>, request: Request, work: F)
    where
        F: Future<Output = T> + Send + 'static,
    {
        match self {
            Self::Ordered(tasks) => tasks.push_back(AbortOnDrop(gate.spawn(request, work))),
            Self::Unordered(tasks) => {
                tasks.spawn(request, work);
            }
        }
    }

    /// The next result, if there is any task.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, TaskError>>> {
        match self {
            Self::Ordered(tasks) => {
                let Some(first) = tasks.front_mut() else { return Poll::Ready(None) };
                let output = ready!(Pin::new(&mut first.0).poll(cx));
                tasks.pop_front();
                Poll::Ready(Some(output))
            }
            Self::Unordered(tasks) => tasks.poll_join_next(cx),
        }
    }
}
