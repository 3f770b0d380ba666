//! Authorization requests that wait for a person, or that were pushed.

use tollgate_crypto::{base64url, entropy};
use tollgate_model::{Seconds, Timestamp, id::ClientId};
use tollgate_store::pending_requests;
use tollgate_web::Fault;

pub use tollgate_store::pending_requests::PendingRequest;

use crate::{People, SignedIn};

/// How long a request waits for its person.
pub const PENDING_LIFETIME: Seconds = Seconds(1_800);

/// A request to be kept.
#[derive(Debug, Clone)]
pub struct NewPending {
    /// Who asks.
    pub client_id: ClientId,
    /// Whether it was pushed (RFC 9126).
    pub pushed: bool,
    /// The request as JSON.
    pub request: String,
    /// How long it is kept.
    pub lifetime: Seconds,
}

impl People {
    /// Keeps a request under an id that nobody guesses.
    pub async fn begin_pending(&self, new: NewPending, now: Timestamp) -> Result<PendingRequest, Fault> {
        let pending = PendingRequest {
            id: base64url::encode(&entropy::bytes::<24>(&*self.house().entropy)),
            client_id: new.client_id,
            pushed: new.pushed,
            request: new.request,
            created_at: now,
            expires_at: now + new.lifetime,
            session_id: None,
            consented_at: None,
            refused_at: None,
            account_chosen_at: None,
        };
        self.house().db.transact::<_, Fault>(async |tx| Ok(pending_requests::insert(tx, &pending).await?)).await?;
        Ok(pending)
    }

    /// The request of this id while it waits.
    pub async fn pending(&self, id: &str, now: Timestamp) -> Result<Option<PendingRequest>, Fault> {
        Ok(pending_requests::find(&self.house().db, id, now).await?)
    }

    /// Takes the request away: of many who ask, one gets it.
    pub async fn take_pending(&self, id: &str, now: Timestamp) -> Result<Option<PendingRequest>, Fault> {
        let taken = self.house().db.transact::<_, Fault>(async |tx| Ok(pending_requests::consume(tx, id, now).await?));
        taken.await
    }

    /// Notes that the person of this session agreed.
    pub async fn mark_consented(&self, id: &str, signed_in: &SignedIn, now: Timestamp) -> Result<bool, Fault> {
        let session = &signed_in.session.id;
        let marked = self
            .house()
            .db
            .transact::<_, Fault>(async |tx| Ok(pending_requests::mark_consented(tx, id, session, now).await?));
        marked.await
    }

    /// Notes that the person of this session wants to go on as who they are.
    pub async fn mark_account_chosen(&self, id: &str, signed_in: &SignedIn, now: Timestamp) -> Result<bool, Fault> {
        let session = &signed_in.session.id;
        let marked = self
            .house()
            .db
            .transact::<_, Fault>(async |tx| Ok(pending_requests::mark_account_chosen(tx, id, session, now).await?));
        marked.await
    }

    /// Notes that the person said no, signed in or not.
    pub async fn mark_refused(&self, id: &str, signed_in: Option<&SignedIn>, now: Timestamp) -> Result<bool, Fault> {
        let session = signed_in.map(|own| &own.session.id);
        let marked = self
            .house()
            .db
            .transact::<_, Fault>(async |tx| Ok(pending_requests::mark_refused(tx, id, session, now).await?));
        marked.await
    }
}
