//! The fuzzer of `dpop_proof`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::dpop_proof(bytes));
