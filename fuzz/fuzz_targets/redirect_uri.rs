//! The fuzzer of `redirect_uri`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::model::redirect_uri(bytes));
