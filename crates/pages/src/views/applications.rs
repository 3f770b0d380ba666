//! The applications that a person let in.

use tollgate_model::Timestamp;

use super::page;
use crate::{Application, AskedScope};

/// `/account/applications`: posts `action=revoke` and `client_id` there.
#[derive(Debug, Clone)]
pub struct ConnectedApplications {
    /// The applications, last used first.
    pub applications: Vec<ConnectedApplication>,
}
page!(ConnectedApplications, "account/applications.html", "/account/applications");

/// An application of the list.
#[derive(Debug, Clone)]
pub struct ConnectedApplication {
    /// The application.
    pub application: Application,
    /// What it may do; `agreed` plays no part here.
    pub scopes: Vec<AskedScope>,
    /// When the person first agreed.
    pub since: Timestamp,
    /// When it last got a token.
    pub last_used_at: Option<Timestamp>,
}
