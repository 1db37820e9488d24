//! The allocator: the one of the standard library, which also tells JavaScript that the memory has
//! grown.
//!
//! JavaScript sees this memory through typed arrays, and growth detaches all of them. It happens
//! only here. So JavaScript need not look for it at each call: it is told.

use std::alloc::{GlobalAlloc, Layout, System};
use std::arch::wasm32::memory_size;
use std::cell::Cell;

use super::host::{grew, panicked};

#[global_allocator]
static ALLOCATOR: Telling = Telling;

thread_local! {
    /// The pages that JavaScript knows of.
    static PAGES: Cell<usize> = const { Cell::new(0) };
}

/// Tells JavaScript if the memory has grown since it was last told.
fn tell(allocated: *mut u8) -> *mut u8 {
    const OUT: &str = "out of memory";
    let pages = memory_size(0);
    if PAGES.replace(pages) != pages {
        grew();
    }
    if allocated.is_null() {
        // SAFETY: the text lives for ever.
        unsafe { panicked(OUT.as_ptr(), OUT.len()) }
    }
    allocated
}

struct Telling;

// SAFETY: all of it is the allocator of the standard library.
unsafe impl GlobalAlloc for Telling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: by the contract of this function.
        tell(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        tell(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        tell(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}
