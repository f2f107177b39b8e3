//! Why an agent ended without its answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an agent failed or was cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentError {
    /// A stable name, one of [`AgentErrorCode`]'s.
    #[schema(example = "timeout")]
    pub code: String,
    /// For people.
    pub message: String,
}

impl AgentError {
    /// An error of that code.
    pub fn new(code: AgentErrorCode, message: impl Into<String>) -> Self {
        Self { code: code.as_str().to_owned(), message: message.into() }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal;)+) => {
        /// The codes of [`AgentError`]; a newer gateway may know more.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AgentErrorCode {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl AgentErrorCode {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

codes! {
    /// Its `timeout` ran out.
    Timeout = "timeout";
    /// It took `budget.max_steps` steps.
    MaxSteps = "max_steps";
    /// It used `budget.max_tokens` tokens.
    BudgetExceeded = "budget_exceeded";
    /// Its conversation is longer than its model takes.
    ContextOverflow = "context_overflow";
    /// It made the same call again and again.
    LoopDetected = "loop_detected";
    /// The model's vendor failed.
    ProviderError = "provider_error";
    /// Its skills could not be opened.
    ToolError = "tool_error";
    /// It said nothing.
    EmptyOutput = "empty_output";
    /// Its output does not fit its `output_schema`.
    InvalidOutput = "invalid_output";
    /// The gateway met a fault while it ran.
    Interrupted = "interrupted";
    /// Its caller cancelled it.
    ByUser = "by_user";
    /// Its parent ended.
    ByParent = "by_parent";
    /// The next slot of its schedule took its place.
    BySchedule = "by_schedule";
}
