//! An installation moved from SQLite to PostgreSQL: every row, in one transaction, then read back and compared.
//!
//! Order of events: the file is locked against its gateway and brought to the present shape; the database must be empty;
//! table by table rows are read in the order of their keys and written in batches; then each table is read back from the
//! database in the same order, and its number of rows and its checksum must be those of the file. Only then it is
//! committed. Whatever fails, the database is as empty as before, and the file is never changed.

mod source;
mod target;

use sha2::{Digest, Sha256};

use super::sqlite::Sqlite;
use super::{Opener, StoreError, postgres};
use crate::config::StorageConfig;
use source::Source;
use target::Target;

/// Rows of one batch: some megabytes at most with the longest messages.
const BATCH: usize = 500;

/// A table that is copied, and the columns that order it.
struct Table {
    name: &'static str,
    key: &'static str,
    /// Whether its numbers are drawn by the database, which must go on after the copied ones.
    is_numbered: bool,
}

/// Every table, parents before their children. Where events have got to is told apart: [`Target::set_dispatched`].
const TABLES: &[Table] = &[
    numbered("keys", "row"),
    numbered("sessions", "row"),
    numbered("messages", "row"),
    named("turns", "id"),
    numbered("events", "seq"),
    named("idempotency", "workspace, key"),
    numbered("endpoints", "row"),
    numbered("deliveries", "row"),
    named("attempts", "delivery, number"),
    numbered("agents", "row"),
    named("journal", "agent, seq"),
    numbered("schedules", "row"),
    numbered("schedule_runs", "row"),
    numbered("channel_messages", "row"),
];

const fn numbered(name: &'static str, key: &'static str) -> Table {
    Table { name, key, is_numbered: true }
}

const fn named(name: &'static str, key: &'static str) -> Table {
    Table { name, key, is_numbered: false }
}

/// A value of a column, as both engines have it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 over all of them, the same in both places.
    pub checksum: String,
}

/// Copies everything from a file to an empty database; `tell` hears of each table.
pub async fn copy(
    from: &StorageConfig,
    to: &StorageConfig,
    mut tell: impl FnMut(&Copied),
) -> Result<Vec<Copied>, StoreError> {
    if from.is_shared() || !to.is_shared() {
        return Err(StoreError::Engine("it copies from a `sqlite:` URL to a `postgres://` URL".into()));
    }
    // Held to the end: no gateway may write meanwhile. Also brings the file to the present shape.
    let _locked = Sqlite::open(from, Opener::Gateway)?;
    let source = Source::open(&from.path())?;
    let mut client = postgres::connect_alone(to).await?;
    let target = Target::begin(&mut client).await?;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let columns = target.columns(table.name, &source.columns(table.name)?).await?;
        let mut sum = Checksum::default();
        let mut rows = source.rows(table, &columns)?;
        loop {
            let batch = rows.next(BATCH)?;
            if batch.is_empty() {
                break;
            }
            for row in &batch {
                sum.add(row);
            }
            target.insert(table.name, &columns, batch).await?;
        }
        let read_back = target.checksum(table, &columns).await?;
        if read_back != sum {
            return Err(StoreError::Engine(format!("`{}` reads back other than it was written", table.name)));
        }
        if table.is_numbered {
            target.go_on_after(table).await?;
        }
        let done = Copied { table: table.name, rows: sum.rows, checksum: sum.hex() };
        tell(&done);
        copied.push(done);
    }
    target.set_dispatched(source.dispatched()?).await?;
    target.commit().await?;
    Ok(copied)
}

/// The number of rows and a hash over them, in their order.
#[derive(Clone, Default)]
struct Checksum {
    rows: u64,
    hash: Sha256,
}

impl Checksum {
    fn add(&mut self, row: &[Value]) {
        self.rows += 1;
        for value in row {
            let (kind, bytes): (u8, &[u8]) = match value {
                Value::Null => (0, &[]),
                Value::Number(number) => (1, &number.to_be_bytes()),
                Value::Text(text) => (2, text.as_bytes()),
                Value::Bytes(bytes) => (3, bytes),
            };
            self.hash.update([kind]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
    }

    fn hex(&self) -> String {
        let digits =
            |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]));
        self.hash.clone().finalize().iter().flat_map(digits).collect()
    }
}

impl PartialEq for Checksum {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.hash.clone().finalize() == other.hash.clone().finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[&[Value]]) -> Checksum {
        let mut sum = Checksum::default();
        for row in rows {
            sum.add(row);
        }
        sum
    }

    #[test]
    fn a_checksum_tells_rows_values_and_their_borders_apart() {
        let text = |text: &str| Value::Text(text.into());
        let one = sum(&[&[text("ab"), text("c")]]);
        assert!(one == sum(&[&[text("ab"), text("c")]]));
        assert!(one != sum(&[&[text("a"), text("bc")]]));
        assert!(one != sum(&[&[text("ab"), Value::Bytes(b"c".to_vec())]]));
        assert!(sum(&[&[Value::Null]]) != sum(&[&[text("")]]));
        assert!(sum(&[&[Value::Number(1)], &[Value::Number(2)]]) != sum(&[&[Value::Number(2)], &[Value::Number(1)]]));
        assert!(sum(&[]) != sum(&[&[]]));
    }
}
