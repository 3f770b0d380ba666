//! Signed-in browsers: how their sessions are found, made anew, listed and ended.

use std::sync::Arc;

use tollgate_crypto::{Digest, SecretText, base64url, entropy};
use tollgate_model::{
    Seconds, Timestamp,
    id::{ClientId, SessionId, UserId},
    organization::Organization,
    session::Session,
    token::{ACCESS_TOKEN_LIFETIME, Revocation, Revoked},
    user::User,
};
use tollgate_store::{
    StoreError, Transaction, activities, grants,
    logout_notices::{self, LogoutNotice},
    revocations, sessions, users,
};
use tollgate_web::Fault;

use crate::{People, Refused, Visitor, activity::Action};

/// What cookie secrets are digested for.
pub(crate) const DIGEST_PURPOSE: &str = "session";
/// Characters of a secret of 256 bits in base64url.
pub(crate) const SECRET_CHARS: usize = 43;
/// How fresh the last proof of a person has to be for a change of what they prove it with.
pub const RECENT_AUTHENTICATION: Seconds = Seconds(600);
/// How much longer a revocation is kept than the longest token, for clocks that differ.
const REVOCATION_MARGIN: Seconds = Seconds(60);

/// A person in a browser.
#[derive(Debug, Clone, PartialEq)]
pub struct SignedIn {
    /// The browser's session.
    pub session: Session,
    /// The person.
    pub user: User,
}

/// A session at the making of its secret.
#[derive(Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// What the browser shall keep as a cookie; any earlier one is dead.
    pub secret: SecretText,
}

impl NewSession {
    /// How long the browser shall keep the cookie.
    pub fn max_age(&self, now: Timestamp) -> Seconds {
        self.session.expires_at.seconds_since(now)
    }
}

impl People {
    /// Whose session a cookie opens. Asks the database once: a session that was ended anywhere opens nothing here, and
    /// nothing opens for a person or organization that is disabled or deleted.
    pub async fn session(&self, cookie: &str, now: Timestamp) -> Result<Option<SignedIn>, Fault> {
        if cookie.len() != SECRET_CHARS {
            return Ok(None);
        }
        let digest = self.house().digest_key.digest(DIGEST_PURPOSE, cookie.as_bytes());
        let found = sessions::find_by_digest(&self.house().db, &digest).await?;
        let Some((session, user)) = found.filter(|(session, _)| self.is_live(session, now)) else { return Ok(None) };
        if !user.enabled || !self.is_organization_enabled(&user, now)? {
            return Ok(None);
        }
        self.0.aside.seen(&session, now);
        Ok(Some(SignedIn { session, user }))
    }

    fn is_live(&self, session: &Session, now: Timestamp) -> bool {
        session.is_live(now) && now < session.last_seen_at + self.settings().session.idle_max
    }

    fn is_organization_enabled(&self, user: &User, now: Timestamp) -> Result<bool, Fault> {
        let directory = self.house().directory_at(now)?;
        Ok(directory.organization(user.organization_id.as_str()).is_some_and(|own| own.enabled))
    }

    /// Whether the person and their organization are let in at all.
    pub(crate) fn may_sign_in(&self, user: &User, now: Timestamp) -> Result<bool, Fault> {
        Ok(user.enabled && self.is_organization_enabled(user, now)?)
    }

    /// The organization of a person.
    pub(crate) fn organization_of(&self, user: &User, now: Timestamp) -> Result<Option<Arc<Organization>>, Fault> {
        let directory = self.house().directory_at(now)?;
        Ok(directory.organization(user.organization_id.as_str()).cloned())
    }

    /// The person as stored now.
    pub(crate) async fn present_user(&self, user: &UserId) -> Result<User, Refused> {
        users::find(&self.house().db, user).await?.ok_or(Refused::NotFound)
    }

