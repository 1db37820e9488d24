use std::env;

fn main() {
    println!("cargo:rerun-if-env-changed=P_LANES_FINGERPRINT");
    #[cfg(feature = "node")]
    napi_build::setup();

    // An error that JavaScript throws through a call leaves the stack as it is. JavaScript then sets it back.
    let is_wasm = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if cfg!(feature = "wasm") && is_wasm {
        println!("cargo:rustc-link-arg-cdylib=--export=__stack_pointer");
    }
}
