//! The state behind the lock of a shared gate, and what passes between its ends.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};

use slab::Slab;

use super::end::End;
use super::tickets::EndTickets;
use crate::clock::{Clock, MonotonicClock};
use crate::limiter::arbiter::{Arbiter, Outcome};
use crate::limiter::error::Error;
use crate::limiter::lane::Lane;
use crate::limiter::numbers::SPARE;
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
    /// By ticket number: whose it is. Right for tickets that wait; what it says of others is out of date.
    owners: Vec<Owner>,
    /// By slot number: the end that holds it. Right for slots that are held.
    holders: Vec<usize>,
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
                state.next(None, &mut bells);
                state.changed(None, &mut bells);
            }
        }
        bells.ring();
    }
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    end: usize,
    /// As the end numbers it.
    ticket: u32,
}

pub(super) struct EndState {
    bell: Arc<dyn Wake>,
    letters: VecDeque<Letter>,
    /// By the letters that were taken last: the tickets whose numbers are kept until others are.
    told: Vec<u32>,
    pub(super) tickets: EndTickets,
    /// Units that wait in the arbiter.
    pub(super) waiting: u64,
    /// Units that hold a slot, letters included.
    pub(super) running: u64,
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
                owners: Vec::new(),
                holders: Vec::new(),
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
        let key = self.state.lock().ends.insert(EndState {
            bell,
            letters: VecDeque::new(),
            told: Vec::new(),
            tickets: EndTickets::default(),
            waiting: 0,
            running: 0,
            watches: false,
            awaits: false,
        });
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
    /// Files a ticket that an end has queued under the end's own number.
    #[inline]
    pub(super) fn file(&mut self, end: usize, ticket: Ticket, units: u64) -> u32 {
        let state = &mut self.ends[end];
        let number = state.tickets.add(ticket);
        state.waiting += units;
        let owner = Owner { end, ticket: number };
        put(&mut self.owners, ticket.number(), owner);
        number
    }

    /// An end has a slot.
    #[inline]
    pub(super) fn takes(&mut self, end: usize, slot: Slot) {
        self.ends[end].running += 1;
        put(&mut self.holders, slot.number(), end);
    }

