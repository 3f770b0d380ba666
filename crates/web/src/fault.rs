//! Faults: what is broken on our side. A fault is logged once, and outside it says nothing but "try again".

use std::{error::Error, fmt, sync::Arc};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use tollgate_crypto::CryptoError;
use tollgate_oauth::{ErrorCode, OauthError};
use tollgate_store::StoreError;

use crate::answer;

/// How long a client shall wait after a fault, in seconds, as `Retry-After` says it.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// Something of ours that failed. As a response it is `503 temporarily_unavailable`; [`crate::Front`] logs it with the
/// request's id. Never a 401 or 403: the caller did nothing wrong.
#[derive(Debug)]
pub struct Fault {
    what: &'static str,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault in words for the operator.
    pub const fn new(what: &'static str) -> Self {
        Self { what, cause: None }
    }

    /// A fault in words for the operator, and what caused it.
    pub fn caused(what: &'static str, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { what, cause: Some(Box::new(cause)) }
    }
}

impl fmt::Display for Fault {
    /// The words and all causes, for the log.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.what)?;
        let mut cause = self.cause.as_deref().map(|cause| cause as &dyn Error);
        while let Some(error) = cause {
            write!(out, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<StoreError> for Fault {
    fn from(cause: StoreError) -> Self {
        Self::caused("the database did not answer as it should", cause)
    }
}

impl From<CryptoError> for Fault {
    fn from(cause: CryptoError) -> Self {
        Self::caused("a key or sealed value could not be used", cause)
    }
}

/// Carries a fault to the one who logs it.
#[derive(Clone)]
pub(crate) struct Noted(pub(crate) Arc<Fault>);

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = unavailable();
        response.extensions_mut().insert(Noted(Arc::new(self)));
        response
    }
}

/// The answer to every fault.
pub(crate) fn unavailable() -> Response {
    let error = OauthError::new(
        ErrorCode::TemporarilyUnavailable,
        "the request could not be answered because of a fault on the server; try again in a few seconds",
    );
    let mut response = answer::json(StatusCode::SERVICE_UNAVAILABLE, error.to_json());
    response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_all_its_causes_to_the_operator_and_none_to_the_caller() {
        let fault = Fault::from(CryptoError::Signing);
        assert_eq!(fault.to_string(), "a key or sealed value could not be used: signing failed");
        let response = fault.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        assert!(response.extensions().get::<Noted>().is_some());
    }
}
