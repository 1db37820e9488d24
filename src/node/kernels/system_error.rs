//! The errors of the operating system, by the numbers that Node gives them.

use std::io;

/// The number of libuv for an error of the operating system, as in the `errno` of Node's own errors. Nothing if the
/// system did not refuse, or if the program does not know the number.
#[cfg(unix)]
pub(super) fn libuv_number(error: &io::Error) -> Option<i32> {
    error.raw_os_error().map(|number| -number)
}

/// On Windows libuv numbers the errors in its own way, and only libuv has the table.
#[cfg(windows)]
pub(super) fn libuv_number(error: &io::Error) -> Option<i32> {
    use std::ffi::c_int;
    use std::sync::LazyLock;

    type Translate = unsafe extern "C" fn(c_int) -> c_int;

    static TRANSLATE: LazyLock<Option<Translate>> = LazyLock::new(|| {
        let program = libloading::os::windows::Library::this().ok()?;
        // SAFETY: this is the type that libuv documents.
        unsafe { program.get(b"uv_translate_sys_error").ok().map(|function| *function) }
    });

    let number = error.raw_os_error()?;
    // SAFETY: the function looks a number up in a table; any number may be asked for.
    TRANSLATE.map(|translate| unsafe { translate(number) })
}
