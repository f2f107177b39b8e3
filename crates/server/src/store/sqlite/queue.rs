//! Queues in SQLite.

use async_trait::async_trait;
use openclaw_core::{DeliveryStatus, Timestamp};
use rusqlite::{Connection, params};

use super::Sqlite;
use crate::store::queue::RECENT_MAX;
use crate::store::{QueueStore, RetryFilter, StoreError, StoredQueue};

/// Deliveries put back in one transaction, so that other writes wait for a moment only.
const BATCH: usize = 500;

#[async_trait]
impl QueueStore for Sqlite {
    async fn queues(&self) -> Result<Vec<StoredQueue>, StoreError> {
        self.readers
            .read(|connection| {
                let read = |row: &rusqlite::Row<'_>| {
                    let due_at = Timestamp::from_millis(row.get(2)?);
                    Ok(StoredQueue { endpoint: row.get(0)?, depth: row.get(1)?, due_at })
                };
                // Answered from the index of what is due, which holds nothing that has ended.
                connection
                    .prepare_cached(
                        "SELECT endpoint, count(*), min(due_at) FROM deliveries WHERE due_at IS NOT NULL GROUP BY endpoint",
                    )?
                    .query_map([], read)?
                    .collect()
            })
            .await
    }

    async fn recent_sends(&self, endpoint: i64, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT DISTINCT started_at FROM attempts WHERE started_at >= ?2 AND delivery IN
                            (SELECT row FROM deliveries WHERE endpoint = ?1 ORDER BY event DESC LIMIT ?3)
                         ORDER BY started_at",
                    )?
                    .query_map(params![endpoint, since.as_millis(), RECENT_MAX], |row| {
                        Ok(Timestamp::from_millis(row.get(0)?))
                    })?
                    .collect()
            })
            .await
    }

    async fn retry_deliveries(
        &self,
        workspace: String,
        filter: RetryFilter,
        limit: usize,
        now: Timestamp,
    ) -> Result<(u64, bool), StoreError> {
        let status = filter.status;
        let mut found =
            self.readers.read(move |connection| matching(connection, &workspace, &filter, limit + 1, now)).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let mut retried = 0;
        for batch in found.chunks(BATCH) {
            let batch = batch.to_vec();
            retried += self.writer.write(move |connection| put_back(connection, &batch, status, now)).await?;
        }
        Ok((retried, more))
    }
}

/// The rows of deliveries that match; of pending ones, those that are not due yet.
fn matching(
    connection: &Connection,
    workspace: &str,
    filter: &RetryFilter,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT row FROM deliveries
         WHERE workspace = ?1 AND status = ?2 AND created_at >= ?3 AND created_at < ?4 AND (due_at IS NULL OR due_at > ?5)
           AND (?6 IS NULL OR endpoint = (SELECT row FROM endpoints WHERE id = ?6)) AND (?7 IS NULL OR event_name = ?7)
         ORDER BY row",
    )?;
    let mut rows = statement.query(params![
        workspace,
        filter.status.as_str(),
        filter.since.as_millis(),
        filter.until.as_millis(),
        now.as_millis(),
        filter.endpoint_id,
        filter.event,
    ])?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        found.push(row.get(0)?);
    }
    Ok(found)
}

/// Makes deliveries due, unless something became of them meanwhile.
fn put_back(connection: &Connection, rows: &[i64], from: DeliveryStatus, now: Timestamp) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(
        "UPDATE deliveries SET status = ?2, due_at = ?3, ended_at = NULL WHERE row = ?1 AND status = ?4",
    )?;
    let mut changed = 0;
    for row in rows {
        changed +=
            statement.execute(params![row, DeliveryStatus::Pending.as_str(), now.as_millis(), from.as_str()])? as u64;
    }
    Ok(changed)
}
