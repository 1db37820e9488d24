//! What is to happen when an environment ends.

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::Env;
use napi::{check_status, sys};

type Action = RefCell<Option<Box<dyn FnOnce()>>>;

/// Calls a function when the environment ends. If it is dropped before, the function is not called, and nothing of it is
/// left behind. It belongs to the environment's thread.
pub(crate) struct EnvHook {
    env: sys::napi_env,
    action: Rc<Action>,
}

impl EnvHook {
    /// Of several hooks the one that was added last is called first.
    pub(crate) fn new(env: &Env, action: impl FnOnce() + 'static) -> napi::Result<Self> {
        let action: Rc<Action> = Rc::new(RefCell::new(Some(Box::new(action))));
        let data = Rc::into_raw(Rc::clone(&action)).cast_mut().cast();
        // SAFETY: the data is a counted reference, which `env_ends` or `drop` gives back.
        let status = unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(env_ends), data) };
        if status != sys::Status::napi_ok {
            // SAFETY: it was made above, and Node has not taken it.
            drop(unsafe { Rc::from_raw(data.cast::<Action>()) });
        }
        check_status!(status)?;
        Ok(Self { env: env.raw(), action })
    }
}

impl Drop for EnvHook {
    fn drop(&mut self) {
        if self.action.borrow_mut().take().is_none() {
            return; // it was called
        }
        let data = ptr::from_ref(&*self.action).cast_mut().cast();
        // SAFETY: the hook was added with this function and data, has not been called, and this is the environment's
        // thread. The reference that it held is given back once.
        unsafe {
            sys::napi_remove_env_cleanup_hook(self.env, Some(env_ends), data);
            drop(Rc::from_raw(data.cast::<Action>()));
        }
    }
}

/// Node calls this on the environment's thread.
unsafe extern "C" fn env_ends(data: *mut c_void) {
    // SAFETY: the reference that `new` made; `drop` removes the hook before it gives that back.
    let action = unsafe { Rc::from_raw(data.cast::<Action>()) };
    let call = action.borrow_mut().take();
    if let Some(call) = call {
        call();
    }
}
