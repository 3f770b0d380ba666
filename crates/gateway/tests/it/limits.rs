//! Rates, quotas and counted usage, as callers and operators see them.

use tollgate_model::{Timestamp, client::ClientKind, limit::Limits};
use tollgate_store::usage::{self, UsageFilter, UsageSpan};

use crate::{
    scene::Scene,
    upstream::{Upstream, full, nobody},
};

fn rate(text: &str) -> Limits {
    Limits { rate: Some(text.parse().unwrap()), ..Limits::default() }
}

fn per_day(calls: u64) -> Limits {
    Limits { calls_per_day_max: Some(calls), ..Limits::default() }
}

#[tokio::test]
async fn a_call_too_fast_is_429050_and_says_when_to_come_back() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/weather", &[upstream.address], |_| {}).await;
    let client = scene
        .client(ClientKind::ApiKey { allowed_origins: Vec::new() }, &[&service], |client| {
            client.limits = rate("2/10+2");
        })
        .await;
    let call = async || scene.get("/weather", &[("x-api-key", client.id.as_str())]).await;
    let first = call().await;
    assert_eq!((first.status, first.headers["ratelimit"].to_str().unwrap()), (200, "\"credential\";r=1;t=5"));
    assert_eq!(first.headers["ratelimit-policy"], "\"credential\";q=2;w=10");
    assert_eq!(call().await.status, 200);
    let refused = call().await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "429050"));
    assert_eq!(refused.json()["message"], "Too many requests");
    assert_eq!(refused.headers["retry-after"], "5");
    assert_eq!(refused.headers["ratelimit"], "\"credential\";r=0;t=5");
    assert_eq!(upstream.requests(), 2);
    scene.advance(5);
    assert_eq!(call().await.status, 200);
    assert_eq!(call().await.status, 429);
}

#[tokio::test]
async fn a_rate_holds_for_all_credentials_of_an_organization_or_service_together() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let shared = scene.service("/shared", &[upstream.address], |service| service.limits = rate("1/60+3")).await;
    let each = scene.service("/each", &[upstream.address], |service| service.credential_limits = rate("1/60+2")).await;
    let clients = [scene.api_key(&[&shared, &each]).await, scene.api_key(&[&shared, &each]).await];
    for (path, accepted) in [("/shared", 3), ("/each", 4)] {
        let mut passed = 0;
        for call in 0..10 {
            passed += i32::from(scene.get(path, &[("x-api-key", clients[call % 2].id.as_str())]).await.status == 200);
        }
        assert_eq!(passed, accepted, "{path}");
    }
}

#[tokio::test]
async fn a_quota_counts_accepted_calls_only_and_survives_a_restart() {
    let mut scene = Scene::new().await;
    let [upstream, dead] = [Upstream::echo().await.address, nobody().await];
    let service = scene.service("/weather", &[upstream], |service| service.limits = per_day(4)).await;
    let broken = scene.service("/broken", &[dead], |_| {}).await;
    let client = scene
        .client(ClientKind::ApiKey { allowed_origins: Vec::new() }, &[&service, &broken], |client| {
            client.limits = per_day(5);
        })
        .await;
    let key = client.id.to_string();
    // Refused or never answered: not counted.
    assert_eq!(scene.get("/weather", &[("x-api-key", "nobody")]).await.status, 403);
    assert_eq!(scene.get("/broken", &[("x-api-key", &key)]).await.status, 502);
    for _ in 0..2 {
        assert_eq!(scene.get("/weather", &[("x-api-key", &key)]).await.status, 200);
    }
    scene.restart().await;
    for _ in 0..2 {
        assert_eq!(scene.get("/weather", &[("x-api-key", &key)]).await.status, 200);
    }
    let refused = scene.get("/weather", &[("x-api-key", &key)]).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "429001"));
    assert_eq!(refused.json()["message"], "Service usage limit reached");
    let seconds: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    let left = scene.now().next_day().micros() - scene.now().micros();
    assert_eq!(seconds, (left + 999_999) / 1_000_000);
    scene.restart().await;
    assert_eq!(scene.get("/weather", &[("x-api-key", &key)]).await.code(), "429001");

    scene.advance(seconds);
    scene.refresh().await;
    for _ in 0..4 {
        assert_eq!(scene.get("/weather", &[("x-api-key", &key)]).await.status, 200);
    }
    let another = scene.service("/other", &[upstream], |_| {}).await;
    let now = scene.now();
    scene
        .house
        .db
        .transact(async |tx| tollgate_store::subscriptions::insert(tx, &client.id, &another.code, now).await)
        .await
        .unwrap();
    scene.refresh().await;
    assert_eq!(scene.get("/other", &[("x-api-key", &key)]).await.status, 200);
    assert_eq!(scene.get("/other", &[("x-api-key", &key)]).await.code(), "429002");
}

