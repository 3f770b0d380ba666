//! Files that hold secrets: who may read them, and writing them so that they exist whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use crate::error::CommandError;

/// Mode of a file that only its owner may read.
pub(crate) const PRIVATE_FILE_MODE: u32 = 0o600;
/// Mode of a file that everybody may read.
pub(crate) const PUBLIC_FILE_MODE: u32 = 0o644;
/// Mode of a folder that only its owner may enter.
pub(crate) const PRIVATE_FOLDER_MODE: u32 = 0o700;

/// Writes a file that only its owner may read; refuses to overwrite.
pub(crate) fn write_new_private(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    write_new(path, content, PRIVATE_FILE_MODE)
}

/// Writes a new file durably; refuses to overwrite, and leaves nothing behind when it fails.
pub(crate) fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), CommandError> {
    let mut file = match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            return Err(CommandError::bad_input(format_args!(
                "{} exists already: choose another name, or move it away",
                path.display()
            )));
        }
        Err(cause) => return Err(unwritable(path, &cause)),
    };
    if let Err(cause) = file.write_all(content).and_then(|()| file.sync_all()) {
        // The file is ours and half-written; that it cannot be removed either would say nothing new.
        let _ = fs::remove_file(path);
        return Err(unwritable(path, &cause));
    }
    Ok(())
}

/// Replaces a file by rename, so that a reader sees the old or the new content and never a part.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    let partial = beside(path, &format!("partial-{}", std::process::id()));
    write_new_private(&partial, content)?;
    fs::rename(&partial, path).map_err(|cause| {
        let _ = fs::remove_file(&partial);
        unwritable(path, &cause)
    })
}

/// Makes a folder that only its owner may enter, with the folders above it; one that exists is made private.
pub(crate) fn create_private_folder(path: &Path) -> Result<(), CommandError> {
    let failed =
        |cause: io::Error| CommandError::fault(format_args!("cannot make the folder {}", path.display()), &cause);
    fs::DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER_MODE).create(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(PRIVATE_FOLDER_MODE)).map_err(failed)
}

/// Reads a file that must be private: one that its group or others may touch is refused, because what it holds may be
/// known to them already.
pub(crate) fn read_private(path: &Path, what: &str) -> Result<String, CommandError> {
    let metadata = fs::metadata(path).map_err(|cause| unreadable(path, what, &cause))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(CommandError::bad_input(format_args!(
            "the {what} {} may be read or changed by others (mode {mode:04o}): run `chmod 600 {}`, and replace it if others use this machine",
            path.display(),
            path.display(),
        )));
    }
    fs::read_to_string(path).map_err(|cause| unreadable(path, what, &cause))
}

/// Reads a file that anybody may read.
pub(crate) fn read_public(path: &Path, what: &str) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|cause| unreadable(path, what, &cause))
}

/// The path with `.suffix` after its name, in the same folder so that a rename is atomic.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// Makes a rename in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), CommandError> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|file| file.sync_all()).map_err(|cause| unwritable(folder, &cause))
}

fn unreadable(path: &Path, what: &str, cause: &io::Error) -> CommandError {
    let text = format!("cannot read the {what} {}: {cause}", path.display());
    match cause.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::InvalidData
        | io::ErrorKind::IsADirectory => CommandError::bad_input(text),
        _ => CommandError::Fault(text),
    }
}

fn unwritable(path: &Path, cause: &io::Error) -> CommandError {
    CommandError::fault(format_args!("cannot write {}", path.display()), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_file_is_not_overwritten_and_has_mode_0600() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new_private(&path, b"one").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(write_new_private(&path, b"two").unwrap_err().exit_code(), 2);
        assert_eq!(read_private(&path, "key").unwrap(), "one");
    }

    #[test]
    fn a_private_file_that_its_group_or_others_may_touch_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_new_private(&path, b"one").unwrap();
        for mode in [0o604, 0o640, 0o602, 0o644, 0o660, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = read_private(&path, "master key").unwrap_err().to_string();
            assert!(refused.contains("chmod 600") && refused.contains(&format!("{mode:04o}")), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(read_private(&path, "master key").is_ok());
    }

    #[test]
    fn replacing_leaves_one_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.json");
        replace_private(&path, b"one").unwrap();
        replace_private(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
