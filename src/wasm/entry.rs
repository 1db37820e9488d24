//! How every export begins and ends.

use std::cell::{Cell, RefCell};
use std::panic;

use super::host::panicked;
use crate::port::hot_calls::{INTS, REALS, Wire};
use crate::port::{Gates, Thrown, said};

thread_local! {
    static GATES: Gates = Gates::default();

    /// The numbers of the hot calls. JavaScript knows the address.
    static WIRE: Cell<*mut Wire> = const { Cell::new(std::ptr::null_mut()) };

    /// A text for JavaScript: of the last error, or the one that was asked for.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };

    /// The message of the first panic. After it nothing is to be relied upon, so it is the answer of all calls.
    static PANIC: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Runs a call on the gates.
#[inline(always)]
pub(super) fn enter<R>(call: impl FnOnce(&Gates) -> R) -> R {
    if let Some(text) = PANIC.get() {
        throw_panic(text);
    }
    GATES.with(call)
}

/// Runs a hot call on the gates and the wire. Returns as [`finish`] does.
#[inline(always)]
pub(super) fn enter_hot(call: impl FnOnce(&Gates, &mut Wire) -> Result<(), Thrown>) -> i32 {
    enter(|gates| {
        // SAFETY: `start` has made the wire, and nothing else uses it while JavaScript waits for this call.
        finish(call(gates, unsafe { &mut *WIRE.get() }))
    })
}

/// The answer of a call that may fail: 1 if it has. Then the text is the code of the error, a space and its message.
#[inline(always)]
pub(super) fn finish(result: Result<(), Thrown>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(thrown) => {
            fail(thrown);
            1
        }
    }
}

/// Keeps an error for JavaScript.
#[cold]
pub(super) fn fail((code, message): Thrown) {
    tell(format!("{code} {message}"));
}

/// Keeps a text for JavaScript.
pub(super) fn tell(text: String) {
    TEXT.set(text);
}

#[cold]
fn throw_panic(text: &'static str) -> ! {
    // SAFETY: the text lives for ever.
    unsafe { panicked(text.as_ptr(), text.len()) }
}

/// Must be called once, before all else. Returns the address of the wire.
#[unsafe(export_name = "start")]
extern "C" fn start() -> *mut Wire {
    panic::set_hook(Box::new(|info| {
        // The text is leaked: this instance is of no use any more.
        let text: &'static str = Box::leak(said(info.payload()).to_owned().into_boxed_str());
        PANIC.set(Some(text));
        throw_panic(text);
    }));
    let wire = Box::leak(Box::new(Wire { ints: [0; INTS], reals: [0.0; REALS] }));
    WIRE.set(wire);
    wire
}

#[unsafe(export_name = "textPointer")]
extern "C" fn text_pointer() -> *const u8 {
    TEXT.with_borrow(|text| text.as_ptr())
}

#[unsafe(export_name = "textLength")]
extern "C" fn text_length() -> usize {
    TEXT.with_borrow(String::len)
}

/// For tests.
#[unsafe(export_name = "panicForTests")]
extern "C" fn panic_for_tests() {
    enter(|_| panic!("a panic of a test"));
}

/// Makes the text that names the sources of this module.
#[unsafe(export_name = "fingerprint")]
extern "C" fn fingerprint() {
    tell(crate::FINGERPRINT.to_owned());
}
