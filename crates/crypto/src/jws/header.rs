//! The header of a token: its known members, each at most once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::JwsError;
use crate::Algorithm;

/// What a token says about itself (RFC 7515 section 4.1). Members that are not listed here are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The algorithm that the signer claims to have used, as written.
    pub alg: String,
    /// The name of the signer's key. Just a text: it may hold anything.
    pub kid: Option<String>,
    /// The kind of token, such as `JWT` or `at+jwt`.
    pub typ: Option<String>,
    /// The kind of content, when it is itself a token.
    pub cty: Option<String>,
}

/// Most members that are looked at; more would only serve to slow the search for duplicates down.
const MEMBERS_MAX: usize = 32;

/// Members that change how a token is read, and that we do not do.
const UNSUPPORTED: [&str; 3] = ["crit", "zip", "b64"];

impl Header {
    /// Reads a header in JSON.
    pub(super) fn parse(json: &[u8]) -> Result<Self, JwsError> {
        let Read { header, unsupported } = serde_json::from_slice(json).map_err(|_| JwsError::Header)?;
        unsupported.map_or(Ok(header), |member| Err(JwsError::Unsupported(member)))
    }

    /// The algorithm, if it is one of ours.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.alg.parse().ok()
    }
}

struct Read {
    header: Header,
    unsupported: Option<&'static str>,
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Read;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Read, A::Error> {
        let mut seen: Vec<String> = Vec::new();
        let mut read = Read { header: Header::default(), unsupported: None };
        let mut alg = None;
        while let Some(name) = members.next_key::<String>()? {
            if seen.contains(&name) || seen.len() == MEMBERS_MAX {
                return Err(A::Error::custom("a member stands twice, or there are too many"));
            }
            match name.as_str() {
                "alg" => alg = Some(members.next_value()?),
                "kid" => read.header.kid = Some(members.next_value()?),
                "typ" => read.header.typ = Some(members.next_value()?),
                "cty" => read.header.cty = Some(members.next_value()?),
                other => {
                    let unsupported = UNSUPPORTED.into_iter().find(|member| *member == other);
                    read.unsupported = read.unsupported.or(unsupported);
                    members.next_value::<IgnoredAny>()?;
                }
            }
            seen.push(name);
        }
        read.header.alg = alg.ok_or_else(|| A::Error::missing_field("alg"))?;
        Ok(read)
    }
}
