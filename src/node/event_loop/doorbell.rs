//! A doorbell: any thread can ring it to call a JavaScript function in an environment's event loop.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{Env, Function, JsValue, retain_current_module_for_unload_safety};
use napi::{check_status, sys};
use parking_lot::Mutex;

use super::spin_before_park::SpinBeforePark;
use crate::node::node_api::env_hook::EnvHook;
use crate::pool::Wake;

/// Calls one JavaScript function, without arguments, soon after it is rung. Rings that come before
/// the call begins share one call. The function then takes what there is for it from elsewhere.
///
/// It keeps the environment's event loop and the function alive only between [`ref_`](Self::ref_) and
/// [`unref`](Self::unref). At other times whoever is to be called holds the function. If the function is
/// collected, rings are passed over: nobody is left who could take anything.
pub(crate) struct Doorbell {
    /// None once the environment ends, or it is closed. Whoever rings holds this lock, so Node cannot free the
    /// function meanwhile (before 24.14 it does not protect itself: nodejs/node#55706).
    listener: Mutex<Option<Listener>>,
    /// Set by the first ring, and cleared just before the call.
    rung: Arc<AtomicBool>,
}

/// How a ring is heard. All but the threadsafe function belongs to the environment's thread.
struct Listener {
    threadsafe: sys::napi_threadsafe_function,
    env: sys::napi_env,
    /// Weak unless `is_ref`.
    function: sys::napi_ref,
    is_ref: bool,
    spin: Option<SpinBeforePark>,
    _ends: EnvHook,
}

// SAFETY: Node-API documents a threadsafe function as callable from any thread. All else is used by the environment's
// thread alone; see the methods of `Doorbell`.
unsafe impl Send for Listener {}

impl Doorbell {
    pub(crate) fn new(env: &Env, function: &Function<'_, (), ()>) -> napi::Result<Arc<Self>> {
        // Other threads will ring. This code must still be mapped then, even if the last
        // environment that loaded it has ended.
        retain_current_module_for_unload_safety();
        let doorbell = Arc::new(Self { listener: Mutex::new(None), rung: Arc::default() });
        let name = env.create_string("p-lanes")?;
        let (mut weak, mut threadsafe) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the handles are of this environment, and the out pointer is a local of its type.
        check_status!(unsafe {
            sys::napi_create_reference(env.raw(), function.raw(), 0, &mut weak)
        })?;
        let context = Arc::into_raw(Arc::clone(&doorbell)).cast_mut().cast::<c_void>();
        // SAFETY: the handles are of this environment. The context is a counted reference, which
        // `finalize` gives back when Node is done with the function.
        let status = unsafe {
            sys::napi_create_threadsafe_function(
                env.raw(),
                ptr::null_mut(),
                ptr::null_mut(),
                name.raw(),
                0,
                1,
                context,
                Some(finalize),
                context,
                Some(on_ring),
                &mut threadsafe,
            )
        };
        check_status!(status)?;
        // SAFETY: it was made above, in this environment and on its thread.
        check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), threadsafe) })?;
        let spin = SpinBeforePark::new(env, Arc::clone(&doorbell.rung));
        // Hooks run last in, first out: this one before those by which Node closes the function and the handle of
        // `spin`. Weak, since the hook is a part of the doorbell.
        let ending = Arc::downgrade(&doorbell);
        let ends = EnvHook::new(env, move || {
            if let Some(doorbell) = ending.upgrade() {
                doorbell.listener.lock().take();
            }
        })?;
        *doorbell.listener.lock() = Some(Listener {
            threadsafe,
            env: env.raw(),
            function: weak,
            is_ref: false,
            spin,
            _ends: ends,
        });
        Ok(doorbell)
    }

    /// Has the function called soon.
    pub(crate) fn ring(&self) {
        if self.rung.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(Listener { threadsafe, .. }) = &*self.listener.lock() {
            // SAFETY: alive while the lock is held; see the field. It can only fail when the
            // environment is closing, where nobody needs the call any more.
            unsafe {
                sys::napi_call_threadsafe_function(
                    *threadsafe,
                    ptr::null_mut(),
                    sys::ThreadsafeFunctionCallMode::nonblocking,
                );
            }
        }
    }

    /// Keeps the event loop and the function alive until [`unref`](Self::unref): rings are expected. On the
    /// environment's thread.
    pub(crate) fn ref_(&self, env: &Env) {
        if let Some(listener) = &mut *self.listener.lock() {
            // SAFETY: alive while the lock is held, and this is its environment's thread.
            unsafe {
                sys::napi_ref_threadsafe_function(env.raw(), listener.threadsafe);
                if !std::mem::replace(&mut listener.is_ref, true) {
                    sys::napi_reference_ref(env.raw(), listener.function, ptr::null_mut());
                }
            }
            if let Some(spin) = &listener.spin {
                spin.start();
            }
        }
    }

    /// Lets the process end though it may be rung yet. On the environment's thread.
    pub(crate) fn unref(&self, env: &Env) {
        if let Some(listener) = &mut *self.listener.lock() {
            // SAFETY: as in `ref_`.
            unsafe {
                sys::napi_unref_threadsafe_function(env.raw(), listener.threadsafe);
                if std::mem::replace(&mut listener.is_ref, false) {
                    sys::napi_reference_unref(env.raw(), listener.function, ptr::null_mut());
                }
            }
            if let Some(spin) = &listener.spin {
                spin.stop();
            }
        }
    }

    /// Calls nothing any more, and gives everything back. On the environment's thread.
    pub(crate) fn close(&self) {
        let listener = self.listener.lock().take();
        if let Some(Listener { threadsafe, env, function, spin, .. }) = listener {
            if let Some(spin) = spin {
                spin.close();
            }
            // SAFETY: both were alive, and nobody else can reach them any more.
            unsafe {
                sys::napi_delete_reference(env, function);
                sys::napi_release_threadsafe_function(
                    threadsafe,
                    sys::ThreadsafeFunctionReleaseMode::abort,
                );
            }
        }
    }

    /// The function, as a handle of the running scope; none if it was collected. On the environment's thread.
    fn function(&self, env: sys::napi_env) -> Option<sys::napi_value> {
        let listener = self.listener.lock();
        let mut function = ptr::null_mut();
        // SAFETY: the reference is alive while the lock is held.
        unsafe { sys::napi_get_reference_value(env, listener.as_ref()?.function, &mut function) };
        (!function.is_null()).then_some(function)
    }
}

impl Wake for Doorbell {
    fn wake(&self) {
        self.ring();
    }
}

/// Node calls this on the environment's thread for a ring.
unsafe extern "C" fn on_ring(
    env: sys::napi_env,
    _: sys::napi_value,
    context: *mut c_void,
    _: *mut c_void,
) {
    if env.is_null() {
        return; // the environment is ending
    }
    // SAFETY: the context is the reference that `finalize` gives back later, and the handles are those
    // of the running call.
    unsafe {
        let doorbell = &*context.cast::<Doorbell>();
        // Before the call: rings from now on cause another call.
        doorbell.rung.store(false, Ordering::SeqCst);
        let Some(function) = doorbell.function(env) else { return };
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
unsafe extern "C" fn finalize(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: the reference made in `new`, given back once.
    drop(unsafe { Arc::from_raw(data.cast::<Doorbell>()) });
}
