//! The state behind the lock of a shared gate, and what passes between its ends.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use slab::Slab;

use super::books::{Books, Owner};
use super::end::End;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::arbiter::{Arbiter, Outcome};
use crate::limiter::error::Error;
use crate::limiter::lane::Lane;
use crate::limiter::options::Options;
use crate::limiter::slots::Slot;
use crate::limiter::tickets::Ticket;
use crate::limiter::timer::{Alarm, Due};
use crate::sync::Mutex;
use crate::wake::Wake;

/// What one end is told of what others have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Letter {
    /// A unit of a ticket has this slot.
    Granted {
        /// As the end numbers it.
        ticket: u32,
        /// The slot, which the end has to settle.
        slot: Slot,
    },
    /// What waited under a ticket was cleared by another end.
    Dropped {
        /// As the end numbers it.
        ticket: u32,
    },
    /// Something has changed: anything, where the end [wants to know](End::watch), or what it
    /// [awaits](End::awaits_letters).
    Changed,
    /// The gate takes no more calls.
    Closed,
}

impl Letter {
    fn ticket(&self) -> Option<u32> {
        match *self {
            Self::Granted { ticket, .. } | Self::Dropped { ticket } => Some(ticket),
            Self::Changed | Self::Closed => None,
        }
    }

    fn slot(&self) -> Option<Slot> {
        match *self {
            Self::Granted { slot, .. } => Some(slot),
            _ => None,
        }
    }
}

/// A gate that several threads have an [`End`] of. Clones are the same gate.
///
/// ```
/// use p_lanes::limiter::{Lane, Letter, Options, Outcome, SharedGate};
/// use p_lanes::pool::Wake;
/// use std::sync::Arc;
///
/// struct Owner;
/// impl Wake for Owner {
///     fn wake(&self) {} // would have its thread look for letters
/// }
///
/// let gate = SharedGate::new(Options::new(1))?;
/// let (mine, yours) = (gate.end(Arc::new(Owner)), gate.end(Arc::new(Owner)));
///
/// let slot = mine.enter(Lane::Online)?.place.unwrap();
/// let ticket = yours.enter(Lane::Online)?.place.unwrap_err();
/// assert_eq!(mine.settle(slot, Outcome::Fulfilled).next, None, "it is not of this end");
/// assert_eq!(yours.letters(), [Letter::Granted { ticket, slot }]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SharedGate<C = MonotonicClock> {
    pub(super) state: Arc<Mutex<State<C>>>,
}

pub(super) struct State<C> {
    pub(super) arbiter: Arbiter<C>,
    pub(super) options: Options,
    pub(super) ends: Slab<EndState>,
    pub(super) books: Books,
    /// Ends that want to know of changes.
    watchers: usize,
    /// The end that has paused the gate, if it is there still.
    paused_by: Option<usize>,
    /// Rings when time alone may let somebody start.
    alarm: Option<Alarm>,
}

impl<C: Clock + Send> Due for Mutex<State<C>> {
    fn due(&self) {
        let mut bells = Bells::default();
        {
            let mut state = self.lock();
            if let Some(alarm) = &mut state.alarm {
                alarm.unset();
            }
            if !state.has_only_busy_ends() {
                state.open_books();
                state.next(None, &mut bells);
                state.changed(None, &mut bells);
            }
        }
        bells.ring();
    }
}

pub(super) struct EndState {
    bell: Arc<dyn Wake>,
    letters: VecDeque<Letter>,
    /// By the letters that were taken last: the tickets whose numbers are kept until others are.
    told: Vec<u32>,
    watches: bool,
    /// What it was told last of whether a letter will come.
    pub(super) awaits: bool,
}

/// What became of free slots.
pub(super) struct Next {
    /// The one that went to the end that asked, and that ticket of its.
    pub(super) own: Option<(Slot, u32)>,
    /// Whether any went to anybody.
    pub(super) granted_any: bool,
}

