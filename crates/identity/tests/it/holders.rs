//! Addresses for whoever holds an access token: userinfo, profile, organizations, and what services read.

use http::Request;
use serde_json::json;
use tollgate_model::{token::TokenType, user::Role};
use tollgate_store::users;

use crate::fixture::*;

async fn persons_token(world: &World, scope: &str) -> String {
    let code = world.code(scope).await;
    world.redeem(&code).await.access_token()
}

async fn ask(world: &World, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    world.send(request.body(axum::body::Body::empty()).unwrap()).await
}

async fn post(world: &World, path: &str, token: &str, form: &[(&str, &str)]) -> Answer {
    world.post_with(path, &[("authorization", &format!("Bearer {token}"))], form).await
}

#[tokio::test]
async fn userinfo_tells_by_scope_under_every_version_and_by_post() {
    let world = World::new().await;
    let token = persons_token(&world, "openid,email").await;
    let expected = json!({"sub": ADA, "email": "ada@example.com", "email_verified": true});
    for path in ["/ims/userinfo", "/ims/userinfo/v1", "/ims/userinfo/v2", "/ims/userinfo/v3/"] {
        assert_eq!(ask(&world, path, &token).await.json(), expected, "{path}");
        assert_eq!(post(&world, path, &token, &[]).await.json(), expected, "{path}");
    }
    assert_eq!(world.post("/ims/userinfo", &[("access_token", &token)]).await.json(), expected);
    let in_query = world.get(&format!("/ims/userinfo?access_token={token}")).await;
    assert_eq!(in_query.status, 401, "a token in a query ends up in logs");
    let twice = post(&world, "/ims/userinfo", &token, &[("access_token", &token)]).await;
    assert_eq!(twice.refusal().1, "invalid_request");
}

