//! What may happen once happens once, also when two try at the same time, and on two nodes.

use std::sync::Arc;

use serde_json::json;
use tollgate_acceptance::{Echo, Tollgate};

#[tokio::test]
async fn one_jti_is_accepted_once_by_two_nodes_together() {
    let tollgate = Tollgate::start().await;
    let echo = Echo::start().await;
    tollgate.create_service("Target", "service_token", &echo.url(), &["--metascopes", "ent_marketing_sdk"]);
    let credential = Arc::new(tollgate.create_credential("service_account_jwt", &["Target"]).await);
    let node = tollgate.second_node().await;
    let mut claims = credential.claims(&tollgate);
    claims.insert("aud".to_owned(), json!(format!("https://ims-na1.adobelogin.com/c/{}", credential.id())));
    for jti in 0..5 {
        claims.insert("jti".to_owned(), json!(jti));
        let jwt = credential.signed(&claims);
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let base = if number % 2 == 0 { &tollgate.base_url } else { &node.base_url };
                let (http, url) = (tollgate.http.clone(), format!("{base}/ims/exchange/jwt"));
                let (credential, jwt) = (Arc::clone(&credential), jwt.clone());
                tokio::spawn(async move {
                    let form =
                        [("client_id", credential.id()), ("client_secret", credential.secret()), ("jwt_token", &jwt)];
                    http.post(url).form(&form).send().await.unwrap().status().as_u16()
                })
            })
            .collect();
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.unwrap());
        }
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 400)), "{statuses:?}");
    }
}

#[tokio::test]
async fn of_many_who_add_a_secret_at_once_only_as_many_succeed_as_there_is_room_for() {
    let tollgate = Tollgate::set_up();
    let credential = tollgate.create_credential("oauth_server_to_server", &[]).await;
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut command = tollgate.command(&["secret", "create", "--credential", credential.id(), "--json"]);
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let codes: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap().status.code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 2))), "{codes:?}");
    let secrets = tollgate.administer(&["secret", "list", "--credential", credential.id()]);
    assert_eq!(secrets.as_array().map(Vec::len), Some(2), "{secrets}");
}

#[test]
fn two_starts_of_a_migration_leave_one_good_database() {
    let tollgate = Tollgate::set_up();
    let children: Vec<_> =
        (0..4).map(|_| tollgate.command(&["migrate"]).stdout(std::process::Stdio::piped()).spawn().unwrap()).collect();
    for child in children {
        let ran = child.wait_with_output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
    assert_eq!(tollgate.run(&["check-config"]).code, Some(0));
}
