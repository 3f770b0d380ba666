//! A new connection to an upstream: look up, connect, and where asked for, encrypt and agree on a version.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Why there is no connection. Nothing of a request was sent.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    #[error("cannot connect")]
    Connect(#[source] io::Error),
    #[error("cannot agree on encryption")]
    Encrypt(#[source] io::Error),
    #[error("cannot speak HTTP on the new connection")]
    Handshake(#[source] hyper::Error),
    #[error("no connection within the time for it")]
    TimedOut,
}

/// A connected socket, plain or encrypted.
pub(crate) enum Socket {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// The settings of every encrypted connection.
#[derive(Clone)]
pub(crate) struct TlsSettings {
    any_version: TlsConnector,
    http1: TlsConnector,
}

impl TlsSettings {
    /// Trusts the usual public authorities and `further` ones.
    pub(crate) fn trusting(further: &[CertificateDer<'static>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for certificate in further {
            roots.add(certificate.clone())?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let http1 = TlsConnector::from(Arc::new(config.clone()));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { any_version: TlsConnector::from(Arc::new(config)), http1 })
    }
}

/// How connections to one upstream are encrypted.
pub(crate) struct Encryption {
    settings: TlsSettings,
    name: ServerName<'static>,
}

impl Encryption {
    /// Encryption towards `host`; `None` when that is no name and no address that a certificate could carry.
    pub(crate) fn towards(host: &str, settings: &TlsSettings) -> Option<Self> {
        Some(Self { name: ServerName::try_from(host.to_owned()).ok()?, settings: settings.clone() })
    }
}

/// The versions of HTTP that a new connection may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// HTTP/2 where the other side offers it, else HTTP/1.1.
    Any,
    /// HTTP/1.1, which can switch to another protocol.
    Http1,
}

impl Socket {
    /// Connects; the caller bounds the time.
    pub(crate) async fn connect(
        host: &str,
        port: u16,
        encryption: Option<&Encryption>,
        versions: Versions,
    ) -> Result<Self, ConnectError> {
        let stream = TcpStream::connect((host, port)).await.map_err(ConnectError::Connect)?;
        // Heads and small bodies leave at once; hyper already gathers what belongs together.
        stream.set_nodelay(true).map_err(ConnectError::Connect)?;
        let Some(encryption) = encryption else { return Ok(Self::Plain(stream)) };
        let connector = match versions {
            Versions::Any => &encryption.settings.any_version,
            Versions::Http1 => &encryption.settings.http1,
        };
        let connecting = connector.connect(encryption.name.clone(), stream);
        connecting.await.map(|stream| Self::Encrypted(Box::new(stream))).map_err(ConnectError::Encrypt)
    }

    /// Whether the other side chose HTTP/2.
    pub(crate) fn speaks_http2(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Encrypted(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // The kernel takes one part more cheaply than a list of one, and a request without a body is one part.
        if let [only] = parts {
            return self.poll_write(cx, only);
        }
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
