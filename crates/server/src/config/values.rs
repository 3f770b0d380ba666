//! The types of settings that have a rule of their own.

use std::{fmt, net::SocketAddr, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error};
use tollgate_model::Invalid;
use tracing_subscriber::EnvFilter;

/// An address of this machine and a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(pub SocketAddr);

impl ListenAddress {
    /// Whether others than this machine can reach it.
    pub fn is_public(self) -> bool {
        !self.0.ip().is_loopback()
    }

    /// Whether it stands for all addresses of the machine, and so names none.
    pub fn is_unspecified(self) -> bool {
        self.0.ip().is_unspecified()
    }
}

impl FromStr for ListenAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |_| {
            Invalid::new("listen address", text, "give an IP address and a port, such as 127.0.0.1:8080 or [::]:8080")
        };
        text.parse().map(Self).map_err(refused)
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// `http` or `https`, a host, perhaps a port; nothing else, and no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpUrl(Box<str>);

impl HttpUrl {
    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = || {
            Invalid::new(
                "URL",
                text,
                "give scheme, host and perhaps port, such as https://ims.example.com, without a slash at the end",
            )
        };
        let url = url::Url::parse(text).map_err(|_| refused())?;
        // What a client compares is the text, so only the form that every client makes of it is taken.
        let named = !url.username().is_empty() || url.password().is_some();
        if !matches!(url.scheme(), "http" | "https") || named || url.as_str() != format!("{text}/") {
            return Err(refused());
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

/// What is logged: a level, and levels of single modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(Box<str>);

impl LogFilter {
    /// The filter as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = |_| {
            Invalid::new(
                "log filter",
                text,
                "give error, warn, info, debug or trace, or pairs such as info,tollgate_gateway=debug",
            )
        };
        EnvFilter::builder().parse(text).map(|_| Self(text.into())).map_err(refused)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$word_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)+
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err(Invalid::new($what, other, format!("use one of {}", [$($word),+].join(", ")))),
                }
            }
        }
    };
}

words! {
    /// How log lines look.
    LogFormat, "log format":
    /// For people.
    Pretty = "pretty",
    /// For machines.
    Json = "json",
}

words! {
    /// What the `x5u` of a token's header holds.
    X5uForm, "x5u form":
    /// The certificate's file name, as public clients expect it.
    FileName = "file_name",
    /// The certificate's address, as RFC 7515 section 4.1.5 wants it.
    Url = "url",
    /// Nothing: the header has no such member.
    Omit = "omit",
}

macro_rules! deserialized_from_text {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

deserialized_from_text!(ListenAddress, HttpUrl, LogFilter, LogFormat, X5uForm);

/// Empty text is how a file says "none".
pub(super) fn optional<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_are_bare_origins() {
        for good in ["http://127.0.0.1:8080", "https://ims.example.com", "https://[::1]:8443"] {
            assert_eq!(good.parse::<HttpUrl>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "ims.example.com",
            "https://ims.example.com/",
            "https://IMS.example.com",
            "https://e.com:443",
            "https://u@e.com",
            "https://e.com/ims",
            "ftp://e.com",
        ] {
            assert!(bad.parse::<HttpUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_loopback_addresses_are_not_public() {
        for (text, public) in
            [("127.0.0.1:1", false), ("[::1]:1", false), ("0.0.0.0:1", true), ("[::]:1", true), ("10.0.0.1:1", true)]
        {
            assert_eq!(text.parse::<ListenAddress>().unwrap().is_public(), public, "{text}");
        }
    }
}
