//! Ends agents whose time is up and who have no runner that would: those in line, those parked, and those whose runner
//! is stuck.

use std::sync::Arc;
use std::time::Duration;

use super::runner::time_up;
use crate::app::App;
use crate::service::agent::ending::{self, Found};
use crate::store::StoreError;

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a runner may take to end its agent by itself.
const RUNNER_GRACE_MS: i64 = 5000;
/// Agents ended in one look.
const BATCH: u32 = 256;

/// Runs until the gateway shuts down.
pub(super) async fn run(app: Arc<App>) {
    loop {
        if let Err(error) = look(&app).await {
            tracing::warn!(%error, "overdue agents could not be ended; trying again soon");
        }
        tokio::select! {
            () = app.clock.sleep(LOOK_EVERY) => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

async fn look(app: &Arc<App>) -> Result<(), StoreError> {
    let now = app.clock.now();
    for row in app.store.overdue_agents(now, now.plus_millis(-RUNNER_GRACE_MS), BATCH).await? {
        ending::end(app, row, None, time_up(Found::InJournal)).await?;
    }
    Ok(())
}
