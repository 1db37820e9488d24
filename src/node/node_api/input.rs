//! Copies of strings and bytes from JavaScript.

use std::mem::MaybeUninit;
use std::ptr;

use napi::sys;

use crate::port::Thrown;

/// Strings up to this length, in bytes, are read at once, without asking for their length first.
const SHORT: usize = 1024;

/// The UTF-8 of a string.
///
/// # Safety
/// `env` and `value` belong to a running callback.
pub(crate) unsafe fn read_text(
    env: sys::napi_env,
    value: sys::napi_value,
) -> Result<Vec<u8>, Thrown> {
    let read = |text: *mut u8, size| {
        let mut length = 0;
        // SAFETY: by this function's contract; `size` bytes may be written to `text`, if any.
        let status =
            unsafe { sys::napi_get_value_string_utf8(env, value, text.cast(), size, &mut length) };
        match status {
            sys::Status::napi_ok => Ok(length),
            _ => Err(("ERR_INTERNAL", "a string could not be read".to_owned())),
        }
    };

    let mut short = [MaybeUninit::<u8>::uninit(); SHORT];
    let length = read(short.as_mut_ptr().cast(), SHORT)?;
    // Of a longer string Node writes as many whole characters as fit, of up to four bytes each.
    if length < SHORT - 4 {
        // SAFETY: Node has written this many bytes.
        return Ok(unsafe { std::slice::from_raw_parts(short.as_ptr().cast(), length) }.to_vec());
    }
    let length = read(ptr::null_mut(), 0)?;
    let mut text = Vec::<u8>::with_capacity(length + 1);
    let length = read(text.as_mut_ptr(), length + 1)?;
    // SAFETY: there was room for this many bytes and a closing zero, and Node has written them.
    unsafe { text.set_len(length) };
    Ok(text)
}

/// The bytes of a `Uint8Array`, valid as long as no JavaScript runs.
///
/// # Safety
/// `env` and `value` belong to a running callback, and no other thread writes to the array.
pub(crate) unsafe fn bytes_of<'a>(
    env: sys::napi_env,
    value: sys::napi_value,
) -> Result<&'a [u8], Thrown> {
    let (mut length, mut data) = (0, ptr::null_mut());
    // SAFETY: by this function's contract. An array of no bytes may have no address, so no slice is
    // made from it.
    unsafe {
        let status = sys::napi_get_typedarray_info(
            env,
            value,
            ptr::null_mut(),
            &mut length,
            &mut data,
            ptr::null_mut(),
            ptr::null_mut(),
        );
        if status != sys::Status::napi_ok {
            return Err(("ERR_INTERNAL", "a byte array could not be read".to_owned()));
        }
        Ok(if length == 0 { &[] } else { std::slice::from_raw_parts(data.cast::<u8>(), length) })
    }
}
