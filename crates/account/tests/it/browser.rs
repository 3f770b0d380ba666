//! A browser that keeps cookies, fills forms in, and runs nothing.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{
    HeaderMap, Request, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE, USER_AGENT},
};
use http_body_util::BodyExt as _;
use tollgate_web::PeerAddress;

use crate::world::*;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[LOCATION].to_str().unwrap()
    }

    /// What a hidden field holds.
    pub(crate) fn hidden(&self, name: &str) -> Option<String> {
        let (_, rest) = self.body.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    }
}

/// One browser of one person.
pub(crate) struct Browser {
    world: World,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The form token of the last page that had one.
    pub(crate) form_token: String,
    pub(crate) language: &'static str,
}

pub(crate) const SESSION: &str = "__Host-tollgate_session";

impl Browser {
    pub(crate) fn new(world: &World) -> Self {
        Self { world: world.clone(), cookies: BTreeMap::new(), form_token: String::new(), language: "en" }
    }

    /// A browser in which somebody is signed in.
    pub(crate) async fn signed_in(world: &World, email: &str) -> Self {
        let mut browser = Self::new(world);
        let answer = browser.sign_in(email, PASSWORD, None).await;
        assert_eq!(answer.location(), "/account");
        browser
    }

    /// The two steps of a password sign-in, from the first page on.
    pub(crate) async fn sign_in(&mut self, email: &str, password: &str, request: Option<&str>) -> Answer {
        let query = request.map(|request| format!("?request={request}")).unwrap_or_default();
        self.get(&format!("/sign-in{query}{}choice=another", if query.is_empty() { '?' } else { '&' })).await;
        let mut fields = vec![("email", email)];
        fields.extend(request.map(|request| ("request", request)));
        let answer = self.post("/sign-in", &fields).await;
        assert_eq!(answer.location(), format!("/sign-in/password{query}"));
        let answer = self.follow(&answer).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let mut fields = vec![("email", email), ("password", password)];
        fields.extend(request.map(|request| ("request", request)));
        self.post("/sign-in/password", &fields).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let answer = self.send(self.request("GET", path).body(Body::empty()).unwrap()).await;
        if let Some(token) = answer.hidden("form_token") {
            self.form_token = token;
        }
        answer
    }

    pub(crate) async fn follow(&mut self, answer: &Answer) -> Answer {
        self.get(answer.location()).await
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.form_token.clone();
        let mut all = vec![("form_token", token.as_str())];
        all.extend_from_slice(fields);
        self.post_from(path, &all, &[("sec-fetch-site", "same-origin"), ("origin", ISSUER)]).await
    }

    /// Sends exactly these fields, with these headers.
    pub(crate) async fn post_from(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let mut request = self.request("POST", path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.send(request.body(Body::from(body.join("&"))).unwrap()).await
    }

    /// Sends what a script of the last page would, its form token included.
    pub(crate) async fn post_json(&mut self, path: &str, members: &str) -> Answer {
        let body = format!("{{\"form_token\":\"{}\"{members}}}", self.form_token);
        let request = self.request("POST", path).header(CONTENT_TYPE, "application/json").header(ORIGIN, ISSUER);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = Request::builder().method(method).uri(path).header(USER_AGENT, "Firefox/150.0 Linux");
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        request.header("accept-language", self.language)
    }

    async fn send(&mut self, request: Request<Body>) -> Answer {
        let peer = PeerAddress { socket: "192.0.2.1:4711".parse().unwrap(), is_tls: true };
        let (parts, body) = self.world.front.answer(request, peer).await.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn keep(&mut self, line: &str) {
        for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
            assert!(line.contains(attribute), "{line}");
        }
        let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
        assert!(name.starts_with("__Host-"), "{line}");
        if line.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

pub(crate) fn encoded(value: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
