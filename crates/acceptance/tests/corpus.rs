//! The readers that are fuzzed, over the inputs kept for them, so that every `cargo test` runs what a fuzzer would.
//!
//! A binary of its own, since it needs no server and links quickly.

#[path = "../../../fuzz/src/lib.rs"]
pub mod fuzz;
