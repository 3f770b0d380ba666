//! How people leave: what ends with a token or a session, and who may end it without being asked.

use tollgate_crypto::Compact;
use tollgate_model::{
    Timestamp,
    id::{ClientId, SessionId, UserId},
    token::{AccessToken, Revocation, Revoked},
};
use tollgate_oauth::{assertion::ASSERTION_BYTES_MAX, id_token::IdTokenHint};
use tollgate_people::SignedIn;
use tollgate_store::Directory;
use tollgate_web::{
    Fault, Instance,
    access_token::{CLOCK_SKEW, check_standing, read_access_token},
};

use crate::Identity;

impl Identity {
    /// A good access token, whoever it was issued to.
    pub(crate) fn live_token(&self, directory: &Directory, text: &str, now: Timestamp) -> Option<AccessToken> {
        let house = self.house();
        let verified = read_access_token(directory, &house.instance, text).ok()?;
        check_standing(directory, house.directory.revocations(), &verified, now).ok()?;
        Some(verified.claims.token)
    }

    /// Ends a token, and the sign-in that it came from: the session with all that came of it, or, when there is none, the
    /// grant. A token for acting in somebody's name ends alone, since the sign-in belongs to another application. Durable
    /// before this returns.
    pub(crate) async fn end_sign_in(&self, token: &AccessToken, now: Timestamp) -> Result<(), Fault> {
        match (&token.sign_in, token.subject.parse::<UserId>()) {
            (Some(sign_in), Ok(user)) if token.acting_client.is_none() => {
                let ended = match &sign_in.session_id {
                    Some(session) => self.people().end_session(&user, session, now).await?,
                    None => false,
                };
                if !ended {
                    self.revoke_grant(&sign_in.grant_id, now).await?;
                }
            }
            _ => {
                let revocation = Revocation {
                    revoked: Revoked::Token(token.id.clone()),
                    revoked_at: now,
                    expires_at: token.expires_at + CLOCK_SKEW,
                };
                self.house().directory.revoke(&revocation).await?;
            }
        }
        Ok(())
    }
}

/// An earlier `id_token` of ours as it was given back: signed with a key that we publish, or published; that it has expired
/// does not matter (OpenID Connect RP-Initiated Logout section 2).
pub(crate) fn read_hint(directory: &Directory, instance: &Instance, text: &str) -> Option<IdTokenHint> {
    let jws = Compact::parse(text, ASSERTION_BYTES_MAX).ok()?;
    let key = directory.keys.find(jws.header.kid.as_deref()?)?;
    jws.verify(&key.verifying, &[key.algorithm]).ok()?;
    let hint = IdTokenHint::parse(&jws.payload).ok()?;
    (hint.issuer == instance.issuer).then_some(hint)
}

/// The one application that a hint was given to.
pub(crate) fn client_of(hint: &IdTokenHint) -> Option<ClientId> {
    match &*hint.audience {
        [one] => one.parse().ok(),
        _ => None,
    }
}

/// Whether a hint speaks of this sign-in: the person, and the session if it names one. Another site may hold hints of other
/// people, or of the same person's other browsers.
pub(crate) fn fits(hint: &IdTokenHint, signed_in: &SignedIn) -> bool {
    let of_session = |session: &SessionId| *session == signed_in.session.id;
    hint.subject == signed_in.user.id.as_str() && hint.session_id.as_ref().is_none_or(of_session)
}
