//! How another thread has a JS function called in an environment's event loop.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{Env, Function, JsValue, retain_current_module_for_unload_safety};
use napi::{check_status, sys};
use parking_lot::Mutex;

use super::lookout::Lookout;
use crate::pool::Wake;

/// Calls one JS function, without arguments, soon after it is rung; once for any number of rings that
/// come before the call begins. The function then takes from elsewhere whatever there is for it.
///
/// It holds the environment's event loop only between [`hold`](Self::hold) and
/// [`let_go`](Self::let_go).
pub(super) struct Doorbell {
    /// None once the environment ends. Whoever rings holds this lock, so Node cannot free the function
    /// meanwhile (before 24.14 it does not protect itself: nodejs/node#55706).
    heard: Mutex<Option<Heard>>,
    /// Set by the first ring, cleared just before the call.
    rung: Arc<AtomicBool>,
}

/// How a ring is heard.
struct Heard {
    function: ThreadsafeFunction,
    /// Of the environment's thread alone.
    lookout: Option<Lookout>,
}

struct ThreadsafeFunction(sys::napi_threadsafe_function);

// SAFETY: Node-API documents a threadsafe function as callable from any thread.
unsafe impl Send for ThreadsafeFunction {}

impl Doorbell {
    pub(super) fn new(env: &Env, function: &Function<'_, (), ()>) -> napi::Result<Arc<Self>> {
        // Other threads will ring, and must find this code mapped even if the last environment that
        // loaded it has ended.
        retain_current_module_for_unload_safety();
        let bell = Arc::new(Self { heard: Mutex::new(None), rung: Arc::default() });
        let name = env.create_string("p-lanes")?;
        let context = Arc::into_raw(Arc::clone(&bell)).cast_mut().cast::<c_void>();
        let mut raw = ptr::null_mut();
        // SAFETY: the handles are of this environment. The context is a counted reference, which
        // `forget` gives back when Node is done with the function.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                function.raw(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                context,
                Some(forget),
                context,
                Some(answer),
                &mut raw,
            )
        };
        check_status!(status)?;
        // SAFETY: `raw` was made above, in this environment and on its thread.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), raw) })?;
        let lookout = Lookout::new(env, Arc::clone(&bell.rung));
        *bell.heard.lock() = Some(Heard { function: ThreadsafeFunction(raw), lookout });
        // Hooks run last in, first out: this one before those by which Node closes the function and the look-out.
        env.add_env_cleanup_hook(Arc::clone(&bell), |bell| {
            bell.heard.lock().take();
        })?;
        Ok(bell)
    }

    /// Has the function called soon.
    pub(super) fn ring(&self) {
        if self.rung.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(Heard { function: ThreadsafeFunction(raw), .. }) = &*self.heard.lock() {
            // SAFETY: alive while the lock is held; see the field. It can only fail when the
            // environment is closing, where nobody needs the call any more.
            unsafe {
                sys::napi_call_threadsafe_function(
                    *raw,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                );
            }
        }
    }

    /// Keeps the event loop alive until [`let_go`](Self::let_go): rings are expected.
    pub(super) fn hold(&self, env: &Env) {
        if let Some(Heard { function: ThreadsafeFunction(raw), lookout }) = &*self.heard.lock() {
            // SAFETY: alive while the lock is held, and this is its environment's thread.
            unsafe { sys::napi_ref_threadsafe_function(env.raw(), *raw) };
            if let Some(lookout) = lookout {
                lookout.start();
            }
        }
    }

    /// Lets the process end though it may be rung yet.
    pub(super) fn let_go(&self, env: &Env) {
        if let Some(Heard { function: ThreadsafeFunction(raw), lookout }) = &*self.heard.lock() {
            // SAFETY: as in `hold`.
            unsafe { sys::napi_unref_threadsafe_function(env.raw(), *raw) };
            if let Some(lookout) = lookout {
                lookout.stop();
            }
        }
    }

    /// Calls nothing any more. On the environment's thread.
    pub(super) fn silence(&self) {
        let heard = self.heard.lock().take();
        if let Some(Heard { function: ThreadsafeFunction(raw), lookout }) = heard {
            if let Some(lookout) = lookout {
                lookout.close();
            }
            // SAFETY: it was alive, and nobody else can reach it any more.
            unsafe {
                sys::napi_release_threadsafe_function(
                    raw,
                    sys::ThreadsafeFunctionReleaseMode::abort,
                );
            }
        }
    }
}

impl Wake for Doorbell {
    fn wake(&self) {
        self.ring();
    }
}

/// Node calls this on the environment's thread for a ring.
unsafe extern "C" fn answer(
    env: sys::napi_env,
    function: sys::napi_value,
    context: *mut c_void,
    _: *mut c_void,
) {
    if env.is_null() {
        return; // the environment is ending
    }
    // SAFETY: the context is the reference that `forget` gives back later, and the handles are those
    // of the running call.
    unsafe {
        let bell = &*context.cast::<Doorbell>();
        // Before the call: what comes from now on rings again.
        bell.rung.store(false, Ordering::SeqCst);
        let (mut this, mut result) = (ptr::null_mut(), ptr::null_mut());
        sys::napi_get_undefined(env, &mut this);
        let status = sys::napi_call_function(env, this, function, 0, ptr::null(), &mut result);
        if status == sys::Status::napi_pending_exception {
            let mut error = ptr::null_mut();
            sys::napi_get_and_clear_last_exception(env, &mut error);
            sys::napi_fatal_exception(env, error);
        }
    }
}

/// Node is done with the function.
unsafe extern "C" fn forget(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: the reference made in `new`, given back once.
    drop(unsafe { Arc::from_raw(data.cast::<Doorbell>()) });
}
