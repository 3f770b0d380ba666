//! Migrating, once and only once.

use tollgate_model::Timestamp;

use crate::{DatabaseUrl, Db, Statement, StoreError, Transaction, migrate::STATEMENTS, params};

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_starts_at_once_one_migrates_and_the_other_finds_it_done() {
    let db = Db::temporary_empty().await.unwrap();
    let pending = db.pending_migrations().await.unwrap();
    assert!(!pending.is_empty());
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.migrate(NOW).await })
        })
        .collect();
    let mut applied = Vec::new();
    for start in starts {
        applied.extend(start.await.unwrap().unwrap());
    }
    assert_eq!(applied, pending);
    assert_eq!(db.pending_migrations().await.unwrap(), Vec::<String>::new());
    assert_eq!(db.migrate(NOW).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_processes_that_find_no_database_both_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::from(folder.path().join("new.db").as_path());
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let db = Db::open(&url).await?;
                db.migrate(NOW).await
            })
        })
        .collect();
    let mut applied = Vec::new();
    for start in starts {
        applied.push(start.await.unwrap().unwrap());
    }
    assert_eq!(applied.iter().filter(|names| !names.is_empty()).count(), 1, "{applied:?}");
}

#[tokio::test]
async fn a_database_newer_than_the_program_is_refused_by_name() {
    let db = Db::temporary().await.unwrap();
    let record = STATEMENTS.iter().find(|own| own.name.ends_with("::RECORD")).unwrap();
    db.transact(async |tx: &mut Transaction| tx.run(record, &params!["9999_from_the_future", "x", NOW]).await)
        .await
        .unwrap();
    for refused in [db.migrate(NOW).await, db.pending_migrations().await] {
        let refused = refused.unwrap_err();
        assert!(matches!(refused, StoreError::Newer { .. }));
        assert!(refused.to_string().contains("9999_from_the_future"), "{refused}");
    }
}

#[tokio::test]
async fn a_migration_that_was_applied_with_another_text_is_refused() {
    const ALTER: Statement = Statement { name: "tests::ALTER", sql: "update migrations set digest = 'another'" };
    let db = Db::temporary().await.unwrap();
    db.transact(async |tx: &mut Transaction| tx.run(&ALTER, &[]).await).await.unwrap();
    assert!(matches!(db.migrate(NOW).await, Err(StoreError::Altered { .. })));
}
