//! Forgetting in PostgreSQL: a bounded batch of the oldest rows, passing by those that another gateway is forgetting.

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::{Postgres, args};
use crate::store::{RetentionStore, StoreError};

#[async_trait]
impl RetentionStore for Postgres {
    async fn delete_events(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM events WHERE seq IN
                (SELECT seq FROM (SELECT seq, created_at FROM events ORDER BY seq LIMIT $2 FOR UPDATE SKIP LOCKED) oldest
                 WHERE created_at < $1) RETURNING 1",
            before,
            batch,
        )
        .await
    }

    async fn delete_deliveries(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM deliveries WHERE row IN
                (SELECT row FROM (SELECT row, created_at FROM deliveries ORDER BY row LIMIT $2 FOR UPDATE SKIP LOCKED) oldest
                 WHERE created_at < $1) RETURNING 1",
            before,
            batch,
        )
        .await
    }

    async fn delete_agents(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM agents WHERE row IN
                (SELECT row FROM (SELECT row, ended_at FROM agents ORDER BY row LIMIT $2 FOR UPDATE SKIP LOCKED) oldest
                 WHERE ended_at < $1) RETURNING 1",
            before,
            batch,
        )
        .await
    }

    async fn delete_schedule_runs(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM schedule_runs WHERE row IN
                (SELECT row FROM (SELECT row, at, status FROM schedule_runs ORDER BY row LIMIT $2 FOR UPDATE SKIP LOCKED)
                 oldest WHERE at < $1 AND status <> 'waiting') RETURNING 1",
            before,
            batch,
        )
        .await
    }

    async fn delete_idempotency(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM idempotency WHERE (workspace, key) IN
                (SELECT workspace, key FROM idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2
                 FOR UPDATE SKIP LOCKED) RETURNING 1",
            before,
            batch,
        )
        .await
    }

    async fn delete_channel_messages(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        self.delete_old(
            "DELETE FROM channel_messages WHERE row IN
                (SELECT row FROM (SELECT row, ended_at FROM channel_messages ORDER BY row LIMIT $2 FOR UPDATE SKIP LOCKED)
                 oldest WHERE ended_at < $1) RETURNING 1",
            before,
            batch,
        )
        .await
    }
}

impl Postgres {
    async fn delete_old(&self, statement: &'static str, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        let deleted = self.write(statement, args![before.as_millis(), i64::from(batch)]).await?;
        Ok(deleted.len() as u64)
    }
}
