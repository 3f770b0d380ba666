//! What the facade promises, on whichever database the tests run: SQLite, or the PostgreSQL server that
//! `TOLLGATE_TEST_DATABASE_URL` names.

mod backups;
mod cascades;
mod durability;
mod lost;
mod migrations;
mod schema;
mod transactions;
mod wakes;

use crate::{Db, Query, Statement, StoreError, Transaction, params};

/// Bare statements on a simple table, `quotas`, so that what is tested here is the facade alone.
const ADD: Statement = Statement {
    name: "tests::ADD",
    sql: "insert into quotas (scope_kind, scope_id, period, calls) values ('test', $1, 'day', $2)",
};
const COUNT: Statement =
    Statement { name: "tests::COUNT", sql: "select count(*) from quotas where scope_kind = 'test'" };
const FIND: Statement = Statement {
    name: "tests::FIND",
    sql: "select scope_id, calls from quotas where scope_kind = 'test' and scope_id = $1",
};

async fn add(tx: &mut Transaction, id: &str) -> Result<(), StoreError> {
    tx.run(&ADD, &params![id, 1_i64]).await.map(drop)
}

async fn count(query: impl Query) -> i64 {
    query.one(&COUNT, &[], |row| row.integer(0)).await.unwrap().unwrap()
}

async fn has(db: &Db, id: &str) -> bool {
    db.one(&FIND, &params![id], |row| row.text(0)).await.unwrap().is_some()
}
