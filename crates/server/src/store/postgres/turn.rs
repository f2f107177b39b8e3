//! Turns in PostgreSQL: each half is one statement, a function of the database.

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::row::{Row, count, text};
use super::{Postgres, args};
use crate::store::session::{json, role};
use crate::store::{BegunTurn, EndTurn, NewTurn, OpenedTurn, StoreError, TurnStore};

#[async_trait]
impl TurnStore for Postgres {
    async fn begin_turn(&self, turn: NewTurn) -> Result<BegunTurn, StoreError> {
        let (key, hash, forget_before) = match turn.idempotency {
            None => (None, None, 0),
            Some(claim) => (Some(claim.key), Some(claim.request_hash.to_vec()), claim.forget_before.as_millis()),
        };
        let (user_id, username) = turn.user.map_or((None, None), |user| (Some(user.id), user.username));
        let values = args![
            turn.workspace,
            turn.key_id,
            turn.session_id,
            turn.message_id,
            text(&turn.content),
            text(&turn.channel),
            user_id.as_deref().map(text),
            username.as_deref().map(text),
            turn.metadata.as_ref().map(json),
            turn.model,
            turn.session_created.id,
            turn.session_created.name.as_str(),
            turn.session_created.payload,
            turn.message_received.id,
            turn.message_received.name.as_str(),
            turn.message_received.payload,
            i64::from(turn.history.messages_max),
            count(turn.history.bytes_max),
            key,
            hash,
            forget_before,
            turn.may_be_stored,
            self.holder(),
            turn.now.as_millis(),
        ];
        let begun = self
            .write_one(
                "SELECT * FROM begin_turn($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                                          $19, $20, $21, $22, $23, $24)",
                values,
            )
            .await?;
        read_begun(&begun.ok_or_else(|| StoreError::Engine("`begin_turn` gave nothing".into()))?)
    }

    async fn end_turn(&self, turn: EndTurn) -> Result<bool, StoreError> {
        let (key, answer) = turn.idempotency.map_or((None, None), |(key, answer)| (Some(key), answer));
        let reply = turn.reply.as_ref();
        let sent = reply.and_then(|reply| reply.message_sent.as_ref());
        let values = args![
            turn.workspace,
            turn.message_id,
            turn.session,
            turn.ending.as_str(),
            text(&turn.model),
            turn.provider,
            count(turn.usage.input_tokens),
            count(turn.usage.output_tokens),
            turn.estimated,
            reply.map(|reply| reply.id.clone()),
            reply.map(|reply| text(&reply.content)),
            reply.map(|reply| reply.status.as_str()),
            reply.and_then(|reply| reply.finish_reason).map(openclaw_core::FinishReason::as_str),
            reply.map(|reply| text(&reply.channel)),
            sent.map(|event| event.id.clone()),
            sent.map(|event| event.name.as_str()),
            sent.map(|event| event.payload.clone()),
            key,
            answer,
            turn.answers,
            turn.now.as_millis(),
        ];
        let ended = self
            .write_one(
                "SELECT end_turn($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                                 $20, $21)",
                values,
            )
            .await?;
        ended.map_or(Ok(false), |row| row.get(0))
    }

    async fn end_crashed_turns(&self, now: Timestamp) -> Result<u64, StoreError> {
        let taken = self.write_one("SELECT turns_crashed FROM take_over($1)", args![now.as_millis()]).await?;
        taken.map_or(Ok(0), |row| row.number(0))
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
