//! The fuzzer of `access_token_claims`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::access_token_claims(bytes));
