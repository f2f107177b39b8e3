//! Takes agents out of the line, oldest first, as many as may run at once.

use std::sync::Arc;
use std::time::Duration;

use super::{AGAIN_AFTER, runner};
use crate::app::{App, Running};
use crate::service::agent::{ring, tell};
use crate::store::StoreError;

/// Agents claimed in one transaction.
const BATCH: usize = 64;
/// How long after the last ring the line is looked at anyway.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Runs until the gateway shuts down; what is in line then waits for the next start.
pub(super) async fn run(app: Arc<App>) {
    let mut ready = app.agents.ready.listen();
    loop {
        let wait = match claim(&app).await {
            Ok(true) => continue,
            Ok(false) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(%error, "agents in line could not be claimed; trying again soon");
                AGAIN_AFTER
            }
        };
        tokio::select! {
            () = ready.heard() => {}
            () = app.clock.sleep(wait) => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

/// Claims what may run now; says whether there may be more.
async fn claim(app: &Arc<App>) -> Result<bool, StoreError> {
    let most = app.live.load().config.agents.concurrency_max;
    let free = most.saturating_sub(app.agents.running()).min(BATCH);
    if free == 0 || app.tasks.draining().is_cancelled() {
        return Ok(false);
    }
    let now = app.clock.now();
    let limit = u32::try_from(free).unwrap_or(u32::MAX);
    let claimed = app.store.claim_agents(limit, now, tell::started(app, now)).await?;
    let more = claimed.len() == free;
    for stored in claimed {
        ring(app, &stored.agent.id);
        let running = Running::enter(Arc::clone(app), stored.row, stored.epoch);
        app.tasks.spawn(runner::run(Arc::clone(app), stored, running));
    }
    Ok(more)
}
