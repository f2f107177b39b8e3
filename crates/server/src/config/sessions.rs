//! `sessions`: conversations, and how much of one a model is shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `sessions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionsConfig {
    /// The most earlier messages that a model is shown; 0 shows none.
    #[schemars(range(max = 10_000))]
    pub history_messages_max: u32,
    /// The most tokens of earlier messages that a model is shown, counted as bytes / 4.
    pub history_tokens_max: u64,
    /// How many messages to one session may wait while another is answered; one more is answered 409.
    pub queue_max: usize,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self { history_messages_max: 100, history_tokens_max: 32_000, queue_max: 16 }
    }
}
