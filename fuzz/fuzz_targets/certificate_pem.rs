//! The fuzzer of `certificate_pem`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::crypto::certificate_pem(bytes));
