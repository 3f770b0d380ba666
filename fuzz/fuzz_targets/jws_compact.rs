//! The fuzzer of `jws_compact`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::crypto::jws_compact(bytes));
