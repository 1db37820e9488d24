//! One Node environment's end of its gates.

use std::cell::RefCell;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, Object, Uint32Array};
use napi_derive::napi;
use slab::Slab;

use super::raw;
use super::stats;
use crate::limiter::{Arbiter, DEFAULT_OFFLINE_SHARE, Error, Options, Ticket, UNLIMITED};

/// `napi::Error` with the `code` that the JS side shows.
type Refusal = napi::Error<&'static str>;

fn refusal(error: Error) -> Refusal {
    Refusal::new("ERR_INVALID_ARG", error.to_string())
}

/// Whole numbers come from JS as doubles; `Infinity`, and all beyond 2^64, is [`UNLIMITED`].
fn from_js(number: f64) -> u64 {
    number as u64
}

pub(super) fn to_js(number: u64) -> f64 {
    if number == UNLIMITED { f64::INFINITY } else { number as f64 }
}

/// The gates of one environment, by handle.
#[derive(Default)]
pub(super) struct Gates {
    slab: RefCell<Slab<Arbiter>>,
}

impl Gates {
    /// Lets `work` at a gate.
    ///
    /// # Panics
    /// If there is no gate of that handle.
    pub(super) fn with<R>(&self, gate: u32, work: impl FnOnce(&mut Arbiter) -> R) -> R {
        let mut slab = self.slab.borrow_mut();
        let arbiter = slab.get_mut(gate as usize).unwrap_or_else(|| panic!("no gate {gate}"));
        work(arbiter)
    }
}

/// One Node environment's end of the gates: makes them, and answers what is asked now and then.
#[napi]
pub struct Port {
    gates: Rc<Gates>,
}

#[napi]
impl Port {
    /// A port without gates.
    #[napi(constructor)]
    #[expect(clippy::new_without_default, reason = "made from JS")]
    pub fn new() -> Self {
        Self { gates: Rc::default() }
    }

    /// The calls that every task makes, as bare functions that take and give their numbers on the wire.
    #[napi(ts_return_type = "HotCalls")]
    pub fn hot_calls<'env>(&self, env: &'env Env) -> napi::Result<Object<'env>> {
        raw::hot_calls(env, &self.gates)
    }

    /// Makes a gate and gives its handle.
    #[napi]
    pub fn create_gate(
        &self,
        concurrency: f64,
        reserve: Option<f64>,
        offline_share: Option<f64>,
    ) -> Result<u32, Refusal> {
        let mut options = Options::new(from_js(concurrency))
            .offline_share(offline_share.unwrap_or(DEFAULT_OFFLINE_SHARE));
        options.reserve = reserve.map(from_js);
        let arbiter = Arbiter::new(options).map_err(refusal)?;
        Ok(self.gates.slab.borrow_mut().insert(arbiter) as u32)
    }

    /// Forgets a gate that nobody can call any more, with all its tickets.
    #[napi]
    pub fn drop_gate(&self, gate: u32) {
        self.gates.slab.borrow_mut().try_remove(gate as usize);
    }

    #[napi]
    pub fn concurrency(&self, gate: u32) -> f64 {
        to_js(self.gates.with(gate, |arbiter| arbiter.concurrency()))
    }

    #[napi]
    pub fn set_concurrency(&self, gate: u32, concurrency: f64) -> Result<(), Refusal> {
        self.gates
            .with(gate, |arbiter| arbiter.set_concurrency(from_js(concurrency)))
            .map_err(refusal)
    }

    /// Drops what waits in a lane and gives the tickets dropped, in the lane's order.
    #[napi]
    pub fn clear(&self, gate: u32, lane: i32) -> Uint32Array {
        let lane = raw::lane(lane);
        let dropped = self.gates.with(gate, |arbiter| arbiter.clear(lane));
        Uint32Array::new(dropped.into_iter().map(Ticket::number).collect())
    }

    #[napi]
    pub fn stats(&self, gate: u32) -> stats::LimitStats {
        self.gates.with(gate, |arbiter| arbiter.stats()).into()
    }
}

