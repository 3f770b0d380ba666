//! The two pages that identity shows itself: what cannot go on, and an answer that a browser posts.

use axum::{body::Body, response::Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use tollgate_pages::{
    Branding, Frame, Language, content_security_policy,
    views::{
        error::{ErrorKind, ErrorPage, Particular},
        form_post::FormPost,
    },
};
use tollgate_web::{Arrival, answer};

const HTML: HeaderValue = HeaderValue::from_static("text/html;charset=UTF-8");
/// What the pages are called that belong to no organization.
const HOUSE_NAME: &str = "Tollgate";

/// For whom a page is.
pub(crate) struct Reader<'a> {
    pub(crate) arrival: &'a Arrival,
    pub(crate) headers: &'a HeaderMap,
}

impl Reader<'_> {
    /// A page that says what cannot go on. The browser is sent nowhere.
    pub(crate) fn error(&self, status: StatusCode, kind: ErrorKind, particulars: Vec<Particular>) -> Response {
        let page = ErrorPage { kind, request_id: self.arrival.request_id.to_string(), particulars };
        html(status, page.render(&self.frame(None)), &[])
    }

    /// A form that posts itself to the application.
    pub(crate) fn form_post(&self, action: String, fields: Vec<(&'static str, String)>, application: &str) -> Response {
        let parameters = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let target = form_target(&action);
        let page = FormPost { redirect_uri: action, parameters, application: application.to_owned() };
        html(StatusCode::OK, page.render(&self.frame(Some(application.to_owned()))), &[&target])
    }

    fn frame(&self, application: Option<String>) -> Frame {
        let accepted = self.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Frame {
            language: Language::negotiate(&[], accepted),
            branding: Branding { organization_name: HOUSE_NAME.to_owned(), logo: None, color: None },
            form_token: String::new(),
            request: None,
            application,
            signed_in: None,
            problems: Vec::new(),
            notice: None,
            now: self.arrival.at,
        }
    }
}

/// What a form that leads to `uri` must be allowed to reach: its origin, or its private scheme.
fn form_target(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once(':') else { return String::new() };
    match rest.strip_prefix("//") {
        Some(rest) if matches!(scheme, "https" | "http") => {
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            format!("{scheme}://{authority}")
        }
        _ => format!("{scheme}:"),
    }
}

fn html(status: StatusCode, page: String, form_targets: &[&str]) -> Response {
    let mut response = answer::empty(status);
    *response.body_mut() = Body::from(page);
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    if let Ok(policy) = HeaderValue::try_from(content_security_policy(form_targets)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_reaches_the_origin_of_its_target_and_no_other() {
        assert_eq!(form_target("https://app.test:8443/cb?x=1"), "https://app.test:8443");
        assert_eq!(form_target("com.example.app:/cb"), "com.example.app:");
        assert_eq!(form_target("adobe+ab://adobeid/x"), "adobe+ab:");
    }
}
