//! Metadata and health.

use serde_json::json;

use crate::fixture::*;

#[tokio::test]
async fn metadata_is_the_same_at_every_well_known_place_and_each_address_in_it_answers() {
    let world = World::new().await;
    let first = world.get("/ims/.well-known/openid-configuration").await;
    assert_eq!(first.headers["cache-control"], "public, max-age=300");
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/ims",
        "/.well-known/openid-configuration/ims",
        "/ims/.well-known/oauth-authorization-server",
        "/ims/.well-known/openid-configuration/",
    ] {
        assert_eq!(world.get(path).await.body, first.body, "{path}");
    }
    let metadata = first.json();
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, value) in metadata.as_object().unwrap() {
        if !name.ends_with("_endpoint") && name != "jwks_uri" {
            continue;
        }
        let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
        let answer = if name == "jwks_uri" { world.get(path).await } else { world.post(path, &[]).await };
        let expected = if name == "userinfo_endpoint" { 401 } else { 400 };
        assert!([200, 303, expected].contains(&answer.status.as_u16()), "{name}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_process_is_live_and_ready_until_the_database_or_the_directory_is_not() {
    let world = World::new().await;
    assert_eq!(world.get("/health/live").await.status, 200);
    assert_eq!(world.get("/health/ready").await.json()["status"], "ready");
    world.pass_unnoticed(61);
    let stale = world.get("/health/ready").await;
    assert_eq!(stale.status, 503);
    assert_eq!(
        stale.json(),
        json!({"status": "unavailable", "database": true, "directory": false, "signing_key": true})
    );
    world.pass(0).await;
    assert_eq!(world.get("/health/ready").await.status, 200);
    world.lose_table("drop table generations").await;
    assert_eq!(world.get("/health/ready").await.json()["database"], false);
    assert_eq!(world.get("/health/live").await.status, 200);
}
