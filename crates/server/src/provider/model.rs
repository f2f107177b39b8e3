//! What a model is asked, and its reply as it comes.

use std::pin::Pin;

use futures_util::Stream;
use openclaw_core::{FinishReason, Usage};

use super::ProviderError;
use super::tool::{ToolCall, ToolDefinition, ToolResult};

/// What a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelRequest {
    /// The vendor's name of the model.
    pub model: String,
    /// The system text, if the caller gave one.
    pub system: Option<String>,
    /// The conversation, oldest first; it ends with the user's message or with results of tools.
    pub messages: Vec<ModelMessage>,
    /// The tools that the model may ask for; empty: none. A conversation that holds calls goes on with the same tools.
    pub tools: Vec<ToolDefinition>,
    /// 0 to 2; absent: the vendor's default.
    pub temperature: Option<f64>,
    /// The most tokens of reply; absent: the vendor's default.
    pub max_tokens: Option<u32>,
}

impl ModelRequest {
    /// The bytes of the system text and all messages, for estimates of tokens.
    pub fn bytes(&self) -> usize {
        let system = self.system.as_ref().map_or(0, String::len);
        system + self.messages.iter().map(ModelMessage::bytes).sum::<usize>()
    }
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelMessage {
    /// What the user says.
    User(String),
    /// What the model answered.
    Assistant {
        /// The text; may be empty beside calls.
        content: String,
        /// The tools that it asked for, in its order.
        tool_calls: Vec<ToolCall>,
    },
    /// Outcomes of the calls of the assistant message before it, one each, in its order.
    ToolResults(Vec<ToolResult>),
}

impl ModelMessage {
    /// A model's answer without calls.
    pub fn answer(content: impl Into<String>) -> Self {
        Self::Assistant { content: content.into(), tool_calls: Vec::new() }
    }

    /// The calls that it asks for.
    pub fn calls(&self) -> &[ToolCall] {
        match self {
            Self::Assistant { tool_calls, .. } => tool_calls,
            Self::User(_) | Self::ToolResults(_) => &[],
        }
    }

    /// The bytes of all its texts, for estimates of tokens.
    pub fn bytes(&self) -> usize {
        match self {
            Self::User(content) => content.len(),
            Self::Assistant { content, tool_calls } => {
                content.len() + tool_calls.iter().map(|call| call.name.len() + call.arguments.len()).sum::<usize>()
            }
            Self::ToolResults(results) => results.iter().map(|result| result.content.len()).sum(),
        }
    }
}

/// A reply as it comes: text and calls, then one end. A stream that stops without [`ModelEvent::Done`] has broken off.
pub type ModelStream = Pin<Box<dyn Stream<Item = Result<ModelEvent, ProviderError>> + Send>>;

/// A piece of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelEvent {
    /// The next text; never empty.
    Text(String),
    /// The next tool that the model asks for, whole. Only [`ModelEvent::Done`] says that there are no more: a reply that
    /// breaks off is no ground to call any of them.
    ToolCall(ToolCall),
    /// What is known so far of the model and the tokens, in case the stream breaks off; a later one replaces it.
    Progress {
        /// The vendor's name of the model that answers.
        model: String,
        /// Tokens counted so far.
        usage: Usage,
    },
    /// The end of a whole reply.
    Done {
        /// The vendor's name of the model that answered.
        model: String,
        /// Tokens, if the vendor told.
        usage: Option<Usage>,
        /// Why it ended.
        finish_reason: FinishReason,
    },
}
