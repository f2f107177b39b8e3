//! Webhooks: events go out to their endpoints, until they are received.
//!
//! Cast: the *dispatcher* turns each stored event into one delivery for every endpoint that subscribes to it; each
//! endpoint has a *lane*, a task of its own that takes its due deliveries and makes attempts, so that a slow receiver slows
//! only itself. Where gateways share a store, one of them dispatches, and each lane is worked on by one, as long as its
//! lease holds. Order of events: an event commits with its change; the bell rings; the dispatcher stores deliveries; the
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

use crate::app::App;
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
    let lanes = OpenLanes::default();
    app.tasks.spawn(dispatcher::run(Arc::clone(&app)));
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
            && let Some(open) = lanes.open(stored.row)
        {
            let lane = lane::run(Arc::clone(app), stored.row);
            let app = Arc::clone(app);
            app.tasks.clone().spawn(async move {
                lane.await;
                drop(open);
                // Its endpoint may have been enabled again while the last attempts ended.
                app.delivery_due.ring_here();
            });
        }
    }
    lanes.lanes().retain(|_, open| open.strong_count() > 0);
}

/// The lanes that are open in this process.
#[derive(Default)]
struct OpenLanes(Mutex<HashMap<i64, Weak<()>>>);

impl OpenLanes {
    /// A new lane, open as long as what it gives is kept; `None` if there is one already.
    fn open(&self, endpoint: i64) -> Option<Arc<()>> {
        let mut lanes = self.lanes();
        let lane = lanes.entry(endpoint).or_default();
        if lane.strong_count() > 0 {
            return None;
        }
        let open = Arc::new(());
        *lane = Arc::downgrade(&open);
        Some(open)
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<i64, Weak<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
