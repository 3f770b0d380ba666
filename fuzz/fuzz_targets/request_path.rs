//! The fuzzer of `request_path`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::gateway::request_path(bytes));
