//! One Node environment's end of its gates.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Env, Function, Object, Uint32Array};
use napi_derive::napi;
use slab::Slab;

use super::doorbell::Doorbell;
use super::gate::{GivenOptions, Mailbox, PortGate, RateOptions};
use super::{raw, stats};
use crate::limiter::{Error, Letter, NotOpened, Options, Outcome, Slot};

/// The gates of one environment, by number.
#[derive(Default)]
pub(super) struct Gates {
    pub(super) mailbox: Arc<Mailbox>,
    slab: RefCell<Slab<PortGate>>,
}

fn number_of(key: usize) -> i32 {
    i32::try_from(key).expect("memory ends long before 2^31 gates")
}

impl Gates {
    pub(super) fn create(&self, options: Options) -> Result<i32, Error> {
        let gate = PortGate::own_of(options)?;
        Ok(number_of(self.slab.borrow_mut().insert(gate)))
    }

    fn add(
        &self,
        create: impl FnOnce(i32) -> Result<PortGate, NotOpened>,
    ) -> Result<i32, NotOpened> {
        let mut slab = self.slab.borrow_mut();
        let entry = slab.vacant_entry();
        let gate = number_of(entry.key());
        entry.insert(create(gate)?);
        Ok(gate)
    }

    pub(super) fn forget(&self, gate: i32) {
        self.slab.borrow_mut().try_remove(gate as usize);
    }

    /// Lets `work` at a gate.
    ///
    /// # Panics
    /// If there is no such gate.
    #[inline(always)]
    pub(super) fn with<R>(&self, gate: i32, work: impl FnOnce(&mut PortGate) -> R) -> R {
        let mut slab = self.slab.borrow_mut();
        let found = slab.get_mut(gate as usize).unwrap_or_else(|| panic!("no gate {gate}"));
        work(found)
    }

    /// Whether a gate is to get letters; not where it was forgotten.
    pub(super) fn awaits_letters(&self, gate: i32) -> bool {
        self.slab.borrow().get(gate as usize).is_some_and(PortGate::awaits_letters)
    }

    /// The oldest letter of a gate; none where it was forgotten since it got that.
    pub(super) fn letter(&self, gate: i32) -> Option<Letter> {
        self.slab.borrow().get(gate as usize).and_then(PortGate::letter)
    }
}

/// One Node environment's end of the gates, with what is called now and then.
#[napi]
pub struct Port {
    gates: Rc<Gates>,
}

/// The hot calls keep the gates until their environment ends; a port is gone when the shim is (it was
/// loaded once more, say), and then nobody can call any gate.
impl Drop for Port {
    fn drop(&mut self) {
        self.gates.slab.borrow_mut().clear();
    }
}

fn refused((code, text): (&str, String)) -> napi::Error<String> {
    napi::Error::new(code.to_owned(), text)
}

fn not_opened(error: NotOpened) -> napi::Error<String> {
    refused(("ERR_INVALID_ARG", error.to_string()))
}

