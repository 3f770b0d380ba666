//! The grant `refresh_token`: rotation, its grace, and what reuse does.

use serde_json::json;
use tollgate_store::{clients, organizations, users};

use crate::fixture::*;

const SCOPE: &str = "openid email offline_access campaign_sdk";

/// A refresh token of [`WEB_APP`], and the access token that came with it.
async fn first_pair(world: &World) -> (String, String) {
    let answer = world.redeem(&world.code(SCOPE).await).await;
    (refresh_token(&answer), answer.access_token())
}

#[tokio::test]
async fn each_use_gives_a_new_pair_of_the_same_authorization() {
    let world = World::new().await;
    let (mut refresh, access) = first_pair(&world).await;
    let mut seen = vec![refresh.clone()];
    for _ in 0..3 {
        world.pass(3_600).await;
        let answer = world.refresh(&refresh).await;
        let (_, claims) = read(&answer.access_token());
        assert_eq!((&claims["rtid"], &claims["sid"]), (&read(&access).1["rtid"], &read(&access).1["sid"]));
        assert_eq!(claims["scope"], "openid,email,offline_access,campaign_sdk");
        refresh = refresh_token(&answer);
        assert!(!seen.contains(&refresh));
        seen.push(refresh.clone());
    }
    assert_eq!(world.validity(&access).await, "valid", "earlier access tokens live on");
}

#[tokio::test]
async fn within_the_grace_the_same_pair_is_answered_again() {
    let world = World::new().await;
    let (refresh, _) = first_pair(&world).await;
    let first = world.refresh(&refresh).await;
    world.pass(10).await;
    let again = world.refresh(&refresh).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &first.body));
    assert_eq!(world.refresh(&refresh_token(&first)).await.status, 200);
}

#[tokio::test]
async fn after_the_grace_or_once_the_new_token_was_used_reuse_ends_everything() {
    for wait in [true, false] {
        let world = World::new().await;
        let (refresh, access) = first_pair(&world).await;
        let mut newest = refresh_token(&world.refresh(&refresh).await);
        if wait {
            world.pass(11).await;
        } else {
            newest = refresh_token(&world.refresh(&newest).await);
        }
        let (status, error, text) = world.refresh(&refresh).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_grant"), "{text}");
        assert!(text.contains("used before"), "{text}");
        assert_eq!(world.refresh(&newest).await.refusal().1, "invalid_grant");
        assert_eq!(world.validity(&access).await, "revoked_token");
        assert_eq!(world.second_node().await.validity(&access).await, "revoked_token");
    }
}

