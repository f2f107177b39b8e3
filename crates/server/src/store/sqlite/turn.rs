//! Turns in SQLite: a message and its event, then a reply with its event and its tokens.

use async_trait::async_trait;
use openclaw_core::{MessageStatus, Role, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Sqlite;
use super::channel::keep_reply;
use super::event::insert_event;
use super::idempotency::{EarlierCall, find_claim, insert_claim};
use crate::store::session::{json, role};
use crate::store::{
    BegunTurn, EndTurn, Ending, HistoryBounds, IdempotencyClaim, NewReply, NewTurn, OpenedTurn, StoreError, TurnStore,
};

#[async_trait]
impl TurnStore for Sqlite {
    async fn begin_turn(&self, turn: NewTurn) -> Result<BegunTurn, StoreError> {
        self.writer
            .write(move |connection| {
                if let Some(claim) = &turn.idempotency
                    && let Some(found) = claim_idempotency(connection, &turn, claim)?
                {
                    return Ok(found);
                }
                if turn.may_be_stored
                    && let Some(session) = reopen_turn(connection, &turn.message_id)?
                {
                    let history = history(connection, session, turn.history)?;
                    return Ok(BegunTurn::Begun(OpenedTurn { history, session }));
                }
                let (session, seq) = touch_session(connection, &turn)?;
                if seq == 1 {
                    insert_event(connection, &turn.workspace, &turn.session_created, turn.now)?;
                }
                let history = history(connection, session, turn.history)?;
                insert_message(connection, &turn, session, seq)?;
                insert_turn(connection, &turn, session)?;
                insert_event(connection, &turn.workspace, &turn.message_received, turn.now)?;
                Ok(BegunTurn::Begun(OpenedTurn { history, session }))
            })
            .await
    }

    async fn end_turn(&self, turn: EndTurn) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                if !close_turn(connection, &turn)? {
                    return Ok(false);
                }
                if let Some(reply) = &turn.reply {
                    insert_reply(connection, &turn, reply)?;
                }
                if let (Some(row), Some(reply), Ending::Completed) = (turn.answers, &turn.reply, turn.ending) {
                    keep_reply(connection, row, &reply.content)?;
                }
                if let Some((key, answer)) = &turn.idempotency {
                    settle_idempotency(connection, &turn, key, answer.as_deref())?;
                }
                Ok(true)
            })
            .await
    }

    async fn end_crashed_turns(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writer
            .write(move |connection| {
                connection.execute("DELETE FROM idempotency WHERE answer IS NULL", [])?;
                connection
                    .execute(
                        "UPDATE turns SET ending = ?1, estimated = 1, input_tokens = input_tokens + (message_bytes + 3) / 4, ended_at = ?2
                         WHERE ending IS NULL",
                        params![Ending::Crashed.as_str(), now.as_millis()],
                    )
                    .map(|ended| ended as u64)
            })
            .await
    }
}

/// Claims the key, or tells what came of the earlier call that has it.
fn claim_idempotency(
    connection: &Connection,
    turn: &NewTurn,
    claim: &IdempotencyClaim,
) -> rusqlite::Result<Option<BegunTurn>> {
    Ok(match find_claim(connection, &turn.workspace, claim)? {
        Some(EarlierCall::Another) => Some(BegunTurn::KeyReused),
        Some(EarlierCall::Answered(answer)) => Some(BegunTurn::Replayed(answer)),
        Some(EarlierCall::UnderWay) => Some(BegunTurn::InProgress),
        None => {
            insert_claim(connection, &turn.workspace, claim, &turn.message_id, None, turn.now)?;
            None
        }
    })
}

/// Keeps the answer for the key, or frees the key so that the call may be made again.
fn settle_idempotency(
    connection: &Connection,
    turn: &EndTurn,
    key: &str,
    answer: Option<&str>,
) -> rusqlite::Result<()> {
    let statement = match answer {
        Some(_) => "UPDATE idempotency SET answer = ?4 WHERE workspace = ?1 AND key = ?2 AND turn = ?3",
        None => "DELETE FROM idempotency WHERE workspace = ?1 AND key = ?2 AND turn = ?3 AND ?4 IS NULL",
    };
    connection.prepare_cached(statement)?.execute(params![turn.workspace, key, turn.message_id, answer]).map(|_| ())
}

