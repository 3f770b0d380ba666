//! The fuzzer of `service_jwt`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::service_jwt(bytes));