#[napi]
impl Port {
    /// A port without gates.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self { gates: Rc::default() }
    }

    /// The calls that every task makes, as functions that take and give their numbers on the wire.
    #[napi(ts_return_type = "HotCalls")]
    pub fn hot_calls<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        raw::hot_calls(env, &self.gates)
    }

    /// Has a function called soon after a shared gate has got letters. Before the first of these is opened.
    #[napi]
    pub fn on_letters(&self, env: &Env, listener: Function<'_, (), ()>) -> napi::Result<()> {
        self.gates.mailbox.answer_to(Doorbell::new(env, &listener)?);
        let gates = Rc::downgrade(&self.gates);
        // Where the environment ends, others have its slots and places at once.
        env.add_env_cleanup_hook(gates, |gates| {
            if let Some(gates) = gates.upgrade() {
                gates.slab.borrow_mut().clear();
            }
        })?;
        Ok(())
    }

    /// A gate of this environment's own, of options that `createGate` does not take.
    #[napi]
    pub fn create_own(&self, options: GivenOptions) -> Result<i32, napi::Error<String>> {
        self.gates.add(|_| PortGate::own(&options.into())).map_err(not_opened)
    }

    /// A new end of the limit of that name, which is made where there is none; without a name of one that nobody else
    /// can have. After `onLetters`.
    #[napi]
    pub fn create_end(
        &self,
        name: Option<String>,
        options: GivenOptions,
    ) -> Result<i32, napi::Error<String>> {
        let given = options.into();
        let end = |gate| PortGate::end(name.as_deref(), &given, gate, &self.gates.mailbox);
        self.gates.add(end).map_err(not_opened)
    }

    /// Whether a shared gate, which has that name, is as it is given: else this throws.
    #[napi]
    pub fn check(
        &self,
        gate: i32,
        name: String,
        options: GivenOptions,
    ) -> Result<(), napi::Error<String>> {
        let given = options.into();
        self.gates.with(gate, |gate| gate.check(&name, &given)).map_err(not_opened)
    }

    /// Whether a shared gate sends a letter when anything has changed. Gives whether it is to get letters then.
    #[napi]
    pub fn watch(&self, gate: i32, watches: bool) -> bool {
        self.gates.with(gate, |gate| gate.watch(watches));
        self.gates.awaits_letters(gate)
    }

    /// Keeps the event loop alive for letters, or not any more.
    #[napi]
    pub fn keep_alive(&self, env: &Env, keep: bool) {
        if let Some(bell) = self.gates.mailbox.bell() {
            if keep {
                bell.hold(env);
            } else {
                bell.let_go(env);
            }
        }
    }

    /// Drops what waits in a lane and gives the tickets dropped, in the lane's order; `everywhere` those of other
    /// environments, too, which are told.
    #[napi]
    pub fn clear(&self, gate: i32, lane: i32, everywhere: bool) -> Uint32Array {
        let lane = raw::lane(lane);
        Uint32Array::new(self.gates.with(gate, |gate| gate.clear(lane, everywhere)))
    }

    /// Takes out of its lane what waits under a ticket. `next` then gives the slots that this leaves free.
    #[napi]
    pub fn cancel(&self, gate: i32, ticket: u32) {
        self.gates.with(gate, |gate| gate.cancel(ticket));
    }

    /// The work in a slot has failed, by an overload or otherwise, and will be tried again in it.
    #[napi]
    pub fn attempt_failed(&self, gate: i32, slot: u32, is_overload: bool) {
        let outcome = if is_overload { Outcome::Overloaded } else { Outcome::Rejected };
        self.gates.with(gate, |gate| gate.attempt_failed(Slot::from_number(slot), outcome));
    }

    /// Has a ticket of the offline lane wait in the online one; the same about `next`.
    #[napi]
    pub fn lift(&self, gate: i32, ticket: u32) {
        self.gates.with(gate, |gate| gate.lift(ticket));
    }

    /// What runs in a slot waits for a ticket, too, from a lane.
    #[napi]
    pub fn join(
        &self,
        gate: i32,
        ticket: u32,
        slot: u32,
        lane: i32,
    ) -> Result<(), napi::Error<String>> {
        let (slot, lane) = (Slot::from_number(slot), raw::lane(lane));
        let joined = self.gates.with(gate, |gate| gate.join(ticket, slot, lane));
        joined.map_err(|error| refused(raw::thrown(error)))
    }

    /// Grants nothing until `resume`.
    #[napi]
    pub fn pause(&self, gate: i32) {
        self.gates.with(gate, |gate| gate.pause());
    }

    /// Grants nothing for so many milliseconds.
    #[napi]
    pub fn pause_for(&self, gate: i32, millis: f64) {
        let duration = Duration::from_secs_f64(millis / 1e3);
        self.gates.with(gate, |gate| gate.pause_for(duration));
    }

    /// Ends all pauses, or only what `pause` has begun; then the same about `next`.
    #[napi]
    pub fn resume(&self, gate: i32, only_held: bool) {
        self.gates.with(gate, |gate| gate.resume(only_held));
    }

    /// Whether nothing is granted now.
    #[napi]
    pub fn is_paused(&self, gate: i32) -> bool {
        self.gates.with(gate, |gate| gate.is_paused())
    }

    /// Milliseconds until the last pause for a time ends; 0 where there is none.
    #[napi]
    pub fn pause_ends_in(&self, gate: i32) -> f64 {
        self.gates.with(gate, |gate| gate.pause_ends_in())
    }

    /// In how many milliseconds `next` is to be asked again, if time lets somebody start then; `Infinity` where it does
    /// not, or somebody else looks after that.
    #[napi]
    pub fn wakes_in(&self, gate: i32) -> f64 {
        self.gates.with(gate, |gate| gate.wakes_in()).unwrap_or(f64::INFINITY)
    }

    /// In how many milliseconds a call would start at once, or wait in its lane without there being more than may, if
    /// nothing else happens; 0 where it would now, `Infinity` where time alone does not get it there. A negative cost is
    /// the weight.
    #[napi]
    pub fn room_in(&self, gate: i32, lane: i32, priority: i32, weight: i32, cost: i32) -> f64 {
        let request = raw::request_of(lane, priority, weight, cost);
        self.gates.with(gate, |gate| gate.room_in(request)).unwrap_or(f64::INFINITY)
    }

    /// How much may start in a time, where that is limited.
    #[napi]
    pub fn rate(&self, gate: i32) -> Option<RateOptions> {
        self.gates.with(gate, |gate| gate.rate()).map(Into::into)
    }

    /// Changes that; then the same about `next`. Throws where there is none.
    #[napi]
    pub fn set_rate(&self, gate: i32, rate: RateOptions) -> Result<(), napi::Error<String>> {
        let set = self.gates.with(gate, |gate| gate.set_rate(rate.into()));
        set.map_err(|error| refused(error.into()))
    }

    /// Takes a cost from that without a call, or gives it back where it is negative; then the same about `next`.
    #[napi]
    pub fn charge(&self, gate: i32, cost: i32) {
        self.gates.with(gate, |gate| gate.charge(cost));
    }

    /// Refuses all calls from now on.
    #[napi]
    pub fn close(&self, gate: i32) {
        self.gates.with(gate, |gate| gate.close());
    }

    /// Whether a shared gate lets calls in beyond `maxQueue`.
    #[napi]
    pub fn overflows(&self, gate: i32) -> bool {
        self.gates.with(gate, |gate| gate.overflows())
    }

    /// Whether a gate takes no more calls.
    #[napi]
    pub fn is_closed(&self, gate: i32) -> bool {
        self.gates.with(gate, |gate| gate.is_closed())
    }

    /// Whether a gate takes no more calls, and nothing runs or waits any more, in any environment.
    #[napi]
    pub fn is_over(&self, gate: i32) -> bool {
        self.gates.with(gate, |gate| gate.is_over())
    }

    /// All of a gate's numbers.
    #[napi]
    pub fn stats(&self, gate: i32) -> stats::LimitStats {
        self.gates.with(gate, |gate| gate.stats()).into()
    }
}
