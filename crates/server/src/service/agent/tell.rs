//! What is told of agents: their events.

use std::sync::Arc;

use openclaw_core::event::{AgentEvent, AgentStepFacts, FaultEvent};
use openclaw_core::{AgentStatus, EventName, RequiredAction, Timestamp, Usage};

use super::super::event;
use crate::app::App;
use crate::store::{AgentEnding, AgentTells, NewEvent, StoredAgent};

/// Characters of the task in the events between the first and the last.
const TASK_CHARS_SHOWN: usize = 200;

/// Makes `agent.spawned`.
pub fn spawned(app: &Arc<App>, now: Timestamp) -> AgentTells {
    let app = Arc::clone(app);
    Box::new(move |stored| event::new(&app, EventName::AgentSpawned, now, facts(stored)))
}

/// Makes `agent.started`.
pub fn started(app: &Arc<App>, now: Timestamp) -> AgentTells {
    let app = Arc::clone(app);
    Box::new(move |stored| event::new(&app, EventName::AgentStarted, now, brief(stored)))
}

/// `agent.step`: what was used is up to and with this step.
pub fn step(app: &App, stored: &StoredAgent, now: Timestamp, step: AgentStepFacts, usage: Usage) -> NewEvent {
    let told = AgentEvent { step: Some(step), usage: Some(usage), ..brief(stored) };
    event::new(app, EventName::AgentStep, now, told)
}

/// `agent.requires_action`.
pub fn requires_action(app: &App, stored: &StoredAgent, now: Timestamp, actions: &[RequiredAction]) -> NewEvent {
    let told = AgentEvent {
        status: Some(AgentStatus::RequiresAction),
        required_actions: Some(actions.to_vec()),
        ..brief(stored)
    };
    event::new(app, EventName::AgentRequiresAction, now, told)
}

/// `agent.completed` or `agent.error`.
pub fn ended(
    app: &App,
    stored: &StoredAgent,
    now: Timestamp,
    status: AgentStatus,
    ending: &AgentEnding,
    cut_off: Usage,
) -> NewEvent {
    let name = if status == AgentStatus::Completed { EventName::AgentCompleted } else { EventName::AgentError };
    let fault =
        |error: &openclaw_core::AgentError| FaultEvent { code: error.code.clone(), message: error.message.clone() };
    let usage = stored.agent.usage;
    let told = AgentEvent {
        status: Some(status),
        stop_reason: ending.stop_reason,
        output: ending.output.clone(),
        error: ending.error.as_ref().map(fault),
        usage: Some(Usage { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens } + cut_off),
        ..facts(stored)
    };
    let deliver_to = stored.request.callback.as_ref().map(|callback| callback.endpoints.clone()).unwrap_or_default();
    NewEvent { deliver_to, ..event::new(app, name, now, told) }
}

fn facts(stored: &StoredAgent) -> AgentEvent {
    let metadata = Some(&stored.agent.metadata).filter(|metadata| !metadata.is_empty()).cloned();
    AgentEvent { metadata, ..with_task(stored, stored.agent.task.clone()) }
}

/// What the events between the first and the last tell, of which there are many.
fn brief(stored: &StoredAgent) -> AgentEvent {
    let task = &stored.agent.task;
    let end = task.char_indices().nth(TASK_CHARS_SHOWN).map_or(task.len(), |(end, _)| end);
    with_task(stored, task[..end].to_owned())
}

fn with_task(stored: &StoredAgent, task: String) -> AgentEvent {
    let agent = &stored.agent;
    AgentEvent {
        agent_id: agent.id.clone(),
        task,
        model: agent.model.clone(),
        status: Some(agent.status),
        stop_reason: None,
        label: agent.label.clone(),
        parent_id: agent.parent_id.clone(),
        root_id: Some(&agent.root_id).filter(|root| **root != agent.id).cloned(),
        session_id: agent.session_id.clone(),
        step: None,
        required_actions: None,
        output: None,
        error: None,
        usage: None,
        metadata: None,
    }
}
