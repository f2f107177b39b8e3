//! Queues in PostgreSQL.

use async_trait::async_trait;
use openclaw_core::{DeliveryStatus, Timestamp};

use super::row::{count, text};
use super::{Postgres, args};
use crate::store::queue::RECENT_MAX;
use crate::store::{QueueStore, RetryFilter, StoreError, StoredQueue};

/// Deliveries put back by one statement, so that other writes wait for a moment only.
const BATCH: usize = 500;

#[async_trait]
impl QueueStore for Postgres {
    async fn queues(&self) -> Result<Vec<StoredQueue>, StoreError> {
        // Answered from the index of what is due, which holds nothing that has ended.
        self.rows(
            "SELECT endpoint, count(*), min(due_at) FROM deliveries WHERE due_at IS NOT NULL GROUP BY endpoint",
            &[],
        )
        .await?
        .iter()
        .map(|row| Ok(StoredQueue { endpoint: row.get(0)?, depth: row.number(1)?, due_at: row.moment(2)? }))
        .collect()
    }

    async fn recent_sends(&self, endpoint: i64, since: Timestamp) -> Result<Vec<Timestamp>, StoreError> {
        // OFFSET 0: delivery by delivery, as attempts have no other index and may be millions.
        self.rows(
            "SELECT DISTINCT started_at FROM
                (SELECT row FROM deliveries WHERE endpoint = $1 ORDER BY event DESC LIMIT $3) AS latest
                CROSS JOIN LATERAL (SELECT started_at FROM attempts
                                    WHERE delivery = latest.row AND started_at >= $2 OFFSET 0) AS sent
             ORDER BY started_at",
            &[&endpoint, &since.as_millis(), &i64::from(RECENT_MAX)],
        )
        .await?
        .iter()
        .map(|row| row.moment(0))
        .collect()
    }

    async fn retry_deliveries(
        &self,
        workspace: String,
        filter: RetryFilter,
        limit: usize,
        now: Timestamp,
    ) -> Result<(u64, bool), StoreError> {
        let mut found = self.matching(&workspace, &filter, limit + 1, now).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let mut retried = 0;
        for batch in found.chunks(BATCH) {
            // Unless something became of them meanwhile.
            let put_back = self
                .write(
                    "UPDATE deliveries SET status = $2, due_at = $3, ended_at = NULL
                     WHERE row = ANY ($1) AND status = $4 RETURNING 1",
                    args![batch.to_vec(), DeliveryStatus::Pending.as_str(), now.as_millis(), filter.status.as_str()],
                )
                .await?;
            retried += put_back.len() as u64;
        }
        Ok((retried, more))
    }
}

impl Postgres {
    /// The rows of deliveries that match; of pending ones, those that are not due yet.
    async fn matching(
        &self,
        workspace: &str,
        filter: &RetryFilter,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        // The status is written out: dead ones, and those that wait, have an index each.
        let due = match filter.status {
            DeliveryStatus::Pending => "due_at > $4",
            DeliveryStatus::Succeeded | DeliveryStatus::Dead => "(due_at IS NULL OR due_at > $4)",
        };
        let statement = format!(
            "SELECT row FROM deliveries
             WHERE workspace = $1 AND status = '{}' AND created_at >= $2 AND created_at < $3 AND {due}
               AND ($5::text IS NULL OR endpoint = (SELECT row FROM endpoints WHERE id = $5))
               AND ($6::text IS NULL OR event_name = $6)
             ORDER BY row LIMIT $7",
            filter.status.as_str()
        );
        self.rows(
            &statement,
            &[
                &workspace,
                &filter.since.as_millis(),
                &filter.until.as_millis(),
                &now.as_millis(),
                &filter.endpoint_id.as_deref().map(text),
                &filter.event.as_deref().map(text),
                &count(limit as u64),
            ],
        )
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
    }
}
