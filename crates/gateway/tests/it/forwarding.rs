//! A call that passes: what the upstream gets, what the caller gets, and that nothing is collected in between.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tollgate_crypto::DevelopmentAuthority;
use tollgate_gateway::{GatewaySettings, UpstreamAuthorities};
use tollgate_model::Clock as _;

use crate::{
    caller::collect,
    scene::Scene,
    upstream::{Upstream, described, full},
};

#[tokio::test]
async fn method_path_query_headers_and_body_arrive_as_they_were_sent() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        let mut response = Response::new(full(described(request).await.to_string()));
        *response.status_mut() = http::StatusCode::CREATED;
        response.headers_mut().insert("x-own", "kept".parse().unwrap());
        response.headers_mut().insert("connection", "x-hop".parse().unwrap());
        response.headers_mut().insert("x-hop", "dropped".parse().unwrap());
        response
    })
    .await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let target = "/weather/%C3%A4/b:c@d/?q=%2F..%2f;x&r=a+b&&s";
    let answer = scene
        .post(
            target,
            &[("x-api-key", client.id.as_str()), ("content-type", "text/x-own"), ("x-request-id", "mine-1")],
            "körper",
        )
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!((answer.headers["x-own"].to_str().unwrap(), answer.headers.contains_key("x-hop")), ("kept", false));
    assert_eq!(answer.headers["x-request-id"], "mine-1");
    let received = answer.json();
    assert_eq!(
        (&received["method"], &received["target"], &received["body"]),
        (&"POST".into(), &target.into(), &"körper".into())
    );
    assert_eq!(answer.received("content-type").as_deref(), Some("text/x-own"));
    assert_eq!(answer.received("content-length").as_deref(), Some("7"));
    assert_eq!(answer.received("x-request-id").as_deref(), Some("mine-1"));
    assert_eq!(answer.received("host"), Some(upstream.address.to_string()));
    assert_eq!(answer.received("x-forwarded-host").as_deref(), Some("api.test"));
    assert_eq!(answer.received("x-client-id").as_deref(), Some(client.id.as_str()));
}

#[tokio::test]
async fn the_gateway_path_can_be_taken_off_and_an_upstreams_own_path_put_in_front() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let stripped = scene.service("/a/b", &[upstream.address], |service| service.forwarding.strip_path = true).await;
    let prefixed = scene.service_at("/c", &[format!("http://{}/base/v1/", upstream.address)], |_| {}).await;
    let client = scene.api_key(&[&stripped, &prefixed]).await;
    for (asked, target) in
        [("/a/b", "/"), ("/a/b?x", "/?x"), ("/a/b/", "/"), ("/a/b/c?x=1", "/c?x=1"), ("/c/d?e", "/base/v1/c/d?e")]
    {
        assert_eq!(scene.get(asked, &[("x-api-key", client.id.as_str())]).await.json()["target"], target, "{asked}");
    }
}

#[tokio::test]
async fn calls_one_after_the_other_share_one_connection_and_upstreams_take_turns() {
    let scene = Scene::new().await;
    let [one, two] = [Upstream::echo().await, Upstream::echo().await];
    let single = scene.service("/single", &[one.address], |_| {}).await;
    let several = scene.service("/several", &[one.address, two.address], |_| {}).await;
    let client = scene.api_key(&[&single, &several]).await;
    for _ in 0..20 {
        assert_eq!(scene.get("/single", &[("x-api-key", client.id.as_str())]).await.status, 200);
    }
    assert_eq!((one.connections(), one.requests()), (1, 20));
    for _ in 0..10 {
        assert_eq!(scene.get("/several", &[("x-api-key", client.id.as_str())]).await.status, 200);
    }
    assert_eq!((one.requests(), two.requests(), two.connections()), (25, 5, 1));
    // A change of the directory makes new routes, not new connections.
    scene.service("/more", &[two.address], |_| {}).await;
    assert_eq!(scene.get("/single", &[("x-api-key", client.id.as_str())]).await.status, 200);
    assert_eq!(one.connections(), 2, "one of each service");
}

