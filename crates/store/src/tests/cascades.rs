//! What belongs to a person, or to a credential, goes with them and leaves nothing behind.

use crate::{
    Db, Query, Statement, clients,
    fixture::{
        committed,
        people::{self, SignedIn},
    },
    identity_providers, users,
};

/// Adds a row to each table that belongs to people or credentials, for the one person and the one credential there are.
const FILL: [Statement; 12] = [
    fill("insert into sign_ins select 'd', u.id, 'pwd', 0, 1 from users u"),
    fill(
        "insert into pending_requests (id, client_id, pushed, request, created_at, expires_at)
         select 'p', c.id, false, '{}', 0, 1 from clients c",
    ),
    fill("insert into consents select u.id, c.id, '[]', 0, 0 from users u, clients c"),
    fill(
        "insert into device_requests
             (digest, user_code, client_id, scope, resources, interval_seconds, created_at, expires_at, grant_id)
         select 'd', 'code', g.client_id, '', '[]', 5, 0, 1, g.id from grants g",
    ),
    fill("insert into promises select 'p', 'd', 'g', c.id, u.id, '', 0, 1 from users u, clients c"),
    fill("insert into mailed_codes select 'm', 'sign_up', u.id, u.email, 'd', '', 5, 0, 1 from users u"),
    fill("insert into passkeys select 'p', u.id, 'Phone', '{}', 0, 0 from users u"),
    fill("insert into ceremonies select 'c', 'register', u.id, '', 1 from users u"),
    fill("insert into authenticators select u.id, 's', 0, 0, 0 from users u"),
    fill("insert into recovery_codes select u.id, 'd', 0 from users u"),
    fill("insert into federated_identities select i.id, 's', u.id, 0 from users u, identity_providers i"),
    fill("insert into activities select 'a', u.id, 'sign_in', c.id, '', '', 0 from users u, clients c"),
];

/// The tables whose rows go with the person.
const OF_PEOPLE: [&str; 13] = [
    "sessions",
    "sign_ins",
    "grants",
    "consents",
    "device_requests",
    "promises",
    "mailed_codes",
    "passkeys",
    "ceremonies",
    "authenticators",
    "recovery_codes",
    "federated_identities",
    "activities",
];
/// The tables whose rows go with the credential.
const OF_CLIENTS: [&str; 5] = ["pending_requests", "grants", "consents", "device_requests", "promises"];

const fn fill(sql: &'static str) -> Statement {
    Statement { name: "tests::FILL", sql }
}

async fn filled() -> SignedIn {
    let example = SignedIn::new().await;
    let _grant = example.granted().await;
    let provider = people::provider(&example.organization);
    assert!(committed!(example.db, |tx| identity_providers::insert(tx, &provider)));
    for statement in &FILL {
        assert_eq!(committed!(example.db, |tx| tx.run(statement, &[])), 1, "{}", statement.sql);
    }
    example
}

/// Those of the tables that have no row.
async fn empty<'t>(db: &Db, tables: &[&'t str]) -> Vec<&'t str> {
    let mut empty = Vec::new();
    for table in tables {
        let statement = Statement { name: "tests::COUNT", sql: format!("select count(*) from {table}").leak() };
        if db.one(&statement, &[], |row| row.integer(0)).await.unwrap() == Some(0) {
            empty.push(*table);
        }
    }
    empty
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_of_the_person_behind() {
    let SignedIn { db, user, .. } = filled().await;
    assert_eq!(empty(&db, &OF_PEOPLE).await, [""; 0]);
    assert!(committed!(db, |tx| users::delete(tx, &user.id)));
    assert_eq!(empty(&db, &OF_PEOPLE).await, OF_PEOPLE);
}

#[tokio::test]
async fn a_deleted_credential_takes_what_people_let_it_do_with_it_and_the_people_stay() {
    let SignedIn { db, client, .. } = filled().await;
    assert!(committed!(db, |tx| clients::delete(tx, &client.id)));
    assert_eq!(empty(&db, &OF_CLIENTS).await, OF_CLIENTS);
    assert_eq!(empty(&db, &["users", "sessions", "passkeys", "activities"]).await, [""; 0]);
}
