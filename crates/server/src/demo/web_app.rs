//! The example web application: a website of its own on its own port, which signs people in with the demo's OAuth Web App
//! credential as any website would, by what the metadata of the identity system says and nothing else.
//!
//! [`relying_party`] speaks OAuth and OpenID Connect, [`visits`] remembers who is signed in here, [`page`] shows it.

mod page;
mod relying_party;
mod visits;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Form, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use hyper::service::service_fn;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tollgate_console::{Console, credentials::CredentialChange};
use tollgate_crypto::{Entropy, SystemEntropy, base64url, entropy};
use tollgate_model::{
    Clock, SystemClock,
    client::{Redirects, SignInOptions},
    id::ClientId,
};
use tower::ServiceExt;

use self::{
    page::Shown,
    relying_party::{Problem, RelyingParty},
    visits::{Visit, Visits},
};
use super::example;
use crate::{
    error::CommandError,
    listen::{self, BindError, Bounds, Listener},
};

pub(super) use relying_party::Settings;

/// Where the application answers when nobody says otherwise and the port is free.
const USUAL_PORT: u16 = 8070;
/// The cookie that names a visit; cookies of one host are shared by its ports, so the name is our own.
const VISIT_COOKIE: &str = "example_app_visit";
/// Strict, since this is what people copy: nothing from elsewhere, no script at all.
const CONTENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The application's open port.
pub(super) struct WebApp {
    socket: TcpListener,
    port: u16,
}

impl WebApp {
    /// Opens the port that was asked for, or else the usual one, or else any.
    pub(super) fn open(host: IpAddr, asked: Option<u16>) -> Result<Self, CommandError> {
        let bind = |port| listen::bind(SocketAddr::new(host, port));
        let socket = match asked {
            Some(port) => bind(port),
            None => bind(USUAL_PORT).or_else(|_| bind(0)),
        };
        let socket = socket.map_err(|refused| match refused {
            BindError::InUse(address) => CommandError::Fault(format!(
                "port {} on {} is in use: stop the program that has it, or choose another with --app-port PORT",
                address.port(),
                address.ip()
            )),
            other => other.into(),
        })?;
        let opened = socket
            .local_addr()
            .map_err(|cause| CommandError::fault("cannot open a port for the example app", &cause))?;
        Ok(Self { socket, port: opened.port() })
    }

    /// Where browsers of this machine find it.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Where people come back to after they signed in.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.url())
    }

    /// Where people come back to after they signed out.
    pub(super) fn signed_out_uri(&self) -> String {
        format!("{}/", self.url())
    }

    /// Where the identity system tells of sign-outs.
    pub(super) fn backchannel_uri(&self) -> String {
        format!("{}/backchannel-logout", self.url())
    }

    /// Lets people come back here with the credential of the example, whatever port that is this time.
    pub(super) async fn adopt(&self, console: &Console, client_id: &ClientId) -> Result<(), CommandError> {
        let client = console.credential(client_id.as_str()).await?.placed.client;
        let Some(before) = client.kind.redirects() else { return Ok(()) };
        let wanted = Redirects {
            patterns: vec![self.redirect_uri()],
            options: SignInOptions {
                post_logout_redirect_uris: [self.signed_out_uri()]
                    .into_iter()
                    .chain(example::WEB_SIGNED_OUT.map(str::to_owned))
                    .collect(),
                backchannel_logout_uri: Some(self.backchannel_uri()),
                ..before.options.clone()
            },
            ..before.clone()
        };
        if wanted != *before {
            let change = CredentialChange { redirects: Some(wanted), ..CredentialChange::default() };
            console.update_credential(client_id, change).await?;
        }
        Ok(())
    }

    /// Answers until the handle is dropped.
    pub(super) fn serve(self, settings: Settings, bounds: Bounds) -> AbortOnDropHandle<()> {
        let app = router(Arc::new(App { party: RelyingParty::new(settings), visits: Visits::default() }));
        let listener = Listener { socket: self.socket, certificates: None, bounds };
        let service_for = move |_| {
            let app = app.clone();
            service_fn(move |request| app.clone().oneshot(request))
        };
        AbortOnDropHandle::new(tokio::spawn(async move { listener.serve(service_for, CancellationToken::new()).await }))
    }
}

struct App {
    party: RelyingParty,
    visits: Visits,
}

type Shared = State<Arc<App>>;

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/style.css", get(style))
        .route("/sign-in", get(sign_in))
        .route("/callback", get(callback))
        .route("/call", post(call))
        .route("/refresh", post(refresh))
        .route("/sign-out", post(sign_out))
        .route("/backchannel-logout", post(backchannel_logout))
        .with_state(app)
}

async fn home(State(app): Shared, headers: HeaderMap) -> Response {
    let visit = app.visits.of(visit_id(&headers)).await;
    let shown = visit.as_ref().map_or(Shown::Nobody, Shown::Person);
    page(StatusCode::OK, &page::home(app.party.settings(), &shown))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE).into_response()
}

