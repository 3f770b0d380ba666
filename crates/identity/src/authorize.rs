//! What an authorization request comes to: an answer for the application, or a step that the person has to do first.
//!
//! Read it in this order: `asked` (a request that may be answered), `needs` (what is still to be done by the person),
//! `answer` (the code and what else comes back).

pub(crate) mod answer;
pub(crate) mod asked;
pub(crate) mod needs;

use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_pages::views::error::{ErrorKind, Particular};
use tollgate_store::StoreError;
use tollgate_web::{Fault, Stop};

use crate::authorize::asked::Return;

/// Why a request is not answered as it was asked.
#[derive(Debug)]
pub(crate) enum Halt {
    /// Nobody knows yet where to send an answer, so the person in front of the browser is told.
    Page(ErrorKind, Vec<Particular>),
    /// The application hears why.
    Refusal(Box<Return>, OauthError),
    /// Something of ours failed.
    Fault(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Halt {
    fn from(cause: StoreError) -> Self {
        Self::Fault(cause.into())
    }
}

impl Halt {
    /// The request that the browser speaks of ended, was answered, or never was.
    pub(crate) const fn expired() -> Self {
        Self::Page(ErrorKind::RequestExpired, Vec::new())
    }

    /// What is wrong before it is known where to send it.
    pub(crate) fn page_of(refusal: &OauthError) -> Self {
        let kind = match refusal.code() {
            ErrorCode::InvalidClient => ErrorKind::ClientUnknown,
            _ => ErrorKind::RequestInvalid,
        };
        let particulars = vec![
            Particular::Code(refusal.code().to_string()),
            Particular::Description(refusal.description().to_owned()),
        ];
        Self::Page(kind, particulars)
    }

    /// A refusal that was met when it was already known where to send it.
    pub(crate) fn of(stop: Stop, way: &Return) -> Self {
        match stop {
            Stop::Refusal(refusal) => Self::Refusal(Box::new(way.clone()), refusal),
            Stop::Fault(fault) => Self::Fault(fault),
        }
    }
}
