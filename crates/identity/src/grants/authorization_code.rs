//! The grant `authorization_code`: the first tokens after a sign-in (RFC 6749 section 4.1.3).
//!
//! The code is used up before anything else is looked at, so whoever presents a stolen one without being able to redeem it
//! has destroyed it. A second use ends the grant with all its tokens: one of the two was not the application.

use tollgate_crypto::SecretText;
use tollgate_model::{
    grant::{Grant, REFRESH_IDLE_MAX},
    pkce::CodeChallenge,
    scope::ScopeSet,
    token::TokenType,
    user::User,
};
use tollgate_oauth::{ErrorCode, OauthError, token::TokenVersion};
use tollgate_store::{
    StoreError, Transaction,
    grants::{self, CodeUse},
    users,
};
use tollgate_web::Stop;

use super::{Call, check_person, invalid_grant, narrowed, narrowed_audience};
use crate::{
    give::Gift,
    granted::Granted,
    possession::check_bound,
    reference::{Reference, Referred},
};

/// The scope that a refresh token is given for.
pub(crate) const OFFLINE_ACCESS: &str = "offline_access";

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) code: SecretText,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) code_verifier: Option<SecretText>,
    /// Fewer scopes than were granted.
    pub(crate) scope: Option<ScopeSet>,
    /// Fewer resources than were granted.
    pub(crate) resources: Vec<String>,
}

/// A code that was good.
struct Redeemed {
    grant: Grant,
    user: User,
    scope: ScopeSet,
    audience: Vec<String>,
    with_refresh: bool,
}

/// Redeems a code for tokens.
pub(crate) async fn redeem(call: &Call<'_>, asked: Asked) -> Result<Vec<u8>, Stop> {
    let outcome = use_up(call, asked).await;
    outcome.map_err(|stop| match stop {
        // What clients of the first version match (contract section 11, line 9).
        Stop::Refusal(refusal) if call.version == TokenVersion::V1 && refusal.code() == ErrorCode::InvalidGrant => {
            OauthError::new(ErrorCode::AccessDenied, refusal.description().to_owned()).into()
        }
        other => other,
    })
}

async fn use_up(call: &Call<'_>, asked: Asked) -> Result<Vec<u8>, Stop> {
    let Call { identity, now, .. } = *call;
    let code = asked.code.reveal();
    let read = identity.read_reference_of(TokenType::AuthorizationCode, code).ok_or_else(unknown)?;
    let grant_id = read.grant_id.ok_or_else(unknown)?;
    let digest = identity.reference_digest(TokenType::AuthorizationCode, code);
    let refresh = identity.write_reference(
        Referred {
            token_type: TokenType::RefreshToken,
            client_id: &call.authenticated.client.client.id,
            user_id: &read.user_id,
            grant_id: Some(&grant_id),
            expires_at: now + REFRESH_IDLE_MAX,
        },
        now,
    );
    let used = async |tx: &mut Transaction| -> Result<Result<Redeemed, Refused>, StoreError> {
        match grants::redeem_code(tx, &digest, now).await? {
            CodeUse::Redeemed(grant) => start(tx, call, &asked, *grant, &refresh).await,
            CodeUse::UsedBefore(grant_id) => {
                identity.end_grant(tx, &grant_id, now).await?;
                Ok(Err(Refused { refusal: used_before(), grant_ended: true }))
            }
            CodeUse::Expired => Ok(Err(Refused::plain(expired()))),
            CodeUse::Unknown => Ok(Err(Refused::plain(unknown()))),
        }
    };
    match identity.house().db.transact(used).await? {
        Ok(redeemed) => give(call, redeemed, &refresh),
        Err(Refused { refusal, grant_ended }) => {
            if grant_ended {
                identity.house().directory.refresh().await?;
            }
            Err(refusal.into())
        }
    }
}

/// A refusal that is committed together with what caused it.
struct Refused {
    refusal: OauthError,
    grant_ended: bool,
}

impl Refused {
    const fn plain(refusal: OauthError) -> Self {
        Self { refusal, grant_ended: false }
    }
}

