//! A gate as one environment has it: a limit of its own, or its end of one that it shares by name.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use napi_derive::napi;
use parking_lot::Mutex;

use super::clock::PortClock;
use super::doorbell::Doorbell;
use crate::clock::Clock;
use crate::limiter::{
    Algorithm, Arbiter, End, Entered, Error, Given, GivenAdaptive, Lane, Letter, LimitStats,
    NotOpened, Options, Outcome, Rate, Refused, Registry, Request, Settled, SharedGate, Slot,
    Ticket,
};
use crate::wake::Wake;

/// The limits of the process that have a name.
static SHARED: LazyLock<Registry<PortClock>> = LazyLock::new(Registry::default);

/// Either kind, with the calls of an [`End`]. A plain one has no letters.
pub(super) enum PortGate {
    Own(Box<Arbiter<PortClock>>),
    Shared(End<PortClock>),
}

/// What is given of a limit's options; see `LimitOptions` of the package.
#[napi(object)]
pub struct GivenOptions {
    pub concurrency: Option<f64>,
    pub adaptive: Option<AdaptiveOptions>,
    pub reserve: Option<f64>,
    pub offline_share: Option<f64>,
    pub max_online: Option<f64>,
    pub max_offline: Option<f64>,
    pub overflows: Option<bool>,
    pub rate: Option<RateOptions>,
}

#[napi(object)]
pub struct AdaptiveOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub initial: Option<f64>,
    /// 0 is by latency, 1 by gradient, 2 by overload alone.
    pub algorithm: Option<u32>,
}

#[napi(object)]
pub struct RateOptions {
    pub limit: f64,
    /// Milliseconds.
    pub interval: f64,
    pub burst: Option<f64>,
}

fn whole(real: f64) -> u64 {
    real as u64
}

impl From<AdaptiveOptions> for GivenAdaptive {
    fn from(AdaptiveOptions { min, max, initial, algorithm }: AdaptiveOptions) -> Self {
        Self {
            min: min.map(whole),
            max: max.map(whole),
            initial: initial.map(whole),
            algorithm: algorithm.map(|number| match number {
                1 => Algorithm::Gradient,
                2 => Algorithm::Aimd,
                _ => Algorithm::Latency,
            }),
        }
    }
}

impl From<RateOptions> for Rate {
    fn from(options: RateOptions) -> Self {
        let interval = Duration::from_secs_f64(options.interval / 1e3);
        Self::new(whole(options.limit), interval).burst(options.burst.map_or(1, whole))
    }
}

impl From<Rate> for RateOptions {
    fn from(Rate { limit, interval, burst, .. }: Rate) -> Self {
        Self {
            limit: limit as f64,
            interval: interval.as_nanos() as f64 / 1e6,
            burst: Some(burst as f64),
        }
    }
}

impl From<GivenOptions> for Given {
    fn from(options: GivenOptions) -> Self {
        Self {
            concurrency: options.concurrency.map(whole),
            adaptive: options.adaptive.map(Into::into),
            reserve: options.reserve.map(whole),
            offline_share: options.offline_share,
            max_queue: [options.max_online.map(whole), options.max_offline.map(whole)],
            overflows: options.overflows,
            rate: options.rate.map(Into::into),
        }
    }
}

/// Gates that have got letters, the oldest first. One is here once until it is taken, however often it is emptied and
/// gets others meanwhile: an event loop that runs nothing but microtasks reads letters and takes none from here.
#[derive(Default)]
struct Ready {
    queue: VecDeque<i32>,
    queued: HashSet<i32>,
}

impl Ready {
    fn push(&mut self, gate: i32) {
        if self.queued.insert(gate) {
            self.queue.push_back(gate);
        }
    }

    fn pop(&mut self) -> Option<i32> {
        let gate = self.queue.pop_front()?;
        self.queued.remove(&gate);
        Some(gate)
    }
}

/// Tells an environment which of its gates have letters.
#[derive(Default)]
pub(super) struct Mailbox {
    ready: Mutex<Ready>,
    bell: Mutex<Option<Arc<Doorbell>>>,
}

impl Mailbox {
    pub(super) fn answer_to(&self, bell: Arc<Doorbell>) {
        *self.bell.lock() = Some(bell);
    }

    pub(super) fn bell(&self) -> Option<Arc<Doorbell>> {
        self.bell.lock().clone()
    }

    /// A gate that has got letters since it was taken last.
    pub(super) fn take(&self) -> Option<i32> {
        self.ready.lock().pop()
    }
}

/// Wakes an environment for one of its gates.
struct GateBell {
    gate: i32,
    mailbox: Arc<Mailbox>,
}

