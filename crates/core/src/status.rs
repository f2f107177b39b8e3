//! How the gateway is doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// The gateway's state, for people and dashboards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The gateway's version.
    #[schema(example = "0.1.0")]
    pub version: String,
    /// Seconds since it started.
    pub uptime_seconds: u64,
    /// When it started.
    pub started_at: Timestamp,
    /// Chat turns being answered now.
    pub turns_running: u64,
    /// Writes that wait for the store.
    pub writes_queued: u64,
    /// Each configured provider.
    pub providers: Vec<ProviderStatus>,
}

/// What is known of a provider from the calls made so far; asking for it makes none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderStatus {
    /// The provider's name in the configuration.
    pub name: String,
    /// Judged from its latest call.
    pub health: ProviderHealth,
    /// When its latest call ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_at: Option<Timestamp>,
}

/// The outcome of the latest call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderHealth {
    /// No call was made yet.
    Unknown,
    /// It answered.
    Up,
    /// It failed.
    Down,
}