#[tokio::test]
async fn two_nodes_count_one_quota_together() {
    let one = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = one.service("/weather", &[upstream.address], |_| {}).await;
    let client = one
        .client(ClientKind::ApiKey { allowed_origins: Vec::new() }, &[&service], |client| client.limits = per_day(10))
        .await;
    let two = tollgate_gateway::Gateway::new(one.house.clone(), tollgate_gateway::GatewaySettings::default());
    two.load().await.unwrap();
    for _ in 0..6 {
        assert_eq!(one.get("/weather", &[("x-api-key", client.id.as_str())]).await.status, 200);
    }
    one.gateway.shutdown().await.unwrap();
    let peer = tollgate_web::PeerAddress { socket: "127.0.0.1:1".parse().unwrap(), is_tls: false };
    let call = async || {
        let request = http::Request::get("/weather").header("host", "api.test").header("x-api-key", client.id.as_str());
        let request =
            request.body(tollgate_gateway::Inbound::boxed(http_body_util::Empty::<bytes::Bytes>::new())).unwrap();
        two.call(request, peer).await.unwrap().status().as_u16()
    };
    assert_eq!(call().await, 200);
    two.shutdown().await.unwrap();
    // Now it knows of the six.
    let mut passed = 0;
    for _ in 0..10 {
        passed += i32::from(call().await == 200);
    }
    assert_eq!(passed, 3);
}

#[tokio::test]
async fn usage_is_counted_by_credential_service_minute_and_class_of_status() {
    let scene = Scene::new().await;
    let upstream = Upstream::start(|request| async move {
        let mut response = http::Response::new(full(""));
        *response.status_mut() = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
        response
    })
    .await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let limited = scene.service("/limited", &[upstream.address], |service| service.limits = rate("1/60+1")).await;
    let client = scene.api_key(&[&service, &limited]).await;
    for target in ["/x/200", "/x/201", "/x/404", "/x/500", "/limited/200", "/limited/200", "/nowhere"] {
        scene.get(target, &[("x-api-key", client.id.as_str())]).await;
    }
    scene.get("/x/200", &[("x-api-key", "nobody")]).await;
    scene.gateway.shutdown().await.unwrap();
    scene.gateway.shutdown().await.unwrap();
    let filter = UsageFilter {
        from: Timestamp::from_seconds(0),
        until: scene.now().next_day(),
        client: None,
        service: None,
        span: UsageSpan::Minute,
    };
    let rows = usage::list(&scene.house.db, filter, None, 100).await.unwrap();
    let minute = scene.now().seconds() - scene.now().seconds() % 60;
    assert!(rows.iter().all(|row| row.client_id == client.id && row.minute.seconds() == minute));
    let rows: Vec<_> = rows.iter().map(|row| (row.service_code.as_str(), row.status_class, row.calls)).collect();
    assert_eq!(rows, [("limited", 2, 1), ("limited", 4, 1), ("x", 2, 2), ("x", 4, 1), ("x", 5, 1)]);
}

#[tokio::test]
async fn counts_are_written_while_the_gateway_runs() {
    let scene = Scene::new().await;
    let upstream = Upstream::echo().await;
    let service = scene.service("/x", &[upstream.address], |_| {}).await;
    let client = scene.api_key(&[&service]).await;
    let running = tokio::spawn(scene.gateway.clone().run());
    scene.get("/x", &[("x-api-key", client.id.as_str())]).await;
    let filter = UsageFilter {
        from: Timestamp::from_seconds(0),
        until: scene.now().next_day(),
        client: None,
        service: None,
        span: UsageSpan::Whole,
    };
    let written = async {
        while usage::list(&scene.house.db, filter, None, 100).await.unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), written).await.expect("within seconds");
    scene.gateway.shutdown().await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), running).await.expect("it ends").unwrap();
}