impl Wake for GateBell {
    fn wake(&self) {
        self.mailbox.ready.lock().push(self.gate);
        if let Some(bell) = self.mailbox.bell() {
            bell.ring();
        }
    }
}

impl PortGate {
    pub(super) fn own_of(options: Options) -> Result<Self, Error> {
        Ok(Self::Own(Box::new(Arbiter::with_clock(options, PortClock::default())?)))
    }

    /// A gate that nobody else has.
    pub(super) fn own(given: &Given) -> Result<Self, NotOpened> {
        Ok(Self::own_of(given.options("")?)?)
    }

    /// A new end for the gate of that number: of the limit of that name, which is made where there is none; without a
    /// name of one that nobody else can have.
    pub(super) fn end(
        name: Option<&str>,
        given: &Given,
        gate: i32,
        mailbox: &Arc<Mailbox>,
    ) -> Result<Self, NotOpened> {
        let shared = match name {
            Some(name) => SHARED.open(name, given, Default::default)?,
            None => SharedGate::with_clock(given.options("")?, PortClock::default())?,
        };
        let mailbox = Arc::clone(mailbox);
        Ok(Self::Shared(shared.end(Arc::new(GateBell { gate, mailbox }))))
    }

    /// Checks that a shared gate is as given by who names it so.
    pub(super) fn check(&self, name: &str, given: &Given) -> Result<(), NotOpened> {
        match self {
            Self::Own(_) => Ok(()),
            Self::Shared(end) => end.gate().agrees_with(name, given),
        }
    }

    #[inline(always)]
    pub(super) fn enter(&mut self, request: Request) -> Result<Entered, Refused> {
        match self {
            Self::Own(arbiter) => {
                let (place, more) = arbiter.enter(request)?;
                let place = place.map_err(Ticket::number);
                Ok(Entered { place, more, awaits_letters: false, has_letters: false })
            }
            Self::Shared(end) => end.enter(request),
        }
    }

    pub(super) fn enter_batch(&mut self, request: Request, units: u32) -> Result<u32, Refused> {
        match self {
            Self::Own(arbiter) => arbiter.enqueue_batch(request, units).map(Ticket::number),
            Self::Shared(end) => end.enter_batch(request, units),
        }
    }

    #[inline(always)]
    pub(super) fn settle(&mut self, slot: Slot, outcome: Outcome) -> Settled {
        match self {
            Self::Own(arbiter) => {
                let next = arbiter.settle(slot, outcome).map(Ticket::number);
                Settled {
                    next,
                    is_idle: next.is_none() && arbiter.is_idle(),
                    more: arbiter.has_more_after_settle(),
                    awaits_letters: false,
                    has_letters: false,
                }
            }
            Self::Shared(end) => end.settle(slot, outcome),
        }
    }

    pub(super) fn attempt_failed(&mut self, slot: Slot, outcome: Outcome) {
        match self {
            Self::Own(arbiter) => arbiter.attempt_failed(slot, outcome),
            Self::Shared(end) => end.attempt_failed(slot, outcome),
        }
    }

    pub(super) fn next(&mut self) -> Option<(Slot, u32)> {
        match self {
            Self::Own(arbiter) => {
                arbiter.grant_next().map(|(slot, ticket)| (slot, ticket.number()))
            }
            Self::Shared(end) => end.next(),
        }
    }

    pub(super) fn active(&self, lane: Lane) -> u64 {
        match self {
            Self::Own(arbiter) => arbiter.active(lane),
            Self::Shared(end) => end.active(lane),
        }
    }

    pub(super) fn pending(&self, lane: Lane) -> u64 {
        match self {
            Self::Own(arbiter) => arbiter.pending(lane),
            Self::Shared(end) => end.pending(lane),
        }
    }

    pub(super) fn concurrency(&self) -> u64 {
        match self {
            Self::Own(arbiter) => arbiter.concurrency(),
            Self::Shared(end) => end.concurrency(),
        }
    }

    pub(super) fn set_concurrency(&mut self, concurrency: u64) -> Result<(), Error> {
        match self {
            Self::Own(arbiter) => arbiter.set_concurrency(concurrency),
            Self::Shared(end) => end.set_concurrency(concurrency),
        }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        match self {
            Self::Own(arbiter) => arbiter.rate(),
            Self::Shared(end) => end.rate(),
        }
    }

    pub(super) fn set_rate(&mut self, rate: Rate) -> Result<(), Error> {
        match self {
            Self::Own(arbiter) => arbiter.set_rate(rate),
            Self::Shared(end) => end.set_rate(rate),
        }
    }

    pub(super) fn charge(&mut self, cost: i32) {
        match self {
            Self::Own(arbiter) => arbiter.charge(cost),
            Self::Shared(end) => end.charge(cost),
        }
    }