#[tokio::test]
async fn a_token_that_is_not_good_is_401_with_a_challenge() {
    let world = World::new().await;
    for path in ["/ims/userinfo", "/ims/profile/v1", "/ims/organizations/v6"] {
        let none = world.get(path).await;
        assert_eq!(none.refusal(), (401, "invalid_token".into(), "Invalid or expired token.".into()), "{path}");
        assert_eq!(none.headers["www-authenticate"], "Bearer realm=\"tollgate\"");
        let bad = ask(&world, path, "a.b.c").await;
        assert_eq!(bad.status, 401);
        assert!(bad.headers["www-authenticate"].to_str().unwrap().contains("error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn userinfo_needs_openid() {
    let world = World::new().await;
    let token = persons_token(&world, "AdobeID").await;
    assert_eq!(ask(&world, "/ims/userinfo", &token).await.refusal().1, "insufficient_scope");
    assert_eq!(ask(&world, "/ims/profile", &token).await.json()["userId"], ADA);
}

#[tokio::test]
async fn profile_takes_the_old_parameter_and_stops_when_the_person_is_disabled() {
    let world = World::new().await;
    let token = persons_token(&world, "openid,AdobeID").await;
    let profile = world.get(&format!("/ims/profile/v1?bearer_token={token}")).await.json();
    assert_eq!((&profile["emailVerified"], &profile["email"]), (&json!("true"), &json!("ada@example.com")));
    world.change(async |tx| users::set_enabled(tx, &ADA.parse().unwrap(), false).await).await;
    for path in ["/ims/profile/v1", "/ims/userinfo"] {
        assert_eq!(ask(&world, path, &token).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn technical_accounts_have_a_shape_of_their_own() {
    let world = World::new().await;
    let token = world.server_token().await;
    let account = "BBBBBBBBBBBBBBBBBBBBBBBB@techacct.adobe.com";
    assert_eq!(ask(&world, "/ims/userinfo/v2", &token).await.json(), json!({"sub": account}));
    let profile = ask(&world, "/ims/profile/v2", &token).await.json();
    assert_eq!((&profile["userId"], &profile["ownerOrg"]), (&json!(account), &json!(ORGANIZATION)));
    assert!(profile.as_object().unwrap().values().all(serde_json::Value::is_string));
}

#[tokio::test]
async fn organizations_are_an_array_with_numbers_for_groups() {
    let world = World::new().await;
    let person = persons_token(&world, "openid,read_organizations").await;
    for token in [person, world.server_token().await] {
        for version in ["", "/v1", "/v2", "/v3", "/v4", "/v5", "/v6"] {
            let list = ask(&world, &format!("/ims/organizations{version}"), &token).await.json();
            assert_eq!(list.as_array().unwrap().len(), 1);
            assert_eq!(list[0]["orgRef"], json!({"ident": "0123456789ABCDEF01234567", "authSrc": "AdobeOrg"}));
            assert_eq!(list[0]["groups"][0]["ident"], 1);
        }
    }
    let blind = persons_token(&world, "openid").await;
    assert_eq!(ask(&world, "/ims/organizations/v5", &blind).await.status, 403);
}

#[tokio::test]
async fn another_organization_and_what_does_not_exist_look_the_same() {
    let world = World::new().await;
    let token = world.server_token().await;
    let own = ask(&world, &format!("/ims/organizations/{ORGANIZATION}/v2?client_id={SERVER}"), &token).await.json();
    assert_eq!(own["groups"][0]["ident"], "1");
    let nobody = "000000000000000000000000@AdobeOrg";
    let mut bodies = Vec::new();
    for id in [OTHER_ORGANIZATION, nobody] {
        for path in [format!("/ims/organizations/{id}/v2"), format!("/ims/organizations/{id}/groups/1/members")] {
            let answer = ask(&world, &path, &token).await;
            assert_eq!(answer.status, 404, "{path}");
            bodies.push(answer.body);
        }
        let answer = post(&world, "/ims/fetch_pc_by_org/v1", &token, &[("org_id", id)]).await;
        assert_eq!(answer.status, 404);
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn members_come_in_pages_to_services_alone() {
    let world = World::new().await;
    let path = format!("/ims/organizations/{ORGANIZATION}/groups/1/members");
    let token = world.server_token().await;
    let all = ask(&world, &path, &token).await.json();
    assert_eq!((&all["totalSize"], &all["items"][1]["email"]), (&json!(2), &json!("ben@example.com")));
    let second = ask(&world, &format!("{path}?startIndex=1&batchSize=1"), &token).await.json();
    assert_eq!(second["items"].as_array().unwrap().len(), 1);
    assert_eq!(second["items"][0]["email"], "ben@example.com");
    assert_eq!(ask(&world, &format!("{path}?batchSize=51"), &token).await.status, 400);
    let group = format!("/ims/organizations/{ORGANIZATION}/groups/2/members");
    assert_eq!(ask(&world, &group, &token).await.status, 404);
    let person = persons_token(&world, "openid,AdobeID,read_organizations").await;
    assert_eq!(ask(&world, &path, &person).await.status, 403);
}

#[tokio::test]
async fn admin_calls_read_people_of_the_tokens_organization() {
    let world = World::new().await;
    world.change(async |tx| users::set_role(tx, &ADA.parse().unwrap(), Role::Administrator).await).await;
    let token = world.server_token().await;
    let (guid, authority) = ADA.split_once('@').unwrap();
    let form = [("guid", guid), ("auth_src", authority)];
    for version in ["v1", "v2", "v3"] {
        let profile = post(&world, &format!("/ims/admin_profile/{version}"), &token, &form).await.json();
        assert_eq!(profile["email"], "ada@example.com");
    }
    let list = post(&world, "/ims/admin_organizations/v4", &token, &form).await.json();
    assert_eq!(list[0]["groups"][0]["role"], "GRP_ADMIN");
    let stranger = world.post("/ims/token/v3", &credentials(STRANGER, STRANGER_SECRET)).await.access_token();
    let unknown = post(&world, "/ims/admin_profile/v3", &token, &[("guid", "0"), ("auth_src", "AdobeID")]).await;
    let foreign = post(&world, "/ims/admin_profile/v3", &stranger, &form).await;
    assert_eq!((foreign.status.as_u16(), &foreign.body), (404, &unknown.body));
    let other = [("guid", guid), ("auth_src", authority), ("client_id", STRANGER)];
    assert_eq!(post(&world, "/ims/admin_profile/v3", &token, &other).await.status, 400);
    let person = persons_token(&world, "openid,AdobeID").await;
    assert_eq!(post(&world, "/ims/admin_profile/v3", &person, &form).await.status, 403);
}

#[tokio::test]
async fn a_reference_token_opens_nothing_here() {
    let world = World::new().await;
    let code = world.code("openid").await;
    assert_eq!(ask(&world, "/ims/userinfo", &code).await.status, 401, "{}", TokenType::AuthorizationCode.as_str());
}
