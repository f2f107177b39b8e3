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
use std::sync::Arc;
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
    app.tasks.spawn(dispatcher::run(Arc::clone(&app)));
    let mut changed = app.delivery_due.listen();
    let mut lanes = HashMap::new();
    loop {
        if app.live.load().config.webhooks.enabled {
            open_lanes(&app, &mut lanes);
        }
        tokio::select! {
            () = changed.heard() => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

/// Opens a lane for each enabled endpoint that has none; a lane whose endpoint is gone or disabled closes itself.
fn open_lanes(app: &Arc<App>, lanes: &mut HashMap<i64, Arc<()>>) {
    for stored in app.endpoints.load().iter() {
        let is_open = lanes.get(&stored.row).is_some_and(|open| Arc::strong_count(open) > 1);
        if stored.endpoint.status == EndpointStatus::Enabled && !is_open {
            let open = Arc::new(());
            lanes.insert(stored.row, Arc::clone(&open));
            let lane = lane::run(Arc::clone(app), stored.row);
            app.tasks.spawn(async move {
                lane.await;
                drop(open);
            });
        }
    }
    lanes.retain(|_, open| Arc::strong_count(open) > 1);
}
