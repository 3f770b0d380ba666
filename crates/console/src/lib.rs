//! The administration use cases: organizations, projects, services, credentials and what belongs to them.
//!
//! This room decides who may have what and keeps every change whole: each use case is one transaction, and a
//! refusal, however late, leaves nothing behind. It must not know how it is asked; the command line and the web call
//! the same methods of [`Console`]. Read it in this order: [`refusal`] (how a use case may end), [`organizations`],
//! [`projects`], [`services`] with [`catalogue`], [`credentials`] with [`secrets`], [`certificates`] and
//! [`subscriptions`], then [`limits`], [`usage`] and [`users`].

pub mod catalogue;
pub mod certificates;
pub mod credentials;
pub mod limits;
pub mod organizations;
pub mod projects;
pub mod refusal;
pub mod secrets;
pub mod services;
pub mod subscriptions;
pub mod usage;
pub mod users;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use tollgate_crypto::{DigestKey, Entropy};
use tollgate_model::{Clock, Timestamp, id::OrganizationId};
use tollgate_store::{
    Db, LiveDirectory, Transaction,
    generations::{self, Generation},
};
use tollgate_web::{Authorities, House};

pub use refusal::{Error, Fault, Noun, Refusal};

/// The administration use cases over one database.
#[derive(Clone)]
pub struct Console {
    db: Db,
    directory: Option<LiveDirectory>,
    digest_key: DigestKey,
    entropy: Arc<dyn Entropy>,
    clock: Arc<dyn Clock>,
    authorities: Authorities,
    border: Option<OrganizationId>,
}

impl Console {
    /// The console of a running house: its own changes are in effect for it when a method returns.
    pub fn of(house: &House) -> Self {
        Self {
            db: house.db.clone(),
            directory: Some(house.directory.clone()),
            digest_key: house.digest_key.clone(),
            entropy: Arc::clone(&house.entropy),
            clock: Arc::clone(&house.clock),
            authorities: house.instance.authorities.clone(),
            border: None,
        }
    }

    /// A console of its own on a database that others may be serving from; they notice its changes by themselves.
    pub fn local(
        db: Db,
        digest_key: DigestKey,
        entropy: Arc<dyn Entropy>,
        clock: Arc<dyn Clock>,
        authorities: Authorities,
    ) -> Self {
        Self { db, directory: None, digest_key, entropy, clock, authorities, border: None }
    }

    /// The same console for somebody of one organization, who sees and changes nothing beyond it: what belongs to
    /// others does not exist, and what all share can be looked at only.
    pub fn within(&self, organization: OrganizationId) -> Self {
        Self { border: Some(organization), ..self.clone() }
    }

    /// Where the randomness of new ids comes from, for a caller that has to name something before it is made.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// The present as this console reads it.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether what belongs to `organization` may be seen.
    fn admits(&self, organization: &OrganizationId) -> bool {
        self.border.as_ref().is_none_or(|border| border == organization)
    }

    /// Refuses to change what all organizations share when the console is for somebody of one of them.
    fn require_operator(&self, noun: Noun) -> Result<(), Refusal> {
        if self.border.is_none() { Ok(()) } else { Err(Refusal::OperatorOnly(noun)) }
    }

    /// Runs a use case in one transaction, of which a refusal leaves as little behind as a fault.
    async fn change<T>(&self, work: impl AsyncFnOnce(&mut Transaction) -> Result<T, Error>) -> Result<T, Error> {
        let done = self
            .db
            .transact(async |tx: &mut Transaction| {
                // One administrator at a time: what a use case reads stays true until it has written.
                generations::hold(tx, Generation::Directory).await?;
                work(tx).await
            })
            .await?;
        if let Some(directory) = &self.directory
            && let Err(error) = directory.refresh().await
        {
            // The change is durable; the directory's own watch brings it in as soon as the database answers again.
            tracing::warn!(%error, "the directory was not refreshed after a change");
        }
        Ok(done)
    }
}

/// What deleting something does to what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// There must be none.
    MustBeNone,
    /// They are deleted too.
    GoToo,
}

/// Most rows that one read brings; longer lists are read page by page.
const PAGE_ROWS_MAX: u32 = 500;

/// `1 project`, `2 projects`: a count of at most [`PAGE_ROWS_MAX`] as it reads in a sentence.
fn counted(count: usize, noun: Noun) -> String {
    let or_more = if count >= PAGE_ROWS_MAX as usize { " or more" } else { "" };
    format!("{count}{or_more} {noun}{}", if count == 1 { "" } else { "s" })
}
