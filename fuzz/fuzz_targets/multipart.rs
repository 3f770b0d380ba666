//! The fuzzer of `multipart`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::multipart(bytes));