/// Sends the browser away with a request that only this visit can complete.
async fn sign_in(State(app): Shared) -> Response {
    let (visit, attempt) = (random(), relying_party::Attempt::new(&SystemEntropy));
    match app.party.authorization_url(&attempt).await {
        Ok(url) => {
            app.visits.begin(visit.clone(), attempt).await;
            ([(header::SET_COOKIE, visit_cookie(&visit))], Redirect::to(&url)).into_response()
        }
        Err(problem) => failed(&app, &problem),
    }
}

#[derive(Deserialize)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The browser is back, with a code or with why there is none.
async fn callback(State(app): Shared, headers: HeaderMap, Query(callback): Query<Callback>) -> Response {
    let Some(attempt) = app.visits.take_attempt(visit_id(&headers)).await else {
        return failed(&app, &Problem::Unasked);
    };
    let redeemed = async {
        app.party.check_callback(&attempt, callback.state.as_deref(), callback.iss.as_deref()).await?;
        if let Some(error) = callback.error {
            return Err(Problem::Refused { error, description: callback.error_description.unwrap_or_default() });
        }
        app.party.redeem(&attempt, callback.code.as_deref().unwrap_or_default()).await
    };
    match redeemed.await {
        Ok(signed_in) => {
            // A new name for a visit that may do more than before.
            let visit = random();
            app.visits.put(visit.clone(), Visit::new(signed_in)).await;
            ([(header::SET_COOKIE, visit_cookie(&visit))], Redirect::to("/")).into_response()
        }
        Err(problem) => failed(&app, &problem),
    }
}

#[derive(Deserialize)]
struct Pressed {
    form_token: String,
}

/// Calls the Photoshop API through the gateway with the person's token.
async fn call(State(app): Shared, headers: HeaderMap, Form(pressed): Form<Pressed>) -> Response {
    let Some((id, mut visit)) = pressed_by(&app, &headers, &pressed).await else {
        return Redirect::to("/").into_response();
    };
    match app.party.call_api(&visit.signed_in.access_token).await {
        Ok(answer) => {
            visit.answer = Some(answer);
            app.visits.put(id, visit).await;
            Redirect::to("/#answer").into_response()
        }
        Err(problem) => failed(&app, &problem),
    }
}

/// Gets the next pair of tokens.
async fn refresh(State(app): Shared, headers: HeaderMap, Form(pressed): Form<Pressed>) -> Response {
    let Some((id, mut visit)) = pressed_by(&app, &headers, &pressed).await else {
        return Redirect::to("/").into_response();
    };
    match app.party.refresh(&visit.signed_in).await {
        Ok(signed_in) => {
            visit.signed_in = signed_in;
            visit.refreshed += 1;
            app.visits.put(id, visit).await;
            Redirect::to("/").into_response()
        }
        Err(problem) => failed(&app, &problem),
    }
}

/// Forgets the visit here, then ends the session where it was begun.
async fn sign_out(State(app): Shared, headers: HeaderMap, Form(pressed): Form<Pressed>) -> Response {
    let Some((id, visit)) = pressed_by(&app, &headers, &pressed).await else {
        return Redirect::to("/").into_response();
    };
    app.visits.forget(&id).await;
    match app.party.end_session_url(&visit.signed_in).await {
        Ok(url) => ([(header::SET_COOKIE, visit_cookie(""))], Redirect::to(&url)).into_response(),
        Err(problem) => failed(&app, &problem),
    }
}

#[derive(Deserialize)]
struct LogoutNotice {
    logout_token: String,
}

/// OpenID Connect Back-Channel Logout 1.0 section 2.5: the person signed out elsewhere.
async fn backchannel_logout(State(app): Shared, Form(notice): Form<LogoutNotice>) -> Response {
    match app.party.check_logout_token(&notice.logout_token, SystemClock.now()).await {
        Ok(session) => {
            app.visits.forget_session(&session).await;
            ([(header::CACHE_CONTROL, "no-store")], StatusCode::OK).into_response()
        }
        Err(problem) => (StatusCode::BAD_REQUEST, problem.to_string()).into_response(),
    }
}

/// The visit whose button was pressed, if it was pressed on a page of ours.
async fn pressed_by(app: &App, headers: &HeaderMap, pressed: &Pressed) -> Option<(String, Visit)> {
    let id = visit_id(headers)?;
    let visit = app.visits.of(Some(id)).await?;
    tollgate_crypto::constant_time_eq(visit.form_token.as_bytes(), pressed.form_token.as_bytes())
        .then(|| (id.to_owned(), visit))
}

fn visit_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == VISIT_COOKIE).map(|(_, value)| value).filter(|value| !value.is_empty())
}

fn visit_cookie(id: &str) -> HeaderValue {
    let age = if id.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::try_from(format!("{VISIT_COOKIE}={id}{age}; Path=/; HttpOnly; SameSite=Lax"))
        .expect("ids are letters, digits, `-` and `_`")
}

fn failed(app: &App, problem: &Problem) -> Response {
    page(problem.status(), &page::problem(app.party.settings(), problem))
}

fn page(status: StatusCode, html: &str) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Html(html.to_owned())).into_response()
}

/// 256 random bits as text.
fn random() -> String {
    let entropy: &dyn Entropy = &SystemEntropy;
    base64url::encode(&entropy::bytes::<32>(entropy))
}
