//! What was acknowledged survives the end of the process, at any moment.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use tollgate_acceptance::{Browser, Echo, Tokens, Tollgate, userinfo};

#[tokio::test]
async fn no_acknowledged_use_of_a_jti_is_forgotten_when_the_server_is_killed_under_load() {
    let mut tollgate = Tollgate::start().await;
    let echo = Echo::start().await;
    tollgate.create_service("Target", "service_token", &echo.url(), &["--metascopes", "ent_marketing_sdk"]);
    let credential = Arc::new(tollgate.create_credential("service_account_jwt", &["Target"]).await);
    let jwts: Vec<String> = (0..400)
        .map(|jti| {
            let mut claims = credential.claims(&tollgate);
            claims.insert("jti".to_owned(), json!(jti));
            credential.signed(&claims)
        })
        .collect();
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = jwts
        .chunks(50)
        .map(|jwts| {
            let (jwts, accepted, credential) = (jwts.to_vec(), Arc::clone(&accepted), Arc::clone(&credential));
            let (http, url) = (tollgate.http.clone(), format!("{}/ims/exchange/jwt", tollgate.base_url));
            tokio::spawn(async move {
                for jwt in jwts {
                    let form =
                        [("client_id", credential.id()), ("client_secret", credential.secret()), ("jwt_token", &jwt)];
                    match http.post(&url).form(&form).send().await {
                        Ok(answer) if answer.status() == 200 => accepted.lock().unwrap().push(jwt),
                        Ok(answer) => panic!("{}", answer.status()),
                        Err(_) => break,
                    }
                }
            })
        })
        .collect();
    while accepted.lock().unwrap().len() < 40 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tollgate.kill();
    for task in tasks {
        task.await.unwrap();
    }
    tollgate.serve().await;
    let accepted = std::mem::take(&mut *accepted.lock().unwrap());
    assert!(accepted.len() >= 40);
    for jwt in &accepted {
        let again = credential.exchange(&tollgate, jwt).await;
        assert_eq!(again.status, 400, "a jti was accepted twice: {again:?}");
    }
}

#[tokio::test]
async fn no_acknowledged_refresh_token_is_lost_when_the_server_is_killed_under_load() {
    let mut tollgate = Tollgate::start().await;
    let app = Arc::new(tollgate.create_web_app().await);
    let person = tollgate.create_person("ada");
    let mut browser = Browser::new(&tollgate);
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(app.sign_in(&tollgate, &mut browser, &person).await);
    }
    for _ in 0..2 {
        let acknowledged = Arc::new(Mutex::new(held.clone()));
        let count = Arc::new(Mutex::new(0));
        let tasks: Vec<_> = (0..held.len())
            .map(|number| {
                let (app, acknowledged, count) = (Arc::clone(&app), Arc::clone(&acknowledged), Arc::clone(&count));
                let (http, url) = (tollgate.http.clone(), format!("{}/ims/token/v3", tollgate.base_url));
                tokio::spawn(async move {
                    loop {
                        let token = acknowledged.lock().unwrap()[number].refresh.clone();
                        let form = app.form(&[("grant_type", "refresh_token"), ("refresh_token", &token)], &[]);
                        let Ok(answer) = http.post(&url).form(&form).send().await else { break };
                        let status = answer.status();
                        let Ok(text) = answer.text().await else { break };
                        assert_eq!(status, 200, "{text}");
                        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
                        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                        let new = Tokens {
                            access: text("access_token"),
                            refresh: text("refresh_token"),
                            id: text("id_token"),
                        };
                        acknowledged.lock().unwrap()[number] = new;
                        *count.lock().unwrap() += 1;
                    }
                })
            })
            .collect();
        while *count.lock().unwrap() < 60 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tollgate.kill();
        for task in tasks {
            task.await.unwrap();
        }
        tollgate.serve().await;
        held = acknowledged.lock().unwrap().clone();
        for tokens in &mut held {
            assert_eq!(
                userinfo(&tollgate, &tokens.access).await.status,
                200,
                "an acknowledged token opens what it did"
            );
            *tokens = Tokens::of(&app.refresh(&tollgate, &tokens.refresh).await);
        }
    }
}

#[tokio::test]
async fn a_quota_and_the_usage_survive_a_restart() {
    let (mut tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &["--credential-calls-per-day-max", "5"]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;
    for _ in 0..3 {
        assert_eq!(tollgate.call("/weather/x", credential.id(), None).await.status, 200);
    }
    let (took, code) = tollgate.stop();
    assert_eq!(code, Some(0), "{}", tollgate.log());
    assert!(took < Duration::from_secs(2), "stopping took {took:?}");
    tollgate.serve().await;
    for _ in 0..2 {
        assert_eq!(tollgate.call("/weather/x", credential.id(), None).await.status, 200);
    }
    let refused = tollgate.call("/weather/x", credential.id(), None).await;
    assert_eq!((refused.status, refused.body["error_code"].as_str()), (429, Some("429002")), "{refused:?}");
    assert!(!refused.header("retry-after").is_empty(), "{refused:?}");
    assert_eq!(echo.calls(), 5);
}

#[tokio::test]
async fn a_backup_made_under_load_restores_to_a_working_installation() {
    if std::env::var("TOLLGATE_TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty()) {
        let tollgate = Tollgate::set_up();
        let ran = tollgate.run(&["backup", "copy.db"]);
        assert_eq!(ran.code, Some(2), "PostgreSQL has pg_dump: {ran:?}");
        assert!(ran.err.contains("pg_dump"), "{ran:?}");
        return;
    }
    let (mut tollgate, echo) = (Tollgate::start().await, Echo::start().await);
    tollgate.create_service("Weather", "api_key", &echo.url(), &[]);
    let credential = tollgate.create_credential("api_key", &["Weather"]).await;
    let copy = tollgate.file("copy.db").display().to_string();
    let ran = tollgate.run(&["backup", &copy]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    tollgate.administer(&["credential", "delete", credential.id()]);
    tollgate.stop();
    let without_word = tollgate.run(&["restore", &copy]);
    assert_eq!(without_word.code, Some(2), "an existing database is not replaced in passing: {without_word:?}");
    let ran = tollgate.run(&["restore", "--replace", &copy]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    tollgate.serve().await;
    assert_eq!(tollgate.call("/weather/x", credential.id(), None).await.status, 200);
}
