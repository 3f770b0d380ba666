//! The demo's folder: made once, whole or not at all, and used again at every later start.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde_json as json;

use super::document::{Document, Example};
use crate::{
    config::{Config, DEMO_ADDRESSES_FILE},
    error::CommandError,
    files::{self, PUBLIC_FILE_MODE, beside},
};

const EXAMPLE_FILE: &str = "credentials.json";
const LOCK_FILE: &str = ".lock";

/// A demo's folder, held by this process until it is dropped.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// The whole path of the folder that `given` names, and whether a demo is in it already.
    pub(super) fn look(given: &Path) -> Result<(PathBuf, bool), CommandError> {
        let path = std::path::absolute(given)
            .map_err(|cause| CommandError::fault(format_args!("cannot find {}", given.display()), &cause))?;
        // `a/./b/..` would be shown and stored as it is; the folder itself need not exist yet.
        let path: PathBuf = path.components().collect();
        let unusable = |why: &str| {
            Err(CommandError::bad_input(format_args!(
                "{} {why}: choose another folder with --dir FOLDER",
                path.display()
            )))
        };
        if path.to_str().is_none() {
            return unusable("is not a name in UTF-8");
        }
        if path.join(EXAMPLE_FILE).is_file() {
            return Ok((path, true));
        }
        match fs::read_dir(&path) {
            Ok(mut entries) => match entries.next() {
                Some(_) => unusable("is neither empty nor the folder of a demo"),
                None => Ok((path, false)),
            },
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok((path, false)),
            Err(cause) => unusable(&format!("cannot be used ({cause})")),
        }
    }

    /// Takes the folder at `path` for this process alone.
    pub(super) fn hold(path: &Path) -> Result<Self, CommandError> {
        let failed =
            |cause: &io::Error| CommandError::fault(format_args!("cannot use the folder {}", path.display()), cause);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(|cause| failed(&cause))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CommandError::Fault(format!(
                "another demo is running in {}: stop it, or choose another folder with --dir FOLDER",
                path.display()
            ))),
            Err(TryLockError::Error(cause)) => Err(failed(&cause)),
        }
    }

    /// Makes and holds the folder in which a demo is built before it takes its place at `path`; what an interrupted
    /// attempt left there is removed.
    pub(super) fn begin(path: &Path) -> Result<Self, CommandError> {
        let unfinished = beside(path, "unfinished");
        files::create_private_folder(&unfinished)?;
        let folder = Self::hold(&unfinished)?;
        let failed = |cause| CommandError::fault(format_args!("cannot clear {}", unfinished.display()), &cause);
        for entry in fs::read_dir(&unfinished).map_err(failed)? {
            let entry = entry.map_err(failed)?.path();
            if entry.file_name() != Some(LOCK_FILE.as_ref()) {
                fs::remove_file(&entry).map_err(failed)?;
            }
        }
        Ok(folder)
    }

    /// Puts a finished folder into its place, which is empty or does not exist, and goes on holding it.
    pub(super) fn take_place(self, path: &Path) -> Result<Self, CommandError> {
        let failed = |cause| CommandError::fault(format_args!("cannot make the folder {}", path.display()), &cause);
        files::sync_folder(&self.path)?;
        fs::rename(&self.path, path).map_err(failed)?;
        files::sync_folder(path.parent().unwrap_or(Path::new("/")))?;
        Ok(Self { path: path.to_owned(), ..self })
    }

    /// Where the folder is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The whole path of a file in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// What the folder was filled with.
    pub(super) fn example(&self) -> Result<Example, CommandError> {
        let file = self.file(EXAMPLE_FILE);
        let text = files::read_private(&file, "demo's file of credentials")?;
        json::from_str(&text).map_err(|cause| {
            CommandError::bad_input(format_args!(
                "{} is not readable ({cause}): remove the folder, or choose another with --dir FOLDER",
                file.display()
            ))
        })
    }

    /// Keeps what the folder was filled with; its presence says that the folder is finished.
    pub(super) fn keep(&self, example: &Example) -> Result<(), CommandError> {
        files::replace_private(&self.file(EXAMPLE_FILE), as_json(example)?.as_bytes())
    }

    /// Notes how this start is reached, for commands that are run beside it.
    pub(super) fn keep_addresses(&self, config: &Config) -> Result<(), CommandError> {
        let (identity, gateway) = (config.identity_url(), config.gateway_url());
        let text = format!("[identity]\npublic_url = \"{identity}\"\n\n[gateway]\npublic_url = \"{gateway}\"\n");
        files::replace_private(&self.file(DEMO_ADDRESSES_FILE), text.as_bytes())
    }

    /// Keeps a file that only its owner may read.
    pub(super) fn keep_private(&self, name: &str, text: &str) -> Result<(), CommandError> {
        files::write_new_private(&self.file(name), text.as_bytes())
    }

    /// Keeps a file that everybody may read.
    pub(super) fn keep_public(&self, name: &str, text: &str) -> Result<(), CommandError> {
        files::write_new(&self.file(name), text.as_bytes(), PUBLIC_FILE_MODE)
    }
}

/// Refuses a place for the document that it cannot be written to, before anything is started.
pub(super) fn check_document_place(file: &Path) -> Result<(), CommandError> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if parent.is_dir() && !file.is_dir() {
        return Ok(());
    }
    Err(CommandError::bad_input(format_args!("--json {}: name a file in a folder that exists", file.display())))
}

/// Writes the document for programs: whole, private, and by rename.
pub(super) fn write_document(file: &Path, document: &Document) -> Result<(), CommandError> {
    files::replace_private(file, as_json(document)?.as_bytes())
}

fn as_json(value: &impl serde::Serialize) -> Result<String, CommandError> {
    let text = json::to_string_pretty(value).map_err(|cause| CommandError::fault("cannot write JSON", &cause))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_with_something_else_in_it_is_refused() {
        let place = tempfile::tempdir().unwrap();
        assert!(!Folder::look(place.path()).unwrap().1, "an empty folder may be filled");
        fs::write(place.path().join("letter.txt"), "").unwrap();
        assert_eq!(Folder::look(place.path()).err().unwrap().exit_code(), 2);
        fs::write(place.path().join(EXAMPLE_FILE), "{}").unwrap();
        assert!(Folder::look(place.path()).unwrap().1);
    }

    #[test]
    fn a_folder_is_private_and_held_by_one_process_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("demo");
        let folder = Folder::begin(&path).unwrap();
        folder.keep_private("key", "secret").unwrap();
        assert!(Folder::begin(&path).is_err(), "it is being made");
        let folder = folder.take_place(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_to_string(folder.file("key")).unwrap(), "secret");
        assert!(Folder::hold(&path).is_err(), "it is in use");
        drop(folder);
        assert!(Folder::hold(&path).is_ok());
    }

    #[test]
    fn what_an_interrupted_attempt_left_is_cleared() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("demo");
        Folder::begin(&path).unwrap().keep_private("key", "old").unwrap();
        let folder = Folder::begin(&path).unwrap();
        assert!(!folder.file("key").exists());
    }
}
