//! How codes and refresh tokens are asked about and ended: `revoke`, `invalidate_token`, `introspect`, `validate_token`.

use crate::fixture::*;

const SCOPE: &str = "openid email offline_access";

async fn pair(world: &World) -> (String, String) {
    let answer = world.redeem(&world.code(SCOPE).await).await;
    (refresh_token(&answer), answer.access_token())
}

fn ask(token: &str) -> Vec<(&str, &str)> {
    vec![("client_id", WEB_APP), ("client_secret", WEB_SECRET), ("token", token)]
}

async fn validity(world: &World, token_type: &str, token: &str) -> String {
    let form = [("type", token_type), ("client_id", WEB_APP), ("token", token)];
    let body = world.post("/ims/validate_token/v1", &form).await.json();
    if body["valid"] == true { "valid".to_owned() } else { body["reason"].as_str().unwrap().to_owned() }
}

#[tokio::test]
async fn ending_a_refresh_token_ends_the_authorization_with_all_its_tokens() {
    let world = World::new().await;
    for (path, extra) in [
        ("/ims/revoke", &[][..]),
        ("/ims/revoke", &[("token_type_hint", "access_token")]),
        ("/ims/invalidate_token/v2", &[("token_type", "refresh_token"), ("cascading", "all")]),
        ("/ims/invalidate_token/v2", &[("token_type", "refresh_token")]),
    ] {
        let (refresh, access) = pair(&world).await;
        let newest = refresh_token(&world.refresh(&refresh).await);
        let mut form = ask(&refresh);
        form.extend_from_slice(extra);
        let answer = world.post(path, &form).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{path}");
        assert_eq!(world.validity(&access).await, "revoked_token", "{path} {extra:?}");
        assert!(world.refresh(&newest).await.refusal().2.contains("revoked"));
        assert_eq!(world.post(path, &form).await.status, 200, "again changes nothing");
    }
}

#[tokio::test]
async fn ending_an_access_token_ends_it_alone() {
    let world = World::new().await;
    let (refresh, access) = pair(&world).await;
    assert_eq!(world.post("/ims/revoke", &ask(&access)).await.status, 200);
    assert_eq!(world.validity(&access).await, "revoked_token");
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn another_client_ends_nothing_and_is_told_nothing() {
    let world = World::new().await;
    let (refresh, access) = pair(&world).await;
    for (client_id, secret) in [(SERVER, SECRET), (STRANGER, STRANGER_SECRET), (PUBLIC, "")] {
        for path in ["/ims/revoke", "/ims/invalidate_token/v2"] {
            let form = [("client_id", client_id), ("client_secret", secret), ("token", refresh.as_str())];
            let answer = world.post(path, &form).await;
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{client_id} {path}");
        }
    }
    assert_eq!(world.validity(&access).await, "valid");
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn a_fault_of_the_database_is_503_and_the_token_lives() {
    let world = World::new().await;
    let (refresh, access) = pair(&world).await;
    world.house.db.fail_writes(true);
    assert_eq!(world.post("/ims/revoke", &ask(&refresh)).await.status, 503);
    world.house.db.fail_writes(false);
    assert_eq!(world.validity(&access).await, "valid");
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn validate_token_knows_codes_and_refresh_tokens_and_what_became_of_them() {
    let world = World::new().await;
    let code = world.code(SCOPE).await;
    assert_eq!(validity(&world, "authorization_code", &code).await, "valid");
    assert_eq!(validity(&world, "refresh_token", &code).await, "wrong_type");
    let old = refresh_token(&world.redeem(&code).await);
    assert_eq!(validity(&world, "authorization_code", &code).await, "revoked_token");
    let form = [("type", "refresh_token"), ("token", old.as_str())];
    let body = world.post("/ims/validate_token/v1", &form).await.json();
    assert_eq!((&body["valid"], &body["token"]["user_id"]), (&true.into(), &ADA.into()));
    assert_eq!(body["token"]["scope"], "openid,email,offline_access");
    assert_eq!(body["expires_at"], (START + tollgate_model::Seconds(14 * 86_400)).millis());
    let foreign = [("type", "refresh_token"), ("token", old.as_str()), ("client_id", PUBLIC)];
    assert_eq!(world.post("/ims/validate_token/v1", &foreign).await.json()["reason"], "wrong_client");
    let new = refresh_token(&world.refresh(&old).await);
    assert_eq!(validity(&world, "refresh_token", &old).await, "revoked_token");
    assert_eq!(validity(&world, "refresh_token", &new).await, "valid");
    assert_eq!(validity(&world, "access_token", &new).await, "wrong_type");
    world.pass(14 * 86_400).await;
    assert_eq!(validity(&world, "refresh_token", &new).await, "expired_token");
}

#[tokio::test]
async fn introspection_tells_the_organization_of_a_refresh_token_and_nobody_else() {
    let world = World::new().await;
    let (refresh, access) = pair(&world).await;
    let introspect = async |client_id: &str, secret: &str, token: &str| {
        let form = [("client_id", client_id), ("client_secret", secret), ("token", token)];
        world.post("/ims/introspect", &form).await.json()
    };
    let body = introspect(WEB_APP, WEB_SECRET, &refresh).await;
    assert_eq!((&body["active"], &body["token_type"]), (&true.into(), &"refresh_token".into()));
    assert_eq!((&body["sub"], &body["scope"]), (&ADA.into(), &"openid email offline_access".into()));
    assert_eq!(introspect(SERVER, SECRET, &refresh).await["active"], true);
    assert_eq!(introspect(STRANGER, STRANGER_SECRET, &refresh).await["active"], false);
    assert_eq!(introspect(STRANGER, STRANGER_SECRET, &access).await["active"], false);
    world.post("/ims/revoke", &ask(&refresh)).await;
    assert_eq!(introspect(WEB_APP, WEB_SECRET, &refresh).await["active"], false);
}
