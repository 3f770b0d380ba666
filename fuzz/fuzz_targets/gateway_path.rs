//! The fuzzer of `gateway_path`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::model::gateway_path(bytes));
