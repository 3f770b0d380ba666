//! The fuzzer of `base64url`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::crypto::base64url(bytes));
