//! Tokens booked, summed by day and model.

use async_trait::async_trait;
use openclaw_core::{Timestamp, UsageBucket};

use super::StoreError;

/// Sums what was booked.
#[async_trait]
pub trait UsageStore {
    /// Buckets of turns begun in `since..until`, oldest day first.
    async fn list_usage(
        &self,
        workspace: String,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<UsageBucket>, StoreError>;
}
