//! A new agent, within its caps and its parent's bounds.

use openclaw_core::{AgentBudget, AgentStatus};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::event::insert_agent_event;
use super::super::idempotency::{EarlierCall, find_claim, insert_claim};
use super::{queued, read};
use crate::store::agent::{child_budget, json};
use crate::store::{AgentTells, NewAgent, NewChild, SpawnedAgent, StoredAgent};

pub(in super::super) fn spawn(
    connection: &Connection,
    new: &NewAgent,
    tells: &AgentTells,
) -> rusqlite::Result<SpawnedAgent> {
    if let Some(claim) = &new.idempotency
        && let Some(earlier) = find_claim(connection, &new.workspace, claim)?
    {
        let EarlierCall::Answered(id) = earlier else { return Ok(SpawnedAgent::KeyReused) };
        let Some(stored) = read::find(connection, &new.workspace, &id)? else { return Ok(SpawnedAgent::KeyReused) };
        return Ok(SpawnedAgent::Before(Box::new(stored.agent)));
    }
    let (parent, budget) = match &new.parent {
        None => (None, new.budget),
        Some(child) => match bound_by_parent(connection, new, child)? {
            Ok((parent, budget)) => (Some(parent), budget),
            Err(refused) => return Ok(refused),
        },
    };
    if queued(connection)? >= u64::from(new.caps.queue_max) {
        return Ok(SpawnedAgent::QueueFull);
    }
    let row = insert(connection, new, parent.as_ref(), budget)?;
    if let Some(parent) = &parent {
        connection
            .prepare_cached("UPDATE agents SET children_reserved = children_reserved + ?2 WHERE row = ?1")?
            .execute(params![parent.row, budget.max_tokens])?;
    }
    if let Some(claim) = &new.idempotency {
        insert_claim(connection, &new.workspace, claim, &new.id, Some(&new.id), new.now)?;
    }
    let stored = read::get(connection, row)?;
    insert_agent_event(connection, &new.workspace, row, &tells(&stored), new.now)?;
    Ok(SpawnedAgent::New(Box::new(stored.agent)))
}

/// The parent, and what the child may use; or why there is none.
fn bound_by_parent(
    connection: &Connection,
    new: &NewAgent,
    child: &NewChild,
) -> rusqlite::Result<Result<(StoredAgent, AgentBudget), SpawnedAgent>> {
    if let Some(call_id) = &child.call_id {
        let before = connection
            .prepare_cached("SELECT row FROM agents WHERE parent = ?1 AND parent_call = ?2")?
            .query_row(params![child.parent, call_id], |row| row.get(0))
            .optional()?;
        if let Some(row) = before {
            return Ok(Err(SpawnedAgent::Before(Box::new(read::get(connection, row)?.agent))));
        }
    }
    let parent = read::get(connection, child.parent)?;
    let living: u64 = connection
        .prepare_cached("SELECT count(*) FROM agents WHERE parent = ?1 AND ended_at IS NULL")?
        .query_row([parent.row], |row| row.get(0))?;
    let below: u64 = connection
        .prepare_cached("SELECT count(*) - 1 FROM agents WHERE root_id = ?1")?
        .query_row([&parent.agent.root_id], |row| row.get(0))?;
    Ok(child_budget(new, &parent, living, below).map(|budget| (parent, budget)))
}

fn insert(
    connection: &Connection,
    new: &NewAgent,
    parent: Option<&StoredAgent>,
    budget: AgentBudget,
) -> rusqlite::Result<i64> {
    let request = json(&new.request);
    connection
        .prepare_cached(
            "INSERT INTO agents (id, workspace, key_id, status, place, parent, parent_id, parent_call, root_id, depth,
                                 session_id, model, request, max_steps, max_tokens, created_at, expires_at, schedule)
             VALUES (?1, ?2, ?3, ?4, 'ready', ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
             RETURNING row",
        )?
        .query_row(
            params![
                new.id,
                new.workspace,
                new.key_id,
                AgentStatus::Queued.as_str(),
                parent.map(|parent| parent.row),
                parent.map(|parent| &parent.agent.id),
                new.parent.as_ref().and_then(|child| child.call_id.as_ref()),
                parent.map_or(&new.id, |parent| &parent.agent.root_id),
                parent.map_or(0, |parent| parent.agent.depth + 1),
                new.request.session_id,
                new.model,
                request,
                budget.max_steps,
                budget.max_tokens,
                new.now.as_millis(),
                new.expires_at.as_millis(),
                new.schedule,
            ],
            |row| row.get(0),
        )
}
