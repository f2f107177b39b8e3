//! What came in by channels, in PostgreSQL.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::row::{Row, count, text};
use super::{Postgres, args};
use crate::store::{ChannelMessage, ChannelStore, NewUpdate, SendPhase, StoreError};

#[async_trait]
impl ChannelStore for Postgres {
    async fn receive_updates(
        &self,
        account: String,
        updates: Vec<NewUpdate>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (mut update_ids, mut message_ids, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
        for update in updates {
            update_ids.push(update.update_id);
            message_ids.push(update.message_id);
            payloads.push(update.payload);
        }
        let new = self
            .write_one(
                "WITH received AS (
                    INSERT INTO channel_messages (account, update_id, message_id, payload, created_at)
                    SELECT $1, update_id, message_id, payload, $5
                    FROM unnest($2::bigint[], $3::text[], $4::text[]) WITH ORDINALITY
                        AS new (update_id, message_id, payload, number) ORDER BY number
                    ON CONFLICT (account, update_id) DO NOTHING RETURNING 1
                 ) SELECT count(*) FROM received",
                args![account, update_ids, message_ids, payloads, now.as_millis()],
            )
            .await?;
        new.map_or(Ok(0), |row| row.number(0))
    }

    async fn open_messages(
        &self,
        account: String,
        held: HashSet<i64>,
        limit: usize,
    ) -> Result<Vec<ChannelMessage>, StoreError> {
        let held: Vec<i64> = held.into_iter().collect();
        self.rows(
            "SELECT row, message_id, payload, reply, sent, phase, created_at FROM channel_messages
             WHERE account = $1 AND ended_at IS NULL AND row <> ALL ($2) ORDER BY row LIMIT $3",
            &[&account, &held, &count(limit as u64)],
        )
        .await?
        .iter()
        .map(message)
        .collect()
    }

    async fn keep_reply(&self, row: i64, reply: String) -> Result<(), StoreError> {
        self.write(
            "UPDATE channel_messages SET reply = $2 WHERE row = $1 AND reply IS NULL AND ended_at IS NULL",
            args![row, text(&reply)],
        )
        .await
        .map(|_| ())
    }

    async fn mark_sent(&self, row: i64, sent: u32, phase: SendPhase) -> Result<(), StoreError> {
        self.write(
            "UPDATE channel_messages SET sent = $2, phase = $3 WHERE row = $1",
            args![row, i64::from(sent), phase.as_str()],
        )
        .await
        .map(|_| ())
    }

    async fn end_message(&self, row: i64, now: Timestamp) -> Result<(), StoreError> {
        self.write(
            "UPDATE channel_messages SET ended_at = $2, payload = '', reply = NULL, phase = 'idle' WHERE row = $1",
            args![row, now.as_millis()],
        )
        .await
        .map(|_| ())
    }

    async fn drop_message(&self, row: i64) -> Result<(), StoreError> {
        self.write("DELETE FROM channel_messages WHERE row = $1", args![row]).await.map(|_| ())
    }
}

fn message(row: &Row) -> Result<ChannelMessage, StoreError> {
    Ok(ChannelMessage {
        row: row.get(0)?,
        message_id: row.get(1)?,
        payload: row.get(2)?,
        reply: row.get(3)?,
        sent: row.number(4)?,
        phase: SendPhase::parse(row.get(5)?),
        created_at: row.moment(6)?,
    })
}
