//! Parameters from the query, a form body and a multipart body, merged into one set (contract section 0.3, line 1).

use std::fmt;

use crate::{OauthError, error::shown};

/// Most parameters in one request, repeated ones counted each time.
pub const PARAMETERS_MAX: usize = 64;
/// Longest name of a parameter, in bytes after decoding.
pub const NAME_BYTES_MAX: usize = 128;
/// Longest value of a parameter, in bytes after decoding.
pub const VALUE_BYTES_MAX: usize = 16 * 1024;

/// The parameters that may come several times with different values (RFC 8707 section 2, RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["audience", "resource"];
/// The parameters that are echoed, and so are whatever text was sent, be it a word that elsewhere means "not given".
const VERBATIM: [&str; 2] = ["nonce", "state"];

/// The parameters of one request.
///
/// ```
/// use tollgate_oauth::Params;
///
/// let params = Params::parse(Some("client_id=abc&scope=undefined"), Some(b"&client_id=abc&token=a.b.c"), None)?;
/// assert_eq!(params.required("client_id")?, "abc");
/// assert_eq!(params.get("scope"), None);
///
/// let refused = Params::parse(Some("client_id=abc"), Some(b"client_id=xyz"), None).unwrap_err();
/// assert_eq!(refused.description(), "parameter client_id is given more than once with different values");
/// # Ok::<(), tollgate_oauth::OauthError>(())
/// ```
///
/// A parameter that comes twice with the same value counts once, wherever it came from; with different values it is a
/// refusal. Empty values and the words `undefined` and `null`, which some clients send for "not given", count as
/// absent (contract section 11, line 26); of `state` and `nonce`, which come back as they were sent, only empty ones do.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    entries: Vec<(String, String)>,
}

impl Params {
    /// Reads and merges the raw query (without `?`), a form body, and the parts of a multipart body (see
    /// [`crate::multipart`]).
    pub fn parse(
        query: Option<&str>,
        form: Option<&[u8]>,
        multipart: Option<Vec<(String, String)>>,
    ) -> Result<Self, OauthError> {
        let mut params = Self::default();
        let mut count = 0;
        for encoded in [query.map(str::as_bytes), form].into_iter().flatten() {
            for pair in encoded.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
                let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                    Some(at) => (&pair[..at], &pair[at + 1..]),
                    None => (pair, &[][..]),
                };
                let name = decode(name).map_err(|what| {
                    OauthError::invalid_request(format!("the name of a parameter {}", what.description()))
                })?;
                let value = decode(value).map_err(|what| {
                    OauthError::invalid_request(format!("parameter {} {}", shown(&name), what.description()))
                })?;
                params.insert(&mut count, name, value)?;
            }
        }
        for (name, value) in multipart.into_iter().flatten() {
            params.insert(&mut count, name, value)?;
        }
        Ok(params)
    }

    /// The value of a parameter, `None` when it is absent. Of a repeatable parameter, the first value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter without which the request makes no sense.
    pub fn required(&self, name: &str) -> Result<&str, OauthError> {
        self.get(name).ok_or_else(|| OauthError::missing_parameter(name))
    }

    /// All values of a repeatable parameter, in order, each once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The names that came with a value, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    fn insert(&mut self, count: &mut usize, name: String, value: String) -> Result<(), OauthError> {
        *count += 1;
        if *count > PARAMETERS_MAX {
            return Err(OauthError::invalid_request(format!("more than {PARAMETERS_MAX} parameters")));
        }
        if name.len() > NAME_BYTES_MAX {
            return Err(OauthError::invalid_request(format!(
                "the name of parameter {} is longer than {NAME_BYTES_MAX} bytes",
                shown(&name)
            )));
        }
        if value.len() > VALUE_BYTES_MAX {
            return Err(OauthError::invalid_request(format!(
                "parameter {} is longer than {VALUE_BYTES_MAX} bytes",
                shown(&name)
            )));
        }
        if value.contains('\0') || name.contains('\0') {
            // No database keeps it, and no value of ours holds it.
            return Err(OauthError::invalid_request(format!("parameter {} holds the character NUL", shown(&name))));
        }
        let absent = match value.as_str() {
            "" => true,
            "undefined" | "null" => !VERBATIM.contains(&name.as_str()),
            _ => false,
        };
        if absent {
            return Ok(());
        }
        for (_, own) in self.entries.iter().filter(|(own, _)| *own == name) {
            if *own == value {
                return Ok(());
            }
            if !REPEATABLE.contains(&name.as_str()) {
                return Err(OauthError::invalid_request(format!(
                    "parameter {} is given more than once with different values",
                    shown(&name)
                )));
            }
        }
        self.entries.push((name, value));
        Ok(())
    }
}

impl fmt::Debug for Params {
    /// Names only: values may be secrets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.names()).finish()
    }
}

/// Why `application/x-www-form-urlencoded` text could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undecodable {
    Escape,
    Utf8,
}

impl Undecodable {
    const fn description(self) -> &'static str {
        match self {
            Self::Escape => "has a % that is not followed by two hexadecimal digits; write it as %25",
            Self::Utf8 => "is not UTF-8",
        }
    }
}

