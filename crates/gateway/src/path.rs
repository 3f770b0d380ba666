//! The one reading of a request path.
//!
//! Gateways are bypassed where they and the service behind them read one path in two ways. So nothing is decoded here
//! and nothing is tidied: a path that could be read in more than one way is refused, and what is accepted is matched
//! and forwarded byte for byte.

use std::fmt;

use thiserror::Error;

/// Longest path that is forwarded, in bytes.
pub const PATH_BYTES_MAX: usize = 8 * 1024;

/// Why a path is refused; the text is for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathRefusal {
    /// `*`, a relative path, or nothing at all.
    #[error("the path must begin with `/`")]
    NotRooted,
    /// More than [`PATH_BYTES_MAX`].
    #[error("the path is longer than 8192 bytes")]
    TooLong,
    /// `//`, which some servers merge and some do not.
    #[error("the path has an empty segment (`//`); send single slashes")]
    EmptySegment,
    /// `.` or `..`, which some servers resolve and some do not.
    #[error("the path has a `.` or `..` segment; send the path that it leads to")]
    DotSegment,
    /// A byte that RFC 3986 section 3.3 does not allow in a path: control bytes, `\`, `#`, quotes, raw non-ASCII.
    #[error("the path has a byte that must be percent-encoded or may not occur")]
    ForbiddenByte,
    /// `;`, plain or encoded, which some servers cut off together with what follows.
    #[error("the path has a `;` parameter, which servers read in different ways; leave it out")]
    Parameter,
    /// `%` without two hexadecimal digits.
    #[error("the path has a `%` that two hexadecimal digits do not follow")]
    BrokenEscape,
    /// `%2F`, `%5C` or an escaped control byte.
    #[error("the path has an encoded slash, backslash or control byte")]
    EscapedDelimiter,
    /// An escape of a letter, digit, `-`, `.`, `_` or `~`, which equals the plain character (RFC 3986 section 2.3).
    #[error("the path has an escape of a letter, digit or one of `-._~`; send the plain character")]
    NeedlessEscape,
    /// `%25` and two hexadecimal digits: an escape that appears when decoded once.
    #[error("the path is percent-encoded twice; encode it once")]
    DoubleEscape,
    /// Escapes that decode to something other than UTF-8, overlong forms among them.
    #[error("the path has escapes that are not valid UTF-8")]
    NotUtf8,
}

/// A path with a single reading: absolute, no empty, `.` or `..` segment, only characters of RFC 3986 section 3.3 without
/// `;`, and only escapes that every server must decode to the same thing or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanonicalPath<'a>(&'a str);

impl<'a> CanonicalPath<'a> {
    /// Accepts `path` exactly as it is, or says why it has more than one reading.
    pub fn parse(path: &'a str) -> Result<Self, PathRefusal> {
        let bytes = path.as_bytes();
        if bytes.first() != Some(&b'/') {
            return Err(PathRefusal::NotRooted);
        }
        if bytes.len() > PATH_BYTES_MAX {
            return Err(PathRefusal::TooLong);
        }
        let mut segment_start = 1;
        let mut has_non_ascii_escape = false;
        let mut at = 1;
        while let Some(&byte) = bytes.get(at) {
            match CLASSES[usize::from(byte)] {
                Class::Plain => {}
                Class::Slash => {
                    check_segment(&bytes[segment_start..at], false)?;
                    segment_start = at + 1;
                }
                Class::Percent => {
                    has_non_ascii_escape |= check_escape(bytes, at)?;
                    at += 2;
                }
                Class::Semicolon => return Err(PathRefusal::Parameter),
                Class::Forbidden => return Err(PathRefusal::ForbiddenByte),
            }
            at += 1;
        }
        check_segment(&bytes[segment_start..], true)?;
        if has_non_ascii_escape && !decodes_to_utf8(bytes) {
            return Err(PathRefusal::NotUtf8);
        }
        Ok(Self(path))
    }

    /// The path, as it came.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The first segment, without slashes; empty for `/`.
    pub fn first_segment(self) -> &'a str {
        let rest = &self.0[1..];
        rest.split_once('/').map_or(rest, |(first, _)| first)
    }

    /// What follows `prefix` when the path is `prefix` itself or goes on with a further segment; begins with `/` or is
    /// empty.
    pub fn below(self, prefix: &str) -> Option<&'a str> {
        self.0.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for CanonicalPath<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Slash,
    Percent,
    Semicolon,
    Forbidden,
}

/// RFC 3986 section 3.3: `pchar` without `;`, which has a class of its own.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Forbidden; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'/' => Class::Slash,
            b'%' => Class::Percent,
            b';' => Class::Semicolon,
            _ if is_unreserved(byte) => Class::Plain,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@' => Class::Plain,
            _ => Class::Forbidden,
        };
        byte += 1;
    }
    classes
};

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

const fn check_segment(segment: &[u8], is_last: bool) -> Result<(), PathRefusal> {
    match segment {
        [] if !is_last => Err(PathRefusal::EmptySegment),
        b"." | b".." => Err(PathRefusal::DotSegment),
        _ => Ok(()),
    }
}

/// Whether the escape at `at` stands for a byte beyond ASCII.
fn check_escape(bytes: &[u8], at: usize) -> Result<bool, PathRefusal> {
    let decoded = escaped_byte(bytes, at).ok_or(PathRefusal::BrokenEscape)?;
    match decoded {
        b'/' | b'\\' | 0..=0x1F | 0x7F => Err(PathRefusal::EscapedDelimiter),
        b';' => Err(PathRefusal::Parameter),
        // `%252e` becomes `%2e` in a server that decodes, and `.` in one that decodes twice.
        b'%' if is_hex(bytes, at + 3) && is_hex(bytes, at + 4) => Err(PathRefusal::DoubleEscape),
        _ if is_unreserved(decoded) => Err(PathRefusal::NeedlessEscape),
        _ => Ok(!decoded.is_ascii()),
    }
}

