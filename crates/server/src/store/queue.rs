//! Queues as they are stored: what waits for each endpoint, what it was sent lately, and what is put back by hand.

use async_trait::async_trait;
use openclaw_core::{DeliveryStatus, Timestamp};

use super::StoreError;

/// How many of an endpoint's latest deliveries are looked at for what it was sent lately: no robot takes so many in a minute.
pub(super) const RECENT_MAX: u32 = 5000;

/// What waits for an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredQueue {
    /// The endpoint's handle.
    pub endpoint: i64,
    /// Deliveries that have not ended.
    pub depth: u64,
    /// When the first of them is or was due.
    pub due_at: Timestamp,
}

/// Which deliveries to put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryFilter {
    /// In that status.
    pub status: DeliveryStatus,
    /// To that endpoint's id.
    pub endpoint_id: Option<String>,
    /// Of events of that name.
    pub event: Option<String>,
    /// Made from then on.
    pub since: Timestamp,
    /// Made before then.
    pub until: Timestamp,
}

/// Keeps queues.
#[async_trait]
pub trait QueueStore {
    /// Every queue that is not empty.
    async fn queues(&self) -> Result<Vec<StoredQueue>, StoreError>;

    /// When an endpoint was sent something since a moment, oldest first; one moment for deliveries sent as one.
    async fn recent_sends(&self, endpoint: i64, since: Timestamp) -> Result<Vec<Timestamp>, StoreError>;

    /// Makes the workspace's matching deliveries due now, the oldest first and at most so many; says how many, and whether
    /// more match.
    async fn retry_deliveries(
        &self,
        workspace: String,
        filter: RetryFilter,
        limit: usize,
        now: Timestamp,
    ) -> Result<(u64, bool), StoreError>;
}
