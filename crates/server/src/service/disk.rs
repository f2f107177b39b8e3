//! A full disk: told to the operator as soon as that can be stored.
//!
//! Order of events: a write finds no room and its caller is answered 503; the store is *full*, and so the gateway not
//! ready; what is to be told is kept here, and storing it is tried until there is room again, which is how that is found
//! out. One event tells of the whole time, and none follows within a minute.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::EventName;
use openclaw_core::event::FaultEvent;

use super::event;
use crate::app::App;

/// How often storing is tried.
const TRY_EVERY: Duration = Duration::from_secs(2);
const CODE: &str = "disk_full";

/// Runs until the gateway shuts down.
pub async fn run(app: Arc<App>) {
    loop {
        tokio::select! {
            () = app.store.fullness().filled() => {}
            () = app.tasks.draining().cancelled() => return,
        }
        tracing::error!("the disk of the store is full: writes are refused until there is room");
        let since = app.clock.now();
        while !tell(&app, since).await {
            tokio::select! {
                () = app.clock.sleep(TRY_EVERY) => {}
                () = app.tasks.draining().cancelled() => return,
            }
        }
        tracing::info!("the store has room again");
    }
}

/// Tries to store the event; says whether there is room again.
async fn tell(app: &App, since: openclaw_core::Timestamp) -> bool {
    let now = app.clock.now();
    if !app.faults.is_due(CODE, now) {
        return false;
    }
    let message = format!(
        "the disk of the store is full: since {since} writes have been refused, and nothing of them was stored"
    );
    let fault = FaultEvent { code: CODE.to_owned(), message };
    if let Err(error) = event::announce_to_operator(app, EventName::SystemError, fault).await {
        tracing::debug!(%error, "there is no room yet");
        return false;
    }
    app.faults.may_tell(CODE, now);
    app.store.fullness().clear();
    true
}