    /// A call of an end has got a slot at once: it is told so by the answer, or else has a ticket.
    #[inline]
    pub(super) fn entered(
        &mut self,
        end: usize,
        slot: Slot,
        bells: &mut Bells,
    ) -> Result<Slot, u32> {
        self.takes(end, slot);
        let state = &mut self.ends[end];
        if !state.is_to_be_told() {
            return Ok(slot);
        }
        let ticket = state.tickets.add_granted_by_letter();
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
        let Owner { end, ticket: number } = self.owners[ticket.number() as usize];
        self.takes(end, slot);
        let still_waits = self.arbiter.waits(ticket);
        let state = &mut self.ends[end];
        state.waiting -= 1;
        if by == Some(end) && !state.is_to_be_told() {
            state.tickets.granted(number, still_waits);
            return Some(number);
        }
        state.tickets.granted_by_letter(number, still_waits);
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
    pub(super) fn is_held_by(&self, end: usize, slot: Slot) -> bool {
        self.holders.get(slot.number() as usize) == Some(&end)
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
                self.give_spare_back();
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
    fn gives_up(&mut self, slot: Slot) {
        let holder = self.holders[slot.number() as usize];
        self.ends[holder].running -= 1;
    }

    /// Frees what a long queue, or many slots, have left behind.
    fn give_spare_back(&mut self) {
        if self.owners.len().max(self.holders.len()) > SPARE && self.arbiter.is_idle() {
            self.owners = Vec::new();
            self.holders = Vec::new();
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

    pub(super) fn has_letters(&self, end: usize) -> bool {
        !self.ends[end].letters.is_empty()
    }

    /// Whether something of an end waits, or it wants to know of changes.
    pub(super) fn expects(&self, end: usize) -> bool {
        self.ends[end].waiting > 0 || self.ends[end].watches
    }

    /// Whether other ends than this hold slots.
    pub(super) fn others_hold(&self, end: usize) -> bool {
        Lane::ALL.map(|lane| self.arbiter.active(lane)).iter().sum::<u64>() > self.ends[end].running
    }

    /// Takes what still waits under an end's number out of its lane, and the slots back that it was about to be told
    /// of.
    pub(super) fn cancel(&mut self, end: usize, number: u32) {
        let untold = self.void_letters(end, number);
        if let Some(ticket) = self.ends[end].tickets.waiting(number) {
            self.drop_waiting(end, ticket);
            self.ends[end].tickets.dropped(number);
        }
        self.take_back(untold);
    }

    fn drop_waiting(&mut self, end: usize, ticket: Ticket) {
        self.ends[end].waiting -= self.arbiter.units(ticket);
        self.arbiter.cancel(ticket);
    }

    /// Takes all letters about a number out of its end's box; gives the slots that they tell of, which the end still
    /// holds.
    fn void_letters(&mut self, end: usize, number: u32) -> Vec<Slot> {
        let state = &mut self.ends[end];
        let mut slots = Vec::new();
        // Not for each of many that are cleared while many letters lie there.
        if !state.tickets.has_letters(number) {
            return slots;
        }
        let EndState { letters, tickets, .. } = state;
        letters.retain(|letter| {
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
        let mut own = Vec::new();
        for ticket in self.arbiter.waiting(lane) {
            let Owner { end, ticket: number } = self.owners[ticket.number() as usize];
            if end != by && !everywhere {
                continue;
            }
            let untold = self.void_letters(end, number);
            self.drop_waiting(end, ticket);
            self.take_back(untold);
            let state = &mut self.ends[end];
            if end == by && !state.is_to_be_told() {
                state.tickets.dropped(number);
                own.push(number);
            } else {
                state.tickets.dropped_by_letter(number);
                state.deliver(Letter::Dropped { ticket: number }, bells);
            }
        }
        own
    }

    /// All letters of an end; its box is empty then.
    pub(super) fn take_letters(&mut self, end: usize) -> Vec<Letter> {
        let EndState { letters, told, tickets, .. } = &mut self.ends[end];
        for number in told.drain(..) {
            tickets.letter_is_gone(number);
        }
        told.extend(letters.iter().filter_map(Letter::ticket));
        letters.drain(..).collect()
    }

    /// The oldest letter of an end.
    pub(super) fn take_letter(&mut self, end: usize) -> Option<Letter> {
        let EndState { letters, told, tickets, .. } = &mut self.ends[end];
        for number in told.drain(..) {
            tickets.letter_is_gone(number);
        }
        let letter = letters.pop_front()?;
        told.extend(letter.ticket());
        Some(letter)
    }

    pub(super) fn watch(&mut self, end: usize, watches: bool) {
        let before = std::mem::replace(&mut self.ends[end].watches, watches);
        self.watchers = self.watchers + usize::from(watches) - usize::from(before);
    }

    /// Tells those who want to know, but for the end that has made the change and knows.
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
        self.watch(end, false);
        self.ends[end].awaits = false;
        self.paused_by = self.paused_by.filter(|&by| by != end);
        for ticket in self.ends[end].tickets.all_waiting() {
            self.arbiter.cancel(ticket);
        }
        let untold = self.ends[end].letters.iter().filter_map(Letter::slot).collect();
        self.take_back(untold);
        // What ran in the others has failed, as far as anybody will know.
        let running = self.ends[end].running as usize;
        let held: Vec<Slot> = (0..self.holders.len() as u32)
            .map(Slot::from_number)
            .filter(|&slot| self.is_held_by(end, slot) && self.arbiter.runs_in(slot))
            .take(running)
            .collect();
        for slot in held {
            self.settle(None, slot, Outcome::Rejected, bells);
        }
        self.next(None, bells);
        self.changed(Some(end), bells);
        self.ends.remove(end)
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

/// Puts something in its place, however far behind the end that is.
fn put<T: Copy>(places: &mut Vec<T>, number: u32, value: T) {
    let number = number as usize;
    if number >= places.len() {
        places.resize(number + 1, value);
    }
    places[number] = value;
}
