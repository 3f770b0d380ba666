//! What happens to a batch that SQLite itself gives up, as it does when the disk breaks, and to those whom another
//! program keeps from writing. SQLite alone.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::{ADD, add, count};
use crate::{Db, Query, Statement, StoreError, Transaction, params};

/// Ends the batch behind the writer's back.
const END: Statement = Statement { name: "tests::END", sql: "rollback" };

async fn file() -> Db {
    let db = Db::temporary_file().await.unwrap();
    db.migrate(tollgate_model::Timestamp::from_seconds(0)).await.unwrap();
    db
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_in_a_lost_batch_learns_it_and_the_next_batch_is_sound() {
    let db = file().await;
    let (first, second) = (db.clone(), db.clone());
    let mut loser = None;
    let waiting = first.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
        add(tx, "finished before").await?;
        let second = second.clone();
        loser = Some(tokio::spawn(async move {
            second
                .transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                    add(tx, "the loser's").await?;
                    tx.run(&END, &[]).await?;
                    let outside = add(tx, "would be committed by itself").await;
                    assert!(matches!(outside, Err(StoreError::Commit(_))), "{outside:?}");
                    Ok(())
                })
                .await
        }));
        // Long enough for the other to stand in line before the commit thread.
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(())
    });
    let waited = waiting.await;
    assert!(matches!(waited, Err(StoreError::Commit(_))), "{waited:?}");
    assert!(matches!(loser.unwrap().await.unwrap(), Err(StoreError::Commit(_))));
    assert_eq!(count(&db).await, 0);
    db.transact(async |tx: &mut Transaction| add(tx, "next").await).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_what_meets_it_and_nothing_that_was_acknowledged() {
    const PAGES: Statement = Statement { name: "tests::PAGES", sql: "pragma page_count" };
    const FULL: Statement = Statement { name: "tests::FULL", sql: "pragma max_page_count = 1" };
    const ROOM: Statement = Statement { name: "tests::ROOM", sql: "pragma max_page_count = 1000000" };
    let db = file().await;
    db.transact(async |tx: &mut Transaction| add(tx, "acknowledged").await).await.unwrap();
    assert!(db.one(&PAGES, &[], |row| row.integer(0)).await.unwrap() > Some(10));
    let large = "x".repeat(100_000);
    let full = db
        .transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
            // The limit falls no lower than the pages that there are.
            tx.one(&FULL, &[], |row| row.integer(0)).await?;
            tx.run(&ADD, &params![large.as_str(), 1_i64]).await.map(drop)
        })
        .await;
    let Err(StoreError::Unavailable(text)) = full else { panic!("{full:?}") };
    assert!(text.contains("full"), "{text}");
    assert_eq!(count(&db).await, 1);
    db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
        tx.one(&ROOM, &[], |row| row.integer(0)).await?;
        tx.run(&ADD, &params![large.as_str(), 1_i64]).await.map(drop)
    })
    .await
    .unwrap();
    assert_eq!(count(&db).await, 2);
    db.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_wait_behind_another_program_fail_within_the_time_of_one() {
    let db = file().await;
    let other = Db::open(&db.address()).await.unwrap();
    let (locked, is_locked) = oneshot::channel();
    let holding = tokio::spawn(async move {
        other
            .transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                add(tx, "the other's").await?;
                locked.send(()).unwrap();
                std::future::pending().await
            })
            .await
    });
    is_locked.await.unwrap();
    let began = Instant::now();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.transact(async |tx: &mut Transaction| add(tx, "kept out").await).await })
        })
        .collect();
    for writer in writers {
        let refused = writer.await.unwrap();
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(8), "the last one waited {took:?}");
    holding.abort();
    assert!(holding.await.unwrap_err().is_cancelled());
    db.transact(async |tx: &mut Transaction| add(tx, "next").await).await.unwrap();
}
