//! Devices whose person agrees elsewhere (RFC 8628).

use tollgate_crypto::SystemEntropy;
use tollgate_model::{
    Seconds,
    grant::{CodeBinding, Grant, SignInFacts},
    id::GrantId,
    session::{Method, Methods},
};
use tollgate_store::device_requests;

use crate::fixture::*;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

struct Device {
    device_code: String,
    user_code: String,
}

async fn begin(world: &World, scope: &str) -> Device {
    let answer = world.post("/ims/device_authorization", &[("client_id", NATIVE), ("scope", scope)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!((&body["interval"], &body["expires_in"]), (&5.into(), &900.into()));
    assert_eq!(body["verification_uri"], "https://ims.test/device");
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    assert_eq!(text("verification_uri_complete"), format!("https://ims.test/device?user_code={}", text("user_code")));
    Device { device_code: text("device_code"), user_code: text("user_code").replace('-', "") }
}

async fn poll(world: &World, device_code: &str) -> Answer {
    let form = [("grant_type", GRANT_TYPE), ("client_id", NATIVE), ("device_code", device_code)];
    world.post("/ims/token/v3", &form).await
}

async fn approve(world: &World, device: &Device, scope: &str) {
    let now = world.now();
    let grant = Grant {
        id: GrantId::generate(&SystemEntropy, now),
        client_id: NATIVE.parse().unwrap(),
        user_id: ADA.parse().unwrap(),
        sign_in: SignInFacts { session_id: None, authenticated_at: now, methods: Methods::one(Method::Passkey) },
        scope: scope.parse().unwrap(),
        resources: Vec::new(),
        binding: CodeBinding::default(),
        key_thumbprint: None,
        code_digest: None,
        code_expires_at: now + Seconds(900),
        created_at: now,
        expires_at: now + Seconds(90 * 86_400),
    };
    assert!(world.change(async |tx| device_requests::approve(tx, &device.user_code, &grant, now).await).await);
}

#[tokio::test]
async fn a_device_waits_and_gets_its_tokens_once() {
    let world = World::new().await;
    let device = begin(&world, "openid offline_access").await;
    assert_eq!(read(&device.device_code).1["type"], "device_token");
    assert_eq!(poll(&world, &device.device_code).await.refusal().1, "authorization_pending");
    approve(&world, &device, "openid offline_access").await;
    world.pass(5).await;
    let answer = poll(&world, &device.device_code).await;
    assert_eq!(read(&answer.access_token()).1["sub"], ADA);
    assert!(answer.json()["id_token"].is_string());
    let form = [("grant_type", "refresh_token"), ("client_id", NATIVE), ("refresh_token", &refresh_token(&answer))];
    assert_eq!(world.post("/ims/token/v3", &form).await.status, 200);
    assert_eq!(poll(&world, &device.device_code).await.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down_and_one_that_is_refused_or_late_hears_it() {
    let world = World::new().await;
    let device = begin(&world, "openid").await;
    assert_eq!(poll(&world, &device.device_code).await.refusal().1, "authorization_pending");
    let (_, error, text) = poll(&world, &device.device_code).await.refusal();
    assert_eq!(error, "slow_down");
    assert!(text.contains("10 seconds"), "{text}");
    let now = world.now();
    world.change(async |tx| device_requests::refuse(tx, &device.user_code, now).await).await;
    world.pass(10).await;
    assert_eq!(poll(&world, &device.device_code).await.refusal().1, "access_denied");
    let late = begin(&world, "openid").await;
    world.pass(900).await;
    assert_eq!(poll(&world, &late.device_code).await.refusal().1, "expired_token");
}

#[tokio::test]
async fn a_device_code_belongs_to_its_client_and_can_be_withdrawn() {
    let world = World::new().await;
    let device = begin(&world, "openid").await;
    let foreign = [
        ("grant_type", GRANT_TYPE),
        ("client_id", WEB_APP),
        ("client_secret", WEB_SECRET),
        ("device_code", &device.device_code),
    ];
    assert_eq!(world.post("/ims/token/v3", &foreign).await.refusal().1, "invalid_grant");
    assert_eq!(poll(&world, "nonsense").await.refusal().1, "invalid_grant");
    let form = [("client_id", NATIVE), ("token", device.device_code.as_str()), ("token_type", "device_token")];
    assert_eq!(world.post("/ims/invalidate_token/v2", &form).await.status, 200);
    assert_eq!(poll(&world, &device.device_code).await.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn only_what_the_client_may_ask_for_is_asked_and_only_by_clients_that_people_use() {
    let world = World::new().await;
    let ask = async |form: &[(&str, &str)]| world.post("/ims/device_authorization", form).await.refusal().1;
    assert_eq!(ask(&[("client_id", NATIVE), ("scope", "campaign_sdk")]).await, "invalid_scope");
    assert_eq!(ask(&[("client_id", SERVER), ("client_secret", SECRET)]).await, "unauthorized_client");
    assert_eq!(ask(&[("client_id", WEB_APP)]).await, "invalid_client");
}
