//! Sessions over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use openclaw_core::{ErrorEnvelope, Message, Page, Session, UpdateSessionRequest};

use super::body::Json;
use super::error::Failure;
use super::page::{OrderParams, PageParams, Params, page};
use crate::app::App;
use crate::service::{Caller, session};

/// List sessions, newest first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "sessions", operation_id = "list_sessions", params(PageParams),
    responses((status = 200, description = "A page of sessions.", body = Page<Session>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Session>>, Failure> {
    Ok(page(session::list(&app, &caller, params.query()?).await?))
}

/// Get a session's state.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}", tag = "sessions", operation_id = "get_session",
    params(("id" = String, Path, description = "The caller's own name for the session.")),
    responses((status = 200, description = "The session.", body = Session), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<Session>, Failure> {
    Ok(axum::Json(session::get(&app, &caller, id).await?))
}

/// Set a session's title and notes.
#[utoipa::path(
    patch, path = "/api/v1/sessions/{id}", tag = "sessions", operation_id = "update_session",
    params(("id" = String, Path, description = "The caller's own name for the session.")),
    request_body = UpdateSessionRequest,
    responses((status = 200, description = "The session.", body = Session), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<UpdateSessionRequest>,
) -> Result<axum::Json<Session>, Failure> {
    Ok(axum::Json(session::update(&app, &caller, id, request).await?))
}

/// Delete a session with its messages.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", tag = "sessions", operation_id = "delete_session",
    params(("id" = String, Path, description = "The caller's own name for the session.")),
    responses((status = 204, description = "It is gone."), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    session::delete(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List a session's messages.
#[utoipa::path(
    get, path = "/api/v1/sessions/{id}/messages", tag = "sessions", operation_id = "list_messages",
    params(("id" = String, Path, description = "The caller's own name for the session."), PageParams, OrderParams),
    responses((status = 200, description = "A page of messages.", body = Page<Message>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list_messages(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<PageParams>,
    Params(order): Params<OrderParams>,
) -> Result<axum::Json<Page<Message>>, Failure> {
    Ok(page(session::list_messages(&app, &caller, id, order.newest_first()?, params.query()?).await?))
}
