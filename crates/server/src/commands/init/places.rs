//! Files that are made beside their places and put there together at the end.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    error::CommandError,
    files::{beside, sync_folder},
};

/// Reserved places, in the order of their reservation. What was not put in place is removed when this is dropped.
#[derive(Default)]
pub(super) struct Places {
    reserved: Vec<Place>,
}

struct Place {
    unfinished: PathBuf,
    target: PathBuf,
    /// The folder, if it was made for this.
    made_folder: Option<PathBuf>,
}

impl Places {
    /// Reserves `target`, which must not exist, and says where to make its content; what an interrupted attempt left
    /// there is removed. The folder of the target is made.
    pub(super) fn reserve(&mut self, target: &Path) -> Result<PathBuf, CommandError> {
        if target.exists() {
            return Err(CommandError::bad_input(format_args!(
                "{} exists already: choose another place with --config FILE, or move it away",
                target.display()
            )));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let missing = folder.filter(|folder| !folder.exists()).map(Path::to_owned);
        if let Some(folder) = &missing {
            let failed =
                |cause| CommandError::fault(format_args!("cannot make the folder {}", folder.display()), &cause);
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let unfinished = beside(target, "unfinished");
        remove(&unfinished);
        self.reserved.push(Place { unfinished: unfinished.clone(), target: target.to_owned(), made_folder: missing });
        Ok(unfinished)
    }

    /// Puts everything in place durably, what was reserved first at last.
    pub(super) fn take(mut self) -> Result<(), CommandError> {
        while let Some(place) = self.reserved.pop() {
            fs::rename(&place.unfinished, &place.target).map_err(|cause| {
                CommandError::fault(format_args!("cannot write {}", place.target.display()), &cause)
            })?;
            sync_folder(place.target.parent().unwrap_or(Path::new("")))?;
        }
        Ok(())
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        for place in self.reserved.iter().rev() {
            remove(&place.unfinished);
            if let Some(folder) = &place.made_folder {
                // Stays when there is something else in it by now.
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// Removes a file, and what SQLite keeps beside one; that there is none is fine.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = fs::remove_file(PathBuf::from(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_put_in_place_or_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let names = || -> Vec<String> {
            let mut names: Vec<_> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        Places::default().reserve(&folder.path().join("new/c")).unwrap();
        let mut places = Places::default();
        fs::write(places.reserve(&first).unwrap(), "1").unwrap();
        fs::write(places.reserve(&second).unwrap(), "2").unwrap();
        drop(places);
        assert_eq!(names(), Vec::<String>::new());

        let mut places = Places::default();
        fs::write(places.reserve(&first).unwrap(), "1").unwrap();
        fs::write(places.reserve(&second).unwrap(), "2").unwrap();
        places.take().unwrap();
        assert_eq!(names(), ["a", "b"]);
        assert_eq!(Places::default().reserve(&first).unwrap_err().exit_code(), 2);
    }
}
