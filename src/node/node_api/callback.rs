//! Bare Node-API functions, from which the limits and the pool make their hot calls.
//!
//! A `#[napi]` function costs two to ten times as much as a bare callback, and a `#[napi]` method
//! more.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use napi::bindgen_prelude::{Env, FromNapiValue, JsObjectValue, Object};
use napi::{check_status, sys};

use crate::port::{PANICKED, Thrown, said};

/// Memory of an array buffer in which JS and Rust pass numbers. The functions that [`define`] binds keep it alive.
pub(crate) struct SharedMemory<T> {
    pub(crate) memory: *mut T,
    buffer: sys::napi_value,
}

impl<T> SharedMemory<T> {
    /// Only the shim may see the buffer, and it must never detach it.
    pub(crate) fn new(env: &Env) -> napi::Result<Self> {
        let (mut memory, mut buffer) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: a plain Node-API call; every out pointer is a local of its type.
        check_status!(unsafe {
            sys::napi_create_arraybuffer(env.raw(), size_of::<T>(), &mut memory, &mut buffer)
        })?;
        Ok(Self { memory: memory.cast(), buffer })
    }

    /// A typed array over a part of the memory, which must be inside the buffer and aligned.
    pub(crate) fn view<'env>(
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

/// Puts functions on an object, all bound to one value and to the memory in which they pass numbers. Both live as long
/// as one of the functions does.
pub(crate) fn define<T: 'static, M>(
    env: &Env,
    object: &mut Object<'_>,
    callbacks: &[(&str, sys::napi_callback)],
    bound: Rc<T>,
    memory: &SharedMemory<M>,
) -> napi::Result<()> {
    for &(name, callback) in callbacks {
        let data = Rc::into_raw(Rc::clone(&bound)).cast_mut().cast::<c_void>();
        let mut function = ptr::null_mut();
        // SAFETY: the name comes with its length. The data is a counted reference, which Node gives back by `release`
        // when the function is collected, and never before its last call.
        unsafe {
            let created = check_status!(sys::napi_create_function(
                env.raw(),
                name.as_ptr().cast(),
                name.len() as isize,
                callback,
                data,
                &mut function,
            ));
            let finalized = created.and_then(|()| {
                check_status!(sys::napi_add_finalizer(
                    env.raw(),
                    function,
                    data,
                    Some(release::<T>),
                    ptr::null_mut(),
                    ptr::null_mut(),
                ))
            });
            if let Err(error) = finalized {
                release::<T>(env.raw(), data, ptr::null_mut());
                return Err(error);
            }
        }
        // SAFETY: Node has just made this function in this environment, and the buffer is of this scope.
        let (mut function, buffer) = unsafe {
            (
                Object::from_napi_value(env.raw(), function)?,
                Object::from_napi_value(env.raw(), memory.buffer)?,
            )
        };
        function.set_named_property("memory", buffer)?;
        object.set_named_property(name, function)?;
    }
    Ok(())
}

/// Gives back what a function was bound to.
///
/// # Safety
/// The data is a reference to a `T` that [`define`] counted, and is given back once.
unsafe extern "C" fn release<T>(_: sys::napi_env, data: *mut c_void, _: *mut c_void) {
    // SAFETY: by this function's contract.
    drop(unsafe { Rc::from_raw(data.cast::<T>()) });
}

/// What a running callback is bound to, and its arguments; an argument left out is JS's `undefined`.
///
/// # Safety
/// `env` and `info` belong to the running callback, which [`define`] bound to a `T`.
pub(crate) unsafe fn called<'a, T, const ARGUMENTS: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> (&'a T, [sys::napi_value; ARGUMENTS]) {
    let mut arguments = [ptr::null_mut(); ARGUMENTS];
    let mut count = ARGUMENTS;
    let mut data: *mut c_void = ptr::null_mut();
    // SAFETY: there is room for as many arguments as are asked for, and `data` is a live `T` by
    // this function's contract.
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

/// Runs a call. A refusal or a panic becomes a JavaScript error.
///
/// # Safety
/// `env` belongs to the running callback.
pub(crate) unsafe fn guarded(
    env: sys::napi_env,
    call: impl FnOnce() -> Result<sys::napi_value, Thrown>,
) -> sys::napi_value {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => return value,
        // SAFETY: by this function's contract.
        Ok(Err((code, text))) => unsafe { throw(env, code, &text) },
        // SAFETY: as above.
        Err(panic) => unsafe { throw(env, PANICKED, said(&*panic)) },
    }
    ptr::null_mut()
}

/// # Safety
/// `env` belongs to the running callback.
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
