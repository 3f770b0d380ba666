//! The answer of an authorization as a form that sends itself (OAuth 2.0 Form Post Response Mode).

use super::page;

/// Posts `parameters` to the application. Carries no form token: the form goes to a stranger.
#[derive(Debug, Clone)]
pub struct FormPost {
    /// The checked redirect URI.
    pub redirect_uri: String,
    /// Names and values.
    pub parameters: Vec<(String, String)>,
    /// The application's name.
    pub application: String,
}
page!(FormPost, "form_post.html");
