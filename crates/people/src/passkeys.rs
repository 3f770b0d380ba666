//! Passkeys: the relying party's side of Web Authentication, and what a person does with the passkeys they have.
//!
//! A passkey always checks the person itself (user verification), so one alone is two factors.

mod registration;
mod relying_party;
mod sign_in;
#[cfg(test)]
mod soft_authenticator;
#[cfg(test)]
mod tests;

use thiserror::Error;
use tollgate_model::{
    Invalid, Seconds, Timestamp,
    id::UserId,
    organization::check_display_name,
    user::{AccountType, User},
};
use tollgate_store::{StoreError, activities, passkeys};
use tollgate_web::Fault;

use self::relying_party::RelyingParty;
use crate::{
    People, Refused, SignedIn, Visitor,
    activity::Action,
    factors::{drop_codes_without_factor, is_recent},
};

/// How long a person has between the options and the answer.
const CEREMONY_LIFETIME: Seconds = Seconds(5 * 60);
const PASSKEYS_MAX: usize = 20;
/// Answers of browsers are some hundred bytes long.
const RESPONSE_BYTES_MAX: usize = 16 * 1024;

/// What a browser is given to begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyOptions {
    /// To be sent back with the answer.
    pub ceremony: String,
    /// `{"publicKey": …}`, as Web Authentication Level 3 writes options in JSON.
    pub options: String,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeySummary {
    /// Its id, in base64url.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is kept on several devices.
    pub synced: bool,
}

/// Why something with a passkey was refused.
#[derive(Debug, Error)]
pub enum PasskeyRefused {
    /// Browsers know passkeys only under a name: not under an IP address, and not over plain HTTP.
    #[error("passkeys need an address with a name, over https")]
    NotAvailable,
    /// The person's organization leaves it to its identity provider to sign them in.
    #[error("your organization's identity provider signs you in")]
    Managed,
    /// The sign-in is too long ago for such a change.
    #[error("sign in again to change how you sign in")]
    SignInAgain,
    /// It took too long, or the answer was sent before.
    #[error("this took too long; try again")]
    CeremonyOver,
    /// The answer proves nothing: another key, another origin, no check of the person, a copied key.
    #[error("the passkey was not accepted")]
    NotAccepted,
    /// The person has as many passkeys as are kept.
    #[error("there are {PASSKEYS_MAX} passkeys already; remove one first")]
    TooMany,
    /// The passkey is the only way to sign in.
    #[error("this passkey is the only way to sign in; add another or set a password first")]
    LastWayIn,
    /// The name for it cannot be used.
    #[error(transparent)]
    Name(#[from] Invalid),
    /// The person has no such passkey.
    #[error("there is no such passkey")]
    NotFound,
    /// Too many attempts.
    #[error("too many attempts; try again in {0} s")]
    Throttled(Seconds),
    /// Something of ours failed.
    #[error("{0}")]
    Fault(Fault),
}

impl From<Fault> for PasskeyRefused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for PasskeyRefused {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<Refused> for PasskeyRefused {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Throttled(wait) => Self::Throttled(wait),
            Refused::Fault(fault) => Self::Fault(fault),
            Refused::TicketOver => Self::CeremonyOver,
            Refused::SignInAgain => Self::SignInAgain,
            _ => Self::NotAccepted,
        }
    }
}

impl People {
    /// Whether passkeys can be used at this instance's address.
    pub fn passkeys_available(&self) -> bool {
        RelyingParty::of(&self.house().instance).is_ok()
    }

    /// A person's passkeys, in the order in which they were added.
    pub async fn passkeys(&self, user: &UserId) -> Result<Vec<PasskeySummary>, Fault> {
        let stored = passkeys::list_of_user(&self.house().db, user).await?;
        stored.into_iter().map(|passkey| summary(&passkey)).collect()
    }

    /// Gives a passkey another name.
    pub async fn rename_passkey(&self, signed_in: &SignedIn, id: &str, name: &str) -> Result<(), PasskeyRefused> {
        check_display_name("passkey name", name)?;
        let user = &signed_in.user.id;
        let renamed = self.house().db.transact(async |tx| passkeys::rename(tx, user, id, name).await).await?;
        if renamed { Ok(()) } else { Err(PasskeyRefused::NotFound) }
    }

    /// Removes a passkey, unless nothing would be left to sign in with.
    pub async fn delete_passkey(
        &self,
        signed_in: &SignedIn,
        id: &str,
        visitor: &Visitor,
        now: Timestamp,
    ) -> Result<(), PasskeyRefused> {
        if !is_recent(signed_in, now) {
            return Err(PasskeyRefused::SignInAgain);
        }
        let (house, user) = (self.house(), &signed_in.user);
        let has_other_way = user.password_hash.is_some() || is_managed(user);
        let removed = self.entry(Action::PasskeyRemoved, &user.id, None, visitor, now);
        house
            .db
            .transact(async |tx| {
                if !passkeys::delete(tx, &user.id, id).await? {
                    return Err(PasskeyRefused::NotFound);
                }
                if !has_other_way && passkeys::list_of_user(&mut *tx, &user.id).await?.is_empty() {
                    return Err(PasskeyRefused::LastWayIn);
                }
                drop_codes_without_factor(tx, &user.id, now).await?;
                Ok(activities::insert(tx, &removed).await?)
            })
            .await
    }
}

/// Whoever is let go upstream must not get in here by another way.
fn is_managed(user: &User) -> bool {
    user.account_type == AccountType::Federated
}

fn summary(stored: &passkeys::Passkey) -> Result<PasskeySummary, Fault> {
    Ok(PasskeySummary {
        id: stored.id.clone(),
        name: stored.name.clone(),
        created_at: stored.created_at,
        last_used_at: stored.last_used_at,
        synced: relying_party::is_synced(&stored.document)?,
    })
}
