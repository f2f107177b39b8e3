//! The door through which time comes in: slots are settled when they come.
//!
//! One loop, no timer a schedule: it settles what is due, then sleeps until the next slot of any schedule, or until one
//! changes. A slot and all that comes of it is one transaction (`service::schedule`), so a crash at any moment leaves it
//! either settled or due. With nothing due, a look is two reads by an index.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::service::schedule::{Look, settle};

/// How long after the last look the store is looked at anyway: slots that wait for an agent's end start then, and the
/// machine's clock may have been put forward.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to wait when the store does not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Runs until the gateway shuts down; what comes due then is settled at the next start.
pub async fn run(app: Arc<App>) {
    let mut changed = app.schedule_changed.listen();
    while !app.tasks.draining().is_cancelled() {
        let wait = match settle(&app).await {
            Ok(Look::Now) => continue,
            Ok(Look::At(at)) => until(&app, at),
            Ok(Look::Later) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(%error, "slots of schedules could not be settled; trying again soon");
                AGAIN_AFTER
            }
        };
        tokio::select! {
            () = changed.heard() => {}
            () = app.clock.sleep(wait) => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

fn until(app: &App, at: openclaw_core::Timestamp) -> Duration {
    let millis = at.as_millis() - app.clock.now().as_millis();
    Duration::from_millis(u64::try_from(millis).unwrap_or(0)).min(LOOK_EVERY)
}
