//! The key and the token that a request presents: in headers, as it should, or in the query, as old samples do.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use thiserror::Error;
use tollgate_oauth::bearer::{Presented, TokenScheme};

/// The header that carries the key.
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

const KEY_PARAMETER: &str = "api_key";
const TOKEN_PARAMETER: &str = "user_token";

/// Why credentials are refused before anybody looks them up; the text is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Ambiguity {
    /// Two keys that differ.
    #[error("the request has more than one API key, and they differ; send it once, as header x-api-key")]
    Keys,
    /// Two tokens that differ, or two `Authorization` headers.
    #[error("the request has more than one token; send it once, as header Authorization")]
    Tokens,
    /// A parameter whose name is written with escapes, so that not everybody would recognise it.
    #[error("the name of parameter api_key or user_token is percent-encoded; write it plainly")]
    DisguisedParameter,
    /// A value that is not text.
    #[error("the API key or token is not plain text")]
    NotText,
}

/// The credentials in a query.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct QueryCredentials<'a> {
    /// `api_key`.
    pub key: Option<Cow<'a, str>>,
    /// `user_token`.
    pub token: Option<Cow<'a, str>>,
    /// Whether one of the parameters occurs, perhaps empty, and the query must not be forwarded as it is.
    pub occur: bool,
}

impl<'a> QueryCredentials<'a> {
    /// Finds the credentials in a query, without the `?`.
    pub fn parse(query: &'a str) -> Result<Self, Ambiguity> {
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (place, differ) = match credential_name(name)? {
                Some(KEY_PARAMETER) => (&mut found.key, Ambiguity::Keys),
                Some(_) => (&mut found.token, Ambiguity::Tokens),
                None => continue,
            };
            found.occur = true;
            if value.is_empty() {
                continue;
            }
            let value = percent_encoding::percent_decode_str(value).decode_utf8().map_err(|_| Ambiguity::NotText)?;
            match place {
                Some(before) if *before != value => return Err(differ),
                _ => *place = Some(value),
            }
        }
        Ok(found)
    }
}

/// The query without its credentials; every other byte stays, and in its place.
pub fn without_credentials(query: &str) -> String {
    let mut kept = String::with_capacity(query.len());
    for pair in query.split('&') {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        if !matches!(name, KEY_PARAMETER | TOKEN_PARAMETER) {
            if !kept.is_empty() {
                kept.push('&');
            }
            kept.push_str(pair);
        }
    }
    kept
}

/// Which credential a parameter of this name carries.
fn credential_name(name: &str) -> Result<Option<&'static str>, Ambiguity> {
    let known = |name: &str| [KEY_PARAMETER, TOKEN_PARAMETER].into_iter().find(|own| *own == name);
    if !name.contains('%') {
        return Ok(known(name));
    }
    match percent_encoding::percent_decode_str(name).decode_utf8() {
        Ok(decoded) if known(&decoded).is_some() => Err(Ambiguity::DisguisedParameter),
        _ => Ok(None),
    }
}

/// The key of a request; header and query may both carry it when they agree.
pub(crate) fn key<'a>(headers: &'a HeaderMap, query: &'a QueryCredentials<'_>) -> Result<Option<&'a str>, Ambiguity> {
    let mut key = query.key.as_deref();
    for value in headers.get_all(X_API_KEY) {
        let value = text(value)?;
        if value.is_empty() {
            continue;
        }
        if key.is_some_and(|before| before != value) {
            return Err(Ambiguity::Keys);
        }
        key = Some(value);
    }
    Ok(key)
}

/// The token of a request; header and query may both carry it when they agree. Another scheme than `Bearer` and `DPoP` is
/// no token, and one in the query is a bearer token.
pub(crate) fn token<'a>(
    headers: &'a HeaderMap,
    query: &'a QueryCredentials<'_>,
) -> Result<Option<Presented<'a>>, Ambiguity> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let header = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => presented(text(value)?),
        (Some(_), Some(_)) => return Err(Ambiguity::Tokens),
    };
    match (header, query.token.as_deref()) {
        (Some(header), Some(parameter)) if header.token != parameter => Err(Ambiguity::Tokens),
        (None, Some(token)) => Ok(Some(Presented { token, scheme: TokenScheme::Bearer })),
        (header, _) => Ok(header),
    }
}

