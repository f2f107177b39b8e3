//! The file that is read.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::{Table, Value};
use crate::store::StoreError;

pub(super) struct Source(Connection);

/// Rows of a table, some at a time.
pub(super) struct SourceRows<'a> {
    source: &'a Source,
    statement: String,
    offset: i64,
    columns: usize,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // One view of everything, for as long as it is open.
        connection.execute_batch("PRAGMA query_only = ON; BEGIN")?;
        Ok(Self(connection))
    }

    /// The names of a table's columns.
    pub(super) fn columns(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let mut statement = self.0.prepare("SELECT name FROM pragma_table_info(?1)")?;
        Ok(statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The rows of a table in the order of their keys.
    pub(super) fn rows<'a>(&'a self, table: &Table, columns: &[String]) -> Result<SourceRows<'a>, StoreError> {
        // The rows are numbered once, in a table of the connection's own, so that each batch is found by an index.
        let order = format!(
            "DROP TABLE IF EXISTS temp.copied;
             CREATE TEMP TABLE copied AS SELECT {} FROM {} ORDER BY {}",
            quoted(columns),
            table.name,
            table.key
        );
        self.0.execute_batch(&format!("PRAGMA query_only = OFF; {order}; PRAGMA query_only = ON"))?;
        let statement = format!("SELECT {} FROM temp.copied WHERE rowid > ?1 ORDER BY rowid LIMIT ?2", quoted(columns));
        Ok(SourceRows { source: self, statement, offset: 0, columns: columns.len() })
    }

    /// Up to which event deliveries were made.
    pub(super) fn dispatched(&self) -> Result<i64, StoreError> {
        Ok(self.0.query_row("SELECT seq FROM dispatched", [], |row| row.get(0))?)
    }
}

impl SourceRows<'_> {
    /// At most so many more rows; none once all were read.
    pub(super) fn next(&mut self, limit: usize) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut statement = self.source.0.prepare_cached(&self.statement)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let columns = self.columns;
        let rows = statement
            .query_map([self.offset, limit], |row| (0..columns).map(|column| row.get_ref(column).map(value)).collect())?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        self.offset += i64::try_from(rows.len()).unwrap_or(i64::MAX);
        Ok(rows)
    }
}

/// A list of columns.
fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// PostgreSQL keeps no NUL in texts: as the gateway does, it becomes the mark of what cannot be shown.
fn value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Number(number),
        // No column of ours holds one.
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).replace('\0', "\u{fffd}")),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}
