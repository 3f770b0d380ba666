//! JSON objects from strangers: bounded, and without two members of one name. And our own on the way of every token,
//! written member by member.

use std::fmt;

use serde::{
    Serialize,
    de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor},
};
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

/// An object that is written member by member. Names are given as they stand, without anything to escape.
pub(crate) struct ObjectWriter(Vec<u8>);

impl ObjectWriter {
    /// An object of about so many bytes.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        let mut json = Vec::with_capacity(bytes);
        json.push(b'{');
        Self(json)
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.name(name);
        push_text(&mut self.0, value);
        self
    }

    /// Adds an integer.
    pub(crate) fn integer(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.name(name);
        self.0.extend_from_slice(value.to_string().as_bytes());
        self
    }

    /// Adds one text alone, or an array of none or several.
    pub(crate) fn one_or_many(&mut self, name: &'static str, values: &[String]) -> &mut Self {
        if let [one] = values {
            return self.text(name, one);
        }
        self.name(name);
        serde_json::to_writer(&mut self.0, values).expect("texts are always JSON");
        self
    }

    /// Adds a text, if there is one.
    pub(crate) fn optional_text(&mut self, name: &'static str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds whatever else is JSON.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> &mut Self {
        self.name(name);
        serde_json::to_writer(&mut self.0, value).expect("our own answers are always JSON");
        self
    }

    /// The object as a whole.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        self.0.push(b'}');
        std::mem::take(&mut self.0)
    }

    fn name(&mut self, name: &'static str) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }
}

/// Appends a text in quotes. Most texts hold nothing to escape; that is found out many bytes at a time, where the
/// serializer looks at each.
fn push_text(json: &mut Vec<u8>, text: &str) {
    let escaped = text.bytes().filter(|byte| matches!(byte, ..b' ' | b'"' | b'\\')).count();
    if escaped == 0 {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        serde_json::to_writer(json, text).expect("a text is always JSON");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn an_object_is_written_in_the_order_of_its_members() {
        let json = ObjectWriter::with_capacity(64)
            .text("a", "x")
            .integer("b", -7)
            .one_or_many("c", &["y".into()])
            .one_or_many("d", &["y".into(), "z".into()])
            .optional_text("e", None)
            .optional_text("f", Some("\""))
            .value("g", &[true])
            .finish();
        assert_eq!(String::from_utf8(json).unwrap(), r#"{"a":"x","b":-7,"c":"y","d":["y","z"],"f":"\"","g":[true]}"#);
        assert_eq!(ObjectWriter::with_capacity(2).finish(), b"{}");
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_the_serializer_writes_it(text in "\\PC{0,40}|.{0,40}|[ -~]{0,80}") {
            let mut json = Vec::new();
            push_text(&mut json, &text);
            prop_assert_eq!(json, serde_json::to_vec(&text).unwrap());
        }
    }
}
