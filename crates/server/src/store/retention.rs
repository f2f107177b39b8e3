//! What is old goes, a bounded batch at a time.

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::StoreError;

/// Forgets old rows.
#[async_trait]
pub trait RetentionStore {
    /// Deletes at most `batch` events stored before then; says how many.
    async fn delete_events(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;

    /// Deletes at most `batch` deliveries made before then, with their attempts; says how many.
    async fn delete_deliveries(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;

    /// Deletes at most `batch` agents that ended before then, with their journals; says how many.
    async fn delete_agents(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;

    /// Deletes at most `batch` runs of schedules settled before then; says how many.
    async fn delete_schedule_runs(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;

    /// Deletes at most `batch` idempotent answers stored before then; says how many.
    async fn delete_idempotency(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;

    /// Deletes ended messages of channels that came before then; says how many.
    async fn delete_channel_messages(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError>;
}
