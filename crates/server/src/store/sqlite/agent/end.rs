//! The end of agents: each once, with its event, its tokens booked, and its parent woken.

use openclaw_core::{AgentStatus, Timestamp, Usage};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::event::insert_agent_event;
use super::progress::{insert_entry, write};
use super::read;
use crate::store::agent::json;
use crate::store::{AgentEnds, EndAgent, EndedAgent, EndedTree, Fence, StoredAgent};

pub(in super::super) fn end(connection: &Connection, end: &EndAgent) -> rusqlite::Result<EndedAgent> {
    let stored = read::get(connection, end.row).optional()?;
    let Some(stored) = stored.filter(|stored| !stored.agent.status.is_ended()) else { return Ok(EndedAgent::Before) };
    if let Some(last) = &end.by_runner {
        if last.epoch != stored.epoch {
            return Ok(EndedAgent::Before);
        }
        if last.journal_length != stored.journal_length {
            return Ok(EndedAgent::Spoken);
        }
        let fence = Fence { row: end.row, epoch: last.epoch };
        if write(connection, fence, &last.progress, end.now)?.is_none() {
            return Ok(EndedAgent::Before);
        }
    }
    let rows: Vec<i64> = connection
        .prepare_cached(
            "WITH RECURSIVE tree (row) AS (
                SELECT ?1 UNION ALL
                SELECT agents.row FROM agents JOIN tree ON agents.parent = tree.row WHERE agents.ended_at IS NULL)
             SELECT row FROM tree",
        )?
        .query_map([end.row], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut tree = EndedTree::default();
    for row in rows {
        let stored = read::get(connection, row)?;
        let (status, used) = close(connection, &stored, &end.ends, end.now)?;
        tree.woken |= settle_with_parent(connection, &stored, used)?;
        tree.agents.push((row, stored.agent.id, status));
    }
    Ok(EndedAgent::Ended(tree))
}

/// Writes how one agent ends; gives the tokens that it used with its children.
fn close(
    connection: &Connection,
    stored: &StoredAgent,
    ends: &AgentEnds,
    now: Timestamp,
) -> rusqlite::Result<(AgentStatus, u64)> {
    let found: Option<String> = connection
        .prepare_cached(
            "SELECT entry FROM journal JOIN agents ON journal.agent = agents.row AND journal.seq = agents.found
             WHERE agents.row = ?1",
        )?
        .query_row([stored.row], |row| row.get(0))
        .optional()?;
    let end = ends(stored, found.as_deref());
    insert_entry(connection, stored.row, stored.journal_length + 1, &end.entry, now)?;
    connection
        .prepare_cached(
            "UPDATE agents SET status = ?2, place = NULL, ending = ?3, ended_at = ?4, required_actions = NULL,
                               journal_length = journal_length + 1, input_tokens = input_tokens + ?5,
                               output_tokens = output_tokens + ?6, estimated = max(estimated, ?7) WHERE row = ?1",
        )?
        .execute(params![
            stored.row,
            end.status.as_str(),
            json(&end.ending),
            now.as_millis(),
            end.cut_off.input_tokens,
            end.cut_off.output_tokens,
            end.cut_off != Usage::default(),
        ])?;
    // The ledger of turns is also that of agents: it outlives them.
    connection
        .prepare_cached(
            "INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, ending, input_tokens,
                                output_tokens, estimated, begun_at, ended_at)
             SELECT id, workspace, key_id, 0, 0, coalesce(answered_by, model), status, input_tokens, output_tokens,
                    estimated, created_at, ended_at FROM agents WHERE row = ?1",
        )?
        .execute([stored.row])?;
    insert_agent_event(connection, &stored.workspace, stored.row, &end.event, now)?;
    let used = stored.agent.usage.tokens() + stored.children_tokens;
    Ok((end.status, used + end.cut_off.input_tokens + end.cut_off.output_tokens))
}

/// Gives the parent back what was reserved and not used, and wakes it if this is what it waited for.
fn settle_with_parent(connection: &Connection, child: &StoredAgent, used: u64) -> rusqlite::Result<bool> {
    let (parent, awaited): (Option<i64>, bool) = connection
        .prepare_cached("SELECT parent, awaited FROM agents WHERE row = ?1")?
        .query_row([child.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some(parent) = parent else { return Ok(false) };
    let place: Option<String> = connection
        .prepare_cached(
            "UPDATE agents SET children_used = children_used + ?2, children_reserved = children_reserved - ?3,
                               wakes_after = max(0, wakes_after - ?4),
                               place = iif(place = 'parked' AND ?4 AND wakes_after <= 1, 'ready', place)
             WHERE row = ?1 RETURNING place",
        )?
        .query_row(params![parent, used, child.agent.budget.max_tokens, awaited], |row| row.get(0))?;
    if !awaited || place.as_deref() != Some("ready") {
        return Ok(false);
    }
    connection.prepare_cached("UPDATE agents SET awaited = 0 WHERE parent = ?1")?.execute([parent])?;
    Ok(true)
}
