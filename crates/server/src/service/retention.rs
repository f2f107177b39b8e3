//! What is old goes: a loop that deletes in small batches, so that it never holds the writer for long.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::store::StoreError;

/// How often the loop looks.
const PERIOD: Duration = Duration::from_mins(10);
/// Rows of one delete: a few milliseconds of the writer, which others wait for.
const BATCH: u32 = 200;
/// How long the writer is left to others after each: some thousand rows a second go, more than come.
const REST: Duration = Duration::from_millis(20);

/// Runs until the gateway shuts down.
pub async fn run(app: Arc<App>) {
    loop {
        if let Err(error) = sweep(&app).await {
            tracing::warn!(%error, "old rows could not be deleted; trying again later");
        }
        tokio::select! {
            () = app.clock.sleep(PERIOD) => {}
            () = app.tasks.draining().cancelled() => return,
        }
    }
}

/// Deletes until less than a batch is old.
async fn sweep(app: &App) -> Result<(), StoreError> {
    let retention = app.live.load().config.storage.retention.clone();
    let now = app.clock.now();
    let events_before = now.plus_millis(-i64::from(retention.events_days) * 86_400_000);
    let agents_before = now.plus_millis(-i64::from(retention.agents_days) * 86_400_000);
    let answers_before = now.plus_millis(-i64::from(retention.idempotency_hours) * 3_600_000);
    loop {
        let events = app.store.delete_events(events_before, BATCH).await?;
        let deliveries = app.store.delete_deliveries(events_before, BATCH).await?;
        let agents = app.store.delete_agents(agents_before, BATCH).await?;
        let runs = app.store.delete_schedule_runs(agents_before, BATCH).await?;
        let answers = app.store.delete_idempotency(answers_before, BATCH).await?;
        let received = app.store.delete_channel_messages(events_before, BATCH).await?;
        let most = [events, deliveries, agents, runs, answers, received].into_iter().max();
        if most < Some(u64::from(BATCH)) {
            return Ok(());
        }
        tokio::select! {
            () = app.clock.sleep(REST) => {}
            () = app.tasks.draining().cancelled() => return Ok(()),
        }
    }
}
