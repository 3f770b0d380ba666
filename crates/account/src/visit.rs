//! A browser that asks for a page or sends a form.

use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::response::Response;
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{SET_COOKIE, USER_AGENT},
};
use tollgate_model::{Timestamp, session::Session};
use tollgate_oauth::Params;
use tollgate_pages::{Frame, Language, Notice, Problem};
use tollgate_people::{People, SignedIn, Visitor};
use tollgate_web::{
    Arrival, Received,
    cookies::{Cookies, FORM_COOKIE, SESSION_COOKIE},
    form_token::{form_token, new_form_secret},
};

use crate::{
    Account, answer,
    appearance::{self, Seen},
    errand::Errand,
    halt::Halt,
};

/// What came with a request, read once. As an extractor it takes any request; forms come as a [`crate::form::Form`].
pub(crate) struct Visit {
    pub(crate) account: Account,
    pub(crate) arrival: Arrival,
    pub(crate) params: Params,
    pub(crate) path: String,
    headers: HeaderMap,
    /// What forms are bound to before anybody is signed in; `true` when the browser is yet to be given it.
    form_secret: (String, bool),
}

impl FromRequest<Account> for Visit {
    type Rejection = Halt;

    async fn from_request(request: Request, account: &Account) -> Result<Self, Halt> {
        let (mut parts, body) = request.into_parts();
        let arrival = Arrival::from_request_parts(&mut parts, account).await?;
        let (headers, path) = (parts.headers.clone(), parts.uri.path().to_owned());
        let received = Received::from_request(Request::from_parts(parts, body), account).await;
        let received = received.map_err(|refused| Halt::unreadable(refused.status(), None))?;
        if received.params.names().any(|name| received.params.all(name).any(is_unstorable)) {
            return Err(Halt::unreadable(StatusCode::BAD_REQUEST, None));
        }
        Ok(Self::new(account.clone(), arrival, headers, path, received.params))
    }
}

/// Whether a text has a character that PostgreSQL keeps in no text: looking such a text up would be a fault of ours.
pub(crate) fn is_unstorable(text: &str) -> bool {
    text.contains('\0')
}

impl Visit {
    pub(crate) fn new(account: Account, arrival: Arrival, headers: HeaderMap, path: String, params: Params) -> Self {
        let form_secret = match account.cookies().read(&headers, FORM_COOKIE) {
            Some(secret) => (secret.to_owned(), false),
            None => (new_form_secret(&*account.house().entropy), true),
        };
        Self { account, arrival, params, path, headers, form_secret }
    }

    pub(crate) fn people(&self) -> &People {
        self.account.people()
    }

    pub(crate) fn cookies(&self) -> Cookies {
        self.account.cookies()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.arrival.at
    }

    /// Who asks, as throttles and activities note it.
    pub(crate) fn visitor(&self) -> Visitor {
        let user_agent = self.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Visitor::new(self.arrival.client, user_agent)
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().read(&self.headers, name)
    }

    /// A parameter of query or form; empty when it is absent.
    pub(crate) fn typed(&self, name: &str) -> &str {
        self.params.get(name).unwrap_or_default()
    }

    /// The id of the pending request that the step belongs to.
    pub(crate) fn request(&self) -> Option<&str> {
        self.params.get("request")
    }

    /// The pending request itself. That it is over is told on a page of its own.
    pub(crate) async fn errand(&self) -> Result<Option<Errand>, Halt> {
        match self.request() {
            Some(id) => Errand::find(&self.account, id, self.now()).await?.map(Some).ok_or(Halt::request_expired()),
            None => Ok(None),
        }
    }

    /// Who is signed in in this browser.
    pub(crate) async fn signed_in(&self) -> Result<Option<SignedIn>, Halt> {
        match self.cookie(SESSION_COOKIE) {
            Some(secret) => Ok(self.people().session(secret, self.now()).await?),
            None => Ok(None),
        }
    }

    /// The session of this browser, which a new sign-in takes the place of.
    pub(crate) async fn session(&self) -> Result<Option<Session>, Halt> {
        Ok(self.signed_in().await?.map(|signed_in| signed_in.session))
    }

    /// What forms of pages before a sign-in are bound to.
    pub(crate) fn form_secret(&self) -> &str {
        &self.form_secret.0
    }

    /// What forms of a signed-in person's pages are bound to.
    pub(crate) fn session_secret(&self) -> Option<&str> {
        self.cookie(SESSION_COOKIE)
    }

    /// The language of pages and mails for this reader.
    pub(crate) fn language(&self, errand: Option<&Errand>) -> Language {
        let seen = Seen { headers: &self.headers, params: &self.params, errand, signed_in: None };
        appearance::language(self.cookies(), seen)
    }

    /// A page before a sign-in.
    pub(crate) fn page(&self, errand: Option<&Errand>, write: impl FnOnce(&Frame) -> String) -> Response {
        self.write(errand, None, write)
    }

    /// A page of a signed-in person.
    pub(crate) fn page_of(
        &self,
        signed_in: &SignedIn,
        errand: Option<&Errand>,
        write: impl FnOnce(&Frame) -> String,
    ) -> Response {
        self.write(errand, Some(signed_in), write)
    }

    fn write(
        &self,
        errand: Option<&Errand>,
        signed_in: Option<&SignedIn>,
        write: impl FnOnce(&Frame) -> String,
    ) -> Response {
        let secret = signed_in.and_then(|_| self.session_secret()).unwrap_or(self.form_secret());
        let seen = Seen { headers: &self.headers, params: &self.params, errand, signed_in };
        let frame = Frame {
            form_token: form_token(&self.account.house().digest_key, secret),
            request: errand.map(|errand| errand.pending.id.clone()),
            application: errand.map(|errand| errand.client.client.name.clone()),
            problems: self.params.get("problem").and_then(Problem::of_key).into_iter().collect(),
            notice: self.params.get("notice").and_then(Notice::of_key),
            ..appearance::frame(&self.account, seen, self.now())
        };
        let mut response = answer::html(write(&frame), errand);
        if let Some(cookie) = self.new_form_cookie() {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        if let Some(cookie) = appearance::language_cookie(self.cookies(), &self.params) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    fn new_form_cookie(&self) -> Option<HeaderValue> {
        let (secret, is_new) = &self.form_secret;
        is_new.then(|| self.cookies().write(FORM_COOKIE, secret, None))
    }
}
