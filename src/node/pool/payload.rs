//! A value on its way between threads, as the shim has encoded it: text or bytes. What they mean is
//! the shim's; see `lib/pool/codec.js`.

use std::mem::MaybeUninit;
use std::ptr;

use napi::sys;

use super::super::callback::Thrown;

/// A value, encoded. Owned by Rust, so that it can lie in a queue and be stolen.
#[derive(Debug, Default)]
pub(super) struct Payload {
    /// The shim's number for how it is encoded.
    pub(super) kind: i32,
    content: Content,
}

#[derive(Debug, Default)]
enum Content {
    #[default]
    Nothing,
    Text(Vec<u8>),
    Bytes(Vec<u8>),
}

impl Payload {
    /// Copies a string, or the bytes of a `Uint8Array`; everything else is nothing.
    ///
    /// # Safety
    /// `env` and `value` are those of a running callback, and no other thread writes to the array.
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
            sys::ValueType::napi_string => Content::Text(unsafe { read_text(env, value) }?),
            // SAFETY: as above.
            sys::ValueType::napi_object => Content::Bytes(unsafe { read_bytes(env, value) }?),
            _ => Content::Nothing,
        };
        Ok(Self { kind, content })
    }

    /// The string, a `Buffer` with a copy of the bytes, or `undefined`.
    ///
    /// # Safety
    /// `env` is that of a running callback.
    pub(super) unsafe fn write(&self, env: sys::napi_env) -> Result<sys::napi_value, Thrown> {
        let mut value = ptr::null_mut();
        // SAFETY: by this function's contract; texts and bytes come with their lengths, and texts are
        // valid UTF-8 because V8 wrote them.
        let status = unsafe {
            match &self.content {
                Content::Nothing => sys::napi_get_undefined(env, &mut value),
                // What is ASCII is Latin-1 as well, which V8 copies without decoding it.
                Content::Text(text) if text.is_ascii() => sys::napi_create_string_latin1(
                    env,
                    text.as_ptr().cast(),
                    text.len() as isize,
                    &mut value,
                ),
                Content::Text(text) => sys::napi_create_string_utf8(
                    env,
                    text.as_ptr().cast(),
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
            Content::Text(content) | Content::Bytes(content) => content.len(),
        }
    }
}

/// Strings up to this long, in bytes, are read at once, without asking for their length before.
const SHORT: usize = 1024;

/// # Safety
/// As [`Payload::read`].
unsafe fn read_text(env: sys::napi_env, value: sys::napi_value) -> Result<Vec<u8>, Thrown> {
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
    // Of a longer one Node writes as many whole characters as fit, up to four bytes each.
    if length < SHORT - 4 {
        // SAFETY: Node has written so many bytes.
        return Ok(unsafe { std::slice::from_raw_parts(short.as_ptr().cast(), length) }.to_vec());
    }
    let length = read(ptr::null_mut(), 0)?;
    let mut text = Vec::<u8>::with_capacity(length + 1);
    let length = read(text.as_mut_ptr(), length + 1)?;
    // SAFETY: there was room for as many and a closing zero, and Node has written them.
    unsafe { text.set_len(length) };
    Ok(text)
}

/// # Safety
/// As [`Payload::read`].
unsafe fn read_bytes(env: sys::napi_env, value: sys::napi_value) -> Result<Vec<u8>, Thrown> {
    let (mut length, mut data) = (0, ptr::null_mut());
    // SAFETY: an array of no bytes may have no address, so it is not made a slice of.
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
        if length == 0 {
            return Ok(Vec::new());
        }
        Ok(std::slice::from_raw_parts(data.cast::<u8>(), length).to_vec())
    }
}
