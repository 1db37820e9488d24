//! Other copies of this addon in the process: two installed packages bring a library each.
//!
//! Names and threads belong to a library, so two libraries make two limits of one name. All copies
//! of one build therefore use the library that was loaded first. The shim asks for it when it has
//! loaded its own (`lib/binding/copies.js`), and then uses that one in its place.
//!
//! Which library is first is the same for all threads, however they race:
//! 1. The system adds a loaded library to the end of its list, under a lock of its own.
//! 2. A library that asks is in the list, and is pinned before it looks.
//! 3. It pins the copies that it finds before itself. So they stay where they are in the list, and
//!    who asks later finds the same one first.
//!
//! | file | for |
//! |---|---|
//! | [`libraries`] | the libraries of the process, in the order in which they were loaded |

mod libraries;

use std::ffi::{CStr, CString, c_char};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::retain_current_module_for_unload_safety;
use napi_derive::napi;

use super::FINGERPRINT;

/// The version of the package that the addon belongs to.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The name of [`p_lanes_build`], by which copies of all versions find each other.
const BUILD: &str = "p_lanes_build";

/// The type of [`p_lanes_build`]. It stays as it is in all versions.
type Build = extern "C" fn() -> *const c_char;

/// Returns the version of this library, a space, and the fingerprint of its sources.
#[unsafe(no_mangle)]
pub extern "C" fn p_lanes_build() -> *const c_char {
    static TEXT: LazyLock<CString> = LazyLock::new(|| {
        CString::new(format!("{VERSION} {FINGERPRINT}")).expect("neither has a zero")
    });
    TEXT.as_ptr()
}

/// A copy of the addon that was loaded before this one.
#[napi(object)]
pub struct EarlierCopy {
    pub file: String,
    pub version: String,
    /// Whether it was built from the same sources. Never if the sources are not known.
    pub is_same_build: bool,
}

/// Returns the copies of the addon that this process loaded before this one, the first one first.
#[napi(catch_unwind)]
pub fn earlier_copies() -> Vec<EarlierCopy> {
    retain_current_module_for_unload_safety();
    let mut copies = Vec::new();
    for library in libraries::loaded() {
        // SAFETY: a library with this symbol is a copy of the package, where it has this type.
        let Some(build) = (unsafe { library.get::<Build>(BUILD) }) else { continue };
        if build as usize == p_lanes_build as *const () as usize {
            break;
        }
        // SAFETY: the text of a copy is a constant, and the library is pinned below.
        let text = unsafe { CStr::from_ptr(build()) }.to_string_lossy().into_owned();
        let (version, fingerprint) = text.split_once(' ').unwrap_or((&text, ""));
        copies.push(EarlierCopy {
            file: library.file.clone(),
            version: version.to_owned(),
            is_same_build: (version, fingerprint) == (VERSION, FINGERPRINT)
                && !fingerprint.is_empty(),
        });
        library.pin();
    }
    copies
}

/// Returns true once in the life of the process.
#[napi(catch_unwind)]
pub fn is_first_warning() -> bool {
    static WARNED: AtomicBool = AtomicBool::new(false);
    !WARNED.swap(true, Ordering::Relaxed)
}
