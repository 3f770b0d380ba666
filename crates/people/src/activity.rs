//! What happened to an account, for its owner to see.

use std::str::FromStr;

use tollgate_model::{
    Invalid, Timestamp,
    id::{ClientId, RequestId, UserId},
};
use tollgate_store::activities::{self, Activity};
use tollgate_web::Fault;

use crate::{People, Visitor};

macro_rules! actions {
    ($($(#[$meta:meta])* $variant:ident $word:literal,)+) => {
        /// What can happen to an account.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$meta])* $variant,)+ }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word as stored.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

actions! {
    /// The account was made.
    AccountCreated "account_created",
    /// The person signed in with a password.
    SignedInPassword "signed_in_password",
    /// The person signed in with a passkey.
    SignedInPasskey "signed_in_passkey",
    /// The person signed in at an upstream provider.
    SignedInFederated "signed_in_federated",
    /// A second factor was given.
    SecondFactorPassed "second_factor_passed",
    /// Somebody tried to sign in and failed.
    SignInFailed "sign_in_failed",
    /// Attempts were stopped for a while.
    SignInThrottled "sign_in_throttled",
    /// The person signed out.
    SignedOut "signed_out",
    /// A session was ended from the account pages.
    SessionEnded "session_ended",
    /// The e-mail address was proved.
    EmailVerified "email_verified",
    /// Name, language or country were changed.
    ProfileChanged "profile_changed",
    /// The password was changed.
    PasswordChanged "password_changed",
    /// The password was reset by mail.
    PasswordReset "password_reset",
    /// A code was sent by mail.
    CodeSent "code_sent",
    /// A passkey was added.
    PasskeyAdded "passkey_added",
    /// A passkey was removed.
    PasskeyRemoved "passkey_removed",
    /// An authenticator application was confirmed.
    AuthenticatorAdded "authenticator_added",
    /// The authenticator application was removed.
    AuthenticatorRemoved "authenticator_removed",
    /// New recovery codes were made.
    RecoveryCodesMade "recovery_codes_made",
    /// A recovery code was used.
    RecoveryCodeUsed "recovery_code_used",
    /// An application was let in.
    ConsentGiven "consent_given",
    /// An application's access was taken back.
    ConsentRevoked "consent_revoked",
    /// A device of an application was let in.
    DeviceAllowed "device_allowed",
    /// The account was linked to an upstream provider.
    ProviderLinked "provider_linked",
    /// An administrator changed the account.
    AdministratorChanged "administrator_changed",
}

impl FromStr for Action {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.iter().copied().find(|own| own.as_str() == text);
        found.ok_or_else(|| Invalid::new("action", text, "use a word such as password_changed"))
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastActivity {
    /// Sorts by time; names the place to go on from.
    pub id: String,
    /// What happened.
    pub action: Action,
    /// The credential it concerns.
    pub client_id: Option<ClientId>,
    /// Its name, while it exists.
    pub client_name: Option<String>,
    /// From where; empty when nobody was at a browser.
    pub address: String,
    /// With which browser.
    pub user_agent: String,
    /// When.
    pub at: Timestamp,
}

impl People {
    /// The next activities of a person before the id `before`, newest first.
    pub async fn activities(
        &self,
        user: &UserId,
        before: Option<&str>,
        activities_max: u32,
    ) -> Result<Vec<PastActivity>, Fault> {
        let rows = activities::list_of_user(&self.house().db, user, before, activities_max).await?;
        let directory = self.house().directory.current();
        // A word that a later version wrote is left out.
        let known = rows.into_iter().filter_map(|row| Some((row.action.parse::<Action>().ok()?, row)));
        Ok(known
            .map(|(action, row)| {
                let client = row.client_id.as_ref().and_then(|id| directory.client(id.as_str()));
                PastActivity {
                    id: row.id,
                    action,
                    client_name: client.map(|own| own.client.name.clone()),
                    client_id: row.client_id,
                    address: row.address,
                    user_agent: row.user_agent,
                    at: row.at,
                }
            })
            .collect())
    }

    /// Writes down what happened.
    pub async fn note(
        &self,
        action: Action,
        user: &UserId,
        client: Option<&ClientId>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let entry = self.entry(action, user, client, visitor, now);
        self.house().db.transact::<_, Fault>(async |tx| Ok(activities::insert(tx, &entry).await?)).await
    }

    /// What is to be written down in a transaction.
    pub(crate) fn entry(
        &self,
        action: Action,
        user: &UserId,
        client: Option<&ClientId>,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Activity {
        Activity {
            client_id: client.cloned(),
            address: visitor.address.to_string(),
            user_agent: visitor.user_agent.clone(),
            ..self.administrative_entry(action, user, now)
        }
    }

    /// What is to be written down when nobody is at a browser.
    pub(crate) fn administrative_entry(&self, action: Action, user: &UserId, now: Timestamp) -> Activity {
        Activity {
            id: sorting_id(&*self.house().entropy, now),
            user_id: user.clone(),
            action: action.as_str().to_owned(),
            client_id: None,
            address: String::new(),
            user_agent: String::new(),
            at: now,
        }
    }
}

/// An id that sorts by time.
pub(crate) fn sorting_id(entropy: &dyn tollgate_crypto::Entropy, now: Timestamp) -> String {
    format!("{:016x}{}", now.micros(), &RequestId::generate(entropy).as_str()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_read_back_from_its_word() {
        for action in Action::ALL {
            assert_eq!(action.as_str().parse::<Action>().as_ref(), Ok(action));
        }
    }
}
