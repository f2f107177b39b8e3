//! Agents read back.

use openclaw_core::{Agent, AgentBudget, AgentStatus, AgentUsage, SpawnAgentRequest, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::super::unreadable;
use crate::store::{AgentEnding, AgentFilter, JournalEntry, StoredAgent};

const COLUMNS: &str = "row, workspace, key_id, id, status, epoch, journal_length, parent_id, root_id, depth,
    session_id, model, request, max_steps, max_tokens, input_tokens, output_tokens, steps, tool_calls,
    children_used + children_reserved, required_actions, ending, created_at, started_at, ended_at, expires_at";

/// The agent of that row.
pub(super) fn get(connection: &Connection, row: i64) -> rusqlite::Result<StoredAgent> {
    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM agents WHERE row = ?1"))?.query_row([row], read)
}

/// The agent of that id.
pub(super) fn find(connection: &Connection, workspace: &str, id: &str) -> rusqlite::Result<Option<StoredAgent>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM agents WHERE id = ?2 AND workspace = ?1"))?
        .query_row([workspace, id], read)
        .optional()
}

/// Agents from `before` on, newest first, with their rows; at most `limit`.
pub(super) fn list(
    connection: &Connection,
    workspace: &str,
    filter: &AgentFilter,
    before: i64,
    limit: u32,
) -> rusqlite::Result<Vec<(i64, Agent)>> {
    // A tree is read by its own index; the rest are checks on the way.
    let index = match filter {
        AgentFilter { parent_id: Some(_), .. } => "parent = (SELECT row FROM agents WHERE id = ?4) AND",
        AgentFilter { root_id: Some(_), .. } => "root_id = ?5 AND",
        _ => "",
    };
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM agents WHERE {index} workspace = ?1 AND row < ?2
                AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR parent_id = ?4)
                AND (?5 IS NULL OR root_id = ?5) AND (?6 IS NULL OR session_id = ?6)
             ORDER BY row DESC LIMIT ?7"
        ))?
        .query_map(
            params![
                workspace,
                before,
                filter.status.map(AgentStatus::as_str),
                filter.parent_id,
                filter.root_id,
                filter.session_id,
                limit,
            ],
            |row| read(row).map(|stored| (stored.row, stored.agent)),
        )?
        .collect()
}

/// A journal after its first `after` entries.
pub(super) fn journal(connection: &Connection, row: i64, after: u64) -> rusqlite::Result<Vec<JournalEntry>> {
    connection
        .prepare_cached("SELECT entry, created_at FROM journal WHERE agent = ?1 AND seq > ?2 ORDER BY seq")?
        .query_map(params![row, after], |row| {
            Ok(JournalEntry { entry: row.get(0)?, at: Timestamp::from_millis(row.get(1)?) })
        })?
        .collect()
}

/// Ids and payloads of an agent's events after the event of that id; `None` if there is no such event.
pub(super) fn events(
    connection: &Connection,
    row: i64,
    after: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Option<Vec<(String, String)>>> {
    let after: Option<i64> = match after {
        None => Some(0),
        Some(id) => connection
            .prepare_cached("SELECT seq FROM events WHERE id = ?1 AND agent = ?2")?
            .query_row(params![id, row], |row| row.get(0))
            .optional()?,
    };
    let Some(after) = after else { return Ok(None) };
    let mut statement =
        connection.prepare_cached("SELECT id, payload FROM events WHERE agent = ?1 AND seq > ?2 ORDER BY seq")?;
    let mut rows = statement.query(params![row, after])?;
    let mut found = Vec::new();
    while found.len() < limit as usize
        && let Some(row) = rows.next()?
    {
        found.push((row.get(0)?, row.get(1)?));
    }
    Ok(Some(found))
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredAgent> {
    let request: SpawnAgentRequest = json(row, 12)?.expect("the column is not null");
    let ending: AgentEnding = json(row, 21)?.unwrap_or_default();
    let status: String = row.get(4)?;
    let agent = Agent {
        id: row.get(3)?,
        status: AgentStatus::parse(&status).ok_or_else(|| unreadable(4, format!("no status: {status}")))?,
        stop_reason: ending.stop_reason,
        label: request.label.clone(),
        task: request.task.clone(),
        model: row.get(11)?,
        skills: request.skills.clone().unwrap_or_default(),
        session_id: row.get(10)?,
        parent_id: row.get(7)?,
        root_id: row.get(8)?,
        depth: row.get(9)?,
        output: ending.output,
        output_json: ending.output_json,
        partial: ending.partial,
        error: ending.error,
        usage: AgentUsage {
            input_tokens: row.get(15)?,
            output_tokens: row.get(16)?,
            steps: row.get(17)?,
            tool_calls: row.get(18)?,
        },
        budget: AgentBudget { max_steps: row.get(13)?, max_tokens: row.get(14)? },
        required_actions: json(row, 20)?.unwrap_or_default(),
        created_at: Timestamp::from_millis(row.get(22)?),
        started_at: row.get::<_, Option<i64>>(23)?.map(Timestamp::from_millis),
        ended_at: row.get::<_, Option<i64>>(24)?.map(Timestamp::from_millis),
        expires_at: Timestamp::from_millis(row.get(25)?),
        metadata: request.metadata.clone().unwrap_or_default(),
    };
    Ok(StoredAgent {
        row: row.get(0)?,
        workspace: row.get(1)?,
        key_id: row.get(2)?,
        agent,
        request,
        epoch: row.get(5)?,
        journal_length: row.get(6)?,
        children_tokens: row.get(19)?,
    })
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| unreadable(column, error))
}
