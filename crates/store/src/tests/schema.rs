//! One set of texts for two databases: every statement prepares on both, and both have the same tables.

use std::collections::BTreeSet;

use tokio_postgres::types::Type;

use crate::{Db, Query, Statement, db::Backend, params, registered, sqlite::Sqlite};

/// Table, column, type, whether it may be null.
type Column = (String, String, String, bool);
/// Table and the columns that are unique together, in their order.
type Unique = (String, String);

const SQLITE_COLUMNS: Statement = Statement {
    name: "tests::SQLITE_COLUMNS",
    sql: "select t.name, c.name, lower(c.type), c.\"notnull\" = 0
          from pragma_table_list t, pragma_table_info(t.name) c
          where t.schema = 'main' and t.name not like 'sqlite_%'",
};
const SQLITE_UNIQUES: Statement = Statement {
    name: "tests::SQLITE_UNIQUES",
    sql: "select t.name, (select group_concat(i.name, ',') from (select name from pragma_index_info(l.name) order by seqno) i)
          from pragma_table_list t, pragma_index_list(t.name) l
          where t.schema = 'main' and t.name not like 'sqlite_%' and l.\"unique\"",
};
const POSTGRES_COLUMNS: Statement = Statement {
    name: "tests::POSTGRES_COLUMNS",
    sql: "select cast(table_name as text), cast(column_name as text), cast(data_type as text), is_nullable = 'YES'
          from information_schema.columns where table_schema = 'public'",
};
const POSTGRES_UNIQUES: Statement = Statement {
    name: "tests::POSTGRES_UNIQUES",
    sql: "select cast(t.relname as text), string_agg(cast(a.attname as text), ',' order by k.place),
                 cast(x.relname as text)
          from pg_index i
          join pg_class t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
          join pg_namespace n on n.oid = t.relnamespace
          join unnest(i.indkey) with ordinality k (attribute, place) on true
          join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attribute
          where n.nspname = 'public' and i.indisunique group by t.relname, x.relname",
};

async fn sqlite() -> Db {
    let db = Db::temporary_file().await.unwrap();
    db.migrate(tollgate_model::Timestamp::from_seconds(0)).await.unwrap();
    db
}

async fn columns(db: &Db, statement: &Statement) -> BTreeSet<Column> {
    let rows = db.all(statement, &[], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?, row.boolean(3)?)));
    rows.await.unwrap().into_iter().collect()
}

async fn sqlite_uniques(db: &Db) -> BTreeSet<Unique> {
    let rows = db.all(&SQLITE_UNIQUES, &[], |row| Ok((row.text(0)?, row.text(1)?)));
    rows.await.unwrap().into_iter().collect()
}

fn opened_sqlite(db: &Db) -> &Sqlite {
    match db.backend() {
        Backend::Sqlite(sqlite) => sqlite,
        Backend::Postgres(_) => panic!("a file was asked for"),
    }
}

#[tokio::test]
async fn every_registered_statement_prepares_on_sqlite_with_parameters_counted_from_one() {
    let db = sqlite().await;
    let mut names = BTreeSet::new();
    for statement in registered() {
        assert!(names.insert(statement.name), "{} is registered twice", statement.name);
        let reader = opened_sqlite(&db).readers.take().unwrap();
        let prepared = reader.prepare(statement.sql).unwrap_or_else(|fault| panic!("{}: {fault}", statement.name));
        let slots = 1..=prepared.parameter_count();
        let given: BTreeSet<_> = slots.clone().filter_map(|slot| prepared.parameter_name(slot)).collect();
        let wanted: Vec<_> = slots.map(|number| format!("${number}")).collect();
        assert_eq!(given, wanted.iter().map(String::as_str).collect(), "{}", statement.name);
    }
    assert!(names.len() > 40, "{} statements are not all", names.len());
}

#[tokio::test]
async fn every_registered_statement_is_lower_case_and_never_asks_for_the_time() {
    for statement in registered() {
        let outside_quotes: String = statement.sql.split('\'').step_by(2).collect();
        assert_eq!(outside_quotes, outside_quotes.to_lowercase(), "{}", statement.name);
        for banned in ["now()", "current_timestamp", "current_date", "random()", "strftime", "unixepoch"] {
            assert!(!outside_quotes.contains(banned), "{} asks for {banned}", statement.name);
        }
    }
}

#[tokio::test]
async fn every_column_is_text_bigint_or_boolean_and_every_unique_constraint_can_be_named() {
    let db = sqlite().await;
    for (table, column, kind, _) in columns(&db, &SQLITE_COLUMNS).await {
        assert!(matches!(kind.as_str(), "text" | "bigint" | "boolean"), "{table}.{column} is {kind}");
        assert!(!column.ends_with("_at") || kind == "bigint", "{table}.{column} is an instant");
    }
    assert!(sqlite_uniques(&db).await.contains(&("projects".to_owned(), "organization_id,name".to_owned())));
}

#[tokio::test]
async fn every_registered_statement_prepares_on_postgresql_with_the_three_types_alone() {
    let db = Db::temporary().await.unwrap();
    let Backend::Postgres(postgres) = db.backend() else { return };
    for statement in registered() {
        let prepared = postgres.describe(statement).await.unwrap_or_else(|fault| panic!("{}: {fault}", statement.name));
        let columns = prepared.columns().iter().map(tokio_postgres::Column::type_);
        for kind in prepared.params().iter().chain(columns) {
            assert!(
                matches!(*kind, Type::TEXT | Type::INT8 | Type::BOOL),
                "{} takes or returns {kind}: cast it to text, bigint or boolean",
                statement.name
            );
        }
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_types_and_unique_constraints() {
    let on_server = Db::temporary().await.unwrap();
    if matches!(on_server.backend(), Backend::Sqlite(_)) {
        return;
    }
    let in_file = sqlite().await;
    assert_eq!(columns(&on_server, &POSTGRES_COLUMNS).await, columns(&in_file, &SQLITE_COLUMNS).await);
    let named = on_server.all(&POSTGRES_UNIQUES, &params![], |row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)));
    let mut uniques = BTreeSet::new();
    for (table, columns, name) in named.await.unwrap() {
        assert_eq!(
            name,
            format!("{table}_{}", columns.replace(',', "_")),
            "the name that SQLite's message is made into"
        );
        uniques.insert((table, columns));
    }
    assert_eq!(uniques, sqlite_uniques(&in_file).await);
}
