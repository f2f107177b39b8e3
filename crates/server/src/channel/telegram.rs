//! Telegram, by its Bot API: <https://core.telegram.org/bots/api>.
//!
//! Private chats of users on the allow-list are answered; groups, channels and strangers are not. A reply is sent as HTML
//! made of its Markdown, and as it is where Telegram refuses that.

mod api;
mod html;
mod split;
mod update;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{ChatContext, Timestamp, User};
use serde_json::{Value, json};

use super::{Channel, ChannelError, Incoming, IncomingMessage, Outgoing, Sent, Update};
use crate::app::App;
use crate::config::{TelegramConfig, TelegramMode};
use api::{Api, Failure};
use update::{Message, Sender};

/// How often it is checked that the webhook is as it was set.
const WEBHOOK_CHECK_EVERY: Duration = Duration::from_mins(5);
/// How long a call may take that waits for nothing.
const CALL_MAX: Duration = Duration::from_secs(20);
/// How long a sent message may take: Telegram answers within a second, if it answers.
const SEND_MAX: Duration = Duration::from_mins(1);
/// How long one who is not on the list is not named again in the log, in milliseconds.
const STRANGER_EVERY_MS: i64 = 3_600_000;
/// Strangers remembered; beyond it the memory starts anew.
const STRANGERS_MAX: usize = 1000;

const TEXT_ONLY: &str = "I can read text only.\n\n目前我只能读取文字消息。";
const WELCOME: &str = "Hello! Send me a message, and I will answer.\n\n你好!给我发消息,我会回复。";

/// A bot.
pub(super) struct Telegram {
    app: Arc<App>,
    config: TelegramConfig,
    account: String,
    api: Api,
    /// Who was named in the log, and when.
    strangers: Mutex<HashMap<i64, Timestamp>>,
}

impl Telegram {
    /// The configured bot, if there is one.
    pub(super) fn new(app: &Arc<App>, config: &TelegramConfig) -> Option<Self> {
        let (account, token) = (config.account()?, config.token.as_ref()?);
        Some(Self {
            api: Api::new(Arc::clone(app), &config.base_url, token),
            app: Arc::clone(app),
            config: config.clone(),
            account,
            strangers: Mutex::default(),
        })
    }

    /// Whether a user is on the list, by id or by name.
    fn is_allowed(&self, sender: &Sender) -> bool {
        let id = sender.id.to_string();
        self.config.allow.iter().any(|entry| {
            let entry = entry.strip_prefix('@').unwrap_or(entry);
            entry == id || sender.username.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(entry))
        })
    }

    /// Tells the operator who knocks, so that they can be allowed.
    fn note_stranger(&self, sender: &Sender) {
        let now = self.app.clock.now();
        let mut strangers = self.strangers.lock().unwrap_or_else(PoisonError::into_inner);
        if strangers.get(&sender.id).is_some_and(|noted| noted.plus_millis(STRANGER_EVERY_MS) > now) {
            return;
        }
        if strangers.len() >= STRANGERS_MAX {
            strangers.clear();
        }
        strangers.insert(sender.id, now);
        tracing::warn!(
            user = sender.id,
            username = sender.username,
            "a Telegram user who is not on `channels.telegram.allow` is not answered; add the id to allow it"
        );
    }

    fn incoming(&self, message: Message, sender: &Sender) -> Incoming {
        let chat = message.chat.id.to_string();
        let id = message.id.to_string();
        let text = message.text.unwrap_or_default();
        if text.trim().is_empty() {
            return Incoming::Told { chat, message: id, words: TEXT_ONLY };
        }
        if text == "/start" || text.starts_with("/start ") {
            return Incoming::Told { chat, message: id, words: WELCOME };
        }
        let user = User { id: format!("tg_user_{}", sender.id), username: sender.username.clone() };
        let context = ChatContext {
            model: self.config.model.clone(),
            system: self.config.system.clone(),
            ..ChatContext::default()
        };
        Incoming::Message(Box::new(IncomingMessage { chat, message: id, user, text, context }))
    }

    async fn post(&self, outgoing: Outgoing<'_>, text: &str, parse_mode: Option<&str>) -> Result<Value, Failure> {
        // A chat id is a number on the wire.
        let chat = outgoing.chat.parse::<i64>().map_or_else(|_| json!(outgoing.chat), Value::from);
        let mut body = json!({"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": true}});
        if let Some(mode) = parse_mode {
            body["parse_mode"] = json!(mode);
        }
        if let Some(message) = outgoing.reply_to.and_then(|id| id.parse::<i64>().ok()) {
            body["reply_parameters"] = json!({"message_id": message, "allow_sending_without_reply": true});
        }
        self.api.call("sendMessage", &body, SEND_MAX).await
    }
}

