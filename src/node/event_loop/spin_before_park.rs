//! Spinning before an event loop parks.
//!
//! To wake a sleeping thread takes the system about twenty microseconds. To check a flag takes a
//! fraction of one. So an event loop that [expects](super::doorbell::Doorbell::ref_) a ring spins
//! for a moment before it sleeps, as long as that pays off; see [`SpinPolicy`]. Nothing depends on
//! this. If the program that loads this addon has no libuv, its event loops sleep at once.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::hint::spin_loop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use napi::bindgen_prelude::Env;
use napi::sys;

use crate::spin_policy::SpinPolicy;

/// About the cost of sleeping and being woken, so that a spin that finds nothing at most doubles
/// it.
const LONGEST: Duration = Duration::from_micros(20);

/// How many spin hints the core gets between two readings of the clock.
const HINTS: u32 = 10;

type Loop = sys::uv_loop_s;
type Handle = c_void;
type Called = unsafe extern "C" fn(*mut Handle);

/// `UV_PREPARE`: libuv's handle whose callback runs just before the loop waits for events.
const PREPARE: c_int = 9;

/// The functions used of the program's libuv. They keep these types throughout version 1.
struct Libuv {
    handle_size: unsafe extern "C" fn(c_int) -> usize,
    get_data: unsafe extern "C" fn(*const Handle) -> *mut c_void,
    set_data: unsafe extern "C" fn(*mut Handle, *mut c_void),
    prepare_init: unsafe extern "C" fn(*mut Loop, *mut Handle) -> c_int,
    prepare_start: unsafe extern "C" fn(*mut Handle, Called) -> c_int,
    prepare_stop: unsafe extern "C" fn(*mut Handle) -> c_int,
    unref: unsafe extern "C" fn(*mut Handle),
    close: unsafe extern "C" fn(*mut Handle, Called),
    backend_timeout: unsafe extern "C" fn(*const Loop) -> c_int,
}

static LIBUV: LazyLock<Option<Libuv>> = LazyLock::new(Libuv::of_program);

impl Libuv {
    #[cfg(unix)]
    fn of_program() -> Option<Self> {
        let program = libloading::os::unix::Library::this();
        // SAFETY: these are the types that libuv documents.
        unsafe {
            Some(Self {
                handle_size: *program.get("uv_handle_size").ok()?,
                get_data: *program.get("uv_handle_get_data").ok()?,
                set_data: *program.get("uv_handle_set_data").ok()?,
                prepare_init: *program.get("uv_prepare_init").ok()?,
                prepare_start: *program.get("uv_prepare_start").ok()?,
                prepare_stop: *program.get("uv_prepare_stop").ok()?,
                unref: *program.get("uv_unref").ok()?,
                close: *program.get("uv_close").ok()?,
                backend_timeout: *program.get("uv_backend_timeout").ok()?,
            })
        }
    }

    #[cfg(not(unix))]
    fn of_program() -> Option<Self> {
        None
    }
}

/// The spin of one event loop. It belongs to the loop's thread.
pub(crate) struct SpinBeforePark(NonNull<State>);

// SAFETY: it is stored where other threads have access, but only its own thread uses it; see the
// methods.
unsafe impl Send for SpinBeforePark {}

struct State {
    uv: &'static Libuv,
    event_loop: *mut Loop,
    /// The memory of libuv's handle, in units of the largest alignment. The event loop has pointers
    /// into it.
    handle: Box<[UnsafeCell<u128>]>,
    hook: sys::napi_async_cleanup_hook_handle,
    is_closing: bool,
    rung: Arc<AtomicBool>,
    policy: SpinPolicy,
}

