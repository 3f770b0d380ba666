//! What was decided for one call is not taken for the decision about another (row 25), nor beyond its time (pain 1).

use std::time::{Duration, Instant};

use tollgate_acceptance::Answer;

use super::Scene;

fn code(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.body["error_code"].as_str())
}

#[tokio::test]
async fn one_token_is_judged_anew_by_each_service_in_either_order() {
    let scene = Scene::new().await;
    let url = scene.tap.url();
    scene.tollgate.create_service("Harvest", "service_token", &url, &["--scopes", "harvest_sdk"]);
    scene.tollgate.create_service("People", "user_token", &url, &[]);
    scene.tollgate.create_service("Secret", "api_key", &url, &["--key", "secret_key"]);
    let subscribed = ["Campaign", "Harvest", "Secret"];
    let credential = scene.tollgate.create_credential("oauth_server_to_server", &subscribed).await;
    let other = scene.tollgate.create_credential("oauth_server_to_server", &["Campaign"]).await;
    let token_for = async |scope: &str| {
        let form = [&credential.client_credentials()[..], &[("scope", scope)]].concat();
        scene.tollgate.post("/ims/token/v3", &form).await.body["access_token"].as_str().unwrap().to_owned()
    };
    let good = ("/campaign/x", credential.id(), (200, None));
    let bad = [
        ("/harvest/x", credential.id(), (403, Some("403011"))),
        ("/people/x", credential.id(), (403, Some("403003"))),
        ("/secret/x", credential.id(), (403, Some("403003"))),
        ("/campaign/x", other.id(), (401, Some("401014"))),
    ];
    for refused_first in [true, false] {
        for refused in bad {
            // A new token each time, so that nothing is remembered of it.
            let token = token_for("openid,campaign_sdk").await;
            let order = if refused_first { [refused, good, refused] } else { [good, refused, good] };
            for (path, key, expected) in order {
                let answer = scene.tollgate.call(path, key, Some(&token)).await;
                assert_eq!(code(&answer), expected, "{path} {refused_first}: {answer:?}");
            }
        }
    }
    // The smaller token of the same credential does not profit from the larger one, nor from being alike at its start.
    let (larger, smaller) = (token_for("campaign_sdk,harvest_sdk").await, token_for("openid").await);
    for (token, expected) in [(&larger, 200), (&smaller, 403), (&larger, 200), (&smaller, 403)] {
        assert_eq!(scene.tollgate.call("/harvest/x", credential.id(), Some(token)).await.status, expected);
    }
    let cut = &larger[..larger.len() - 1];
    assert_eq!(scene.tollgate.call("/harvest/x", credential.id(), Some(cut)).await.status, 401);
}

#[tokio::test]
async fn no_request_that_begins_after_the_answer_to_a_revocation_passes_on_warm_connections() {
    let scene = Scene::new().await;
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let token = scene.credential.token(&scene.tollgate).await;
        assert_eq!(scene.tollgate.call("/campaign/x", scene.credential.id(), Some(&token)).await.status, 200);
        let began = Instant::now();
        assert_eq!(scene.revoke(&token).await.status, 200);
        let calls = tokio::join!(
            scene.tollgate.call("/campaign/x", scene.credential.id(), Some(&token)),
            scene.tollgate.call("/campaign/y", scene.credential.id(), Some(&token)),
            scene.tollgate.call("/campaign/z", scene.credential.id(), Some(&token)),
        );
        slowest = slowest.max(began.elapsed());
        for answer in [calls.0, calls.1, calls.2] {
            assert_eq!(code(&answer), (401, Some("401013")), "{answer:?}");
        }
    }
    assert_eq!(scene.tap.take().len(), 100);
    assert!(slowest < Duration::from_secs(2), "from the revocation to three refusals: {slowest:?}");
}
