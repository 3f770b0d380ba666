//! Which addresses a browser may be sent to with the answer of a sign-in (contract section 6).
//!
//! A credential has one default redirect URI, and may have patterns: regular expressions of which only the path is one.
//! Scheme, host and port are literal, so no pattern can be widened to somebody else's host. Whatever a request names is
//! compared byte for byte, or by a linear-time engine over the whole path; nothing is normalized first, because what is
//! normalized here would be read otherwise by the browser.

use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};

use crate::{
    Invalid,
    client::{CredentialType, Redirects},
};

/// Longest redirect URI that is looked at, in bytes.
pub const REDIRECT_URI_BYTES_MAX: usize = 2_048;
/// Most characters of all patterns together, with the commas between them (contract section 6).
pub const PATTERNS_CHARS_MAX: usize = 512;
/// Largest compiled pattern, in bytes: the time of a match grows with it.
const COMPILED_BYTES_MAX: usize = 64 * 1024;
/// How often an address is decoded in search of dots and slashes; more layers than this are nobody's honest address.
const DECODING_ROUNDS_MAX: usize = 4;
/// Schemes that run or show what an address holds.
const SCHEMES_REFUSED: [&str; 9] =
    ["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source", "intent"];
const LOOPBACK_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why a browser is not sent to the redirect URI that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefusal {
    /// It could be read in two ways, or leads into something else than an application.
    #[error(
        "redirect_uri is not a plain absolute URI without fragment, user name, backslash, dot segments and white space"
    )]
    Malformed,
    /// The credential does not have it.
    #[error("redirect_uri is not registered for this client")]
    NotRegistered,
}

/// The redirects of one credential, ready to be compared with.
///
/// ```
/// use tollgate_model::{client::{CredentialType, Redirects}, redirect_uri::RedirectRules};
///
/// let mut redirects = Redirects::to("https://example.com/callback")?;
/// redirects.patterns = vec![r"https://example\.com/teams/([a-z]+)".into()];
/// let rules = RedirectRules::of(&redirects, CredentialType::OauthWebApp)?;
/// assert_eq!(rules.resolve(None), Ok("https://example.com/callback"));
/// assert!(rules.allows("https://example.com/teams/red"));
/// assert!(!rules.allows("https://example.com/teams/red/../../admin"));
/// # Ok::<(), tollgate_model::Invalid>(())
/// ```
#[derive(Debug, Clone)]
pub struct RedirectRules {
    default_uri: Box<str>,
    rules: Arc<[Rule]>,
    origins: Arc<[String]>,
}

#[derive(Debug)]
enum Rule {
    /// These bytes.
    Exact(Box<str>),
    /// On this machine, at whatever port the application could get (RFC 8252 section 7.3).
    AnyPort { before_port: Box<str>, after_port: Box<str> },
    /// This scheme and host, a path that matches, and this query.
    Pattern { before_port: Box<str>, port: Port, path: Regex, query: Option<Box<str>> },
}

#[derive(Debug)]
enum Port {
    Any,
    Only(Option<Box<str>>),
}

impl RedirectRules {
    /// Reads and compiles the redirects of a credential.
    pub fn of(redirects: &Redirects, credential_type: CredentialType) -> Result<Self, Invalid> {
        let native = credential_type == CredentialType::OauthNativeApp;
        let default_uri = Redirects::to(&redirects.default_uri)?.default_uri;
        let mut rules = vec![exact_rule(&default_uri, native)];
        let mut origins: Vec<String> = web_origin(&default_uri).into_iter().collect();
        for pattern in split(&redirects.patterns)? {
            let (rule, origin) = pattern_rule(pattern, native)?;
            rules.push(rule);
            origins.extend(origin.filter(|origin| !origins.contains(origin)));
        }
        Ok(Self { default_uri: default_uri.into(), rules: rules.into(), origins: origins.into() })
    }

    /// The URI used when a request names none.
    pub fn default_uri(&self) -> &str {
        &self.default_uri
    }

    /// Where the browser is sent: the URI that the request names, if the credential has it, or else the default one. A
    /// URI that is named and not allowed is never replaced by the default.
    pub fn resolve<'a>(&'a self, named: Option<&'a str>) -> Result<&'a str, RedirectRefusal> {
        let Some(named) = named else { return Ok(&self.default_uri) };
        if named == &*self.default_uri {
            return Ok(named);
        }
        if !is_plain(named) {
            return Err(RedirectRefusal::Malformed);
        }
        if self.rules.iter().any(|rule| rule.matches(named)) { Ok(named) } else { Err(RedirectRefusal::NotRegistered) }
    }

    /// Whether a request may name this URI.
    pub fn allows(&self, named: &str) -> bool {
        self.resolve(Some(named)).is_ok()
    }

    /// The web origins of the redirects, as browsers write them in `Origin`: pages there may call with this credential.
    pub fn origins(&self) -> &[String] {
        &self.origins
    }
}

