//! Agents read back.

use openclaw_core::{Agent, AgentBudget, AgentStatus, AgentUsage, SpawnAgentRequest};

use super::super::row::{BY_ID, Row, text};
use super::super::{Postgres, Tx};
use crate::store::{AgentEnding, AgentFilter, JournalEntry, StoreError, StoredAgent};

pub(super) const COLUMNS: &str = "row, workspace, key_id, id, status, epoch, journal_length, parent_id, root_id, depth,
    session_id, model, request, max_steps, max_tokens, input_tokens, output_tokens, steps, tool_calls,
    children_used + children_reserved, required_actions, ending, created_at, started_at, ended_at, expires_at";
/// How many columns these are: what a statement reads beside them comes after.
pub(super) const COLUMNS_COUNT: usize = 26;

/// The agent of that id.
pub(super) async fn find(tx: &Tx<'_>, workspace: &str, id: &str) -> Result<Option<StoredAgent>, StoreError> {
    tx.row(&by_id(), &[&workspace, &id]).await?.as_ref().map(read).transpose()
}

/// The statement that reads an agent by workspace and id.
pub(super) fn by_id() -> String {
    format!("SELECT {COLUMNS} FROM agents WHERE {BY_ID}")
}

/// Agents from `before` on, newest first; at most `limit`.
pub(super) async fn list(
    store: &Postgres,
    workspace: &str,
    filter: &AgentFilter,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    // A tree is read by its own index; the rest are checks on the way.
    let index = match filter {
        AgentFilter { parent_id: Some(_), .. } => "parent = (SELECT row FROM agents WHERE id = $4) AND",
        AgentFilter { root_id: Some(_), .. } => "root_id = $5 AND",
        _ => "",
    };
    let statement = format!(
        "SELECT {COLUMNS} FROM agents WHERE {index} workspace = $1 AND row < $2
            AND ($3::text IS NULL OR status = $3) AND ($4::text IS NULL OR parent_id = $4)
            AND ($5::text IS NULL OR root_id = $5) AND ($6::text IS NULL OR session_id = $6)
         ORDER BY row DESC LIMIT $7"
    );
    store
        .rows(
            &statement,
            &[
                &workspace,
                &before,
                &filter.status.map(AgentStatus::as_str),
                &filter.parent_id.as_deref().map(text),
                &filter.root_id.as_deref().map(text),
                &filter.session_id.as_deref().map(text),
                &limit,
            ],
        )
        .await
}

/// An entry of a journal.
pub(super) fn entry(row: &Row) -> Result<JournalEntry, StoreError> {
    Ok(JournalEntry { entry: row.get(0)?, at: row.moment(1)? })
}

/// An agent, from its columns in their order.
pub(super) fn read(row: &Row) -> Result<StoredAgent, StoreError> {
    let request: Option<SpawnAgentRequest> = row.json_or_none(12)?;
    let request = request.ok_or_else(|| StoreError::Engine("an agent has no request".into()))?;
    let ending: AgentEnding = row.json_or_none(21)?.unwrap_or_default();
    let agent = Agent {
        id: row.get(3)?,
        status: row.word(4, AgentStatus::parse)?,
        stop_reason: ending.stop_reason,
        label: request.label.clone(),
        task: request.task.clone(),
        model: row.get(11)?,
        skills: request.skills.clone().unwrap_or_default(),
        session_id: row.get(10)?,
        parent_id: row.get(7)?,
        root_id: row.get(8)?,
        depth: row.number(9)?,
        output: ending.output,
        output_json: ending.output_json,
        partial: ending.partial,
        error: ending.error,
        usage: AgentUsage {
            input_tokens: row.number(15)?,
            output_tokens: row.number(16)?,
            steps: row.number(17)?,
            tool_calls: row.number(18)?,
        },
        budget: AgentBudget { max_steps: row.number(13)?, max_tokens: row.number(14)? },
        required_actions: row.json_or_none(20)?.unwrap_or_default(),
        created_at: row.moment(22)?,
        started_at: row.moment_or_none(23)?,
        ended_at: row.moment_or_none(24)?,
        expires_at: row.moment(25)?,
        metadata: request.metadata.clone().unwrap_or_default(),
    };
    Ok(StoredAgent {
        row: row.get(0)?,
        workspace: row.get(1)?,
        key_id: row.get(2)?,
        agent,
        request,
        epoch: row.number(5)?,
        journal_length: row.number(6)?,
        children_tokens: row.number(19)?,
    })
}
