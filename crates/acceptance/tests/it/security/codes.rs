//! A code is worth something once, to whom it was given (row 4).

use std::sync::Arc;

use tollgate_acceptance::{Tokens, Tollgate, userinfo};

use super::{Town, assert_refused};

#[tokio::test]
async fn a_code_used_again_is_refused_and_ends_what_the_first_use_gave_at_every_door() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let code = app.code(tollgate, &mut town.browser(), &town.person).await;
    let tokens = Tokens::of(&town.redeem(&code).await);
    let refreshed = Tokens::of(&town.refresh(&tokens.refresh).await);
    assert_eq!(userinfo(tollgate, &tokens.access).await.status, 200);

    assert_refused(&town.redeem(&code).await, "invalid_grant");
    for access in [&tokens.access, &refreshed.access] {
        assert_eq!(userinfo(tollgate, access).await.status, 401);
        assert_eq!(app.introspect(tollgate, access).await["active"], false);
    }
    for refresh in [&tokens.refresh, &refreshed.refresh] {
        assert_refused(&town.refresh(refresh).await, "invalid_grant");
        assert_eq!(app.introspect(tollgate, refresh).await["active"], false);
    }
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_to_another_client_or_at_another_address() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let thief = tollgate.create_web_app().await;
    let page = tollgate.create_application("oauth_single_page_app", "https://app.example/callback", &[]).await;
    let mut browser = town.home().await;
    for other in [&thief, &page] {
        let code = app.code(tollgate, &mut browser, &town.person).await;
        assert_refused(&other.redeem(tollgate, &code, &[]).await, "invalid_grant");
    }
    for uri in ["https://app.example/callback/", "https://evil.example/", "https://APP.example/callback"] {
        let code = app.code(tollgate, &mut browser, &town.person).await;
        assert_refused(&app.redeem(tollgate, &code, &[("redirect_uri", uri)]).await, "invalid_grant");
    }
    let code = app.code(tollgate, &mut browser, &town.person).await;
    for proof in [("client_secret", "wrong"), ("client_secret", ""), ("client_secret", thief.credential.secret())] {
        let refused = app.redeem(tollgate, &code, &[proof]).await;
        assert!(matches!(refused.status, 400 | 401) && refused.body["access_token"].is_null(), "{refused:?}");
    }
    for (number, _) in code.char_indices().filter(|(number, _)| number % 40 == 7) {
        let other = if code.as_bytes()[number] == b'A' { "B" } else { "A" };
        let forged = format!("{}{other}{}", &code[..number], &code[number + 1..]);
        assert_refused(&town.redeem(&forged).await, "invalid_grant");
    }
}

#[tokio::test]
async fn a_code_ends_with_the_session_that_it_came_from() {
    let town = Town::new().await;
    let mut browser = town.home().await;
    let code = town.app.code(&town.tollgate, &mut browser, &town.person).await;
    town.tollgate.administer(&["session", "end", "--user", &town.person.email, "--all"]);
    assert_refused(&town.redeem(&code).await, "invalid_grant");
}

#[tokio::test]
async fn of_64_uses_of_one_code_at_two_servers_at_most_one_is_answered() {
    let town = Arc::new(Town::new().await);
    let node = Arc::new(town.tollgate.second_node().await);
    let mut browser = town.home().await;
    for _ in 0..3 {
        let code = town.app.code(&town.tollgate, &mut browser, &town.person).await;
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let (town, node, code) = (Arc::clone(&town), Arc::clone(&node), code.clone());
                tokio::spawn(async move {
                    let tollgate: &Tollgate = if number % 2 == 0 { &town.tollgate } else { &node };
                    town.app.redeem(tollgate, &code, &[]).await
                })
            })
            .collect();
        let mut given = Vec::new();
        for task in tasks {
            let answer = task.await.unwrap();
            match answer.status {
                200 => given.push(Tokens::of(&answer)),
                _ => assert_refused(&answer, "invalid_grant"),
            }
        }
        assert!(given.len() <= 1, "{} uses of one code were answered", given.len());
        for tokens in given {
            // Another use came after it, so there was a thief.
            assert_refused(&town.refresh(&tokens.refresh).await, "invalid_grant");
        }
    }
}
