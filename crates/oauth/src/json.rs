//! JSON objects from strangers: bounded, and without two members of one name.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

/// Most members of one object.
const MEMBERS_MAX: usize = 128;

/// The members of an object, in order. Two members of one name are an error: readers disagree on which counts.
#[derive(Debug)]
pub(crate) struct Members(Vec<(String, Value)>);

impl Members {
    /// Reads an object and nothing after it.
    pub(crate) fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// All members in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Value)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.len() >= MEMBERS_MAX || members.iter().any(|(own, _)| *own == name) {
                        return Err(A::Error::custom("too many members, or two of one name"));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_members_of_one_name_are_refused() {
        assert!(Members::parse(br#"{"a":1,"b":2}"#).is_some());
        assert!(Members::parse(br#"{"a":1,"a":1}"#).is_none());
        assert!(Members::parse(br#"{"a":1,"\u0061":1}"#).is_none());
    }

    #[test]
    fn only_one_object_of_bounded_size_is_read() {
        for bad in ["", "[]", "null", "{}{}", "{", "\u{feff}{}"] {
            assert!(Members::parse(bad.as_bytes()).is_none(), "{bad:?}");
        }
        let members = |count: usize| {
            let list = (0..count).map(|n| format!("\"m{n}\":0")).collect::<Vec<_>>().join(",");
            Members::parse(format!("{{{list}}}").as_bytes())
        };
        assert!(members(MEMBERS_MAX).is_some());
        assert!(members(MEMBERS_MAX + 1).is_none());
        assert!(Members::parse("{\"a\":".repeat(5_000).as_bytes()).is_none());
    }
}
