//! Bare Node-API functions: what [`raw`](super::raw) and the pool make their hot calls of.
//!
//! A `#[napi]` function costs two to ten times as much as a bare callback, and a `#[napi]` method more.

use std::any::Any;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use napi::bindgen_prelude::{Env, FromNapiValue, JsObjectValue, Object};
use napi::{check_status, sys};

/// What a call throws: its `code` and its message.
pub(super) type Thrown = (&'static str, String);

/// Memory of an array buffer that JS and Rust pass numbers in, alive as long as its environment.
pub(super) struct SharedMemory<T> {
    pub(super) memory: *mut T,
    buffer: sys::napi_value,
}

impl<T> SharedMemory<T> {
    /// Only the shim may see the buffer, and must never detach it.
    pub(super) fn new(env: &Env) -> napi::Result<Self> {
        let (mut memory, mut buffer, mut keep) =
            (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        // SAFETY: plain Node-API calls; every out pointer is a local of its type. The reference is
        // never released: the environment takes it along when it ends, after the last call.
        unsafe {
            check_status!(sys::napi_create_arraybuffer(
                env.raw(),
                size_of::<T>(),
                &mut memory,
                &mut buffer
            ))?;
            check_status!(sys::napi_create_reference(env.raw(), buffer, 1, &mut keep))?;
        }
        Ok(Self { memory: memory.cast(), buffer })
    }

    /// A typed array over a part of the memory, which must lie inside it and be aligned.
    pub(super) fn view<'env>(
        &self,
        env: &'env Env,
        kind: sys::napi_typedarray_type,
        length: usize,
        offset: usize,
    ) -> napi::Result<Object<'env>> {
        let mut view = ptr::null_mut();
        // SAFETY: Node checks that the view lies inside the buffer and is aligned.
        unsafe {
            check_status!(sys::napi_create_typedarray(
                env.raw(),
                kind,
                length,
                self.buffer,
                offset,
                &mut view
            ))?;
            Object::from_napi_value(env.raw(), view)
        }
    }
}

/// Puts functions on an object, all bound to one value that lives until the environment's cleanup:
/// they may be called as long as the environment runs JS.
pub(super) fn define<T: 'static>(
    env: &Env,
    object: &mut Object<'_>,
    callbacks: &[(&str, sys::napi_callback)],
    bound: T,
) -> napi::Result<()> {
    let bound = Box::into_raw(Box::new(bound));
    // SAFETY: `bound` came from `Box::into_raw` and the hook runs once.
    env.add_env_cleanup_hook(bound, |bound| drop(unsafe { Box::from_raw(bound) }))?;
    for &(name, callback) in callbacks {
        let mut function = ptr::null_mut();
        // SAFETY: the name comes with its length, and `bound` lives until no JS runs any more.
        check_status!(unsafe {
            sys::napi_create_function(
                env.raw(),
                name.as_ptr().cast(),
                name.len() as isize,
                callback,
                bound.cast(),
                &mut function,
            )
        })?;
        // SAFETY: Node has just made this function in this environment.
        let function = unsafe { Object::from_napi_value(env.raw(), function) }?;
        object.set_named_property(name, function)?;
    }
    Ok(())
}

/// What a running callback is bound to, and its arguments; an argument left out is JS's `undefined`.
///
/// # Safety
/// `env` and `info` are those of the running callback, which [`define`] bound to a `T`.
pub(super) unsafe fn called<'a, T, const ARGUMENTS: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> (&'a T, [sys::napi_value; ARGUMENTS]) {
    let mut arguments = [ptr::null_mut(); ARGUMENTS];
    let mut count = ARGUMENTS;
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: there is room for as many arguments as asked for, and `data` is a live `T` by this
    // function's contract.
    unsafe {
        sys::napi_get_cb_info(
            env,
            info,
            &mut count,
            arguments.as_mut_ptr(),
            ptr::null_mut(),
            &mut data,
        );
        (&*data.cast(), arguments)
    }
}

/// Runs a call. What it refuses, and a panic, becomes a JS error.
///
/// # Safety
/// `env` is that of the running callback.
pub(super) unsafe fn guarded(
    env: sys::napi_env,
    call: impl FnOnce() -> Result<sys::napi_value, Thrown>,
) -> sys::napi_value {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return value,
        // SAFETY: by this function's contract.
        Ok(Err((code, text))) => unsafe { throw(env, code, &text) },
        // SAFETY: as above.
        Err(panic) => unsafe { throw(env, "ERR_INTERNAL", said(&*panic)) },
    }
    ptr::null_mut()
}

/// What a panic said.
pub(super) fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a bug in p-lanes")
}

/// # Safety
/// `env` is that of the running callback.
#[cold]
unsafe fn throw(env: sys::napi_env, code: &str, text: &str) {
    let (mut js_code, mut js_text, mut error) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    // SAFETY: both strings come with their lengths.
    unsafe {
        sys::napi_create_string_utf8(env, code.as_ptr().cast(), code.len() as isize, &mut js_code);
        sys::napi_create_string_utf8(env, text.as_ptr().cast(), text.len() as isize, &mut js_text);
        sys::napi_create_error(env, js_code, js_text, &mut error);
        sys::napi_throw(env, error);
    }
}