fn escaped_byte(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()
}

fn is_hex(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_hexdigit)
}

/// Called for a path whose escapes are all whole.
fn decodes_to_utf8(bytes: &[u8]) -> bool {
    let decoded: Vec<u8> = percent_encoding::percent_decode(bytes).collect();
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_paths_are_accepted_as_they_are() {
        for path in [
            "/",
            "/weather",
            "/weather/",
            "/a/b.c/d~e_f-g",
            "/a:b@c/$x=1,2+3*(4)!'&",
            "/%20/%C3%A4",
            "/100%25",
            "/.../..a/a..",
            "/%E2%82%AC",
        ] {
            assert_eq!(CanonicalPath::parse(path).map(CanonicalPath::as_str), Ok(path));
        }
    }

    #[test]
    fn every_known_way_to_write_a_path_that_two_servers_read_differently_is_refused() {
        use PathRefusal::*;
        for (path, refusal) in [
            ("", NotRooted),
            ("*", NotRooted),
            ("weather", NotRooted),
            ("//", EmptySegment),
            ("//weather", EmptySegment),
            ("/weather//x", EmptySegment),
            ("/.", DotSegment),
            ("/..", DotSegment),
            ("/weather/../admin", DotSegment),
            ("/weather/./x", DotSegment),
            ("/weather/..", DotSegment),
            ("/weather/%2e%2e/admin", NeedlessEscape),
            ("/weather/%2E", NeedlessEscape),
            ("/weather/.%2e/admin", NeedlessEscape),
            ("/weather/%252e%252e/admin", DoubleEscape),
            ("/weather/%25%32%65", NeedlessEscape),
            ("/weather/..;/admin", Parameter),
            ("/weather;x=1/admin", Parameter),
            ("/weather/..%3b/admin", Parameter),
            ("/weather%2fadmin", EscapedDelimiter),
            ("/weather%2Fadmin", EscapedDelimiter),
            ("/weather%5cadmin", EscapedDelimiter),
            ("/weather%5C..%5Cadmin", EscapedDelimiter),
            ("/weather\\admin", ForbiddenByte),
            ("/weather%00", EscapedDelimiter),
            ("/weather%0d%0aX: y", EscapedDelimiter),
            ("/weather%7f", EscapedDelimiter),
            ("/weather\u{1}", ForbiddenByte),
            ("/weather#admin", ForbiddenByte),
            ("/weather?x", ForbiddenByte),
            ("/weather x", ForbiddenByte),
            ("/wetter/ä", ForbiddenByte),
            ("/weather/%", BrokenEscape),
            ("/weather/%2", BrokenEscape),
            ("/weather/%zz", BrokenEscape),
            ("/weather/%+1", BrokenEscape),
            ("/weather/%c0%af", NotUtf8),
            ("/weather/%c0%ae%c0%ae/", NotUtf8),
            ("/weather/%e0%80%af", NotUtf8),
            ("/weather/%ed%a0%80", NotUtf8),
            ("/weather/%ff", NotUtf8),
            ("/weather/%61dmin", NeedlessEscape),
        ] {
            assert_eq!(CanonicalPath::parse(path), Err(refusal), "{path}");
        }
        assert_eq!(CanonicalPath::parse(&format!("/{}", "a".repeat(PATH_BYTES_MAX))), Err(TooLong));
    }

    #[test]
    fn a_prefix_covers_itself_and_whole_further_segments_only() {
        let path = |text| CanonicalPath::parse(text).unwrap();
        assert_eq!(path("/weather").below("/weather"), Some(""));
        assert_eq!(path("/weather/").below("/weather"), Some("/"));
        assert_eq!(path("/weather/v1").below("/weather"), Some("/v1"));
        assert_eq!(path("/weatherman").below("/weather"), None);
        assert_eq!(path("/Weather").below("/weather"), None);
        assert_eq!(
            (path("/a/b").first_segment(), path("/a").first_segment(), path("/").first_segment()),
            ("a", "a", "")
        );
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_unchanged_and_has_no_ambiguous_form(path in "(/|%2e|%2f|%25|%5c|%c0|%af|%61|\\.|;|[ -~]){0,12}") {
            if let Ok(accepted) = CanonicalPath::parse(&path) {
                prop_assert_eq!(accepted.as_str(), &path);
                prop_assert!(!path.contains("//") && !path.contains([';', '\\', '#', '?', ' ']));
                // However often a server decodes, the segments stay the same segments.
                let once = percent_encoding::percent_decode_str(&path).decode_utf8().unwrap().into_owned();
                let twice = percent_encoding::percent_decode_str(&once).decode_utf8_lossy().into_owned();
                for read in [&path, &once, &twice] {
                    prop_assert_eq!(read.split('/').count(), path.split('/').count());
                    prop_assert!(read.split('/').all(|segment| segment != "." && segment != ".."));
                    prop_assert!(!read.bytes().any(|byte| byte.is_ascii_control() || matches!(byte, b'\\' | b';')));
                }
            }
        }

        #[test]
        fn strangers_bytes_never_panic(path in "\\PC{0,200}") {
            let _ = CanonicalPath::parse(&path);
        }
    }
}
