//! A value on its way between threads, as the shim has encoded it: text or bytes. Only the shim
//! knows the encoding; see `lib/pool/codec/`.

use std::mem::MaybeUninit;
use std::ptr;

use napi::sys;
use napi_derive::napi;

use crate::node::node_api::external_text::external_text;
use crate::node::node_api::input::bytes_of;
use crate::pool::kernels::memory;
use crate::port::Thrown;

/// The shim's number for a long string that V8 stores with a byte for each character.
const ONE_BYTE_TEXT: i32 = 10;

/// An encoded value. Rust owns it, so that it can wait in a queue and be stolen.
#[derive(Debug, Default)]
pub(super) struct Payload {
    /// The shim's number for the encoding.
    pub(super) kind: i32,
    content: Content,
}

#[derive(Debug, Default)]
enum Content {
    #[default]
    Nothing,
    /// A string whose characters are all below 256.
    Latin1(Vec<u8>),
    /// Any other string.
    Utf16(Vec<u16>),
    Bytes(Vec<u8>),
}

impl Payload {
    /// Copies a string, or the bytes of a `Uint8Array`. Everything else becomes nothing.
    ///
    /// # Safety
    /// `env` and `value` belong to a running callback, and no other thread writes to the array.
    pub(super) unsafe fn read(
        env: sys::napi_env,
        kind: i32,
        value: sys::napi_value,
    ) -> Result<Self, Thrown> {
        let mut is = 0;
        // SAFETY: by this function's contract.
        unsafe { sys::napi_typeof(env, value, &mut is) };
        let content = match is {
            // SAFETY: as above.
            sys::ValueType::napi_string if kind == ONE_BYTE_TEXT => {
                // SAFETY: by this function's contract; `read_units` says where there is room.
                let read = |text: *mut u8, size, length| unsafe {
                    sys::napi_get_value_string_latin1(env, value, text.cast(), size, length)
                };
                Content::Latin1(read_units(read, reusable)?)
            }
            // SAFETY: as above.
            sys::ValueType::napi_string => unsafe { read_string(env, value) }?,
            // SAFETY: as above.
            sys::ValueType::napi_object => {
                // SAFETY: as above.
                Content::Bytes(unsafe { bytes_of(env, value) }?.to_vec())
            }
            _ => Content::Nothing,
        };
        Ok(Self { kind, content })
    }

    /// The string, a `Buffer` with a copy of the bytes, or `undefined`.
    ///
    /// # Safety
    /// `env` belongs to a running callback.
    pub(super) unsafe fn write(mut self, env: sys::napi_env) -> Result<sys::napi_value, Thrown> {
        if let Content::Latin1(text) = &mut self.content
            && text.len() >= memory::LEAST
        {
            // SAFETY: by this function's contract.
            match unsafe { external_text(env, std::mem::take(text), memory::give) } {
                Ok(value) => return Ok(value),
                Err(given_back) => *text = given_back,
            }
        }
        let mut value = ptr::null_mut();
        // SAFETY: by this function's contract; all values come with their lengths.
        let status = unsafe {
            match &self.content {
                Content::Nothing => sys::napi_get_undefined(env, &mut value),
                Content::Latin1(text) => sys::napi_create_string_latin1(
                    env,
                    text.as_ptr().cast(),
                    text.len() as isize,
                    &mut value,
                ),
                Content::Utf16(text) => sys::napi_create_string_utf16(
                    env,
                    text.as_ptr(),
                    text.len() as isize,
                    &mut value,
                ),
                Content::Bytes(bytes) => sys::napi_create_buffer_copy(
                    env,
                    bytes.len(),
                    bytes.as_ptr().cast(),
                    ptr::null_mut(),
                    &mut value,
                ),
            }
        };
        match status {
            sys::Status::napi_ok => Ok(value),
            _ => Err((
                "ERR_INTERNAL",
                format!("a value of {} bytes was refused by Node", self.len()),
            )),
        }
    }

