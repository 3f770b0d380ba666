//! Learning of changes.

use std::time::Duration;

use tokio::time::timeout;

use super::add;
use crate::{Db, Transaction, Wakes};

const PATIENCE: Duration = Duration::from_secs(5);
const QUIET: Duration = Duration::from_millis(200);

/// Takes what is under way from before, such as a first connection.
async fn quiet(wakes: &mut Wakes) {
    while timeout(QUIET, wakes.woken()).await.is_ok() {}
}

async fn change(db: &Db, name: &str) {
    db.transact(async |tx: &mut Transaction| {
        tx.wake_on_commit();
        add(tx, name).await
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_committed_change_wakes_at_once_and_is_not_lost_between_two_waits() {
    let db = Db::temporary().await.unwrap();
    let mut wakes = db.wakes();
    quiet(&mut wakes).await;
    change(&db, "nobody waits at this instant").await;
    timeout(PATIENCE, wakes.woken()).await.unwrap();
    quiet(&mut wakes).await;
    db.wake();
    timeout(PATIENCE, wakes.woken()).await.unwrap();
}

#[tokio::test]
async fn a_change_that_is_undone_wakes_nobody() {
    let db = Db::temporary().await.unwrap();
    let mut wakes = db.wakes();
    quiet(&mut wakes).await;
    let undone = db
        .transact(async |tx: &mut Transaction| -> Result<(), crate::StoreError> {
            tx.wake_on_commit();
            add(tx, "undone").await?;
            Err(crate::StoreError::Unavailable("on purpose".into()))
        })
        .await;
    assert!(undone.is_err());
    assert!(timeout(QUIET, wakes.woken()).await.is_err());
}

#[tokio::test]
async fn a_change_by_another_process_wakes() {
    let db = Db::temporary().await.unwrap();
    let mut wakes = db.wakes();
    quiet(&mut wakes).await;
    // A second opening shares nothing with the first, like another process.
    let other = Db::open(&db.address()).await.unwrap();
    for number in 0..3 {
        change(&other, &number.to_string()).await;
        timeout(PATIENCE, wakes.woken()).await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_counts_as_a_change() {
    const CUT: crate::Statement = crate::Statement {
        name: "tests::CUT",
        sql: "select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and query like 'listen%' and pid <> pg_backend_pid()",
    };
    let db = Db::temporary().await.unwrap();
    if db.address().sqlite_path().is_some() {
        return;
    }
    let mut wakes = db.wakes();
    quiet(&mut wakes).await;
    let cut = crate::Query::all(&db, &CUT, &[], |row| row.boolean(0)).await.unwrap();
    assert_eq!(cut, [true]);
    timeout(PATIENCE, wakes.woken()).await.unwrap();
    quiet(&mut wakes).await;
    change(&db, "after the new connection").await;
    timeout(PATIENCE, wakes.woken()).await.unwrap();
}
