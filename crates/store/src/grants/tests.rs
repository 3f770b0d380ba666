//! A code and a refresh token are good once, and nothing outlives its end.

use tollgate_model::{
    Seconds,
    grant::{REFRESH_IDLE_MAX, REFRESH_LIFETIME},
};

use super::*;
use crate::{
    clients,
    fixture::{
        NOW, committed, digest,
        people::{self, LATER, SignedIn, permitted_of_sixty_four},
    },
    users,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixty_four_redemptions_at_once_one_gets_the_grant_and_the_others_its_id() {
    let example = SignedIn::new().await;
    let grant = example.granted().await;
    let code = grant.code_digest.clone().unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (db, code) = (example.db.clone(), code.clone());
        tasks.spawn(async move { committed!(db, |tx| redeem_code(tx, &code, NOW)) });
    }
    let uses = tasks.join_all().await;
    let before = CodeUse::UsedBefore(grant.id.clone());
    assert_eq!(uses.iter().filter(|code_use| **code_use == before).count(), 63);
    assert!(uses.contains(&CodeUse::Redeemed(Box::new(grant))));
}

#[tokio::test]
async fn a_code_that_is_expired_revoked_or_made_up_gets_nothing() {
    let example = SignedIn::new().await;
    let db = &example.db;
    let grant = example.granted().await;
    let code = grant.code_digest.clone().unwrap();
    assert_eq!(committed!(db, |tx| redeem_code(tx, &code, grant.code_expires_at)), CodeUse::Expired);
    assert!(committed!(db, |tx| revoke(tx, &grant.id, NOW)));
    assert_eq!(committed!(db, |tx| redeem_code(tx, &code, NOW)), CodeUse::Unknown);
    assert_eq!(committed!(db, |tx| redeem_code(tx, &digest("made up"), NOW)), CodeUse::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixty_four_uses_of_a_refresh_token_at_once_one_is_permitted() {
    let example = SignedIn::new().await;
    let (grant, first) = (example.granted().await, digest("first"));
    assert!(committed!(example.db, |tx| start_refresh(tx, &grant.id, &first, LATER, NOW)));
    let permitted = permitted_of_sixty_four(|| {
        let (db, id, old, new) = (example.db.clone(), grant.id.clone(), first.clone(), digest("new"));
        async move {
            let rotation =
                Rotation { grant_id: &id, old: &old, new: &new, sealed_answer: "sealed", idle_expires_at: LATER };
            committed!(db, |tx| rotate(tx, &rotation, NOW))
        }
    });
    assert_eq!(permitted.await, 1);
    let state = refresh_state(&example.db, &grant.id).await.unwrap().unwrap();
    assert_eq!((state.grant, state.previous, state.rotated_at), (grant, Some(first), Some(NOW)));
}

#[tokio::test]
async fn a_rotation_remembers_one_answer_until_it_is_told_to_forget() {
    let example = SignedIn::new().await;
    let db = &example.db;
    let (grant, first, second) = (example.granted().await, digest("first"), digest("second"));
    let end = NOW + REFRESH_IDLE_MAX;
    let rotation =
        Rotation { grant_id: &grant.id, old: &first, new: &second, sealed_answer: "sealed", idle_expires_at: end };
    assert!(!committed!(db, |tx| rotate(tx, &rotation, NOW)), "there is no refresh token yet");
    assert!(committed!(db, |tx| start_refresh(tx, &grant.id, &first, end, NOW)));
    assert!(!committed!(db, |tx| start_refresh(tx, &grant.id, &second, end, NOW)), "there is one already");
    assert!(committed!(db, |tx| rotate(tx, &rotation, NOW)));
    assert!(!committed!(db, |tx| rotate(tx, &rotation, NOW)));

    let state = refresh_state(db, &grant.id).await.unwrap().unwrap();
    assert_eq!((state.current, state.answer.as_deref()), (Some(second), Some("sealed")));
    assert_eq!(committed!(db, |tx| clear_answers(tx, NOW - Seconds(1))), 0);
    assert_eq!(committed!(db, |tx| clear_answers(tx, NOW)), 1);
    assert_eq!(refresh_state(db, &grant.id).await.unwrap().unwrap().answer, None);
}

#[tokio::test]
async fn refreshing_ends_when_it_is_idle_and_at_the_end_of_the_grant() {
    let example = SignedIn::new().await;
    let db = &example.db;
    let (grant, first, second) = (example.granted().await, digest("first"), digest("second"));
    let too_long = NOW + REFRESH_LIFETIME + Seconds::DAY;
    assert!(committed!(db, |tx| start_refresh(tx, &grant.id, &first, LATER, NOW)));
    let rotation =
        Rotation { grant_id: &grant.id, old: &first, new: &second, sealed_answer: "", idle_expires_at: too_long };
    assert!(!committed!(db, |tx| rotate(tx, &rotation, LATER)), "idle for too long");
    assert!(committed!(db, |tx| rotate(tx, &rotation, NOW)));
    let state = refresh_state(db, &grant.id).await.unwrap().unwrap();
    assert_eq!(state.idle_expires_at, grant.expires_at);

    let end = grant.expires_at + ACCESS_TOKEN_LIFETIME;
    assert_eq!(committed!(db, |tx| delete_ended(tx, end - Seconds(1))), 0);
    assert_eq!(committed!(db, |tx| delete_ended(tx, end)), 1);
    assert_eq!(find(db, &grant.id).await.unwrap(), None);
}

#[tokio::test]
async fn grants_end_one_by_one_with_their_session_with_their_application_and_with_their_person() {
    let example = SignedIn::new().await;
    let SignedIn { db, client, user, session, .. } = &example;
    let alone = example.granted().await;
    assert!(committed!(db, |tx| revoke(tx, &alone.id, NOW)));
    assert!(!committed!(db, |tx| revoke(tx, &alone.id, NOW)));
    let of_session = example.granted().await;
    assert_eq!(committed!(db, |tx| revoke_of_session(tx, &session.id, NOW)), [of_session.id]);
    let of_client = example.granted().await;
    assert_eq!(committed!(db, |tx| revoke_of_user_client(tx, &user.id, &client.id, NOW)), [of_client.id]);
    let of_user = example.granted().await;
    assert_eq!(committed!(db, |tx| revoke_of_user(tx, &user.id, NOW)), std::slice::from_ref(&of_user.id));
    assert_eq!(clients_of_session(db, &session.id).await.unwrap(), std::slice::from_ref(&client.id));

    let (digest, first) = (digest("second"), digest("first"));
    let rotation =
        Rotation { grant_id: &of_user.id, old: &first, new: &digest, sealed_answer: "", idle_expires_at: LATER };
    assert!(!committed!(db, |tx| start_refresh(tx, &of_user.id, &first, LATER, NOW)));
    assert!(!committed!(db, |tx| rotate(tx, &rotation, NOW)));
}

#[tokio::test]
async fn a_person_sees_each_application_once_until_its_last_token_has_ended() {
    let example = SignedIn::new().await;
    let SignedIn { db, client, user, .. } = &example;
    let (first, second) = (example.granted().await, example.granted().await);
    committed!(db, |tx| touch(tx, &second.id, LATER));
    let expected = ConnectedClient {
        client_id: client.id.clone(),
        client_name: client.name.clone(),
        first_at: first.created_at,
        last_used_at: LATER,
        grants: 2,
    };
    assert_eq!(list_of_user(db, &user.id, NOW).await.unwrap(), [expected]);
    let end = first.code_expires_at + ACCESS_TOKEN_LIFETIME;
    assert_eq!(list_of_user(db, &user.id, end).await.unwrap(), []);
}

#[tokio::test]
async fn grants_go_with_their_person_and_with_their_credential() {
    let example = SignedIn::new().await;
    let grant = example.granted().await;
    assert!(committed!(example.db, |tx| users::delete(tx, &example.user.id)));
    assert_eq!(find(&example.db, &grant.id).await.unwrap(), None);

    let example = SignedIn::new().await;
    let grant = example.granted().await;
    assert!(committed!(example.db, |tx| clients::delete(tx, &example.client.id)));
    assert_eq!(find(&example.db, &grant.id).await.unwrap(), None);
    let late = people::grant(&example.client, &example.session);
    let fault = example.db.transact(async |tx| insert(tx, &late).await).await.unwrap_err();
    assert!(matches!(fault, StoreError::MissingReference { .. }), "{fault:?}");
}
