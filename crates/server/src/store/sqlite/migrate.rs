//! Brings a file to the present shape, one numbered step at a time.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// Every step there ever was, in order; the file's `user_version` counts those it has.
const STEPS: &[&str] = &[
    include_str!("../migrations/sqlite/0001_start.sql"),
    include_str!("../migrations/sqlite/0002_webhooks.sql"),
    include_str!("../migrations/sqlite/0003_agents.sql"),
    include_str!("../migrations/sqlite/0004_schedules.sql"),
    include_str!("../migrations/sqlite/0005_channels.sql"),
    include_str!("../migrations/sqlite/0006_estimates.sql"),
];

/// Runs the steps that the file lacks, all or none. Refuses a file of a newer gateway.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    if version(connection)? == STEPS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    let done = version(&transaction)?;
    let steps = STEPS.get(done..).ok_or_else(|| {
        StoreError::Engine(format!(
            "the file has shape {done}, this gateway knows {}: run a newer gateway",
            STEPS.len()
        ))
    })?;
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", u32::try_from(STEPS.len()).unwrap_or(u32::MAX))?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<usize, StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    usize::try_from(version).map_err(|_| StoreError::Engine("the file is not a store of this gateway".into()))
}
