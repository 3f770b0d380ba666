//! The fuzzer of `allowed_origin`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::model::allowed_origin(bytes));
