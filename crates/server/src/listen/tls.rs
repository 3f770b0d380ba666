//! TLS for the listeners, with a certificate that may be replaced while connections are accepted.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::sniff::Protocol;
use crate::{config::Config, error::CommandError, files};

/// How often the certificate files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const HTTP2_NAME: &[u8] = b"h2";
const HTTP1_NAME: &[u8] = b"http/1.1";

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate text is not readable.
    #[error("the TLS certificate is not readable: give the certificate chain in PEM form")]
    Certificate,
    /// The key text is not readable.
    #[error("the TLS private key is not readable: give one unencrypted private key in PEM form")]
    Key,
    /// The two do not belong together, or are of a kind that is not supported.
    #[error("the TLS certificate and private key cannot be used together: {0}")]
    Pair(#[from] rustls::Error),
}

/// The certificate of a process and how TLS is spoken with it. Clones share it.
#[derive(Clone)]
pub struct Certificates {
    shown: Arc<Shown>,
    acceptor: TlsAcceptor,
}

#[derive(Debug)]
struct Shown {
    pair: RwLock<Arc<CertifiedKey>>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Certificates {
    /// Serves a certificate chain and its key, both in PEM form.
    pub fn from_pem(chain: &str, key: &str) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let pair = certified(&provider, chain, key)?;
        let shown = Arc::new(Shown { pair: RwLock::new(Arc::new(pair)) });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![HTTP2_NAME.to_vec(), HTTP1_NAME.to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        Ok(Self { shown, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Shows another certificate to connections from now on.
    pub fn replace(&self, chain: &str, key: &str) -> Result<(), TlsError> {
        let pair = certified(self.acceptor.config().crypto_provider(), chain, key)?;
        *self.shown.pair.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, Protocol)> {
        let stream = self.acceptor.accept(stream).await?;
        let spoken = match stream.get_ref().1.alpn_protocol() {
            Some(name) if name == HTTP2_NAME => Protocol::Http2,
            _ => Protocol::Http1,
        };
        Ok((stream, spoken))
    }
}

fn certified(provider: &CryptoProvider, chain: &str, key: &str) -> Result<CertifiedKey, TlsError> {
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::Certificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| TlsError::Key)?;
    let pair = CertifiedKey::from_der(chain, key, provider)?;
    pair.keys_match()?;
    Ok(pair)
}

/// The files of a certificate, looked at again and again so that a renewal needs no restart.
pub struct CertificateFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM; readable by its owner alone.
    pub private_key: PathBuf,
}

impl CertificateFiles {
    /// The files that `[tls]` names; `None` when Tollgate speaks plain HTTP.
    pub fn of(config: &Config) -> Option<Self> {
        let certificate = config.tls.certificate_file.clone()?;
        let private_key = config.tls.private_key_file.clone()?;
        Some(Self { certificate, private_key })
    }

    /// Reads both files.
    pub fn load(&self) -> Result<Certificates, CommandError> {
        let (chain, key) = self.read()?;
        Certificates::from_pem(&chain, &key).map_err(CommandError::bad_input)
    }

    /// Shows what the files hold whenever it changes; a pair that cannot be served is logged and the old one kept.
    pub async fn follow(&self, certificates: Certificates) {
        let mut known = self.written();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.written();
            if now == known {
                continue;
            }
            let replaced = self.read().map_err(|cause| cause.to_string());
            let replaced =
                replaced.and_then(|(chain, key)| certificates.replace(&chain, &key).map_err(|cause| cause.to_string()));
            match replaced {
                Ok(()) => {
                    known = now;
                    tracing::info!(file = %self.certificate.display(), "the new TLS certificate is in use");
                }
                // Also met in the moment between writing one file and the other, so it is tried again.
                Err(cause) => {
                    tracing::warn!(cause, "the new TLS certificate is not usable yet; the old one stays in use");
                }
            }
        }
    }

    fn read(&self) -> Result<(String, String), CommandError> {
        Ok((
            files::read_public(&self.certificate, "TLS certificate file")?,
            files::read_private(&self.private_key, "TLS private key file")?,
        ))
    }

    fn written(&self) -> [Option<std::time::SystemTime>; 2] {
        let modified = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        [modified(&self.certificate), modified(&self.private_key)]
    }
}
