//! A gate as one environment has it: a limit of its own, or its end of one that it shares by name.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock};

use napi_derive::napi;
use parking_lot::Mutex;

use super::doorbell::Doorbell;
use crate::limiter::{
    Arbiter, End, Entered, Error, Given, Lane, Letter, LimitStats, NotOpened, Outcome, Refused,
    Registry, Request, Settled, Slot, Ticket,
};
use crate::wake::Wake;

/// The limits of the process that have a name.
static SHARED: LazyLock<Registry> = LazyLock::new(Registry::default);

/// Either kind, with the calls of an [`End`]. A plain one has no letters.
pub(super) enum PortGate {
    Own(Box<Arbiter>),
    Shared(End),
}

/// What is given of a shared limit's options; see `LimitOptions` of the package.
#[napi(object)]
pub struct SharedOptions {
    pub concurrency: Option<f64>,
    pub reserve: Option<f64>,
    pub offline_share: Option<f64>,
    pub max_online: Option<f64>,
    pub max_offline: Option<f64>,
    pub overflows: Option<bool>,
}

impl From<SharedOptions> for Given {
    fn from(options: SharedOptions) -> Self {
        let whole = |real: f64| real as u64;
        Self {
            concurrency: options.concurrency.map(whole),
            reserve: options.reserve.map(whole),
            offline_share: options.offline_share,
            max_queue: [options.max_online.map(whole), options.max_offline.map(whole)],
            overflows: options.overflows,
        }
    }
}

/// Tells an environment which of its gates have letters.
#[derive(Default)]
pub(super) struct Mailbox {
    ready: Mutex<VecDeque<i32>>,
    bell: Mutex<Option<Arc<Doorbell>>>,
}

impl Mailbox {
    pub(super) fn answer_to(&self, bell: Arc<Doorbell>) {
        *self.bell.lock() = Some(bell);
    }

    pub(super) fn bell(&self) -> Option<Arc<Doorbell>> {
        self.bell.lock().clone()
    }

    /// A gate that has got letters, once each time that its box was empty before; the oldest first.
    pub(super) fn take(&self) -> Option<i32> {
        self.ready.lock().pop_front()
    }
}

/// Wakes an environment for one of its gates.
struct GateBell {
    gate: i32,
    mailbox: Arc<Mailbox>,
}

impl Wake for GateBell {
    fn wake(&self) {
        self.mailbox.ready.lock().push_back(self.gate);
        if let Some(bell) = self.mailbox.bell() {
            bell.ring();
        }
    }
}

/// Checks that a limit of that name is, or could be made, as it is given.
pub(super) fn check_shared(name: &str, given: &Given) -> Result<(), NotOpened> {
    SHARED.open(name, given, Default::default).map(|_| ())
}

impl PortGate {
    /// A new end of the limit of that name, which is made where there is none, for the gate of that number.
    pub(super) fn open(
        name: &str,
        given: &Given,
        gate: i32,
        mailbox: &Arc<Mailbox>,
    ) -> Result<Self, NotOpened> {
        let shared = SHARED.open(name, given, Default::default)?;
        let mailbox = Arc::clone(mailbox);
        Ok(Self::Shared(shared.end(Arc::new(GateBell { gate, mailbox }))))
    }

    #[inline(always)]
    pub(super) fn enter(&mut self, request: Request) -> Result<Entered, Refused> {
        match self {
            Self::Own(arbiter) => {
                let had_heavy_head = arbiter.has_heavy_head();
                let place = match arbiter.try_enqueue(request) {
                    Some(slot) => Ok(slot),
                    None => Err(arbiter.enqueue_waiting(request)?.number()),
                };
                let more = arbiter.is_paused() || had_heavy_head && arbiter.may_grant();
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
                    more: arbiter.settle_left_room(),
                    awaits_letters: false,
                    has_letters: false,
                }
            }
            Self::Shared(end) => end.settle(slot, outcome),
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

    pub(super) fn join(&mut self, ticket: u32, slot: Slot) -> Result<(), Refused> {
        match self {
            Self::Own(arbiter) => arbiter.join(Ticket::from_number(ticket), slot),
            Self::Shared(end) => end.join(ticket, slot),
        }
    }

    pub(super) fn set_paused(&mut self, paused: bool) {
        match (self, paused) {
            (Self::Own(arbiter), true) => arbiter.pause(),
            (Self::Own(arbiter), false) => arbiter.resume(),
            (Self::Shared(end), true) => end.pause(),
            (Self::Shared(end), false) => end.resume(),
        }
    }

    pub(super) fn has_room(&self, lane: Lane) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.has_room(lane),
            Self::Shared(end) => end.has_room(lane),
        }
    }

    pub(super) fn close(&mut self) {
        match self {
            Self::Own(arbiter) => arbiter.close(),
            Self::Shared(end) => end.close(),
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_closed(),
            Self::Shared(end) => end.is_closed(),
        }
    }

    pub(super) fn stats(&self) -> LimitStats {
        match self {
            Self::Own(arbiter) => arbiter.stats(),
            Self::Shared(end) => end.stats(),
        }
    }

    pub(super) fn is_paused(&self) -> bool {
        match self {
            Self::Own(arbiter) => arbiter.is_paused(),
            Self::Shared(end) => end.is_paused(),
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