/// Checks whether the code is presented by whom it was made for, and begins what goes on from it.
async fn start(
    tx: &mut Transaction,
    call: &Call<'_>,
    asked: &Asked,
    grant: Grant,
    refresh: &Reference,
) -> Result<Result<Redeemed, Refused>, StoreError> {
    let user = users::find(&mut *tx, &grant.user_id).await?;
    let checked = check(call, asked, &grant).and_then(|(scope, audience)| {
        let user = check_person(call.directory, user)?;
        Ok((scope, audience, user))
    });
    let (scope, audience, user) = match checked {
        Ok(checked) => checked,
        Err(refusal) => return Ok(Err(Refused::plain(refusal))),
    };
    let with_refresh = scope.contains(OFFLINE_ACCESS);
    if with_refresh {
        if let Some(key) = call.proven.as_deref().filter(|_| grant.key_thumbprint.is_none() && is_public(call)) {
            grants::bind(tx, &grant.id, key).await?;
        }
        grants::start_refresh(tx, &grant.id, &refresh.digest, refresh.expires_at, call.now).await?;
    }
    Ok(Ok(Redeemed { grant, user, scope, audience, with_refresh }))
}

fn check(call: &Call<'_>, asked: &Asked, grant: &Grant) -> Result<(ScopeSet, Vec<String>), OauthError> {
    let client = &call.authenticated.client;
    if grant.client_id != client.client.id {
        return Err(invalid_grant("the authorization code was issued to another client"));
    }
    if asked.redirect_uri.as_ref().is_some_and(|uri| *uri != grant.binding.redirect_uri) {
        return Err(invalid_grant("redirect_uri is not the one that the authorization code was sent to"));
    }
    check_verifier(grant.binding.code_challenge.as_deref(), asked.code_verifier.as_ref().map(SecretText::reveal))?;
    check_bound(grant.key_thumbprint.as_deref(), call.proven.as_deref())?;
    let scope = narrowed(asked.scope.as_ref(), &grant.scope, client.allowed_scopes())?;
    let audience = narrowed_audience(&call.identity.house().instance, &grant.resources, asked.resources.clone())?;
    Ok((scope, audience))
}

/// A verifier is demanded exactly when there was a challenge: one without the other means that somebody took the
/// challenge out of the request, or put the code of another request in (RFC 9700 section 2.1.1).
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OauthError> {
    let (challenge, verifier) = match (challenge, verifier) {
        (None, None) => return Ok(()),
        (Some(_), None) => return Err(invalid_grant("code_verifier is missing; the request had a code_challenge")),
        (None, Some(_)) => {
            return Err(invalid_grant("code_verifier is not expected; the request had no code_challenge"));
        }
        (Some(challenge), Some(verifier)) => (challenge, verifier),
    };
    let is_met = challenge.parse::<CodeChallenge>().is_ok_and(|challenge| challenge.is_met_by(verifier));
    if is_met { Ok(()) } else { Err(invalid_grant("code_verifier does not match the code_challenge of the request")) }
}

fn give(call: &Call<'_>, redeemed: Redeemed, refresh: &Reference) -> Result<Vec<u8>, Stop> {
    let Redeemed { grant, user, scope, audience, with_refresh } = redeemed;
    let client = std::sync::Arc::clone(&call.authenticated.client);
    let granted = Granted { scope, ..Granted::of_grant(client, &grant, audience) }.bound_to(call.proven.clone());
    let gift = Gift { granted, refresh: with_refresh.then_some(refresh), person: Some(&user), told: Some(&grant) };
    call.identity.give(call.directory, gift, call.version, call.now)
}

/// Whether the caller keeps no secret, so that its refresh tokens are worth only what the key is that they are bound to.
pub(crate) fn is_public(call: &Call<'_>) -> bool {
    !call.authenticated.client.client.credential_type().has_client_secret()
}

fn unknown() -> OauthError {
    invalid_grant("the authorization code is unknown; send the person through /ims/authorize again")
}

fn expired() -> OauthError {
    invalid_grant("the authorization code has expired; send the person through /ims/authorize again")
}

fn used_before() -> OauthError {
    invalid_grant("the authorization code was used before; all tokens that came of it have been ended")
}
