//! What is kept and what is undone.

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{ADD, COUNT, add, count, has};
use crate::{Db, Query, Statement, StoreError, Transaction, params};

#[tokio::test]
async fn a_dropped_unfinished_transaction_leaves_nothing() {
    let db = Db::temporary().await.unwrap();
    let (written, is_written) = oneshot::channel();
    let unfinished = tokio::spawn({
        let db = db.clone();
        async move {
            db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                add(tx, "unfinished").await?;
                written.send(()).unwrap();
                std::future::pending().await
            })
            .await
        }
    });
    is_written.await.unwrap();
    unfinished.abort();
    assert!(unfinished.await.unwrap_err().is_cancelled());
    db.transact(async |tx: &mut Transaction| add(tx, "next").await).await.unwrap();
    assert!(!has(&db, "unfinished").await);
    assert!(has(&db, "next").await);
}

#[tokio::test]
async fn a_transaction_whose_work_panics_leaves_nothing_and_the_next_goes_on() {
    let db = Db::temporary().await.unwrap();
    let panicked = tokio::spawn({
        let db = db.clone();
        async move {
            db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                add(tx, "panicked").await?;
                panic!("on purpose");
            })
            .await
        }
    });
    assert!(panicked.await.unwrap_err().is_panic());
    db.transact(async |tx: &mut Transaction| add(tx, "next").await).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_refusal_inside_ok_is_committed_and_an_error_of_any_type_is_not() {
    #[derive(Debug)]
    enum Late {
        Refused,
        Fault,
    }
    impl From<StoreError> for Late {
        fn from(_: StoreError) -> Self {
            Self::Fault
        }
    }
    let db = Db::temporary().await.unwrap();
    let refusal: Result<(), &str> = db
        .transact(async |tx: &mut Transaction| -> Result<_, StoreError> {
            add(tx, "burnt").await?;
            Ok(Err("the code was used before"))
        })
        .await
        .unwrap();
    assert!(refusal.is_err());
    assert!(has(&db, "burnt").await);
    let late = db
        .transact(async |tx: &mut Transaction| -> Result<(), Late> {
            add(tx, "half").await?;
            Err(Late::Refused)
        })
        .await;
    assert!(matches!(late, Err(Late::Refused)));
    assert!(!has(&db, "half").await);
}

#[tokio::test]
async fn a_failed_statement_undoes_itself_and_the_transaction_goes_on() {
    let db = Db::temporary().await.unwrap();
    db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
        add(tx, "first").await?;
        let twice = tx.run(&ADD, &params!["first", 1_i64]).await;
        let Err(StoreError::Conflict { constraint }) = twice else { panic!("{twice:?}") };
        assert_eq!(constraint, "quotas_scope_kind_scope_id_period");
        add(tx, "second").await
    })
    .await
    .unwrap();
    assert_eq!(count(&db).await, 2);
}

#[tokio::test]
async fn a_row_that_refers_to_nothing_is_refused() {
    const INSERT: Statement = Statement {
        name: "tests::INSERT",
        sql: "insert into assertions (client_id, jti, expires_at) values ('x', 'y', 1)",
    };
    let db = Db::temporary().await.unwrap();
    let refused = db.transact(async |tx: &mut Transaction| tx.run(&INSERT, &[]).await).await;
    assert!(matches!(refused, Err(StoreError::MissingReference { statement: "tests::INSERT" })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fault_undoes_its_own_transaction_and_its_neighbours_are_committed() {
    let db = Db::temporary().await.unwrap();
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
                    add(tx, &format!("{number}")).await?;
                    if number % 3 == 0 {
                        return Err(StoreError::Unavailable("on purpose".into()));
                    }
                    Ok(())
                })
                .await
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        assert_eq!(task.await.unwrap().is_err(), number % 3 == 0);
        assert_eq!(has(&db, &number.to_string()).await, number % 3 != 0, "{number}");
    }
    assert_eq!(count(&db).await, 40);
}

