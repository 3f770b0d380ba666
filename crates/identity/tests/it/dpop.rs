//! Tokens that are bound to a key (RFC 9449).

use serde_json::json;

use crate::fixture::*;

const PATH: &str = "/ims/token/v3";

async fn redeem_with(world: &World, code: &str, proof: &str) -> Answer {
    let form =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", code), ("code_verifier", VERIFIER)];
    world.post_with(PATH, &[("dpop", proof)], &form).await
}

async fn refresh_with(world: &World, refresh: &str, proof: Option<&str>) -> Answer {
    let form = [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", refresh)];
    let headers: Vec<_> = proof.map(|proof| ("dpop", proof)).into_iter().collect();
    world.post_with(PATH, &headers, &form).await
}

#[tokio::test]
async fn a_proof_binds_the_tokens_to_its_key() {
    let world = World::new().await;
    let holder = Holder::new();
    let code = world.public_code("openid offline_access").await;
    let answer = redeem_with(&world, &code, &holder.proof(&world, PATH, &json!({}))).await;
    assert_eq!(answer.json()["token_type"], "DPoP", "{}", answer.body);
    assert_eq!(read(&answer.access_token()).1["cnf"]["jkt"], holder.thumbprint());
    let service = holder.proof(&world, PATH, &json!({}));
    let bound = world.post_with(PATH, &[("dpop", &service)], &credentials(SERVER, SECRET)).await;
    assert_eq!(read(&bound.access_token()).1["cnf"]["jkt"], holder.thumbprint());
    assert_eq!(bound.json()["token_type"], "DPoP");
}

#[tokio::test]
async fn the_refresh_token_of_a_public_client_needs_a_proof_by_the_same_key() {
    let world = World::new().await;
    let (holder, thief) = (Holder::new(), Holder::new());
    let code = world.public_code("openid offline_access").await;
    let refresh = refresh_token(&redeem_with(&world, &code, &holder.proof(&world, PATH, &json!({}))).await);
    assert_eq!(refresh_with(&world, &refresh, None).await.refusal().1, "invalid_dpop_proof");
    let stolen = thief.proof(&world, PATH, &json!({}));
    assert_eq!(refresh_with(&world, &refresh, Some(&stolen)).await.refusal().1, "invalid_dpop_proof");
    let own = refresh_with(&world, &refresh, Some(&holder.proof(&world, PATH, &json!({})))).await;
    assert_eq!(read(&own.access_token()).1["cnf"]["jkt"], holder.thumbprint());
    let again = refresh_with(&world, &refresh, Some(&thief.proof(&world, PATH, &json!({})))).await;
    assert_eq!(again.refusal().1, "invalid_dpop_proof", "the grace is for the holder too");
}

#[tokio::test]
async fn a_proof_is_good_once_also_on_another_node_and_after_a_restart() {
    let world = World::new().await;
    let proof = Holder::new().proof(&world, PATH, &json!({}));
    let headers = [("dpop", proof.as_str())];
    assert_eq!(world.post_with(PATH, &headers, &credentials(SERVER, SECRET)).await.status, 200);
    for node in [world.clone(), world.second_node().await] {
        let (status, error, text) = node.post_with(PATH, &headers, &credentials(SERVER, SECRET)).await.refusal();
        assert_eq!((status, error.as_str()), (400, "invalid_dpop_proof"));
        assert!(text.contains("used before"), "{text}");
    }
}

#[tokio::test]
async fn a_proof_for_something_else_is_refused() {
    let world = World::new().await;
    let holder = Holder::new();
    let now = START.seconds();
    for changes in [
        json!({"htm": "GET"}),
        json!({"htu": "https://ims.test/ims/token/v4"}),
        json!({"htu": "https://evil.test/ims/token/v3"}),
        json!({"iat": now - 120}),
        json!({"iat": now + 120}),
        json!({"iat": null}),
        json!({"jti": null}),
    ] {
        let proof = holder.proof(&world, PATH, &changes);
        let answer = world.post_with(PATH, &[("dpop", &proof)], &credentials(SERVER, SECRET)).await;
        assert_eq!((answer.refusal().0, answer.refusal().1.as_str()), (400, "invalid_dpop_proof"), "{changes}");
    }
    let alias = holder.proof(&world, PATH, &json!({"htu": "https://old.test/ims/token/v3"}));
    let answer = world.post_with(PATH, &[("dpop", &alias)], &credentials(SERVER, SECRET)).await;
    assert_eq!(answer.status, 200, "under each of our base URLs: {}", answer.body);
}

#[tokio::test]
async fn a_code_that_was_asked_for_with_a_key_is_redeemed_with_it_alone() {
    let world = World::new().await;
    let (holder, other) = (Holder::new(), Holder::new());
    let (thumbprint, challenge) = (holder.thumbprint(), challenge());
    let fields = [
        ("client_id", PUBLIC),
        ("scope", "openid"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("dpop_jkt", &thumbprint),
    ];
    for (proof, status) in [(Some(&holder), 200), (Some(&other), 400), (None, 400)] {
        let code = world.code_with(&fields).await;
        let answer = if let Some(holder) = proof {
            redeem_with(&world, &code, &holder.proof(&world, PATH, &json!({}))).await
        } else {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", PUBLIC),
                ("code", &code),
                ("code_verifier", VERIFIER),
            ];
            world.post(PATH, &form).await
        };
        assert_eq!(answer.status, status, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_client_may_demand_that_its_tokens_are_bound() {
    let world = World::new().await;
    world.change_redirects(PUBLIC, |redirects| redirects.options.bound_tokens_required = true).await;
    let code = world.public_code("openid").await;
    let form =
        [("grant_type", "authorization_code"), ("client_id", PUBLIC), ("code", &code), ("code_verifier", VERIFIER)];
    assert_eq!(world.post(PATH, &form).await.refusal().1, "invalid_dpop_proof");
    let proof = Holder::new().proof(&world, PATH, &json!({}));
    assert_eq!(redeem_with(&world, &code, &proof).await.status, 200, "the code was not used up by that");
}
