//! The fuzzer of `query_credentials`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::gateway::query_credentials(bytes));
