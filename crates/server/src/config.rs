//! The configuration: one file a section, each key one documented field with its default.
//!
//! Life of a configuration: [`Source::find`] names the file, [`Source::load`] reads it (`yaml`), replaces variables
//! (`variable`), decodes the types (`decode`) and applies the rules (`check`); a [`ConfigError`] says what to
//! change. A [`Watcher`] then waits for the next one.

mod agents;
mod channels;
mod check;
mod decode;
mod environment;
mod error;
mod gateway;
mod logging;
mod models;
mod outbound;
mod provider;
mod restart;
mod schedules;
mod schema;
mod secret;
mod sessions;
mod skills;
mod source;
mod storage;
mod variable;
mod watch;
mod webhooks;
mod yaml;

pub use agents::AgentsConfig;
pub use channels::{ChannelsConfig, TelegramConfig, TelegramMode, TelegramWebhookConfig};
pub use environment::Environment;
pub use error::ConfigError;
pub use gateway::{ApiConfig, AuthConfig, AuthType, CorsConfig, GatewayConfig, RateLimitConfig};
pub use logging::{LogFormat, LoggingConfig};
pub use models::ModelsConfig;
pub use outbound::{Network, OutboundConfig};
pub use provider::{ProviderConfig, ProviderKind};
pub use restart::needs_restart;
pub use schedules::{ScheduleConfig, ScheduledAgentConfig};
pub use sessions::SessionsConfig;
pub use skills::{McpConfig, SearchKind, SkillsConfig, ToolApproval, WebFetchConfig, WebSearchConfig};
pub use source::{Loaded, Source};
pub use storage::{PostgresConfig, RetentionConfig, StorageConfig, Synchronous};
pub use watch::Watcher;
pub use webhooks::{EndpointConfig, Secrets, WebhooksConfig};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The whole of `~/.openclaw/config.yaml`. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The HTTP door.
    pub gateway: GatewayConfig,
    /// Which model answers by what name.
    pub models: ModelsConfig,
    /// Model vendors, by the name you give them; `echo` is always there.
    pub providers: BTreeMap<String, ProviderConfig>,
    /// Workers that are spawned with a task.
    pub agents: AgentsConfig,
    /// Agents that are spawned when their time comes, by the name you give their schedule.
    pub schedules: BTreeMap<String, ScheduleConfig>,
    /// Conversations.
    pub sessions: SessionsConfig,
    /// What agents may be granted.
    pub skills: SkillsConfig,
    /// Where everything is kept.
    pub storage: StorageConfig,
    /// Who is told of events.
    pub webhooks: WebhooksConfig,
    /// Where people write from, beside the API.
    pub channels: ChannelsConfig,
    /// Who may be reached, and how long it may take.
    pub outbound: OutboundConfig,
    /// What is written to standard error.
    pub logging: LoggingConfig,
}
