//! How the gateway is doing; asking changes nothing and calls nobody.

use std::time::Duration;

use openclaw_core::Status;

use super::ServiceError;
use crate::app::App;
use crate::store::StoreError;

/// A store that is silent for longer is away for whoever asks, though it may answer yet.
const STORE_ANSWER_MAX: Duration = Duration::from_secs(2);

/// The gateway's state, for any valid key.
pub fn get(app: &App) -> Status {
    let now = app.clock.now();
    let uptime_ms = now.as_millis() - app.started_at.as_millis();
    Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: u64::try_from(uptime_ms / 1000).unwrap_or(0),
        started_at: app.started_at,
        turns_running: app.metrics.turns_running(),
        writes_queued: app.store.writes_queued(),
        providers: app.live.load().providers.status(),
    }
}

/// Everything that is counted, in Prometheus' text format.
pub async fn metrics(app: &App) -> Result<String, ServiceError> {
    let queued = app.store.agents_queued().await?;
    Ok(app.metrics.render(app.store.writes_queued(), app.agents.running() as u64, queued))
}

/// Fails unless new work may be sent here: the store answers and no shutdown has begun.
pub async fn check_ready(app: &App) -> Result<(), ServiceError> {
    if app.tasks.draining().is_cancelled() {
        return Err(ServiceError::Overloaded { code: "shutting_down", message: "the gateway is shutting down".into() });
    }
    if app.store.fullness().is_full() {
        let message = "the disk of the store is full: make room".into();
        return Err(ServiceError::Overloaded { code: "disk_full", message });
    }
    let silent = |_| StoreError::Unavailable(format!("no answer in {} s", STORE_ANSWER_MAX.as_secs()));
    let answered = app.clock.timeout(STORE_ANSWER_MAX, app.store.ping()).await.map_err(silent).flatten();
    answered.map_err(|error| {
        tracing::error!(%error, "the store does not answer");
        ServiceError::Overloaded { code: "store_unavailable", message: "the store does not answer".into() }
    })
}
