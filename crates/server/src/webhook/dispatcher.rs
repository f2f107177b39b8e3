//! Events become deliveries, in the order in which they were committed.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::{EndpointStatus, EventPattern, IdKind};

use crate::app::App;
use crate::store::{NewDelivery, StoreError, StoredEndpoint, UndispatchedEvent};

/// Events dispatched in one transaction.
const BATCH: u32 = 256;
/// How long after the last ring the store is looked at anyway: other processes ring no bell.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How old an event is before it may be skipped for want of anybody to tell; longer than it takes to learn of an endpoint.
const SKIP_AGE_MS: i64 = 5000;

/// Runs until the gateway shuts down.
pub(super) async fn run(app: Arc<App>) {
    let mut stored = app.event_stored.listen();
    let mut changed = app.delivery_due.listen();
    loop {
        match dispatch(&app).await {
            Ok(more) if more => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "events could not be dispatched; trying again soon"),
        }
        let anybody = is_anybody_told(&app);
        tokio::select! {
            () = stored.heard(), if anybody => {}
            () = changed.heard(), if !anybody => {}
            () = app.clock.sleep(LOOK_EVERY) => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

/// Dispatches a batch; says whether there may be more.
async fn dispatch(app: &App) -> Result<bool, StoreError> {
    if !is_anybody_told(app) {
        // Not the latest ones: an endpoint just stored may not be known here yet.
        let before = app.clock.now().plus_millis(-SKIP_AGE_MS);
        return app.store.skip_events(before).await.map(|()| false);
    }
    let events = app.store.undispatched_events(BATCH).await?;
    let Some(last) = events.last() else { return Ok(false) };
    let up_to = last.seq;
    let endpoints = app.endpoints.load_full();
    let mut deliveries = Vec::new();
    for event in &events {
        for stored in endpoints.iter().filter(|stored| subscribes(stored, event)) {
            let id = app.clock.id(IdKind::Delivery);
            deliveries.push(NewDelivery { id, event_seq: event.seq, endpoint: stored.row });
        }
    }
    let any = !deliveries.is_empty();
    app.store.dispatch(up_to, deliveries, app.clock.now()).await?;
    if any {
        app.delivery_due.ring();
    }
    Ok(events.len() == BATCH as usize)
}

/// Whether there is an endpoint, and webhooks are on. What happens otherwise is stored and can be recovered.
fn is_anybody_told(app: &App) -> bool {
    app.live.load().config.webhooks.enabled && !app.endpoints.load().is_empty()
}

/// Whether the endpoint is told of the event: of what happened since it was made. A test is told to one endpoint by hand;
/// one that its operator switched off gets no queue, one that was disabled for failing keeps its own.
fn subscribes(stored: &StoredEndpoint, event: &UndispatchedEvent) -> bool {
    let theirs = stored.workspace.as_ref().is_none_or(|workspace| *workspace == event.workspace);
    let off = stored.endpoint.status == EndpointStatus::Disabled
        && stored.endpoint.disabled_reason == Some(openclaw_core::DisabledReason::Requested);
    let Some(name) = event.name else { return false };
    let old = event.created_at < stored.endpoint.created_at;
    let patterns = stored.endpoint.events.iter().filter_map(|word| EventPattern::parse(word));
    theirs && !off && !old && name != openclaw_core::EventName::WebhookTest && { patterns }
        .any(|pattern| pattern.matches(name))
}
