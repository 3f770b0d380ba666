//! Runs every target over its kept corpus and over small changes of it, on stable.

use std::{
    collections::BTreeSet,
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
};

use super::{TARGETS, Target};

/// How often each kept input is changed. A fuzzer finds more; this finds what a change of ours broke.
const CHANGES: u32 = 200;
const SEEDS_MIN: usize = 12;

fn fuzz_folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = here.ancestors().map(|folder| folder.join("fuzz")).find(|folder| folder.join("corpus").is_dir());
    found.expect("the folder `fuzz` is part of the repository")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(fuzz_folder().join("corpus").join(target))
        .unwrap_or_else(|fault| panic!("corpus/{target}: {fault}"))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("the file can be read")).collect()
}

/// A small generator (xorshift64), so that a failure repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit.max(1)
    }

    /// `seed` with one to three bytes changed, or a piece removed, repeated or taken from `other`.
    fn changed(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: &[u8] = b"\0\n\r\t \"%&+,-./0:;=?@A[\\]_{}~\x7f\x80\xc3\xff";
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len() + 1);
            let end = at + self.below(bytes.len() - at + 1);
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 => bytes.insert(at, TELLING[self.below(TELLING.len())]),
                2 => drop(bytes.drain(at..end)),
                3 => bytes.extend_from_within(at..end),
                4 => bytes.truncate(at),
                _ => {
                    let from = self.below(other.len() + 1);
                    drop(bytes.splice(at..at, other[from..].iter().copied().take(64)));
                }
            }
        }
        bytes
    }
}

fn run(name: &str, target: Target, input: &[u8]) {
    assert!(catch_unwind(|| target(input)).is_ok(), "{name} breaks its promise for b\"{}\"", input.escape_ascii());
}

#[test]
fn every_target_keeps_its_promise_for_its_corpus_and_small_changes_of_it() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(seeds.len() >= SEEDS_MIN, "corpus/{name} has {} inputs", seeds.len());
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for seed in &seeds {
            run(name, target, seed);
            for _ in 0..CHANGES {
                let other = &seeds[dice.below(seeds.len())];
                run(name, target, &dice.changed(seed, other));
            }
        }
    }
}

#[test]
fn targets_fuzzers_and_corpus_folders_are_the_same_list() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names_in = |folder: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(fuzz_folder().join(folder)).expect("the folder can be read");
        let name = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        entries.filter_map(|entry| name(entry.expect("the entry can be read").path())).collect()
    };
    assert_eq!(names_in("corpus"), targets);
    assert_eq!(names_in("fuzz_targets"), targets);
    let manifest = fs::read_to_string(fuzz_folder().join("Cargo.toml")).expect("the manifest can be read");
    let fuzzers: BTreeSet<String> = manifest
        .split("[[bin]]")
        .skip(1)
        .filter_map(|bin| Some(bin.trim_start().strip_prefix("name = \"")?.split('"').next()?.to_owned()))
        .collect();
    assert_eq!(fuzzers, targets);
}
