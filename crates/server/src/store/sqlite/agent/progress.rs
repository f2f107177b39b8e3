//! What agents do, written down: a runner's progress, a caller's word.

use openclaw_core::{AgentStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::event::insert_agent_event;
use super::read;
use crate::store::agent::json;
use crate::store::{AfterProgress, AgentProgress, Appended, CallerWord, Fence, HeardWord};

pub(super) fn append(
    connection: &Connection,
    fence: Fence,
    progress: &AgentProgress,
    after: &AfterProgress,
    now: Timestamp,
) -> rusqlite::Result<Appended> {
    let Some(stored) = write(connection, fence, progress, now)? else { return Ok(Appended::Fenced) };
    let parked = match after {
        AfterProgress::GoOn => false,
        AfterProgress::AwaitChildren { ids, all } => await_children(connection, fence.row, ids, *all)?,
        AfterProgress::AwaitCaller { actions, event } => {
            let workspace: String = connection
                .prepare_cached(
                    "UPDATE agents SET place = 'parked', status = ?2, required_actions = ?3 WHERE row = ?1
                     RETURNING workspace",
                )?
                .query_row(params![fence.row, AgentStatus::RequiresAction.as_str(), json(actions)], |row| row.get(0))?;
            insert_agent_event(connection, &workspace, fence.row, event, now)?;
            true
        }
    };
    Ok(if parked { Appended::Parked } else { stored })
}

/// Writes entries, usage and events if the claim holds; gives how far it is.
pub(super) fn write(
    connection: &Connection,
    fence: Fence,
    progress: &AgentProgress,
    now: Timestamp,
) -> rusqlite::Result<Option<Appended>> {
    let usage = &progress.usage;
    let updated: Option<(u64, String, i64)> = connection
        .prepare_cached(
            "UPDATE agents SET journal_length = journal_length + ?3, found = coalesce(journal_length + ?4, found),
                               input_tokens = input_tokens + ?5, output_tokens = output_tokens + ?6,
                               steps = steps + ?7, tool_calls = tool_calls + ?8, answered_by = coalesce(?9, answered_by),
                               estimated = max(estimated, ?10)
             WHERE row = ?1 AND epoch = ?2 AND place = 'held' RETURNING journal_length, workspace,
                       max_tokens - input_tokens - output_tokens - children_used - children_reserved",
        )?
        .query_row(
            params![
                fence.row,
                fence.epoch,
                progress.entries.len(),
                progress.found.map(|index| index + 1),
                usage.input_tokens,
                usage.output_tokens,
                usage.steps,
                usage.tool_calls,
                progress.answered_by,
                progress.estimated,
            ],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((journal_length, workspace, tokens_left)) = updated else { return Ok(None) };
    let first = journal_length - progress.entries.len() as u64 + 1;
    for (seq, entry) in (first..).zip(&progress.entries) {
        insert_entry(connection, fence.row, seq, entry, now)?;
    }
    for event in &progress.events {
        insert_agent_event(connection, &workspace, fence.row, event, now)?;
    }
    Ok(Some(Appended::Stored { journal_length, tokens_left: u64::try_from(tokens_left).unwrap_or(0) }))
}

pub(super) fn insert_entry(
    connection: &Connection,
    agent: i64,
    seq: u64,
    entry: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO journal (agent, seq, entry, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![agent, seq, entry, now.as_millis()])
        .map(|_| ())
}

/// Parks a parent until its children have ended; `false` if there is nothing to wait for.
fn await_children(connection: &Connection, parent: i64, ids: &[String], all: bool) -> rusqlite::Result<bool> {
    let ids = json(ids);
    let living = connection
        .prepare_cached(
            "UPDATE agents SET awaited = 1 WHERE parent = ?1 AND ended_at IS NULL
                AND id IN (SELECT value FROM json_each(?2))",
        )?
        .execute(params![parent, ids])? as u64;
    let asked: u64 = connection.prepare_cached("SELECT json_array_length(?1)")?.query_row([&ids], |row| row.get(0))?;
    if living == 0 || !all && living < asked {
        connection.prepare_cached("UPDATE agents SET awaited = 0 WHERE parent = ?1")?.execute([parent])?;
        return Ok(false);
    }
    connection
        .prepare_cached("UPDATE agents SET place = 'parked', wakes_after = ?2 WHERE row = ?1")?
        .execute(params![parent, if all { living } else { 1 }])?;
    Ok(true)
}

pub(super) fn hear(connection: &Connection, word: &CallerWord) -> rusqlite::Result<HeardWord> {
    let Some(stored) = read::find(connection, &word.workspace, &word.id)? else { return Ok(HeardWord::NoAgent) };
    if stored.agent.status.is_ended() {
        return Ok(HeardWord::Ended);
    }
    let mut actions = stored.agent.required_actions;
    if let Some(id) = &word.action_id {
        let Some(index) = actions.iter().position(|action| action.id == *id) else { return Ok(HeardWord::NoAction) };
        actions.remove(index);
    }
    let woken = word.action_id.is_some() && actions.is_empty();
    insert_entry(connection, stored.row, stored.journal_length + 1, &word.entry, word.now)?;
    connection
        .prepare_cached(
            "UPDATE agents SET journal_length = journal_length + 1, required_actions = ?2,
                               place = iif(?3, 'ready', place), status = iif(?3, ?4, status) WHERE row = ?1",
        )?
        .execute(params![
            stored.row,
            (!actions.is_empty()).then(|| json(&actions)),
            woken,
            AgentStatus::Running.as_str()
        ])?;
    let agent = read::get(connection, stored.row)?.agent;
    Ok(HeardWord::Heard { agent: Box::new(agent), woken })
}