    fn len(&self) -> usize {
        match &self.content {
            Content::Nothing => 0,
            Content::Latin1(content) | Content::Bytes(content) => content.len(),
            Content::Utf16(content) => 2 * content.len(),
        }
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        if let Self::Latin1(text) = self {
            memory::give(std::mem::take(text));
        }
    }
}

/// Strings up to this length are read at once, without asking for their length first.
const SHORT: usize = 512;

/// Reads a string as V8 stores it. UTF-8 would take longer, and has no unpaired surrogates.
///
/// # Safety
/// As [`Payload::read`].
unsafe fn read_string(env: sys::napi_env, value: sys::napi_value) -> Result<Content, Thrown> {
    let read = |text: *mut u16, size| {
        let mut length = 0;
        // SAFETY: by this function's contract; there is room for `size` units at `text`, if it is
        // not null.
        let status =
            unsafe { sys::napi_get_value_string_utf16(env, value, text, size, &mut length) };
        match status {
            sys::Status::napi_ok => Ok(length),
            _ => Err(("ERR_INTERNAL", "a string could not be read".to_owned())),
        }
    };

    let mut short = [MaybeUninit::<u16>::uninit(); SHORT];
    let length = read(short.as_mut_ptr().cast(), SHORT)?;
    // The last place is for a zero. A string that fills all others may be longer.
    if length < SHORT - 1 {
        // SAFETY: Node has written this many.
        let text = unsafe { std::slice::from_raw_parts(short.as_ptr().cast(), length) };
        return Ok(if is_narrow(text) { narrowed(text) } else { Content::Utf16(text.to_vec()) });
    }
    // SAFETY: by this function's contract; `read_units` says where there is room.
    let read = |text, size, length| unsafe {
        sys::napi_get_value_string_utf16(env, value, text, size, length)
    };
    let text = read_units(read, |_| Vec::new())?;
    Ok(if is_narrow(&text) { narrowed(&text) } else { Content::Utf16(text) })
}

/// Reads a string of any length. `read(text, size, length)` calls a function of Node-API that writes up
/// to `size` units to `text`, the last of them a zero, or only tells the length if `text` is null.
/// `memory_for(size)` gives an empty vector.
fn read_units<Unit>(
    read: impl Fn(*mut Unit, usize, *mut usize) -> sys::napi_status,
    memory_for: impl FnOnce(usize) -> Vec<Unit>,
) -> Result<Vec<Unit>, Thrown> {
    let unreadable = || ("ERR_INTERNAL", "a string could not be read".to_owned());
    let read = |text, size| {
        let mut length = 0;
        match read(text, size, &mut length) {
            sys::Status::napi_ok => Ok(length),
            _ => Err(unreadable()),
        }
    };
    let length = read(ptr::null_mut(), 0)?;
    let mut text = memory_for(length + 1);
    text.try_reserve_exact(length + 1).map_err(|_| unreadable())?;
    let length = read(text.as_mut_ptr(), length + 1)?;
    // SAFETY: there was room for this many and a zero, and Node has written them.
    unsafe { text.set_len(length) };
    Ok(text)
}

/// Memory for a string of some size, with that of an earlier one if it is worth it.
fn reusable(size: usize) -> Vec<u8> {
    if (memory::LEAST..memory::MOST).contains(&size) { memory::take(size) } else { Vec::new() }
}

fn is_narrow(text: &[u16]) -> bool {
    // Without a branch in the loop, so that it compiles to a few vector instructions.
    text.iter().fold(0, |all, &unit| all | unit) <= 0xFF
}

fn narrowed(text: &[u16]) -> Content {
    Content::Latin1(text.iter().map(|&unit| unit as u8).collect())
}

/// Frees the memory of long strings that is kept for later ones.
#[napi(catch_unwind)]
pub fn release_texts() {
    memory::release();
}
