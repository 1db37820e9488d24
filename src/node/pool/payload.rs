//! A value on its way between threads, as the shim has encoded it: text or bytes. What they mean is
//! the shim's; see `lib/pool/codec.js`.

use std::ptr;

use napi::sys;

use super::super::callback::Thrown;
use super::super::input::{bytes_of, read_text};

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
