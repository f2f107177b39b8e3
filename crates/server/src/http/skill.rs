//! Skills over HTTP.

use std::sync::Arc;

use axum::extract::State;
use openclaw_core::{ErrorEnvelope, Page, Skill};

use super::error::Failure;
use crate::app::App;
use crate::service::{Caller, skill};

/// List the skills that agents may be granted.
#[utoipa::path(
    get, path = "/api/v1/skills", tag = "agents", operation_id = "list_skills",
    responses((status = 200, description = "Every skill, on one page.", body = Page<Skill>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(State(app): State<Arc<App>>, caller: Caller) -> Result<axum::Json<Page<Skill>>, Failure> {
    Ok(axum::Json(Page { data: skill::list(&app, &caller)?, has_more: false, next: None }))
}
