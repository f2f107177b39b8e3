//! The bot in the mode `webhook`: Telegram proves itself, and repeats what it was not answered.

use openclaw::config::TelegramMode;
use reqwest::Method;
use serde_json::{Value, json};

use super::{ALLOWED, gateway, shown};

const URL: &str = "https://gateway.example.com/channels/telegram/webhook";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn pushed_updates_are_proven_and_each_is_answered_once() {
    let (gateway, telegram) = gateway(|config| {
        config.channels.telegram.mode = TelegramMode::Webhook;
        config.channels.telegram.webhook.url = Some(URL.into());
        config.channels.telegram.webhook.secret_token = Some(SECRET.into());
    })
    .await;
    telegram.wait_until(|telegram| telegram.webhook().is_some()).await;
    assert_eq!(telegram.webhook(), Some((URL.into(), SECRET.into())));
    telegram.say(ALLOWED, "john_doe", "pushed");
    let update = telegram.unconfirmed().remove(0);
    let push = async |secret: Option<&str>, update: &Value| {
        let mut request = gateway.anonymous(Method::POST, "/channels/telegram/webhook").json(update);
        if let Some(secret) = secret {
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(push(None, &update).await, 401);
    assert_eq!(push(Some("0123456789abcdef0123456789abcdeF"), &update).await, 401);
    assert_eq!(push(Some(SECRET), &json!({"no": "update"})).await, 400);
    for _ in 0..3 {
        assert_eq!(push(Some(SECRET), &update).await, 200);
    }
    telegram.wait_until(|telegram| !telegram.sent().is_empty()).await;
    assert_eq!(push(Some(SECRET), &update).await, 200, "one that was answered is not answered again");
    telegram.say(ALLOWED, "john_doe", "next");
    assert_eq!(push(Some(SECRET), &telegram.unconfirmed()[1]).await, 200);
    telegram.wait_until(|telegram| telegram.sent().len() == 2).await;
    assert_eq!(shown(&telegram, ALLOWED), ["pushed", "next"]);
}

#[tokio::test]
async fn without_that_mode_nobody_pushes() {
    let (gateway, _telegram) = gateway(|_| {}).await;
    let request = gateway.anonymous(Method::POST, "/channels/telegram/webhook").json(&json!({"update_id": 1}));
    assert_eq!(request.send().await.expect("an answer").status().as_u16(), 404);
}
