//! Adding a passkey: only for who signed in recently.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tollgate_model::{Timestamp, id::UserId, organization::check_display_name};
use tollgate_store::{activities, passkeys};
use tollgate_web::Fault;
use webauthn_rs::prelude::{Passkey, PasskeyRegistration, RegisterPublicKeyCredential};

use super::{
    CEREMONY_LIFETIME, PASSKEYS_MAX, PasskeyOptions, PasskeyRefused, PasskeySummary, RESPONSE_BYTES_MAX, is_managed,
    relying_party::{self, RelyingParty},
    summary,
};
use crate::{People, SignedIn, Visitor, activity::Action, ceremony::Purpose, factors::is_recent};

#[derive(Serialize, Deserialize)]
struct Remembered {
    user_id: UserId,
    registration: PasskeyRegistration,
}

impl People {
    /// The options of a new passkey for the person who is signed in.
    pub async fn start_passkey_registration(
        &self,
        signed_in: &SignedIn,
        now: Timestamp,
    ) -> Result<PasskeyOptions, PasskeyRefused> {
        let party = RelyingParty::of(&self.house().instance)?;
        if !is_recent(signed_in, now) {
            return Err(PasskeyRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user);
        if is_managed(user) {
            return Err(PasskeyRefused::Managed);
        }
        let own = passkeys::list_of_user(&house.db, &user.id).await?;
        if own.len() >= PASSKEYS_MAX {
            return Err(PasskeyRefused::TooMany);
        }
        let own = own.iter().map(relying_party::read).collect::<Result<Vec<_>, _>>()?;
        let known = own.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let handle = relying_party::user_handle(&house.digest_key, &user.id);
        let (challenge, registration) = party
            .0
            .start_passkey_registration(handle, user.email.as_str(), &user.name, Some(known))
            .map_err(|cause| Fault::caused("a passkey ceremony could not begin", cause))?;
        let state = Remembered { user_id: user.id.clone(), registration };
        let ceremony =
            self.begin_ceremony(Purpose::PasskeyRegistration, Some(&user.id), &state, CEREMONY_LIFETIME, now).await?;
        // A passkey that the device can find by itself signs in without an e-mail address; a key that is full still works.
        let preferred = [("/publicKey/authenticatorSelection/residentKey", Value::from("preferred"))];
        Ok(PasskeyOptions { ceremony, options: relying_party::options(&challenge.public_key, &preferred)? })
    }

    /// Keeps the passkey that the browser made, under a name that the person gives it.
    pub async fn finish_passkey_registration(
        &self,
        signed_in: &SignedIn,
        ceremony: &str,
        name: &str,
        response: &[u8],
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<PasskeySummary, PasskeyRefused> {
        let party = RelyingParty::of(&self.house().instance)?;
        if !is_recent(signed_in, now) {
            return Err(PasskeyRefused::SignInAgain);
        }
        check_display_name("passkey name", name)?;
        let user = &signed_in.user.id;
        let state: Option<Remembered> = self.take_ceremony(Purpose::PasskeyRegistration, ceremony, now).await?;
        let state = state.filter(|state| state.user_id == *user).ok_or(PasskeyRefused::CeremonyOver)?;
        let response = registered(response).ok_or(PasskeyRefused::NotAccepted)?;
        let passkey = party.0.finish_passkey_registration(&response, &state.registration).map_err(|cause| {
            tracing::info!(%user, %cause, "a new passkey was not accepted");
            PasskeyRefused::NotAccepted
        })?;
        self.keep(signed_in, name, &passkey, visitor, now).await
    }

    async fn keep(
        &self,
        signed_in: &SignedIn,
        name: &str,
        passkey: &Passkey,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<PasskeySummary, PasskeyRefused> {
        let (house, user) = (self.house(), &signed_in.user.id);
        let stored = passkeys::Passkey {
            id: relying_party::passkey_id(passkey.cred_id()),
            user_id: user.clone(),
            name: name.to_owned(),
            document: relying_party::write(passkey)?,
            created_at: now,
            last_used_at: None,
        };
        let added = self.entry(Action::PasskeyAdded, user, None, visitor, now);
        house
            .db
            .transact(async |tx| {
                if passkeys::list_of_user(&mut *tx, user).await?.len() >= PASSKEYS_MAX {
                    return Err(PasskeyRefused::TooMany);
                }
                // An id that is taken, perhaps by somebody else's passkey, is refused (Web Authentication section 7.1).
                if !passkeys::insert(tx, &stored).await? {
                    return Err(PasskeyRefused::NotAccepted);
                }
                Ok(activities::insert(tx, &added).await?)
            })
            .await?;
        Ok(summary(&stored)?)
    }
}

fn registered(response: &[u8]) -> Option<RegisterPublicKeyCredential> {
    if response.len() > RESPONSE_BYTES_MAX {
        return None;
    }
    serde_json::from_slice(response).ok()
}
