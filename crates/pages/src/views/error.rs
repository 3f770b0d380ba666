//! The page for what cannot go on.

use super::page;

/// An error page: what happened, what to do, and by which words support finds it again.
#[derive(Debug, Clone)]
pub struct ErrorPage {
    /// What happened.
    pub kind: ErrorKind,
    /// The id under which the log speaks of it.
    pub request_id: String,
    /// Values for the developer of an application; shown as they are.
    pub particulars: Vec<Particular>,
}
page!(ErrorPage, "error.html");

/// What happened, each with a title, an explanation and a remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No credential has the client id.
    ClientUnknown,
    /// The credential, its organization or the type does not allow to sign people in.
    ClientRefused,
    /// The redirect URI is not one of the credential's.
    RedirectUriMismatch,
    /// The application's request is wrong in another way, and cannot be answered by a redirect.
    RequestInvalid,
    /// The step belongs to a request that ended or took too long.
    RequestExpired,
    /// A form without its token, or sent from another site.
    FormRefused,
    /// A link of a mail that was used, or is too old.
    LinkExpired,
    /// The account may not do this.
    Forbidden,
    /// Nothing is at this address.
    NotFound,
    /// More attempts than are allowed for now.
    TooManyAttempts,
    /// A fault on our side.
    Fault,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::ClientUnknown,
        Self::ClientRefused,
        Self::RedirectUriMismatch,
        Self::RequestInvalid,
        Self::RequestExpired,
        Self::FormRefused,
        Self::LinkExpired,
        Self::Forbidden,
        Self::NotFound,
        Self::TooManyAttempts,
        Self::Fault,
    ];

    /// The keys of title, explanation and remedy.
    pub(crate) const fn text_keys(self) -> [&'static str; 3] {
        match self {
            Self::ClientUnknown => ["error-client-unknown", "error-client-unknown-what", "error-client-unknown-do"],
            Self::ClientRefused => ["error-client-refused", "error-client-refused-what", "error-client-refused-do"],
            Self::RedirectUriMismatch => ["error-redirect-uri", "error-redirect-uri-what", "error-redirect-uri-do"],
            Self::RequestInvalid => ["error-request-invalid", "error-request-invalid-what", "error-request-invalid-do"],
            Self::RequestExpired => ["error-request-expired", "error-request-expired-what", "error-request-expired-do"],
            Self::FormRefused => ["error-form-refused", "error-form-refused-what", "error-form-refused-do"],
            Self::LinkExpired => ["error-link-expired", "error-link-expired-what", "error-link-expired-do"],
            Self::Forbidden => ["error-forbidden", "error-forbidden-what", "error-forbidden-do"],
            Self::NotFound => ["error-not-found", "error-not-found-what", "error-not-found-do"],
            Self::TooManyAttempts => ["error-too-many", "error-too-many-what", "error-too-many-do"],
            Self::Fault => ["error-fault", "error-fault-what", "error-fault-do"],
        }
    }
}

/// A value that tells a developer what to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Particular {
    /// The client id as sent.
    ClientId(String),
    /// The redirect URI as sent.
    RedirectUri(String),
    /// The name of the parameter that is wrong.
    Parameter(String),
    /// The registered error code, such as `invalid_request`.
    Code(String),
    /// The refusal's own public text, in English, as the protocol's `error_description` carries it.
    Description(String),
}

impl Particular {
    pub(crate) const fn text_key(&self) -> &'static str {
        match self {
            Self::ClientId(_) => "particular-client-id",
            Self::RedirectUri(_) => "particular-redirect-uri",
            Self::Parameter(_) => "particular-parameter",
            Self::Code(_) => "particular-code",
            Self::Description(_) => "particular-description",
        }
    }

    pub(crate) fn value(&self) -> &str {
        match self {
            Self::ClientId(value)
            | Self::RedirectUri(value)
            | Self::Parameter(value)
            | Self::Code(value)
            | Self::Description(value) => value,
        }
    }
}
