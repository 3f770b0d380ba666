//! Whether a form was sent from a page of ours, in the browser that the page was made for.
//!
//! Two checks, each of which would do: the form carries a token that only a page made for this browser holds, and the
//! browser itself says that the request comes from this site.

use http::{HeaderMap, header::ORIGIN};
use tollgate_crypto::{DigestKey, Entropy, base64url, constant_time_eq, entropy::bytes};

use crate::Instance;

/// The name of the form field, and of the member of JSON bodies, that carries the token.
pub const FORM_TOKEN_FIELD: &str = "form_token";

const PURPOSE: &str = "form_token";
const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// A new random value for the cookie that forms are bound to before anybody is signed in.
pub fn new_form_secret(entropy: &dyn Entropy) -> String {
    base64url::encode(&bytes::<24>(entropy))
}

/// The token of forms in the browser whose cookie holds `cookie_secret`: the session's, or the form cookie's.
pub fn form_token(key: &DigestKey, cookie_secret: &str) -> String {
    key.digest(PURPOSE, cookie_secret.as_bytes()).to_string()
}

/// Whether `given` is the token of that browser; compared in constant time.
pub fn is_form_token(key: &DigestKey, cookie_secret: &str, given: &str) -> bool {
    constant_time_eq(form_token(key, cookie_secret).as_bytes(), given.as_bytes())
}

/// Whether a request comes from a page of this instance, as far as the browser tells.
///
/// `Sec-Fetch-Site` decides where there is one, since no page can forge it. Otherwise `Origin` must be one of ours.
/// Without either the caller is no browser of today, and the form token alone decides. `Origin: null`, which browsers
/// send for forms of pages with `Referrer-Policy: no-referrer`, says nothing and is taken only beside `Sec-Fetch-Site`.
pub fn is_same_site_request(headers: &HeaderMap, instance: &Instance) -> bool {
    let mut fetch_sites = headers.get_all(SEC_FETCH_SITE).iter().peekable();
    if fetch_sites.peek().is_some() {
        return fetch_sites.all(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    }
    let mut origins = headers.get_all(ORIGIN).iter();
    origins.all(|origin| origin.to_str().is_ok_and(|origin| is_own_origin(origin, instance)))
}

/// Whether an origin as browsers print it is that of one of our base URLs.
fn is_own_origin(origin: &str, instance: &Instance) -> bool {
    instance.base_urls.iter().any(|base| {
        base.strip_prefix(origin).is_some_and(|path| path.is_empty() || path.starts_with('/')) && !origin.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use tollgate_crypto::{MasterKey, SystemEntropy};

    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        is_same_site_request(&map, &Instance::new("https://ims.test/id", "https://api.test"))
    }

    #[test]
    fn a_token_is_good_for_the_cookie_it_was_made_for_and_no_other() {
        let key = MasterKey::generate(&SystemEntropy).digest_key();
        let (own, foreign) = (new_form_secret(&SystemEntropy), new_form_secret(&SystemEntropy));
        let token = form_token(&key, &own);
        assert!(is_form_token(&key, &own, &token));
        assert!(!is_form_token(&key, &foreign, &token));
        assert!(!is_form_token(&key, &own, ""));
        let other = MasterKey::generate(&SystemEntropy).digest_key();
        assert!(!is_form_token(&other, &own, &token));
    }

    #[test]
    fn a_request_that_the_browser_calls_cross_site_is_refused() {
        for site in ["cross-site", "same-site", "", "anything"] {
            assert!(!allowed(&[("sec-fetch-site", site)]), "{site}");
            assert!(!allowed(&[("sec-fetch-site", site), ("origin", "https://ims.test")]), "{site}");
        }
        assert!(!allowed(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
    }

    #[test]
    fn without_sec_fetch_site_the_origin_must_be_ours() {
        for origin in
            ["https://evil.test", "null", "https://ims.test.evil.test", "https://ims.tes", "http://ims.test", ""]
        {
            assert!(!allowed(&[("origin", origin)]), "{origin}");
        }
        assert!(allowed(&[("origin", "https://ims.test")]));
        assert!(allowed(&[]));
    }
}