/// RFC 6750 section 2.1, RFC 9449 section 7.1; the scheme in any case (RFC 9110 section 11.1).
fn presented(value: &str) -> Option<Presented<'_>> {
    let (scheme, token) = value.split_once(' ')?;
    let scheme = match scheme {
        scheme if scheme.eq_ignore_ascii_case("Bearer") => TokenScheme::Bearer,
        scheme if scheme.eq_ignore_ascii_case("DPoP") => TokenScheme::Dpop,
        _ => return None,
    };
    let token = token.trim_start_matches(' ');
    (!token.is_empty()).then_some(Presented { token, scheme })
}

/// What is no key or token of ours, though text, is found nowhere.
fn text(value: &HeaderValue) -> Result<&str, Ambiguity> {
    std::str::from_utf8(value.as_bytes().trim_ascii()).map_err(|_| Ambiguity::NotText)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn key_of(pairs: &[(&str, &str)], query: &str) -> Result<Option<String>, Ambiguity> {
        key(&headers(pairs), &QueryCredentials::parse(query)?).map(|key| key.map(str::to_owned))
    }

    fn token_of(pairs: &[(&str, &str)], query: &str) -> Result<Option<String>, Ambiguity> {
        token(&headers(pairs), &QueryCredentials::parse(query)?).map(|token| token.map(|token| token.token.to_owned()))
    }

    #[test]
    fn a_key_may_come_in_header_or_query_and_twice_only_when_equal() {
        let one = Ok(Some("one".to_owned()));
        assert_eq!(key_of(&[("X-Api-Key", "one")], ""), one);
        assert_eq!(key_of(&[], "a=b&api_key=one"), one);
        assert_eq!(key_of(&[("x-api-key", "one"), ("x-api-key", "one")], "api_key=one&api_key=%6fne"), one);
        assert_eq!(key_of(&[("x-api-key", "")], "api_key="), Ok(None));
        assert_eq!(key_of(&[("x-api-key", "one")], "api_key=two"), Err(Ambiguity::Keys));
        assert_eq!(key_of(&[("x-api-key", "one"), ("x-api-key", "two")], ""), Err(Ambiguity::Keys));
        assert_eq!(key_of(&[], "api_key=one&api_key=two"), Err(Ambiguity::Keys));
        assert_eq!(key_of(&[], "api%5Fkey=one"), Err(Ambiguity::DisguisedParameter));
        assert_eq!(key_of(&[], "api_key=%ff"), Err(Ambiguity::NotText));
    }

    #[test]
    fn a_token_comes_as_bearer_in_any_case_or_in_the_query() {
        let token = Ok(Some("a.b.c".to_owned()));
        assert_eq!(token_of(&[("authorization", "Bearer a.b.c")], ""), token);
        assert_eq!(token_of(&[("authorization", "bearer  a.b.c")], "user_token=a.b.c"), token);
        assert_eq!(token_of(&[], "user_token=a.b.c"), token);
        assert_eq!(token_of(&[("authorization", "Basic eDp5")], ""), Ok(None));
        assert_eq!(token_of(&[("authorization", "Bearer")], ""), Ok(None));
        assert_eq!(
            token_of(&[("authorization", "Bearer a"), ("authorization", "Bearer a")], ""),
            Err(Ambiguity::Tokens)
        );
        assert_eq!(token_of(&[("authorization", "Bearer a")], "user_token=b"), Err(Ambiguity::Tokens));
    }

    #[test]
    fn the_rest_of_a_query_is_forwarded_byte_for_byte() {
        assert_eq!(without_credentials("a=1&api_key=x&b=%20+&user_token=y&c"), "a=1&b=%20+&c");
        assert_eq!(without_credentials("api_key=x"), "");
        assert_eq!(without_credentials("a=1&&b"), "a=1&&b");
    }

    proptest! {
        #[test]
        fn no_credential_is_left_in_what_is_forwarded(query in "(api_key|user_token|api%5fkey|[a-z%=&]){0,12}") {
            if QueryCredentials::parse(&query).is_ok() {
                let left = without_credentials(&query);
                prop_assert_eq!(QueryCredentials::parse(&left), Ok(QueryCredentials::default()));
                prop_assert!(left.len() <= query.len());
            }
        }
    }
}
