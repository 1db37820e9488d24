//! The calls that one Node environment makes now and then.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use napi::bindgen_prelude::{Env, Float64Array, Function, Object, Uint32Array};
use napi::sys;
use napi_derive::napi;

use super::hot_calls;
use super::options::{GivenOptions, RateOptions, Said};
use crate::node::event_loop::doorbell::Doorbell;
use crate::node::node_api::callback::SharedMemory;
use crate::node::node_api::env_hook::EnvHook;
use crate::node::stats;
use crate::port::{Gates, Leases, PortGate, Thrown};

/// One Node environment's access to its gates, for the calls that are made now and then.
#[napi]
pub struct Port {
    pub(super) gates: Rc<Gates>,
    /// Is rung when a shared gate has got messages.
    doorbell: RefCell<Option<Arc<Doorbell>>>,
    /// Drops the gates when the environment ends.
    ends: RefCell<Option<EnvHook>>,
}

/// A gate that holds calls.
#[napi(object)]
pub struct HeldGate {
    pub gate: i32,
    pub runs: f64,
    pub waits: f64,
}

/// The hot calls keep the gates until their environment ends. A port is dropped when the shim is
/// (it may have been loaded once more). Then nothing can call any of its gates.
impl Drop for Port {
    fn drop(&mut self) {
        self.gates.drop_all();
        self.gates.times.end();
        if let Some(doorbell) = self.doorbell.take() {
            doorbell.close();
        }
    }
}

fn refused((code, text): Thrown) -> napi::Error<String> {
    napi::Error::new(code.to_owned(), text)
}

