//! `/device`: letting a device in.

use http::StatusCode;
use tollgate_model::Seconds;
use tollgate_store::{
    StoreError,
    device_requests::{self, DevicePoll, DeviceRequest},
};

use crate::{browser::*, world::*};

async fn device(world: &World, user_code: &str) -> DeviceRequest {
    let request = DeviceRequest {
        digest: world.house().digest_key.digest("device_code", user_code.as_bytes()),
        user_code: user_code.into(),
        client_id: WEB_APP.parse().unwrap(),
        scope: "openid,email".parse().unwrap(),
        resources: Vec::new(),
        key_thumbprint: None,
        interval: Seconds(5),
        created_at: world.now(),
        expires_at: world.now() + Seconds(900),
    };
    let added = world.house().db.transact::<_, StoreError>(async |tx| device_requests::insert(tx, &request).await);
    assert!(added.await.unwrap());
    request
}

async fn poll(world: &World, request: &DeviceRequest) -> DevicePoll {
    world.pass(Seconds(20)).await;
    let now = world.now();
    let polled =
        world.house().db.transact::<_, StoreError>(async |tx| device_requests::poll(tx, &request.digest, now).await);
    polled.await.unwrap()
}

#[tokio::test]
async fn a_device_is_let_in_by_its_code_after_a_sign_in() {
    let world = World::new().await;
    let request = device(&world, "BCDFGHJK").await;
    let mut browser = Browser::new(&world);
    let first = browser.get("/device?user_code=bcdf-ghjk").await;
    assert_eq!(first.location(), "/sign-in?return=%2Fdevice&user_code=BCDF-GHJK");
    browser.follow(&first).await;
    let answer = browser.sign_in(ADA, PASSWORD, None).await;
    assert_eq!(answer.location(), "/device?user_code=BCDF-GHJK");
    assert!(browser.follow(&answer).await.body.contains("BCDF-GHJK"));
    let answer = browser.post("/device", &[("user_code", "bcdf ghjk")]).await;
    assert_eq!(answer.location(), "/device/confirm?user_code=BCDF-GHJK");
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("BCDF-GHJK") && page.body.contains("Photo"), "{}", page.body);
    assert!(matches!(poll(&world, &request).await, DevicePoll::Pending));
    let answer = browser.post("/device/confirm", &[("user_code", "BCDF-GHJK"), ("decision", "allow")]).await;
    assert!(answer.location().starts_with("/device/done"), "{}", answer.location());
    assert_eq!(browser.follow(&answer).await.status, StatusCode::OK);
    let DevicePoll::Approved(grant) = poll(&world, &request).await else { panic!("the device is let in") };
    assert_eq!(grant.user_id, world.user(ADA).await.id);
    assert_eq!((grant.sign_in.session_id, grant.code_digest), (None, None));
    let page = browser.get("/account/applications").await;
    assert!(page.body.contains("Photo"), "{}", page.body);
}

#[tokio::test]
async fn a_refused_device_stays_out_and_its_code_is_used_up() {
    let world = World::new().await;
    let request = device(&world, "BCDFGHJK").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/device/confirm?user_code=BCDF-GHJK").await;
    browser.post("/device/confirm", &[("user_code", "BCDF-GHJK"), ("decision", "cancel")]).await;
    assert!(matches!(poll(&world, &request).await, DevicePoll::Refused));
    let again = browser.post("/device/confirm", &[("user_code", "BCDF-GHJK"), ("decision", "allow")]).await;
    assert_eq!(again.location(), "/device?problem=user-code-wrong");
}

#[tokio::test]
async fn codes_cannot_be_tried_one_after_the_other() {
    let world = World::new().await;
    device(&world, "BCDFGHJK").await;
    let mut browser = Browser::signed_in(&world, ADA).await;
    browser.get("/device").await;
    let mut last = String::new();
    for _ in 0..110 {
        last = browser.post("/device", &[("user_code", "WWWW-WWWW")]).await.location().to_owned();
    }
    assert_eq!(last, "/device?problem=too-many-attempts");
    let right = browser.get("/device/confirm?user_code=BCDF-GHJK").await;
    assert_eq!(right.location(), "/device?problem=too-many-attempts");
}