#[tokio::test]
async fn a_reader_sees_a_write_as_soon_as_it_is_acknowledged_and_not_before() {
    let db = Db::temporary().await.unwrap();
    for number in 1..=20 {
        db.transact(async |tx: &mut Transaction| -> Result<(), StoreError> {
            add(tx, &number.to_string()).await?;
            assert_eq!(count(&mut *tx).await, number, "a transaction sees what it did");
            assert_eq!(count(&db).await, number - 1, "others do not");
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(count(&db).await, number);
    }
}

#[tokio::test]
async fn a_snapshot_does_not_see_what_is_committed_meanwhile() {
    let db = Db::temporary().await.unwrap();
    db.snapshot(async |tx: &mut Transaction| -> Result<(), StoreError> {
        assert_eq!(count(&mut *tx).await, 0);
        db.transact(async |tx: &mut Transaction| add(tx, "meanwhile").await).await?;
        assert_eq!(count(&mut *tx).await, 0);
        assert!(tx.run(&ADD, &params!["written", 1_i64]).await.is_err(), "a snapshot only reads");
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn outside_a_transaction_there_is_only_reading() {
    const ADD_RETURNING: Statement = Statement {
        name: "tests::ADD_RETURNING",
        sql: "insert into quotas (scope_kind, scope_id, period, calls) values ('test', $1, 'day', 1) returning scope_id",
    };
    let db = Db::temporary().await.unwrap();
    assert!(db.one(&ADD_RETURNING, &params!["outside"], |row| row.text(0)).await.is_err());
    let added =
        db.transact(async |tx: &mut Transaction| tx.one(&ADD_RETURNING, &params!["inside"], |row| row.text(0)).await);
    assert_eq!(added.await.unwrap().as_deref(), Some("inside"));
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn while_writing_fails_nothing_is_acknowledged_and_reading_goes_on() {
    let db = Db::temporary().await.unwrap();
    db.fail_writes(true);
    let failed = db.transact(async |tx: &mut Transaction| add(tx, "lost").await).await;
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert_eq!(count(&db).await, 0);
    db.fail_writes(false);
    db.transact(async |tx: &mut Transaction| add(tx, "kept").await).await.unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_missing_parameter_is_a_fault_and_not_a_null() {
    let db = Db::temporary().await.unwrap();
    let fault = db.transact(async |tx: &mut Transaction| tx.run(&ADD, &params!["only one"]).await).await;
    assert!(matches!(fault, Err(StoreError::Failed { .. })), "{fault:?}");
}

#[tokio::test]
async fn a_row_that_does_not_parse_is_a_fault_that_names_table_column_and_row_but_no_value() {
    const READ: Statement = Statement { name: "tollgate_store::quotas::READ", sql: super::FIND.sql };
    let db = Db::temporary().await.unwrap();
    db.transact(async |tx: &mut Transaction| add(tx, "some id").await).await.unwrap();
    let fault = db.one(&READ, &params!["some id"], |row| row.parsed::<std::net::IpAddr>(0)).await.unwrap_err();
    let text = fault.to_string();
    assert!(matches!(fault, StoreError::Corrupt { table: "quotas", .. }));
    assert!(text.contains("`quotas`") && text.contains("`scope_id`") && text.contains("`some id`"), "{text}");
    assert!(db.one(&READ, &params!["some id"], |row| row.boolean(0)).await.is_err());
}

/// The futures are used from tasks that move between threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_and_queries_run_in_spawned_tasks() {
    async fn generic(query: impl Query) -> Result<i64, StoreError> {
        Ok(query.one(&COUNT, &[], |row| row.integer(0)).await?.unwrap_or_default())
    }
    let db = Db::temporary().await.unwrap();
    let shared = Arc::new("borrowed".to_owned());
    let task = tokio::spawn(async move {
        let name = shared.as_str();
        db.transact(async |tx: &mut Transaction| -> Result<i64, StoreError> {
            add(tx, name).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
            generic(&mut *tx).await
        })
        .await?;
        db.all(&super::FIND, &params![name], |row| row.text(0)).await?;
        generic(&db).await
    });
    assert_eq!(task.await.unwrap().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_write_at_once_and_neither_keeps_the_other_out() {
    let db = Db::temporary().await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..8)
        .map(|writer| {
            let (db, stop) = (db.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return number;
                    }
                    let name = format!("load {writer} {number}");
                    db.transact(async |tx: &mut Transaction| add(tx, &name).await).await.unwrap();
                }
                0
            })
        })
        .collect();
    let other = Db::open(&db.address()).await.unwrap();
    let mut longest = Duration::ZERO;
    for number in 0..10 {
        let started = Instant::now();
        let name = format!("other {number}");
        other.transact(async |tx: &mut Transaction| add(tx, &name).await).await.unwrap();
        longest = longest.max(started.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    let mut written = 10;
    for writer in load {
        written += writer.await.unwrap();
    }
    assert_eq!(count(&db).await, written);
    assert!(longest < Duration::from_secs(3), "a write waited {longest:?}");
}

#[test]
fn a_slow_statement_is_reported_by_name_and_without_values() {
    const SLOW: Statement = Statement {
        name: "tollgate_store::tests::SLOW",
        sql: "with recursive n (i) as (select 1 union all select i + 1 from n where i < 300000)
              select count(*) from n where cast(i as text) <> $1",
    };
    let log = Log::default();
    // With one subscriber alone, other threads would decide by their own whether anybody wants the event.
    let _second = tracing::Dispatch::new(log.clone());
    tracing::subscriber::with_default(log.clone(), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = Db::temporary().await.unwrap();
            db.one(&SLOW, &params!["a secret"], |row| row.integer(0)).await.unwrap();
        });
    });
    let lines = log.0.lock().unwrap();
    assert!(lines.iter().any(|line| line.contains("slow statement") && line.contains("tests::SLOW")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("a secret")), "{lines:?}");
}

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Line(String);
        impl tracing::field::Visit for Line {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                write!(self.0, "{field}={value:?} ").unwrap();
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
