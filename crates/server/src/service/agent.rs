//! Agents: spawned, followed, spoken to, ended.
//!
//! Cast: [`spawn`] checks a request and stores the agent; a runner (the room `agent`) moves it on by the [`fold`] of its
//! [`journal`]; [`ending`] ends it, and all below it, exactly once; the functions here are what callers ask. Every end is
//! one event, `agent.completed` or `agent.error`, in the transaction of the end.

pub(super) mod check;
pub mod ending;
pub mod fold;
pub mod journal;
mod schema;
pub mod spawn;
mod steps;
pub mod tell;
mod wait;

pub use schema::OutputSchema;
pub use spawn::spawn;
pub use wait::{get, wait};

use std::sync::Arc;

use openclaw_core::{Agent, AgentErrorCode, AgentInput, AgentStep, RequiredActionKind, Scope};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::store::{AgentFilter, CallerWord, HeardWord, PageQuery, Rows, StoredAgent};
use ending::{Found, Outcome};
use journal::Entry;

/// The workspace's agents, newest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: AgentFilter,
    page: PageQuery,
) -> Result<Rows<Agent>, ServiceError> {
    caller.require(Scope::Agents)?;
    Ok(app.store.list_agents(caller.workspace().to_owned(), filter, page).await?)
}

/// The agents below one, newest first.
pub async fn children(app: &App, caller: &Caller, id: String, page: PageQuery) -> Result<Rows<Agent>, ServiceError> {
    find(app, caller, &id).await?;
    list(app, caller, AgentFilter { parent_id: Some(id), ..AgentFilter::default() }, page).await
}

/// What an agent did, a page at a time; the cursor is a step's number.
pub async fn steps(app: &App, caller: &Caller, id: String, page: PageQuery) -> Result<Rows<AgentStep>, ServiceError> {
    let stored = find(app, caller, &id).await?;
    let after: u64 = match &page.after {
        None => 0,
        Some(after) => after.parse().map_err(|_| crate::store::StoreError::BadCursor)?,
    };
    let journal = app.store.read_journal(stored.row, 0).await?;
    let steps = steps::of(&stored, &journal).map_err(|error| unreadable(&error))?;
    let mut data: Vec<AgentStep> = steps.into_iter().filter(|step| step.number > after).collect();
    let more = data.len() > page.limit as usize;
    data.truncate(page.limit as usize);
    let next = data.last().filter(|_| more).map(|step| step.number.to_string());
    Ok(Rows { data, next })
}

/// Ends an agent and all below it; an agent that has ended stays as it is.
pub async fn cancel(app: &Arc<App>, caller: &Caller, id: String) -> Result<Agent, ServiceError> {
    let stored = find(app, caller, &id).await?;
    if !stored.agent.status.is_ended() {
        let why = "it was cancelled by its caller";
        let outcome = Outcome::cancelled(AgentErrorCode::ByUser, why, Found::InJournal);
        ending::end(app, stored.row, None, outcome).await?;
    }
    Ok(find(app, caller, &id).await?.agent)
}

/// Answers what an agent waits for, or says something to it on the way.
pub async fn input(app: &App, caller: &Caller, id: String, input: AgentInput) -> Result<Agent, ServiceError> {
    let stored = find(app, caller, &id).await?;
    check_input(&stored, &input)?;
    let word = CallerWord {
        workspace: stored.workspace,
        id: id.clone(),
        action_id: input.action_id.clone(),
        entry: Entry::Input(input).to_json(),
        now: app.clock.now(),
    };
    match app.store.hear_word(word).await? {
        HeardWord::Heard { agent, woken } => {
            if woken {
                app.agents.ready.ring();
            }
            app.agents.changed.ring(&id);
            Ok(*agent)
        }
        HeardWord::NoAgent => Err(not_found(&id)),
        HeardWord::Ended => Err(ended(&id)),
        HeardWord::NoAction => Err(no_action(&id)),
    }
}

/// Ids and payloads of an agent's events after one, oldest first, and whether no more will follow them.
pub async fn events(
    app: &App,
    caller: &Caller,
    id: &str,
    after: Option<String>,
    limit: u32,
) -> Result<(Vec<(String, String)>, bool), ServiceError> {
    // The state is read first: an end that comes in between is seen with the next events.
    let stored = find(app, caller, id).await?;
    let events = app.store.agent_events(stored.row, after, limit).await?;
    let last = stored.agent.status.is_ended() && events.len() < limit as usize;
    Ok((events, last))
}

/// The agent of that id in the caller's workspace.
pub(super) async fn find(app: &App, caller: &Caller, id: &str) -> Result<StoredAgent, ServiceError> {
    caller.require(Scope::Agents)?;
    let found = app.store.find_agent(caller.workspace().to_owned(), id.to_owned()).await?;
    found.ok_or_else(|| not_found(id))
}

fn check_input(stored: &StoredAgent, input: &AgentInput) -> Result<(), ServiceError> {
    let id = &stored.agent.id;
    if stored.agent.status.is_ended() {
        return Err(ended(id));
    }
    check::message(input.message.as_deref())?;
    let says = input.message.as_deref().is_some_and(|message| !message.trim().is_empty());
    let Some(action_id) = &input.action_id else {
        let message = "send `message`, or the `action_id` of a required action";
        return if says { Ok(()) } else { Err(ServiceError::invalid("message_empty", "message", message)) };
    };
    let action = stored.agent.required_actions.iter().find(|action| action.id == *action_id);
    match action.ok_or_else(|| no_action(id))?.kind {
        RequiredActionKind::Approval if input.decision.is_none() => {
            Err(ServiceError::invalid("decision_missing", "decision", "`decision` must be `approve` or `deny`"))
        }
        RequiredActionKind::Question if !says => {
            Err(ServiceError::invalid("message_empty", "message", "`message` must hold the answer"))
        }
        RequiredActionKind::Question if input.decision.is_some() => {
            let message = "a question is answered by `message`, not by `decision`";
            Err(ServiceError::invalid("decision_unwanted", "decision", message))
        }
        _ => Ok(()),
    }
}

/// Tells that something happened to an agent.
pub fn ring(app: &App, id: &str) {
    app.agents.changed.ring(id);
    app.event_stored.ring();
}

/// Tells that an agent has ended, or may need an action.
pub fn ring_rest(app: &App, id: &str) {
    app.agents.rested.ring(id);
    ring(app, id);
}

/// Reads a status by its word.
pub fn status(word: &str) -> Result<openclaw_core::AgentStatus, ServiceError> {
    openclaw_core::AgentStatus::parse(word).ok_or_else(|| {
        let words: Vec<_> = openclaw_core::AgentStatus::ALL.iter().map(|status| status.as_str()).collect();
        ServiceError::invalid("status_invalid", "status", format!("`status` must be one of {}", words.join(", ")))
    })
}

fn unreadable(error: &serde_json::Error) -> ServiceError {
    ServiceError::Internal(format!("an agent's journal cannot be read: {error}"))
}

fn not_found(id: &str) -> ServiceError {
    ServiceError::NotFound { code: "agent_not_found", message: format!("there is no agent `{id}`") }
}

fn ended(id: &str) -> ServiceError {
    let message = format!("agent `{id}` has ended; nothing can be said to it any more");
    ServiceError::Conflict { code: "agent_ended", message, passing: false }
}

fn no_action(id: &str) -> ServiceError {
    let message = format!("agent `{id}` does not wait for that; its `required_actions` say what it waits for");
    ServiceError::Conflict { code: "action_not_required", message, passing: false }
}