/// A body that a test feeds.
fn fed() -> (mpsc::Sender<Frame<Bytes>>, impl http_body::Body<Data = Bytes, Error = Infallible> + Send + Sync + 'static)
{
    let (sender, mut receiver) = mpsc::channel::<Frame<Bytes>>(1);
    let stream = futures_util::stream::poll_fn(move |cx| receiver.poll_recv(cx).map(|frame| frame.map(Ok)));
    (sender, StreamBody::new(stream))
}

#[tokio::test]
async fn parts_of_a_body_arrive_before_the_next_one_is_sent_both_ways_at_once() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        // Each part goes back as it comes.
        Response::new(http_body_util::BodyExt::boxed(request.into_body().map_err(|broken| panic!("{broken}"))))
    })
    .await;
    let service = scene.service("/chat", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let stream = TcpStream::connect(scene.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let (feed, body) = fed();
    let request =
        Request::post("/chat").header("host", "api.test").header("x-api-key", client.id.as_str()).body(body).unwrap();
    feed.send(Frame::data("one".into())).await.unwrap();
    let mut response = sender.send_request(request).await.unwrap();
    let mut next = async || {
        timeout(Duration::from_secs(5), response.frame())
            .await
            .expect("the part arrives")
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
    };
    assert_eq!(next().await, "one");
    feed.send(Frame::data("two".into())).await.unwrap();
    assert_eq!(next().await, "two");
    feed.send(Frame::data("three".into())).await.unwrap();
    drop(feed);
    assert_eq!(next().await, "three");
    assert!(response.frame().await.is_none());
}

#[tokio::test]
async fn a_large_body_passes_both_ways_whole() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        Response::new(request.into_body().map_err(|broken| panic!("{broken}")).boxed())
    })
    .await;
    let service = scene.service("/echo", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let bytes: Bytes = (0..8_000_000_u32).map(|at| (at % 251) as u8).collect::<Vec<_>>().into();
    for _ in 0..2 {
        let request =
            Request::post("/echo").header("x-api-key", client.id.as_str()).body(Full::new(bytes.clone())).unwrap();
        assert!(scene.send(request).await.body == bytes);
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn trailers_pass_both_ways_and_cannot_carry_what_headers_may_not() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        let said = described(request).await.to_string();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-checksum", "2".parse().unwrap());
        let (feed, body) = fed();
        tokio::spawn(async move {
            let _ = feed.send(Frame::data(said.into())).await;
            let _ = feed.send(Frame::trailers(trailers)).await;
        });
        let mut response = Response::new(body.boxed());
        response.headers_mut().insert("trailer", "x-checksum".parse().unwrap());
        response
    })
    .await;
    let service = scene.service("/grpc", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    for _ in 0..2 {
        let answer = scene
            .raw(&format!(
                "POST /grpc HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\nte: trailers\r\nconnection: te\r\ntrailer: x-checksum, x-client-id\r\n\
                 transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-checksum: 1\r\nx-client-id: forged\r\n\r\n",
                client.id
            ))
            .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("\"body\":\"abc\""), "{answer}");
        assert!(answer.contains("\"trailers\":{\"x-checksum\":[\"1\"]}"), "{answer}");
        assert!(answer.trim_end().ends_with("x-checksum: 2"), "{answer}");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn answers_without_a_body_keep_their_headers_and_the_connection() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        let status = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
        let mut response = Response::new(full(if status == 200 { "hello" } else { "" }));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        response.headers_mut().insert("etag", "\"e\"".parse().unwrap());
        response
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    for (method, target, status, length) in [
        (Method::HEAD, "/x/200", 200, Some("5")),
        (Method::GET, "/x/204", 204, None),
        (Method::GET, "/x/304", 304, None),
        (Method::GET, "/x/200", 200, Some("5")),
    ] {
        let request = Request::builder().method(method).uri(target).header("x-api-key", client.id.as_str());
        let answer = scene.send(request.body(Full::default()).unwrap()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["etag"], "\"e\"");
        assert_eq!(answer.headers.get("content-length").map(|value| value.to_str().unwrap()), length, "{target}");
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn callers_may_speak_http2() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let stream = TcpStream::connect(scene.address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = |path: &str, host: Option<&str>| {
        let mut request = Request::post(format!("http://api.test{path}"))
            .header("x-api-key", client.id.as_str())
            .header("te", "trailers");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        request.body(Full::<Bytes>::from("hello")).unwrap()
    };
    let answer = collect(sender.send_request(request("/weather/x?y", None)).await.unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!((&answer.json()["target"], &answer.json()["body"]), (&"/weather/x?y".into(), &"hello".into()));
    assert_eq!(answer.received("x-forwarded-host").as_deref(), Some("api.test"));
    let contradicting = collect(sender.send_request(request("/weather", Some("else.test"))).await.unwrap()).await;
    assert_eq!(contradicting.code(), "400041");
    let ambiguous = collect(sender.send_request(request("/weather/%2e%2e/x", None)).await.unwrap()).await;
    assert_eq!(ambiguous.code(), "400040");
}

#[tokio::test]
async fn an_upstream_with_tls_is_spoken_to_in_the_version_it_offers_when_its_authority_is_trusted() {
    let now = tollgate_model::SystemClock.now().seconds();
    let authority = DevelopmentAuthority::generate(now).unwrap();
    let authorities = UpstreamAuthorities::and(authority.certificate_pem()).unwrap();
    let scene = Scene::with(GatewaySettings { upstream_authorities: authorities, ..GatewaySettings::default() }).await;
    for (path, protocol, version) in [("/two", "h2", "HTTP/2.0"), ("/one", "http/1.1", "HTTP/1.1")] {
        let upstream = crate::upstream::encrypted(&authority, now, protocol).await;
        let url = format!("https://localhost:{}", upstream.address.port());
        let service = scene.service_at(path, &[url], |_| {}).await;
        let client = scene.api_key(&[&service]).await;
        for _ in 0..5 {
            let answer = scene.post(path, &[("x-api-key", client.id.as_str()), ("te", "trailers")], "hello").await;
            assert_eq!(answer.received("te").as_deref(), Some("trailers"));
            assert_eq!(
                (answer.status, &answer.json()["version"], &answer.json()["body"]),
                (200, &version.into(), &"hello".into())
            );
        }
        assert_eq!(upstream.connections(), 1);
        let strangers = Scene::new().await;
        let service =
            strangers.service_at(path, &[format!("https://localhost:{}", upstream.address.port())], |_| {}).await;
        let client = strangers.api_key(&[&service]).await;
        assert_eq!(strangers.get(path, &[("x-api-key", client.id.as_str())]).await.code(), "502000");
    }
    assert!(UpstreamAuthorities::and("no certificate").is_err());
}

#[tokio::test]
async fn a_service_with_a_host_answers_for_that_host_alone() {
    let scene = Scene::new().await;
    let [general, special] = [Upstream::echo().await, Upstream::echo().await];
    let any = scene.service("/v1", &[general.address], |_| {}).await;
    let own =
        scene.service("/v1/special", &[special.address], |service| service.host = Some("special.test".into())).await;
    let client = scene.api_key(&[&any, &own]).await;
    for host in ["special.test", "SPECIAL.test:8090", "other.test"] {
        assert_eq!(scene.get("/v1/special", &[("x-api-key", client.id.as_str()), ("host", host)]).await.status, 200);
    }
    assert_eq!((general.requests(), special.requests()), (1, 2));
}
