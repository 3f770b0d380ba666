//! The end of a sign-in: the session.

use tollgate_crypto::Digest;
use tollgate_model::{
    Timestamp,
    id::SessionId,
    session::{Method, Methods, Session},
    user::User,
};
use tollgate_store::{Transaction, activities, revocations, sessions, users};

use crate::{
    NewSession, People, Refused, SignInStep, Visitor, activity::Action, sessions::DIGEST_PURPOSE, ticket::use_up,
};

/// A session about to begin.
pub(crate) struct Beginning<'a> {
    pub(crate) user: User,
    pub(crate) methods: Methods,
    pub(crate) current: Option<&'a Session>,
}

impl People {
    /// Begins the session, in one transaction with all that goes with it.
    pub(crate) async fn begin(
        &self,
        beginning: Beginning<'_>,
        ticket: Option<&Digest>,
        new_password: Option<&str>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<SignInStep, Refused> {
        let Beginning { user, methods, current } = beginning;
        let (secret, digest) = self.new_secret(DIGEST_PURPOSE);
        let fresh = Session {
            id: SessionId::generate(&*self.house().entropy, now),
            digest,
            user_id: user.id.clone(),
            methods,
            authenticated_at: now,
            created_at: now,
            last_seen_at: now,
            expires_at: now + self.settings().session.lifetime,
            address: visitor.address.to_string(),
            user_agent: visitor.user_agent.clone(),
        };
        let entries: Vec<_> = actions(&fresh.methods, new_password.is_some())
            .zip(now.micros()..)
            // A microsecond apart, so that they are listed in this order.
            .map(|(action, at)| self.entry(action, &user.id, None, visitor, Timestamp::from_micros(at)))
            .collect();
        let replaced = current.filter(|other| other.user_id != user.id);
        let begun = self.house().db.transact::<_, Refused>(async |tx| {
            if let Some(hash) = new_password {
                users::set_password(tx, &user.id, Some(hash), false).await?;
            }
            use_up(tx, ticket, now).await?;
            let session = renewed(tx, current, &fresh, now).await?;
            if session.id == fresh.id {
                sessions::insert(tx, &session).await?;
            }
            for entry in &entries {
                activities::insert(tx, entry).await?;
            }
            if new_password.is_some() {
                self.close_sessions_of(tx, &user.id, Some(&session.id), now).await?;
            }
            if let Some(other) = replaced {
                let closed = self.close(tx, &other.id, &other.user_id, now).await?;
                revocations::insert(tx, &closed.revocation).await?;
            }
            Ok(session)
        });
        let session = begun.await?;
        if new_password.is_some() || replaced.is_some() {
            self.house().directory.refresh().await?;
        }
        Ok(SignInStep::Complete(Box::new(NewSession { session, user, secret })))
    }
}

/// The browser's own session under a new secret when it is of the same person and still there; otherwise `fresh`.
async fn renewed(
    tx: &mut Transaction,
    current: Option<&Session>,
    fresh: &Session,
    now: Timestamp,
) -> Result<Session, Refused> {
    let Some(own) = current.filter(|own| own.user_id == fresh.user_id && own.is_live(now)) else {
        return Ok(fresh.clone());
    };
    if !sessions::renew(tx, &own.id, &fresh.digest, &fresh.methods, now).await? {
        return Ok(fresh.clone());
    }
    Ok(Session { id: own.id.clone(), created_at: own.created_at, expires_at: own.expires_at, ..fresh.clone() })
}

/// What a complete sign-in is written down as.
fn actions(methods: &Methods, password_changed: bool) -> impl Iterator<Item = Action> {
    let by = |method| match method {
        Method::Password => Action::SignedInPassword,
        Method::OneTimeCode => Action::SecondFactorPassed,
        Method::Passkey => Action::SignedInPasskey,
        Method::Federated => Action::SignedInFederated,
    };
    let signed_in: Vec<Action> = methods.iter().map(by).collect();
    signed_in.into_iter().chain(password_changed.then_some(Action::PasswordChanged))
}
