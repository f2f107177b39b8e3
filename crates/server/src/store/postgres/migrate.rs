//! Brings a database to the present shape, one numbered step at a time.

use deadpool_postgres::Pool;

use super::mark;
use super::row::count;
use crate::store::StoreError;

/// Every step there ever was, in order; `schema_version` counts those that the database has.
const STEPS: &[&str] = &[
    include_str!("../migrations/postgres/0001_start.sql"),
    include_str!("../migrations/postgres/0002_turns.sql"),
    include_str!("../migrations/postgres/0003_fleet.sql"),
    include_str!("../migrations/postgres/0004_webhooks.sql"),
    include_str!("../migrations/postgres/0005_agents.sql"),
    include_str!("../migrations/postgres/0006_commits.sql"),
];
/// The lock under which one gateway migrates while the others wait: `openclaw` in ASCII.
const LOCK: i64 = 0x6f70_656e_636c_6177;

/// Runs the steps that the database lacks, all or none, while every other gateway waits; says how many. Refuses a database of a
/// newer gateway.
pub(in super::super) async fn run(pool: &Pool) -> Result<usize, StoreError> {
    let mut client = pool.get().await?;
    let transaction = client.transaction().await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    transaction
        .batch_execute(
            "CREATE TABLE IF NOT EXISTS schema_version (one BIGINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL);
             INSERT INTO schema_version VALUES (1, 0) ON CONFLICT DO NOTHING",
        )
        .await?;
    let version: i64 = transaction.query_one("SELECT version FROM schema_version", &[]).await?.try_get(0)?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let steps = STEPS.get(done..).ok_or_else(|| {
        StoreError::Engine(format!(
            "the database has shape {version}, this gateway knows {}: run a newer gateway",
            STEPS.len()
        ))
    })?;
    for step in steps {
        transaction.batch_execute(step).await?;
    }
    transaction.execute("UPDATE schema_version SET version = $1", &[&count(STEPS.len() as u64)]).await?;
    transaction.execute("SELECT heal_order()", &[]).await?;
    transaction.execute(mark::FORGET, &[]).await?;
    transaction.commit().await?;
    Ok(steps.len())
}
