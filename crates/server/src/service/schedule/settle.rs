//! What is due is settled, and whoever waits for it woken.

use std::sync::Arc;

use openclaw_core::Timestamp;

use super::super::agent::ending;
use super::rules::Rules;
use crate::app::App;
use crate::store::{Settled, StoreError};

/// Schedules settled in one transaction: each spawns an agent at most.
const BATCH: u32 = 64;

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At once: there may be more.
    Now,
    /// When the next slot comes.
    At(Timestamp),
    /// When something changes: no schedule has another slot.
    Later,
}

/// Settles a batch of what is due.
pub async fn settle(app: &Arc<App>) -> Result<Look, StoreError> {
    let now = app.clock.now();
    let settled = app.store.settle_schedules(now, BATCH, Arc::new(Rules::new(app, now))).await?;
    if settled.looked_at > 0 {
        announce(app, &settled);
        return Ok(Look::Now);
    }
    Ok(app.store.next_slot_at().await?.map_or(Look::Later, Look::At))
}

/// Wakes whoever waits for what was settled.
pub(super) fn announce(app: &App, settled: &Settled) {
    for tree in &settled.ended {
        ending::announce(app, tree);
    }
    if !settled.runs.is_empty() {
        app.event_stored.ring();
        app.agents.ready.ring();
    }
}
