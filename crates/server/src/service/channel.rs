//! Channels: messages that bridges bring, and updates that platforms push or that we fetched.

use std::sync::Arc;

use openclaw_core::{ChannelMessageRequest, ChatRequest, ChatResponse, IdKind};
use serde_json::Value;

use super::caller::is_same_secret;
use super::chat::{self, Timing, Wanted};
use super::{Caller, ServiceError};
use crate::app::App;
use crate::config::TelegramMode;
use crate::store::NewUpdate;

/// The longest name of a channel: as of `channel` in a chat.
const NAME_BYTES_MAX: usize = 64;

/// Answers a message that a bridge brings, as a chat in the session of its conversation.
pub async fn send(
    app: &Arc<App>,
    caller: &Caller,
    name: String,
    request: ChannelMessageRequest,
    idempotency_key: Option<String>,
) -> Result<(ChatResponse, Timing), ServiceError> {
    let session_id = session_id(&name, request.session_id, request.chat_id)?;
    let request = ChatRequest {
        session_id: Some(session_id),
        message: request.message,
        context: request.context,
        stream: None,
        channel: Some(name),
        user: request.user,
        metadata: request.metadata,
    };
    chat::start(app, caller, request, idempotency_key, Wanted::Whole).await?.whole().await
}

/// Stores updates, each once; they are answered from then on, whatever happens to this process.
pub async fn receive(app: &App, account: String, updates: Vec<(i64, String)>) -> Result<u64, ServiceError> {
    let new = |(update_id, payload)| NewUpdate { update_id, message_id: app.clock.id(IdKind::Message), payload };
    let updates = updates.into_iter().map(new).collect();
    let stored = app.store.receive_updates(account, updates, app.clock.now()).await?;
    if stored > 0 {
        app.update_stored.ring();
    }
    Ok(stored)
}

/// Stores an update that Telegram pushes, if it proves itself with the configured `secret_token`.
pub async fn receive_from_telegram(app: &App, secret: Option<&str>, update: Value) -> Result<(), ServiceError> {
    let live = app.live.load_full();
    let telegram = &live.config.channels.telegram;
    let (TelegramMode::Webhook, Some(account), Some(expected)) =
        (telegram.mode, telegram.account(), telegram.webhook.secret_token.as_deref())
    else {
        let message = "no Telegram bot with `mode: webhook` is configured".into();
        return Err(ServiceError::NotFound { code: "channel_not_found", message });
    };
    if !secret.is_some_and(|secret| is_same_secret(secret, expected)) {
        let message = "`X-Telegram-Bot-Api-Secret-Token` is not the configured `secret_token`".into();
        return Err(ServiceError::Unauthenticated { code: "secret_token_invalid", message });
    }
    let update_id = update["update_id"].as_i64().ok_or_else(|| {
        ServiceError::invalid("field_missing", "update_id", "`update_id` is missing: this is no update of Telegram")
    })?;
    receive(app, account, vec![(update_id, update.to_string())]).await.map(|_| ())
}

/// The session of a bridge's conversation.
fn session_id(name: &str, session: Option<String>, chat: Option<String>) -> Result<String, ServiceError> {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_fit) {
        let message = format!("a channel's name has 1 to {NAME_BYTES_MAX} of a-z, 0-9, `-` and `_`");
        return Err(ServiceError::invalid("channel_invalid", "name", message));
    }
    match (session, chat) {
        (Some(session), None) => Ok(session),
        (None, Some(chat)) if !chat.is_empty() => Ok(format!("{name}:{chat}")),
        _ => {
            let message = "give one of `chat_id` and `session_id`, not empty";
            Err(ServiceError::invalid("chat_id_invalid", "chat_id", message))
        }
    }
}
