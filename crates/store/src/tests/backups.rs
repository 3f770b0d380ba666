//! Copies of a database in use, and putting them back. SQLite alone; for PostgreSQL there is `pg_dump`.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tollgate_model::Timestamp;

use super::{add, count, has};
use crate::{DatabaseUrl, Db, Statement, StoreError, Transaction};

async fn open(path: &Path) -> Db {
    let db = Db::open(&DatabaseUrl::from(path)).await.unwrap();
    db.migrate(Timestamp::from_seconds(0)).await.unwrap();
    db
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn left_over(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("partial")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_writing_reopens_and_holds_whole_transactions() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder.path().join("main.db")).await;
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (db, stop) = (db.clone(), Arc::clone(&stop));
        async move {
            let mut pairs = 0_i64;
            while !stop.load(Ordering::Relaxed) {
                db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                    add(tx, &format!("{pairs} a")).await?;
                    add(tx, &format!("{pairs} b")).await
                })
                .await
                .unwrap();
                pairs += 1;
            }
            pairs
        }
    });
    for number in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let before = count(&db).await;
        let file = folder.path().join(format!("backup-{number}.db"));
        db.backup(&file).await.unwrap();
        assert_eq!(mode(&file), 0o600);
        let copy = open(&file).await;
        copy.check().await.unwrap();
        let copied = count(&copy).await;
        assert!(copied >= before && copied % 2 == 0, "{copied} rows copied, {before} before");
    }
    stop.store(true, Ordering::Relaxed);
    assert!(writer.await.unwrap() > 5);
    assert_eq!(left_over(folder.path()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_database_is_the_one_that_was_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().join("main.db"), folder.path().join("backup.db"));
    let db = open(&path).await;
    assert_eq!(mode(&path), 0o600);
    db.transact(async |tx: &mut Transaction| add(tx, "kept").await).await.unwrap();
    db.backup(&file).await.unwrap();
    db.transact(async |tx: &mut Transaction| add(tx, "after the backup").await).await.unwrap();

    assert!(matches!(Db::restore(&file, &path).await, Err(StoreError::InUse { .. })));
    assert!(matches!(db.backup(&path).await, Err(StoreError::InUse { .. })), "a database is not its own backup");
    drop(db);
    Db::restore(&file, &path).await.unwrap();
    assert_eq!(mode(&path), 0o600);
    let restored = open(&path).await;
    assert!(has(&restored, "kept").await);
    assert!(!has(&restored, "after the backup").await);
    drop(restored);

    let elsewhere = folder.path().join("elsewhere.db");
    Db::restore(&file, &elsewhere).await.unwrap();
    std::fs::write(&path, b"no database at all, which is what one restores over").unwrap();
    Db::restore(&file, &path).await.unwrap();
    assert!(has(&open(&path).await, "kept").await);
    assert_eq!(left_over(folder.path()), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_sound_backup_of_this_program_is_not_restored() {
    const FUTURE: Statement = Statement {
        name: "tests::FUTURE",
        sql: "insert into migrations (name, digest, applied_at) values ('9999', 'x', 0)",
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().join("main.db"), folder.path().join("backup.db"));
    let db = open(&path).await;
    for number in 0..200 {
        db.transact(async |tx: &mut Transaction| add(tx, &number.to_string()).await).await.unwrap();
    }
    db.backup(&file).await.unwrap();
    drop(db);

    assert!(matches!(Db::restore(&folder.path().join("none"), &path).await, Err(StoreError::File { .. })));
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("create table t (a text)").unwrap();
    assert!(matches!(Db::restore(&foreign, &path).await, Err(StoreError::Damaged { .. })));

    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, bytes).unwrap();
    assert!(matches!(Db::restore(&damaged, &path).await, Err(StoreError::Damaged { .. })));

    let newer = open(&file).await;
    newer.transact(async |tx: &mut Transaction| tx.run(&FUTURE, &[]).await).await.unwrap();
    drop(newer);
    assert!(matches!(Db::restore(&file, &path).await, Err(StoreError::Newer { .. })));
    assert_eq!(count(&open(&path).await).await, 200, "what was there is untouched");
    assert_eq!(left_over(folder.path()), Vec::<String>::new());
}
