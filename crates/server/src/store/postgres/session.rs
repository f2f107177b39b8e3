//! Sessions and messages in PostgreSQL.

use async_trait::async_trait;
use openclaw_core::session::SessionStatus;
use openclaw_core::{FinishReason, Message, Session, Timestamp, Usage, User};

use super::row::{Row, cursor, limit, page as page_of, text};
use super::{Postgres, Tx, Work, args};
use crate::store::session::{json, role, status};
use crate::store::{PageQuery, Rows, SessionEdit, SessionStore, StoreError};

const SELECT: &str =
    "SELECT row, id, title, channel, metadata, model, message_count, input_tokens, output_tokens, created_at, updated_at,
            EXISTS (SELECT 1 FROM turns WHERE turns.session = sessions.row AND ending IS NULL) FROM sessions";

#[async_trait]
impl SessionStore for Postgres {
    async fn find_session(&self, workspace: String, id: String) -> Result<Option<Session>, StoreError> {
        let found = self.row(&format!("{SELECT} WHERE workspace = $1 AND id = $2"), &[&workspace, &id]).await?;
        found.as_ref().map(read_session).transpose()
    }

    async fn list_sessions(&self, workspace: String, page: PageQuery) -> Result<Rows<Session>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let statement = format!("{SELECT} WHERE workspace = $1 AND row < $2 ORDER BY row DESC LIMIT $3");
        page_of(&self.rows(&statement, &[&workspace, &before, &limit(&page)]).await?, page.limit, read_session)
    }

    async fn update_session(
        &self,
        workspace: String,
        id: String,
        now: Timestamp,
        edit: SessionEdit,
    ) -> Result<Option<Session>, StoreError> {
        self.transact(&Edit { workspace, id, now, change: edit }).await
    }

    async fn delete_session(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        let deleted = self
            .write("DELETE FROM sessions WHERE workspace = $1 AND id = $2 RETURNING 1", args![workspace, id])
            .await?;
        Ok(!deleted.is_empty())
    }

    async fn list_messages(
        &self,
        workspace: String,
        id: String,
        newest_first: bool,
        page: PageQuery,
    ) -> Result<Option<Rows<Message>>, StoreError> {
        let after = cursor(&page)?;
        let session = self.row("SELECT row FROM sessions WHERE workspace = $1 AND id = $2", &[&workspace, &id]).await?;
        let Some(session) = session else { return Ok(None) };
        let (comparison, order, start) = if newest_first { ("<", "DESC", i64::MAX) } else { (">", "ASC", i64::MIN) };
        let statement = format!(
            "SELECT seq, id, role, status, content, channel, user_id, username, model, input_tokens, output_tokens,
                    finish_reason, metadata, created_at
             FROM messages WHERE session = $1 AND seq {comparison} $2 ORDER BY seq {order} LIMIT $3"
        );
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
            [&session.get::<i64>(0)?, &after.unwrap_or(start), &limit(&page)];
        page_of(&self.rows(&statement, &values).await?, page.limit, |row| read_message(row, &id)).map(Some)
    }
}

/// A session's change, while nobody else changes it.
struct Edit {
    workspace: String,
    id: String,
    now: Timestamp,
    change: SessionEdit,
}

#[async_trait]
impl Work for Edit {
    type Done = Option<Session>;

    async fn run(&self, tx: &Tx<'_>) -> Result<Option<Session>, StoreError> {
        let statement = format!("{SELECT} WHERE workspace = $1 AND id = $2 FOR NO KEY UPDATE");
        let Some(found) = tx.row(&statement, &[&self.workspace, &self.id]).await? else { return Ok(None) };
        let mut session = read_session(&found)?;
        let change = (self.change)(&session);
        session.title = change.title.unwrap_or(session.title);
        session.metadata = change.metadata.unwrap_or(session.metadata);
        session.updated_at = self.now;
        tx.execute(
            "UPDATE sessions SET title = $2, metadata = $3, updated_at = $4 WHERE row = $1",
            &[
                &found.get::<i64>(0)?,
                &session.title.as_deref().map(text),
                &json(&session.metadata),
                &self.now.as_millis(),
            ],
        )
        .await?;
        Ok(Some(session))
    }
}

fn read_session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.get(1)?,
        status: if row.get(11)? { SessionStatus::Running } else { SessionStatus::Idle },
        title: row.get(2)?,
        channel: row.get(3)?,
        metadata: row.json_or_none(4)?.unwrap_or_default(),
        model: row.get(5)?,
        message_count: row.number(6)?,
        usage: Usage { input_tokens: row.number(7)?, output_tokens: row.number(8)? },
        created_at: row.moment(9)?,
        updated_at: row.moment(10)?,
    })
}

fn read_message(row: &Row, session_id: &str) -> Result<Message, StoreError> {
    let usage = match (row.number_or_none(9)?, row.number_or_none(10)?) {
        (Some(input_tokens), Some(output_tokens)) => Some(Usage { input_tokens, output_tokens }),
        _ => None,
    };
    let username = row.get(7)?;
    Ok(Message {
        id: row.get(1)?,
        session_id: session_id.to_owned(),
        role: role(row.get(2)?),
        status: status(row.get(3)?),
        content: row.get(4)?,
        channel: row.get(5)?,
        user: row.get::<Option<String>>(6)?.map(|id| User { id, username }),
        model: row.get(8)?,
        usage,
        finish_reason: row.get::<Option<&str>>(11)?.and_then(FinishReason::parse),
        metadata: row.json_or_none(12)?,
        created_at: row.moment(13)?,
    })
}
