//! What is acknowledged is on the disk, and one sync serves all who wait.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use super::{FIND, add, count};
use crate::{Db, Query, StoreError, Transaction, db::Backend, params, testing::address_of};

/// Tells the child of the test below which database to write to.
const CHILD_VARIABLE: &str = "TOLLGATE_STORE_TEST_CHILD_DATABASE";

/// Counts the commits in a write-ahead log by its format (sqlite.org/fileformat2.html section 4.1): the head of each
/// frame carries the size of the database if the frame ends a commit, and zero otherwise.
fn commits_in_log(db: &Db) -> usize {
    const FILE_HEAD_BYTES: usize = 32;
    const FRAME_HEAD_BYTES: usize = 24;
    let address = db.address();
    let mut log = address.sqlite_path().unwrap().as_os_str().to_owned();
    log.push("-wal");
    let bytes = std::fs::read(log).unwrap();
    let page_bytes = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let frames = bytes[FILE_HEAD_BYTES..].chunks_exact(FRAME_HEAD_BYTES + page_bytes);
    frames.filter(|frame| frame[4..8] != [0; 4] && frame[8..16] == bytes[16..24]).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_writers_at_once_share_commits() {
    let db = Db::temporary().await.unwrap();
    if matches!(db.backend(), Backend::Postgres(_)) {
        return;
    }
    let before = commits_in_log(&db);
    let writers: Vec<_> = (0..64)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..2 {
                    let name = format!("{writer} {round}");
                    db.transact(async |tx: &mut Transaction| add(tx, &name).await).await?;
                }
                Ok::<(), StoreError>(())
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(count(&db).await, 128);
    let commits = commits_in_log(&db) - before;
    assert!(commits > 0 && commits <= 64, "{commits} commits for 128 transactions");
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let db = runtime.block_on(Db::temporary()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::durability::writes_until_it_is_killed", "--ignored", "--nocapture"])
        .env(CHILD_VARIABLE, db.place())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = BTreeSet::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some((_, name)) = line.unwrap().split_once("acknowledged ") {
            acknowledged.insert(name.to_owned());
        }
        if acknowledged.len() == 300 {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success());
    assert!(acknowledged.len() >= 300, "{} were acknowledged", acknowledged.len());
    runtime.block_on(async {
        let reopened = Db::open(&db.address()).await.unwrap();
        reopened.check().await.unwrap();
        for name in &acknowledged {
            let found = reopened.one(&FIND, &params![name], |row| row.text(0)).await.unwrap();
            assert_eq!(found.as_ref(), Some(name));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the test above"]
async fn writes_until_it_is_killed() {
    let Ok(place) = std::env::var(CHILD_VARIABLE) else { return };
    let db = Db::open(&address_of(&place)).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for number in 0..100_000 {
                    let name = format!("{writer}-{number}");
                    db.transact(async |tx: &mut Transaction| add(tx, &name).await).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "acknowledged {name}").and_then(|()| out.flush()).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}
