//! Events become deliveries, in the order in which they were committed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::{DisabledReason, EndpointStatus, EventName, EventPattern, IdKind};

use crate::app::App;
use crate::service::fleet::Hold;
use crate::service::{ServiceError, endpoint};
use crate::store::{NewDelivery, StoredEndpoint, UndispatchedEvent};

/// Events dispatched in one transaction.
const BATCH: u32 = 256;
/// How long after the last ring the store is looked at anyway: other processes ring no bell.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How old an event is before it may be skipped for want of anybody to tell; longer than it takes to learn of an endpoint.
const SKIP_AGE_MS: i64 = 5000;

/// Runs until the gateway shuts down.
pub(super) async fn run(app: Arc<App>) {
    let mut hold = Hold::new("dispatcher".into());
    let mut stored = app.event_stored.listen();
    let mut changed = app.delivery_due.listen();
    loop {
        match dispatch(&app, &mut hold).await {
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
async fn dispatch(app: &App, hold: &mut Hold) -> Result<bool, ServiceError> {
    if !hold.take(app).await? {
        return Ok(false);
    }
    if !is_anybody_told(app) {
        // Not the latest ones: an endpoint just stored may not be known here yet.
        let before = app.clock.now().plus_millis(-SKIP_AGE_MS);
        app.store.skip_events(before).await?;
        return Ok(false);
    }
    let events = app.store.undispatched_events(BATCH).await?;
    let Some(last) = events.last() else { return Ok(false) };
    let up_to = last.seq;
    let is_shared = app.store.lease().is_some();
    if is_shared {
        // After the events: whoever was to be told of them had been stored before.
        endpoint::reread(app).await?;
    }
    let endpoints = app.endpoints.load_full();
    let subscribers: Vec<_> = endpoints.iter().filter_map(|stored| Subscriber::of(stored)).collect();
    let mut deliveries = Vec::new();
    for event in &events {
        for subscriber in subscribers.iter().filter(|subscriber| subscriber.is_told(event)) {
            let id = app.clock.id(IdKind::Delivery);
            deliveries.push(NewDelivery { id, event_seq: event.seq, endpoint: subscriber.stored.row });
        }
    }
    let told: BTreeSet<i64> = deliveries.iter().map(|delivery| delivery.endpoint).collect();
    app.store.dispatch(up_to, deliveries, app.clock.now()).await?;
    for endpoint in told {
        app.delivery_stored.ring(&endpoint.to_string());
    }
    // In a shared store more may have settled meanwhile, without a ring.
    Ok(is_shared || events.len() == BATCH as usize)
}

/// Whether there is an endpoint, and webhooks are on. What happens otherwise is stored and can be recovered.
fn is_anybody_told(app: &App) -> bool {
    app.live.load().config.webhooks.enabled && !app.endpoints.load().is_empty()
}

/// An endpoint, its patterns read once for a batch.
struct Subscriber<'a> {
    stored: &'a StoredEndpoint,
    patterns: Vec<EventPattern>,
}

impl<'a> Subscriber<'a> {
    /// One that its operator switched off gets no queue; one that was disabled for failing keeps its own.
    fn of(stored: &'a StoredEndpoint) -> Option<Self> {
        let off = stored.endpoint.status == EndpointStatus::Disabled
            && stored.endpoint.disabled_reason == Some(DisabledReason::Requested);
        let patterns = || stored.endpoint.events.iter().filter_map(|word| EventPattern::parse(word)).collect();
        (!off).then(|| Self { stored, patterns: patterns() })
    }

    /// Whether it is told of the event: because the event names it, or of what happened since it was made. A test is told to one endpoint by hand.
    fn is_told(&self, event: &UndispatchedEvent) -> bool {
        let Some(name) = event.name else { return false };
        let theirs = self.stored.workspace.as_ref().is_none_or(|workspace| *workspace == event.workspace);
        if event.deliver_to.contains(&self.stored.endpoint.id) {
            return theirs;
        }
        let old = event.created_at < self.stored.endpoint.created_at;
        theirs && !old && name != EventName::WebhookTest && self.patterns.iter().any(|pattern| pattern.matches(name))
    }
}
