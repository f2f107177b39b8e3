//! Agents over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use openclaw_core::{
    Agent, AgentInput, AgentStep, ErrorEnvelope, Page, SpawnAgentRequest, WaitAgentsRequest, WaitAgentsResponse,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::{Json, idempotency_key};
use super::error::Failure;
use super::page::{PageParams, Params, page};
use super::sse;
use crate::app::App;
use crate::service::{Caller, ServiceError, agent};
use crate::store::AgentFilter;

mod follow;

use follow::Follower;

/// Which agents, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AgentParams {
    /// Only those that stand so: `queued`, `running`, `requires_action`, `completed`, `failed` or `cancelled`.
    status: Option<String>,
    /// Only children of this agent.
    parent_id: Option<String>,
    /// Only agents of the tree that this agent is the root of, itself among them.
    root_id: Option<String>,
    /// Only agents of this conversation.
    session_id: Option<String>,
}

/// How long to wait, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WaitParams {
    /// Seconds to wait for the agent to end or to need an action, but no more than `agents.wait_seconds_max`; absent: none.
    #[param(value_type = Option<u64>)]
    wait: Option<String>,
}

/// Spawn an agent.
///
/// The answer is the agent as it was accepted; it runs from then on. Ask for it with `?wait=60` until it has ended, follow
/// its events, or be told by a webhook of `agent.completed` or `agent.error`, of which each agent has exactly one.
#[utoipa::path(
    post, path = "/api/v1/agents/spawn", tag = "agents", operation_id = "spawn_agent",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same agent for 24 hours; up to 255 characters.")),
    request_body = SpawnAgentRequest,
    responses(
        (status = 202, description = "The agent; its address is in `location`.", body = Agent, headers(("location" = String))),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
        (status = 503, description = "Too many wait in line.", body = ErrorEnvelope),
    )
)]
pub(super) async fn spawn(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<SpawnAgentRequest>,
) -> Result<(StatusCode, [(HeaderName, String); 1], axum::Json<Agent>), Failure> {
    let agent = agent::spawn(&app, &caller, request, idempotency_key(&headers)?).await?;
    let location = format!("/api/v1/agents/{}", agent.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], axum::Json(agent)))
}

/// List agents, newest first.
#[utoipa::path(
    get, path = "/api/v1/agents", tag = "agents", operation_id = "list_agents", params(AgentParams, PageParams),
    responses((status = 200, description = "A page of agents.", body = Page<Agent>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<AgentParams>,
    Params(page_params): Params<PageParams>,
) -> Result<axum::Json<Page<Agent>>, Failure> {
    let filter = AgentFilter {
        status: params.status.as_deref().map(agent::status).transpose()?,
        parent_id: params.parent_id,
        root_id: params.root_id,
        session_id: params.session_id,
    };
    Ok(page(agent::list(&app, &caller, filter, page_params.query()?).await?))
}

/// Get an agent, now or once it has ended or needs an action.
#[utoipa::path(
    get, path = "/api/v1/agents/{id}", tag = "agents", operation_id = "get_agent",
    params(("id" = String, Path, description = "The agent's id, `agt_…`."), WaitParams),
    responses((status = 200, description = "The agent; a wait that was not long enough is no error.", body = Agent), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<WaitParams>,
) -> Result<axum::Json<Agent>, Failure> {
    let seconds = params.wait.map(|text| text.parse().map_err(|_| wrong_wait())).transpose()?;
    Ok(axum::Json(agent::get(&app, &caller, &id, seconds).await?))
}

/// Wait for several agents.
#[utoipa::path(
    post, path = "/api/v1/agents/wait", tag = "agents", operation_id = "wait_agents", request_body = WaitAgentsRequest,
    responses((status = 200, description = "How they stand; a wait that was not long enough is no error.", body = WaitAgentsResponse), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn wait(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<WaitAgentsRequest>,
) -> Result<axum::Json<WaitAgentsResponse>, Failure> {
    Ok(axum::Json(agent::wait(&app, &caller, &request).await?))
}

/// List what an agent did, oldest first.
#[utoipa::path(
    get, path = "/api/v1/agents/{id}/steps", tag = "agents", operation_id = "list_agent_steps",
    params(("id" = String, Path, description = "The agent's id, `agt_…`."), PageParams),
    responses((status = 200, description = "A page of steps.", body = Page<AgentStep>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn steps(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<AgentStep>>, Failure> {
    Ok(page(agent::steps(&app, &caller, id, params.query()?).await?))
}

/// List an agent's children, newest first.
#[utoipa::path(
    get, path = "/api/v1/agents/{id}/children", tag = "agents", operation_id = "list_agent_children",
    params(("id" = String, Path, description = "The agent's id, `agt_…`."), PageParams),
    responses((status = 200, description = "A page of agents.", body = Page<Agent>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn children(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Agent>>, Failure> {
    Ok(page(agent::children(&app, &caller, id, params.query()?).await?))
}

/// Follow an agent as server-sent events: each with its name as `event`, its id as `id`, itself as `data`.
///
/// Begins with the first event, or after the one that `Last-Event-ID` names, and ends after `agent.completed` or
/// `agent.error`. Answers 204 if that one was the last.
#[utoipa::path(
    get, path = "/api/v1/agents/{id}/events", tag = "agents", operation_id = "stream_agent_events",
    params(
        ("id" = String, Path, description = "The agent's id, `agt_…`."),
        ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event."),
    ),
    responses((status = 200, description = "Events.", body = String, content_type = "text/event-stream"), (status = 204, description = "No more events will come."), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let follower = Follower::start(app, caller, id, last).await?;
    if follower.is_over() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(sse::response(follower.into_stream()))
}

/// Cancel an agent and all below it. One that has ended stays as it is.
#[utoipa::path(
    post, path = "/api/v1/agents/{id}/cancel", tag = "agents", operation_id = "cancel_agent",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")),
    responses((status = 200, description = "The agent as it ended.", body = Agent), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<Agent>, Failure> {
    Ok(axum::Json(agent::cancel(&app, &caller, id).await?))
}

/// Answer what an agent waits for, or say something to it on the way.
#[utoipa::path(
    post, path = "/api/v1/agents/{id}/input", tag = "agents", operation_id = "input_agent",
    params(("id" = String, Path, description = "The agent's id, `agt_…`.")), request_body = AgentInput,
    responses((status = 200, description = "The agent as it stands.", body = Agent), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn input(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(input): Json<AgentInput>,
) -> Result<axum::Json<Agent>, Failure> {
    Ok(axum::Json(agent::input(&app, &caller, id, input).await?))
}

fn wrong_wait() -> ServiceError {
    ServiceError::invalid("wait_invalid", "wait", "`wait` must be a number of seconds")
}
