//! The fuzzer of `id_token_hint`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tollgate_fuzz::oauth::id_token_hint(bytes));