#[tokio::test]
async fn reuse_is_noticed_however_long_ago_the_token_was_replaced_and_after_a_restart() {
    let world = World::new().await;
    let (oldest, _) = first_pair(&world).await;
    let mut refresh = oldest.clone();
    for _ in 0..20 {
        world.pass(86_400).await;
        refresh = refresh_token(&world.refresh(&refresh).await);
    }
    let restarted = world.second_node().await;
    assert!(restarted.refresh(&oldest).await.refusal().2.contains("used before"));
    assert_eq!(restarted.refresh(&refresh).await.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn scopes_may_become_fewer_for_one_token_and_never_more() {
    let world = World::new().await;
    let (refresh, _) = first_pair(&world).await;
    let mut form = refreshing(&refresh).to_vec();
    form.push(("scope", "openid,email"));
    let narrow = world.post("/ims/token/v3", &form).await;
    assert_eq!(read(&narrow.access_token()).1["scope"], "openid,email");
    let next = refresh_token(&narrow);
    let mut form = refreshing(&next).to_vec();
    form.push(("scope", "openid target_sdk"));
    let (_, error, text) = world.post("/ims/token/v3", &form).await.refusal();
    assert_eq!(error, "invalid_scope");
    assert!(text.contains("Not granted: target_sdk"), "{text}");
    let whole = world.refresh(&next).await;
    assert_eq!(read(&whole.access_token()).1["scope"], "openid,email,offline_access,campaign_sdk");
}

#[tokio::test]
async fn a_refresh_token_belongs_to_its_client() {
    let world = World::new().await;
    let (refresh, access) = first_pair(&world).await;
    for form in [
        [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", refresh.as_str())].as_slice(),
        &[
            ("grant_type", "refresh_token"),
            ("client_id", SERVER),
            ("client_secret", SECRET),
            ("refresh_token", &refresh),
        ],
    ] {
        assert_eq!(world.post("/ims/token/v3", form).await.refusal().1, "invalid_grant");
    }
    let without_secret = [("grant_type", "refresh_token"), ("client_id", WEB_APP), ("refresh_token", &refresh)];
    assert_eq!(world.post("/ims/token/v3", &without_secret).await.refusal().1, "invalid_client");
    assert_eq!(world.validity(&access).await, "valid", "strangers end nothing");
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_ends_after_14_days_without_use_and_after_90_in_all() {
    let world = World::new().await;
    let (idle, _) = first_pair(&world).await;
    world.pass(14 * 86_400).await;
    let (_, error, text) = world.refresh(&idle).await.refusal();
    assert_eq!(error, "invalid_grant");
    assert!(text.contains("expired"), "{text}");

    let world = World::new().await;
    let (mut refresh, _) = first_pair(&world).await;
    for _ in 0..8 {
        world.pass(10 * 86_400).await;
        refresh = refresh_token(&world.refresh(&refresh).await);
    }
    let (_, claims) = read(&refresh);
    assert_eq!(claims["expires_in"], (10 * 86_400_000_i64).to_string(), "the end of it all cuts the last one");
    world.pass(10 * 86_400).await;
    assert!(world.refresh(&refresh).await.refusal().2.contains("expired"));
}

#[tokio::test]
async fn nonsense_and_other_tokens_are_no_refresh_tokens() {
    let world = World::new().await;
    let code = world.code(SCOPE).await;
    let access = world.server_token().await;
    let (refresh, _) = first_pair(&world).await;
    let (head, _) = refresh.rsplit_once('.').unwrap();
    for text in ["nonsense", "a.b.c", &code, &access, &format!("{head}.AAAA"), &format!("{head}.{}", "A".repeat(43))] {
        assert_eq!(world.refresh(text).await.refusal().1, "invalid_grant", "{text}");
    }
    assert_eq!(world.redeem(&code).await.status, 200, "a code is not used up by that");
}

#[tokio::test]
async fn whoever_is_disabled_or_gone_refreshes_nothing() {
    for fate in ["person disabled", "person deleted", "signed out", "client disabled", "organization disabled"] {
        let world = World::new().await;
        let (refresh, access) = first_pair(&world).await;
        let (ada, now) = (ADA.parse().unwrap(), world.now());
        match fate {
            "person disabled" => world.people.set_account_enabled(&ada, false, now).await.unwrap(),
            "person deleted" => world.people.delete_account(&ada, now).await.unwrap(),
            "signed out" => assert!(world.people.end_all_sessions(&ada, now).await.unwrap() > 0),
            "client disabled" => {
                assert!(
                    world.change(async |tx| clients::set_enabled(tx, &WEB_APP.parse().unwrap(), false).await).await
                );
            }
            _ => {
                let organization = ORGANIZATION.parse().unwrap();
                assert!(world.change(async |tx| organizations::set_enabled(tx, &organization, false).await).await);
            }
        }
        assert_eq!(world.refresh(&refresh).await.status, 400, "{fate}");
        assert_eq!(world.validity(&access).await, "revoked_token", "{fate}");
    }
    let world = World::new().await;
    let (refresh, _) = first_pair(&world).await;
    assert!(world.change(async |tx| users::set_enabled(tx, &ADA.parse().unwrap(), false).await).await);
    assert!(world.refresh(&refresh).await.refusal().2.contains("disabled"), "even without a revocation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_uses_at_once_on_two_nodes_exactly_one_pair_comes_and_all_get_it() {
    let world = World::new().await;
    let nodes = [world.clone(), world.second_node().await];
    for _ in 0..3 {
        let (refresh, access) = first_pair(&world).await;
        let attempts: Vec<_> = (0..64)
            .map(|n| {
                let (node, refresh) = (nodes[n % 2].clone(), refresh.clone());
                tokio::spawn(async move { node.refresh(&refresh).await })
            })
            .collect();
        let mut bodies = std::collections::HashSet::new();
        for attempt in attempts {
            let answer = attempt.await.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            bodies.insert(answer.body);
        }
        assert_eq!(bodies.len(), 1);
        world.pass(11).await;
        assert_eq!(world.refresh(&refresh).await.refusal().1, "invalid_grant");
        assert_eq!(world.validity(&access).await, "revoked_token");
    }
}

#[tokio::test]
async fn a_public_client_rotates_too() {
    let world = World::new().await;
    let code = world.public_code("openid offline_access").await;
    let form =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", &code), ("code_verifier", VERIFIER)];
    let old = refresh_token(&world.post("/ims/token/v3", &form).await);
    let refresh = async |token: &str| {
        let form = [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", token)];
        world.post("/ims/token/v3", &form).await
    };
    let new = refresh_token(&refresh(&old).await);
    assert_ne!(old, new);
    world.pass(11).await;
    assert_eq!(refresh(&old).await.refusal().1, "invalid_grant");
    assert_eq!(refresh(&new).await.refusal().1, "invalid_grant");
}

#[tokio::test]
async fn a_fault_of_the_database_leaves_the_refresh_token_as_it_was() {
    let world = World::new().await;
    let (refresh, _) = first_pair(&world).await;
    world.house.db.fail_writes(true);
    let answer = world.refresh(&refresh).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (503, &json!("temporarily_unavailable")));
    world.house.db.fail_writes(false);
    assert_eq!(world.refresh(&refresh).await.status, 200);
}
