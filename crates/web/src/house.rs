//! What every wing is handed at its making.

use std::sync::Arc;

use arc_swap::Guard;
use tollgate_crypto::{DigestKey, Entropy, MasterKey};
use tollgate_model::{Clock, Timestamp};
use tollgate_store::{Db, Directory, LiveDirectory};

use crate::{Fault, Instance};

/// The collaborators of all wings. Clones share everything.
#[derive(Clone)]
pub struct House {
    /// The database.
    pub db: Db,
    /// What requests read without the database.
    pub directory: LiveDirectory,
    /// The settings.
    pub instance: Arc<Instance>,
    /// Where the present comes from; read once at the door.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// What secrets at rest are sealed with.
    pub master_key: Arc<MasterKey>,
    /// What secrets given by callers are digested with; it comes from the master key.
    pub digest_key: DigestKey,
}

impl House {
    /// Puts the collaborators together.
    pub fn new(
        db: Db,
        directory: LiveDirectory,
        instance: Instance,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
        master_key: Arc<MasterKey>,
    ) -> Self {
        let digest_key = master_key.digest_key();
        Self { db, directory, instance: Arc::new(instance), clock, entropy, master_key, digest_key }
    }

    /// The directory as it is now. A directory that has not been confirmed for too long answers nothing: a revocation or
    /// a deletion may have been missed, and our own blindness is a fault, not a refusal.
    pub fn directory_at(&self, now: Timestamp) -> Result<Guard<Arc<Directory>>, Fault> {
        if !self.directory.is_fresh(now) {
            return Err(Fault::new("the directory could not be confirmed against the database for too long"));
        }
        Ok(self.directory.current())
    }
}
