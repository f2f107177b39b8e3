//! Where an agent stands, and why it completed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an agent stands. The last three are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStatus {
    /// Accepted; it waits for its turn to run.
    Queued,
    /// At work, or waiting for its children.
    Running,
    /// It waits for an approval or an answer; see `required_actions`.
    RequiresAction,
    /// It ended with an output.
    Completed,
    /// It ended without its answer; see `error`.
    Failed,
    /// It was stopped; see `error`.
    Cancelled,
}

impl AgentStatus {
    /// Every status there is.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::RequiresAction, Self::Completed, Self::Failed, Self::Cancelled];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::RequiresAction => "requires_action",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether nothing more will happen.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// Whether nothing more will happen by itself: it has ended or waits for its caller.
    pub const fn is_at_rest(self) -> bool {
        self.is_ended() || matches!(self, Self::RequiresAction)
    }
}

/// Why an agent completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model had said all.
    EndTurn,
    /// The output fits its `output_schema`.
    OutputSchemaMet,
    /// The answer reached `max_output_tokens`; `partial` is true.
    MaxOutputTokens,
    /// The vendor's filter stopped the answer; `partial` is true.
    ContentFilter,
}
