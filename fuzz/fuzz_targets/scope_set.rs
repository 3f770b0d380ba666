//! The fuzzer of `scope_set`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::model::scope_set(bytes));
