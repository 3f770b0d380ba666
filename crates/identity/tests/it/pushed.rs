//! `/ims/par` and the requests that are pushed there (RFC 9126).

use crate::fixture::*;

async fn push(world: &World, fields: &[(&str, &str)]) -> Answer {
    let mut form = vec![("client_id", WEB_APP), ("client_secret", WEB_SECRET)];
    form.extend_from_slice(fields);
    world.post("/ims/par", &form).await
}

async fn pushed(world: &World, fields: &[(&str, &str)]) -> String {
    let answer = push(world, fields).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["expires_in"]), (201, &90.into()), "{}", answer.body);
    answer.json()["request_uri"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_pushed_request_counts_instead_of_what_the_browser_brings_and_once() {
    let world = World::new().await;
    world.agree(WEB_APP, "openid").await;
    let browser = world.sign_in().await;
    let uri = pushed(&world, &[("state", "pushed"), ("redirect_uri", CALLBACK)]).await;
    let fields = [
        ("client_id", WEB_APP),
        ("request_uri", uri.as_str()),
        ("state", "brought"),
        ("redirect_uri", "https://evil.test/"),
        ("scope", "nonsense"),
    ];
    let landing = Landing::of(&world.authorize(&fields, Some(&browser)).await);
    assert_eq!((landing.address.as_str(), landing.field("state")), (CALLBACK, "pushed"));
    assert_eq!(world.redeem(landing.field("code")).await.status, 200);
    let again = world.authorize(&fields, Some(&browser)).await;
    assert_eq!((again.status.as_u16(), again.headers.contains_key("location")), (400, false));
}

#[tokio::test]
async fn a_pushed_request_waits_for_the_person_like_any_other() {
    let world = World::new().await;
    let uri = pushed(&world, &[("scope", "openid email"), ("state", "s")]).await;
    let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP), ("request_uri", &uri)], None).await);
    assert_eq!(landing.address, "https://ims.test/sign-in");
    world.agree(WEB_APP, "openid email").await;
    let browser = world.sign_in().await;
    let landing = Landing::of(&world.go_on(landing.field("request"), &browser).await);
    assert_eq!((landing.field("state"), landing.fields.contains_key("code")), ("s", true));
}

#[tokio::test]
async fn a_pushed_request_belongs_to_its_client_and_ends_after_ninety_seconds() {
    let world = World::new().await;
    let uri = pushed(&world, &[]).await;
    assert_eq!(world.authorize(&[("client_id", PUBLIC), ("request_uri", &uri)], None).await.status, 400);
    assert_eq!(world.authorize(&[("client_id", WEB_APP), ("request_uri", &uri)], None).await.status, 302);
    let uri = pushed(&world, &[]).await;
    world.pass(90).await;
    assert_eq!(world.authorize(&[("client_id", WEB_APP), ("request_uri", &uri)], None).await.status, 400);
    let waiting = Landing::of(&world.authorize(&[("client_id", WEB_APP)], None).await).field("request").to_owned();
    let disguised = format!("urn:ietf:params:oauth:request_uri:{waiting}");
    assert_eq!(world.authorize(&[("client_id", WEB_APP), ("request_uri", &disguised)], None).await.status, 400);
    let kept = pushed(&world, &[]).await;
    let id = kept.rsplit(':').next().unwrap();
    let browser = world.sign_in().await;
    assert_eq!(world.go_on(id, &browser).await.status, 400, "a pushed request is continued by nobody");
}

#[tokio::test]
async fn what_is_wrong_is_told_at_once_and_who_pushes_proves_itself() {
    let world = World::new().await;
    for (fields, error) in [
        (&[("redirect_uri", "https://evil.test/")][..], "invalid_request"),
        (&[("scope", "nonsense")], "invalid_scope"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "invalid_request"),
    ] {
        assert_eq!(push(&world, fields).await.refusal().1, error, "{fields:?}");
    }
    let wrong = [("client_id", WEB_APP), ("client_secret", "p8e-wrong")];
    assert_eq!(world.post("/ims/par", &wrong).await.refusal().1, "invalid_client");
    let challenge = challenge();
    let public = [("client_id", PUBLIC), ("code_challenge", &challenge), ("code_challenge_method", "S256")];
    assert_eq!(world.post("/ims/par", &public).await.status, 201);
    assert_eq!(world.post("/ims/par", &credentials(SERVER, SECRET)).await.refusal().1, "unauthorized_client");
}

#[tokio::test]
async fn a_client_may_demand_that_its_requests_are_pushed() {
    let world = World::new().await;
    world.change_redirects(WEB_APP, |redirects| redirects.options.pushed_requests_required = true).await;
    let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP)], None).await);
    assert_eq!(landing.error(), "invalid_request");
    let uri = pushed(&world, &[]).await;
    let landing = Landing::of(&world.authorize(&[("client_id", WEB_APP), ("request_uri", &uri)], None).await);
    assert_eq!(landing.address, "https://ims.test/sign-in");
}
