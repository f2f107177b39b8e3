//! `skills.web_fetch` and `skills.web_search`: how agents read the web.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `skills.web_fetch`. Private networks are closed to it, but for those in `outbound.allow`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebFetchConfig {
    /// The most seconds for one page, redirects and conversion included.
    #[schemars(range(min = 1, max = 300))]
    pub timeout_seconds: u64,
    /// The longest page that is read; of a longer one the beginning.
    #[schemars(range(min = 1024, max = 67_108_864))]
    pub bytes_max: usize,
    /// The most redirects that are followed, each judged like the first address.
    #[schemars(range(max = 20))]
    pub redirects_max: usize,
    /// The most bytes of text that one call gives the model; it may ask for what follows.
    #[schemars(range(min = 1024, max = 1_048_576))]
    pub text_bytes_max: usize,
}

impl Default for WebFetchConfig {
    fn default() -> Self {
        Self { timeout_seconds: 30, bytes_max: 4 * 1024 * 1024, redirects_max: 5, text_bytes_max: 32 * 1024 }
    }
}

/// `skills.web_search`. Without a `url` the skill is not offered.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebSearchConfig {
    /// Where the search engine answers: `https://searx.example.com/search`, or `https://api.search.brave.com/res/v1/web/search`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it speaks.
    pub kind: SearchKind,
    /// The engine's key, sent as `X-Subscription-Token` to Brave and as a bearer token to SearXNG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The most seconds for one search.
    #[schemars(range(min = 1, max = 300))]
    pub timeout_seconds: u64,
}

/// What a search engine speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    /// `SearXNG`'s JSON, which its `settings.yml` must allow (`search.formats: [html, json]`).
    #[default]
    Searxng,
    /// Brave Search's JSON, and what is compatible with it.
    Brave,
}

impl Default for WebSearchConfig {
    fn default() -> Self {
        Self { url: None, kind: SearchKind::default(), api_key: None, timeout_seconds: 15 }
    }
}

impl std::fmt::Debug for WebSearchConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebSearchConfig")
            .field("url", &self.url)
            .field("kind", &self.kind)
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}
