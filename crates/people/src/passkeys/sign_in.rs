//! Signing in with a passkey: found by the device itself, among those of an account, or as the second factor.
//!
//! In all three the server remembers a challenge without a list of passkeys; whose passkey it must be is checked here. So
//! the options for an address that nobody has look like any others.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tollgate_crypto::{DigestKey, base64url};
use tollgate_model::{
    Timestamp,
    id::UserId,
    session::{Method, Methods, Session},
    user::{EmailAddress, User},
};
use tollgate_store::{passkeys, users};
use tollgate_web::Fault;
use webauthn_rs::prelude::{DiscoverableAuthentication, PublicKeyCredential, WebauthnError};

use super::{
    CEREMONY_LIFETIME, PasskeyOptions, PasskeyRefused, RESPONSE_BYTES_MAX, is_managed,
    relying_party::{self, RelyingParty},
};
use crate::{People, SignInStep, Visitor, activity::Action, ceremony::Purpose};

#[derive(Serialize, Deserialize)]
struct Remembered {
    owner: Owner,
    authentication: DiscoverableAuthentication,
}

/// Whose passkey is awaited.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Owner {
    /// Anybody's: the passkey says whose it is.
    Anyone,
    /// This person's.
    Person(UserId),
    /// That of an address which nobody has.
    Nobody,
}

impl People {
    /// The options of a sign-in: without an address for passkeys that the device finds by itself, with one for those of
    /// that account. Nothing in them tells whether there is such an account.
    pub async fn start_passkey_sign_in(
        &self,
        email: Option<&str>,
        now: Timestamp,
    ) -> Result<PasskeyOptions, PasskeyRefused> {
        let Some(email) = email.map(str::trim).filter(|email| !email.is_empty()) else {
            return self.start(Purpose::PasskeySignIn, Owner::Anyone, None, now).await;
        };
        let house = self.house();
        let user = match email.parse::<EmailAddress>() {
            Ok(email) => users::find_by_email(&house.db, &email).await?,
            Err(_) => None,
        };
        let mut ids = match &user {
            Some(user) => self.passkey_ids(&user.id).await?,
            None => Vec::new(),
        };
        if ids.is_empty() {
            ids.push(invented_id(&house.digest_key, email));
        }
        let owner = user.map_or(Owner::Nobody, |user| Owner::Person(user.id));
        self.start(Purpose::PasskeySignIn, owner, Some(&ids), now).await
    }

