//! A new agent, within its caps and its parent's bounds.

use async_trait::async_trait;
use openclaw_core::{AgentBudget, AgentStatus};

use super::super::event::insert_events;
use super::super::idempotency::{EarlierCall, find_claim, insert_claim};
use super::super::row::{count, text};
use super::super::{Tx, Work};
use super::read;
use crate::store::agent::{child_budget, json};
use crate::store::{AgentTells, NewAgent, NewChild, SpawnedAgent, StoreError, StoredAgent};

/// A spawn in a transaction of its own.
pub(super) struct Spawn {
    pub(super) new: NewAgent,
    pub(super) tells: AgentTells,
}

#[async_trait]
impl Work for Spawn {
    type Done = SpawnedAgent;

    async fn run(&self, tx: &Tx<'_>) -> Result<SpawnedAgent, StoreError> {
        spawn(tx, &self.new, &self.tells).await
    }
}

pub(in super::super) async fn spawn(
    tx: &Tx<'_>,
    new: &NewAgent,
    tells: &AgentTells,
) -> Result<SpawnedAgent, StoreError> {
    if let Some(claim) = &new.idempotency
        && let Some(earlier) = find_claim(tx, &new.workspace, claim).await?
    {
        let EarlierCall::Answered(id) = earlier else { return Ok(SpawnedAgent::KeyReused) };
        let found = read::find(tx, &new.workspace, &id).await?;
        return Ok(found.map_or(SpawnedAgent::KeyReused, |stored| SpawnedAgent::Before(Box::new(stored.agent))));
    }
    let (parent, budget) = match &new.parent {
        None => (None, new.budget),
        Some(child) => match bound_by_parent(tx, new, child).await? {
            Ok((parent, budget)) => (Some(parent), budget),
            Err(refused) => return Ok(refused),
        },
    };
    let Some(stored) = insert(tx, new, parent.as_ref(), budget).await? else { return Ok(SpawnedAgent::QueueFull) };
    if let Some(claim) = &new.idempotency {
        insert_claim(tx, &new.workspace, claim, &new.id, Some(&new.id), new.now).await?;
    }
    insert_events(tx, &new.workspace, Some(stored.row), &[&tells(&stored)], new.now).await?;
    Ok(SpawnedAgent::New(Box::new(stored.agent)))
}

/// The parent, locked with the root of its tree, and what the child may use; or why there is none.
async fn bound_by_parent(
    tx: &Tx<'_>,
    new: &NewAgent,
    child: &NewChild,
) -> Result<Result<(StoredAgent, AgentBudget), SpawnedAgent>, StoreError> {
    let statement = format!(
        "SELECT {}, is_child, living, below FROM
            (SELECT is_child, living, below, (agent).* FROM hold_parent($1, $2)) AS held",
        read::COLUMNS
    );
    let held = tx.row(&statement, &[&child.parent, &child.call_id.as_deref().map(text)]).await?;
    let Some(held) = held else { return Ok(Err(SpawnedAgent::ParentEnded)) };
    let stored = read::read(&held)?;
    if held.get(read::COLUMNS_COUNT)? {
        return Ok(Err(SpawnedAgent::Before(Box::new(stored.agent))));
    }
    let (living, below) = (held.number(read::COLUMNS_COUNT + 1)?, held.number(read::COLUMNS_COUNT + 2)?);
    Ok(child_budget(new, &stored, living, below).map(|budget| (stored, budget)))
}

/// Stores it and takes its tokens from its parent; `None` if the line is full. Nobody locks the line: gateways that spawn at the
/// same moment may each fill its last place.
async fn insert(
    tx: &Tx<'_>,
    new: &NewAgent,
    parent: Option<&StoredAgent>,
    budget: AgentBudget,
) -> Result<Option<StoredAgent>, StoreError> {
    let statement = format!(
        "WITH spawned AS (
            INSERT INTO agents (id, workspace, key_id, status, place, parent, parent_id, parent_call, root_id, depth,
                                session_id, model, request, max_steps, max_tokens, created_at, expires_at, schedule)
            SELECT $1, $2, $3, $4, 'ready', $5::bigint, $6, $7, $8, $9::bigint, $10, $11, $12, $13::bigint, $14::bigint,
                   $15::bigint, $16::bigint, $17::bigint
            WHERE (SELECT count(*) FROM (SELECT 1 FROM agents WHERE place = 'ready' LIMIT $18) AS line) < $18
            RETURNING *
         ), reserved AS (
            UPDATE agents SET children_reserved = agents.children_reserved + spawned.max_tokens
            FROM spawned WHERE agents.row = spawned.parent
         )
         SELECT {} FROM spawned",
        read::COLUMNS
    );
    tx.row(
        &statement,
        &[
            &new.id,
            &new.workspace,
            &new.key_id,
            &AgentStatus::Queued.as_str(),
            &parent.map(|parent| parent.row),
            &parent.map(|parent| &parent.agent.id),
            &new.parent.as_ref().and_then(|child| child.call_id.as_deref()).map(text),
            &parent.map_or(&new.id, |parent| &parent.agent.root_id),
            &parent.map_or(0, |parent| i64::from(parent.agent.depth) + 1),
            &new.request.session_id,
            &text(&new.model),
            &json(&new.request),
            &count(budget.max_steps),
            &count(budget.max_tokens),
            &new.now.as_millis(),
            &new.expires_at.as_millis(),
            &new.schedule,
            &i64::from(new.caps.queue_max),
        ],
    )
    .await?
    .as_ref()
    .map(read::read)
    .transpose()
}
