//! Turns in PostgreSQL: what many want at once is one call of a function of the database.

use async_trait::async_trait;
use openclaw_core::{FinishReason, Timestamp};
use postgres_types::ToSql;

use super::event::EventItem;
use super::row::{Row, count, text};
use super::{Postgres, args};
use crate::store::session::{json, role};
use crate::store::{BegunTurn, EndTurn, NewTurn, OpenedTurn, StoreError, TurnStore};

#[async_trait]
impl TurnStore for Postgres {
    async fn begin_turn(&self, turn: NewTurn) -> Result<BegunTurn, StoreError> {
        if turn.may_be_stored
            && let Some(reopened) = self.reopen_turn(&turn).await?
        {
            return Ok(reopened);
        }
        let session = (turn.workspace.clone(), turn.session_id.clone());
        let turn = TurnToBegin::of(turn, self.holder());
        read_begun(&self.write_item("SELECT * FROM begin_turns($1)", session, turn).await?)
    }

    async fn end_turn(&self, turn: EndTurn) -> Result<bool, StoreError> {
        let session = turn.session;
        self.write_item("SELECT * FROM end_turns($1)", session, TurnToEnd::of(turn)).await?.get(0)
    }

    async fn end_crashed_turns(&self, now: Timestamp) -> Result<u64, StoreError> {
        let taken = self.write_one("SELECT turns_crashed FROM take_over($1)", args![now.as_millis()]).await?;
        taken.map_or(Ok(0), |row| row.number(0))
    }
}

impl Postgres {
    /// Opens a turn again whose message is stored, if it is.
    async fn reopen_turn(&self, turn: &NewTurn) -> Result<Option<BegunTurn>, StoreError> {
        let (messages_max, bytes_max) = (i64::from(turn.history.messages_max), count(turn.history.bytes_max));
        let values = args![turn.message_id.clone(), messages_max, bytes_max, self.holder()];
        let reopened = self.write_one("SELECT * FROM reopen_turn($1, $2, $3, $4)", values).await?;
        reopened.as_ref().map(read_begun).transpose()
    }
}

/// A turn as `begin_turns` takes it.
#[derive(Debug, ToSql)]
#[postgres(name = "turn_to_begin")]
struct TurnToBegin {
    workspace: String,
    key_id: String,
    session_id: String,
    message_id: String,
    content: String,
    channel: String,
    user_id: Option<String>,
    username: Option<String>,
    metadata: Option<String>,
    model: String,
    created: EventItem,
    received: EventItem,
    messages_max: i64,
    bytes_max: i64,
    idempotency_key: Option<String>,
    request_hash: Option<Vec<u8>>,
    forget_before: Option<i64>,
    holder: i64,
    now: i64,
}

impl TurnToBegin {
    fn of(turn: NewTurn, holder: i64) -> Self {
        let (user_id, username) = turn.user.map_or((None, None), |user| (Some(user.id), user.username));
        let (idempotency_key, request_hash, forget_before) = match turn.idempotency {
            None => (None, None, None),
            Some(claim) => (Some(claim.key), Some(claim.request_hash.to_vec()), Some(claim.forget_before.as_millis())),
        };
        Self {
            workspace: turn.workspace,
            key_id: turn.key_id,
            session_id: turn.session_id,
            message_id: turn.message_id,
            content: text(&turn.content),
            channel: text(&turn.channel),
            user_id: user_id.as_deref().map(text),
            username: username.as_deref().map(text),
            metadata: turn.metadata.as_ref().map(json),
            model: turn.model,
            created: turn.session_created.into(),
            received: turn.message_received.into(),
            messages_max: i64::from(turn.history.messages_max),
            bytes_max: count(turn.history.bytes_max),
            idempotency_key,
            request_hash,
            forget_before,
            holder,
            now: turn.now.as_millis(),
        }
    }
}

/// A turn as `end_turns` takes it.
#[derive(Debug, ToSql)]
#[postgres(name = "turn_to_end")]
struct TurnToEnd {
    workspace: String,
    message_id: String,
    session: i64,
    ending: &'static str,
    model: String,
    provider: Option<String>,
    input_tokens: i64,
    output_tokens: i64,
    estimated: bool,
    reply_id: Option<String>,
    content: Option<String>,
    status: Option<&'static str>,
    finish_reason: Option<&'static str>,
    channel: Option<String>,
    sent: Option<EventItem>,
    idempotency_key: Option<String>,
    answer: Option<String>,
    answers: Option<i64>,
    now: i64,
}

impl TurnToEnd {
    fn of(turn: EndTurn) -> Self {
        let (idempotency_key, answer) = turn.idempotency.map_or((None, None), |(key, answer)| (Some(key), answer));
        let reply = turn.reply.as_ref();
        Self {
            workspace: turn.workspace,
            message_id: turn.message_id,
            session: turn.session,
            ending: turn.ending.as_str(),
            model: text(&turn.model),
            provider: turn.provider,
            input_tokens: count(turn.usage.input_tokens),
            output_tokens: count(turn.usage.output_tokens),
            estimated: turn.estimated,
            reply_id: reply.map(|reply| reply.id.clone()),
            content: reply.map(|reply| text(&reply.content)),
            status: reply.map(|reply| reply.status.as_str()),
            finish_reason: reply.and_then(|reply| reply.finish_reason).map(FinishReason::as_str),
            channel: reply.map(|reply| text(&reply.channel)),
            sent: reply.and_then(|reply| reply.message_sent.clone()).map(EventItem::from),
            idempotency_key,
            answer,
            answers: turn.answers,
            now: turn.now.as_millis(),
        }
    }
}

fn read_begun(row: &Row) -> Result<BegunTurn, StoreError> {
    Ok(match row.get(0)? {
        "begun" => {
            let roles: Vec<&str> = row.get::<Option<_>>(3)?.unwrap_or_default();
            let contents: Vec<String> = row.get::<Option<_>>(4)?.unwrap_or_default();
            let history = roles.into_iter().map(role).zip(contents).collect();
            BegunTurn::Begun(OpenedTurn { history, session: row.get(2)? })
        }
        "busy" => BegunTurn::Busy,
        "replayed" => BegunTurn::Replayed(row.get(1)?),
        "in_progress" => BegunTurn::InProgress,
        _ => BegunTurn::KeyReused,
    })
}
