//! Sessions and messages in SQLite.

use async_trait::async_trait;
use openclaw_core::session::SessionStatus;
use openclaw_core::{FinishReason, Message, Session, Timestamp, Usage, User};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Sqlite, cursor, rows};
use crate::store::session::{json, role, status};
use crate::store::{PageQuery, Rows, SessionEdit, SessionStore, StoreError};

const COLUMNS: &str =
    "row, id, title, channel, metadata, model, message_count, input_tokens, output_tokens, created_at,
    updated_at, EXISTS (SELECT 1 FROM turns WHERE turns.session = sessions.row AND ending IS NULL)";

#[async_trait]
impl SessionStore for Sqlite {
    async fn find_session(&self, workspace: String, id: String) -> Result<Option<Session>, StoreError> {
        self.readers.read(move |connection| Ok(find(connection, &workspace, &id)?.map(|(_, session)| session))).await
    }

    async fn list_sessions(&self, workspace: String, page: PageQuery) -> Result<Rows<Session>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM sessions WHERE workspace = ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3"
                    ))?
                    .query_map(params![workspace, before, page.limit + 1], read_session)?
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(|found| rows(found, page.limit))
            })
            .await
    }

    async fn update_session(
        &self,
        workspace: String,
        id: String,
        now: Timestamp,
        edit: SessionEdit,
    ) -> Result<Option<Session>, StoreError> {
        self.writer
            .write(move |connection| {
                let Some((row, mut session)) = find(connection, &workspace, &id)? else { return Ok(None) };
                let change = edit(&session);
                session.title = change.title.unwrap_or(session.title);
                session.metadata = change.metadata.unwrap_or(session.metadata);
                session.updated_at = now;
                connection
                    .prepare_cached("UPDATE sessions SET title = ?2, metadata = ?3, updated_at = ?4 WHERE row = ?1")?
                    .execute(params![row, session.title, json(&session.metadata), now.as_millis()])?;
                Ok(Some(session))
            })
            .await
    }

    async fn delete_session(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("DELETE FROM sessions WHERE workspace = ?1 AND id = ?2")?
                    .execute(params![workspace, id])
                    .map(|deleted| deleted > 0)
            })
            .await
    }

    async fn list_messages(
        &self,
        workspace: String,
        id: String,
        newest_first: bool,
        page: PageQuery,
    ) -> Result<Option<Rows<Message>>, StoreError> {
        let after = cursor(&page)?;
        self.readers
            .read(move |connection| {
                let Some((session, _)) = find(connection, &workspace, &id)? else { return Ok(None) };
                let (comparison, order, start) =
                    if newest_first { ("<", "DESC", i64::MAX) } else { (">", "ASC", i64::MIN) };
                connection
                    .prepare_cached(&format!(
                        "SELECT seq, id, role, status, content, channel, user_id, username, model, input_tokens,
                                output_tokens, finish_reason, metadata, created_at
                         FROM messages WHERE session = ?1 AND seq {comparison} ?2 ORDER BY seq {order} LIMIT ?3"
                    ))?
                    .query_map(params![session, after.unwrap_or(start), page.limit + 1], |row| read_message(row, &id))?
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(|found| Some(rows(found, page.limit)))
            })
            .await
    }
}

fn find(connection: &Connection, workspace: &str, id: &str) -> rusqlite::Result<Option<(i64, Session)>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE workspace = ?1 AND id = ?2"))?
        .query_row([workspace, id], read_session)
        .optional()
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<(i64, Session)> {
    let metadata: String = row.get(4)?;
    let running: bool = row.get(11)?;
    let session = Session {
        id: row.get(1)?,
        status: if running { SessionStatus::Running } else { SessionStatus::Idle },
        title: row.get(2)?,
        channel: row.get(3)?,
        metadata: serde_json::from_str(&metadata).unwrap_or_default(),
        model: row.get(5)?,
        message_count: row.get(6)?,
        usage: Usage { input_tokens: row.get(7)?, output_tokens: row.get(8)? },
        created_at: Timestamp::from_millis(row.get(9)?),
        updated_at: Timestamp::from_millis(row.get(10)?),
    };
    Ok((row.get(0)?, session))
}

fn read_message(row: &Row<'_>, session_id: &str) -> rusqlite::Result<(i64, Message)> {
    let role = role(&row.get::<_, String>(2)?);
    let metadata: Option<String> = row.get(12)?;
    let usage = match (row.get::<_, Option<u64>>(9)?, row.get::<_, Option<u64>>(10)?) {
        (Some(input_tokens), Some(output_tokens)) => Some(Usage { input_tokens, output_tokens }),
        _ => None,
    };
    let user =
        row.get::<_, Option<String>>(6)?.map(|id| -> rusqlite::Result<User> { Ok(User { id, username: row.get(7)? }) });
    let message = Message {
        id: row.get(1)?,
        session_id: session_id.to_owned(),
        role,
        status: status(&row.get::<_, String>(3)?),
        content: row.get(4)?,
        channel: row.get(5)?,
        user: user.transpose()?,
        model: row.get(8)?,
        usage,
        finish_reason: row.get::<_, Option<String>>(11)?.as_deref().and_then(FinishReason::parse),
        metadata: metadata.and_then(|text| serde_json::from_str(&text).ok()),
        created_at: Timestamp::from_millis(row.get(13)?),
    };
    Ok((row.get(0)?, message))
}