#[async_trait]
impl Channel for Telegram {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn chats_max(&self) -> usize {
        self.config.chats_max
    }

    async fn prepare(&self) -> Result<(), ChannelError> {
        let webhook = &self.config.webhook;
        let (method, body) = match self.config.mode {
            TelegramMode::Polling => ("deleteWebhook", json!({"drop_pending_updates": false})),
            TelegramMode::Webhook => (
                "setWebhook",
                json!({"url": webhook.url, "secret_token": webhook.secret_token, "allowed_updates": ["message"]}),
            ),
        };
        self.api.call(method, &body, CALL_MAX).await.map_err(Failure::into_error)?;
        tracing::info!(account = self.account, mode = ?self.config.mode, "the Telegram bot is ready");
        Ok(())
    }

    async fn fetch(&self, confirmed: Option<i64>) -> Result<Vec<Update>, ChannelError> {
        if self.config.mode == TelegramMode::Webhook {
            self.app.clock.sleep(WEBHOOK_CHECK_EVERY).await;
            let info = self.api.call("getWebhookInfo", &json!({}), CALL_MAX).await.map_err(Failure::into_error)?;
            if info["url"].as_str() == self.config.webhook.url.as_deref() {
                return Ok(Vec::new());
            }
            return Err(ChannelError::Conflict("its webhook was set to another address; it is set anew".into()));
        }
        let mut body = json!({"timeout": self.config.poll_seconds, "limit": 100, "allowed_updates": ["message"]});
        if let Some(confirmed) = confirmed {
            body["offset"] = json!(confirmed + 1);
        }
        let wait = Duration::from_secs(self.config.poll_seconds) + CALL_MAX;
        let result = self.api.call("getUpdates", &body, wait).await.map_err(Failure::into_error)?;
        let updates = result.as_array().map(Vec::as_slice).unwrap_or_default();
        let update = |value: &Value| Some(Update { id: value["update_id"].as_i64()?, payload: value.to_string() });
        Ok(updates.iter().filter_map(update).collect())
    }

    fn read(&self, payload: &str) -> Incoming {
        let Some(message) = update::message(payload) else { return Incoming::Ignored };
        let Some(sender) = message.from.clone().filter(|sender| !sender.is_bot) else { return Incoming::Ignored };
        if message.chat.kind != "private" {
            tracing::debug!(chat = message.chat.id, "a Telegram chat that is not private is not answered");
            return Incoming::Ignored;
        }
        if !self.is_allowed(&sender) {
            self.note_stranger(&sender);
            return Incoming::Ignored;
        }
        self.incoming(message, &sender)
    }

    fn parts(&self, reply: &str) -> Vec<String> {
        split::parts(reply)
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Sent {
        let outcome = match self.post(outgoing, &html::render(outgoing.text), Some("HTML")).await {
            Err(Failure::Refused { status: 400, why }) if why.contains("parse entities") => {
                tracing::debug!(why, "Telegram refuses the formatting; the reply is sent as it is");
                self.post(outgoing, outgoing.text, None).await
            }
            outcome => outcome,
        };
        outcome.map_or_else(Failure::into_sent, |_| Sent::Taken)
    }

    async fn show_typing(&self, chat: &str) {
        let body = json!({"chat_id": chat, "action": "typing"});
        if let Err(failure) = self.api.call("sendChatAction", &body, CALL_MAX).await {
            tracing::debug!(error = %failure.into_error(), "typing could not be shown");
        }
    }
}
