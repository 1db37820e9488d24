//! Strings that V8 reads in memory that Rust owns, so that a long one is not copied.

use std::ffi::{c_char, c_void};
use std::ptr;

use napi::sys;

/// `node_api_create_external_string_latin1`.
type Create = unsafe extern "C" fn(
    sys::napi_env,
    *mut c_char,
    usize,
    sys::napi_finalize,
    *mut c_void,
    *mut sys::napi_value,
    *mut bool,
) -> sys::napi_status;

/// Node 20.4 has it, and no version before. So it is looked up, and not linked.
#[cfg(unix)]
fn create() -> Option<Create> {
    static CREATE: std::sync::LazyLock<Option<Create>> = std::sync::LazyLock::new(|| {
        let program = libloading::os::unix::Library::this();
        // SAFETY: Node's function of that name has this type.
        unsafe { program.get(b"node_api_create_external_string_latin1\0") }
            .ok()
            .map(|create| *create)
    });
    *CREATE
}

#[cfg(not(unix))]
fn create() -> Option<Create> {
    None
}

/// The memory of a string.
struct Text {
    bytes: Vec<u8>,
    /// The bytes that V8 was told of.
    told: i64,
    /// Called with the memory when V8 needs the string no more.
    release: fn(Vec<u8>),
}

/// A string of these characters, each below 256, in this memory. `release` gets the memory when the
/// string is gone. Gives the memory back if Node has no such strings.
///
/// # Safety
/// `env` belongs to a running callback.
pub(crate) unsafe fn external_text(
    env: sys::napi_env,
    bytes: Vec<u8>,
    release: fn(Vec<u8>),
) -> Result<sys::napi_value, Vec<u8>> {
    let Some(create) = create() else { return Err(bytes) };
    let mut text = Box::new(Text { bytes, told: 0, release });
    let (data, length) = (text.bytes.as_mut_ptr(), text.bytes.len());
    let text = Box::into_raw(text);
    let (mut value, mut copied) = (ptr::null_mut(), false);
    // SAFETY: by this function's contract. The memory stays where it is until `finalize` releases it.
    // Node calls that once, also if it has copied the memory.
    unsafe {
        let status =
            create(env, data.cast(), length, Some(finalize), text.cast(), &mut value, &mut copied);
        if status != sys::Status::napi_ok {
            return Err(Box::from_raw(text).bytes);
        }
        if !copied {
            // V8 collects garbage by what it knows of. The string is in use until this call returns.
            (*text).told = length as i64;
            sys::napi_adjust_external_memory(env, length as i64, &mut 0);
        }
    }
    Ok(value)
}

unsafe extern "C" fn finalize(env: sys::napi_env, _data: *mut c_void, text: *mut c_void) {
    // SAFETY: `external_text` gave this to Node, which gives it back once.
    let Text { bytes, told, release } = *unsafe { Box::from_raw(text.cast::<Text>()) };
    if told > 0 {
        // SAFETY: a finalizer may call this.
        unsafe { sys::napi_adjust_external_memory(env, -told, &mut 0) };
    }
    release(bytes);
}
