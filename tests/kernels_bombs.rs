//! That a bomb takes no more memory than its limit and a little, whatever it unpacks to or claims to.
//!
//! Apart from the other tests, as it counts what is allocated. What the C libraries allocate for themselves
//! is not seen here; it is where they write to that could grow.

#![cfg(feature = "kernels")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use p_lanes::pool::kernels::compress::{Error, Format, compress, decompress};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// One measurement at a time, where tests are threads of one process.
static MEASURING: Mutex<()> = Mutex::new(());

fn allocated(bytes: usize) {
    PEAK.fetch_max(NOW.fetch_add(bytes, Relaxed) + bytes, Relaxed);
}

// SAFETY: the system's allocator, and counters that allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: as our caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: as our caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    // Counted as growth in place, as it is where memory can be mapped elsewhere.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        NOW.fetch_sub(layout.size(), Relaxed);
        allocated(size);
        // SAFETY: as our caller promises.
        unsafe { System.realloc(block, layout, size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as our caller promises.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a refused decompression allocated at its peak.
fn peak_of(format: Format, bomb: &[u8], limit: usize) -> usize {
    let before = NOW.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = decompress(format, bomb, limit as u64);
    assert_eq!(result, Err(Error::TooLarge { limit: limit as u64 }), "{format}");
    PEAK.load(Relaxed) - before
}

const BOMB: usize = 64 << 20;
const CHUNK: usize = 64 << 10;
/// A brotli stream may have a window of 16 MiB, which is held twice while it grows.
const BROTLI_WINDOWS: usize = 32 << 20;

#[test]
fn a_bomb_takes_no_more_memory_than_its_limit() {
    let _measuring = MEASURING.lock().unwrap();
    for format in Format::ALL {
        let level = if format == Format::Brotli { 2 } else { 1 };
        let bomb = compress(format, Some(level), &vec![0; BOMB]).unwrap();
        assert!(bomb.len() < BOMB / 800, "{format}: {} bytes", bomb.len());
        let windows = if format == Format::Brotli { BROTLI_WINDOWS } else { 0 };
        for limit in [0, 1, 1_000, CHUNK, 1 << 20, 17 << 20] {
            let peak = peak_of(format, &bomb, limit);
            let most = limit + CHUNK + windows;
            assert!(peak <= most, "{format}: {peak} bytes for a limit of {limit}");
        }
    }
}

#[test]
fn a_bomb_of_many_parts_takes_no_more_memory_than_its_limit() {
    let _measuring = MEASURING.lock().unwrap();
    for format in [Format::Gzip, Format::Zstd] {
        let part = compress(format, None, &vec![0; 1 << 20]).unwrap();
        let bomb = part.repeat(BOMB >> 20);
        for limit in [0, 1_000, 3 << 20, 33 << 20] {
            let peak = peak_of(format, &bomb, limit);
            assert!(peak <= limit + CHUNK, "{format}: {peak} bytes for a limit of {limit}");
        }
    }
}

/// A frame that does not say how much is in it: a block of one byte 128 Ki times, again and again.
#[test]
fn a_bomb_that_does_not_say_its_size_takes_no_more_memory_than_its_limit() {
    let _measuring = MEASURING.lock().unwrap();
    let block = |is_last: u32| {
        let header = is_last | 1 << 1 | (128 << 10) << 3;
        [&header.to_le_bytes()[..3], &[0]].concat()
    };
    // The largest window that the header can ask for without a size: 128 MiB would be a stream's own.
    let bomb =
        [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x88][..], &block(0).repeat(2_000), &block(1)].concat();
    let whole = decompress(Format::Zstd, &bomb, u64::MAX).unwrap();
    assert_eq!(whole.len(), 2_001 * (128 << 10));
    drop(whole);
    for limit in [0, 1_000, 3 << 20, 33 << 20] {
        let peak = peak_of(Format::Zstd, &bomb, limit);
        assert!(peak <= limit + CHUNK, "{peak} bytes for a limit of {limit}");
    }
}
