//! The database that is written.

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Transaction};

use super::{Checksum, Table, Value};
use crate::store::StoreError;

/// Rows read back at once.
const BATCH: i32 = 1000;

pub(super) struct Target<'a>(Transaction<'a>);

impl<'a> Target<'a> {
    /// Begins the one transaction; refuses a database that holds anything, or that a gateway uses.
    pub(super) async fn begin(client: &'a mut Client) -> Result<Self, StoreError> {
        let transaction = client.transaction().await?;
        for table in ["keys", "sessions", "events", "agents", "schedules", "gateways"] {
            // Whoever would write meanwhile waits.
            transaction.batch_execute(&format!("LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")).await?;
            if transaction.query_opt(&format!("SELECT 1 FROM {table} LIMIT 1"), &[]).await?.is_some() {
                let why = if table == "gateways" { "a gateway is using it: stop it" } else { "make a new, empty one" };
                return Err(StoreError::Engine(format!("the database is not empty (`{table}`): {why}")));
            }
        }
        Ok(Self(transaction))
    }

    /// The columns of the file that the database has too. One that it lacks would be lost, so it is refused.
    pub(super) async fn columns(&self, table: &str, source: &[String]) -> Result<Vec<String>, StoreError> {
        let known = self
            .0
            .query(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
                &[&table],
            )
            .await?;
        let known = known.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        match source.iter().find(|column| !known.contains(column)) {
            Some(column) => Err(StoreError::Engine(format!("the database has no column `{table}.{column}`"))),
            None => Ok(source.to_vec()),
        }
    }

    /// Writes rows.
    pub(super) async fn insert(
        &self,
        table: &str,
        columns: &[String],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        let names = quoted(columns);
        let number = columns.len();
        // The types of the columns, as an insert of one row would have them.
        let places: Vec<_> = (1..=number).map(|place| format!("${place}")).collect();
        let statement = format!("INSERT INTO {table} ({names}) VALUES ({})", places.join(", "));
        let types = self.0.prepare(&statement).await?.params().to_vec();
        let mut arrays: Vec<Vec<Value>> = (0..number).map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for (array, value) in arrays.iter_mut().zip(row) {
                array.push(value);
            }
        }
        let places: Vec<_> =
            types.iter().enumerate().map(|(place, of)| format!("${}::{}[]", place + 1, of.name())).collect();
        let statement = format!("INSERT INTO {table} ({names}) SELECT * FROM unnest({})", places.join(", "));
        let values: Vec<_> =
            arrays.into_iter().zip(&types).map(|(array, of)| column(array, of)).collect::<Result<_, _>>()?;
        let values: Vec<_> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
        self.0.execute(&statement, &values).await?;
        Ok(())
    }

    /// What is in a table now, in the order of its keys.
    pub(super) async fn checksum(&self, table: &Table, columns: &[String]) -> Result<Checksum, StoreError> {
        let statement = format!("SELECT {} FROM {} ORDER BY {}", quoted(columns), table.name, byte_order(table.key));
        let portal = self.0.bind(&statement, &[]).await?;
        let mut sum = Checksum::default();
        loop {
            let rows = self.0.query_portal(&portal, BATCH).await?;
            for row in &rows {
                let values = (0..columns.len()).map(|column| value(row, column)).collect::<Result<Vec<_>, _>>()?;
                sum.add(&values);
            }
            if rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                return Ok(sum);
            }
        }
    }

    /// New rows are numbered after the copied ones.
    pub(super) async fn go_on_after(&self, table: &Table) -> Result<(), StoreError> {
        let (name, key) = (table.name, table.key);
        let statement = format!(
            "SELECT setval(pg_get_serial_sequence('{name}', '{key}'), (SELECT coalesce(max({key}), 0) FROM {name}) + 1, false)"
        );
        self.0.query_one(&statement, &[]).await?;
        Ok(())
    }

    /// Up to which event deliveries were made: all events came in this transaction, and are in the order of `seq`.
    pub(super) async fn set_dispatched(&self, seq: i64) -> Result<(), StoreError> {
        let statement = "UPDATE dispatched SET tx = coalesce((SELECT max(tx) FROM events), 0), seq = $1";
        self.0.execute(statement, &[&seq]).await?;
        Ok(())
    }

    /// Makes it last.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

fn quoted(columns: &[String]) -> String {
    columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ")
}

/// The order in which SQLite has texts: by their bytes.
fn byte_order(key: &str) -> String {
    let order = |column: &str| match column {
        "id" | "workspace" | "key" => format!("\"{column}\" COLLATE \"C\""),
        column => format!("\"{column}\""),
    };
    key.split(", ").map(order).collect::<Vec<_>>().join(", ")
}

/// The values of a column as an array of its type.
fn column(values: Vec<Value>, of: &Type) -> Result<Box<dyn ToSql + Sync>, StoreError> {
    let wrong = || StoreError::Engine(format!("a value cannot be a {}", of.name()));
    let mut numbers = Vec::new();
    let mut texts = Vec::new();
    let mut bytes = Vec::new();
    for value in values {
        match (value, of) {
            (Value::Null, _) => {
                numbers.push(None);
                texts.push(None);
                bytes.push(None);
            }
            (Value::Number(number), &Type::INT8 | &Type::BOOL) => numbers.push(Some(number)),
            (Value::Text(text), &Type::TEXT) => texts.push(Some(text)),
            (Value::Bytes(value), &Type::BYTEA) => bytes.push(Some(value)),
            _ => return Err(wrong()),
        }
    }
    Ok(match *of {
        Type::INT8 => Box::new(numbers),
        Type::BOOL => Box::new(numbers.into_iter().map(|number| number.map(|number| number != 0)).collect::<Vec<_>>()),
        Type::TEXT => Box::new(texts),
        Type::BYTEA => Box::new(bytes),
        _ => return Err(wrong()),
    })
}

/// A value as SQLite has it.
fn value(row: &tokio_postgres::Row, column: usize) -> Result<Value, StoreError> {
    Ok(match *row.columns()[column].type_() {
        Type::BOOL => row.try_get::<_, Option<bool>>(column)?.map_or(Value::Null, |is| Value::Number(is.into())),
        Type::TEXT => row.try_get::<_, Option<String>>(column)?.map_or(Value::Null, Value::Text),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column)?.map_or(Value::Null, Value::Bytes),
        _ => row.try_get::<_, Option<i64>>(column)?.map_or(Value::Null, Value::Number),
    })
}
