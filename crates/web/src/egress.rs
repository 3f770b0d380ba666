//! The one way out: every HTTP call that Tollgate makes of its own accord, such as to an upstream identity provider or to
//! a webhook, goes through [`Egress`].
//!
//! Its addresses come from strangers, so it is built against being sent into the private network (server-side request
//! forgery): `https` only, public addresses only, the connection made to the very address that was checked, no redirects,
//! no proxy of the environment, and bounds on time and bytes. [`Allowance`] says what is allowed beyond that.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::{Client, Response, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use thiserror::Error;
use tokio::sync::Semaphore;
use url::{Host, Url};

use self::{place::Place, resolver::CheckedResolver};

pub mod place;
mod resolver;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const CALLS_AT_ONCE_MAX: usize = 256;
const URL_BYTES_MAX: usize = 4096;
/// Kept connections to one host.
const IDLE_PER_HOST_MAX: usize = 8;

/// Where calls may go beyond public addresses over `https`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowance {
    /// The machine itself, then also over plain `http`: for the demo and for tests.
    pub loopback: bool,
    /// The private networks of RFC 1918, RFC 6598 and RFC 4193: for an upstream that lives inside.
    pub private: bool,
    /// Certificates in PEM form that are trusted besides the public ones.
    pub extra_roots_pem: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum EgressError {
    /// What was given is not a URL that can be called.
    #[error("the address cannot be called: {0}")]
    Malformed(&'static str),
    /// The address lies where no call may go. It is refused each time: do not try again.
    #[error("the address is refused: {0}")]
    Refused(&'static str),
    /// The trusted certificates that were given cannot be read.
    #[error("the additional trusted certificates cannot be read")]
    Roots,
    /// More calls are under way than are made at once.
    #[error("too many outgoing calls are under way")]
    Busy,
    /// The answer is longer than is read.
    #[error("the answer is longer than {bytes_max} bytes")]
    TooLong {
        /// The limit.
        bytes_max: usize,
    },
    /// No answer in time.
    #[error("there was no answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("no answer came: {0}")]
    Connection(String),
}

impl EgressError {
    /// Whether the address itself is refused, so that another attempt would come to the same.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Malformed(_) | Self::Refused(_))
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status, also a redirect: none is followed.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// The outgoing client. Clones share its connections and its bounds.
#[derive(Clone)]
pub struct Egress {
    client: Client,
    allowance: Arc<Allowance>,
    slots: Arc<Semaphore>,
}

impl Egress {
    /// A client that goes where `allowance` lets it.
    pub fn new(allowance: &Allowance) -> Result<Self, EgressError> {
        let allowance = Arc::new(allowance.clone());
        let client = Client::builder()
            .tls_backend_preconfigured(tls(&allowance)?)
            .dns_resolver(CheckedResolver { allowance: Arc::clone(&allowance) })
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
            .user_agent(concat!("Tollgate/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EgressError::Connection(reason(&error)))?;
        Ok(Self { client, allowance, slots: Arc::new(Semaphore::new(CALLS_AT_ONCE_MAX)) })
    }

    /// Reads `url`; at most `bytes_max` bytes of answer.
    pub async fn get(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        bytes_max: usize,
    ) -> Result<Reply, EgressError> {
        self.call(Method::GET, url, headers, Bytes::new(), bytes_max).await
    }

    /// Sends `body` to `url`; at most `bytes_max` bytes of answer.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
        bytes_max: usize,
    ) -> Result<Reply, EgressError> {
        self.call(Method::POST, url, headers, body, bytes_max).await
    }

    /// Whether `url` could be called as far as can be said without resolving its name: for the moment at which somebody
    /// gives it. The call itself checks again.
    pub fn check(&self, url: &str) -> Result<Url, EgressError> {
        check_url(url, &self.allowance)
    }

    async fn call(
        &self,
        method: Method,
        url: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: Bytes,
        bytes_max: usize,
    ) -> Result<Reply, EgressError> {
        let url = self.check(url)?;
        let _slot = self.slots.try_acquire().map_err(|_| EgressError::Busy)?;
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = request.send().await.map_err(failed)?;
        read(response, bytes_max).await
    }
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Egress").field("allowance", &self.allowance).finish_non_exhaustive()
    }
}

/// Whether `url` could be called, as [`Egress::check`].
pub fn check_url(url: &str, allowance: &Allowance) -> Result<Url, EgressError> {
    if url.len() > URL_BYTES_MAX {
        return Err(EgressError::Malformed("it is too long"));
    }
    // The parser turns every spelling of an IPv4 address, such as `0x7f.1` or `2130706433`, into the address.
    let mut url = Url::parse(url).map_err(|_| EgressError::Malformed("it is not an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EgressError::Malformed("it holds a user name or password"));
    }
    let named = match url.host().ok_or(EgressError::Malformed("it names no host"))? {
        Host::Ipv4(address) => Some(Place::of(address.into())),
        Host::Ipv6(address) => Some(Place::of(address.into())),
        Host::Domain(name) => place::is_localhost(name).then_some(Place::Loopback),
    };
    if let Some(place) = named {
        place.check(allowance)?;
    }
    match url.scheme() {
        "https" => {}
        "http" if allowance.loopback && named == Some(Place::Loopback) => {}
        _ => return Err(EgressError::Refused("use https")),
    }
    url.set_fragment(None);
    Ok(url)
}

async fn read(mut response: Response, bytes_max: usize) -> Result<Reply, EgressError> {
    let too_long = EgressError::TooLong { bytes_max };
    if response.content_length().is_some_and(|announced| announced > bytes_max as u64) {
        return Err(too_long);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > bytes_max {
            return Err(too_long);
        }
        body.extend_from_slice(&chunk);
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Reply { status: response.status(), headers, body: body.freeze() })
}

fn tls(allowance: &Allowance) -> Result<ClientConfig, EgressError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = &allowance.extra_roots_pem {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.map_err(|_| EgressError::Roots)?).map_err(|_| EgressError::Roots)?;
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the default protocol versions");
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

fn failed(error: reqwest::Error) -> EgressError {
    // The address may carry what is not for the log.
    let error = error.without_url();
    if let Some(refused) = resolver::refusal_in(&error) {
        return EgressError::Refused(refused);
    }
    if error.is_timeout() { EgressError::Timeout } else { EgressError::Connection(reason(&error)) }
}

/// The innermost cause, which is the one that says something.
fn reason(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
