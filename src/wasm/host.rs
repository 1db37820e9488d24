//! What JavaScript is called for. The clock is in `src/port/clock.rs`.

#[link(wasm_import_module = "p-lanes")]
unsafe extern "C" {
    /// The memory has grown: views of it are detached.
    pub(super) safe fn grew();

    /// Throws an error with this message. Nothing of this call goes on.
    pub(super) fn panicked(text: *const u8, length: usize) -> !;
}
