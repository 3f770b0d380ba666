//! The two verbs that read: one row, or all of them.

use crate::{Row, Statement, StoreError, Value};

/// What a statement can be asked of: the database itself, or an open [`Transaction`](crate::Transaction).
///
/// A function that runs one statement takes `impl Query`, and is called with `&db` or with `tx`. Asked of the
/// database, a statement sees what was committed when it began; asked of a transaction, also what the transaction did.
pub trait Query: Send {
    /// Runs a statement and reads its first row, `None` when there is none.
    fn one<T: Send>(
        self,
        statement: &Statement,
        values: &[Value],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> impl Future<Output = Result<Option<T>, StoreError>> + Send;

    /// Runs a statement and reads all its rows.
    fn all<T: Send>(
        self,
        statement: &Statement,
        values: &[Value],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError> + Send,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send;
}
