//! The texts of all languages say the same things, and all of them are said somewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use tollgate_pages::Language;

fn room() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Keys of a language, each with its file and the variables of its text.
fn texts(language: Language) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut texts: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for file in files(&room().join("locales").join(language.tag()), "ftl") {
        let name = file.file_name().expect("a file").to_string_lossy().into_owned();
        let mut key = String::new();
        for line in fs::read_to_string(&file).expect("text").lines() {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                line.split_once(" =").expect("a key and its text").0.clone_into(&mut key);
                let before = texts.insert(key.clone(), (name.clone(), BTreeSet::new()));
                assert!(before.is_none(), "{key} stands twice in {}", language.tag());
            }
            for variable in line.split('$').skip(1) {
                let variable = variable.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
                texts.get_mut(&key).expect("a text has a key").1.insert(variable.to_owned());
            }
        }
    }
    texts
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found
}

/// All of the room's own source: Rust and templates.
fn source() -> String {
    let mut paths = files(&room().join("src"), "rs");
    paths.extend(files(&room().join("templates"), "html"));
    paths.iter().map(|path| fs::read_to_string(path).expect("text")).collect()
}

#[test]
fn every_language_has_the_same_texts_with_the_same_variables() {
    let english = texts(Language::En);
    assert!(english.len() > 250, "the texts were found");
    for language in Language::ALL {
        let others = texts(language);
        for (key, text) in &english {
            assert_eq!(others.get(key), Some(text), "{key} in {}", language.tag());
        }
        let extra: Vec<_> = others.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(extra.is_empty(), "{} alone has {extra:?}", language.tag());
    }
}

#[test]
fn every_text_is_used() {
    let source = source();
    let messages: BTreeSet<String> = tollgate_pages::Problem::ALL
        .iter()
        .map(|problem| format!("problem-{}", problem.key()))
        .chain(tollgate_pages::Notice::ALL.iter().map(|notice| format!("notice-{}", notice.key())))
        .collect();
    let country = |key: &str| key.strip_prefix("country-").is_some_and(tollgate_pages::is_country);
    let unused: Vec<_> = texts(Language::En)
        .into_keys()
        .filter(|key| !source.contains(&format!("\"{key}\"")) && !messages.contains(key) && !country(key))
        .collect();
    assert!(unused.is_empty(), "{unused:?}");
}
