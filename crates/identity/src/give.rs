//! What a client is given for a grant of a person: an access token and what comes beside it, as one answer.

use tollgate_model::{Timestamp, grant::Grant, user::User};
use tollgate_oauth::{
    answers::{AnswerType, TokenAnswer},
    id_token::IdTokenClaims,
    token::TokenVersion,
};
use tollgate_store::Directory;
use tollgate_web::Stop;

use crate::{
    Identity,
    granted::Granted,
    issue::{ID_TOKEN_LIFETIME, Issued, sign_id_token},
    reference::Reference,
};

/// What is given.
pub(crate) struct Gift<'a> {
    /// The access token to be.
    pub(crate) granted: Granted,
    /// A new refresh token.
    pub(crate) refresh: Option<&'a Reference>,
    /// The person, for clients of IMS, which read who it is from the answer.
    pub(crate) person: Option<&'a User>,
    /// The grant that an `id_token` tells of.
    pub(crate) told: Option<&'a Grant>,
}

impl Identity {
    /// Signs what is given, and writes the answer.
    pub(crate) fn give(
        &self,
        directory: &Directory,
        gift: Gift<'_>,
        version: TokenVersion,
        now: Timestamp,
    ) -> Result<Vec<u8>, Stop> {
        let client_id = gift.granted.client.client.id.clone();
        let issued = self.issue(directory, gift.granted, now)?;
        let id_token = match (gift.told, gift.person) {
            (Some(grant), Some(user)) if issued.scope.contains("openid") => {
                let claims = IdTokenClaims {
                    issuer: &self.house().instance.issuer,
                    user,
                    client_id: &client_id,
                    scope: &issued.scope,
                    named: &grant.binding.id_token_claims,
                    nonce: grant.binding.nonce.as_deref(),
                    sign_in: &grant.sign_in,
                    issued_at: now,
                    expires_at: now + ID_TOKEN_LIFETIME,
                    access_token: Some(&issued.access_token),
                    code: None,
                };
                Some(sign_id_token(directory, &claims, now)?)
            }
            _ => None,
        };
        let mut answer = TokenAnswer::of_token(version, &issued.access_token, issued.remaining, Some(&issued.scope))
            .with_type(answer_type(&issued));
        if let Some(refresh) = gift.refresh {
            answer = answer.with_refresh_token(refresh.text.reveal(), refresh.expires_at.seconds_since(now));
        }
        if let Some(id_token) = &id_token {
            answer = answer.with_id_token(id_token);
        }
        if let Some(person) = gift.person {
            answer = answer.with_person(person, &issued.scope);
        }
        Ok(answer.to_json())
    }
}

/// How the token is to be shown.
pub(crate) const fn answer_type(issued: &Issued) -> AnswerType {
    if issued.is_bound { AnswerType::Dpop } else { AnswerType::Bearer }
}
