//! `providers.NAME`: a vendor of models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `providers.NAME`.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProviderConfig {
    /// The wire format; absent: `anthropic` if that is the provider's name, else `openai`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ProviderKind>,
    /// The vendor's key. Never logged, never sent to callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// Where the vendor answers; absent: the vendor's own address. For a compatible server: `http://localhost:11434/v1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Models to offer by their plain names, beside the families known of the vendor; any other is reached as `NAME/model`.
    pub models: Vec<String>,
    /// How often to ask again after a 429, a 5xx or a broken connection, before the first piece of a reply.
    #[schemars(range(max = 10))]
    pub max_retries: u32,
    /// The most seconds to wait for the connection.
    #[schemars(range(min = 1))]
    pub connect_timeout_seconds: u64,
    /// The most seconds to wait for the head of the answer, and between two pieces of it.
    #[schemars(range(min = 1))]
    pub idle_timeout_seconds: u64,
}

impl Default for ProviderConfig {
    fn default() -> Self {
        Self {
            r#type: None,
            api_key: None,
            base_url: None,
            models: Vec::new(),
            max_retries: 2,
            connect_timeout_seconds: 10,
            idle_timeout_seconds: 120,
        }
    }
}

impl std::fmt::Debug for ProviderConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderConfig")
            .field("type", &self.r#type)
            .field("api_key", &self.api_key.as_ref().map(|_| "…"))
            .field("base_url", &self.base_url)
            .field("models", &self.models)
            .finish_non_exhaustive()
    }
}

/// The wire format that a vendor speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Anthropic's Messages API.
    Anthropic,
    /// OpenAI's Chat Completions API, which Ollama, vLLM, DeepSeek and many others speak too.
    Openai,
    /// Built in: answers in the caller's words.
    Echo,
}