/// Who is to be woken when the lock is released.
#[must_use]
#[derive(Default)]
pub(super) struct Bells(Vec<Arc<dyn Wake>>);

impl Bells {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cold]
    pub(super) fn ring(self) {
        for bell in self.0 {
            bell.wake();
        }
    }
}

impl EndState {
    /// Whether it is still to be told what became of some tickets. What comes after that is told after that: an end
    /// begins its calls in the order in which they got their slots.
    fn is_to_be_told(&self) -> bool {
        self.letters.iter().any(|letter| letter.ticket().is_some())
    }

    fn deliver(&mut self, letter: Letter, bells: &mut Bells) {
        if self.letters.is_empty() {
            bells.0.push(Arc::clone(&self.bell));
        }
        self.letters.push_back(letter);
    }
}

impl SharedGate {
    /// A gate on the system's clock.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn new(options: Options) -> Result<Self, Error> {
        Self::with_clock(options, MonotonicClock::default())
    }
}

impl<C: Clock + Send + 'static> SharedGate<C> {
    /// A gate on a clock of the caller's, which must not use the gate: it is read under its lock. Where it is not the
    /// system's, nobody is woken by time: [`End::next`] is to be called when it has gone on.
    ///
    /// # Errors
    /// An option out of its range.
    pub fn with_clock(options: Options, clock: C) -> Result<Self, Error> {
        let system = clock.system();
        let arbiter = Arbiter::with_clock(options.clone(), clock)?;
        let state = Arc::new_cyclic(|state: &Weak<Mutex<State<C>>>| {
            Mutex::new(State {
                arbiter,
                options,
                ends: Slab::new(),
                books: Books::default(),
                watchers: 0,
                paused_by: None,
                alarm: system.map(|clock| Alarm::new(clock, state.clone())),
            })
        });
        Ok(Self { state })
    }
}

impl<C: Clock> SharedGate<C> {
    /// A new end, whose owner `bell` has look for [letters](End::letters).
    pub fn end(&self, bell: Arc<dyn Wake>) -> End<C> {
        let key = self.state.lock().add(bell);
        End { gate: self.clone(), key }
    }
}

impl<C> Clone for SharedGate<C> {
    fn clone(&self) -> Self {
        Self { state: Arc::clone(&self.state) }
    }
}

impl<C> fmt::Debug for SharedGate<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedGate").finish_non_exhaustive()
    }
}

impl<C: Clock> State<C> {
    fn add(&mut self, bell: Arc<dyn Wake>) -> usize {
        self.open_books();
        let key = self.ends.insert(EndState {
            bell,
            letters: VecDeque::new(),
            told: Vec::new(),
            watches: false,
            awaits: false,
        });
        if self.books.are_open() {
            self.books.add(key);
        }
        key
    }

    /// Before there is anything that is not of an end that is alone.
    fn open_books(&mut self) {
        if let Some((alone, _)) = self.ends.iter().next() {
            self.books.open(alone, &self.arbiter);
        }
    }

    /// When nothing runs and nothing waits.
    fn tidy_books(&mut self) {
        let mut ends = self.ends.iter();
        let (end, others) = (ends.next(), ends.next());
        let is_tidy = |(end, _)| self.books.account(end).tickets.is_empty();
        if others.is_none() && end.is_none_or(is_tidy) {
            self.books.close();
        } else {
            self.books.give_spare_back();
        }
    }

    /// Files a ticket that an end has queued; gives the number by which the end knows it.
    #[inline]
    pub(super) fn file(&mut self, end: usize, ticket: Ticket, units: u64) -> u32 {
        if self.books.are_open() { self.books.file(end, ticket, units) } else { ticket.number() }
    }

    /// A call of an end has got a slot at once: it is told so by the answer, or else has a ticket.
    #[inline]
    pub(super) fn entered(
        &mut self,
        end: usize,
        slot: Slot,
        bells: &mut Bells,
    ) -> Result<Slot, u32> {
        if !self.books.are_open() {
            return Ok(slot);
        }
        self.books.takes(end, slot);
        let state = &mut self.ends[end];
        if !state.is_to_be_told() {
            return Ok(slot);
        }
        let ticket = self.books.account_mut(end).tickets.add_granted_by_letter();
        state.deliver(Letter::Granted { ticket, slot }, bells);
        Err(ticket)
    }

