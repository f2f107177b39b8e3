//! Probes and counters, for machines: no key, no side effect.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::error::Failure;
use crate::app::App;
use crate::service::{queue, status};

/// `GET /healthz`: the process runs.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: new work may be sent here; 503 while the store does not answer or a shutdown has begun.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Failure> {
    status::check_ready(&app).await?;
    Ok("ready\n")
}

/// `GET /metrics`: counters in Prometheus' text format.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Failure> {
    queue::observe(&app).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = status::metrics(&app).await?;
    Ok(([(header::CONTENT_TYPE, content_type)], text))
}
