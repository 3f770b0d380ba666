//! The house is in order: floors, lengths, links, words.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const FILE_LINES_MAX: usize = 600;
const FILE_LINES_USUAL: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep").to_owned()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).expect("the folder was found").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | ".git" | "tollgate-demo") {
                waiting.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The words between backticks of one table cell.
fn ticked(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn imports_go_downwards_only() {
    let architecture = read(&root().join("ARCHITECTURE.md"));
    let rows: Vec<_> = architecture
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .collect();
    let rooms: BTreeSet<String> = rows.iter().flat_map(|cells| ticked(cells[1])).collect();
    let folders: BTreeSet<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(rooms, folders, "the table of ARCHITECTURE.md names every room");
    for cells in rows {
        let room = cells[1].trim_matches('`');
        let allowed = ticked(cells[2]);
        let manifest = read(&root().join("crates").join(room).join("Cargo.toml"));
        let imported = manifest
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("tollgate-"))
            .map(|line| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned());
        for import in imported {
            assert!(allowed.contains(&import) || import == room, "{room} must not import {import}");
        }
    }
}

#[test]
fn files_stay_short() {
    let sources = files(&root().join("crates"), "rs");
    assert!(sources.len() > 50, "the sources were found");
    let lengths: Vec<_> = sources.iter().map(|path| (read(path).lines().count(), path)).collect();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > FILE_LINES_USUAL).collect();
    for (lines, path) in &long {
        assert!(*lines <= FILE_LINES_MAX, "{} has {lines} lines, more than {FILE_LINES_MAX}", shown(path));
    }
    assert!(
        long.len() * 20 <= lengths.len(),
        "more than one file in twenty is over {FILE_LINES_USUAL} lines: {:?}",
        long.iter().map(|(lines, path)| format!("{} {lines}", shown(path))).collect::<Vec<_>>()
    );
}

#[test]
fn functions_stay_short() {
    let mut long = Vec::new();
    for path in files(&root().join("crates"), "rs") {
        let text = read(&path);
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let words = line.trim_start();
            let starts = ["fn ", "pub fn ", "pub(crate) fn ", "async fn ", "pub async fn ", "pub(crate) async fn "];
            if open.is_none() && starts.iter().any(|start| words.starts_with(start)) && !words.ends_with(';') {
                open = Some((number, indent, words.to_owned()));
            }
            if let Some((begin, depth, name)) = &open
                && indent == *depth
                && words.starts_with('}')
            {
                if number - begin > FUNCTION_LINES_MAX {
                    long.push(format!("{}:{} {} lines: {name}", shown(&path), begin + 1, number - begin));
                }
                open = None;
            }
        }
    }
    assert!(long.is_empty(), "functions over {FUNCTION_LINES_MAX} lines:\n{}", long.join("\n"));
}

#[test]
fn links_between_documents_are_alive() {
    let mut dead = Vec::new();
    let mut seen = 0;
    for path in files(&root(), "md") {
        let text = read(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            if !path.parent().unwrap().join(target).exists() {
                dead.push(format!("{}: {target}", shown(&path)));
            }
        }
    }
    assert!(seen > 10, "links were found");
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

#[test]
fn nothing_is_left_for_later_in_the_sources() {
    let marks = ["TO", "FIX", "XX"].map(|mark| {
        format!(
            "{mark}{}",
            if mark == "XX" {
                "X"
            } else if mark == "TO" {
                "DO"
            } else {
                "ME"
            }
        )
    });
    for path in files(&root().join("crates"), "rs") {
        let text = read(&path);
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} holds a {mark}", shown(&path));
        }
    }
}

#[test]
fn modules_are_named_by_the_domain() {
    let vague =
        ["data", "info", "manager", "helper", "helpers", "util", "utils", "common", "process", "handle", "misc"];
    for path in files(&root().join("crates"), "rs") {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(!vague.contains(&stem.as_str()), "{} says nothing by its name", shown(&path));
    }
}

#[test]
fn every_security_test_named_in_the_document_exists() {
    assert_names_tests("docs/security-tests.md", "crates/acceptance/tests/it/security");
}

#[test]
fn every_test_of_the_conformance_checklist_exists() {
    assert_names_tests("conformance/checklist.md", "crates/acceptance/tests/it/openid");
}

/// What the last cells of a document's tables name are tests, and all tests of a folder are among them.
fn assert_names_tests(document: &str, folder: &str) {
    let is_test_name = |word: &String| word.matches('_').count() >= 3 && word.bytes().all(is_name_byte);
    let is_row = |line: &&str| line.starts_with("| ") && line.contains('`');
    let text = read(&root().join(document));
    let named: BTreeSet<String> =
        text.lines().filter(is_row).flat_map(|row| ticked(row.rsplit('|').nth(1).unwrap_or_default())).collect();
    assert!(named.len() > 40 && named.iter().all(is_test_name), "the table holds names of tests: {named:?}");
    let sources = files(&root().join("crates"), "rs");
    let existing: BTreeSet<String> = sources.iter().flat_map(|path| tests_of(&read(path))).collect();
    let dead: Vec<_> = named.difference(&existing).collect();
    assert!(dead.is_empty(), "{document} names what does not exist: {dead:#?}");
    let ours: BTreeSet<String> =
        files(&root().join(folder), "rs").iter().flat_map(|path| tests_of(&read(path))).collect();
    let unnamed: Vec<_> = ours.difference(&named).collect();
    assert!(unnamed.is_empty(), "{document} lacks: {unnamed:#?}");
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// The names of the functions behind `#[test]` and `#[tokio::test]`.
fn tests_of(source: &str) -> Vec<String> {
    let marks = ["#[test]", "#[tokio::test]", "#[tokio::test("];
    let mut names = Vec::new();
    let mut lines = source.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if marks.iter().any(|mark| line.starts_with(mark)) {
            let function = lines.find_map(|line| line.split_once("fn "));
            names.extend(function.map(|(_, rest)| rest.split(['(', '<']).next().unwrap_or_default().to_owned()));
        }
    }
    names
}
