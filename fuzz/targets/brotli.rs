#![no_main]

#[path = "../checks.rs"]
#[allow(dead_code, reason = "each target has a check of its own")]
mod checks;

use p_lanes::pool::kernels::compress::Format;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::decompression(Format::Brotli, data));
