//! Models over HTTP.

use std::sync::Arc;

use axum::extract::State;
use openclaw_core::{ErrorEnvelope, Model, Page};

use super::error::Failure;
use crate::app::App;
use crate::service::{Caller, model};

/// List the models on offer.
#[utoipa::path(
    get, path = "/api/v1/models", tag = "models", operation_id = "list_models",
    responses((status = 200, description = "Every model, on one page.", body = Page<Model>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<axum::Json<Page<Model>>, Failure> {
    Ok(axum::Json(Page { data: model::list(&app, &caller)?, has_more: false, next: None }))
}
