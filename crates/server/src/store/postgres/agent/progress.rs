//! What agents do, written down: a runner's progress, a caller's word.

use async_trait::async_trait;
use openclaw_core::{AgentStatus, RequiredAction, Timestamp};
use postgres_types::ToSql;

use super::super::event::EventItem;
use super::super::row::{Row, count, text};
use super::super::{Tx, Work};
use super::read;
use crate::store::agent::json;
use crate::store::{AgentProgress, Appended, CallerWord, Fence, HeardWord, StoreError};

/// The hot path: one call for all runners that wait for it.
pub(super) const APPEND: &str = "SELECT * FROM append_progress($1)";

/// A runner's progress as `append_progress` takes it.
#[derive(Debug, ToSql)]
#[postgres(name = "agent_progress")]
pub(super) struct ProgressItem {
    agent: i64,
    epoch: i64,
    entries: Vec<String>,
    found: Option<i64>,
    input_tokens: i64,
    output_tokens: i64,
    steps: i64,
    tool_calls: i64,
    estimated: bool,
    answered_by: Option<String>,
    actions: Option<String>,
    events: Vec<EventItem>,
    now: i64,
}

impl ProgressItem {
    /// With `actions`, the agent waits for its caller.
    pub(super) fn new(
        fence: Fence,
        progress: AgentProgress,
        actions: Option<&[RequiredAction]>,
        now: Timestamp,
    ) -> Self {
        let usage = progress.usage;
        Self {
            agent: fence.row,
            epoch: count(fence.epoch),
            entries: progress.entries,
            found: progress.found.map(|index| count(index as u64 + 1)),
            input_tokens: count(usage.input_tokens),
            output_tokens: count(usage.output_tokens),
            steps: count(usage.steps),
            tool_calls: count(usage.tool_calls),
            estimated: progress.estimated,
            answered_by: progress.answered_by.as_deref().map(text),
            actions: actions.map(json),
            events: progress.events.into_iter().map(EventItem::from).collect(),
            now: now.as_millis(),
        }
    }
}

/// How far an agent is after its progress was stored.
pub(super) fn stored(row: &Row) -> Result<Appended, StoreError> {
    let Some(journal_length) = row.number_or_none(0)? else { return Ok(Appended::Fenced) };
    let tokens_left: i64 = row.get(1)?;
    Ok(Appended::Stored { journal_length, tokens_left: u64::try_from(tokens_left).unwrap_or(0) })
}

/// A runner's progress, and its agent parked until children have ended: a transaction of its own, as it locks them too.
pub(super) struct Park {
    pub(super) progress: ProgressItem,
    pub(super) ids: Vec<String>,
    pub(super) all: bool,
}

#[async_trait]
impl Work for Park {
    type Done = Appended;

    async fn run(&self, tx: &Tx<'_>) -> Result<Appended, StoreError> {
        let row = tx
            .one(
                "SELECT journal_length, tokens_left, journal_length IS NOT NULL AND await_children($2, $3, $4)
                 FROM append_progress(ARRAY[$1::agent_progress])",
                &[&self.progress, &self.progress.agent, &self.ids, &self.all],
            )
            .await?;
        if row.get(2)? { Ok(Appended::Parked) } else { stored(&row) }
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
