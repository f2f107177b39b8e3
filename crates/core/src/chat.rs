//! Chat: one message in, one reply out, whole or in chunks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Metadata, Timestamp, Usage};

/// One message to a model, in a session.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "session_id": "user_123",
    "message": "帮我写个Python脚本",
    "context": {"model": "echo", "temperature": 0.7}
}))]
pub struct ChatRequest {
    /// The conversation to go on with, in the caller's own name for it (1 to 256 bytes); made by its first message. Absent: a new one is made and named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What the user says; not empty.
    pub message: String,
    /// How to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ChatContext>,
    /// `true`: answer as a stream of server-sent events; the same as `Accept: text/event-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<bool>,
    /// Where the message came from, told to webhooks; `api` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "telegram")]
    pub channel: Option<String>,
    /// Who wrote the message, told to webhooks; not sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The caller's own notes on this message; not sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// How a message is to be answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatContext {
    /// The model to ask; absent: `models.default` of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "claude-3-5-sonnet")]
    pub model: Option<String>,
    /// 0 to 2; absent: the vendor's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2)]
    pub temperature: Option<f64>,
    /// The most tokens of reply, at least 1; absent: the configured default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub max_tokens: Option<u32>,
    /// The system text for this turn; absent: none, the gateway adds nothing of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

/// A person on a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// The person's id on that channel.
    #[schema(example = "tg_user_789")]
    pub id: String,
    /// The person's name on that channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "john_doe")]
    pub username: Option<String>,
}

/// A whole reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChatResponse {
    /// The reply's message id.
    #[schema(example = "msg_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
    /// The session it belongs to.
    #[schema(example = "user_123")]
    pub session_id: String,
    /// What the model said.
    pub content: String,
    /// The model that really answered, in the vendor's own name for it.
    #[schema(example = "claude-3-5-sonnet-20241022")]
    pub model: String,
    /// Tokens used.
    pub usage: Usage,
    /// When the reply was complete.
    pub timestamp: Timestamp,
    /// Why the reply ended.
    pub finish_reason: FinishReason,
}

/// A piece of a streamed reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChatChunk {
    /// The reply's message id, the same in every chunk.
    pub id: String,
    /// The session it belongs to.
    pub session_id: String,
    /// The next piece of text; joined, they are the whole content.
    pub content: String,
}

/// Why a reply ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model had said all.
    Stop,
    /// `max_tokens` was reached.
    Length,
    /// The model asks for tools.
    ToolCalls,
    /// The vendor's filter stopped it.
    ContentFilter,
}

impl FinishReason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
        }
    }

    /// The reason of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Stop, Self::Length, Self::ToolCalls, Self::ContentFilter]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }
}

/// Names of the server-sent events of a streamed reply.
pub mod stream_event {
    /// A [`super::ChatChunk`].
    pub const CHUNK: &str = "chunk";
    /// The whole [`super::ChatResponse`]; the last event of a reply that was completed.
    pub const DONE: &str = "done";
    /// An [`crate::ErrorEnvelope`]; the last event of a reply that failed.
    pub const ERROR: &str = "error";
}
