//! Rules of `channels`.

use super::{Findings, is_http_url};
use crate::config::{ChannelsConfig, TelegramConfig, TelegramMode};

/// What Telegram takes is 1 to 256; a short one can be guessed.
const SECRET_TOKEN_BYTES: std::ops::RangeInclusive<usize> = 16..=256;

pub(super) fn check(channels: &ChannelsConfig, findings: &mut Findings) {
    let telegram = &channels.telegram;
    check_token(telegram, findings);
    check_allow(telegram, findings);
    if !is_http_url(&telegram.base_url) {
        findings.fault("channels.telegram.base_url", "is not an http:// or https:// URL");
    }
    for (key, text) in [("model", &telegram.model), ("system", &telegram.system)] {
        if text.as_ref().is_some_and(String::is_empty) {
            findings.fault(format!("channels.telegram.{key}"), "is empty; remove the key");
        }
    }
    check_webhook(telegram, findings);
}

fn check_token(telegram: &TelegramConfig, findings: &mut Findings) {
    let is_token = |token: &str| {
        token.split_once(':').is_some_and(|(id, secret)| {
            let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            id.parse::<u64>().is_ok() && !secret.is_empty() && secret.bytes().all(is_fit)
        })
    };
    match &telegram.token {
        Some(token) if !is_token(token) => findings.fault_with_help(
            "channels.telegram.token",
            "is no token of a Telegram bot",
            "copy it from @BotFather: digits, a colon, letters",
        ),
        Some(_) if telegram.allow.is_empty() => {
            findings.warn("channels.telegram.allow is empty: the bot answers nobody");
        }
        _ => {}
    }
}

fn check_allow(telegram: &TelegramConfig, findings: &mut Findings) {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    for (index, who) in telegram.allow.iter().enumerate() {
        if !is_name(who.strip_prefix('@').unwrap_or(who)) {
            findings.fault_with_help(
                format!("channels.telegram.allow[{index}]"),
                "is neither a user id nor a username",
                "such as \"123456789\" or \"@john_doe\"",
            );
        }
    }
}

fn check_webhook(telegram: &TelegramConfig, findings: &mut Findings) {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let webhook = &telegram.webhook;
    if webhook.url.as_deref().is_some_and(|url| !is_http_url(url) || !url.starts_with("https://")) {
        let help = "such as https://gateway.example.com/channels/telegram/webhook";
        findings.fault_with_help("channels.telegram.webhook.url", "is not an https:// URL", help);
    }
    let is_secret = |secret: &str| SECRET_TOKEN_BYTES.contains(&secret.len()) && secret.bytes().all(is_fit);
    if webhook.secret_token.as_deref().is_some_and(|secret| !is_secret(secret)) {
        findings.fault_with_help(
            "channels.telegram.webhook.secret_token",
            "must have 16 to 256 letters, digits, `_` or `-`",
            "make one: openssl rand -hex 32",
        );
    }
    if telegram.mode == TelegramMode::Webhook && (webhook.url.is_none() || webhook.secret_token.is_none()) {
        findings.fault("channels.telegram.webhook", "needs `url` and `secret_token` in the mode `webhook`");
    }
}