/// Decodes one name or value of `application/x-www-form-urlencoded` text: `+` is a space, `%XX` a byte, the result
/// UTF-8. Anything else after a `%`, and anything that is not UTF-8, is refused rather than repaired.
pub(crate) fn decode(encoded: &[u8]) -> Result<String, Undecodable> {
    let escaped = encoded.iter().filter(|byte| matches!(byte, b'+' | b'%')).count();
    if escaped == 0 {
        return String::from_utf8(encoded.to_vec()).map_err(|_| Undecodable::Utf8);
    }
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = rest.next().and_then(|digit| hex(*digit)).ok_or(Undecodable::Escape)?;
                let low = rest.next().and_then(|digit| hex(*digit)).ok_or(Undecodable::Escape)?;
                high << 4 | low
            }
            plain => *plain,
        });
    }
    String::from_utf8(bytes).map_err(|_| Undecodable::Utf8)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> Result<Params, OauthError> {
        Params::parse(Some(text), None, None)
    }

    #[test]
    fn query_form_and_multipart_are_one_set() {
        let parts = vec![("jwt_token".to_owned(), "a.b.c".to_owned())];
        let params =
            Params::parse(Some("client_id=abc"), Some(b"&client_secret=p8e-x&client_id=abc"), Some(parts)).unwrap();
        assert_eq!(params.get("client_id"), Some("abc"));
        assert_eq!(params.get("client_secret"), Some("p8e-x"));
        assert_eq!(params.get("jwt_token"), Some("a.b.c"));
        assert_eq!(params.names().count(), 3);
    }

    #[test]
    fn an_equal_repetition_counts_once_and_a_different_one_is_refused_by_name() {
        assert_eq!(query("grant_type=a&grant_type=a").unwrap().get("grant_type"), Some("a"));
        let refused = query("grant_type=a&x=1&grant_type=b").unwrap_err();
        assert_eq!(refused.code().as_str(), "invalid_request");
        assert!(refused.description().contains("grant_type"), "{refused}");
        assert!(Params::parse(Some("client_id=a"), Some(b"client_id=b"), None).is_err());
    }

    #[test]
    fn empty_undefined_and_null_are_absent_and_conflict_with_nothing() {
        let params =
            query("scope=undefined&locale=null&org_id=&bare&grant_type=undefined&grant_type=client_credentials")
                .unwrap();
        assert_eq!(params.get("scope"), None);
        assert_eq!(params.get("locale"), None);
        assert_eq!(params.get("org_id"), None);
        assert_eq!(params.get("bare"), None);
        assert_eq!(params.get("grant_type"), Some("client_credentials"));
        assert!(params.required("scope").unwrap_err().description().contains("scope"));
    }

    #[test]
    fn what_is_echoed_is_taken_as_it_was_sent() {
        let params = query("state=undefined&nonce=null").unwrap();
        assert_eq!((params.get("state"), params.get("nonce")), (Some("undefined"), Some("null")));
        assert_eq!(query("state=").unwrap().get("state"), None);
        assert!(query("state=undefined&state=x").is_err());
    }

    #[test]
    fn resources_may_repeat_with_different_values() {
        let params = query("resource=https://a.test&resource=https://b.test&resource=https://a.test").unwrap();
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["https://a.test", "https://b.test"]);
    }

    #[test]
    fn plus_and_escapes_are_decoded_and_broken_ones_refused() {
        assert_eq!(query("scope=openid%2C+AdobeID&n%61me=%C3%A9").unwrap().get("scope"), Some("openid, AdobeID"));
        for bad in ["a=%", "a=%4", "a=%zz", "a=%FF", "%=1", "a=%C0%AF", "a=%ED%A0%80"] {
            assert!(query(bad).is_err(), "{bad}");
        }
        assert!(query("client_secret=%F").unwrap_err().description().contains("client_secret"));
    }

    #[test]
    fn count_names_and_values_are_bounded() {
        let many = (0..PARAMETERS_MAX).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(query(&many).is_ok());
        assert!(query(&format!("{many}&p0=1")).is_err());
        assert!(query(&format!("{}=1", "n".repeat(NAME_BYTES_MAX))).is_ok());
        assert!(query(&format!("{}=1", "n".repeat(NAME_BYTES_MAX + 1))).is_err());
        assert!(query(&format!("a={}", "v".repeat(VALUE_BYTES_MAX))).is_ok());
        let refused = query(&format!("a={}", "v".repeat(VALUE_BYTES_MAX + 1))).unwrap_err();
        assert!(refused.description().contains("16384 bytes"), "{refused}");
    }

    #[test]
    fn the_character_nul_is_refused_by_the_name_of_its_parameter() {
        assert!(query("code=a%00b").unwrap_err().description().contains("code"));
        assert!(query("a%00=b").is_err());
    }

    #[test]
    fn values_never_show_in_debug_output() {
        assert_eq!(format!("{:?}", query("client_secret=p8e-geheim").unwrap()), r#"{"client_secret"}"#);
    }

    proptest! {
        #[test]
        fn strangers_bytes_never_panic_and_the_bounds_hold(text in "[ -~&=%+]{0,600}", form in prop::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(params) = Params::parse(Some(&text), Some(&form), None) {
                prop_assert!(params.names().count() <= PARAMETERS_MAX);
                for name in params.names() {
                    prop_assert!(name.len() <= NAME_BYTES_MAX);
                    let absent = matches!(params.get(name), None | Some("" | "undefined" | "null"));
                    prop_assert!(!absent || VERBATIM.contains(&name));
                }
            }
        }

        #[test]
        fn whatever_is_encoded_comes_back(values in prop::collection::btree_map("[a-z_]{1,12}", "\\PC{1,40}", 1..8)) {
            let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&values).finish();
            let params = Params::parse(None, Some(encoded.as_bytes()), None).unwrap();
            for (name, value) in values.iter().filter(|(_, value)| !matches!(value.as_str(), "undefined" | "null")) {
                prop_assert_eq!(params.get(name), Some(value.as_str()));
            }
        }
    }
}
