//! Webhooks: events go out to their endpoints, until they are received.
//!
//! Cast: the *dispatcher* turns each stored event into one delivery for every endpoint that subscribes to it; each
//! endpoint has a *lane*, a task of its own that takes its due deliveries and makes attempts, so that a slow receiver slows
//! only itself. Order of events: an event commits with its change; the bell rings; the dispatcher stores deliveries; the
//! lane claims them in its memory, renders, signs and POSTs; the attempt commits with what becomes of the delivery. After
//! a crash, what had not ended is due again: at least once, with the same id and body.

mod attempt;
mod breaker;
mod dispatcher;
mod lane;
mod retry;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use openclaw_core::EndpointStatus;

use crate::app::{App, Bell};
use crate::service::endpoint;

/// How long to wait when the store does not give the endpoints.
const APPLY_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Runs until the gateway shuts down: the dispatcher, and a lane for each enabled endpoint.
pub async fn run(app: Arc<App>) {
    // Nothing is dispatched before everybody who is to be told is known.
    while let Err(error) = endpoint::apply(&app, &app.live.load_full().config).await {
        tracing::error!(%error, "the endpoints could not be read; trying again");
        app.clock.sleep(APPLY_AGAIN_AFTER).await;
        if app.tasks.draining().is_cancelled() {
            return;
        }
    }
    let lanes = Arc::new(OpenLanes::default());
    app.tasks.spawn(dispatcher::run(Arc::clone(&app), Arc::clone(&lanes)));
    let mut changed = app.delivery_due.listen();
    loop {
        if app.live.load().config.webhooks.enabled {
            open_lanes(&app, &lanes);
        }
        tokio::select! {
            () = changed.heard() => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

/// Opens a lane for each enabled endpoint that has none; a lane whose endpoint is gone or disabled closes itself.
fn open_lanes(app: &Arc<App>, lanes: &OpenLanes) {
    for stored in app.endpoints.load().iter() {
        if stored.endpoint.status == EndpointStatus::Enabled
            && let Some(bell) = lanes.open(stored.row)
        {
            let lane = lane::run(Arc::clone(app), stored.row, bell);
            let app = Arc::clone(app);
            app.tasks.clone().spawn(async move {
                lane.await;
                // Its endpoint may have been enabled again while the last attempts ended.
                app.delivery_due.ring();
            });
        }
    }
    lanes.lanes().retain(|_, bell| bell.strong_count() > 0);
}

/// The lanes that are open, each with a bell of its own, so that an event wakes only those that are told of it.
#[derive(Default)]
struct OpenLanes(Mutex<HashMap<i64, Weak<Bell>>>);

impl OpenLanes {
    /// The bell of a new lane, which is open as long as it keeps it; `None` if there is one already.
    fn open(&self, endpoint: i64) -> Option<Arc<Bell>> {
        let mut lanes = self.lanes();
        let lane = lanes.entry(endpoint).or_default();
        if lane.strong_count() > 0 {
            return None;
        }
        let bell = Arc::default();
        *lane = Arc::downgrade(&bell);
        Some(bell)
    }

    /// Tells a lane of new deliveries; one that is not open finds them when it opens.
    fn ring(&self, endpoint: i64) {
        if let Some(bell) = self.lanes().get(&endpoint).and_then(Weak::upgrade) {
            bell.ring();
        }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<i64, Weak<Bell>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