    /// A ticket has got a slot. For one of the end that asks its number is returned; another end is written to.
    #[inline]
    pub(super) fn granted(
        &mut self,
        by: Option<usize>,
        ticket: Ticket,
        slot: Slot,
        bells: &mut Bells,
    ) -> Option<u32> {
        if !self.books.are_open() {
            return Some(ticket.number());
        }
        let Owner { end, ticket: number } = self.books.owner(ticket);
        self.books.takes(end, slot);
        let still_waits = self.arbiter.waits(ticket);
        let state = &mut self.ends[end];
        let account = self.books.account_mut(end);
        account.waiting -= 1;
        if by == Some(end) && !state.is_to_be_told() {
            account.tickets.granted(number, still_waits);
            return Some(number);
        }
        account.tickets.granted_by_letter(number, still_waits);
        state.deliver(Letter::Granted { ticket: number, slot }, bells);
        None
    }

    /// Gives free slots to others until one goes to the end that asks, or there are none.
    pub(super) fn next(&mut self, by: Option<usize>, bells: &mut Bells) -> Next {
        let mut granted_any = false;
        while let Some((slot, ticket)) = self.arbiter.grant_next() {
            granted_any = true;
            if let Some(number) = self.granted(by, ticket, slot, bells) {
                return Next { own: Some((slot, number)), granted_any };
            }
        }
        match self.arbiter.wakes_at() {
            Some(at) => {
                if let Some(alarm) = &mut self.alarm {
                    alarm.set(at);
                }
            }
            None => self.tell_the_helpless(bells),
        }
        Next { own: None, granted_any }
    }

    /// Ends that were told that a letter will come get one when nobody but themselves can help them any more.
    fn tell_the_helpless(&mut self, bells: &mut Bells) {
        if Lane::ALL.iter().all(|&lane| self.arbiter.pending(lane) == 0) {
            return;
        }
        let helpless = |&(key, end): &(usize, &EndState)| end.awaits && !self.awaits_letters(key);
        let keys: Vec<usize> = self.ends.iter().filter(helpless).map(|(key, _)| key).collect();
        for key in keys {
            self.ends[key].deliver(Letter::Changed, bells);
        }
    }

    /// Whether an end holds a slot, if anything runs there.
    #[inline]
    pub(super) fn is_held_by(&self, end: usize, slot: Slot) -> bool {
        !self.books.are_open() || self.books.is_held_by(end, slot)
    }

    /// Ends what runs in a slot and hands it on; gives the ticket if that is of the end that asks.
    #[inline]
    pub(super) fn settle(
        &mut self,
        by: Option<usize>,
        slot: Slot,
        outcome: Outcome,
        bells: &mut Bells,
    ) -> Option<u32> {
        // First, as it panics where nothing runs there.
        let next = self.arbiter.settle(slot, outcome);
        self.gives_up(slot);
        match next {
            Some(ticket) => self.granted(by, ticket, slot, bells),
            None => {
                if self.books.are_open() && self.arbiter.is_idle() {
                    self.tidy_books();
                }
                self.tell_the_helpless(bells);
                None
            }
        }
    }

    /// Takes slots back whose ends were not told that they have them. They are free then.
    fn take_back(&mut self, slots: Vec<Slot>) {
        for slot in slots {
            self.gives_up(slot);
            self.arbiter.take_back(slot);
        }
    }

    /// Who holds a slot does not any more.
    #[inline]
    fn gives_up(&mut self, slot: Slot) {
        if self.books.are_open() {
            self.books.gives_up(slot);
        }
    }

