//! `channels`: where people write from, beside the API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `channels`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelsConfig {
    /// A Telegram bot.
    pub telegram: TelegramConfig,
}

/// `channels.telegram`; the bot answers once it has a `token`.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramConfig {
    /// The bot's token, as `@BotFather` gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Who is answered: user ids such as `"123456789"`, or usernames such as `"@john_doe"`, whatever their case. Nobody else is.
    pub allow: Vec<String>,
    /// How messages come.
    pub mode: TelegramMode,
    /// Where Telegram delivers messages in the mode `webhook`.
    pub webhook: TelegramWebhookConfig,
    /// The model that answers; absent: `models.default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The system text of every turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Where the Bot API answers: Telegram's own address, or that of a Bot API server of yours.
    pub base_url: String,
    /// The most chats that are answered at once; more wait.
    #[schemars(range(min = 1, max = 1000))]
    pub chats_max: usize,
    /// Seconds that one call of the mode `polling` waits for messages.
    #[schemars(range(min = 1, max = 50))]
    pub poll_seconds: u64,
}

/// How messages come from Telegram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TelegramMode {
    /// The gateway asks for them; it needs no public address.
    #[default]
    Polling,
    /// Telegram POSTs them to `webhook.url`.
    Webhook,
}

/// `channels.telegram.webhook`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramWebhookConfig {
    /// The gateway's public address with the route: `https://gateway.example.com/channels/telegram/webhook`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What Telegram proves itself with: 16 to 256 letters, digits, `_` or `-`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_token: Option<String>,
}

impl TelegramConfig {
    /// Whose messages these are: `telegram:` and the bot's id, which its token begins with. `None` without a token.
    pub fn account(&self) -> Option<String> {
        let (id, _) = self.token.as_ref()?.split_once(':')?;
        Some(format!("telegram:{id}"))
    }
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self {
            token: None,
            allow: Vec::new(),
            mode: TelegramMode::default(),
            webhook: TelegramWebhookConfig::default(),
            model: None,
            system: None,
            base_url: "https://api.telegram.org".into(),
            chats_max: 16,
            poll_seconds: 25,
        }
    }
}

impl std::fmt::Debug for TelegramConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TelegramConfig")
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("allow", &self.allow)
            .field("mode", &self.mode)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TelegramWebhookConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TelegramWebhookConfig").field("url", &self.url).finish_non_exhaustive()
    }
}
