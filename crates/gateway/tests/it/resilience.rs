//! Upstreams that fail, hang or lie, and callers that do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::{Method, Request, Response};
use http_body_util::Full;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tollgate_model::service::Service;

use crate::{
    caller::read_until_quiet,
    scene::Scene,
    upstream::{Upstream, full, nobody},
};

fn patient(connect: u32, response: u32, idle: u32) -> impl FnOnce(&mut Service) {
    move |service| {
        service.forwarding.connect_timeout_millis = connect;
        service.forwarding.response_timeout_millis = response;
        service.forwarding.idle_timeout_millis = idle;
    }
}

#[tokio::test]
async fn an_upstream_that_is_not_there_or_says_nonsense_is_502() {
    let scene = Scene::new().await;
    let nonsense = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1_024]).await;
        let _ = stream.write_all(b"220 mail.test ESMTP\r\n").await;
    })
    .await;
    let silent = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1_024]).await;
    })
    .await;
    for (path, address) in [("/dead", nobody().await), ("/nonsense", nonsense.address), ("/closing", silent.address)] {
        let service = scene.service(path, &[address], |_| {}).await;
        let client = scene.api_key(&[&service]).await;
        let answer = scene.get(path, &[("x-api-key", client.id.as_str())]).await;
        assert_eq!((answer.status, answer.code().as_str()), (502, "502000"), "{path}");
        assert!(answer.headers.contains_key("x-request-id"));
        // Nothing about the house behind: no address, no port.
        assert!(!answer.detail().contains("127.0.0.1"), "{}", answer.detail());
    }
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_504_and_its_connection_is_not_used_again() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        if request.uri().path().ends_with("slow") {
            sleep(Duration::from_secs(5)).await;
        }
        Response::new(full("ok"))
    })
    .await;
    let service = scene.service("/x", &[upstream.address], patient(500, 200, 200)).await;
    let client = scene.api_key(&[&service]).await;
    assert_eq!(scene.get("/x", &[("x-api-key", client.id.as_str())]).await.status, 200);
    let begin = Instant::now();
    let answer = scene.get("/x/slow", &[("x-api-key", client.id.as_str())]).await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "504000"));
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert_eq!(scene.get("/x", &[("x-api-key", client.id.as_str())]).await.status, 200);
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn an_upstream_that_falls_silent_in_the_middle_cuts_the_answer_off_visibly() {
    let scene = Scene::new().await;
    let upstream = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1_024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n").await;
        sleep(Duration::from_secs(10)).await;
    })
    .await;
    let service = scene.service("/x", &[upstream.address], patient(500, 500, 200)).await;
    let client = scene.api_key(&[&service]).await;
    let begin = Instant::now();
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    stream
        .write_all(format!("GET /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\n\r\n", client.id).as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    let _ = timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.expect("it is cut off");
    assert!(answer.contains("hello") && !answer.contains("\r\n0\r\n"), "{answer}");
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn an_answer_that_is_shorter_than_announced_is_cut_off_visibly() {
    let scene = Scene::new().await;
    let upstream = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1_024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello").await;
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let answer = scene
        .raw(&format!("GET /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\n\r\nGET /x HTTP/1.1\r\n\r\n", client.id))
        .await;
    // Closed behind what there was of it, so that the next answer cannot be taken for the rest.
    assert!(answer.matches("HTTP/1.1").count() <= 1 && !answer.contains("host: api.test"), "{answer}");
}

#[tokio::test]
async fn an_answer_with_two_framings_has_one_in_front_of_the_gateway() {
    let scene = Scene::new().await;
    let upstream = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 1_024]).await;
        let _ = stream
            .write_all(
                b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            )
            .await;
        sleep(Duration::from_millis(300)).await;
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let answer = scene.raw(&format!("GET /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\n\r\n", client.id)).await;
    assert!(!answer.contains("content-length: 3") && answer.contains("hello"), "{answer}");
}

