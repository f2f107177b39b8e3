//! A new agent, within its caps and its parent's bounds.

use openclaw_core::{AgentBudget, AgentStatus};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::event::insert_agent_event;
use super::super::idempotency::{EarlierCall, find_claim, insert_claim};
use super::{queued, read};
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
    let mut budget = new.budget;
    let parent = match &new.parent {
        None => None,
        Some(child) => match bound_by_parent(connection, new, child, &mut budget)? {
            Ok(parent) => Some(parent),
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

/// Applies the caps of a tree and takes the child's tokens from what its parent has left.
fn bound_by_parent(
    connection: &Connection,
    new: &NewAgent,
    child: &NewChild,
    budget: &mut AgentBudget,
) -> rusqlite::Result<Result<StoredAgent, SpawnedAgent>> {
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
    if parent.agent.status.is_ended() {
        return Ok(Err(SpawnedAgent::ParentEnded));
    }
    if parent.agent.depth >= new.caps.depth_max {
        return Ok(Err(SpawnedAgent::TooDeep));
    }
    let living: u64 = connection
        .prepare_cached("SELECT count(*) FROM agents WHERE parent = ?1 AND ended_at IS NULL")?
        .query_row([parent.row], |row| row.get(0))?;
    if living >= u64::from(new.caps.children_max) {
        return Ok(Err(SpawnedAgent::TooManyChildren));
    }
    let below: u64 = connection
        .prepare_cached("SELECT count(*) - 1 FROM agents WHERE root_id = ?1")?
        .query_row([&parent.agent.root_id], |row| row.get(0))?;
    if below >= u64::from(new.caps.descendants_max) {
        return Ok(Err(SpawnedAgent::TooManyDescendants));
    }
    let spent = parent.agent.usage.tokens() + parent.children_tokens;
    let left = parent.agent.budget.max_tokens.saturating_sub(spent);
    // Whoever names no number gets the share that leaves as much for each further child and for the parent.
    let share = if new.tokens_asked { left } else { left / (u64::from(new.caps.children_max) - living + 1) };
    budget.max_tokens = budget.max_tokens.min(share);
    budget.max_steps = budget.max_steps.min(parent.agent.budget.max_steps);
    Ok(Ok(parent))
}

fn insert(
    connection: &Connection,
    new: &NewAgent,
    parent: Option<&StoredAgent>,
    budget: AgentBudget,
) -> rusqlite::Result<i64> {
    let request = serde_json::to_string(&new.request).expect("our own types serialise");
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