    /// Whether no end that expects anything has looked since it was given a slot. What time gives it besides would begin
    /// all at once when it looks, which no rate allows; it asks for that itself then. As soon as another one waits, nobody
    /// waits for a busy one.
    fn has_only_busy_ends(&self) -> bool {
        let is_busy = |end: &EndState| end.letters.iter().any(|letter| letter.slot().is_some());
        self.ends.iter().all(|(key, end)| !self.expects(key) || is_busy(end))
    }

    /// Whether nothing but time is missing for somebody to start.
    pub(super) fn awaits_time(&self) -> bool {
        self.arbiter.wakes_at().is_some()
    }

    #[inline]
    pub(super) fn has_letters(&self, end: usize) -> bool {
        !self.ends[end].letters.is_empty()
    }

    /// The arbiter's ticket of what waits under an end's number.
    pub(super) fn waiting_under(&self, end: usize, number: u32) -> Option<Ticket> {
        if self.books.are_open() {
            return self.books.account(end).tickets.waiting(number);
        }
        Some(Ticket::from_number(number)).filter(|&ticket| self.arbiter.waits(ticket))
    }

    /// Whether units of an end wait.
    #[inline]
    pub(super) fn is_waiting(&self, end: usize) -> bool {
        if self.books.are_open() {
            return self.books.account(end).waiting > 0;
        }
        Lane::ALL.iter().any(|&lane| self.arbiter.pending(lane) > 0)
    }

    /// Whether nothing of an end runs or waits.
    #[inline]
    pub(super) fn has_nothing(&self, end: usize) -> bool {
        if !self.books.are_open() {
            return self.arbiter.is_idle();
        }
        let account = self.books.account(end);
        account.waiting + account.running == 0
    }

    /// Whether something of an end waits, or it wants to know of changes.
    #[inline]
    pub(super) fn expects(&self, end: usize) -> bool {
        self.ends[end].watches || self.is_waiting(end)
    }

    /// Whether other ends than this hold slots.
    pub(super) fn others_hold(&self, end: usize) -> bool {
        let held = || Lane::ALL.map(|lane| self.arbiter.active(lane)).iter().sum::<u64>();
        self.books.are_open() && held() > self.books.account(end).running
    }

    /// Takes what still waits under an end's number out of its lane, and the slots back that it was about to be told
    /// of.
    pub(super) fn cancel(&mut self, end: usize, number: u32) {
        let untold = self.void_letters(end, number);
        if let Some(ticket) = self.waiting_under(end, number) {
            self.drop_waiting(end, ticket);
            if self.books.are_open() {
                self.books.account_mut(end).tickets.dropped(number);
            }
        }
        self.take_back(untold);
    }

    fn drop_waiting(&mut self, end: usize, ticket: Ticket) {
        if self.books.are_open() {
            self.books.account_mut(end).waiting -= self.arbiter.units(ticket);
        }
        self.arbiter.cancel(ticket);
    }

    /// Takes all letters about a number out of its end's box; gives the slots that they tell of, which the end still
    /// holds.
    fn void_letters(&mut self, end: usize, number: u32) -> Vec<Slot> {
        let mut slots = Vec::new();
        // Not for each of many that are cleared while many letters lie there.
        if !self.books.are_open() || !self.books.account(end).tickets.has_letters(number) {
            return slots;
        }
        let tickets = &mut self.books.account_mut(end).tickets;
        self.ends[end].letters.retain(|letter| {
            if letter.ticket() != Some(number) {
                return true;
            }
            slots.extend(letter.slot());
            tickets.letter_is_gone(number);
            false
        });
        slots
    }

