//! The gateway's state over HTTP.

use std::sync::Arc;

use axum::extract::State;
use openclaw_core::{ErrorEnvelope, Status};

use crate::app::App;
use crate::service::{Caller, status};

/// Get the gateway's state.
#[utoipa::path(
    get, path = "/api/v1/status", tag = "status", operation_id = "get_status",
    responses((status = 200, description = "Version, uptime, queues, providers.", body = Status), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(State(app): State<Arc<App>>, _caller: Caller) -> axum::Json<Status> {
    axum::Json(status::get(&app))
}
