//! Spawning: a request becomes an agent in line, within its parent's bounds if it has one.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::agent::ToolApprovals;
use openclaw_core::{Agent, AgentBudget, EventName, IdKind, Scope, SpawnAgentRequest, ToolApproval};
use sha2::{Digest, Sha256};

use super::super::{endpoint, idempotency};
use super::{Caller, ServiceError, check, find, tell};
use crate::app::{App, Live};
use crate::skill::Control;
use crate::store::{AgentCaps, IdempotencyClaim, NewAgent, NewChild, SpawnedAgent, StoredAgent};

/// Who spawns an agent.
#[derive(Clone, Debug, Default)]
pub struct Spawner<'a> {
    /// The workspace.
    pub workspace: &'a str,
    /// Whose agent it is.
    pub key_id: &'a str,
    /// The parent, and the call of it that spawns, if it is the parent that does.
    pub parent: Option<(&'a StoredAgent, Option<String>)>,
    /// The handle of the schedule, if a slot of one spawns it.
    pub schedule: Option<i64>,
    /// The caller's `Idempotency-Key`, if there is one.
    pub idempotency: Option<IdempotencyClaim>,
}

/// Spawns an agent for a caller. The same key and request give the same agent, as it stands by then.
pub async fn spawn(
    app: &Arc<App>,
    caller: &Caller,
    request: SpawnAgentRequest,
    idempotency_key: Option<String>,
) -> Result<Agent, ServiceError> {
    caller.require(Scope::Agents)?;
    idempotency::check(idempotency_key.as_deref())?;
    if app.tasks.draining().is_cancelled() {
        return Err(ServiceError::Overloaded { code: "shutting_down", message: "the gateway is shutting down".into() });
    }
    let live = app.live.load_full();
    let retention = &live.config.storage.retention;
    let claim = |key| idempotency::claim(retention, key, request_hash(&request), app.clock.now());
    let idempotency = idempotency_key.map(claim);
    if let Some(callback) = &request.callback {
        endpoint::check_named(app, caller, &callback.endpoints, "callback.endpoints").await?;
    }
    let parent = match &request.parent_id {
        Some(id) => Some(find(app, caller, id).await.map_err(no_parent)?),
        None => None,
    };
    let spawner = Spawner {
        workspace: caller.workspace(),
        key_id: caller.key_id(),
        parent: parent.as_ref().map(|parent| (parent, None)),
        schedule: None,
        idempotency,
    };
    store(app, &live, spawner, request).await
}

/// Spawns an agent for another one; the same call finds the same child.
pub async fn spawn_child(
    app: &Arc<App>,
    parent: &StoredAgent,
    call: String,
    mut request: SpawnAgentRequest,
) -> Result<Agent, ServiceError> {
    request.parent_id = Some(parent.agent.id.clone());
    // A child that is not told otherwise does what its parent may do, but spawns nobody and asks nobody.
    let inherited = || {
        let steers = |skill: &&String| Control::ALL.iter().any(|control| control.name() == skill.as_str());
        parent.agent.skills.iter().filter(|skill| !steers(skill)).cloned().collect()
    };
    request.skills.get_or_insert_with(inherited);
    let spawner = Spawner {
        workspace: &parent.workspace,
        key_id: &parent.key_id,
        parent: Some((parent, Some(call))),
        ..Spawner::default()
    };
    store(app, &app.live.load_full(), spawner, request).await
}

/// The agent that a request asks for, checked against the configuration and its parent.
pub fn prepare(
    app: &App,
    live: &Live,
    spawner: Spawner<'_>,
    mut request: SpawnAgentRequest,
) -> Result<NewAgent, ServiceError> {
    let config = &live.config.agents;
    check::request(&request, config)?;
    let now = app.clock.now();
    let parent = spawner.parent.as_ref().map(|(parent, _)| *parent);
    let mut expires_at = now.plus(Duration::from_secs(request.timeout.unwrap_or(config.timeout_seconds)));
    if let Some(parent) = parent {
        within_parent(&mut request, parent)?;
        expires_at = expires_at.min(parent.agent.expires_at);
    }
    live.providers
        .resolve(request.model.as_deref())
        .map_err(|unknown| ServiceError::invalid("model_not_found", "model", unknown.to_string()))?;
    let model = request.model.clone().unwrap_or_else(|| live.config.models.default.clone());
    live.skills
        .check(request.skills.as_deref().unwrap_or_default())
        .map_err(|unknown| ServiceError::invalid("skill_unknown", "skills", unknown.to_string()))?;
    let asked = request.budget.unwrap_or_default();
    Ok(NewAgent {
        id: app.clock.id(IdKind::Agent),
        workspace: spawner.workspace.to_owned(),
        key_id: spawner.key_id.to_owned(),
        model,
        budget: AgentBudget {
            max_steps: asked.max_steps.unwrap_or(config.steps),
            max_tokens: asked.max_tokens.unwrap_or(config.tokens_max),
        },
        tokens_asked: asked.max_tokens.is_some(),
        parent: spawner.parent.map(|(parent, call_id)| NewChild { parent: parent.row, call_id }),
        expires_at,
        caps: AgentCaps {
            depth_max: config.depth_max,
            children_max: config.children_max,
            descendants_max: config.descendants_max,
            queue_max: config.queue_max,
        },
        idempotency: spawner.idempotency,
        schedule: spawner.schedule,
        request,
        now,
    })
}

async fn store(
    app: &Arc<App>,
    live: &Live,
    spawner: Spawner<'_>,
    request: SpawnAgentRequest,
) -> Result<Agent, ServiceError> {
    let new = prepare(app, live, spawner, request)?;
    let tells = tell::spawned(app, new.now);
    match app.store.spawn_agent(new, tells).await? {
        SpawnedAgent::New(agent) => {
            app.event_stored.ring();
            app.agents.ready.ring();
            Ok(*agent)
        }
        SpawnedAgent::Before(agent) => Ok(*agent),
        refused => Err(check::refused(&refused, &live.config.agents)),
    }
}

/// Fills in what the parent has, and refuses what it has not.
fn within_parent(request: &mut SpawnAgentRequest, parent: &StoredAgent) -> Result<(), ServiceError> {
    let missing = request.skills.iter().flatten().find(|skill| !parent.agent.skills.contains(skill));
    if let Some(skill) = missing {
        let message = format!("the parent was not granted `{skill}`: a child has no more than its parent");
        return Err(ServiceError::invalid("skill_not_granted", "skills", message));
    }
    if request.model.is_none() {
        request.model = Some(parent.agent.model.clone());
    }
    if request.session_id.is_none() {
        request.session_id.clone_from(&parent.agent.session_id);
    }
    if let Some(bounds) = &parent.request.approvals {
        let approvals = request.approvals.get_or_insert_with(ToolApprovals::new);
        for (tool, bound) in bounds {
            let approval = approvals.entry(tool.clone()).or_insert(ToolApproval::AlwaysAllow);
            *approval = (*approval).max(*bound);
        }
    }
    Ok(())
}

fn no_parent(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::NotFound { message, .. } => ServiceError::invalid("agent_not_found", "parent_id", message),
        other => other,
    }
}

fn request_hash(request: &SpawnAgentRequest) -> [u8; 32] {
    let json = serde_json::to_string(request).expect("our own types serialise");
    Sha256::digest(format!("{} {json}", EventName::AgentSpawned.as_str())).into()
}
