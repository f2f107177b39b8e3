//! Usage over HTTP.

use std::sync::Arc;

use axum::extract::State;
use openclaw_core::{ErrorEnvelope, Page, UsageBucket};

use super::error::Failure;
use super::page::{Params, SpanParams};
use crate::app::App;
use crate::service::{Caller, usage};

/// List tokens used, by UTC day and model, oldest first.
#[utoipa::path(
    get, path = "/api/v1/usage", tag = "usage", operation_id = "list_usage", params(SpanParams),
    responses((status = 200, description = "Every bucket, on one page.", body = Page<UsageBucket>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(span): Params<SpanParams>,
) -> Result<axum::Json<Page<UsageBucket>>, Failure> {
    let (since, until) = span.ends()?;
    let data = usage::list(&app, &caller, since, until).await?;
    Ok(axum::Json(Page { data, has_more: false, next: None }))
}
