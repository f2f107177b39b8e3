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

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            input_tokens: self.input_tokens + more.input_tokens,
            output_tokens: self.output_tokens + more.output_tokens,
        }
    }
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
    /// How many of the turns and agents have estimated counts, because their vendor did not tell or was cut off before.
    pub estimated_turns: u64,
}
