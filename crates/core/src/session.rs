//! Sessions and the messages in them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{FinishReason, Metadata, Timestamp, Usage, User};

/// The most bytes of a session id.
pub const SESSION_ID_BYTES_MAX: usize = 256;

/// A conversation, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The caller's own name for it.
    #[schema(example = "user_123")]
    pub id: String,
    /// Whether a message is being answered now.
    pub status: SessionStatus,
    /// A name for people, set by PATCH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where its latest message came from.
    #[schema(example = "api")]
    pub channel: String,
    /// Messages stored, of both roles.
    pub message_count: u64,
    /// The model of its latest reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens used by all its turns.
    pub usage: Usage,
    /// The caller's own notes, set by PATCH.
    #[schema(value_type = Object)]
    pub metadata: Metadata,
    /// When its first message came.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Whether a session is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionStatus {
    /// Nothing is being answered.
    Idle,
    /// A message is being answered.
    Running,
}

/// A change to a session; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdateSessionRequest {
    /// The new title, at most 200 characters; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Keys to set; a `null` removes its key (RFC 7396).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The caller's user.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// How a message came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Whole.
    Complete,
    /// The caller hung up, or the gateway shut down; the content is what had come by then.
    Cancelled,
    /// The vendor broke off; the content is what had come by then.
    Failed,
}

impl MessageStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// One stored turn of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// The message's id.
    pub id: String,
    /// The session it belongs to.
    pub session_id: String,
    /// Who speaks.
    pub role: Role,
    /// Whole, or cut off.
    pub status: MessageStatus,
    /// The text.
    pub content: String,
    /// Where it came from or went to.
    pub channel: String,
    /// Who wrote it, if the caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The model that answered; replies only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens used; replies only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Why the reply ended; whole replies only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<FinishReason>,
    /// The caller's own notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
    /// When it was stored.
    pub created_at: Timestamp,
}