    /// `everywhere` is of a shared gate: what other environments have waiting, too.
    pub(super) fn clear(&mut self, lane: Lane, everywhere: bool) -> Vec<u32> {
        match self {
            Self::Own(arbiter) => arbiter.clear(lane).into_iter().map(Ticket::number).collect(),
            Self::Shared(end) => end.clear(lane, everywhere),
        }
    }

    pub(super) fn cancel(&mut self, ticket: u32) {
        match self {
            Self::Own(arbiter) => {
                arbiter.cancel(Ticket::from_number(ticket));
            }
            Self::Shared(end) => end.cancel(ticket),
        }
    }

    pub(super) fn lift(&mut self, ticket: u32) {
        match self {
            Self::Own(arbiter) => {
                arbiter.lift(Ticket::from_number(ticket));
            }
            Self::Shared(end) => end.lift(ticket),
        }
    }

    pub(super) fn join(&mut self, ticket: u32, slot: Slot, lane: Lane) -> Result<(), Refused> {
        match self {
            Self::Own(arbiter) => arbiter.join(Ticket::from_number(ticket), slot, lane),
            Self::Shared(end) => end.join(ticket, slot, lane),
        }
    }

    pub(super) fn pause(&mut self) {
        match self {
            Self::Own(arbiter) => arbiter.pause(),
            Self::Shared(end) => end.pause(),
        }
    }

    pub(super) fn pause_for(&mut self, duration: Duration) {
        match self {
            Self::Own(arbiter) => arbiter.pause_for(duration),
            Self::Shared(end) => end.pause_for(duration),
        }
    }

    /// Ends all pauses, or only what `pause` has begun.
    pub(super) fn resume(&mut self, only_held: bool) {
        match (self, only_held) {
            (Self::Own(arbiter), false) => arbiter.resume(),
            (Self::Own(arbiter), true) => arbiter.resume_held(),
            (Self::Shared(end), false) => end.resume(),
            (Self::Shared(end), true) => end.resume_held(),
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_paused(),
            Self::Shared(end) => end.is_paused(),
        }
    }

    /// Milliseconds; 0 where there is no pause for a time.
    pub(super) fn pause_ends_in(&self) -> f64 {
        let (ends_at, now) = match self {
            Self::Own(arbiter) => (arbiter.pause_ends_at(), arbiter.clock().now()),
            Self::Shared(end) => end.pause_ends_at(),
        };
        ends_at.map_or(0.0, |end| end.saturating_sub(now) as f64 / 1e6)
    }

    /// Whether time alone may let somebody start, and nobody else looks after that.
    pub(super) fn is_timed(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_timed(),
            Self::Shared(_) => false,
        }
    }

    /// In how many milliseconds time lets somebody start; 0 where it has.
    pub(super) fn wakes_in(&self) -> Option<f64> {
        match self {
            Self::Own(arbiter) => {
                let nanos = arbiter.wakes_at()?.saturating_sub(arbiter.clock().now());
                Some(nanos as f64 / 1e6)
            }
            Self::Shared(_) => None,
        }
    }

    /// In how many milliseconds there is room for a call if nothing else happens; 0 where there is now.
    pub(super) fn room_in(&self, request: Request) -> Option<f64> {
        let (at, now) = match self {
            Self::Own(arbiter) => (arbiter.room_at(request), arbiter.clock().now()),
            Self::Shared(end) => end.room_at(request),
        };
        Some(at?.saturating_sub(now) as f64 / 1e6)
    }

    pub(super) fn close(&mut self) {
        match self {
            Self::Own(arbiter) => arbiter.close(),
            Self::Shared(end) => end.close(),
        }
    }

    /// Of a shared gate: as who has made it said.
    pub(super) fn overflows(&self) -> bool {
        match self {
            Self::Own(_) => false,
            Self::Shared(end) => end.overflows(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_closed(),
            Self::Shared(end) => end.is_closed(),
        }
    }

    /// Whether it is closed and nothing runs or waits any more.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_over(),
            Self::Shared(end) => end.is_over(),
        }
    }

    pub(super) fn stats(&self) -> LimitStats {
        match self {
            Self::Own(arbiter) => arbiter.stats(),
            Self::Shared(end) => end.stats(),
        }
    }

    pub(super) fn letter(&self) -> Option<Letter> {
        match self {
            Self::Own(_) => None,
            Self::Shared(end) => end.letter(),
        }
    }

    pub(super) fn awaits_letters(&self) -> bool {
        match self {
            Self::Own(_) => false,
            Self::Shared(end) => end.awaits_letters(),
        }
    }

    pub(super) fn watch(&self, watches: bool) {
        if let Self::Shared(end) = self {
            end.watch(watches);
        }
    }
}