impl SpinBeforePark {
    /// `rung` is the flag that every ring sets first. Returns none if spinning is not possible
    /// here.
    pub(crate) fn new(env: &Env, rung: Arc<AtomicBool>) -> Option<Self> {
        let uv = LIBUV.as_ref()?;
        let mut event_loop = ptr::null_mut();
        // SAFETY: the out pointer is a local of its type.
        let status = unsafe { sys::napi_get_uv_event_loop(env.raw(), &mut event_loop) };
        if status != sys::Status::napi_ok {
            return None;
        }
        // SAFETY: this has no conditions.
        let size = unsafe { (uv.handle_size)(PREPARE) };
        let state = NonNull::from(Box::leak(Box::new(State {
            uv,
            event_loop,
            handle: (0..size.div_ceil(size_of::<u128>())).map(|_| UnsafeCell::new(0)).collect(),
            hook: ptr::null_mut(),
            is_closing: false,
            rung,
            policy: SpinPolicy::default(),
        })));
        let data = state.as_ptr();
        // SAFETY: the state and the handle in it stay in place until `closed` frees them. libuv
        // calls that when it is done with the handle, and the environment waits for it. The hook is
        // not called within this function.
        unsafe {
            let hook = &mut (*data).hook;
            let status = sys::napi_add_async_cleanup_hook(env.raw(), Some(ends), data.cast(), hook);
            if status != sys::Status::napi_ok {
                drop(Box::from_raw(data));
                return None;
            }
            let handle = (*data).handle();
            (uv.prepare_init)(event_loop, handle);
            (uv.set_data)(handle, data.cast());
            (uv.unref)(handle);
        }
        Some(Self(state))
    }

    /// Starts spinning before every sleep. Must be called on the environment's thread, before it
    /// ends.
    pub(crate) fn start(&self) {
        // SAFETY: the state exists until `close`, or until the environment ends.
        unsafe {
            let state = self.0.as_ref();
            (state.uv.prepare_start)(state.handle(), look);
        }
    }

    /// Stops spinning. Must be called on the environment's thread, before it ends.
    pub(crate) fn stop(&self) {
        // SAFETY: as in `start`.
        unsafe {
            let state = self.0.as_ref();
            (state.uv.prepare_stop)(state.handle());
        }
    }

    /// Frees everything. Must be called on the environment's thread, before it ends.
    pub(crate) fn close(self) {
        // SAFETY: as in `start`, and it cannot be used any more.
        unsafe { close(self.0.as_ptr()) };
    }
}

impl State {
    fn handle(&self) -> *mut Handle {
        UnsafeCell::raw_get(self.handle.as_ptr()).cast()
    }

    /// Spins until it is rung, or until sleeping would have been cheaper. It does not yield. If a
    /// thread yields to one that computes, it gets its core back milliseconds later, but a thread
    /// that sleeps is woken at once.
    fn spin(&mut self) {
        let begun = Instant::now();
        let rung = loop {
            if self.rung.load(Ordering::Relaxed) {
                break true;
            }
            if begun.elapsed() >= LONGEST {
                break false;
            }
            (0..HINTS).for_each(|_| spin_loop());
        };
        self.policy.ended(rung);
    }
}

/// The loop is about to wait for events.
unsafe extern "C" fn look(handle: *mut Handle) {
    // SAFETY: libuv calls this on the loop's thread, for a handle that is not closed. `new` has set
    // its data to the state.
    unsafe {
        let uv = LIBUV.as_ref().expect("it has called this");
        let state = &mut *(uv.get_data)(handle).cast::<State>();
        // If the loop does not wait, there is nothing to save.
        let waits =
            !state.rung.load(Ordering::Relaxed) && (uv.backend_timeout)(state.event_loop) != 0;
        if waits && state.policy.should_spin() {
            state.spin();
        }
    }
}

/// The environment ends, and waits until the hook is removed.
unsafe extern "C" fn ends(_: sys::napi_async_cleanup_hook_handle, state: *mut c_void) {
    // SAFETY: `closed` removes the hook before it frees the state.
    unsafe { close(state.cast()) };
}

/// # Safety
/// The state has not been freed, and this is the thread of its environment.
unsafe fn close(state: *mut State) {
    // SAFETY: by this function's contract.
    unsafe {
        let state = &mut *state;
        if !std::mem::replace(&mut state.is_closing, true) {
            (state.uv.close)(state.handle(), closed);
        }
    }
}

/// libuv is done with the handle.
unsafe extern "C" fn closed(handle: *mut Handle) {
    // SAFETY: libuv calls this once, on the loop's thread. Nothing else uses the state any more.
    unsafe {
        let uv = LIBUV.as_ref().expect("it has called this");
        let state = Box::from_raw((uv.get_data)(handle).cast::<State>());
        sys::napi_remove_async_cleanup_hook(state.hook);
    }
}