    /// Drops what waits in a lane, of one end or of all; gives the numbers of the end that asks, in the lane's order.
    /// Others are written to, and it as well where it is still to be told of tickets that came before.
    pub(super) fn clear(
        &mut self,
        by: usize,
        lane: Lane,
        everywhere: bool,
        bells: &mut Bells,
    ) -> Vec<u32> {
        if !self.books.are_open() {
            return self.arbiter.clear(lane).into_iter().map(Ticket::number).collect();
        }
        let mut own = Vec::new();
        for ticket in self.arbiter.waiting(lane) {
            let Owner { end, ticket: number } = self.books.owner(ticket);
            if end != by && !everywhere {
                continue;
            }
            let untold = self.void_letters(end, number);
            self.drop_waiting(end, ticket);
            self.take_back(untold);
            let state = &mut self.ends[end];
            let tickets = &mut self.books.account_mut(end).tickets;
            if end == by && !state.is_to_be_told() {
                tickets.dropped(number);
                own.push(number);
            } else {
                tickets.dropped_by_letter(number);
                state.deliver(Letter::Dropped { ticket: number }, bells);
            }
        }
        own
    }

    /// All letters of an end; its box is empty then.
    pub(super) fn take_letters(&mut self, end: usize) -> Vec<Letter> {
        self.forget_told(end);
        let EndState { letters, told, .. } = &mut self.ends[end];
        told.extend(letters.iter().filter_map(Letter::ticket));
        letters.drain(..).collect()
    }

    /// The oldest letter of an end.
    pub(super) fn take_letter(&mut self, end: usize) -> Option<Letter> {
        self.forget_told(end);
        let EndState { letters, told, .. } = &mut self.ends[end];
        let letter = letters.pop_front()?;
        told.extend(letter.ticket());
        Some(letter)
    }

    /// An end asks for letters, so the numbers of those that it took before are not kept any more.
    fn forget_told(&mut self, end: usize) {
        for number in self.ends[end].told.drain(..) {
            self.books.account_mut(end).tickets.letter_is_gone(number);
        }
    }

    pub(super) fn watch(&mut self, end: usize, watches: bool) {
        let before = std::mem::replace(&mut self.ends[end].watches, watches);
        self.watchers = self.watchers + usize::from(watches) - usize::from(before);
    }

    /// Tells those who want to know, but for the end that has made the change and knows.
    #[inline]
    pub(super) fn changed(&mut self, by: Option<usize>, bells: &mut Bells) {
        if self.watchers == 0 {
            return;
        }
        for (key, end) in &mut self.ends {
            if by != Some(key) && end.watches && end.letters.back() != Some(&Letter::Changed) {
                end.deliver(Letter::Changed, bells);
            }
        }
    }

    pub(super) fn tell_others(&mut self, by: usize, letter: Letter, bells: &mut Bells) {
        for (key, end) in &mut self.ends {
            if key != by {
                end.deliver(letter, bells);
            }
        }
    }

    /// An end is gone; see the module's docs.
    pub(super) fn remove(&mut self, end: usize, bells: &mut Bells) -> EndState {
        self.open_books();
        self.watch(end, false);
        self.ends[end].awaits = false;
        self.paused_by = self.paused_by.filter(|&by| by != end);
        for ticket in self.books.account(end).tickets.all_waiting() {
            self.arbiter.cancel(ticket);
        }
        let untold = self.ends[end].letters.iter().filter_map(Letter::slot).collect();
        self.take_back(untold);
        // What ran in the others has failed, as far as anybody will know.
        let held: Vec<Slot> =
            self.arbiter.slots_held().filter(|&slot| self.books.is_held_by(end, slot)).collect();
        for slot in held {
            self.settle(None, slot, Outcome::Rejected, bells);
        }
        self.next(None, bells);
        self.changed(Some(end), bells);
        let gone = self.ends.remove(end);
        if self.arbiter.is_idle() {
            self.tidy_books();
        }
        gone
    }

    /// Whether it is another end than this that will have to end a pause.
    pub(super) fn others_pause(&self, end: usize) -> bool {
        self.paused_by.is_some_and(|by| by != end)
    }

    pub(super) fn pause(&mut self, by: usize) {
        self.arbiter.pause();
        self.paused_by = Some(by);
    }

    pub(super) fn resume(&mut self) {
        self.arbiter.resume();
        self.paused_by = None;
    }

    pub(super) fn resume_held(&mut self) {
        self.arbiter.resume_held();
        self.paused_by = None;
    }
}