/// Makes the session or counts one message more; gives its handle and the message's number in it.
fn touch_session(connection: &Connection, turn: &NewTurn) -> rusqlite::Result<(i64, i64)> {
    connection
        .prepare_cached(
            "INSERT INTO sessions (workspace, id, channel, message_count, created_at, updated_at)
             VALUES (?1, ?2, ?3, 1, ?4, ?4)
             ON CONFLICT (workspace, id) DO UPDATE
                SET message_count = message_count + 1, channel = excluded.channel, updated_at = excluded.updated_at
             RETURNING row, message_count",
        )?
        .query_row(params![turn.workspace, turn.session_id, turn.channel, turn.now.as_millis()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
}

/// The latest messages within the bounds, oldest first. Reads no more rows than it may give.
fn history(connection: &Connection, session: i64, bounds: HistoryBounds) -> rusqlite::Result<Vec<(Role, String)>> {
    let mut statement =
        connection.prepare_cached("SELECT role, content FROM messages WHERE session = ?1 ORDER BY seq DESC")?;
    // Bounded by the loop: SQLite plans a statement with a bound LIMIT anew at every call.
    let mut rows = statement.query([session])?;
    let mut bytes = 0;
    let mut messages = Vec::new();
    while messages.len() < bounds.messages_max as usize
        && let Some(row) = rows.next()?
    {
        let content = row.get_ref(1)?.as_str()?;
        bytes += content.len() as u64;
        if bytes > bounds.bytes_max {
            break;
        }
        messages.push((role(row.get_ref(0)?.as_str()?), content.to_owned()));
    }
    messages.reverse();
    Ok(messages)
}

fn insert_message(connection: &Connection, turn: &NewTurn, session: i64, seq: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO messages (session, seq, id, role, status, content, channel, user_id, username, metadata, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            session,
            seq,
            turn.message_id,
            Role::User.as_str(),
            MessageStatus::Complete.as_str(),
            turn.content,
            turn.channel,
            turn.user.as_ref().map(|user| &user.id),
            turn.user.as_ref().and_then(|user| user.username.as_ref()),
            turn.metadata.as_ref().map(json),
            turn.now.as_millis(),
        ])
        .map(|_| ())
}

fn insert_turn(connection: &Connection, turn: &NewTurn, session: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, begun_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            turn.message_id,
            turn.workspace,
            turn.key_id,
            session,
            turn.content.len(),
            turn.model,
            turn.now.as_millis(),
        ])
        .map(|_| ())
}

/// Opens a turn again that was cut off; what was booked for it stays booked. Gives its session.
fn reopen_turn(connection: &Connection, message_id: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("UPDATE turns SET ending = NULL, ended_at = NULL WHERE id = ?1 RETURNING session")?
        .query_row([message_id], |row| row.get(0))
        .optional()
}

/// Books the ending on top of what a cut-off try had booked; `false` if the turn had one.
fn close_turn(connection: &Connection, turn: &EndTurn) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "UPDATE turns SET ending = ?2, model = ?3, provider = ?4, input_tokens = input_tokens + ?5, output_tokens = output_tokens + ?6,
                              estimated = ?7, ended_at = ?8
             WHERE id = ?1 AND ending IS NULL",
        )?
        .execute(params![
            turn.message_id,
            turn.ending.as_str(),
            turn.model,
            turn.provider,
            turn.usage.input_tokens,
            turn.usage.output_tokens,
            turn.estimated,
            turn.now.as_millis(),
        ])
        .map(|changed| changed > 0)
}

/// Stores the reply and counts it, unless its session was deleted meanwhile.
fn insert_reply(connection: &Connection, turn: &EndTurn, reply: &NewReply) -> rusqlite::Result<()> {
    let seq: Option<i64> = connection
        .prepare_cached(
            "UPDATE sessions SET message_count = message_count + 1, model = ?2, input_tokens = input_tokens + ?3,
                                 output_tokens = output_tokens + ?4, updated_at = ?5
             WHERE row = ?1 RETURNING message_count",
        )?
        .query_row(
            params![turn.session, turn.model, turn.usage.input_tokens, turn.usage.output_tokens, turn.now.as_millis()],
            |row| row.get(0),
        )
        .optional()?;
    let Some(seq) = seq else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT INTO messages (session, seq, id, role, status, content, channel, model, input_tokens, output_tokens,
                                   finish_reason, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            turn.session,
            seq,
            reply.id,
            Role::Assistant.as_str(),
            reply.status.as_str(),
            reply.content,
            reply.channel,
            turn.model,
            turn.usage.input_tokens,
            turn.usage.output_tokens,
            reply.finish_reason.map(openclaw_core::FinishReason::as_str),
            turn.now.as_millis(),
        ])?;
    match &reply.message_sent {
        Some(event) => insert_event(connection, &turn.workspace, event, turn.now),
        None => Ok(()),
    }
}