    /// Signs in with the browser's answer.
    pub async fn finish_passkey_sign_in(
        &self,
        ceremony: &str,
        response: &[u8],
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, PasskeyRefused> {
        // A passkey cannot be guessed, so failures count on the address alone: nobody can lock its owner out.
        let attempt = self.attempt(None, visitor, now).await?;
        let user = self.proven(Purpose::PasskeySignIn, ceremony, response, visitor, now).await?;
        attempt.succeeded().await?;
        Ok(self.complete(user, Methods::one(Method::Passkey), visitor, current, now).await?)
    }

    /// The options for the second half of a sign-in that began with a password.
    pub async fn start_passkey_second_factor(
        &self,
        ticket: &str,
        now: Timestamp,
    ) -> Result<PasskeyOptions, PasskeyRefused> {
        let user = self.ticket(ticket, now).await?.user.id;
        let ids = self.passkey_ids(&user).await?;
        if ids.is_empty() {
            return Err(PasskeyRefused::NotFound);
        }
        self.start(Purpose::PasskeySecondFactor, Owner::Person(user), Some(&ids), now).await
    }

    /// Finishes a sign-in that began with a password.
    pub async fn finish_passkey_second_factor(
        &self,
        ticket: &str,
        ceremony: &str,
        response: &[u8],
        visitor: &Visitor,
        current: Option<&Session>,
        now: Timestamp,
    ) -> Result<SignInStep, PasskeyRefused> {
        let expected = self.ticket(ticket, now).await?.user.id;
        let attempt = self.attempt(None, visitor, now).await?;
        let user = self.proven(Purpose::PasskeySecondFactor, ceremony, response, visitor, now).await?;
        if user.id != expected {
            return Err(PasskeyRefused::NotAccepted);
        }
        attempt.succeeded().await?;
        Ok(self.pass_second_factor(ticket, Method::Passkey, visitor, current, now).await?)
    }

    async fn start(
        &self,
        purpose: Purpose,
        owner: Owner,
        ids: Option<&[String]>,
        now: Timestamp,
    ) -> Result<PasskeyOptions, PasskeyRefused> {
        let party = RelyingParty::of(&self.house().instance)?;
        let (challenge, authentication) = party
            .0
            .start_discoverable_authentication()
            .map_err(|cause| Fault::caused("a passkey ceremony could not begin", cause))?;
        let user = if let Owner::Person(user) = &owner { Some(user.clone()) } else { None };
        let state = Remembered { owner, authentication };
        let ceremony = self.begin_ceremony(purpose, user.as_ref(), &state, CEREMONY_LIFETIME, now).await?;
        let allowed = ids.map(|ids| {
            let allowed = ids.iter().map(|id| json!({ "type": "public-key", "id": id })).collect::<Vec<Value>>();
            ("/publicKey/allowCredentials", Value::from(allowed))
        });
        let options = relying_party::options(&challenge.public_key, allowed.as_slice())?;
        Ok(PasskeyOptions { ceremony, options })
    }

    /// The person whose passkey signed this challenge.
    async fn proven(
        &self,
        purpose: Purpose,
        ceremony: &str,
        response: &[u8],
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<User, PasskeyRefused> {
        let house = self.house();
        let party = RelyingParty::of(&house.instance)?;
        let state: Option<Remembered> = self.take_ceremony(purpose, ceremony, now).await?;
        let state = state.ok_or(PasskeyRefused::CeremonyOver)?;
        let response = asserted(response).ok_or(PasskeyRefused::NotAccepted)?;
        let id = relying_party::passkey_id(response.get_credential_id());
        let stored = passkeys::find(&house.db, &id).await?.ok_or(PasskeyRefused::NotAccepted)?;
        let handle = relying_party::user_handle(&house.digest_key, &stored.user_id);
        if !owner_fits(&state.owner, &stored.user_id, response.get_user_unique_id(), handle.as_bytes()) {
            return Err(PasskeyRefused::NotAccepted);
        }
        let mut passkey = relying_party::read(&stored)?;
        let outcome = party.0.finish_discoverable_authentication_v2(&response, state.authentication, &passkey);
        let result = match outcome {
            Ok(result) if result.user_verified() => result,
            Ok(_) => return Err(PasskeyRefused::NotAccepted),
            Err(cause) => return Err(self.refuse_assertion(&stored.user_id, &cause, visitor, now).await?),
        };
        passkey.update_credential(&result);
        let document = relying_party::write(&passkey)?;
        let kept = house.db.transact(async |tx| passkeys::update_document(tx, &id, &document, now).await).await?;
        if !kept {
            return Err(PasskeyRefused::NotAccepted);
        }
        let user = users::find(&house.db, &stored.user_id).await?;
        user.filter(|user| !is_managed(user)).ok_or(PasskeyRefused::NotAccepted)
    }

    /// Notes a wrong answer; the owner hears of a counter that went backwards, since it means that the key was copied.
    async fn refuse_assertion(
        &self,
        user: &UserId,
        cause: &WebauthnError,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<PasskeyRefused, Fault> {
        if matches!(cause, WebauthnError::CredentialPossibleCompromise) {
            tracing::warn!(%user, "the counter of a passkey went backwards: it may have been copied");
            self.note(Action::SignInFailed, user, None, visitor, now).await?;
        } else {
            tracing::info!(%user, %cause, "a passkey was not accepted");
        }
        Ok(PasskeyRefused::NotAccepted)
    }

    async fn passkey_ids(&self, user: &UserId) -> Result<Vec<String>, Fault> {
        let stored = passkeys::list_of_user(&self.house().db, user).await?;
        Ok(stored.into_iter().map(|passkey| passkey.id).collect())
    }
}

/// Web Authentication section 7.2, step 6: who was named before must own the passkey, and who was not must be named by it.
fn owner_fits(awaited: &Owner, owner: &UserId, given_handle: Option<&[u8]>, handle: &[u8]) -> bool {
    match awaited {
        Owner::Anyone => given_handle == Some(handle),
        Owner::Person(person) => person == owner && given_handle.is_none_or(|given| given == handle),
        Owner::Nobody => false,
    }
}

/// The id of a passkey that does not exist, the same each time, for an address without passkeys.
fn invented_id(key: &DigestKey, email: &str) -> String {
    let digest = key.digest("invented passkey", email.to_lowercase().as_bytes()).to_string();
    let bytes = base64url::decode(&digest).unwrap_or_else(|_| digest.into_bytes());
    // The lengths that the common kinds of devices use.
    let length = [16, 20, 32][usize::from(bytes[0] % 3)];
    base64url::encode(&bytes[..length.min(bytes.len())])
}

fn asserted(response: &[u8]) -> Option<PublicKeyCredential> {
    if response.len() > RESPONSE_BYTES_MAX {
        return None;
    }
    serde_json::from_slice(response).ok()
}
