fn main() {
    #[cfg(feature = "node")]
    {
        println!("cargo:rerun-if-env-changed=P_LANES_FINGERPRINT");
        napi_build::setup();
    }
}
