//! Mails as files of a folder, for demonstrations and tests: one text file for each, readable by its owner alone.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use tollgate_model::Timestamp;
use tollgate_web::Fault;

use super::{Letter, is_id};

const EXTENSION: &str = "eml";
/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Most files that are looked at.
const FILES_MAX: usize = 10_000;

/// A mail in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderMail {
    /// Names it; sorts by time.
    pub id: String,
    /// Whom it is to.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub text: String,
}

/// Writes a mail under its id. It appears whole or not at all, and writing it again changes nothing.
pub(super) async fn write(folder: PathBuf, from: String, id: String, letter: Letter, at: Timestamp) -> io::Result<()> {
    let write = move || {
        create_folder(&folder)?;
        let text = format!(
            "From: {from}\nTo: {}\nSubject: {}\nDate: {at}\nX-Tollgate-Time: {}\nMessage-ID: <{id}@tollgate>\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{}",
            letter.recipient,
            letter.subject,
            at.micros(),
            letter.body
        );
        let unfinished = folder.join(format!("{id}.part"));
        let mut file = open_private(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(format!("{id}.{EXTENSION}")))
    };
    tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
}

/// The mails of the folder, newest first.
pub(super) async fn list(folder: PathBuf, mails_max: usize) -> Result<Vec<FolderMail>, Fault> {
    let list = move || -> io::Result<Vec<FolderMail>> {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(fault) => return Err(fault),
        };
        let mut ids: Vec<String> = entries.flatten().take(FILES_MAX).filter_map(|entry| id_of(&entry.path())).collect();
        ids.sort_unstable_by(|one, other| other.cmp(one));
        ids.truncate(mails_max);
        Ok(ids.into_iter().filter_map(|id| read(&folder, id).ok().flatten()).collect())
    };
    finished(tokio::task::spawn_blocking(list).await)
}

/// One mail of the folder.
pub(super) async fn find(folder: PathBuf, id: &str) -> Result<Option<FolderMail>, Fault> {
    if !is_id(id) {
        return Ok(None);
    }
    let id = id.to_owned();
    finished(tokio::task::spawn_blocking(move || read(&folder, id)).await)
}

fn finished<T>(joined: Result<io::Result<T>, tokio::task::JoinError>) -> Result<T, Fault> {
    let outcome = joined.map_err(|fault| Fault::caused("reading the folder of mails was ended", fault))?;
    outcome.map_err(|fault| Fault::caused("the folder of mails cannot be read", fault))
}

fn id_of(path: &Path) -> Option<String> {
    let id = path.file_stem()?.to_str()?;
    (path.extension()? == EXTENSION && is_id(id)).then(|| id.to_owned())
}

fn read(folder: &Path, id: String) -> io::Result<Option<FolderMail>> {
    let path = folder.join(format!("{id}.{EXTENSION}"));
    match fs::metadata(&path) {
        Ok(found) if found.len() <= FILE_BYTES_MAX => {}
        Ok(_) => return Ok(None),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    }
    Ok(parse(id, &fs::read_to_string(&path)?))
}

fn parse(id: String, file: &str) -> Option<FolderMail> {
    let (head, text) = file.split_once("\n\n")?;
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Some(FolderMail {
        id,
        to: field("To")?.to_owned(),
        subject: field("Subject")?.to_owned(),
        at: Timestamp::from_micros(field("X-Tollgate-Time")?.parse().ok()?),
        text: text.to_owned(),
    })
}

#[cfg(unix)]
fn create_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn open_private(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str) -> Letter {
        Letter {
            recipient: "ada@example.com".parse().unwrap(),
            subject: subject.to_owned(),
            body: "Grüße\n\n    1234 5678\n".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_mail_is_read_back_as_it_was_written_and_the_newest_comes_first() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("mails");
        assert!(list(folder.clone(), 10).await.unwrap().is_empty(), "no folder, no mails");
        for (id, subject) in [("01a", "First"), ("02b", "Zweite für Ada")] {
            let at = Timestamp::from_micros(1_700_000_000_000_001);
            write(folder.clone(), "Tollgate <x@example.com>".into(), id.into(), letter(subject), at).await.unwrap();
        }
        let all = list(folder.clone(), 10).await.unwrap();
        assert_eq!(all.iter().map(|mail| mail.subject.as_str()).collect::<Vec<_>>(), ["Zweite für Ada", "First"]);
        assert_eq!(all[0].text, letter("").body);
        assert_eq!(all[0].at, Timestamp::from_micros(1_700_000_000_000_001));
        assert_eq!(find(folder.clone(), "02b").await.unwrap().as_ref(), Some(&all[0]));
        assert_eq!(find(folder.clone(), "../02b").await.unwrap(), None);
        assert_eq!(list(folder, 1).await.unwrap().len(), 1);
    }
}
