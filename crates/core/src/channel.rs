//! Messages that a bridge brings from a platform of its own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ChatContext, Metadata, User};

/// One message from a channel; just one of `chat_id` and `session_id` is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "chat_id": "room-7",
    "message": "今天天气怎么样",
    "user": {"id": "wx_user_789", "username": "john_doe"}
}))]
pub struct ChannelMessageRequest {
    /// The platform's id of the conversation; its session is `NAME:chat_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "room-7")]
    pub chat_id: Option<String>,
    /// The conversation by a name of the caller's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What the user says; not empty.
    pub message: String,
    /// Who wrote it, told to webhooks; not sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// How to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ChatContext>,
    /// The bridge's own notes on this message; not sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}
