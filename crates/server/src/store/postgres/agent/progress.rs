//! What agents do, written down: a runner's progress, a caller's word.

use async_trait::async_trait;
use openclaw_core::{AgentStatus, RequiredAction, Timestamp};
use tokio_postgres::types::ToSql;

use super::super::event::EventColumns;
use super::super::row::{Row, count, text};
use super::super::{Args, Tx, Work, args};
use super::read;
use crate::store::agent::json;
use crate::store::{AgentProgress, Appended, CallerWord, Fence, HeardWord, StoreError};

/// The hot path: one statement, in a commit with those of other agents.
pub(super) const APPEND: &str = "SELECT journal_length, tokens_left
    FROM append_progress($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// The values of `append_progress`; without an epoch they are a tree's that no runner ends.
pub(super) fn values(
    row: i64,
    epoch: Option<u64>,
    progress: AgentProgress,
    actions: Option<&[RequiredAction]>,
    now: Timestamp,
) -> Args {
    let usage = progress.usage;
    let events: EventColumns = progress.events.into_iter().collect();
    args![
        row,
        epoch.map(count),
        progress.entries,
        progress.found.map(|index| count(index as u64 + 1)),
        count(usage.input_tokens),
        count(usage.output_tokens),
        count(usage.steps),
        count(usage.tool_calls),
        progress.estimated,
        progress.answered_by.as_deref().map(text),
        actions.map(json),
        events.ids,
        events.names,
        events.payloads,
        events.deliver_to,
        now.as_millis(),
    ]
}

/// Owned values as a transaction takes them.
pub(super) fn borrowed(values: &[Box<dyn ToSql + Sync + Send>]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect()
}

/// How far an agent is after its progress was stored.
pub(super) fn stored(row: Option<&Row>) -> Result<Appended, StoreError> {
    let Some(row) = row else { return Ok(Appended::Fenced) };
    let Some(journal_length) = row.number_or_none(0)? else { return Ok(Appended::Fenced) };
    let tokens_left: i64 = row.get(1)?;
    Ok(Appended::Stored { journal_length, tokens_left: u64::try_from(tokens_left).unwrap_or(0) })
}

/// A runner's progress, and its agent parked until children have ended: a transaction of its own, as it locks them too.
pub(super) struct Park {
    values: Args,
}

impl Park {
    pub(super) fn new(fence: Fence, progress: AgentProgress, ids: Vec<String>, all: bool, now: Timestamp) -> Self {
        let mut values = values(fence.row, Some(fence.epoch), progress, None, now);
        values.extend(args![ids, all]);
        Self { values }
    }
}

#[async_trait]
impl Work for Park {
    type Done = Appended;

    async fn run(&self, tx: &Tx<'_>) -> Result<Appended, StoreError> {
        let row = tx
            .one(
                "SELECT journal_length, tokens_left, journal_length IS NOT NULL AND await_children($1, $17, $18)
                 FROM append_progress($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                &borrowed(&self.values),
            )
            .await?;
        if row.get(2)? { Ok(Appended::Parked) } else { stored(Some(&row)) }
    }
}

/// A caller's word.
pub(super) struct Hear {
    pub(super) word: CallerWord,
}

#[async_trait]
impl Work for Hear {
    type Done = HeardWord;

    async fn run(&self, tx: &Tx<'_>) -> Result<HeardWord, StoreError> {
        let word = &self.word;
        let locking = read::by_id() + " FOR NO KEY UPDATE";
        let Some(found) = tx.row(&locking, &[&word.workspace, &text(&word.id)]).await? else {
            return Ok(HeardWord::NoAgent);
        };
        let stored = read::read(&found)?;
        if stored.agent.status.is_ended() {
            return Ok(HeardWord::Ended);
        }
        let mut actions = stored.agent.required_actions;
        if let Some(id) = &word.action_id {
            let Some(index) = actions.iter().position(|action| action.id == *id) else {
                return Ok(HeardWord::NoAction);
            };
            actions.remove(index);
        }
        let woken = word.action_id.is_some() && actions.is_empty();
        let statement = format!(
            "WITH told AS (INSERT INTO journal (agent, seq, entry, created_at) VALUES ($1, $2, $3, $4))
             UPDATE agents SET journal_length = $2, required_actions = $5,
                               place = CASE WHEN $6 THEN 'ready' ELSE place END,
                               holder = CASE WHEN $6 THEN NULL ELSE holder END,
                               status = CASE WHEN $6 THEN $7 ELSE status END WHERE row = $1
             RETURNING {}",
            read::COLUMNS
        );
        let heard = tx
            .one(
                &statement,
                &[
                    &stored.row,
                    &count(stored.journal_length + 1),
                    &word.entry,
                    &word.now.as_millis(),
                    &(!actions.is_empty()).then(|| json(&actions)),
                    &woken,
                    &AgentStatus::Running.as_str(),
                ],
            )
            .await?;
        Ok(HeardWord::Heard { agent: Box::new(read::read(&heard)?.agent), woken })
    }
}
