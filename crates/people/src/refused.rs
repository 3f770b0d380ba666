//! How a use case may end without doing what was asked.

use tollgate_crypto::CryptoError;
use tollgate_model::{Invalid, Seconds};
use tollgate_store::StoreError;
use tollgate_web::Fault;

use crate::passwords::PasswordFlaw;

/// Why something was not done. The words are for logs and the command line; pages have their own.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Address and password do not belong together; also for an address that nobody has.
    #[error("the e-mail address and the password do not belong together")]
    WrongPassword,
    /// The account, or its organization, is disabled. Told only to whoever proved to be its owner.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The sign-in took too long, or the step was done in another window.
    #[error("this sign-in is over; begin again")]
    TicketOver,
    /// The person has to prove again who they are.
    #[error("sign in again first")]
    SignInAgain,
    /// The password to be is not good enough.
    #[error(transparent)]
    Password(#[from] PasswordFlaw),
    /// A code is not the right one.
    #[error("the code is not right")]
    WrongCode,
    /// A code or link was used, has expired, or was tried too often.
    #[error("the code or link is used up or expired")]
    CodeOver,
    /// The organization lets nobody make an account by themselves.
    #[error("the organization lets nobody make an account by themselves")]
    SignUpClosed,
    /// A value that breaks its own rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// What was named does not exist.
    #[error("there is no such account")]
    NotFound,
    /// The e-mail address belongs to another account.
    #[error("the e-mail address belongs to another account")]
    Taken,
    /// Too many failures lately; to be tried again after so many seconds.
    #[error("too many attempts; try again in {0} s")]
    Throttled(Seconds),
    /// Something of ours is broken.
    #[error("{0}")]
    Fault(Fault),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Refused {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<CryptoError> for Refused {
    fn from(cause: CryptoError) -> Self {
        Self::Fault(cause.into())
    }
}
