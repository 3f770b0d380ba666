//! Of two uses of one refresh token, both by its owner, neither loses; of two by different hands, both do (row 7).

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tollgate_acceptance::{Tokens, Tollgate, userinfo};

use super::{Town, assert_refused};

#[tokio::test]
async fn of_64_uses_of_one_refresh_token_at_two_servers_one_pair_comes_and_it_works() {
    let town = Arc::new(Town::new().await);
    let node = Arc::new(town.tollgate.second_node().await);
    let mut tokens = town.tokens().await;
    for _ in 0..3 {
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let (town, node, token) = (Arc::clone(&town), Arc::clone(&node), tokens.refresh.clone());
                tokio::spawn(async move {
                    let tollgate: &Tollgate = if number % 2 == 0 { &town.tollgate } else { &node };
                    Tokens::of(&town.app.refresh(tollgate, &token).await)
                })
            })
            .collect();
        let mut pairs = Vec::new();
        for task in tasks {
            pairs.push(task.await.unwrap());
        }
        let different: BTreeSet<_> = pairs.iter().map(|pair| (&pair.access, &pair.refresh)).collect();
        assert_eq!(different.len(), 1, "all of them get the same pair");
        assert_ne!(pairs[0].refresh, tokens.refresh);
        assert_eq!(userinfo(&town.tollgate, &pairs[0].access).await.status, 200);
        tokens = pairs.swap_remove(0);
    }
}

#[tokio::test]
async fn a_client_that_lost_its_answer_because_we_were_killed_gets_it_again_and_a_thief_ends_everything() {
    let mut town = Town::new().await;
    let mut tokens = town.tokens().await;
    for round in 0..6_u64 {
        let form = town.app.form(&[("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh)], &[]);
        let request = town.tollgate.http.post(format!("{}/ims/token/v3", town.tollgate.base_url)).form(&form).send();
        let lost = tokio::spawn(request);
        tokio::time::sleep(Duration::from_millis(round * 2)).await;
        town.tollgate.kill();
        let _lost = lost.await;
        town.tollgate.serve().await;
        let pair = Tokens::of(&town.refresh(&tokens.refresh).await);
        assert_eq!(Tokens::of(&town.refresh(&tokens.refresh).await), pair, "the same pair again, round {round}");
        assert_eq!(userinfo(&town.tollgate, &pair.access).await.status, 200);
        tokens = pair;
    }
    let newer = Tokens::of(&town.refresh(&tokens.refresh).await);
    let newest = Tokens::of(&town.refresh(&newer.refresh).await);
    town.tollgate.kill();
    town.tollgate.serve().await;
    assert_refused(&town.refresh(&tokens.refresh).await, "invalid_grant");
    assert_refused(&town.refresh(&newest.refresh).await, "invalid_grant");
    for access in [&tokens.access, &newer.access, &newest.access] {
        assert_eq!(userinfo(&town.tollgate, access).await.status, 401);
    }
}

#[tokio::test]
async fn a_refresh_token_is_worth_nothing_to_another_client_or_as_something_else() {
    let town = Town::new().await;
    let (tollgate, app) = (&town.tollgate, &town.app);
    let thief = tollgate.create_web_app().await;
    let tokens = town.tokens().await;
    assert_refused(&thief.refresh(tollgate, &tokens.refresh).await, "invalid_grant");
    let stolen = thief.form(&[("token", &tokens.refresh)], &[]);
    assert_eq!(tollgate.post("/ims/revoke", &stolen).await.status, 200);
    for wrong in [&tokens.access, &tokens.id] {
        assert_refused(&town.refresh(wrong).await, "invalid_grant");
    }
    assert_refused(&town.redeem(&tokens.refresh).await, "invalid_grant");
    for wrong in [&tokens.refresh, &tokens.id] {
        assert_eq!(userinfo(tollgate, wrong).await.status, 401);
    }
    assert_eq!(app.refresh(tollgate, &tokens.refresh).await.status, 200, "none of this was the owner's doing");
}
