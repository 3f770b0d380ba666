//! TLS towards the server with the house's one cryptographic provider; certificate and host name are always verified.

use std::{
    io,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use crate::StoreError;

/// Makes a TLS session of a connection.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

impl Tls {
    /// Trusts the authorities in the PEM file `authorities`, or the public ones.
    pub(crate) fn new(authorities: Option<&Path>) -> Result<Self, StoreError> {
        let roots = match authorities {
            Some(path) => read_authorities(path)
                .map_err(|fault| StoreError::File { path: path.to_owned(), source: io::Error::other(fault) })?,
            None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has what TLS 1.2 and 1.3 need")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn read_authorities(path: &Path) -> Result<RootCertStore, Box<dyn std::error::Error + Send + Sync>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    if roots.is_empty() {
        return Err("the file holds no certificate in PEM form".into());
    }
    Ok(roots)
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, Self::Error> {
        let host = ServerName::try_from(host)?.to_owned();
        Ok(Handshake { connector: TlsConnector::from(Arc::clone(&self.0)), host })
    }
}

/// A handshake with one host.
pub(crate) struct Handshake {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.host, stream).await.map(Encrypted) })
    }
}

/// An encrypted connection.
pub(crate) struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use rustls::{ServerConfig, pki_types::PrivateKeyDer};
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio_rustls::TlsAcceptor;
    use tollgate_crypto::DevelopmentAuthority;
    use tollgate_model::{Clock, SystemClock};

    use super::*;

    fn server(authority: &DevelopmentAuthority, now_seconds: i64) -> TlsAcceptor {
        let issued = authority.issue(&["db.example.com".to_owned()], now_seconds).unwrap();
        let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(issued.private_key_pem.reveal().as_bytes()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()))
    }

    async fn connect(tls: &mut Tls, acceptor: TlsAcceptor, host: &str) -> io::Result<Encrypted<DuplexStream>> {
        let (near, far) = duplex(64 * 1024);
        tokio::spawn(async move {
            if let Ok(mut session) = acceptor.accept(far).await {
                session.write_all(b"hello").await.unwrap();
                session.flush().await.unwrap();
            }
        });
        let handshake = MakeTlsConnect::<DuplexStream>::make_tls_connect(tls, host).unwrap();
        TlsConnect::<DuplexStream>::connect(handshake, near).await
    }

    #[tokio::test]
    async fn a_server_is_trusted_by_its_authority_and_its_host_name_and_by_nothing_less() {
        // Certificates are verified against the machine's clock.
        let now = SystemClock.now().seconds();
        let authority = DevelopmentAuthority::generate(now).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, authority.certificate_pem()).unwrap();

        let mut trusting = Tls::new(Some(&file)).unwrap();
        let mut session = connect(&mut trusting, server(&authority, now), "db.example.com").await.unwrap();
        let mut heard = [0; 5];
        session.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");

        assert!(connect(&mut trusting, server(&authority, now), "other.example.com").await.is_err());
        let mut public = Tls::new(None).unwrap();
        assert!(connect(&mut public, server(&authority, now), "db.example.com").await.is_err());
    }

    #[test]
    fn a_file_of_authorities_without_a_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.pem");
        assert!(matches!(Tls::new(Some(&file)), Err(StoreError::File { .. })));
        std::fs::write(&file, "nothing").unwrap();
        assert!(matches!(Tls::new(Some(&file)), Err(StoreError::File { .. })));
    }
}
