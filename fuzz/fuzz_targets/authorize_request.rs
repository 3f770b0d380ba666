//! The fuzzer of `authorize_request`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::authorize_request(bytes));
