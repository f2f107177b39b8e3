//! Queues: what waits for each endpoint.

use std::sync::Arc;

use openclaw_core::{EndpointQueue, Timestamp};

use super::ServiceError;
use crate::app::{App, QueueMap};

/// What waits for the endpoint of that handle.
pub async fn get(app: &App, endpoint: i64) -> Result<EndpointQueue, ServiceError> {
    Ok(count(app).await?.get(&endpoint).copied().unwrap_or_default())
}

/// Tells the metrics what waits for each endpoint. What cannot be counted stays as it was.
pub async fn observe(app: &App) {
    let queues = match count(app).await {
        Ok(queues) => queues,
        Err(error) => {
            tracing::warn!(%error, "the queues of webhooks could not be counted");
            return;
        }
    };
    let endpoints = app.endpoints.load_full();
    let each = endpoints.iter().map(|stored| {
        let EndpointQueue { depth, lag_seconds } = queues.get(&stored.row).copied().unwrap_or_default();
        (stored.endpoint.id.as_str(), depth, lag_seconds)
    });
    app.metrics.endpoint_queues(&each.collect::<Vec<_>>());
}

async fn count(app: &App) -> Result<QueueMap, ServiceError> {
    let now = app.clock.now();
    if let Some(queues) = app.queues.find(now) {
        return Ok(queues);
    }
    let lag_seconds = |due: Timestamp| u64::try_from((now.as_millis() - due.as_millis()) / 1000).unwrap_or(0);
    let stored = app.store.queues().await?.into_iter();
    let queues = stored.map(|stored| {
        let queue = EndpointQueue { depth: stored.depth, lag_seconds: lag_seconds(stored.due_at) };
        (stored.endpoint, queue)
    });
    let queues = Arc::new(queues.collect());
    app.queues.remember(Arc::clone(&queues), now);
    Ok(queues)
}
