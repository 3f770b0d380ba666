//! What the store did not take is not claimed: it is a fault, and everything is as it was (row 6).

use tollgate_acceptance::{Answer, Tokens, userinfo};

use super::Town;

fn assert_is_fault(what: &str, answer: &Answer) {
    assert_eq!(answer.status, 503, "{what}: {answer:?}");
    assert!(!answer.header("retry-after").is_empty(), "{what}: {answer:?}");
    assert!(
        answer.headers.get_all("set-cookie").iter().all(|line| !line.to_str().unwrap().contains("session")),
        "{answer:?}"
    );
    for word in ["sqlite", "postgres", "locked", "src/"] {
        assert!(!answer.text.to_lowercase().contains(word), "{what}: the cause is for the log: {answer:?}");
    }
}

#[tokio::test]
async fn a_code_a_refresh_and_a_revocation_that_the_store_does_not_take_are_503_and_nothing_has_happened() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let mut browser = town.home().await;
    let tokens = app.sign_in(tollgate, &mut browser, &town.person).await;
    let code = app.code(tollgate, &mut browser, &town.person).await;
    let access = app.form(&[("token", &tokens.access)], &[]);
    let refresh = app.form(&[("token", &tokens.refresh)], &[]);

    let outage = tollgate.stop_writes().await;
    let (redeemed, refreshed, revoked_access, revoked_refresh) = tokio::join!(
        town.redeem(&code),
        town.refresh(&tokens.refresh),
        tollgate.post("/ims/revoke", &access),
        tollgate.post("/ims/revoke", &refresh),
    );
    outage.end().await;
    for (what, answer) in [
        ("code", redeemed),
        ("refresh", refreshed),
        ("revoking an access token", revoked_access),
        ("revoking a refresh token", revoked_refresh),
    ] {
        assert_is_fault(what, &answer);
    }
    assert_eq!(userinfo(tollgate, &tokens.access).await.status, 200, "it was not revoked");
    Tokens::of(&town.refresh(&tokens.refresh).await);
    Tokens::of(&town.redeem(&code).await);
}

#[tokio::test]
async fn a_sign_out_that_the_store_does_not_take_is_503_and_the_session_goes_on() {
    let town = Town::new().await;
    let tollgate = &town.tollgate;
    let mut browser = town.home().await;
    let tokens = town.app.sign_in(tollgate, &mut browser, &town.person).await;
    let asking = browser.open("/sign-out").await;
    let token = asking.form("form_token").value("form_token").unwrap().to_owned();

    let outage = tollgate.stop_writes().await;
    let (mut one, mut two) = (browser.clone(), browser.clone());
    let fields = [("form_token", token.as_str()), ("decision", "sign_out")];
    let hinted = format!("/ims/logout?id_token_hint={}", tokens.id);
    let shown = [("access_token", tokens.access.as_str())];
    let (by_page, by_hint, by_token) =
        tokio::join!(one.post("/sign-out", &fields), two.ask(&hinted), tollgate.post("/ims/logout/v1/token", &shown));
    outage.end().await;
    for (what, answer) in [("page", by_page), ("hint", by_hint), ("token", by_token)] {
        assert_is_fault(what, &answer);
    }
    assert!(browser.is_signed_in().await, "nobody was signed out");
    assert_eq!(userinfo(tollgate, &tokens.access).await.status, 200, "nothing ended");
    let answer = browser.post("/sign-out", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/signed-out"), "{answer:?}");
    assert!(!browser.is_signed_in().await);
    assert_eq!(userinfo(tollgate, &tokens.access).await.status, 401);
}
