//! Scopes: what a token may be used for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// Most scopes that one request, token or service may name.
pub const SCOPES_MAX: usize = 100;
const SCOPE_BYTES_MAX: usize = 128;

/// One scope: printable ASCII without space, comma, quotation mark and backslash (RFC 6749 section 3.3, less the comma,
/// which separates scopes in IMS).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(Box<str>);

impl Scope {
    /// The scope as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\');
        if text.is_empty() || text.len() > SCOPE_BYTES_MAX || !text.bytes().all(allowed) {
            return Err(Invalid::new(
                "scope",
                text,
                "use 1 to 128 printable ASCII characters without spaces or commas",
            ));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for Scope {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.0.into()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// Scopes in the order in which they were first named, each once.
///
/// Parses from text separated by commas, spaces, or both (contract section 0.3, line 10).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// No scope at all.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The scopes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// Whether `scope` is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|own| own.as_str() == scope)
    }

    /// Whether all of `others` are among them.
    pub fn contains_all(&self, others: &Self) -> bool {
        others.iter().all(|scope| self.contains(scope.as_str()))
    }

    /// Whether at least one of `others` is among them.
    pub fn contains_any(&self, others: &Self) -> bool {
        others.iter().any(|scope| self.contains(scope.as_str()))
    }

    /// Those of these that are not in `others`.
    pub fn without(&self, others: &Self) -> Self {
        Self(self.iter().filter(|scope| !others.contains(scope.as_str())).cloned().collect())
    }

    /// Adds a scope unless it is there already.
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// The scopes with commas between them, as IMS tokens carry them.
    pub fn comma_separated(&self) -> String {
        self.joined(",")
    }

    /// The scopes with spaces between them, as RFC 6749 section 3.3 wants them.
    pub fn space_separated(&self) -> String {
        self.joined(" ")
    }

    fn joined(&self, separator: &str) -> String {
        self.0.iter().map(Scope::as_str).collect::<Vec<_>>().join(separator)
    }
}

impl FromStr for ScopeSet {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut scopes = Self::empty();
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            scopes.insert(word.parse()?);
            if scopes.len() > SCOPES_MAX {
                return Err(Invalid::new("scope", text, format!("name at most {SCOPES_MAX} scopes")));
            }
        }
        Ok(scopes)
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = Self::empty();
        for scope in scopes {
            set.insert(scope);
        }
        set
    }
}

impl Extend<Scope> for ScopeSet {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        for scope in scopes {
            self.insert(scope);
        }
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commas_spaces_and_both_separate_scopes_and_repeats_count_once() {
        let scopes: ScopeSet = "openid, AdobeID  campaign_sdk,openid".parse().unwrap();
        assert_eq!(scopes.comma_separated(), "openid,AdobeID,campaign_sdk");
        assert_eq!(scopes.space_separated(), "openid AdobeID campaign_sdk");
    }

    #[test]
    fn more_scopes_than_the_limit_are_refused() {
        let many = (0..=SCOPES_MAX).map(|n| format!("s{n}")).collect::<Vec<_>>().join(",");
        assert!(many.parse::<ScopeSet>().is_err());
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_as_something_that_parses_to_the_same(text in "[ -~]{0,200}") {
            if let Ok(scopes) = text.parse::<ScopeSet>() {
                prop_assert_eq!(&scopes.comma_separated().parse::<ScopeSet>().unwrap(), &scopes);
                prop_assert_eq!(&scopes.space_separated().parse::<ScopeSet>().unwrap(), &scopes);
                prop_assert!(scopes.contains_all(&scopes));
                prop_assert!(scopes.without(&scopes).is_empty());
            }
        }

        #[test]
        fn parsing_strangers_bytes_never_panics(text in "\\PC{0,400}") {
            let _ = text.parse::<ScopeSet>();
        }
    }
}