impl Rule {
    fn matches(&self, uri: &str) -> bool {
        let (before_port, port, path, query) = match self {
            Self::Exact(own) => return **own == *uri,
            Self::AnyPort { before_port, after_port } => {
                return WebUri::split(uri).is_some_and(|uri| {
                    uri.before_port == &**before_port && [uri.path, uri.query_with_mark].concat() == **after_port
                });
            }
            Self::Pattern { before_port, port, path, query } => (before_port, port, path, query),
        };
        let Some(uri) = WebUri::split(uri) else { return false };
        let port_matches = match port {
            Port::Any => true,
            Port::Only(own) => own.as_deref() == uri.port,
        };
        port_matches
            && uri.before_port == &**before_port
            && uri.query_with_mark.strip_prefix('?') == query.as_deref()
            && path.is_match(uri.path.as_bytes())
    }
}

/// Whether `uri` is one of `registered`, byte for byte: the rule for addresses after signing out.
pub fn is_registered(registered: &[String], uri: &str) -> bool {
    registered.iter().any(|own| own == uri)
}

/// Splits a comma-separated list of patterns, and refuses those that could not be compiled.
pub fn pattern_list(text: &str) -> Result<Vec<String>, Invalid> {
    let list = [text.to_owned()];
    split(&list)?.into_iter().map(|pattern| pattern_rule(pattern, true).map(|_| pattern.to_owned())).collect()
}

fn split(patterns: &[String]) -> Result<Vec<&str>, Invalid> {
    let chars =
        patterns.iter().map(|pattern| pattern.chars().count()).sum::<usize>() + patterns.len().saturating_sub(1);
    if chars > PATTERNS_CHARS_MAX {
        let remedy = format!("use at most {PATTERNS_CHARS_MAX} characters in all");
        return Err(Invalid::new("list of redirect URI patterns", &patterns.join(","), remedy));
    }
    Ok(patterns.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|one| !one.is_empty()).collect())
}

fn exact_rule(uri: &str, native: bool) -> Rule {
    match WebUri::split(uri) {
        Some(web) if native && web.is_loopback() => Rule::AnyPort {
            before_port: web.before_port.into(),
            after_port: [web.path, web.query_with_mark].concat().into(),
        },
        _ => Rule::Exact(uri.into()),
    }
}

/// Compiles one pattern, giving also the web origin that it lies in.
fn pattern_rule(pattern: &str, native: bool) -> Result<(Rule, Option<String>), Invalid> {
    let refused = |remedy: &str| Invalid::new("redirect URI pattern", pattern, remedy);
    // The documentation doubles backslashes, and some authors escape slashes and write anchors: all mean the same.
    let text = pattern.replace(r"\\", r"\").replace(r"\/", "/");
    let text = text.strip_prefix('^').unwrap_or(&text);
    let text = text.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(text);
    let Some((scheme, rest)) = ["https://", "http://"].iter().find_map(|web| Some((*web, text.strip_prefix(web)?)))
    else {
        let uri = literal(text, true).ok_or_else(|| refused("write the scheme without wildcards, such as https://"))?;
        Redirects::to(&uri)?;
        return Ok((Rule::Exact(uri.into()), None));
    };
    let end = [rest.find('/'), rest.find(r"\?")].into_iter().flatten().min().unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let authority = host_and_port(authority).map_err(refused)?;
    let (path, query) = after.split_once(r"\?").map_or((after, None), |(path, query)| (path, Some(query)));
    let query = query
        .map(|query| literal(query, false).ok_or_else(|| refused("use wildcards in the path only, not after the `?`")))
        .transpose()?;
    let start = format!("{scheme}{authority}");
    let web = WebUri::split(&start).filter(WebUri::is_canonical);
    let web = web.ok_or_else(|| refused("write host and port as browsers do, the host in lower case"))?;
    if scheme == "http://" && !web.is_loopback() {
        return Err(refused("use https; http is for localhost, 127.0.0.1 and [::1] only"));
    }
    let rule = Rule::Pattern {
        before_port: web.before_port.into(),
        port: if native && web.is_loopback() { Port::Any } else { Port::Only(web.port.map(Into::into)) },
        path: compiled(path).ok_or_else(|| refused("write the path as a regular expression of moderate size"))?,
        query: query.map(Into::into),
    };
    Ok((rule, web_origin(&start)))
}

/// Compiles the expression for a path so that it must match all of it. Alone first: an expression that is not balanced
/// in itself could otherwise close the group that anchors it.
fn compiled(path: &str) -> Option<Regex> {
    let build = |expression: &str| {
        let mut builder = RegexBuilder::new(expression);
        builder.unicode(false).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX * 4).nest_limit(16);
        builder.build().ok()
    };
    build(path)?;
    build(&format!(r"\A(?:{path})\z"))
}

