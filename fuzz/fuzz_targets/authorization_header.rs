//! The fuzzer of `authorization_header`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::authorization_header(bytes));
