//! One row of an answer, read by position. What does not parse is a fault that names table, row and column.

use std::str::FromStr;

use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{FromSql, Type};
use tollgate_model::Timestamp;

use crate::{Statement, StoreError};

/// One row of an answer; columns are counted from 0. The first column of a statement should be the row's id, because
/// faults name it.
pub struct Row<'a> {
    statement: &'a Statement,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl<'a> Row<'a> {
    pub(crate) fn of_sqlite(statement: &'a Statement, row: &'a rusqlite::Row<'a>) -> Self {
        Self { statement, cells: Cells::Sqlite(row) }
    }

    pub(crate) fn of_postgres(statement: &'a Statement, row: &'a tokio_postgres::Row) -> Self {
        Self { statement, cells: Cells::Postgres(row) }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.present(column, "text", self.text_of(column)?).map(str::to_owned)
    }

    /// A text or nothing.
    pub fn optional_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.text_of(column)?.map(str::to_owned))
    }

    /// A whole number.
    pub fn integer(&self, column: usize) -> Result<i64, StoreError> {
        self.present(column, "bigint", self.optional_integer(column)?)
    }

    /// A whole number or nothing.
    pub fn optional_integer(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => match row.get_ref(column) {
                Ok(ValueRef::Null) => Ok(None),
                Ok(ValueRef::Integer(number)) => Ok(Some(number)),
                _ => Err(self.corrupt(column, "bigint")),
            },
            Cells::Postgres(row) => self.cell(row, column, "bigint"),
        }
    }

    /// A whole number that is small and not negative, such as a count of attempts.
    pub fn small(&self, column: usize) -> Result<u32, StoreError> {
        self.integer(column)?.try_into().map_err(|_| self.corrupt(column, "small number"))
    }

    /// A truth value.
    pub fn boolean(&self, column: usize) -> Result<bool, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => match row.get_ref(column) {
                Ok(ValueRef::Integer(number @ (0 | 1))) => Ok(number == 1),
                _ => Err(self.corrupt(column, "boolean")),
            },
            Cells::Postgres(row) => self.present(column, "boolean", self.cell(row, column, "boolean")?),
        }
    }

    /// An instant.
    pub fn timestamp(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.integer(column).map(Timestamp::from_micros)
    }

    /// An instant or nothing.
    pub fn optional_timestamp(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_integer(column)?.map(Timestamp::from_micros))
    }

    /// A text that is a `T`, such as an id.
    pub fn parsed<T: FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.present(column, std::any::type_name::<T>(), self.optional_parsed(column)?)
    }

    /// A text that is a `T`, or nothing.
    pub fn optional_parsed<T: FromStr>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let parse = |text: &str| text.parse().map_err(|_| self.corrupt(column, std::any::type_name::<T>()));
        self.text_of(column)?.map(parse).transpose()
    }

    /// A text that is a `T` in JSON.
    pub fn json<T: DeserializeOwned>(&self, column: usize) -> Result<T, StoreError> {
        let expected = std::any::type_name::<T>();
        let text = self.present(column, expected, self.text_of(column)?)?;
        serde_json::from_str(text).map_err(|_| self.corrupt(column, expected))
    }

    fn text_of(&self, column: usize) -> Result<Option<&'a str>, StoreError> {
        match self.cells {
            Cells::Sqlite(row) => match row.get_ref(column) {
                Ok(ValueRef::Null) => Ok(None),
                Ok(ValueRef::Text(bytes)) => {
                    std::str::from_utf8(bytes).map(Some).map_err(|_| self.corrupt(column, "text"))
                }
                _ => Err(self.corrupt(column, "text")),
            },
            Cells::Postgres(row) => self.cell(row, column, "text"),
        }
    }

    fn cell<T: FromSql<'a>>(
        &self,
        row: &'a tokio_postgres::Row,
        column: usize,
        expected: &'static str,
    ) -> Result<Option<T>, StoreError> {
        row.try_get(column).map_err(|_| self.corrupt(column, expected))
    }

    fn present<T>(&self, column: usize, expected: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column, expected))
    }

    pub(crate) fn corrupt(&self, column: usize, expected: &'static str) -> StoreError {
        let (column_name, row) = match self.cells {
            Cells::Sqlite(row) => (row.as_ref().column_name(column).ok(), sqlite_id(row)),
            Cells::Postgres(row) => (row.columns().get(column).map(tokio_postgres::Column::name), postgres_id(row)),
        };
        StoreError::Corrupt {
            statement: self.statement.short_name(),
            table: self.statement.table(),
            row,
            column: column_name.map_or_else(|| format!("number {column}"), str::to_owned),
            expected,
        }
    }
}

fn sqlite_id(row: &rusqlite::Row<'_>) -> String {
    match row.get_ref(0) {
        Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Ok(ValueRef::Integer(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn postgres_id(row: &tokio_postgres::Row) -> String {
    match row.columns().first().map(tokio_postgres::Column::type_) {
        Some(kind) if *kind == Type::TEXT => row.try_get::<_, String>(0).unwrap_or_default(),
        Some(kind) if *kind == Type::INT8 => row.try_get::<_, i64>(0).map(|n| n.to_string()).unwrap_or_default(),
        _ => String::new(),
    }
}
