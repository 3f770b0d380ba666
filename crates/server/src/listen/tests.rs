use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;
use tollgate_crypto::DevelopmentAuthority;

use super::*;
use crate::config;

const ASK: &[u8] = b"GET /quick HTTP/1.1\r\nHost: x\r\n\r\n";
const ASK_SLOWLY: &[u8] = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
const HTTP2_PREFACE_AND_SETTINGS: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// A listener that answers `/slow` after 300 ms, `/never` never, and the rest at once.
struct Port {
    address: SocketAddr,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

impl Port {
    fn open(settings: &str, certificates: Option<Certificates>) -> Self {
        let network = config::from_text_for_tests(&format!("[network]\n{settings}")).unwrap().network;
        let socket = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        let stop = CancellationToken::new();
        let listener = Listener { socket, certificates, bounds: Bounds::of(&network) };
        let service_for = |_| {
            service_fn(async |request: Request<Incoming>| {
                match request.uri().path() {
                    "/slow" => tokio::time::sleep(Duration::from_millis(300)).await,
                    "/never" => std::future::pending().await,
                    _ => {}
                }
                Ok(Response::new(Full::new(Bytes::from_static(b"answered"))))
            })
        };
        let served = tokio::spawn(listener.serve(service_for, stop.clone()));
        Self { address, stop, served }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.cancel();
        self.served.await.unwrap();
        began.elapsed()
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut seen = vec![0; 4096];
    let length = timeout(Duration::from_secs(5), stream.read(&mut seen)).await.expect("an answer in time").unwrap_or(0);
    String::from_utf8_lossy(&seen[..length]).into_owned()
}

#[tokio::test]
async fn http_1_and_http_2_are_told_apart_on_one_plain_port() {
    let port = Port::open("", None);
    let mut first = port.connect().await;
    first.write_all(ASK).await.unwrap();
    assert!(read(&mut first).await.starts_with("HTTP/1.1 200 OK"));
    let mut second = port.connect().await;
    // In two pieces, as a network may cut it.
    second.write_all(&HTTP2_PREFACE_AND_SETTINGS[..9]).await.unwrap();
    second.flush().await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    second.write_all(&HTTP2_PREFACE_AND_SETTINGS[9..]).await.unwrap();
    let mut frame = [0; 9];
    second.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4, "the server answers with its SETTINGS");
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_half_a_head_is_closed() {
    let port = Port::open("header_read_timeout_seconds = 1", None);
    let mut silent = port.connect().await;
    let mut halting = port.connect().await;
    halting.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
    let mut pretending = port.connect().await;
    pretending.write_all(b"PRI * HT").await.unwrap();
    let began = Instant::now();
    for stream in [&mut silent, &mut halting, &mut pretending] {
        let answer = read(stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn the_time_for_a_head_begins_anew_after_each_answer() {
    let port = Port::open("header_read_timeout_seconds = 1", None);
    let mut stream = port.connect().await;
    for _ in 0..4 {
        stream.write_all(ASK_SLOWLY).await.unwrap();
        assert!(read(&mut stream).await.contains("answered"), "together they take longer than one head may");
    }
    stream.write_all(b"GET /quick HTTP/1.1\r\nHost:").await.unwrap();
    let began = Instant::now();
    let answer = read(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!((Duration::from_millis(500)..Duration::from_secs(3)).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn connections_above_the_limit_wait_for_their_turn() {
    let port = Port::open("connections_max = 1", None);
    let mut first = port.connect().await;
    first.write_all(ASK).await.unwrap();
    assert!(read(&mut first).await.contains("answered"));
    let mut second = port.connect().await;
    second.write_all(ASK).await.unwrap();
    let mut early = [0; 1];
    assert!(timeout(Duration::from_millis(200), second.read(&mut early)).await.is_err(), "it has to wait");
    drop(first);
    assert!(read(&mut second).await.contains("answered"));
}

#[tokio::test]
async fn a_stop_lets_a_running_request_finish_and_closes_the_others_at_once() {
    let port = Port::open("", None);
    let (mut idle, mut silent, mut busy) = (port.connect().await, port.connect().await, port.connect().await);
    idle.write_all(ASK).await.unwrap();
    assert!(read(&mut idle).await.contains("answered"));
    busy.write_all(ASK_SLOWLY).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let address = port.address;
    let (told, answered) = oneshot::channel();
    tokio::spawn(async move {
        let _ = told.send(read(&mut busy).await);
    });
    let took = port.stop().await;
    assert!(answered.await.unwrap().contains("answered"));
    assert!(took < Duration::from_secs(1), "{took:?}");
    assert_eq!(read(&mut idle).await, "");
    assert_eq!(read(&mut silent).await, "");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_at_the_deadline() {
    let port = Port::open("shutdown_timeout_millis = 200", None);
    let mut stuck = port.connect().await;
    stuck.write_all(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let took = port.stop().await;
    assert!((Duration::from_millis(150)..Duration::from_secs(1)).contains(&took), "{took:?}");
    assert_eq!(read(&mut stuck).await, "");
}

#[tokio::test]
async fn a_port_in_use_is_told_in_one_line() {
    let port = Port::open("", None);
    let refused = bind(port.address).unwrap_err().to_string();
    assert_eq!(
        refused,
        format!(
            "port {} on 127.0.0.1 is in use: stop the program that has it, or choose another port",
            port.address.port()
        )
    );
    assert!(matches!(bind("192.0.2.1:0".parse().unwrap()), Err(BindError::NotOurs(_))));
}

fn client_of(authority: &DevelopmentAuthority) -> TlsConnector {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_the_next_connection() {
    const NOW: i64 = 1_790_000_000;
    let now = tollgate_model::Clock::now(&tollgate_model::SystemClock).seconds().max(NOW);
    let authorities = [DevelopmentAuthority::generate(now).unwrap(), DevelopmentAuthority::generate(now).unwrap()];
    let [old, new] = authorities.each_ref().map(|authority| authority.issue(&["localhost".to_owned()], now).unwrap());
    let certificates = Certificates::from_pem(&old.certificate_pem, old.private_key_pem.reveal()).unwrap();
    let port = Port::open("", Some(certificates.clone()));
    let name = || ServerName::try_from("localhost").unwrap();
    let connected = client_of(&authorities[0]).connect(name(), port.connect().await).await.unwrap();
    assert_eq!(connected.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    assert!(
        certificates.replace(&new.certificate_pem, old.private_key_pem.reveal()).is_err(),
        "they do not belong together"
    );
    certificates.replace(&new.certificate_pem, new.private_key_pem.reveal()).unwrap();
    assert!(client_of(&authorities[1]).connect(name(), port.connect().await).await.is_ok());
    assert!(client_of(&authorities[0]).connect(name(), port.connect().await).await.is_err());
}
