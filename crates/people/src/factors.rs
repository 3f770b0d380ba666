//! What the second factors have in common: what a person has of them, and why a change is refused.

use thiserror::Error;
use tollgate_model::{Seconds, Timestamp, id::UserId};
use tollgate_store::{StoreError, Transaction, authenticators, passkeys, recovery_codes};
use tollgate_web::Fault;

use crate::{People, RECENT_AUTHENTICATION, Refused, SignedIn};

/// The second factors that a person has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactorWays {
    /// An authenticator application.
    pub authenticator: bool,
    /// At least one unused recovery code.
    pub recovery_code: bool,
    /// At least one passkey.
    pub passkey: bool,
}

/// Why an authenticator application or recovery codes were not changed.
#[derive(Debug, Error)]
pub enum FactorRefused {
    /// The sign-in is too long ago for such a change.
    #[error("sign in again to change how you sign in")]
    SignInAgain,
    /// The code is wrong, too old, or was used before.
    #[error("the code is wrong or was used before")]
    WrongCode,
    /// There is no authenticator application, or none that waits for its first code.
    #[error("no authenticator application is set up")]
    NotEnrolled,
    /// There is one already.
    #[error("an authenticator application is set up already")]
    AlreadyOn,
    /// Too many wrong codes.
    #[error("too many attempts; try again in {0} s")]
    Throttled(Seconds),
    /// Something of ours failed.
    #[error("{0}")]
    Fault(Fault),
}

impl From<Fault> for FactorRefused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for FactorRefused {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<Refused> for FactorRefused {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Throttled(wait) => Self::Throttled(wait),
            Refused::Fault(fault) => Self::Fault(fault),
            Refused::SignInAgain | Refused::TicketOver => Self::SignInAgain,
            _ => Self::WrongCode,
        }
    }
}

/// Whether the person signed in recently enough to change how they sign in.
pub(crate) fn is_recent(signed_in: &SignedIn, now: Timestamp) -> bool {
    now.seconds_since(signed_in.session.authenticated_at) <= RECENT_AUTHENTICATION
}

impl People {
    /// The second factors that a person has.
    pub async fn second_factor_ways(&self, user: &UserId) -> Result<FactorWays, Fault> {
        Ok(self.house().db.snapshot(async |tx| ways(tx, user).await).await?)
    }
}

pub(crate) async fn ways(tx: &mut Transaction, user: &UserId) -> Result<FactorWays, StoreError> {
    let authenticator = authenticators::find(&mut *tx, user).await?;
    Ok(FactorWays {
        authenticator: authenticator.is_some_and(|found| found.confirmed_at.is_some()),
        recovery_code: recovery_codes::count(&mut *tx, user).await? > 0,
        passkey: !passkeys::list_of_user(&mut *tx, user).await?.is_empty(),
    })
}

/// Recovery codes stand in for a factor; with the last one gone they would be a way in by themselves.
pub(crate) async fn drop_codes_without_factor(
    tx: &mut Transaction,
    user: &UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let left = ways(tx, user).await?;
    if !left.authenticator && !left.passkey {
        recovery_codes::replace_all(tx, user, &[], now).await?;
    }
    Ok(())
}
