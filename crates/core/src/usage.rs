//! Tokens used: of one reply, and summed up.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tokens of one model call, as the vendor counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// Tokens of the prompt: history, system text and message.
    pub input_tokens: u64,
    /// Tokens of the reply.
    pub output_tokens: u64,
}

/// What one workspace used of one model in one UTC day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageBucket {
    /// The UTC day, `YYYY-MM-DD`.
    #[schema(example = "2026-04-17")]
    pub day: String,
    /// The model that answered.
    pub model: String,
    /// Chat turns, whatever their ending.
    pub turns: u64,
    /// Agents that ended, whatever their end.
    #[serde(default)]
    pub agents: u64,
    /// Tokens of the prompts.
    pub input_tokens: u64,
    /// Tokens of the replies.
    pub output_tokens: u64,
    /// How many of the turns have estimated counts, because they were cut off before the vendor told.
    pub estimated_turns: u64,
}