#[napi]
impl Port {
    /// A port without gates.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self { gates: Rc::default(), doorbell: RefCell::default(), ends: RefCell::default() }
    }

    /// The calls that every task makes, as functions that pass their numbers on the wire.
    #[napi(ts_return_type = "HotCalls", catch_unwind)]
    pub fn hot_calls<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        hot_calls::hot_calls(env, &self.gates)
    }

    /// Makes the leases of the next 64 gates: numbers that
    /// tell what may be done without a call (`src/limiter/types/lease.rs`), and that Rust writes
    /// when it is called. Must be kept as long as any call can be made.
    #[napi(ts_return_type = "Int32Array", catch_unwind)]
    pub fn add_leases<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        let leases = SharedMemory::<Leases>::new(env)?;
        let length = size_of::<Leases>() / size_of::<i32>();
        let view = leases.view(env, sys::TypedarrayType::int32_array, length, 0)?;
        self.gates.add_leases(leases.memory);
        Ok(view)
    }

    /// Sets a function that is called soon after a shared gate has got messages. Must be called
    /// before the first shared gate is opened.
    #[napi(catch_unwind)]
    pub fn on_messages(&self, env: &Env, listener: Function<'_, (), ()>) -> napi::Result<()> {
        let doorbell = Doorbell::new(env, &listener)?;
        self.gates.ready_gates.set_doorbell(Arc::clone(&doorbell) as Arc<_>);
        self.doorbell.replace(Some(doorbell));
        let gates = Rc::downgrade(&self.gates);
        // When the environment ends, others get its slots and places at once.
        let ends = EnvHook::new(env, move || {
            if let Some(gates) = gates.upgrade() {
                gates.drop_all();
            }
        })?;
        self.ends.replace(Some(ends));
        Ok(())
    }

    /// Makes a gate of this environment alone, with options that `createGate` does not take.
    #[napi(catch_unwind)]
    pub fn create_local(&self, options: GivenOptions) -> Result<i32, napi::Error<String>> {
        self.gates.create_local(&options.into()).map_err(refused)
    }

    /// Makes a new handle of the limit of that name. The limit is made if there is none. Without a
    /// name, nobody else can reach the limit. Must be called after `onMessages`.
    #[napi(catch_unwind)]
    pub fn create_shared(
        &self,
        name: Option<String>,
        options: GivenOptions,
    ) -> Result<i32, napi::Error<String>> {
        let given = options.into();
        let (ready_gates, times) = (&self.gates.ready_gates, &self.gates.times);
        let create = |gate| PortGate::shared(name.as_deref(), &given, gate, ready_gates, times);
        self.gates.add(create).map_err(|error| refused(error.into()))
    }

    /// Checks that a shared gate, which has that name, agrees with the options. Throws if it does
    /// not.
    #[napi(catch_unwind)]
    pub fn check(
        &self,
        gate: i32,
        name: String,
        options: GivenOptions,
    ) -> Result<(), napi::Error<String>> {
        let given = options.into();
        let checked = self.gates.with(gate, |gate| gate.check(&name, &given));
        checked.map_err(|error| refused(error.into()))
    }

    /// Sets whether a shared gate gets a message after every change. Returns whether messages will
    /// come.
    #[napi(catch_unwind)]
    pub fn watch(&self, gate: i32, watches: bool) -> bool {
        self.gates.with(gate, |gate| gate.watch(watches));
        self.gates.expects_messages(gate)
    }

    /// Keeps the event loop alive for messages, or stops doing so.
    #[napi(catch_unwind)]
    pub fn keep_alive(&self, env: &Env, keep: bool) {
        if let Some(doorbell) = &*self.doorbell.borrow() {
            if keep {
                doorbell.ref_(env);
            } else {
                doorbell.unref(env);
            }
        }
    }

    /// Drops what waits in a lane and returns the dropped tickets, in the lane's order. With
    /// `everywhere` the tickets of other environments are dropped, too, and these are told.
    #[napi(catch_unwind)]
    pub fn clear(&self, gate: i32, lane: i32, everywhere: bool) -> Uint32Array {
        Uint32Array::new(self.gates.clear(gate, lane, everywhere))
    }

    /// Takes a ticket out of its lane, because it was cleared (0), aborted (1) or has waited for too
    /// long (2). `next` then gives the slots that this leaves free.
    #[napi(catch_unwind)]
    pub fn cancel(&self, gate: i32, ticket: u32, cause: u32) {
        self.gates.cancel(gate, ticket, cause);
    }

    /// The work in a slot, which still runs, is given up, for a cause as above.
    #[napi(catch_unwind)]
    pub fn given_up(&self, gate: i32, slot: u32, cause: u32) {
        self.gates.given_up(gate, slot, cause);
    }

    /// Takes a slot back from work that never began. It counts neither as granted nor as settled.
    #[napi(catch_unwind)]
    pub fn take_back(&self, gate: i32, slot: u32) {
        self.gates.take_back(gate, slot);
    }

    /// Adds to the counts of a lane what Rust was not asked: refused calls, and calls that were
    /// aborted before.
    #[napi(catch_unwind)]
    pub fn correct(&self, gate: i32, lane: i32, refused: i32, aborted: u32) {
        self.gates.correct(gate, lane, refused, aborted);
    }

    /// The work in a slot has failed, by an overload or otherwise, and will be tried again in it.
    #[napi(catch_unwind)]
    pub fn attempt_failed(&self, gate: i32, slot: u32, is_overload: bool) {
        self.gates.attempt_failed(gate, slot, is_overload);
    }

    /// Whether the work in a slot, which has failed, may be tried again now. If not, `next` or a
    /// message says when. Call `next` then.
    #[napi(catch_unwind)]
    pub fn attempt(&self, gate: i32, slot: u32) -> bool {
        self.gates.attempt(gate, slot)
    }

    /// Takes back one `attempt` of the work in a slot that waits. Call `next` then.
    #[napi(catch_unwind)]
    pub fn cancel_attempt(&self, gate: i32, slot: u32) {
        self.gates.cancel_attempt(gate, slot);
    }

    /// A server asked the work in a slot to wait for this many milliseconds. Pauses the call (0),
    /// its lane (1) or the limit (2); without a scope, the offline lane or the limit, by the lane
    /// of the work.
    #[napi(catch_unwind)]
    pub fn retry_after(&self, gate: i32, slot: u32, millis: f64, scope: Option<u32>) {
        self.gates.retry_after(gate, slot, millis, scope);
    }

    /// Moves a ticket to a lane and priority, if it then starts earlier. Call `next` then.
    #[napi(catch_unwind)]
    pub fn raise(&self, gate: i32, ticket: u32, lane: i32, priority: i32) {
        self.gates.raise(gate, ticket, lane, priority);
    }

    /// The work in slot `outer` waits for a ticket, too, and lends its slot to it. Call `next` then.
    #[napi(catch_unwind)]
    pub fn lend(&self, gate: i32, ticket: u32, outer: u32) {
        self.gates.lend(gate, ticket, outer);
    }

    /// The work in slot `outer` waits for the work in `slot`. Call `next` then.
    #[napi(catch_unwind)]
    pub fn await_running(&self, gate: i32, slot: u32, outer: u32) {
        self.gates.await_running(gate, slot, outer);
    }

    /// The work in a slot waits for a ticket, too.
    #[napi(catch_unwind)]
    pub fn join(
        &self,
        gate: i32,
        ticket: u32,
        slot: u32,
        lane: i32,
    ) -> Result<(), napi::Error<String>> {
        self.gates.join(gate, ticket, slot, lane).map_err(refused)
    }

    /// Throws if a lane lets no calls of that weight in.
    #[napi(catch_unwind)]
    pub fn check_weight(
        &self,
        gate: i32,
        lane: i32,
        weight: u32,
    ) -> Result<(), napi::Error<String>> {
        self.gates.check_weight(gate, lane, weight).map_err(refused)
    }

    /// Grants nothing until `resume`.
    #[napi(catch_unwind)]
    pub fn pause(&self, gate: i32) {
        self.gates.pause(gate);
    }

    /// Grants nothing for this many milliseconds.
    #[napi(catch_unwind)]
    pub fn pause_for(&self, gate: i32, millis: f64) {
        self.gates.pause_for(gate, millis);
    }

    /// Ends all pauses, or only the one that `pause` has begun. Call `next` then.
    #[napi(catch_unwind)]
    pub fn resume(&self, gate: i32, only_held: bool) {
        self.gates.resume(gate, only_held);
    }

    /// Whether nothing is granted now.
    #[napi(catch_unwind)]
    pub fn is_paused(&self, gate: i32) -> bool {
        self.gates.is_paused(gate)
    }

    /// In how many milliseconds to call `next` again because time lets a ticket start then.
    /// `Infinity` if time does not, or if another thread watches the time.
    #[napi(catch_unwind)]
    pub fn wakes_in(&self, gate: i32) -> f64 {
        self.gates.wakes_in(gate)
    }

    /// How much may start in a time, if the gate has a rate.
    #[napi(catch_unwind)]
    pub fn rate(&self, gate: i32) -> Option<RateOptions> {
        self.gates.rate(gate).map(Into::into)
    }

    /// Changes the rate. Call `next` then. Throws if the gate has no rate.
    #[napi(catch_unwind)]
    pub fn set_rate(&self, gate: i32, rate: RateOptions) -> Result<(), napi::Error<String>> {
        self.gates.set_rate(gate, (&rate).into()).map_err(refused)
    }

    /// Takes a cost from the rate without a call. A negative cost is given back. Call `next` then.
    #[napi(catch_unwind)]
    pub fn charge(&self, gate: i32, cost: i32) {
        self.gates.charge(gate, cost);
    }

    /// The quotas of a gate, with their names. Empty if it has none with a name.
    #[napi(catch_unwind)]
    pub fn quotas(&self, gate: i32) -> Vec<RateOptions> {
        self.gates.quotas(gate).into_iter().map(Into::into).collect()
    }

    /// Changes the quota at a place. Call `next` then.
    #[napi(catch_unwind)]
    pub fn set_quota(
        &self,
        gate: i32,
        place: u32,
        rate: RateOptions,
    ) -> Result<(), napi::Error<String>> {
        self.gates.set_quota(gate, place, (&rate).into()).map_err(refused)
    }

    /// Takes a cost from the quota at a place, as `charge` does.
    #[napi(catch_unwind)]
    pub fn charge_quota(&self, gate: i32, place: u32, cost: i32) {
        self.gates.charge_quota(gate, place, cost);
    }

    /// A server has answered a request, and says this of the quota at a place. Returns whether the
    /// answer counts. Call `next` then.
    #[napi(catch_unwind)]
    pub fn learn(&self, gate: i32, place: u32, said: Said) -> bool {
        let number = |said: Option<f64>| said.unwrap_or(f64::NAN);
        let numbers = [said.limit, said.remaining, said.resets_in, said.window].map(number);
        self.gates.learn(gate, place, (said.slot, number(said.ago)), numbers)
    }

    /// The running attempt of the work in a slot has cost this of the quota at a place, or, if the
    /// place is negative, of each. Call `next` then.
    #[napi(catch_unwind)]
    pub fn spent(&self, gate: i32, slot: u32, place: i32, cost: u32) {
        self.gates.spent(gate, slot, place, cost);
    }

    /// Lets the flows of each lane take turns, from now on.
    #[napi(catch_unwind)]
    pub fn make_fair(&self, gate: i32) {
        self.gates.make_fair(gate);
    }

    /// Refuses all calls from now on.
    #[napi(catch_unwind)]
    pub fn close(&self, gate: i32) {
        self.gates.close(gate);
    }

    /// What happens to a call that comes to a full lane: it is refused (0), it waits (1), or another
    /// one is dropped, the oldest (2) or the lowest (3).
    #[napi(catch_unwind)]
    pub fn overflow(&self, gate: i32) -> u32 {
        self.gates.overflow(gate)
    }

    /// The tickets that have left a full lane, and the lane of each.
    #[napi(catch_unwind)]
    pub fn take_dropped(&self, gate: i32) -> Uint32Array {
        Uint32Array::new(self.gates.take_dropped(gate))
    }

    /// What runs and waits, with seven numbers for each: 1 if it runs; its slot or ticket, or -1 if
    /// it is another environment's; its lane, priority (NaN if it runs), weight and units; its age in
    /// milliseconds (NaN if that is not known).
    #[napi(catch_unwind)]
    pub fn calls(&self, gate: i32) -> Float64Array {
        Float64Array::new(self.gates.calls(gate))
    }

    /// How many calls may wait in a lane.
    #[napi(catch_unwind)]
    pub fn max_queue(&self, gate: i32, lane: i32) -> f64 {
        self.gates.max_queue(gate, lane)
    }

    /// Changes how many calls may wait in a lane.
    #[napi(catch_unwind)]
    pub fn set_max_queue(&self, gate: i32, lane: i32, most: f64) {
        self.gates.set_max_queue(gate, lane, most);
    }

    /// The reserve as it was set: a number of slots; below 0, the promised milliseconds; `Infinity`
    /// if it is found.
    #[napi(catch_unwind)]
    pub fn reserve(&self, gate: i32) -> f64 {
        self.gates.reserve(gate)
    }

    /// Changes the reserve. Call `next` then. Throws if it leaves no slot for offline work.
    #[napi(catch_unwind)]
    pub fn set_reserve(&self, gate: i32, reserve: f64) -> Result<(), napi::Error<String>> {
        self.gates.set_reserve(gate, reserve).map_err(refused)
    }

    /// The smallest part of all grants that goes to offline work.
    #[napi(catch_unwind)]
    pub fn offline_share(&self, gate: i32) -> f64 {
        self.gates.offline_share(gate)
    }

    /// Changes that part. Call `next` then.
    #[napi(catch_unwind)]
    pub fn set_offline_share(&self, gate: i32, share: f64) -> Result<(), napi::Error<String>> {
        self.gates.set_offline_share(gate, share).map_err(refused)
    }

    /// Moves a ticket to a lane and priority, also if it then starts later. Call `next` then. Returns
    /// whether it has moved. Throws if it could never run there.
    #[napi(catch_unwind)]
    pub fn reprioritise(
        &self,
        gate: i32,
        ticket: u32,
        lane: i32,
        priority: i32,
    ) -> Result<bool, napi::Error<String>> {
        self.gates.reprioritise(gate, ticket, lane, priority).map_err(refused)
    }

    /// Whether a gate takes no more calls.
    #[napi(catch_unwind)]
    pub fn is_closed(&self, gate: i32) -> bool {
        self.gates.is_closed(gate)
    }

    /// Whether a gate takes no more calls, and nothing runs or waits in any environment.
    #[napi(catch_unwind)]
    pub fn is_over(&self, gate: i32) -> bool {
        self.gates.is_over(gate)
    }

    /// The gates that hold calls of this environment: of each its number, and how many run and wait.
    #[napi(catch_unwind)]
    pub fn held_gates(&self) -> Vec<HeldGate> {
        let held = self.gates.held().into_iter();
        held.map(|(gate, runs, waits)| HeldGate { gate, runs: runs as f64, waits: waits as f64 })
            .collect()
    }

    /// The slots that work of this environment runs in, of one lane.
    #[napi(catch_unwind)]
    pub fn slots_of(&self, gate: i32, lane: i32) -> Uint32Array {
        Uint32Array::new(self.gates.slots_of(gate, lane))
    }

    /// The same, with histograms.
    #[napi(catch_unwind)]
    pub fn snapshot(&self, gate: i32) -> stats::Snapshot {
        self.gates.snapshot(gate, |stats, histograms, is_own| {
            let histograms = histograms.map(|of_lane| stats::lane_histograms(of_lane, &stats));
            stats::Snapshot {
                stats: stats::LimitStats::new(stats, is_own),
                histograms: histograms.into(),
            }
        })
    }

    /// All of a gate's numbers.
    #[napi(catch_unwind)]
    pub fn stats(&self, gate: i32) -> stats::LimitStats {
        self.gates.stats(gate, |stats, is_own| stats::LimitStats::new(stats, is_own))
    }
}
