//! How people leave: every way of the contract, and every way to misuse them.

use http::Request;
use tollgate_model::session::Method;

use crate::fixture::*;

const BYE: &str = "https://app.test/bye";

struct Scene {
    world: World,
    browser: Browser,
    tokens: serde_json::Value,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        world
            .change_redirects(WEB_APP, |redirects| {
                redirects.options.post_logout_redirect_uris = vec![BYE.to_owned()];
            })
            .await;
        let browser = world.sign_in().await;
        world.agree(WEB_APP, "openid,AdobeID,offline_access").await;
        let fields = [("client_id", WEB_APP), ("scope", "openid,AdobeID,offline_access")];
        let landing = Landing::of(&world.authorize(&fields, Some(&browser)).await);
        let tokens = world.redeem(landing.field("code")).await.json();
        Self { world, browser, tokens }
    }

    fn token(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap()
    }

    async fn leave(&self, fields: &[(&str, &str)]) -> Answer {
        self.world.open(&format!("/ims/logout/v1?{}", encoded(fields)), Some(&self.browser)).await
    }

    async fn is_signed_in(&self) -> bool {
        let fields = [("client_id", WEB_APP), ("scope", "openid"), ("prompt", "none")];
        let answer = self.world.authorize(&fields, Some(&self.browser)).await;
        Landing::of(&answer).fields.contains_key("code")
    }
}

#[tokio::test]
async fn a_fitting_hint_signs_out_and_leads_to_the_registered_address_with_the_state() {
    let scene = Scene::new().await;
    scene.world.pass(7_200).await;
    let hint = scene.token("id_token");
    let answer = scene.leave(&[("id_token_hint", hint), ("post_logout_redirect_uri", BYE), ("state", "a b")]).await;
    assert_eq!(answer.status, 302, "an expired hint is fine: {}", answer.body);
    assert_eq!(answer.headers["location"], format!("{BYE}?state=a%20b"));
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert!(!scene.is_signed_in().await);
    assert_eq!(scene.world.validity(scene.token("access_token")).await, "revoked_token");
    assert_eq!(scene.world.refresh(scene.token("refresh_token")).await.status, 400);
}

#[tokio::test]
async fn an_address_that_is_not_registered_byte_for_byte_is_a_page_and_nothing_ends() {
    let scene = Scene::new().await;
    let hint = scene.token("id_token").to_owned();
    for uri in [
        "https://evil.test/",
        "https://app.test/bye/",
        "https://app.test/bye?x=1",
        "https://app.test/bye#x",
        "https://APP.test/bye",
        "https://app.test:443/bye",
        "https://app.test/./bye",
        "https://app.test/%62ye",
        "https://app.test@evil.test/bye",
        "https://app.test\\@evil.test/bye",
        "http://app.test/bye",
        "//app.test/bye",
        "/bye",
        "javascript:alert(1)",
        CALLBACK,
        " https://app.test/bye",
    ] {
        let answer = scene.leave(&[("id_token_hint", &hint), ("post_logout_redirect_uri", uri)]).await;
        assert_eq!(answer.status, 400, "{uri}");
        assert!(!answer.headers.contains_key("location"), "{uri}");
    }
    for uri in ["https://evil.test/", "https://app.test/callback/x", "https://app.test.evil.test/callback"] {
        let answer = scene.leave(&[("client_id", WEB_APP), ("redirect_uri", uri)]).await;
        assert!(answer.status == 400 && !answer.headers.contains_key("location"), "{uri}");
    }
    assert!(scene.is_signed_in().await);
}

#[tokio::test]
async fn without_a_fitting_hint_the_person_is_asked() {
    let scene = Scene::new().await;
    let hint = scene.token("id_token").to_owned();
    let mut forged = hint.clone();
    let last = if forged.ends_with('A') { "B" } else { "A" };
    forged.replace_range(forged.len() - 8..forged.len() - 7, last);
    let of_ben = {
        let ben = scene.world.sign_in_as(BEN, Method::Passkey, None).await;
        Scene { world: scene.world.clone(), browser: ben, tokens: serde_json::json!({}) }
    };
    for fields in [
        vec![],
        vec![("client_id", WEB_APP), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", "a.b.c"), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", &*forged), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", scene.token("access_token")), ("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", &*hint), ("client_id", PUBLIC)],
        vec![("redirect_uri", "self")],
        vec![("client_id", WEB_APP), ("redirect_uri", CALLBACK)],
    ] {
        let landing = Landing::of(&scene.leave(&fields).await);
        assert_eq!(landing.address, format!("{ISSUER}/sign-out"), "{fields:?}");
    }
    let landing = Landing::of(&of_ben.leave(&[("id_token_hint", &hint)]).await);
    assert_eq!(landing.address, format!("{ISSUER}/sign-out"), "a hint about somebody else");
    let again =
        Scene { browser: scene.world.sign_in().await, world: scene.world.clone(), tokens: scene.tokens.clone() };
    let landing = Landing::of(&again.leave(&[("id_token_hint", &hint)]).await);
    assert_eq!(landing.address, format!("{ISSUER}/sign-out"), "a hint about another browser");
    assert!(scene.is_signed_in().await && again.is_signed_in().await);
}

