//! What is old goes: a loop that deletes in small batches, so that it never holds the writer for long.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::store::StoreError;

/// How often the loop looks.
const PERIOD: Duration = Duration::from_mins(10);
/// Rows of one delete.
const BATCH: u32 = 500;
/// Deletes of one look, so that a long-neglected store is caught up with over time.
const BATCHES_MAX: usize = 200;

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

async fn sweep(app: &App) -> Result<(), StoreError> {
    let retention = app.live.load().config.storage.retention.clone();
    let now = app.clock.now();
    let events_before = now.plus_millis(-i64::from(retention.events_days) * 86_400_000);
    let agents_before = now.plus_millis(-i64::from(retention.agents_days) * 86_400_000);
    let answers_before = now.plus_millis(-i64::from(retention.idempotency_hours) * 3_600_000);
    for _ in 0..BATCHES_MAX {
        let events = app.store.delete_events(events_before, BATCH).await?;
        let deliveries = app.store.delete_deliveries(events_before, BATCH).await?;
        let agents = app.store.delete_agents(agents_before, BATCH).await?;
        let answers = app.store.delete_idempotency(answers_before, BATCH).await?;
        if events.max(answers).max(deliveries).max(agents) < u64::from(BATCH) || app.tasks.draining().is_cancelled() {
            break;
        }
    }
    Ok(())
}
