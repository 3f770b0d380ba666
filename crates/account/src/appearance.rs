//! How a page looks to this reader: language, and whose name and colour it carries.

use http::{HeaderMap, HeaderValue, header::ACCEPT_LANGUAGE};
use tollgate_model::{Timestamp, organization::Organization, scope::ScopeSet};
use tollgate_oauth::Params;
use tollgate_pages::{Account as ShownAccount, Application, AskedScope, Branding, Frame, ImageUrl, Language};
use tollgate_people::SignedIn;
use tollgate_store::{Directory, DirectoryClient};
use tollgate_web::Cookies;

use crate::{
    Account,
    carried::{CHOICE_LIFETIME, LANGUAGE},
    errand::Errand,
};

/// The name on pages that belong to no organization.
const INSTANCE_NAME: &str = "Tollgate";

/// What the looks of a page depend on.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) params: &'a Params,
    pub(crate) errand: Option<&'a Errand>,
    pub(crate) signed_in: Option<&'a SignedIn>,
}

/// A frame with the looks, and nothing yet of what happened.
pub(crate) fn frame(account: &Account, seen: Seen<'_>, now: Timestamp) -> Frame {
    Frame {
        language: language(account.cookies(), seen),
        branding: branding(account, seen),
        form_token: String::new(),
        request: None,
        application: None,
        signed_in: seen.signed_in.map(shown_account),
        problems: Vec::new(),
        notice: None,
        now,
    }
}

/// The language that the address names, then the application's wish, the person's own, the one chosen before, and the
/// browser's.
pub(crate) fn language(cookies: Cookies, seen: Seen<'_>) -> Language {
    let named = named_locales(seen.params);
    let wished = seen.errand.map(|errand| errand.asked.locales.as_slice()).unwrap_or_default();
    let own = seen.signed_in.and_then(|signed_in| signed_in.user.language.as_deref());
    let chosen = cookies.read(seen.headers, LANGUAGE);
    let tags: Vec<&str> = named.chain(wished.iter().map(String::as_str)).chain(own).chain(chosen).collect();
    Language::negotiate(&tags, seen.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

fn named_locales(params: &Params) -> impl Iterator<Item = &str> {
    let named = params.get("ui_locales").or_else(|| params.get("locale")).unwrap_or_default();
    named.split([' ', ',']).filter(|tag| !tag.is_empty())
}

/// The cookie that keeps a language that the address named.
pub(crate) fn language_cookie(cookies: Cookies, params: &Params) -> Option<HeaderValue> {
    let language = named_locales(params).find_map(Language::of_tag)?;
    Some(cookies.write(LANGUAGE, language.tag(), Some(CHOICE_LIFETIME)))
}

/// The organization that the application belongs to, or else the person, or else the only one there is.
fn branding(account: &Account, seen: Seen<'_>) -> Branding {
    let of_organization = |organization: &Organization| Branding {
        organization_name: organization.name.clone(),
        logo: organization.branding.logo_uri.as_deref().and_then(ImageUrl::parse),
        color: organization.branding.color.as_deref().and_then(|color| color.parse().ok()),
    };
    if let Some(errand) = seen.errand {
        return of_organization(&errand.client.organization);
    }
    // Looks decide nothing, so a directory that could not be confirmed lately will do.
    let directory = account.house().directory.current();
    let own = seen.signed_in.and_then(|signed_in| directory.organization(signed_in.user.organization_id.as_str()));
    let only = directory.organizations.values().next().filter(|_| directory.organizations.len() == 1);
    own.or(only).map_or_else(
        || Branding { organization_name: INSTANCE_NAME.to_owned(), logo: None, color: None },
        |organization| of_organization(organization),
    )
}

/// A signed-in person as pages show one.
pub(crate) fn shown_account(signed_in: &SignedIn) -> ShownAccount {
    ShownAccount { name: signed_in.user.name.clone(), email: signed_in.user.email.to_string() }
}

/// An application as pages show one.
pub(crate) fn application(client: &DirectoryClient) -> Application {
    let logo = client.client.kind.redirects().and_then(|redirects| redirects.options.logo_uri.as_deref());
    Application {
        client_id: client.client.id.to_string(),
        name: client.client.name.clone(),
        publisher: client.organization.name.clone(),
        logo: logo.and_then(ImageUrl::parse),
    }
}

/// The scopes with the names of the services that they open.
pub(crate) fn asked_scopes(directory: &Directory, scopes: &ScopeSet, agreed: &ScopeSet) -> Vec<AskedScope> {
    let service_of = |scope: &str| {
        let opened = directory.services.iter().find(|service| service.scopes.contains(scope));
        opened.filter(|_| !tollgate_model::service::is_identity_scope(scope)).map(|service| service.name.clone())
    };
    let asked = |scope: &tollgate_model::scope::Scope| AskedScope {
        scope: scope.clone(),
        service: service_of(scope.as_str()),
        agreed: agreed.contains(scope.as_str()),
    };
    scopes.iter().map(asked).collect()
}