/// Reads the host and port of a pattern, in which each dot is escaped and nothing else is special.
fn host_and_port(text: &str) -> Result<String, &'static str> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next() {
                Some(escaped @ ('.' | '-' | ':' | '[' | ']')) => escaped,
                _ => return Err("write the host as it is; only its dots need a backslash"),
            },
            '.' => return Err(r"escape each dot of the host, as in https://example\.com/callback"),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | ':' | '[' | ']' => c,
            _ => return Err("use wildcards in the path only, not in the host or port"),
        });
    }
    Ok(plain)
}

/// The one text that an expression without wildcards matches, `None` for one with wildcards. In the scheme of a private
/// URI, a bare dot or plus sign can only be meant as itself.
fn literal(expression: &str, bare_dot_and_plus: bool) -> Option<String> {
    let mut plain = String::with_capacity(expression.len());
    let mut chars = expression.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => chars.next().filter(char::is_ascii_punctuation)?,
            '.' | '+' if bare_dot_and_plus => c,
            '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => other,
        });
    }
    Some(plain)
}

/// An `http` or `https` URI in its parts, as they stand.
struct WebUri<'a> {
    /// Scheme and host.
    before_port: &'a str,
    host: &'a str,
    port: Option<&'a str>,
    path: &'a str,
    /// The query with its question mark, or nothing.
    query_with_mark: &'a str,
}

impl<'a> WebUri<'a> {
    fn split(uri: &'a str) -> Option<Self> {
        let scheme = ["https://", "http://"].into_iter().find(|scheme| uri.starts_with(scheme))?;
        let end = uri[scheme.len()..].find(['/', '?', '#']).map_or(uri.len(), |at| at + scheme.len());
        let authority = &uri[scheme.len()..end];
        let host_len = match authority.strip_prefix('[') {
            Some(address) => address.find(']')? + 2,
            None => authority.find(':').unwrap_or(authority.len()),
        };
        let (host, port) = authority.split_at(host_len);
        let port = match port.strip_prefix(':') {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits),
            None if port.is_empty() => None,
            _ => return None,
        };
        let after = &uri[end..];
        let (path, query_with_mark) = after.split_at(after.find('?').unwrap_or(after.len()));
        Some(Self { before_port: &uri[..scheme.len() + host_len], host, port, path, query_with_mark })
    }

    fn is_loopback(&self) -> bool {
        self.before_port.starts_with("http://") && LOOPBACK_HOSTS.contains(&self.host)
    }

    /// Whether a browser understands host and port as they are written: no capitals, no address in disguise.
    fn is_canonical(&self) -> bool {
        let port = self.port.map(str::parse::<u16>);
        !self.host.contains('@')
            && url::Url::parse(self.before_port).is_ok_and(|url| url.host_str() == Some(self.host))
            && port.is_none_or(|port| port.is_ok_and(|port| port > 0 && self.port == Some(&port.to_string())))
    }
}

fn web_origin(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}

/// Whether everybody reads this URI in the same way, and none of its readings leaves the path that it shows.
fn is_plain(uri: &str) -> bool {
    let plain_byte = |byte: u8| byte.is_ascii_graphic() && !br#"\"<>^`{|}#"#.contains(&byte);
    if uri.len() > REDIRECT_URI_BYTES_MAX || !uri.bytes().all(plain_byte) {
        return false;
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let known_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'+' | b'.' | b'-'))
        && !SCHEMES_REFUSED.contains(&scheme);
    if !known_scheme {
        return false;
    }
    let path = match scheme {
        "https" | "http" => match WebUri::split(uri) {
            Some(web) if web.is_canonical() => web.path,
            _ => return false,
        },
        _ => rest.split('?').next().unwrap_or_default(),
    };
    !hides_dot_segments(path.as_bytes()) && !hides_control(uri.as_bytes())
}

/// Whether a path, decoded as often as anybody might, has a segment `.` or `..` or a backslash. What follows a
/// semicolon is cut off, as some servers do before they look at the segment.
fn hides_dot_segments(path: &[u8]) -> bool {
    let mut path = path.to_vec();
    for _ in 0..DECODING_ROUNDS_MAX {
        let dots = |segment: &[u8]| matches!(segment.split(|byte| *byte == b';').next(), Some(b"." | b".."));
        if path.contains(&b'\\') || path.split(|byte| *byte == b'/').any(dots) {
            return true;
        }
        let decoded = decoded(&path);
        if decoded == path {
            return false;
        }
        path = decoded;
    }
    true
}

/// Whether an escape stands for a control character .
fn hides_control(uri: &[u8]) -> bool {
    decoded(uri).iter().any(u8::is_ascii_control)
}

/// Percent-decoding once; what is no escape stays.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escape = if byte == b'%' { digit(at + 1).zip(digit(at + 2)) } else { None };
        let value = escape.and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
        out.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests;
