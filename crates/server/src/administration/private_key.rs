//! The file that a generated private key is written to: once, for its owner alone, and gone again when what it was
//! made for does not come to be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tollgate_console::Console;
use tollgate_model::id::ClientId;

use crate::{error::CommandError, files};

/// A private key on the disk. Dropped before [`PrivateKeyFile::keep`], the file is removed.
pub(super) struct PrivateKeyFile {
    path: PathBuf,
    certificate_pem: String,
    kept: bool,
}

impl PrivateKeyFile {
    /// Generates a key pair for a credential and writes the private key to `path`, which must not exist.
    pub(super) async fn generate(
        console: &Console,
        client_id: &ClientId,
        path: Option<PathBuf>,
    ) -> Result<Self, CommandError> {
        let path = path.unwrap_or_else(|| PathBuf::from(format!("private-key-{client_id}.pem")));
        let pair = console.generate_key_pair(client_id.as_str()).await?;
        files::write_new_private(&path, pair.private_key_pem.reveal().as_bytes())?;
        Ok(Self { path, certificate_pem: pair.certificate_pem, kept: false })
    }

    /// The certificate to hand in.
    pub(super) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Lets the file stay, and tells where it is.
    pub(super) fn keep(mut self) -> PathBuf {
        self.kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for PrivateKeyFile {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        // Whoever reads this has just been told why the key is of no use.
        tracing::warn!(%error, file = %path.display(), "the unused private key could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn made(path: &Path) -> PrivateKeyFile {
        files::write_new_private(path, b"key").unwrap();
        PrivateKeyFile { path: path.to_owned(), certificate_pem: String::new(), kept: false }
    }

    #[test]
    fn a_key_that_is_not_kept_is_removed_and_one_that_is_stays_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        drop(made(&path));
        assert!(!path.exists());
        assert_eq!(made(&path).keep(), path);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