    /// The live sessions of a person, newest first.
    pub async fn sessions(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, Fault> {
        let mut all = sessions::list_of_user(&self.house().db, user, now).await?;
        all.retain(|session| self.is_live(session, now));
        Ok(all)
    }

    /// Ends one session of a person, with the grants and tokens that came of it; `false` when it is none of theirs.
    pub async fn end_session(&self, user: &UserId, session: &SessionId, now: Timestamp) -> Result<bool, Fault> {
        let ended = self.house().db.transact::<_, Fault>(async |tx| {
            match sessions::find(&mut *tx, session).await? {
                Some(found) if found.user_id == *user => {}
                _ => return Ok(false),
            }
            let closed = self.close(tx, session, user, now).await?;
            revocations::insert(tx, &closed.revocation).await?;
            Ok(true)
        });
        let ended = ended.await?;
        self.house().directory.refresh().await?;
        Ok(ended)
    }

    /// Ends one session from the account pages, and writes that down.
    pub async fn end_listed_session(
        &self,
        signed_in: &SignedIn,
        session: &SessionId,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let ended = self.end_session(&signed_in.user.id, session, now).await?;
        if ended {
            self.note(Action::SessionEnded, &signed_in.user.id, None, visitor, now).await?;
        }
        Ok(ended)
    }

    /// Ends every session of the person but this one; tells how many.
    pub async fn end_other_sessions(
        &self,
        signed_in: &SignedIn,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<usize, Fault> {
        let entry = self.entry(Action::SessionEnded, &signed_in.user.id, None, visitor, now);
        let ended = self.house().db.transact::<_, Fault>(async |tx| {
            activities::insert(tx, &entry).await?;
            Ok(self.close_sessions_of(tx, &signed_in.user.id, Some(&signed_in.session.id), now).await?)
        });
        let ended = ended.await?;
        self.house().directory.refresh().await?;
        Ok(ended)
    }

    /// Signs the browser out; answers the credentials whose applications are told.
    pub async fn sign_out(
        &self,
        signed_in: &SignedIn,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<Vec<ClientId>, Fault> {
        let SignedIn { session, user } = signed_in;
        let entry = self.entry(Action::SignedOut, &user.id, None, visitor, now);
        let told = self.house().db.transact::<_, Fault>(async |tx| {
            let closed = self.close(tx, &session.id, &user.id, now).await?;
            activities::insert(tx, &entry).await?;
            revocations::insert(tx, &closed.revocation).await?;
            Ok(closed.told)
        });
        let told = told.await?;
        self.house().directory.refresh().await?;
        Ok(told)
    }

    /// Ends every session of a person but `keep`, with their grants; tells how many. Writes revocations, so it comes last
    /// in its transaction; the directory is to be refreshed after it.
    pub(crate) async fn close_sessions_of(
        &self,
        tx: &mut Transaction,
        user: &UserId,
        keep: Option<&SessionId>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let own = sessions::list_of_user(&mut *tx, user, now).await?;
        let mut closed = Vec::new();
        for session in own.iter().filter(|session| Some(&session.id) != keep) {
            closed.push(self.close(tx, &session.id, user, now).await?);
        }
        // Those that idled out are in nobody's list; their rows go too.
        sessions::delete_others(tx, user, keep).await?;
        for ended in &closed {
            revocations::insert(tx, &ended.revocation).await?;
        }
        Ok(closed.len())
    }

    /// Deletes a session, ends its grants and tells the applications. The revocation is left to the caller, since it has
    /// to come last in the transaction.
    pub(crate) async fn close(
        &self,
        tx: &mut Transaction,
        session: &SessionId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        let clients = grants::clients_of_session(&mut *tx, session).await?;
        sessions::delete(tx, session).await?;
        grants::revoke_of_session(tx, session, now).await?;
        let told: Vec<ClientId> = clients.into_iter().filter(|client| self.is_told_of_sign_outs(client)).collect();
        let notices: Vec<LogoutNotice> = told.iter().map(|client| self.notice(client, user, session, now)).collect();
        if !notices.is_empty() {
            logout_notices::insert_all(tx, &notices).await?;
        }
        Ok(Closed { told, revocation: self.revocation(Revoked::Session(session.clone()), now) })
    }

    fn is_told_of_sign_outs(&self, client: &ClientId) -> bool {
        let directory = self.house().directory.current();
        let redirects = directory.client(client.as_str()).and_then(|own| own.client.kind.redirects());
        redirects.is_some_and(|redirects| redirects.options.backchannel_logout_uri.is_some())
    }

    fn notice(&self, client: &ClientId, user: &UserId, session: &SessionId, now: Timestamp) -> LogoutNotice {
        LogoutNotice {
            id: crate::activity::sorting_id(&*self.house().entropy, now),
            client_id: client.clone(),
            user_id: user.clone(),
            session_id: session.clone(),
            created_at: now,
            due_at: now,
            attempts: 0,
        }
    }

    /// A revocation of all that was issued up to now.
    pub(crate) fn revocation(&self, revoked: Revoked, now: Timestamp) -> Revocation {
        let longest = self.house().instance.access_token_lifetime.max(ACCESS_TOKEN_LIFETIME);
        Revocation { revoked, revoked_at: now, expires_at: now + longest + REVOCATION_MARGIN }
    }

    /// A secret of 256 bits, and what is stored of it.
    pub(crate) fn new_secret(&self, purpose: &str) -> (SecretText, Digest) {
        let random = entropy::bytes::<32>(&*self.house().entropy);
        let secret = SecretText::from(base64url::encode(&random));
        let digest = self.house().digest_key.digest(purpose, secret.reveal().as_bytes());
        (secret, digest)
    }
}

/// A session that was ended within a transaction.
pub(crate) struct Closed {
    pub(crate) told: Vec<ClientId>,
    pub(crate) revocation: Revocation,
}
