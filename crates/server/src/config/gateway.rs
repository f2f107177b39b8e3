//! `gateway`: the HTTP door, who may enter, and how often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `gateway`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// The REST API.
    pub api: ApiConfig,
}

/// `gateway.api`. `enabled`, `host`, `port` and `connections_max` are read at start; the rest is reloaded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Whether to listen at all.
    pub enabled: bool,
    /// The TCP port; 0 takes a free one and prints it.
    pub port: u16,
    /// The address to listen on: `127.0.0.1` for this machine only, `0.0.0.0` for every network.
    pub host: String,
    /// How callers prove who they are.
    pub auth: AuthConfig,
    /// Which web pages may call.
    pub cors: CorsConfig,
    /// How often one key may call.
    pub rate_limit: RateLimitConfig,
    /// The most bytes of a request body; more is answered 413.
    #[schemars(range(min = 1024))]
    pub body_bytes_max: usize,
    /// The most seconds from a request to the end of its answer; then 504. Streams are bound by it too.
    #[schemars(range(min = 1))]
    pub request_timeout_seconds: u64,
    /// The most connections at once; more wait to be accepted.
    #[schemars(range(min = 1))]
    pub connections_max: usize,
    /// How long a shutdown waits for replies that are under way; then they are cut off and kept as far as they came.
    pub drain_seconds: u64,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            port: 3000,
            host: "127.0.0.1".into(),
            auth: AuthConfig::default(),
            cors: CorsConfig::default(),
            rate_limit: RateLimitConfig::default(),
            body_bytes_max: 1024 * 1024,
            request_timeout_seconds: 600,
            connections_max: 10_000,
            drain_seconds: 30,
        }
    }
}

/// `gateway.api.auth`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthConfig {
    /// `bearer`: `Authorization: Bearer KEY`. `api_key`: `X-API-Key: KEY`, and Bearer too.
    pub r#type: AuthType,
    /// The root key: opens the default workspace with every scope and may make keys for other workspaces. At least 16 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl std::fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthConfig")
            .field("type", &self.r#type)
            .field("secret", &self.secret.as_ref().map(|_| "…"))
            .finish()
    }
}

/// How a credential is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthType {
    /// In `Authorization: Bearer`.
    #[default]
    Bearer,
    /// In `X-API-Key`, or as Bearer.
    ApiKey,
}

/// `gateway.api.cors`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorsConfig {
    /// Whether pages of other origins may call from a browser.
    pub enabled: bool,
    /// Those origins, such as `https://your-app.com`; `*` allows every one.
    pub origins: Vec<String>,
}

/// `gateway.api.rate_limit`: a steady rate (GCRA) with a burst, for each key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimitConfig {
    /// The steady rate: a spent key gets its next request after 60 / this many seconds. 0 turns the limit off.
    pub requests_per_minute: u32,
    /// How many requests may come at once after a pause.
    #[schemars(range(min = 1))]
    pub burst: u32,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self { requests_per_minute: 600, burst: 100 }
    }
}
