//! The libraries of the process, in the order in which they were loaded.

#[cfg(unix)]
use libloading::os::unix as os;
#[cfg(windows)]
use libloading::os::windows as os;

/// A library of the process. It stays loaded at least as long as this value is there.
pub struct Library {
    pub file: String,
    handle: os::Library,
}

impl Library {
    /// Returns what the library exports by a name.
    ///
    /// # Safety
    /// It must have the type `T`, a pointer.
    pub unsafe fn get<T: Copy>(&self, name: &str) -> Option<T> {
        // SAFETY: as the caller says.
        unsafe { self.handle.get::<T>(name) }.ok().map(|symbol| *symbol)
    }

    /// Keeps the library until the process ends.
    pub fn pin(self) {
        let _ = self.handle.into_raw();
    }
}

/// Returns the libraries that are loaded now. One that is unloaded meanwhile is left out.
pub fn loaded() -> impl Iterator<Item = Library> {
    files().into_iter().filter_map(|file| open(&file).map(|handle| Library { file, handle }))
}

/// Opens a library only if it is there already.
#[cfg(unix)]
fn open(file: &str) -> Option<os::Library> {
    // SAFETY: nothing is loaded, so no code runs.
    unsafe { os::Library::open(Some(file), libc::RTLD_LAZY | libc::RTLD_NOLOAD) }.ok()
}

#[cfg(windows)]
fn open(file: &str) -> Option<os::Library> {
    os::Library::open_already_loaded(file).ok()
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn files() -> Vec<String> {
    use std::ffi::{CStr, c_int, c_void};

    /// Adds the name of a library. The program itself has none.
    unsafe extern "C" fn add(info: *mut libc::dl_phdr_info, _: usize, files: *mut c_void) -> c_int {
        // SAFETY: the system gives a description that is valid during the call, and the pointer
        // that `files` below has given.
        let (name, files) = unsafe { ((*info).dlpi_name, &mut *files.cast::<Vec<String>>()) };
        if !name.is_null() {
            // SAFETY: it is a string that lives as long as the library.
            let name = unsafe { CStr::from_ptr(name) };
            files.extend(name.to_str().ok().filter(|name| !name.is_empty()).map(str::to_owned));
        }
        0
    }

    let mut files: Vec<String> = Vec::new();
    // SAFETY: `add` takes what it is given here, and unwinds nowhere.
    unsafe { libc::dl_iterate_phdr(Some(add), (&raw mut files).cast()) };
    files
}

#[cfg(target_vendor = "apple")]
fn files() -> Vec<String> {
    use std::ffi::{CStr, c_char};

    unsafe extern "C" {
        fn _dyld_image_count() -> u32;
        fn _dyld_get_image_name(index: u32) -> *const c_char;
    }

    // SAFETY: an index that is too large by now gives no name.
    let names =
        (0..unsafe { _dyld_image_count() }).map(|index| unsafe { _dyld_get_image_name(index) });
    names
        .filter(|name| !name.is_null())
        // SAFETY: it is a string that lives as long as the image.
        .filter_map(|name| unsafe { CStr::from_ptr(name) }.to_str().ok().map(str::to_owned))
        .collect()
}

#[cfg(windows)]
fn files() -> Vec<String> {
    use std::ffi::c_void;

    type Module = *mut c_void;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentProcess() -> *mut c_void;
        fn K32EnumProcessModules(
            process: *mut c_void,
            modules: *mut Module,
            bytes: u32,
            needed: *mut u32,
        ) -> i32;
        fn GetModuleFileNameW(module: Module, name: *mut u16, length: u32) -> u32;
    }

    let mut modules: Vec<Module> = vec![std::ptr::null_mut(); 256];
    loop {
        let bytes = size_of_val(modules.as_slice()) as u32;
        let mut needed = 0;
        // SAFETY: the buffer has as many bytes as it says.
        let listed = unsafe {
            K32EnumProcessModules(GetCurrentProcess(), modules.as_mut_ptr(), bytes, &raw mut needed)
        };
        if listed == 0 {
            return Vec::new();
        }
        let count = needed as usize / size_of::<Module>();
        if count <= modules.len() {
            modules.truncate(count);
            break;
        }
        modules.resize(count + 16, std::ptr::null_mut());
    }
    // The longest path that Windows knows.
    let mut name = vec![0; 1 << 15];
    modules
        .into_iter()
        .filter_map(|module| {
            // SAFETY: the buffer has as many units as it says. A module that is gone gives none.
            let length =
                unsafe { GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32) };
            (length > 0).then(|| String::from_utf16(&name[..length as usize]).ok()).flatten()
        })
        .collect()
}
