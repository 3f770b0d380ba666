//! Why a step stopped before its answer.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use tollgate_pages::views::error::{ErrorKind, Particular};
use tollgate_store::StoreError;
use tollgate_web::Fault;

use crate::onward::Onward;

/// What is answered in place of what was asked for.
#[derive(Debug)]
pub(crate) enum Halt {
    /// An error page.
    Page(Unwritten),
    /// Another step comes first.
    Onward(Onward),
    /// Something of ours failed.
    Fault(Fault),
}

/// An error page that is still to be written: [`crate::answer::dress`] does it, since it knows the reader's language.
#[derive(Debug, Clone)]
pub(crate) struct Unwritten {
    pub(crate) status: StatusCode,
    pub(crate) kind: ErrorKind,
    pub(crate) particulars: Vec<Particular>,
}

impl Halt {
    const fn page(status: StatusCode, kind: ErrorKind) -> Self {
        Self::Page(Unwritten { status, kind, particulars: Vec::new() })
    }

    /// A form without its token, or sent from another site.
    pub(crate) const fn form_refused() -> Self {
        Self::page(StatusCode::FORBIDDEN, ErrorKind::FormRefused)
    }

    /// The application's request is over: the person goes back and begins anew.
    pub(crate) const fn request_expired() -> Self {
        Self::page(StatusCode::BAD_REQUEST, ErrorKind::RequestExpired)
    }

    /// A link of a mail that is over.
    pub(crate) const fn link_expired() -> Self {
        Self::page(StatusCode::BAD_REQUEST, ErrorKind::LinkExpired)
    }

    /// Not for this person.
    pub(crate) const fn forbidden() -> Self {
        Self::page(StatusCode::FORBIDDEN, ErrorKind::Forbidden)
    }

    /// Nothing is there.
    pub(crate) const fn not_found() -> Self {
        Self::page(StatusCode::NOT_FOUND, ErrorKind::NotFound)
    }

    /// Too many attempts, where there is no form to say it on.
    pub(crate) const fn too_many() -> Self {
        Self::page(StatusCode::TOO_MANY_REQUESTS, ErrorKind::TooManyAttempts)
    }

    /// Parameters or a body that cannot be read.
    pub(crate) fn unreadable(status: StatusCode, description: Option<String>) -> Self {
        let particulars = description.map(Particular::Description).into_iter().collect();
        Self::Page(Unwritten { status, kind: ErrorKind::RequestInvalid, particulars })
    }
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

impl From<Onward> for Halt {
    fn from(onward: Onward) -> Self {
        Self::Onward(onward)
    }
}

impl IntoResponse for Halt {
    fn into_response(self) -> Response {
        let unwritten = |mut response: Response, page: Unwritten| {
            *response.status_mut() = page.status;
            response.extensions_mut().insert(page);
            response
        };
        match self {
            Self::Page(page) => unwritten(Response::default(), page),
            Self::Onward(onward) => onward.see_other(),
            Self::Fault(fault) => {
                let response = fault.into_response();
                let status = response.status();
                unwritten(response, Unwritten { status, kind: ErrorKind::Fault, particulars: Vec::new() })
            }
        }
    }
}
