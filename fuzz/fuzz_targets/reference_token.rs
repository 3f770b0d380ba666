//! The fuzzer of `reference_token`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::reference_token(bytes));
