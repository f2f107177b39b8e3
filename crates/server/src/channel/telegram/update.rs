//! What is read of an update.

use serde::Deserialize;

/// A message.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    #[serde(rename = "message_id")]
    pub(super) id: i64,
    #[serde(default)]
    pub(super) from: Option<Sender>,
    pub(super) chat: Chat,
    #[serde(default)]
    pub(super) text: Option<String>,
}

/// Who wrote it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Sender {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) is_bot: bool,
    #[serde(default)]
    pub(super) username: Option<String>,
}

/// Where.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// The message of an update, if it has one that can be read.
pub(super) fn message(payload: &str) -> Option<Message> {
    #[derive(Deserialize)]
    struct Update {
        message: Option<Message>,
    }
    serde_json::from_str::<Update>(payload).ok()?.message
}
