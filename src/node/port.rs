//! One Node environment's end of its gates.

use std::cell::RefCell;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, Object, Uint32Array};
use napi_derive::napi;
use slab::Slab;

use super::{raw, stats};
use crate::limiter::{Arbiter, Error, Options, Request, Slot, Ticket};

/// The gates of one environment, by number.
#[derive(Default)]
pub(super) struct Gates {
    slab: RefCell<Slab<Arbiter>>,
}

impl Gates {
    pub(super) fn create(&self, options: Options) -> Result<i32, Error> {
        let arbiter = Arbiter::new(options)?;
        let key = self.slab.borrow_mut().insert(arbiter);
        Ok(i32::try_from(key).expect("memory ends long before 2^31 gates"))
    }

    pub(super) fn forget(&self, gate: i32) {
        self.slab.borrow_mut().try_remove(gate as usize);
    }

    /// Lets `work` at a gate.
    ///
    /// # Panics
    /// If there is no such gate.
    pub(super) fn with<R>(&self, gate: i32, work: impl FnOnce(&mut Arbiter) -> R) -> R {
        let mut slab = self.slab.borrow_mut();
        let arbiter = slab.get_mut(gate as usize).unwrap_or_else(|| panic!("no gate {gate}"));
        work(arbiter)
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

    /// Drops what waits in a lane and gives the tickets dropped, in the lane's order.
    #[napi]
    pub fn clear(&self, gate: i32, lane: i32) -> Uint32Array {
        let lane = raw::lane(lane);
        let dropped = self.gates.with(gate, |arbiter| arbiter.clear(lane));
        Uint32Array::new(dropped.into_iter().map(Ticket::number).collect())
    }

    /// Takes out of its lane what waits under a ticket. `next` then gives the slots that this leaves free.
    #[napi]
    pub fn cancel(&self, gate: i32, ticket: u32) {
        self.gates.with(gate, |arbiter| arbiter.cancel(Ticket::from_number(ticket)));
    }

    /// Has a ticket of the offline lane wait in the online one; the same about `next`.
    #[napi]
    pub fn lift(&self, gate: i32, ticket: u32) {
        self.gates.with(gate, |arbiter| arbiter.lift(Ticket::from_number(ticket)));
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
        let (ticket, slot) = (Ticket::from_number(ticket), Slot::from_number(slot));
        self.gates.with(gate, |arbiter| arbiter.join(ticket, slot, raw::lane(lane))).map_err(
            |refused| {
                let (code, text) = raw::thrown(refused);
                napi::Error::new(code.to_owned(), text)
            },
        )
    }

    /// Grants nothing, or again; then the same about `next`.
    #[napi]
    pub fn set_paused(&self, gate: i32, paused: bool) {
        self.gates.with(gate, |arbiter| if paused { arbiter.pause() } else { arbiter.resume() });
    }

    /// Whether a call would start at once, or wait in its lane without there being more than may.
    #[napi]
    pub fn has_room(&self, gate: i32, lane: i32, priority: i32, weight: u32) -> bool {
        let request = Request::new(raw::lane(lane)).priority(priority).weight(weight);
        self.gates.with(gate, |arbiter| arbiter.has_room(request))
    }

    /// Refuses all calls from now on.
    #[napi]
    pub fn close(&self, gate: i32) {
        self.gates.with(gate, |arbiter| arbiter.close());
    }

    /// All of a gate's numbers.
    #[napi]
    pub fn stats(&self, gate: i32) -> stats::LimitStats {
        self.gates.with(gate, |arbiter| arbiter.stats()).into()
    }
}