#[tokio::test]
async fn who_is_signed_out_already_is_led_on_at_once() {
    let scene = Scene::new().await;
    let open = async |fields: &[(&str, &str)]| {
        scene.world.get(&format!("/ims/logout/v1?{}", encoded(fields))).await.headers["location"].clone()
    };
    assert_eq!(open(&[("client_id", WEB_APP), ("post_logout_redirect_uri", BYE)]).await, BYE);
    assert_eq!(open(&[("client_id", WEB_APP), ("redirect_uri", CALLBACK)]).await, CALLBACK);
    assert_eq!(open(&[("post_logout_redirect_uri", BYE)]).await, format!("{ISSUER}/signed-out"));
    assert_eq!(scene.world.get("/ims/logout/v1?client_id=nobody").await.status, 400);
}

#[tokio::test]
async fn a_form_of_another_site_is_asked_for_again_by_get_so_that_cookies_come_along() {
    let scene = Scene::new().await;
    let hint = scene.token("id_token");
    let form = [("id_token_hint", hint), ("post_logout_redirect_uri", BYE)];
    let crossing = [("origin", "https://app.test"), ("sec-fetch-site", "cross-site")];
    let answer = scene.world.post_with("/ims/logout/v1", &crossing, &form).await;
    assert_eq!(answer.status, 303);
    let address = answer.headers["location"].to_str().unwrap().to_owned();
    assert!(address.starts_with("/ims/logout/v1?"), "{address}");
    let answer = scene.world.open(&address, Some(&scene.browser)).await;
    assert_eq!(answer.headers["location"], BYE);
    assert!(!scene.is_signed_in().await);
}

#[tokio::test]
async fn a_token_ends_its_sign_in_by_the_ways_of_magento() {
    let scene = Scene::new().await;
    let token = scene.token("access_token");
    let front = scene.world.get(&format!("/ims/logout?access_token={token}&redirect_uri=self")).await;
    assert_eq!(front.status, 302);
    assert_eq!(scene.world.validity(token).await, "revoked_token");
    assert!(!scene.is_signed_in().await);

    let scene = Scene::new().await;
    let token = scene.token("access_token");
    let form = [("access_token", token), ("client_id", WEB_APP), ("client_secret", WEB_SECRET)];
    let wrong = [form[0], form[1], ("client_secret", "p8e-wrong")];
    assert_eq!(scene.world.post("/ims/logout/v1", &wrong).await.refusal().1, "invalid_client");
    assert_eq!(scene.world.validity(token).await, "valid");
    assert_eq!(scene.world.post("/ims/logout/v1", &form).await.status, 200);
    let profile = Request::get("/ims/profile/v1").header("authorization", format!("Bearer {token}"));
    let profile = scene.world.send(profile.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!(profile.status, 401);
    assert!(!scene.is_signed_in().await);
}

#[tokio::test]
async fn a_token_of_another_client_is_not_ended() {
    let scene = Scene::new().await;
    let token = scene.token("access_token");
    let form = [("access_token", token), ("client_id", SERVER), ("client_secret", SECRET)];
    assert_eq!(scene.world.post("/ims/logout/v1", &form).await.status, 200);
    scene.world.post("/ims/logout/v1/token", &[("access_token", token), ("client_id", PUBLIC)]).await;
    assert_eq!(scene.world.validity(token).await, "valid");
    assert!(scene.is_signed_in().await);
}

#[tokio::test]
async fn the_answer_without_redirect_is_json_or_a_call_of_a_plain_name() {
    let scene = Scene::new().await;
    let token = scene.token("access_token");
    let of = |callback: &str| {
        format!("/ims/logout/v1/token?{}", encoded(&[("access_token", token), ("callback", callback)]))
    };
    for bad in ["alert(1)//", "a b", "<script>", "a;b", "a.", "1a"] {
        assert_eq!(scene.world.get(&of(bad)).await.status, 400, "{bad}");
    }
    assert_eq!(scene.world.validity(token).await, "valid", "a refused call ends nothing");
    let script = scene.world.get(&of("adobeIMS.cb")).await;
    assert_eq!((script.status.as_u16(), &*script.body), (200, "adobeIMS.cb({});"));
    assert_eq!(script.headers["content-type"], "text/javascript;charset=UTF-8");
    assert_eq!(script.headers["x-content-type-options"], "nosniff");
    assert_eq!(scene.world.validity(token).await, "revoked_token");
    let plain = scene.world.post("/ims/logout/v1/token", &[("access_token", token)]).await;
    assert_eq!((plain.status.as_u16(), &*plain.body), (200, "{}"));
    assert_eq!(scene.world.post("/ims/logout/v1/token", &[]).await.status, 400);
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_nothing_is_said_to_have_ended() {
    let scene = Scene::new().await;
    scene.world.lose_table("drop table revocations").await;
    let hint = scene.token("id_token").to_owned();
    let token = scene.token("access_token").to_owned();
    let front = scene.leave(&[("id_token_hint", &hint)]).await;
    let back = scene.world.post("/ims/logout/v1/token", &[("access_token", &token)]).await;
    for answer in [front, back] {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(!answer.headers.contains_key("set-cookie") && !answer.headers.contains_key("location"));
    }
    assert!(scene.is_signed_in().await, "the transaction left everything as it was");
}
