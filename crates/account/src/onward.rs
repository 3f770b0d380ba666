//! Where a browser goes next.

use std::fmt::Write as _;

use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, LOCATION, SET_COOKIE},
};
use tollgate_model::id::ProviderId;
use tollgate_pages::{Notice, Problem};

/// A redirect to an address of this server, with what the next page shall know. The path is a constant of the program;
/// everything else is an encoded query value, so that no parameter leads away from here.
#[derive(Debug)]
pub(crate) struct Onward {
    location: String,
    cookies: Vec<HeaderValue>,
}

impl Onward {
    /// To one of our fixed addresses.
    pub(crate) fn to(path: &'static str) -> Self {
        Self { location: path.to_owned(), cookies: Vec::new() }
    }

    /// To the page that sends the browser on to an upstream provider.
    pub(crate) fn to_provider(provider: &ProviderId) -> Self {
        Self { location: format!("/sign-in/federated/{provider}"), cookies: Vec::new() }
    }

    /// Back to the authorization endpoint, which decides anew what the request still needs.
    pub(crate) fn to_application(request: &str) -> Self {
        Self::to("/ims/authorize/continue").with("request", request)
    }

    /// With a query parameter.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        let joint = if self.location.contains('?') { '&' } else { '?' };
        let _ = write!(self.location, "{joint}{name}=");
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.location.push(char::from(byte));
            } else {
                let _ = write!(self.location, "%{byte:02X}");
            }
        }
        self
    }

    /// With the request of the application that all this is for.
    pub(crate) fn for_request(self, request: Option<&str>) -> Self {
        match request {
            Some(request) => self.with("request", request),
            None => self,
        }
    }

    /// Telling what went wrong.
    pub(crate) fn problem(self, problem: Problem) -> Self {
        self.with("problem", problem.key())
    }

    /// Telling what went well.
    pub(crate) fn notice(self, notice: Notice) -> Self {
        self.with("notice", notice.key())
    }

    /// With a cookie to keep or to forget.
    pub(crate) fn cookie(mut self, cookie: HeaderValue) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// With the cookies of another one, which is not gone to.
    pub(crate) fn with_cookies_of(mut self, other: Self) -> Self {
        self.cookies.extend(other.cookies);
        self
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        &self.location
    }

    /// The redirect that makes a GET of whatever came before (RFC 9110 section 15.4.4).
    pub(crate) fn see_other(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let location = HeaderValue::try_from(&self.location).expect("encoded addresses are header characters");
        self.dress(&mut response);
        response.headers_mut().insert(LOCATION, location);
        response
    }

    /// Adds the cookies to an answer that tells the location in another way.
    pub(crate) fn dress(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for cookie in self.cookies {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_stays_a_value_of_the_query() {
        let onward = Onward::to("/sign-in").for_request(Some("x&problem=y#//evil.test\r\nSet-Cookie: a=b"));
        let onward = onward.problem(Problem::EmailInvalid);
        let expected =
            "/sign-in?request=x%26problem%3Dy%23%2F%2Fevil.test%0D%0ASet-Cookie%3A%20a%3Db&problem=email-invalid";
        assert_eq!(onward.location(), expected);
        assert_eq!(onward.see_other().headers()[LOCATION], expected);
    }
}
