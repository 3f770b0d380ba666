//! `/sign-out`: asked first, since any site can lead a browser here.

use axum::response::Response;
use http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};
use tollgate_model::{id::ClientId, redirect_uri::is_registered};
use tollgate_oauth::logout::with_state;
use tollgate_pages::views::sign_out::{GoOn, SignOut, SignedOut};
use tollgate_store::{Directory, DirectoryClient};
use tollgate_web::cookies::SESSION_COOKIE;

use crate::{
    appearance::shown_account,
    carried::{FRESH_CODES, SIGN_OUT, TOLD, decoded, encoded},
    halt::Halt,
    member::{Member, MemberForm},
    onward::Onward,
    visit::Visit,
};

/// Most applications that are named after a sign-out.
const TOLD_MAX: usize = 12;

/// Who asked for the sign-out, and where the person may go on afterwards.
#[derive(Default, Serialize, Deserialize)]
struct Asked {
    client_id: Option<String>,
    uri: Option<String>,
    /// The same in the words of IMS, where the addresses of sign-ins count (contract section 1.13).
    redirect_uri: Option<String>,
    state: Option<String>,
}

impl Asked {
    fn of(visit: &Visit) -> Self {
        let given = |name| visit.params.get(name).map(str::to_owned);
        Self {
            client_id: given("client_id"),
            uri: given("post_logout_redirect_uri"),
            redirect_uri: given("redirect_uri"),
            state: given("state"),
        }
    }

    fn client<'a>(&self, directory: &'a Directory) -> Option<&'a DirectoryClient> {
        let client = directory.client(self.client_id.as_deref()?)?;
        client.is_enabled().then_some(client)
    }

    /// The way back, if the application registered it.
    fn go_on(&self, directory: &Directory) -> Option<GoOn> {
        let client = self.client(directory)?;
        let registered = &client.client.kind.redirects()?.options.post_logout_redirect_uris;
        let (uri, is_ours) = match (&self.uri, &self.redirect_uri) {
            (Some(uri), _) => (uri, is_registered(registered, uri)),
            (None, Some(uri)) => (uri, client.redirects()?.allows(uri)),
            (None, None) => return None,
        };
        is_ours.then(|| GoOn { application: client.client.name.clone(), uri: with_state(uri, self.state.as_deref()) })
    }
}

/// Asks whether to sign out. Whoever is signed out already is told so.
pub(crate) async fn show(visit: Visit) -> Result<Response, Halt> {
    let asked = Asked::of(&visit);
    let kept = serde_json::to_string(&asked).ok().and_then(|text| encoded(visit.cookies(), SIGN_OUT, &text));
    let Some(signed_in) = visit.signed_in().await? else {
        return Err(kept.into_iter().fold(Onward::to("/signed-out"), Onward::cookie).into());
    };
    let directory = visit.account.house().directory_at(visit.now())?;
    let application = asked.client(&directory).map(|client| client.client.name.clone());
    let view = SignOut { account: shown_account(&signed_in), application };
    let mut response = visit.page_of(&signed_in, None, |frame| view.render(frame));
    if let Some(kept) = kept {
        response.headers_mut().append(SET_COOKIE, kept);
    }
    Ok(response)
}

/// Takes the decision.
pub(crate) async fn take(MemberForm(member): MemberForm) -> Result<Response, Halt> {
    let Member { visit, signed_in } = &member;
    if visit.params.get("decision") != Some("sign_out") {
        return Ok(Onward::to("/account").cookie(visit.cookies().delete(SIGN_OUT)).see_other());
    }
    let told = visit.people().sign_out(signed_in, &visit.visitor(), visit.now()).await?;
    let forgotten = [SESSION_COOKIE, FRESH_CODES].map(|name| visit.cookies().delete(name));
    let onward = forgotten.into_iter().fold(Onward::to("/signed-out"), Onward::cookie);
    let told = told.iter().take(TOLD_MAX).map(ClientId::as_str).collect::<Vec<_>>().join("~");
    Ok(encoded(visit.cookies(), TOLD, &told).into_iter().fold(onward, Onward::cookie).see_other())
}

/// Tells that nobody is signed in here, and who hears of it.
pub(crate) async fn show_done(visit: Visit) -> Result<Response, Halt> {
    let directory = visit.account.house().directory_at(visit.now())?;
    let carried = visit.cookie(SIGN_OUT).and_then(decoded);
    let asked: Asked = carried.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let told = visit.cookie(TOLD).and_then(decoded).unwrap_or_default();
    let names = told.split('~').filter_map(|id| directory.client(id)).map(|client| client.client.name.clone());
    let view = SignedOut { told: names.collect(), go_on: asked.go_on(&directory) };
    let mut response = visit.page(None, |frame| view.render(frame));
    for name in [SIGN_OUT, TOLD] {
        response.headers_mut().append(SET_COOKIE, visit.cookies().delete(name));
    }
    Ok(response)
}
