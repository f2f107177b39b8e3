//! What came in by channels, in SQLite.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::Timestamp;
use rusqlite::{Connection, Row, params};

use super::Sqlite;
use crate::store::{ChannelMessage, ChannelStore, NewUpdate, SendPhase, StoreError};

#[async_trait]
impl ChannelStore for Sqlite {
    /// One gateway owns the file.
    async fn receive_updates(
        &self,
        account: String,
        updates: Vec<NewUpdate>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.writer
            .write(move |connection| {
                let mut insert = connection.prepare_cached(
                    "INSERT INTO channel_messages (account, update_id, message_id, payload, created_at)
                     VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (account, update_id) DO NOTHING",
                )?;
                let mut new = 0;
                for update in &updates {
                    let values = params![account, update.update_id, update.message_id, update.payload, now.as_millis()];
                    new += insert.execute(values)? as u64;
                }
                Ok(new)
            })
            .await
    }

    async fn open_messages(
        &self,
        account: String,
        held: HashSet<i64>,
        limit: usize,
    ) -> Result<Vec<ChannelMessage>, StoreError> {
        self.readers.read(move |connection| open(connection, &account, &held, limit)).await
    }

    async fn keep_reply(&self, row: i64, reply: String) -> Result<(), StoreError> {
        self.writer.write(move |connection| keep_reply(connection, row, &reply)).await
    }

    async fn mark_sent(&self, row: i64, sent: u32, phase: SendPhase) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE channel_messages SET sent = ?2, phase = ?3 WHERE row = ?1")?
                    .execute(params![row, sent, phase.as_str()])
                    .map(|_| ())
            })
            .await
    }

    async fn end_message(&self, row: i64, now: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE channel_messages SET ended_at = ?2, payload = '', reply = NULL, phase = 'idle'
                         WHERE row = ?1",
                    )?
                    .execute(params![row, now.as_millis()])
                    .map(|_| ())
            })
            .await
    }

    async fn drop_message(&self, row: i64) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let mut delete = connection.prepare_cached("DELETE FROM channel_messages WHERE row = ?1")?;
                delete.execute([row]).map(|_| ())
            })
            .await
    }
}

/// Keeps a reply to be sent, unless there is one.
pub(super) fn keep_reply(connection: &Connection, row: i64, reply: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE channel_messages SET reply = ?2 WHERE row = ?1 AND reply IS NULL AND ended_at IS NULL")?
        .execute(params![row, reply])
        .map(|_| ())
}

fn open(
    connection: &Connection,
    account: &str,
    held: &HashSet<i64>,
    limit: usize,
) -> rusqlite::Result<Vec<ChannelMessage>> {
    let mut statement = connection.prepare_cached(
        "SELECT row, message_id, payload, reply, sent, phase, created_at FROM channel_messages
         WHERE account = ?1 AND ended_at IS NULL ORDER BY row",
    )?;
    let mut rows = statement.query([account])?;
    let mut found = Vec::new();
    // Bounded by the loop, as everywhere: a bound LIMIT is planned anew at every call.
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        if !held.contains(&row.get(0)?) {
            found.push(message(row)?);
        }
    }
    Ok(found)
}

fn message(row: &Row<'_>) -> rusqlite::Result<ChannelMessage> {
    Ok(ChannelMessage {
        row: row.get(0)?,
        message_id: row.get(1)?,
        payload: row.get(2)?,
        reply: row.get(3)?,
        sent: row.get(4)?,
        phase: SendPhase::parse(row.get_ref(5)?.as_str()?),
        created_at: Timestamp::from_millis(row.get(6)?),
    })
}
