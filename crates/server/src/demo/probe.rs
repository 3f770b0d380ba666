//! Whether a port answers, asked from outside like any client.

use std::{io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::{error::CommandError, files};

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(5);
const REQUEST: &[u8] = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const GOOD: &[u8] = b"HTTP/1.1 200 ";

/// Waits until the house behind each port says that it is ready; with TLS, trusting the authority of `authority_file`.
pub(super) async fn until_ready(ports: &[SocketAddr], authority_file: Option<&str>) -> Result<(), CommandError> {
    let connector = match authority_file {
        Some(file) => {
            let pem = files::read_public(Path::new(file), "development authority")?;
            Some(connector(&pem).map_err(|cause| CommandError::fault("cannot ask whether the ports answer", &cause))?)
        }
        None => None,
    };
    for port in ports {
        let head = timeout(PATIENCE, ask_port(*port, connector.as_ref())).await.unwrap_or_else(|late| Err(late.into()));
        match head {
            Ok(head) if head == GOOD => {}
            Ok(head) => {
                let head = String::from_utf8_lossy(&head).trim().to_owned();
                return Err(CommandError::Fault(format!("{port} is not ready: it answered `{head}`")));
            }
            Err(cause) => return Err(CommandError::fault(format_args!("{port} does not answer"), &cause)),
        }
    }
    Ok(())
}

async fn ask_port(port: SocketAddr, connector: Option<&TlsConnector>) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect(port).await?;
    let Some(connector) = connector else { return ask(stream).await };
    let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
    ask(connector.connect(name, stream).await?).await
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<Vec<u8>> {
    stream.write_all(REQUEST).await?;
    let mut head = vec![0; GOOD.len()];
    stream.read_exact(&mut head).await?;
    Ok(head)
}

fn connector(authority_pem: &str) -> io::Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority_pem.as_bytes()).map_err(io::Error::other)?;
    roots.add(authority).map_err(io::Error::other)?;
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