#[tokio::test]
async fn a_further_upstream_is_tried_while_nothing_was_sent() {
    let scene = Scene::new().await;
    let alive = Upstream::echo().await;
    let service = scene
        .service("/x", &[nobody().await, alive.address], |service| service.forwarding.breaker_failures_max = 0)
        .await;
    let client = scene.api_key(&[&service]).await;
    for call in 0..6 {
        let answer = scene.post("/x", &[("x-api-key", client.id.as_str())], "body").await;
        assert_eq!((answer.status, &answer.json()["body"]), (200, &"body".into()), "{call}");
    }
    assert_eq!(alive.requests(), 6);
    let never =
        scene.service("/never", &[nobody().await, alive.address], |service| service.forwarding.retries_max = 0).await;
    let client = scene.api_key(&[&never]).await;
    let mut statuses = [
        scene.get("/never", &[("x-api-key", client.id.as_str())]).await.status,
        scene.get("/never", &[("x-api-key", client.id.as_str())]).await.status,
    ];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 502]);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let scene = Scene::new().await;
    let received = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&received);
    let upstream = Upstream::raw(move |mut stream| {
        let counted = Arc::clone(&counted);
        async move {
            if stream.read(&mut [0; 1_024]).await.is_ok_and(|count| count > 0) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |service| service.forwarding.retries_max = 5).await;
    let client = scene.api_key(&[&service]).await;
    for method in [Method::POST, Method::GET, Method::PUT] {
        let request = Request::builder().method(method).uri("/x").header("x-api-key", client.id.as_str());
        assert_eq!(scene.send(request.body(Full::from("body")).unwrap()).await.code(), "502000");
    }
    assert_eq!(received.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_kept_connection_that_the_upstream_closed_costs_nobody_an_error() {
    let scene = Scene::new().await;
    // One request for each connection, then closed without a word, as a server does whose patience ends.
    let upstream = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        // Long enough for the gateway to keep the connection.
        sleep(Duration::from_millis(100)).await;
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |service| service.forwarding.retries_max = 0).await;
    let client = scene.api_key(&[&service]).await;
    for method in [Method::GET, Method::POST, Method::GET, Method::POST] {
        let request = Request::builder().method(method).uri("/x").header("x-api-key", client.id.as_str());
        assert_eq!(scene.send(request.body(Full::default()).unwrap()).await.status, 200);
        sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(upstream.connections(), 4);
}

#[tokio::test]
async fn a_request_that_met_a_closing_connection_is_sent_again_when_that_does_no_harm() {
    let scene = Scene::new().await;
    // Answers the first request of a connection and drops the second unread, as a server that restarts.
    let upstream = Upstream::raw(|mut stream| async move {
        let _ = stream.read(&mut [0; 4_096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let _ = stream.read(&mut [0; 4_096]).await;
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let call = async |method: Method| {
        let request = Request::builder().method(method).uri("/x").header("x-api-key", client.id.as_str());
        scene.send(request.body(Full::default()).unwrap()).await.status
    };
    assert_eq!(call(Method::GET).await, 200);
    sleep(Duration::from_millis(600)).await;
    assert_eq!(call(Method::GET).await, 200, "sent again on a new connection");
    sleep(Duration::from_millis(600)).await;
    assert_eq!(call(Method::POST).await, 502, "it may have been done");
}

#[tokio::test]
async fn an_upstream_that_says_too_much_does_not_answer_the_next_caller() {
    let scene = Scene::new().await;
    let upstream = Upstream::raw(|mut stream| async move {
        let mut buffer = [0; 4_096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let asked = String::from_utf8_lossy(&buffer[..count]).into_owned();
            let target = asked.split(' ').nth(1).unwrap_or_default();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{target}", target.len());
            let more = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged";
            let _ = stream.write_all(format!("{answer}{more}").as_bytes()).await;
        }
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    for target in ["/x/1", "/x/2", "/x/3"] {
        let answer = scene.get(target, &[("x-api-key", client.id.as_str())]).await;
        assert_eq!((answer.status, &answer.body[..]), (200, target.as_bytes()));
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(upstream.connections(), 3);
}

#[tokio::test]
async fn after_failures_in_a_row_an_upstream_is_left_alone_and_tried_again() {
    let scene = Scene::new().await;
    let is_well = Arc::new(AtomicBool::new(false));
    let state = Arc::clone(&is_well);
    let upstream = Upstream::raw(move |mut stream| {
        let state = Arc::clone(&state);
        async move {
            let _ = stream.read(&mut [0; 4_096]).await;
            if state.load(Ordering::SeqCst) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        }
    })
    .await;
    let service = scene
        .service("/x", &[upstream.address], |service| {
            service.forwarding.breaker_failures_max = 3;
            service.forwarding.breaker_open_seconds = 1;
        })
        .await;
    let client = scene.api_key(&[&service]).await;
    let call = async || scene.get("/x", &[("x-api-key", client.id.as_str())]).await;
    for _ in 0..3 {
        assert_eq!(call().await.code(), "502000");
    }
    let rests = call().await;
    assert_eq!(
        (rests.status, rests.code().as_str(), rests.headers["retry-after"].to_str().unwrap()),
        (503, "503080", "1")
    );
    assert_eq!(upstream.connections(), 3);
    is_well.store(true, Ordering::SeqCst);
    sleep(Duration::from_millis(1_100)).await;
    assert_eq!(call().await.status, 200);
    assert_eq!(call().await.status, 200);
}

#[tokio::test]
async fn an_upstream_gets_no_more_requests_at_a_time_than_it_may() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|_| async move {
        sleep(Duration::from_millis(300)).await;
        Response::new(full("ok"))
    })
    .await;
    let service =
        scene.service("/x", &[upstream.address], |service| service.forwarding.concurrent_requests_max = 2).await;
    let client = scene.api_key(&[&service]).await;
    let call = async || scene.get("/x", &[("x-api-key", client.id.as_str())]).await;
    let answers = futures_util::future::join_all((0..5).map(|_| call())).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 503, 503, 503]);
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status == 503)
            .all(|answer| answer.code() == "503080" && answer.headers["retry-after"] == "1")
    );
    assert_eq!(call().await.status, 200);
}

#[tokio::test]
async fn a_body_larger_than_the_service_allows_is_413_announced_or_not() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/x", &[upstream.address], |service| service.forwarding.body_bytes_max = 10).await;
    let client = scene.api_key(&[&service]).await;
    assert_eq!(scene.post("/x", &[("x-api-key", client.id.as_str())], "0123456789").await.status, 200);
    let announced = scene.post("/x", &[("x-api-key", client.id.as_str())], "01234567890").await;
    assert_eq!((announced.status, announced.code().as_str()), (413, "413000"));
    let chunked = format!(
        "POST /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\ntransfer-encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n",
        client.id
    );
    let answer = scene.raw(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("\"413000\""), "{answer}");
}

#[tokio::test]
async fn a_caller_that_stops_in_the_middle_of_its_body_is_408_and_one_that_is_slow_is_not() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/x", &[upstream.address], patient(500, 300, 300)).await;
    let client = scene.api_key(&[&service]).await;
    let head = format!("POST /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\ncontent-length: 5\r\n\r\n", client.id);

    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    for byte in ["h", "e", "l", "l", "o"] {
        sleep(Duration::from_millis(150)).await;
        stream.write_all(byte.as_bytes()).await.unwrap();
    }
    let slow = read_until_quiet(&mut stream).await;
    assert!(slow.starts_with("HTTP/1.1 200") && slow.contains("hello"), "{slow}");

    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"he").await.unwrap();
    let mut answer = [0; 2_048];
    let count = timeout(Duration::from_secs(5), stream.read(&mut answer)).await.expect("an answer").unwrap();
    let answer = String::from_utf8_lossy(&answer[..count]);
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"408000\""), "{answer}");
}

#[tokio::test]
async fn a_caller_that_hangs_up_frees_the_upstream() {
    let scene = Scene::new().await;
    let closed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&closed);
    let upstream = Upstream::raw(move |mut stream| {
        let seen = Arc::clone(&seen);
        async move {
            let mut buffer = [0; 4_096];
            while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
            seen.store(true, Ordering::SeqCst);
        }
    })
    .await;
    let service =
        scene.service("/x", &[upstream.address], |service| service.forwarding.concurrent_requests_max = 1).await;
    let client = scene.api_key(&[&service]).await;
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    stream
        .write_all(format!("GET /x HTTP/1.1\r\nhost: api.test\r\nx-api-key: {}\r\n\r\n", client.id).as_bytes())
        .await
        .unwrap();
    sleep(Duration::from_millis(100)).await;
    drop(stream);
    let freed = async {
        while !closed.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(5), freed).await.expect("the upstream sees it");
    scene.gateway.shutdown().await.unwrap();
}
