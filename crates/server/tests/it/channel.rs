//! Channels: a Telegram bot against a stand-in of the Bot API, and messages that bridges bring.

mod bridge;
mod crash;
mod push;
mod telegram;

use std::sync::Arc;

use openclaw::config::Config;
use openclaw_bench::telegram::Telegram;

use super::gateway::Gateway;

const ALLOWED: i64 = 789;

/// A gateway whose bot answers one user, and the platform.
async fn gateway(configure: impl FnOnce(&mut Config)) -> (Gateway, Telegram) {
    let telegram = Telegram::start().await;
    let gateway = Gateway::with(|config| {
        let bot = &mut config.channels.telegram;
        bot.token = Some(Telegram::TOKEN.into());
        bot.base_url = telegram.url();
        bot.allow = vec![ALLOWED.to_string(), "@Jane_Doe".into()];
        configure(config);
    })
    .await;
    gateway.app.tasks.spawn(openclaw::channel::run(Arc::clone(&gateway.app)));
    (gateway, telegram)
}

/// What the bot said, as it is shown, in that chat.
fn shown(telegram: &Telegram, chat: i64) -> Vec<String> {
    telegram.sent().into_iter().filter(|sent| sent.chat == chat).map(|sent| sent.shown).collect()
}
