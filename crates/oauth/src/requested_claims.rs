//! Claims that a request names one by one (OpenID Connect Core section 5.5), as far as it is simple: their names, whether
//! they are essential, and the values wanted of `acr`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{OauthError, json::Members};

/// Longest `claims` parameter, in bytes.
pub const CLAIMS_BYTES_MAX: usize = 4 * 1024;
/// Most claims named for one place.
pub const CLAIMS_MAX: usize = 32;
const NAME_BYTES_MAX: usize = 64;

/// A claim that is asked for by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedClaim {
    /// Its name.
    pub name: String,
    /// Whether the application cannot do without it.
    #[serde(default)]
    pub essential: bool,
}

/// What the `claims` parameter asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestedClaims {
    /// In the `id_token`.
    pub id_token: Vec<RequestedClaim>,
    /// At userinfo.
    pub userinfo: Vec<RequestedClaim>,
    /// The values of `acr`, one of which is wanted.
    pub acr_values: Vec<String>,
    /// Whether signing in otherwise is of no use to the application.
    pub acr_essential: bool,
}

impl RequestedClaims {
    /// Reads the parameter.
    pub(crate) fn parse(text: &str) -> Result<Self, OauthError> {
        let malformed = || {
            OauthError::invalid_request(format!(
                "claims is not a JSON object of at most {CLAIMS_BYTES_MAX} bytes, with the members id_token and userinfo and at most {CLAIMS_MAX} claims in each"
            ))
        };
        if text.len() > CLAIMS_BYTES_MAX {
            return Err(malformed());
        }
        let members = Members::parse(text.as_bytes()).ok_or_else(malformed)?;
        let mut claims = Self::default();
        for (place, into) in [("id_token", &mut claims.id_token), ("userinfo", &mut claims.userinfo)] {
            match members.get(place) {
                None | Some(Value::Null) => {}
                Some(Value::Object(named)) if named.len() <= CLAIMS_MAX => {
                    for (name, wish) in named {
                        into.push(RequestedClaim::read(name, wish).ok_or_else(malformed)?);
                    }
                }
                Some(_) => return Err(malformed()),
            }
        }
        if let Some(wish) = members.get("id_token").and_then(|place| place.get("acr")) {
            claims.acr_essential = wish.get("essential").is_some_and(|essential| *essential == Value::Bool(true));
            let one = wish.get("value").into_iter();
            let several = wish.get("values").and_then(Value::as_array).into_iter().flatten();
            let texts = one.chain(several).filter_map(Value::as_str).filter(|text| text.len() <= NAME_BYTES_MAX);
            claims.acr_values = texts.take(CLAIMS_MAX).map(str::to_owned).collect();
        }
        Ok(claims)
    }

    /// The names alone of the claims for the `id_token`.
    pub fn id_token_names(&self) -> Vec<String> {
        self.id_token.iter().map(|claim| claim.name.clone()).collect()
    }

    /// The names alone of the claims for userinfo.
    pub fn userinfo_names(&self) -> Vec<String> {
        self.userinfo.iter().map(|claim| claim.name.clone()).collect()
    }
}

impl RequestedClaim {
    fn read(name: &str, wish: &Value) -> Option<Self> {
        let known_shape = matches!(wish, Value::Null | Value::Object(_)) && (1..=NAME_BYTES_MAX).contains(&name.len());
        let essential = match wish.get("essential") {
            None => false,
            Some(essential) => essential.as_bool()?,
        };
        known_shape.then(|| Self { name: name.to_owned(), essential })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_for_both_places_and_the_wanted_values_of_acr() {
        let claims = RequestedClaims::parse(
            r#"{"userinfo":{"email":{"essential":true},"name":null},"id_token":{"auth_time":{"essential":true},
                "acr":{"values":["2","1"],"essential":true}},"elsewhere":7}"#,
        )
        .unwrap();
        assert_eq!(claims.userinfo_names(), ["email", "name"]);
        assert!(claims.userinfo[0].essential && !claims.userinfo[1].essential);
        assert!(claims.id_token_names().contains(&"auth_time".to_owned()));
        assert_eq!((claims.acr_values.as_slice(), claims.acr_essential), (&["2".to_owned(), "1".to_owned()][..], true));
    }

    #[test]
    fn another_shape_or_too_much_is_refused() {
        let many = (0..=CLAIMS_MAX).map(|n| format!("\"c{n}\":null")).collect::<Vec<_>>().join(",");
        for bad in [
            "",
            "[]",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"email":true}}"#,
            r#"{"userinfo":{"":null}}"#,
            r#"{"userinfo":{"email":{"essential":"yes"}}}"#,
            r#"{"userinfo":{},"userinfo":{}}"#,
            &format!(r#"{{"userinfo":{{{many}}}}}"#),
            &format!(r#"{{"a":"{}"}}"#, "x".repeat(CLAIMS_BYTES_MAX)),
        ] {
            assert!(RequestedClaims::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn strangers_text_never_panics(text in "\\PC{0,200}") {
            let _ = RequestedClaims::parse(&text);
        }
    }
}
