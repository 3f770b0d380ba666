//! What an operator may set.

use rustls::pki_types::{CertificateDer, pem::PemObject};
use tollgate_model::Invalid;
use tollgate_web::TrustedProxies;

use crate::upstream::TlsSettings;

/// The settings of the gateway.
#[derive(Clone)]
pub struct GatewaySettings {
    /// Proxies of our own in front.
    pub proxies: TrustedProxies,
    /// Verified tokens that are remembered, about 1.5 KB each.
    pub remembered_tokens_max: usize,
    /// Connections to one upstream that are kept without a request.
    pub idle_connections_max: usize,
    /// Whom upstreams are believed that speak TLS.
    pub upstream_authorities: UpstreamAuthorities,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            proxies: TrustedProxies::default(),
            remembered_tokens_max: 32_768,
            idle_connections_max: 256,
            upstream_authorities: UpstreamAuthorities::public(),
        }
    }
}

/// The certificate authorities that upstreams may have their certificates from.
#[derive(Clone)]
pub struct UpstreamAuthorities(TlsSettings);

impl UpstreamAuthorities {
    /// The public ones.
    pub fn public() -> Self {
        Self(TlsSettings::trusting(&[]).expect("the compiled-in authorities are well-formed"))
    }

    /// The public ones, and those whose certificates stand in `pem`.
    pub fn and(pem: &str) -> Result<Self, Invalid> {
        let refused =
            || Invalid::new("certificate authorities of upstreams", "(not shown)", "give certificates in PEM form");
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| refused())?;
        if certificates.is_empty() {
            return Err(refused());
        }
        TlsSettings::trusting(&certificates).map(Self).map_err(|_| refused())
    }

    pub(crate) fn into_tls(self) -> TlsSettings {
        self.0
    }
}
