//! The fuzzer of `client_authentication`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::client_authentication(bytes));
