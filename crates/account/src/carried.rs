//! What a browser carries from one step to the next, in cookies: nothing of it is in an address that histories keep.

use http::HeaderValue;
use tollgate_crypto::base64url;
use tollgate_model::Seconds;
use tollgate_oauth::device::UserCode;
use tollgate_web::Cookies;

/// The ticket of a sign-in of which one proof is done.
pub(crate) const TICKET: &str = "tollgate_sign_in";
/// The e-mail address of the sign-in that goes on, encoded.
pub(crate) const EMAIL: &str = "tollgate_email";
/// Where an own sign-in leads, one of [`Return`].
pub(crate) const RETURN: &str = "tollgate_return";
/// The mailed code of a sign-up.
pub(crate) const SIGN_UP: &str = "tollgate_sign_up";
/// The mailed code of a forgotten password.
pub(crate) const RESET_CODE: &str = "tollgate_reset_code";
/// The right to set a new password.
pub(crate) const RESET: &str = "tollgate_reset";
/// The browser's half of a sign-in at an upstream provider.
pub(crate) const FEDERATED: &str = "tollgate_federated";
/// The pending request of a sign-in at an upstream provider, encoded.
pub(crate) const FEDERATED_REQUEST: &str = "tollgate_federated_request";
/// What was typed into a form that was refused, encoded.
pub(crate) const TYPED: &str = "tollgate_typed";
/// New recovery codes, sealed, until they are shown.
pub(crate) const FRESH_CODES: &str = "tollgate_fresh_codes";
/// The chosen language.
pub(crate) const LANGUAGE: &str = "tollgate_language";
/// The application that asked for a sign-out and where it wants the person back, encoded.
pub(crate) const SIGN_OUT: &str = "tollgate_sign_out";
/// The applications that are told of a sign-out.
pub(crate) const TOLD: &str = "tollgate_told";

/// How long a step may take before the browser forgets it.
pub(crate) const STEP_LIFETIME: Seconds = Seconds(15 * 60);
/// How long a choice is kept.
pub(crate) const CHOICE_LIFETIME: Seconds = Seconds(365 * Seconds::DAY.0);

/// The cookie that keeps `text` as it is read by [`decoded`]; `None` for a text too long for one.
pub(crate) fn encoded(cookies: Cookies, name: &str, text: &str) -> Option<HeaderValue> {
    let fits = base64url::encoded_chars(text.len()) <= tollgate_web::cookies::COOKIE_BYTES_MAX && !text.is_empty();
    fits.then(|| cookies.write(name, &base64url::encode(text.as_bytes()), Some(STEP_LIFETIME)))
}

/// The text of a cookie that [`encoded`] made.
pub(crate) fn decoded(value: &str) -> Option<String> {
    String::from_utf8(base64url::decode(value).ok()?).ok()
}

/// Where a sign-in leads that no application asked for. There is no other place: an address is never taken from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Return {
    /// A page of the account.
    Own(&'static str),
    /// The page where a device is let in, with the code that it shows.
    Device(Option<UserCode>),
}

const OWN_PAGES: [&str; 8] = [
    "/account",
    "/account/password",
    "/account/passkeys",
    "/account/authenticator",
    "/account/recovery-codes",
    "/account/sessions",
    "/account/applications",
    "/account/activity",
];

impl Return {
    /// The place of this address, if it is one of the list.
    pub(crate) fn of_path(path: &str, user_code: Option<&str>) -> Option<Self> {
        if path == "/device" || path == "/device/confirm" {
            return Some(Self::Device(user_code.and_then(|code| code.parse().ok())));
        }
        // A script's address belongs to the page that runs it.
        let path = path.strip_prefix("/account/passkeys/").map_or(path, |_| "/account/passkeys");
        OWN_PAGES.into_iter().find(|own| *own == path).map(Self::Own)
    }

    /// The place as its cookie names it.
    pub(crate) fn cookie_value(&self) -> String {
        match self {
            Self::Own(path) => path.trim_start_matches('/').replace('/', "."),
            Self::Device(None) => "device".to_owned(),
            Self::Device(Some(code)) => format!("device.{code}"),
        }
    }

    /// The place that a cookie names.
    pub(crate) fn of_cookie(value: &str) -> Option<Self> {
        if let Some(code) = value.strip_prefix("device.") {
            return code.parse().ok().map(|code| Self::Device(Some(code)));
        }
        if value == "device" {
            return Some(Self::Device(None));
        }
        OWN_PAGES.into_iter().find(|own| Self::Own(own).cookie_value() == value).map(Self::Own)
    }

    /// The place as `return` of the sign-in page names it.
    pub(crate) const fn path(&self) -> &'static str {
        match self {
            Self::Own(path) => path,
            Self::Device(_) => "/device",
        }
    }

    /// The code of a device, if one is carried along.
    pub(crate) fn user_code(&self) -> Option<String> {
        match self {
            Self::Device(Some(code)) => Some(code.to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_places_of_the_list_alone() {
        for path in OWN_PAGES {
            let place = Return::of_path(path, None).unwrap();
            assert_eq!(place.path(), path);
            assert_eq!(Return::of_cookie(&place.cookie_value()), Some(place));
        }
        let device = Return::of_path("/device", Some("BCDF-GHJK")).unwrap();
        assert_eq!(Return::of_cookie(&device.cookie_value()), Some(device));
        for bad in ["https://evil.test", "//evil.test", "/account/../x", "/ims/authorize", "", "/accounts"] {
            assert_eq!(Return::of_path(bad, None), None, "{bad}");
            assert_eq!(Return::of_cookie(bad), None, "{bad}");
        }
        assert_eq!(Return::of_path("/device", Some("//evil.test")), Some(Return::Device(None)));
    }
}
